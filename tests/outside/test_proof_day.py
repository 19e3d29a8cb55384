"""A day on which people prove that a report is theirs, and others try to.

Proves: code and phone number show the state alone; a one-time code by SMS, by mail or read out on the phone opens the
rest, in the browser that asked (S1, SG2)
Proves: whoever looked stands on the follow page; staff read a copy without the link, and their own rating waits (S8)
Proves: a draft opened in another browser shows nothing of who writes; without cookies a report still goes (S11)"""

import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from stage import Person, Product, free_port, wait_until

from tests.providers.sms import Sms

pytestmark = pytest.mark.long

DIGITS = re.compile(r"(?<![\d-])\d{6}(?![\d-])")
TEXT = "Đèn đường trước nhà văn hóa tắt ba đêm nay"
LANDLINE, MAIL = "02713888999", "cu@example.vn"


class Mailbox:
    """The province's outgoing mail server, with what it was given."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, str]] = []  # to, text

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        body = message_from_bytes(envelope.content, policy=policy.default).get_body(("plain",))
        assert body
        self.mails += [(to, body.get_content()) for to in envelope.rcpt_tos]
        return "250 OK"

    def to(self, address: str) -> list[str]:
        return [words for to, words in self.mails if to == address]


@pytest.fixture(scope="module")
def gateway() -> Iterator[Sms]:
    provider = Sms()
    provider.start()
    yield provider
    provider.stop()


@pytest.fixture(scope="module")
def mailbox() -> Iterator[tuple[Mailbox, int]]:
    box, port = Mailbox(), free_port()
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    yield box, port
    server.stop()


def texts(gateway: Sms, number: str) -> list[str]:
    return [sent["text"] for sent in gateway.sent if sent["to"] == number]


def api(demo: Product, path: str, body: dict[str, Any] | None = None, user: str = "lan") -> Any:
    answer = demo.ask(f"/api/v1{path}", body, authorization=f"Bearer demo-api-{user}")
    assert answer.status in (200, 201), answer.text
    return answer.json


def set_up(chief: Person, inbox: str, values: dict[str, Any]) -> None:
    page = chief.at(f"/setup/inboxes/{inbox}/edit")
    for field, value in values.items():
        control = page.locator(f"[name=inbox-{field}]")
        is_choice = control.evaluate("e => e.tagName") == "SELECT"
        (control.select_option if is_choice else control.fill)(str(value))
    with page.expect_navigation():
        page.locator("main form button[value=save]").click()
    assert "/edit" not in chief.path, page.inner_text("main")


def looked_up(somebody: Person, code: str, number: str) -> str:
    """Types code and number into the look-up; what the page says."""
    page = somebody.at("/lookup")
    page.fill("[name=code]", code)
    page.fill("[name=phone]", number)
    with page.expect_navigation():
        page.locator("main form .btn-primary").click()
    return page.inner_text("main")


def press(somebody: Person, what: str) -> str:
    """Asks for a code, a call or the link; what the page says."""
    with somebody.page.expect_navigation():
        somebody.page.locator(f"main button[name=what][value={what}]").click()
    return somebody.page.inner_text("main")


def types(somebody: Person, digits: str) -> str:
    somebody.page.fill("[name=code]", digits)
    with somebody.page.expect_navigation():
        somebody.page.locator("main form .btn-primary").click()
    return somebody.page.inner_text("main")


def looks(somebody: Person) -> str:
    """Who looked, as the own page says it."""
    somebody.page.locator("#looks summary").click()
    return somebody.page.inner_text("#looks")


def answered(demo: Product, code: str) -> None:
    field = str(demo.ask("/open311/v2/services.json").json[0]["service_code"])
    api(demo, f"/tickets/{code}/moves", {"move": "accept", "category": field})
    api(demo, f"/tickets/{code}/moves", {"move": "answer", "text": "Đã thay bóng mới.", "category": field})


@pytest.fixture(scope="module")
def reported(demo: Product) -> dict[str, tuple[str, str]]:
    """What was reported so far: by a name, the code and the page's address."""
    return {}


def test_before_a_gateway_is_set_up_no_code_is_promised(demo: Product, person: Any) -> None:
    citizen = person(demo, size="phone")
    citizen.expect(r"WebGL|GPU stall")
    code, _own = citizen.report(TEXT, phone="0912345100")
    said = looked_up(citizen, code, "0912345100")
    assert "Gọi và đọc mã cho tôi" in said and "Gửi mã cho tôi" not in said and "1022" in said


def test_gateways_are_set_up(demo: Product, person: Any, gateway: Sms, mailbox: tuple[Mailbox, int]) -> None:
    demo.expect(r"(?i)imap|mail server|1022@demo.example")
    chief = person(demo, "quan")
    set_up(chief, "sms", gateway.settings("vnpt") | gateway.secrets())
    smtp = {"smtp_host": "127.0.0.1", "smtp_port": mailbox[1], "smtp_security": "plain", "smtp_user": "-"}
    imap = {"imap_host": "127.0.0.1", "imap_port": free_port(), "imap_security": "plain", "imap_user": "1022"}
    set_up(chief, "email", {"address": "1022@demo.example", **imap, **smtp})


def test_a_code_by_sms_opens_ones_own_report_in_the_browser_that_asked(
    demo: Product, person: Any, gateway: Sms, reported: dict[str, tuple[str, str]]
) -> None:
    number, mobile = "0912345101", "84912345101"
    citizen = person(demo, size="phone")
    citizen.expect(r"WebGL|GPU stall")
    code, own = citizen.report(TEXT, phone=number)
    token = own.rsplit("/", 1)[1]
    reported["sms"] = code, own
    later = person(demo, size="phone")  # the same person, another browser, the link is lost
    later.expect("422", "403")
    said = looked_up(later, code, number)
    assert TEXT not in said and "đuôi 101" in said, "the state and the covered way, nothing of the report"
    answered(demo, code)
    said = looked_up(later, code, number)
    assert TEXT not in said
    before = len(texts(gateway, mobile))
    press(later, "code")
    assert number not in later.page.content() and "?what=code" in later.page.url, "no number in an address"
    sms = wait_until(lambda: texts(gateway, mobile)[before:], why="a code by SMS")[0]
    digits = DIGITS.search(sms)
    assert digits and token not in sms, sms
    assert "không dùng được" in types(later, "000000" if digits[0] != "000000" else "111111")

    other = person(demo, size="phone")  # somebody who reads the SMS over a shoulder
    other.expect("422")
    other.at("/lookup/code")
    assert other.page.locator("[name=code]").count() == 0, "no code is typed in a browser that asked for none"

    assert TEXT in types(later, digits[0])
    assert later.path == f"/f/{code}" and token not in later.page.content(), "the link that lasts is not shown"
    later.page.locator("#add summary").click()
    later.page.fill("#reply-form [name=text]", "Cảm ơn, nhưng bóng thứ hai còn tắt")
    with later.page.expect_navigation():
        later.page.locator("#reply-form button.btn-lg").click()
    assert "bóng thứ hai" in later.page.inner_text("main")
    later.page.locator("#rate-form [name=grade][value=good]").check(force=True)
    with later.page.expect_navigation():
        later.page.locator("#rate-form button.btn-primary").click()
    said = later.page.inner_text("main")
    assert "Anh/chị đã đánh giá" in said or "đánh giá" in said
    assert "Mở bằng mã dùng một lần" in looks(later)

    assert demo.ask(f"/f/{code}").status == 403, "the code alone opens nothing"
    other.expect("403")
    other.at(f"/f/{code}")
    assert TEXT not in other.text()


def test_a_stranger_gets_nothing_and_the_citizen_sees_it(
    demo: Product, person: Any, gateway: Sms, reported: dict[str, tuple[str, str]]
) -> None:
    number, mobile = "0912345102", "84912345102"
    citizen = person(demo, size="phone")
    citizen.expect(r"WebGL|GPU stall", "422")
    code, own = citizen.report(TEXT, phone=number)
    reported["stranger"] = code, own
    stranger = person(demo)
    stranger.expect("422")
    looked_up(stranger, code, number)
    right = press(stranger, "code")
    wait_until(lambda: any(DIGITS.search(text) for text in texts(gateway, mobile)), why="the SMS goes to the citizen")
    sent = len(texts(gateway, mobile))
    for guess in range(6):
        assert "không dùng được" in types(stranger, f"{guess}{guess}{guess}999")
    good = next(m[0] for text in reversed(texts(gateway, mobile)) if (m := DIGITS.search(text)))
    assert "không dùng được" in types(stranger, good), "five attempts have used it up"

    form = {"code": code, "phone": "0912345999", "what": "code"}
    wrong = demo.ask("/lookup/open", form, form="yes")
    assert wrong.status == 302 and wrong.headers["location"].endswith("/lookup/code?what=code")
    cookie = wrong.headers["set-cookie"].partition(";")[0]
    page = demo.ask("/lookup/code?what=code", cookie=cookie).text
    flat = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    assert all(" ".join(line.split()) in flat for line in right.splitlines() if line.strip()), "it says the same"
    assert len(texts(gateway, mobile)) == sent and not texts(gateway, "84912345999"), "and nothing is sent"

    citizen.at(own)
    said = looks(citizen)
    assert "tra tình trạng bằng mã và số điện thoại" in said and "Mã dùng một lần đã được gửi" in said
    link = person(demo)
    link.at(own)  # the link, in a browser that is new to it
    citizen.at(own)
    assert "trên một trình duyệt mới" in looks(citizen)


def test_an_officer_who_tries_the_neighbours_numbers_learns_nothing(
    demo: Product, person: Any, reported: dict[str, tuple[str, str]]
) -> None:
    citizen = person(demo, size="phone")
    citizen.expect(r"WebGL|GPU stall")
    code, own = citizen.report(TEXT, phone="0912345113")
    signed_in = person(demo, "minh")
    signed_in.expect("403")
    looked_up(signed_in, code, "0912345113")
    assert "cán bộ" in signed_in.text(), "staff are refused"
    statuses = [
        demo.ask("/lookup", {"code": code, "phone": f"09123451{n:02}"}, form="yes").status
        for n in (1, 2, 3, 4, 5, 6, 7, 13)  # the last is the right one; an address has twenty tries in all
    ]
    assert statuses == [422] * 5 + [429] * 3
    citizen.at(own)
    assert looks(citizen).count("bằng một số điện thoại không đúng") == 5


def test_a_code_by_mail_and_one_read_out_by_a_colleague(
    demo: Product, person: Any, mailbox: tuple[Mailbox, int], reported: dict[str, tuple[str, str]]
) -> None:
    citizen = person(demo, size="phone")
    citizen.expect(r"WebGL|GPU stall", "422")
    code, own = citizen.report(TEXT, phone=LANDLINE, email=MAIL)
    later = person(demo)
    assert "cu…@example.vn" in looked_up(later, code, LANDLINE)
    answered(demo, code)
    press(later, "link")
    token = own.rsplit("/", 1)[1]
    wait_until(lambda: any("trang riêng" in words and token in words for words in mailbox[0].to(MAIL)), why="the link")
    looked_up(later, code, LANDLINE)
    press(later, "code")
    mail = wait_until(lambda: [w for w in mailbox[0].to(MAIL) if "mã mở" in w], why="a code by mail")[0]
    digits = DIGITS.search(mail)
    assert digits and TEXT in types(later, digits[0])

    waiting = person(demo, size="phone")
    looked_up(waiting, code, LANDLINE)
    assert "tổng đài viên sẽ gọi" in press(waiting, "call")
    lan, tam = person(demo, "lan"), person(demo, "tam")

    def rung(clerk: Person) -> bool:
        clerk.at("/desk/callbacks/")
        return clerk.page.locator("a.item-link", has_text="3888 999").count() > 0 or LANDLINE in clerk.text()

    wait_until(lambda: rung(lan), why="a call-back")
    lan.page.locator(".callback-line", has_text="Đọc mã cho người dân").first.locator("a.item-link").click()
    lan.see("đồng nghiệp sẽ đọc mã")  # she handled it
    address = lan.path
    tam.at(address)
    with tam.page.expect_navigation():
        tam.page.locator(f"button[formaction='{address}claim']").click()
    with tam.page.expect_navigation():
        tam.page.locator(f"form[action='{address}code'] button").click()
    spoken = tam.page.inner_text("#digits").replace(" ", "")
    assert TEXT in types(waiting, spoken)
    assert "Tổng đài viên đã gọi và đọc mã" in looks(waiting)


def test_the_staff_read_a_copy_and_their_own_rating_waits(
    demo: Product, person: Any, reported: dict[str, tuple[str, str]]
) -> None:
    citizen = person(demo, size="phone")
    citizen.expect(r"WebGL|GPU stall")
    code, own = citizen.report(TEXT, phone="0912345104")
    token = own.rsplit("/", 1)[1]
    answered(demo, code)
    lan = person(demo, "lan")
    for path in (f"/desk/{code}", "/desk/conversations/", "/desk/undelivered", f"/desk/{code}/as-citizen"):
        lan.at(path)
        assert token not in lan.page.content(), path
    assert TEXT in lan.page.inner_text("main") and lan.page.locator("#rate-form, #reply-form").count() == 0
    assert token not in demo.ask(f"/api/v1/tickets/{code}", authorization="Bearer demo-api-lan").text
    lan.at("/desk/")
    lan.sign_out()
    lan.at(own)  # she has got hold of the link all the same
    lan.page.locator("#rate-form [name=grade][value=good]").check(force=True)
    with lan.page.expect_navigation():
        lan.page.locator("#rate-form button.btn-primary").click()

    lan.sign_in("tam")  # a supervisor, who had no part in it
    page = lan.at("/quality/flagged/")
    said = page.inner_text("main")
    assert "trình duyệt mà cán bộ đã làm việc" in said and "đường dẫn riêng" in said and code not in said
    lan.at("/board/satisfaction")
    assert "đang chờ xem xét và chưa được tính" in lan.text()
    page = lan.at("/quality/flagged/")
    page.locator("main form input[name=reason]").first.fill("Gửi từ máy của bàn trực số ba")
    with page.expect_navigation():
        page.locator("main form button[value=refuse]").first.click()
    citizen.at(own)
    assert citizen.page.locator("#rate-form").count() == 1, "the citizen still has their word"


def test_a_draft_is_its_browsers_and_without_cookies_a_report_still_goes(demo: Product, person: Any) -> None:
    victim = person(demo, size="phone")
    victim.expect(r"WebGL|GPU stall")
    page = victim.at("/report/prepared-by-somebody/what")
    page.fill("[name=text]", TEXT)
    victim.onward()
    victim.onward()
    victim.onward()
    assert "prepared-by-somebody" not in page.url, "the address is the server's own"
    page.fill("[name=name]", "Đỗ Thị Kín")
    page.fill("[name=phone]", "0912345177")
    if page.locator("[name=consent]").count():
        page.check("[name=consent]")
    victim.onward()
    check = victim.path
    stranger = person(demo)
    stranger.expect(r"WebGL|GPU stall", "410", "404")
    for path in (check, check.replace("/check", "/you"), "/report/prepared-by-somebody/check"):
        stranger.at(path)
        content = stranger.page.content()
        assert "Kín" not in content and "0912345177" not in content, path
    victim.onward()
    assert "/f/" in victim.page.url
    stranger.at(check)
    assert "/f/" not in stranger.page.url

    place, form = demo.ask("/report").text, {"text": TEXT, "kind": "report"}
    action = re.search(r'action="(/report/[^"]+/what)"', place)
    assert action
    path, asked = action[1], 0
    while "/f/" not in path and asked < 8:  # a browser that sends no cookie at all
        answer = demo.ask(path, form, form="yes")
        assert answer.status == 302, answer.text
        path, asked = answer.headers["location"], asked + 1
        assert "0912345178" not in path and "Nguy" not in path
        form = {"x": ""}
        if path.endswith("/you"):
            version = re.search(r'name="consent_version" value="(\d+)"', demo.ask(path).text)
            form = {"name": "Nguyễn Thị Thử", "phone": "0912345178", "consent": "on"}
            form |= {"consent_version": version[1]} if version else {}
    assert "/f/" in path and TEXT in demo.ask(path.partition("?")[0]).text

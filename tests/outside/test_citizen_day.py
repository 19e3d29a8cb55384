"""A citizen's day: whoever reports is told, whoever is in danger is sent to the telephone, and what pages say is so."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from stage import CHECKOUT, Person, Product, free_port, wait_until

from tests.providers.sms import Sms

pytestmark = pytest.mark.long

LINK = re.compile(r"http://[^\s/]+/f/[\w-]+")
CODE = re.compile(r"\d\d-\d{6}-\d")
CLERK = "Bearer demo-api-lan"


class Mailbox:
    """The province's outgoing mail server, with everything it was given."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, str]] = []  # to, subject and text

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        mail = message_from_bytes(envelope.content, policy=policy.default)
        body = mail.get_body(("plain",))
        assert body
        words = " ".join(f"{mail['subject']}\n{body.get_content()}".split())
        self.mails += [(to, words) for to in envelope.rcpt_tos]
        return "250 OK"

    def to(self, address: str) -> list[str]:
        return [words for to, words in self.mails if to == address]


@pytest.fixture(scope="module")
def mailbox() -> Iterator[tuple[Mailbox, int]]:
    box, port = Mailbox(), free_port()
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    yield box, port
    server.stop()


@pytest.fixture(scope="module")
def gateway() -> Iterator[Sms]:
    provider = Sms()
    provider.start()
    yield provider
    provider.stop()


def texts(gateway: Sms, number: str) -> list[str]:
    return [sent["text"] for sent in gateway.sent if sent["to"] == number]


def set_up(clerk: Person, name: str, values: dict[str, Any]) -> None:
    """An administrator fills in the form of an inbox."""
    page = clerk.at(f"/setup/inboxes/{name}/edit")
    for field, value in values.items():
        control = page.locator(f"[name=inbox-{field}]")
        if control.evaluate("e => e.tagName") == "SELECT":
            control.select_option(value)
        else:
            control.fill(str(value))
    with page.expect_navigation():
        page.locator("main form button[value=save]").click()
    assert "/edit" not in clerk.path, page.inner_text("main")


def api(product: Product, path: str, body: dict[str, Any] | None = None, user: str = CLERK) -> Any:
    answer = product.ask(f"/api/v1{path}", body, authorization=user)
    assert answer.status in (200, 201), answer.text
    return answer.json


def onward(page: Any) -> None:
    """Presses the one large button of a step."""
    with page.expect_navigation():
        page.locator("main form .btn-primary").last.click()


def report(person: Person, text: str, **you: str) -> tuple[str, str]:
    """Writes a report on the usual form; its code and the address of its page."""
    person.expect(r"WebGL|GPU stall")  # the map, drawn without a graphics card
    page = person.at("/report")
    page.fill("[name=text]", text)
    onward(page)
    for _ in range(2):
        onward(page)
    for name, value in you.items():
        page.fill(f"[name={name}]", value)
    page.check("[name=consent]")
    onward(page)
    onward(page)
    assert "/f/" in page.url, page.inner_text("main")
    code = CODE.search(page.inner_text("main"))
    assert code
    return code.group(), page.url.partition("?")[0]


@pytest.fixture(scope="module")
def field(demo: Product) -> str:
    """Some field that a question can be of."""
    return str(demo.ask("/open311/v2/services.json").json[0]["service_code"])


def test_an_answer_that_nobody_can_be_told_stands_with_the_desk(demo: Product, person: Any, field: str) -> None:
    made = api(demo, "/tickets", {"text": "Hỏi giờ làm việc", "channel": "phone", "contact": {"phone": "0912345001"}})
    api(demo, f"/tickets/{made['code']}/moves", {"move": "answer", "text": "Từ 7 giờ 30.", "category": field})
    clerk = person(demo, "lan")

    def written() -> bool:
        clerk.at(f"/desk/{made['code']}")
        return "Chưa báo được cho người dân" in clerk.text()

    wait_until(written, every=0.5)
    page = clerk.at("/desk/undelivered")
    assert made["code"] in page.inner_text("main")
    assert "Mọi tin đều đã tới" not in clerk.text()
    notices = api(demo, f"/tickets/{made['code']}/notices")["items"]
    assert [(row["to"], row["state"]) for row in notices] == [("+84912345001", "failed")]


def test_the_form_promises_no_message_that_is_not_sent(demo: Product, person: Any) -> None:
    citizen = person(demo, size="phone")
    page = citizen.at("/")
    assert "báo lại từng bước" not in page.inner_text("main")
    code, _ = report(citizen, "Đèn đường tắt ở ngã ba", phone="0912345009", email="an@example.vn")
    assert code and "không gửi tin nhắn" in page.inner_text("main")


def test_gateways_are_set_up(demo: Product, person: Any, gateway: Sms, mailbox: tuple[Mailbox, int]) -> None:
    demo.expect(r"(?i)imap|mail server|1022@demo.example")
    chief = person(demo, "quan")
    settings = gateway.settings("vnpt") | gateway.secrets()
    set_up(chief, "sms", settings)
    closed, port = free_port(), mailbox[1]
    set_up(chief, "email", {
        "address": "1022@demo.example", "imap_host": "127.0.0.1", "imap_port": closed, "imap_security": "plain",
        "imap_user": "1022", "smtp_host": "127.0.0.1", "smtp_port": port, "smtp_security": "plain", "smtp_user": "-",
    })  # fmt: skip


def test_who_reports_on_the_web_is_told_by_sms_and_mail(
    demo: Product, person: Any, gateway: Sms, mailbox: tuple[Mailbox, int], field: str
) -> None:
    citizen, number, address = person(demo, size="phone"), "84912345002", "binh@example.vn"
    citizen.expect(r"WebGL|GPU stall")
    page = citizen.at("/report")
    page.fill("[name=text]", "Nắp cống bị bể trước chợ")
    for _ in range(3):
        onward(page)
    assert "SMS" in page.inner_text("main"), "the form says by which way"
    code, own = report(citizen, "Nắp cống bị bể trước chợ", phone="0912345002", email=address)
    assert "đuôi 002" in page.inner_text("main") and "bi…@example.vn" in page.inner_text("main")
    first = wait_until(lambda: texts(gateway, number), why="an SMS with the code")[0]
    assert code in first and LINK.search(first) and first.isascii() and len(first) <= 306
    assert LINK.search(first).group().rsplit("/", 1)[1] in own
    assert code in wait_until(lambda: mailbox[0].to(address), why="a mail with the code")[0]
    api(demo, f"/tickets/{code}/moves", {"move": "accept", "category": field})
    api(demo, f"/tickets/{code}/moves", {"move": "ask", "question": "Chợ nào ạ?"})
    wait_until(lambda: len(texts(gateway, number)) == 2, why="an SMS that something is asked")
    wait_until(lambda: any("Chợ nào ạ?" in words for words in mailbox[0].to(address)))
    api(demo, f"/tickets/{code}/moves", {"move": "resume"})
    api(demo, f"/tickets/{code}/moves", {"move": "answer", "text": "Đã thay nắp mới.", "category": field})
    wait_until(
        lambda: any("Đã thay nắp mới." in words for words in mailbox[0].to(address)), why="a mail with the answer"
    )
    wait_until(lambda: len(texts(gateway, number)) == 3, why="an SMS that it is answered")
    assert len(set(texts(gateway, number))) == 3, "each once"
    notices = api(demo, f"/tickets/{code}/notices")["items"]
    assert {row["way"] for row in notices} == {"sms", "email"} and {row["state"] for row in notices} == {"sent"}


def test_who_calls_gets_the_code_and_can_answer_by_sms(demo: Product, gateway: Sms, field: str) -> None:
    made = api(demo, "/tickets", {"text": "Mất nước ở hẻm 3", "channel": "phone", "contact": {"phone": "0912345003"}})
    first = wait_until(lambda: texts(gateway, "84912345003"), why="an SMS with the code")[0]
    assert made["code"] in first and LINK.search(first)
    api(demo, f"/tickets/{made['code']}/moves", {"move": "accept", "category": field})
    api(demo, f"/tickets/{made['code']}/moves", {"move": "ask", "question": "Từ khi nào?"})
    wait_until(lambda: len(texts(gateway, "84912345003")) == 2)
    reply = {"from": "84912345003", "text": "Từ tối qua", "id": "mo-1"}
    assert demo.ask("/hooks/sms/?secret=demo-sms-secret", reply).status == 200
    wait_until(
        lambda: api(demo, f"/tickets/{made['code']}")["state"] == "accepted", why="the reply belongs to its ticket"
    )


@pytest.mark.parametrize("scripts", [False, True], ids=["without scripts", "with scripts"])
def test_danger_to_life_stops_the_form_with_a_call_button(demo: Product, person: Any, scripts: bool) -> None:
    citizen = person(demo, size="phone", scripts=scripts)
    citizen.expect(r"WebGL|GPU stall")
    page = citizen.at("/report")
    said = "Cứu với, có người đuối nước ở sông Bé ngay cầu"
    page.fill("[name=text]", said)
    if scripts:
        page.locator("main a.btn[href='tel:114']").wait_for()  # at once, while it is being typed
    onward(page)
    call = page.locator("main a.btn[href='tel:114']")
    box = call.bounding_box()
    assert box and box["height"] >= 44 and box["width"] >= 300
    assert said in page.inner_text("main"), "what was written is kept"
    with page.expect_navigation():
        page.locator("main form button").click()
    assert page.url.endswith("/where")


@pytest.mark.parametrize(("text", "number"), [
    ("chay nha o khu pho 3", "114"), ("Cháu bé bị cha dượng đánh đập", "111"), ("Ông Năm cầm dao chém người", "113"),
    ("Có người bất tỉnh giữa đường", "115"), ("Đèn đường cháy bóng đèn", ""), ("cây bị chết, chet cay", ""),
])  # fmt: skip
def test_whom_to_call_is_said_by_kind_and_not_at_a_broken_lamp(demo: Product, text: str, number: str) -> None:
    form = demo.ask("/report").text
    action = re.search(r'action="(/report/[^"]+/what)"', form)
    assert action
    answer = demo.ask(action.group(1), {"text": text, "kind": "report"}, form="yes")
    assert answer.status == 302
    page = demo.ask(answer.headers["location"]).text
    assert (f'class="btn btn-call" href="tel:{number}"' in page) == bool(number)


def test_the_page_without_a_network_asks_to_call_first(demo: Product, person: Any) -> None:
    citizen = person(demo, size="phone")
    page = citizen.at("/app")
    page.fill("[name=text]", "Nhà hàng xóm đang cháy lớn")
    page.check("[name=consent]")
    page.locator("main form button.btn-primary").click()
    page.locator("main a.btn[href='tel:114']").wait_for()
    assert "26-" not in page.locator("[data-app-list]").inner_text()
    page.locator("[data-danger-on]").click()
    wait_until(lambda: CODE.search(page.locator("[data-app-list]").inner_text()), why="it is sent after all")


def test_a_report_opened_again_has_a_new_promise_and_its_answer_is_disputed(
    demo: Product, person: Any, field: str
) -> None:
    citizen = person(demo, size="phone", scripts=False)
    code, own = report(citizen, "Rác không ai lấy trước hẻm 9 khu phố 2")
    page = citizen.page
    assert re.search(r"(?i)hạn trả lời|trả lời\s+trước", page.inner_text("main")), "by when, also without scripts"
    api(demo, f"/tickets/{code}/moves", {"move": "answer", "text": "Đã lấy rác xong.", "category": field})
    page.goto(own)
    page.locator("#reopen summary").click()
    page.fill("[name=reopen_text]", "Vẫn còn rác")
    with page.expect_navigation():
        page.locator("#reopen-form button").click()
    text = page.inner_text("main")
    assert "Hạn trả lời mới" in text and "Câu trả lời trước" in text and "chưa xong" in text
    assert page.locator("h1").inner_text() == "Phản ánh được mở lại, chúng tôi xem xét lại"
    assert "1 / 4" in text or page.locator(".steps [aria-current]").inner_text() == "Đã tiếp nhận"


def test_letters_twice_as_large_leave_the_page_as_wide_as_the_phone(demo: Product, person: Any) -> None:
    citizen, wide = person(demo, size="small"), []
    citizen.expect(r"WebGL|GPU stall")
    citizen.page.add_init_script(
        "addEventListener('DOMContentLoaded', () => { document.documentElement.style.fontSize = '212.5%' })"
    )
    found = demo.ask("/open311/v2/requests.json").json[0]["service_request_id"]
    pages = "/ /report /lookup /procedures /near /channels /log /app /open-data /agencies/".split()
    for path in (*pages, f"/p/{found}"):
        page = citizen.at(path)
        width, dock, height = page.evaluate(
            "[innerWidth, document.querySelector('.dock')?.getBoundingClientRect().bottom ?? 0, innerHeight]"
        )
        if width > 360 or dock > height + 1:
            wide.append((path, width, dock, height))
    assert wide == []


def test_the_app_has_the_whole_name_of_the_hotline(demo: Product) -> None:
    assert demo.ask("/manifest.webmanifest").json["short_name"] == "Tổng đài 1022"


def test_a_wrong_digit_of_a_code_is_called_so(demo: Product) -> None:
    code = demo.ask("/open311/v2/requests.json").json[0]["service_request_id"]
    wrong = f"{code[:-1]}{(int(code[-1]) + 1) % 10}"
    answer = demo.ask("/lookup", {"code": wrong, "phone": ""}, form="yes")
    assert answer.status == 422 and "có một chữ số chưa đúng" in answer.text


def test_the_open_data_say_which_places_are_exact(demo: Product) -> None:
    page = demo.ask("/open-data").text
    assert "Vĩ độ (WGS 84)" in page and "làm tròn đến khoảng 100 m" in page and "nếu là nơi công cộng" in page


def test_a_house_number_in_brackets_is_masked(demo: Product, tmp_path: Path) -> None:
    file = tmp_path / "line.txt"
    file.write_text("Trước nhà chị Nguyễn Thị Hoa (số 12) có ổ gà\n", "utf-8")
    said = demo.shell("redact", str(file), "--json").stdout
    assert "12" not in json.loads(said.splitlines()[0])["public"]


@pytest.mark.long
def test_the_log_is_signed_soon_and_a_proof_is_checked(demo: Product, tmp_path: Path) -> None:
    heads = wait_until(lambda: demo.ask("/log/heads.json").json["heads"], within=420, every=2, why="a signature")
    entry = demo.ask(f"/log/entries.json?start={heads[0]['size'] - 1}").json["entries"][0]
    leaf = json.loads(entry if isinstance(entry, str) else entry["leaf"])
    proof = demo.ask(f"/log/{leaf['code']}/{heads[0]['size'] - 1}.json")
    assert proof.status == 200, proof.text
    file = tmp_path / "proof.json"
    file.write_bytes(proof.body)
    verifier = [sys.executable, str(CHECKOUT / "tools" / "verify_log.py")]
    assert subprocess.run([*verifier, str(file)], capture_output=True, text=True).returncode == 0
    early = tmp_path / "early.json"
    early.write_text('{"error": "not signed yet"}')
    told = subprocess.run([*verifier, str(early)], capture_output=True, text=True)
    assert told.returncode == 2 and "no proof yet" in told.stderr

"""A citizen's day: whoever reports is told, whoever is in danger is sent to the telephone, and what pages say is so.

Proves: the reporter is told by SMS and e-mail; what nobody can be told stands with the desk (D12, C1)
Proves: a private window, a busy hotline and a browser without maps lose no report and say what is so
Proves: danger stops with a call button, a reopened report has a new promise, large letters, smaller truths (C3, C4,
C6, C12, C14–C18, C20)"""

import io
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
from PIL import Image
from stage import Person, Product, free_port, wait_until

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
    code, _ = citizen.report("Đèn đường tắt ở ngã ba", phone="0912345009", email="an@example.vn")
    assert code and "không gửi tin nhắn" in page.inner_text("main")


def test_gateways_are_set_up(demo: Product, person: Any, gateway: Sms, mailbox: tuple[Mailbox, int]) -> None:
    demo.expect(r"(?i)imap|mail server|1022@demo.example")
    chief = person(demo, "quan")
    settings = gateway.settings("vnpt") | gateway.secrets()
    set_up(chief, "sms", settings)
    closed, port = free_port(), mailbox[1]
    set_up(
        chief,
        "email",
        {
            "address": "1022@demo.example",
            "imap_host": "127.0.0.1",
            "imap_port": closed,
            "imap_security": "plain",
            "imap_user": "1022",
            "smtp_host": "127.0.0.1",
            "smtp_port": port,
            "smtp_security": "plain",
            "smtp_user": "-",
        },
    )


def test_who_reports_on_the_web_is_told_by_sms_and_mail(
    demo: Product, person: Any, gateway: Sms, mailbox: tuple[Mailbox, int], field: str
) -> None:
    citizen, number, address = person(demo, size="phone"), "84912345002", "binh@example.vn"
    citizen.expect(r"WebGL|GPU stall")
    page = citizen.at("/report")
    page.fill("[name=text]", "Nắp cống bị bể trước chợ")
    for _ in range(3):
        citizen.onward()
    assert "SMS" in page.inner_text("main"), "the form says by which way"
    code, own = citizen.report("Nắp cống bị bể trước chợ", phone="0912345002", email=address)
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
    citizen.onward()
    call = page.locator("main a.btn[href='tel:114']")
    box = call.bounding_box()
    assert box and box["height"] >= 44 and box["width"] >= 300
    assert said in page.inner_text("main"), "what was written is kept"
    with page.expect_navigation():
        page.locator("main form button").click()
    assert page.url.endswith("/where")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("chay nha o khu pho 3", "114"),
        ("Cháu bé bị cha dượng đánh đập", "111"),
        ("Ông Năm cầm dao chém người", "113"),
        ("Có người bất tỉnh giữa đường", "115"),
        ("Đèn đường cháy bóng đèn", ""),
        ("cây bị chết, chet cay", ""),
    ],
)
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
    page.locator("main form button.btn-primary").click()
    wait_until(lambda: CODE.search(page.locator("[data-app-list]").inner_text()), why="it is sent after all")


def test_a_report_opened_again_has_a_new_promise_and_its_answer_is_disputed(
    demo: Product, person: Any, field: str
) -> None:
    citizen = person(demo, size="phone", scripts=False)
    code, own = citizen.report("Rác không ai lấy trước hẻm 9 khu phố 2")
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
    assert page.locator(".steps [aria-current]").inner_text() == "Đã nhận"


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


def _leaf(demo: Product, at: int) -> dict[str, Any]:
    entry = demo.ask(f"/log/entries.json?start={at}").json["entries"][0]
    return dict(json.loads(entry if isinstance(entry, str) else entry["leaf"]))


@pytest.mark.long
def test_the_log_is_signed_soon_and_a_proof_is_checked(demo: Product, tmp_path: Path) -> None:
    heads = wait_until(lambda: demo.ask("/log/heads.json").json["heads"], within=420, every=2, why="a signature")
    at = heads[0]["size"] - 1
    while "code" not in (leaf := _leaf(demo, at)):  # the hourly seal of the events is no publication
        at -= 1
    proof = demo.ask(f"/log/{leaf['code']}/{at}.json")
    assert proof.status == 200, proof.text
    file = tmp_path / "proof.json"
    file.write_bytes(proof.body)
    program = tmp_path / "verify_log.py"
    program.write_bytes(demo.ask("/log/verify_log.py").body)
    verifier = [sys.executable, str(program)]
    assert subprocess.run([*verifier, str(file)], capture_output=True, text=True).returncode == 0
    early = tmp_path / "early.json"
    early.write_text('{"error": "not signed yet"}')
    told = subprocess.run([*verifier, str(early)], capture_output=True, text=True)
    assert told.returncode == 2 and "no proof yet" in told.stderr


def photo(name: str, shade: int) -> dict[str, Any]:
    out = io.BytesIO()
    Image.new("RGB", (640, 480), (shade, 90, 90)).save(out, "JPEG")
    return {"name": name, "mimeType": "image/jpeg", "buffer": out.getvalue()}


JUNK = {"name": "hong.jpg", "mimeType": "image/jpeg", "buffer": b"no picture at all"}


def chosen(page: Any, root: str = "") -> int:
    return page.locator(f"{root} [data-photos-field]".strip()).evaluate("field => field.files.length")


@pytest.mark.parametrize("cut", [True, False], ids=["without a network", "with a network"])
def test_one_press_is_one_report(demo: Product, person: Any, cut: bool) -> None:
    citizen = person(demo, size="phone")
    citizen.expect("ERR_INTERNET_DISCONNECTED")
    page = citizen.at("/app")
    page.fill("[name=text]", "Đèn hẻm 5 tắt")
    page.check("[name=consent]")
    citizen.context.set_offline(cut)
    page.get_by_role("button", name="Lưu và gửi").dblclick()
    page.locator("[data-app-list] li").first.wait_for()
    page.get_by_role("button", name="Lưu và gửi").click()  # and once more, when nothing is written
    citizen.context.set_offline(False)
    page.evaluate("dispatchEvent(new Event('online'))")
    page.locator("[data-app-list] li[data-state=sent]").first.wait_for()
    page.reload()
    page.locator("[data-app-list] li").first.wait_for()
    assert page.locator("[data-app-list] li").count() == 1


def test_the_page_without_a_network_keeps_photos_and_says_what_it_could_not_read(demo: Product, person: Any) -> None:
    citizen = person(demo, size="phone")
    page = citizen.at("/app")
    page.fill("[name=text]", "Ổ gà trước trường")
    page.set_input_files("#id_photos", [photo("mot.jpg", 10), JUNK])
    page.locator(".picker-item").nth(1).wait_for()
    page.wait_for_timeout(600)
    page.reload()
    page.locator(".picker-item").nth(1).wait_for()
    assert page.input_value("[name=text]") == "Ổ gà trước trường" and chosen(page) == 2
    page.check("[name=consent]")
    page.get_by_role("button", name="Lưu và gửi").click()
    page.locator("[data-app-list] li[data-state=sent]").wait_for()
    assert "1 tệp không đọc được" in page.inner_text("[data-app-list]")
    assert page.inner_text("[data-app-said]") and chosen(page) == 0
    page.locator("[name=text]").press_sequentially("Một việc khác")
    assert not page.inner_text("[data-app-said]"), "it was said of the one before"
    page.reload()
    assert chosen(page) == 0


def kept(page: Any, text: str) -> None:
    """Writes a report on the page for being without a network and presses its button."""
    page.fill("[name=text]", text)
    page.check("[name=consent]")
    page.get_by_role("button", name="Lưu và gửi").click()


def test_reports_written_without_a_network_are_kept_apart(demo: Product, person: Any) -> None:
    citizen = person(
        demo, size="phone", geolocation={"latitude": 11.52, "longitude": 106.9}, permissions=["geolocation"]
    )
    citizen.expect("ERR_INTERNET_DISCONNECTED")
    citizen.expect("fetching the script")  # its service worker is asked for again meanwhile
    page = citizen.at("/app")
    rows, off = page.locator("[data-app-list] li"), page.get_by_role("button", name="Bỏ ghim")
    citizen.context.set_offline(True)
    page.get_by_role("button", name="Chỗ tôi đang đứng").click()
    off.wait_for()
    kept(page, "Ổ gà trước nhà")
    rows.first.wait_for()
    off.wait_for(state="hidden")
    assert page.input_value("[name=lat]") == page.input_value("[name=long]") == "", "the place was the first one's"
    page.fill("[name=phone]", "0912 345 67")
    kept(page, "Đèn hẻm 5 tắt")
    assert "số điện thoại" in page.inner_text("[data-app-said]").lower() and rows.count() == 1
    page.fill("[name=phone]", "0912 345 678")
    page.set_input_files("#id_photos", photo("den.jpg", 20))
    rows.get_by_role("button", name="Sửa").click()
    page.locator("[data-app-list] li[data-state=aside]", has_text="Đèn hẻm 5 tắt").wait_for()
    assert page.input_value("[name=text]") == "Ổ gà trước nhà" and page.input_value("[name=lat]") == "11.520000"
    radios = "fields => fields.map(field => [field.value, field.checked])"
    kinds = page.locator("[name=kind]").evaluate_all(radios)
    assert kinds == [["report", True], ["petition", False], ["question", False]]
    page.fill("[name=text]", "Ổ gà lớn trước nhà")
    page.wait_for_timeout(600)
    citizen.context.set_offline(False)
    page.reload()
    page.get_by_role("button", name="Giữ nguyên như cũ").wait_for()
    assert page.input_value("[name=text]") == "Ổ gà lớn trước nhà" and page.input_value("[name=lat]") == "11.520000"
    off.click()
    kept(page, "Ổ gà lớn trước nhà")
    page.locator("[data-app-list] li[data-state=sent]").wait_for()
    wait_until(lambda: CODE.search(page.inner_text("[data-app-said]")), why="the code stands where one looks")
    assert rows.count() == 2
    page.get_by_role("button", name="Bỏ khỏi danh sách").click()
    page.locator("[data-app-list] li[data-state=sent]").wait_for(state="detached")
    assert page.evaluate("document.activeElement !== document.body")
    page.get_by_role("button", name="Hoàn tác").click()
    page.locator("[data-app-list] li[data-state=sent]").wait_for()
    page.locator("[data-app-list] li[data-state=aside]").get_by_role("button", name="Sửa").click()
    page.locator(".picker-item").wait_for()
    assert page.input_value("[name=phone]") == "0912 345 678" and not page.input_value("[name=lat]")
    page.get_by_role("button", name="Giữ nguyên như cũ").click()
    page.locator("[data-app-list] li[data-state=aside]").wait_for()
    assert not page.input_value("[name=text]")


def test_a_report_changed_after_it_had_arrived_is_one_ticket_with_the_new_words(demo: Product, person: Any) -> None:
    citizen = person(demo, size="phone", service_workers="block")
    citizen.expect("ERR_FAILED", "429", "registration blocked")
    page = citizen.at("/app")

    lost: list[int] = []

    def lose(route: Any) -> None:
        lost.append(route.fetch().status)
        route.abort()

    page.route("**/app/send", lose)
    kept(page, "Cống trước chợ nghẹt")
    row = page.locator("[data-app-list] li")
    row.first.wait_for()
    wait_until(lambda: page.evaluate("true") and lost, why="it has arrived, and its answer has not")
    page.wait_for_timeout(300)
    row.get_by_role("button", name="Sửa").click()
    page.locator("[data-app-list] li[data-state=mending]").wait_for()
    assert page.input_value("[name=text]") == "Cống trước chợ nghẹt"
    page.unroute("**/app/send")
    page.route("**/app/send", lambda route: route.fulfill(status=429, json={"errors": {}}))
    kept(page, "Cống trước chợ nghẹt, nước đen tràn ra đường")
    page.locator("[data-app-said]", has_text="Lát nữa máy sẽ tự gửi").wait_for()
    page.unroute("**/app/send")
    page.evaluate("dispatchEvent(new Event('online'))")
    page.locator("[data-app-list] li[data-state=sent]", has_text="bổ sung vào phiếu").wait_for()
    row.locator("a").click()
    page.get_by_text("Cống trước chợ nghẹt, nước đen tràn ra đường").first.wait_for()
    assert page.get_by_text("Cống trước chợ nghẹt", exact=True).count() >= 1


KEEPS_NOTHING = "indexedDB.open = () => { throw new DOMException('denied', 'SecurityError'); }"
NO_WEBGL = """
const drawn = HTMLCanvasElement.prototype.getContext;
HTMLCanvasElement.prototype.getContext = function (kind, ...more) {
  return /webgl/.test(kind) ? null : drawn.call(this, kind, ...more);
};"""


def test_a_browser_that_keeps_nothing_says_so_and_the_words_stay(demo: Product, person: Any) -> None:
    """A private window: what cannot be kept is not said to be."""
    citizen = person(demo, size="phone")
    citizen.context.add_init_script(KEEPS_NOTHING)
    page = citizen.at("/app")
    for _time in range(2):
        kept(page, "Đèn hẻm 9 tắt")
        page.locator("[data-app-said]", has_text="Trình duyệt này không giữ được phản ánh").wait_for()
        assert page.input_value("[name=text]") == "Đèn hẻm 9 tắt"


def test_a_busy_hotline_is_tried_again_by_itself(demo: Product, person: Any) -> None:
    citizen = person(demo, size="phone", service_workers="block")
    citizen.expect("429", "registration blocked")
    citizen.page.clock.install()
    page = citizen.at("/app")
    tries: list[int] = []

    def busy(route: Any) -> None:
        tries.append(1)
        route.fulfill(status=429, json={"errors": {}})

    page.route("**/app/send", busy)
    kept(page, "Cây ngã chắn đường ven suối")
    page.locator("[data-app-said]", has_text="Lát nữa máy sẽ tự gửi").wait_for()
    page.clock.fast_forward("01:01")
    wait_until(lambda: page.evaluate("true") and len(tries) == 2, why="it was tried again after a minute")
    page.unroute("**/app/send")
    page.wait_for_timeout(300)
    page.clock.fast_forward("02:01")
    page.locator("[data-app-list] li[data-state=sent]").wait_for()
    assert len(tries) == 2


def test_without_a_map_a_place_is_still_found_and_the_report_arrives(demo: Product, person: Any) -> None:
    """An old phone whose browser cannot draw maps."""
    citizen = person(
        demo, size="phone", geolocation={"latitude": 11.52, "longitude": 106.9}, permissions=["geolocation"]
    )
    citizen.context.add_init_script(NO_WEBGL)
    page = citizen.at("/report")
    page.fill("[name=text]", "Ổ gà trước trường")
    citizen.onward()
    citizen.see("Trình duyệt này không vẽ được bản đồ")
    page.locator("[data-map-here]").click()
    wait_until(lambda: page.input_value("[name=lat]") == "11.520000", why="the device's own place is taken")
    assert page.input_value("[name=long]") == "106.900000"
    while "/f/" not in citizen.onward().url:
        if page.locator("[name=consent]").count():
            page.check("[name=consent]")
    assert CODE.search(page.inner_text("main"))
    citizen.at("/register").locator("[data-map]").scroll_into_view_if_needed()
    citizen.see("Trình duyệt này không vẽ được bản đồ")


def in_charge(page: Any) -> None:
    wait_until(lambda: page.evaluate("navigator.serviceWorker.controller !== null"), why="the worker is in charge")


def test_a_step_back_to_what_was_found_is_no_missing_network(demo: Product, person: Any) -> None:
    citizen = person(demo, size="phone")
    citizen.expect("422")
    page = citizen.at("/lookup")
    in_charge(page)
    page.fill("[name=code]", "26-000000-1")
    citizen.onward()
    page.goto(f"{demo.address}/channels")
    page.go_back()
    page.locator("[name=code]").wait_for()
    page.goto(f"{demo.address}/report")
    page.fill("[name=text]", " ")
    page.locator("main form .btn-primary").click()
    page.locator(".field-error").first.wait_for()
    page.fill("[name=text]", "Đèn đường nhấp nháy")
    while "/f/" not in citizen.onward().url:
        if page.locator("[name=consent]").count():
            page.check("[name=consent]")
    for _ in range(6):
        page.go_back()
        assert page.locator("[data-app-form]").count() == 0, page.url


def test_a_form_that_the_network_leaves_goes_on_with_its_words(demo: Product, person: Any) -> None:
    citizen = person(demo, size="phone")
    citizen.expect("ERR_INTERNET_DISCONNECTED", "WebGL|GPU stall", "Worker failed to load|map-.*js")
    citizen.expect("htmx:(afterRequest|sendError)")  # what is asked for the address as it is typed
    page = citizen.at("/report")
    in_charge(page)
    page.fill("[name=text]", "Cây nghiêng sắp ngã")
    page.locator("main form summary").first.click()
    page.locator("[name=kind][value=petition]").check(force=True)
    citizen.onward()
    page.fill("[name=address]", "Hẻm 12 Nguyễn Huệ")
    citizen.context.set_offline(True)
    citizen.onward()
    page.get_by_text("Ảnh và ghim trên bản đồ thì chưa").wait_for()
    assert page.input_value("[name=text]") == "Cây nghiêng sắp ngã"
    assert page.input_value("[name=address]") == "Hẻm 12 Nguyễn Huệ"
    assert page.locator("[name=kind][value=petition]").is_checked() and not page.is_checked("[name=consent]")


def test_who_is_in_danger_on_the_page_without_a_network_goes_on_writing(demo: Product, person: Any) -> None:
    citizen = person(demo, size="phone")
    page = citizen.at("/app")
    page.check("[name=consent]")
    page.fill("[name=text]", "Nhà hàng xóm đang cháy lớn")
    page.locator("[data-danger-on]").click()
    page.keyboard.type(", có một cụ già")
    assert page.input_value("[name=text]") == "Nhà hàng xóm đang cháy lớn, có một cụ già"
    assert page.locator("[data-app-list] li").count() == 0


def test_a_question_just_asked_is_not_replaced_by_an_old_draft(demo: Product, person: Any) -> None:
    citizen = person(demo, size="phone")
    page = citizen.at("/report")
    page.locator("[name=text]").press_sequentially("Một phản ánh cũ")
    page.locator("[data-draft-status]", has_text="Đã lưu").wait_for()
    citizen.at("/tthc/")
    page.fill("main [name=q]", "xác nhận tình trạng hôn nhân ở nước ngoài")
    page.press("main [name=q]", "Enter")
    ask = page.locator("main a[href*='kind=question'][href*='text=']").first
    ask.wait_for()
    ask.click()
    page.wait_for_url("**/report?*")
    asked = page.input_value("[name=text]")
    assert "hôn nhân" in asked and page.locator("[name=kind][value=question]").is_checked()
    page.locator("[name=text]").press_sequentially("Cần giấy gì?")
    page.wait_for_timeout(100)
    page.reload()
    assert "Cần giấy gì?" in page.input_value("[name=text]"), "a reload takes nothing"


def test_a_draft_put_back_can_be_thrown_away(demo: Product, person: Any) -> None:
    citizen = person(demo, size="phone")
    page = citizen.at("/report")
    assert page.get_by_role("button", name="Xóa, viết mới").is_hidden()
    page.locator("[name=text]").press_sequentially("Một phản ánh cũ")
    page.reload()
    assert page.input_value("[name=text]") == "Một phản ánh cũ"
    page.get_by_role("button", name="Xóa, viết mới").click()
    assert page.input_value("[name=text]") == ""
    page.get_by_role("button", name="Hoàn tác").click()
    assert page.input_value("[name=text]") == "Một phản ánh cũ"
    page.reload()
    page.get_by_role("button", name="Xóa, viết mới").click()
    page.reload()
    assert page.input_value("[name=text]") == "" and "Một phản ánh" not in citizen.storage()


def test_what_was_added_stands_in_the_box_no_more(demo: Product, person: Any) -> None:
    citizen = person(demo, size="phone")
    _, own = citizen.report("Cống nghẹt ở hẻm 7")
    page = citizen.at(own)
    page.locator("#add summary").click()
    page.locator("#reply-form [name=text]").press_sequentially("Nước đã vào nhà")
    with page.expect_navigation():
        page.locator("#reply-form button.btn-lg").click()
    assert "Nước đã vào nhà" in page.inner_text("main") and page.input_value("#reply-form [name=text]") == ""
    if not page.locator("#reply-form [name=text]").is_visible():
        page.locator("#add summary").click()
    page.locator("#reply-form [name=text]").press_sequentially("Và vào bếp")
    page.reload()
    assert page.input_value("#reply-form [name=text]") == "Và vào bếp", "the next words are kept"


def test_chosen_photos_survive_what_the_desk_does_meanwhile(demo: Product, person: Any, field: str) -> None:
    citizen = person(demo, size="phone")
    code, own = citizen.report("Bảng tên đường rơi ở khu phố 6")
    page = citizen.at(own)
    page.locator("body[data-live-state=open]").wait_for()
    page.locator("#add summary").click()
    page.locator("#reply-form [name=text]").press_sequentially("Ảnh đây")
    page.set_input_files("#reply-form [name=photos]", [photo("a.jpg", 20)])
    page.locator("#reply-form .picker-item").wait_for()
    before = page.inner_text("main h1")
    api(demo, f"/tickets/{code}/moves", {"move": "accept", "category": field})
    wait_until(lambda: page.inner_text("main h1") != before, why="the page shows it by itself")
    assert page.input_value("#reply-form [name=text]") == "Ảnh đây" and chosen(page, "#reply-form") == 1
    assert page.locator("#reply-form .picker-item img").count() == 1
    page.set_input_files("#reply-form [name=photos]", [photo("b.jpg", 200)])
    page.locator("#reply-form .picker-item").nth(1).wait_for()
    with page.expect_navigation():
        page.locator("#reply-form button.btn-lg").click()
    assert page.locator("main section[aria-labelledby=mine] img").count() == 2


def open_ones(product: Product, *states: str) -> list[dict[str, Any]]:
    """Published tickets in these states, with a commune."""
    rows = product.ask("/open311/v2/requests.json?status=open").json
    return [row for row in rows if row["extended_attributes"]["state"] in states and row["address_id"]]


def alike(citizen: Person, row: dict[str, Any]) -> str:
    """The codes that are offered to somebody who writes the same of the same commune."""
    page = citizen.at("/report")
    page.fill("[name=text]", row["description"])
    citizen.onward()
    if page.url.endswith("/danger"):
        with page.expect_navigation():
            page.locator("main form button").last.click()
    page.select_option("[name=area]", row["address_id"])
    citizen.onward()
    found = page.locator("section[aria-labelledby=similar]")
    return found.inner_text() if found.count() else ""


@pytest.mark.parametrize(
    ("move", "states"), [("refuse", ("new", "accepted")), ("merge", ("new", "accepted", "routed"))]
)
def test_what_is_over_is_not_offered_to_join_and_says_so(
    demo: Product, person: Any, move: str, states: tuple[str, ...]
) -> None:
    citizen = person(demo, size="phone")
    citizen.expect(r"WebGL|GPU stall")
    row = next(row for row in open_ones(demo, *states) if row["service_request_id"] in alike(citizen, row))
    code = row["service_request_id"]
    into = next(
        other["service_request_id"]
        for other in open_ones(demo, "new", "accepted", "routed", "working")
        if other["service_request_id"] != code
    )
    given = {"reason": "outside"} if move == "refuse" else {"into": into}
    api(demo, f"/tickets/{code}/moves", {"move": move, **given})
    assert code not in alike(citizen, row)
    page = citizen.at(f"/p/{code}")
    text = page.inner_text("main")
    assert "Chưa có câu trả lời" not in text and "Hạn" not in text
    assert page.locator("main .due").count() == 0
    if move == "refuse":
        assert "không tiếp nhận" in text and "Ngoài địa bàn" in text
    else:
        assert "xử lý chung" in text and page.locator(f"main a[href='/p/{into}']").count() == 1


def test_another_reason_is_told_in_words(demo: Product, person: Any) -> None:
    citizen = person(demo, size="phone")
    code, own = citizen.report("Cho hỏi kết quả xổ số hôm nay")
    clerk = person(demo, "lan")
    clerk.expect("422")
    page = clerk.at(f"/desk/{code}")
    page.locator("#move-refuse > summary").click()
    page.select_option("#form-refuse [name=refuse-reason]", "other")
    page.locator("#form-refuse .btn-primary, #form-refuse .btn-danger").first.click()
    page.get_by_text("Anh/chị viết lời nói với người dân").first.wait_for()
    page.fill("#form-refuse [name=refuse-text]", "Tổng đài không có kết quả xổ số.")
    page.fill("#form-refuse [name=refuse-note]", "Gọi nhầm số.")
    page.locator("#form-refuse .btn-primary, #form-refuse .btn-danger").first.click()
    wait_until(lambda: api(demo, f"/tickets/{code}")["state"] == "refused")
    text = citizen.at(own).inner_text("main")
    assert "Lý do khác" in text and "Tổng đài không có kết quả xổ số." in text and "Gọi nhầm số" not in text


def test_where_and_who_are_kept_on_the_device_until_the_report_is_sent(demo: Product, person: Any) -> None:
    citizen = person(demo, size="phone")
    citizen.expect(r"WebGL|GPU stall")
    page = citizen.at("/report")
    page.fill("[name=text]", "Ghế đá công viên gãy")
    citizen.onward()
    page.locator("[name=address]").press_sequentially("Công viên Sông Phố")
    page.reload()
    assert page.input_value("[name=address]") == "Công viên Sông Phố"
    page.press("[name=address]", "End")
    page.locator("[name=address]").press_sequentially(", cổng sau")
    page.get_by_role("link", name="Quay lại").click()
    citizen.onward()
    assert page.input_value("[name=address]") == "Công viên Sông Phố, cổng sau"
    citizen.onward()
    citizen.onward()
    page.locator("[name=name]").press_sequentially("Trần Thị Demo")
    page.locator("[name=phone]").press_sequentially("0912345077")
    page.reload()
    assert page.input_value("[name=name]") == "Trần Thị Demo" and page.input_value("[name=phone]") == "0912345077"
    page.check("[name=consent]")
    citizen.onward()
    citizen.onward()
    assert "/f/" in page.url
    assert not re.search("Ghế đá|Sông Phố|Demo|0912345077", citizen.storage())
    page = citizen.at("/report")
    page.fill("[name=text]", "Việc khác")
    citizen.onward()
    assert page.input_value("[name=address]") == ""


def test_a_pin_elsewhere_than_the_commune_is_asked_about(demo: Product, person: Any) -> None:
    citizen = person(demo, size="phone")
    citizen.expect(r"WebGL|GPU stall|422")
    rows = demo.ask("/open311/v2/requests.json").json
    pinned = next(row for row in rows if row["lat"] and row["address_id"])
    other = next(row for row in rows if row["address_id"] not in (None, pinned["address_id"]))
    page = citizen.at("/report")
    page.fill("[name=text]", "Biển báo bị che")
    citizen.onward()
    page.locator("[data-map][data-map-state=ready]").scroll_into_view_if_needed()
    page.locator("details.fold summary", has_text="tọa độ").or_(
        page.locator("details.fold summary", has_text="tọa độ")
    ).click()
    page.fill("[name=lat]", str(pinned["lat"]))
    page.fill("[name=long]", str(pinned["long"]))
    page.keyboard.press("Tab")
    page.select_option("[name=area]", other["address_id"])
    page.locator("main form .btn-primary").last.click()
    said = page.locator(".has-error", has=page.locator("[name=area]"))
    said.wait_for()
    chosen_name = page.locator("[name=area] option:checked").inner_text()
    assert chosen_name in said.inner_text() and "ghim nằm ở" in said.inner_text()
    off = page.get_by_role("button", name="Bỏ ghim")
    off.scroll_into_view_if_needed()
    off.click()
    assert page.input_value("[name=lat]") == "" and page.locator(".map-pin").count() == 0
    citizen.onward()
    assert page.url.endswith("/photos")


def test_a_photo_stays_one_on_the_way_back_and_forth(demo: Product, person: Any) -> None:
    citizen = person(demo, size="phone")
    citizen.expect(r"WebGL|GPU stall|422")
    page = citizen.at("/report")
    page.fill("[name=text]", "Cây nghiêng")
    citizen.onward()
    citizen.onward()
    page.set_input_files("#id_photos", [photo("cay.jpg", 30)])
    page.locator(".picker-item").wait_for()
    citizen.onward()
    page.go_back()
    citizen.onward()
    page.goto(page.url.replace("/you", "/photos"))
    assert page.locator("main button[name=remove]").count() == 1
    page.set_input_files("#id_photos", [photo("la.jpg", 60), JUNK])
    page.locator("[data-photos-list] .picker-item").nth(1).wait_for()
    citizen.onward()
    assert "không phải là ảnh" in page.inner_text("main")
    page.reload()
    assert page.locator("main button[name=remove]").count() == 2


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("my child is drowning", "114"),
        ("there is a fire in my building, people trapped", "114"),
        ("gas leak in my kitchen", "114"),
        ("my husband is beating me, he has a knife", "113"),
        ("someone is having a heart attack", "115"),
        ("em bé đang chìm dưới sông", "114"),
        ("nước lũ dâng ngập tới nóc nhà, mọi người ở trên mái", "114"),
        ("co nguoi bi danh hoi dong chay mau dau", "113"),
        ("tàu chìm ở bến đò", "114"),
        ("there is a burglar in my house", "113"),
        ("Có quả bom ở xã Bom Bo", "113"),
        ("Rác không ai gom ở chợ xã Bom Bo", ""),
        ("quán chặt chém du khách", ""),
        ("Đường ngập sau mưa lớn, nước tới đầu gối", ""),
        ("The fire alarm in our building is broken", ""),
        ("duong ngap den mai chua rut", ""),
    ],
)
def test_danger_is_seen_in_both_languages_while_it_is_typed(person: Any, demo: Product, text: str, number: str) -> None:
    citizen = person(demo, size="phone", language="en")
    page = citizen.at("/report")
    page.locator("[name=text]").press_sequentially(text)
    page.wait_for_timeout(500)
    shown = [link.get_attribute("data-call") for link in page.locator("[data-call]").all() if link.is_visible()]
    assert shown == ([number] if number else [])


def test_what_is_being_written_on_ones_own_page_is_not_taken_away(demo: Product, person: Any, field: str) -> None:
    citizen = person(demo, size="phone")
    code, own = citizen.report("Đèn trước cổng số 3 hẻm 12 tắt")
    page = citizen.at(own)
    page.locator("body[data-live-state=open]").wait_for()

    def moves(move: str, **needs: str) -> None:
        api(demo, f"/tickets/{code}/moves", {"move": move, **needs})

    moves("ask", question="Cột đèn số mấy?", category=field)
    page.locator("#asked").wait_for()
    assert "Chúng tôi" in page.locator("#announcer").text_content()
    page.locator("#reply-form [name=text]").press_sequentially("Cột số 45")
    moves("resume")
    page.locator("#asked").wait_for(state="detached")
    box = page.locator("#add #reply-form [name=text]")
    box.wait_for(state="visible")
    assert box.input_value() == "Cột số 45" and box.evaluate("e => e === document.activeElement")
    box.fill("Cháy lớn rồi, có người mắc kẹt")
    page.locator("#reply-form [data-call='114']").wait_for()
    with page.expect_navigation():
        page.locator("#reply-form button.btn-lg").click()
    assert page.locator("main [role=alert][data-focus] a[href='tel:114']").is_visible()
    assert page.evaluate("document.activeElement.getAttribute('role')") == "alert"

    moves("answer", text="Đã sửa đèn.", category=field)
    page.locator("#answer").wait_for()
    page.locator("#announcer", has_text="câu trả lời").wait_for(state="attached")
    page.locator("#reopen summary").click()
    page.locator("[name=reopen_text]").press_sequentially("Vẫn tắt như cũ")
    page.wait_for_timeout(600)  # until the draft is kept
    page.reload()
    assert page.input_value("[name=reopen_text]") == "Vẫn tắt như cũ", "also after a reload"
    page.locator("body[data-live-state=open]").wait_for()
    page.locator("#reopen summary").click()
    page.set_input_files("#reopen-photos", [photo("a.jpg", 20)])
    page.locator("#reopen-form .picker-item").wait_for()
    moves("reopen", reason="Kiểm tra lại")
    page.locator("[data-held]").wait_for()
    assert page.input_value("[name=reopen_text]") == "Vẫn tắt như cũ" and chosen(page, "#reopen-form") == 1
    with page.expect_navigation():
        page.locator("#reopen-form button.btn-lg").click()
    assert "đã được ghi thêm vào phiếu" in page.locator("main [role=status][data-focus]").inner_text()
    assert page.locator("main section[aria-labelledby=mine] img").count() == 1
    assert "Vẫn tắt như cũ" in page.locator("section[aria-labelledby=story]").inner_text()

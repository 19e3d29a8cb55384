"""Two provinces that touch: what is reported to the wrong one is handed over, signed for and followed there, and comes
back where it is not theirs either.

Proves: a citizen's report of a lamp beyond the border goes to the neighbour's installation with its photo and without
the citizen's name, waits while that is away, is one ticket there although its answer was lost, and is answered there on
the page to which the citizen's own page leads; it can be taken back; what the neighbour refuses comes back with its
words; that its citizen was deleted is made known there, once, and decided there; who plays the wire again, changes a
letter or signs as somebody else makes nothing and is counted"""

import io
import json
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import unquote_plus

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page
from stage import CHECKOUT, SECRET, Person, Product, ask, bare, free_port, send, staffed, wait_until

pytestmark = pytest.mark.long(minutes=8)
OURS, THEIRS = "75", "82"  # the demo province; its neighbour
WORDS = "Đèn đường ở đầu cầu bên kia tắt ba đêm nay, rất tối"
CODE = re.compile(r"\d\d-\d{6}-\d")
SOON = 150  # seconds: every minute it is looked what is due, and a vain try is followed by a pause
type People = Callable[..., Person]


@dataclass
class Wire:
    """Between the two: it can be cut, it can lose what comes back, and somebody listens."""

    to: int
    port: int = field(default_factory=free_port)
    lose: bool = False
    lost: list[bytes] = field(default_factory=list)  # requests whose answer nobody got
    requests: list[bytes] = field(default_factory=list)
    door: socket.socket | None = None

    def up(self) -> None:
        self.door = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._serve, args=(self.door,), daemon=True).start()

    def down(self) -> None:
        assert self.door
        self.door.close()
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            pass  # whoever waits in accept wakes up
        self.door = None

    def _serve(self, door: socket.socket) -> None:
        while True:
            try:
                caller, _ = door.accept()
            except OSError:
                return
            threading.Thread(target=self._carry, args=(caller,), daemon=True).start()

    def _carry(self, caller: socket.socket) -> None:
        with caller, suppress(OSError):
            caller.settimeout(60)
            request = whole(caller)
            if request.startswith(b"POST"):
                self.requests.append(request)
            answer = knock(self.to, request)
            if self.lose and request.startswith(b"POST"):
                self.lost.append(request)
            else:
                caller.sendall(answer)

    def heard(self) -> list[bytes]:
        """The reports that were handed over by it."""
        return [one for one in self.requests if b'"kind": "transfer"' in one]


def whole(caller: socket.socket) -> bytes:
    """One request, head and body."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = caller.recv(65536)
        if not part:
            return data
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", head, re.I)
    while length and len(body) < int(length[1]):
        body += caller.recv(65536)
    return head + b"\r\n\r\n" + body


def knock(port: int, request: bytes) -> bytes:
    """What a door answers to these very bytes."""
    head, _, body = request.partition(b"\r\n\r\n")
    lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"connection:")]
    with socket.create_connection(("127.0.0.1", port), 60) as there:
        there.sendall(b"\r\n".join([*lines, b"Connection: close"]) + b"\r\n\r\n" + body)
        answer = b""
        while part := there.recv(65536):
            answer += part
    return answer


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def said(answer: bytes) -> dict[str, str]:
    """The JSON of an answer, whatever it is wrapped in."""
    text = answer.decode("utf-8", "replace")
    return json.loads(text[text.index("{") : text.rindex("}") + 1])


@dataclass
class Border:
    ours: Product
    theirs: Product
    quan: Person  # their administrator
    wire: Wire


@pytest.fixture(scope="module")
def border(browser: Browser, demo: Product, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Border]:
    folder, port = tmp_path_factory.mktemp("ministry"), free_port()
    plane = folder / "plane"

    def cells(*words: str) -> str:
        done = subprocess.run(
            [CHECKOUT / "bin" / "caunoi", "cells", *words, "--lang", "en"],
            env=bare(folder / "nobody"),
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    key = cells("init", str(plane)).splitlines()[1]
    words = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1", "--directory", plane / "public"]
    server = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        with staffed(tmp_path_factory.mktemp("theirs"), browser, {"lien": "operator"}) as (theirs, quan):
            wire = Wire(to=theirs.port)
            wire.up()
            for code, address in ((OURS, demo.address), (THEIRS, f"http://127.0.0.1:{wire.port}")):
                cells("add", code, address, "--folder", str(plane))
            cells("sign", "--folder", str(plane))
            ours = Person(browser, demo.address).sign_in("quan")
            for admin in (ours, quan):
                send(admin.at("/setup/options/plane_address"), value=f"http://127.0.0.1:{port}")
                send(admin.at("/setup/options/plane_key"), value=key)
                admin.at("/setup/cells/")
                with admin.page.expect_navigation():
                    admin.page.click("form[action$='/cells/fetch'] button")
            ours.close()
            for product in (demo, theirs):
                wait_until(lambda one=product: one.ask("/cell.json").json["catalogue"] == 1, 60)
            yield Border(demo, theirs, quan, wire)
            wire.down()
    finally:
        server.terminate()
        server.wait(10)


def photo() -> dict[str, object]:
    out = io.BytesIO()
    Image.new("RGB", (640, 480), (30, 90, 90)).save(out, "JPEG")
    return {"name": "den.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


def reported(citizen: Person, words: str, *, picture: bool = False) -> tuple[str, str]:
    """A report by the steps of the web: its code, and the path of its page."""
    page = citizen.at("/report?kind=report")
    page.fill("[name=text]", words)
    while "/f/" not in citizen.onward().url:
        for name, value in {"address": "Đầu cầu Mã Đà", "name": "Trần Thị Mẫu", "phone": "0900000777"}.items():
            if page.locator(f"main form [name={name}]").count():
                page.fill(f"main form [name={name}]", value)
        if picture and page.locator("main input[type=file][name=photos]").count():
            page.set_input_files("main input[type=file][name=photos]", photo())
            page.wait_for_timeout(1500)
            picture = False
        if page.locator("[name=consent]").count():
            page.check("[name=consent]")
    code = CODE.search(page.inner_text("main"))
    assert code, page.inner_text("main")
    return code[0], citizen.path


def hand_over(lan: Person, code: str, why: str = "Cầu bên kia thuộc tỉnh bạn.") -> Page:
    page = lan.at(f"/desk/{code}/")
    page.click("#move-transfer > summary")
    return press(lan, "transfer", cell="dong thap", reason=why)


def press(somebody: Person, name: str, **given: str) -> Page:
    page = somebody.page
    if not page.locator(f"#move-{name}[open]").count():
        page.click(f"#move-{name} > summary")
    for one, value in given.items():
        control = page.locator(f"#form-{name} [name={name}-{one}]")
        if control.evaluate("e => e.matches('select')"):
            control.select_option(value)
        else:
            control.fill(value)
    with page.expect_navigation(wait_until="commit"):
        page.click(f"#form-{name} .btn-primary")
    page.locator(".toast").first.wait_for()
    return page


def shows(page: Page, text: str, within: float = SOON) -> None:
    """The page says so, sooner or later, when it is loaded again."""

    def there() -> bool:
        page.reload(wait_until="load")
        return text in page.inner_text("main")

    wait_until(there, within, every=4, why=text)


def theirs_of(border: Border, lien: Person, words: str) -> str:
    """The path of the one ticket with these words at the neighbour's desk."""

    def there() -> list[str]:
        lien.at("/desk/?tab=all")
        rows = lien.page.locator("#queue-list a[href^='/desk/']", has_text=words[:20])
        return rows.evaluate_all("rows => [...new Set(rows.map(row => new URL(row.href).pathname))]")

    paths = wait_until(there, SOON, every=4, why=words)
    assert len(paths) == 1, paths
    return str(paths[0])


@pytest.fixture
def lien(border: Border, person: People) -> Person:
    return person(border.theirs, "lien", SECRET)


def test_a_report_beyond_the_border_is_answered_there(border: Border, person: People, lien: Person) -> None:
    citizen = person(border.ours, size="phone")
    code, path = reported(citizen, WORDS, picture=True)
    border.wire.down()
    lan = person(border.ours, "lan")
    page = lan.at(f"/desk/{code}/")
    page.click("#move-transfer > summary")
    preview = page.inner_text("#form-transfer dl")
    assert WORDS in preview and code in preview and "Đầu cầu Mã Đà" in preview
    lan.shoot("seam-form")
    press(lan, "transfer", cell="dong thap", reason="Cầu bên kia thuộc tỉnh bạn.")
    assert "ký nhận" in page.inner_text("main")
    assert page.locator("#move-accept").count() == 0 and page.locator("#move-transfer_recall").count() == 1
    shows(page, "không trả lời")
    lan.shoot("seam-away")
    citizen.at(path)
    assert "Đã chuyển đến" not in citizen.text()

    border.wire.lose = True  # it arrives, and nobody here learns of it
    border.wire.up()
    there = theirs_of(border, lien, WORDS)
    border.wire.lose = False
    shows(page, "đã nhận, mã phiếu")
    lan.shoot("seam-received")
    assert theirs_of(border, lien, WORDS) == there, "one ticket, although it was sent twice"
    assert len(border.wire.heard()) >= 2
    for at in (page.url, f"{border.ours.address}/desk/{code}/as-citizen"):
        lan.at(at.removeprefix(border.ours.address))
        assert f"{border.theirs.address}/f/" not in lan.page.content(), "what opens it there is its citizen's alone"
    lan.at(f"/desk/{code}/")
    number = CODE.search(there)
    assert number and number[0] in page.inner_text("main")

    desk = lien.at(there)
    assert "mã phiếu ở đó là" in desk.inner_text("main") and code in desk.inner_text("main")
    assert "Cầu bên kia thuộc tỉnh bạn." in desk.inner_text("body")
    assert "Trần Thị Mẫu" not in desk.inner_text("body") and "0900" not in desk.inner_text("body")
    assert desk.locator("#ticket-body .photos img, #ticket-body [data-photos] img").count() >= 1
    lien.shoot("seam-arrived")
    category = desk.locator("#form-answer [name=answer-category] option").nth(1).get_attribute("value") or ""
    press(lien, "answer", text="Đã thay bóng đèn đầu cầu sáng nay.", category=category)

    citizen.at(path)
    assert "Đã chuyển đến: Tỉnh Đồng Tháp" in citizen.text() and number[0] in citizen.text()
    citizen.shoot("seam-follow")
    with citizen.page.expect_navigation():
        citizen.page.get_by_role("link", name="Theo dõi tại đó").click()
    assert citizen.page.url.startswith(border.theirs.address)
    shows(citizen.page, "Đã thay bóng đèn đầu cầu sáng nay.", 60)
    citizen.shoot("seam-there")


def test_it_is_taken_back_before_it_can_have_arrived(border: Border, person: People, lien: Person) -> None:
    lan = person(border.ours, "lan")
    words = "Cống hộp bên kia suối bị nghẹt, nước tràn"
    code, _path = reported(person(border.ours, size="phone"), words)
    border.wire.down()
    page = hand_over(lan, code)
    press(lan, "transfer_recall")
    assert page.locator("#move-accept").count() == 1 and page.locator("#move-transfer").count() == 1
    border.wire.up()
    assert not any(words.encode() in one for one in border.wire.requests)


def test_what_they_refuse_comes_back_with_their_words(border: Border, person: People, lien: Person) -> None:
    lan, citizen = person(border.ours, "lan"), person(border.ours, size="phone")
    words = "Cây ngã chắn lối ở bìa rừng giáp ranh"
    code, path = reported(citizen, words)
    page = hand_over(lan, code)
    lien.at(theirs_of(border, lien, words))
    press(lien, "refuse", reason="outside", text="Bìa rừng này thuộc địa phận bên bạn.")
    shows(page, "trả lại")
    assert "Bìa rừng này thuộc địa phận bên bạn." in page.inner_text("body")
    lan.shoot("seam-returned")
    assert page.locator("#move-route").count() == 1 and page.locator("#move-transfer").count() == 1
    citizen.at(path)
    assert "Bìa rừng này thuộc địa phận bên bạn." in citizen.text()
    citizen.shoot("seam-returned-citizen")


def test_who_is_erased_here_is_asked_for_there(border: Border, person: People, lien: Person) -> None:
    """A citizen has their data deleted; the neighbour is told until it says that it knows, and decides itself."""
    citizen, lan, chief = person(border.ours, size="phone"), person(border.ours, "lan"), person(border.ours, "quan")
    words = "Biển báo ở dốc bên kia cầu bị cành cây che khuất"
    code, path = reported(citizen, words)
    shows(hand_over(lan, code), "đã nhận, mã phiếu")
    there = theirs_of(border, lien, words)
    border.wire.lose = True  # what they answer is lost from now on
    page = citizen.at(path)
    with page.expect_navigation():
        page.get_by_role("link", name="Xem, chỉnh sửa hoặc xóa dữ liệu về anh/chị").click()
    page.locator("[name=kind][value=delete]").check(force=True)
    address = citizen.onward().url
    page = chief.at("/setup/privacy/")
    for role, name in (("link", "Xóa mọi dữ liệu về tôi"), ("button", "Tôi đã xác minh"), ("button", "Chấp thuận")):
        with page.expect_navigation():
            page.get_by_role(role, name=name).first.click()

    def times(requests: list[bytes]) -> int:
        return sum('"kind": "erasure"' in unquote_plus(one.decode("latin-1")) for one in requests)

    wait_until(lambda: times(border.wire.lost), 180, why="the neighbour is told")
    border.wire.lose = False
    citizen.at(address)
    assert "Đã xóa những gì" in citizen.text()
    page = border.quan.page

    def asked() -> int:
        border.quan.at("/setup/privacy/")
        return page.get_by_role("link", name="Xóa mọi dữ liệu về tôi").count()

    wait_until(lambda: times(border.wire.requests) > 1, SOON, why="said again")
    wait_until(asked, SOON, every=4, why="the neighbour has the request")
    assert asked() == 1
    with page.expect_navigation():
        page.get_by_role("link", name="Xóa mọi dữ liệu về tôi").click()
    told = border.quan.text()
    assert "Do tỉnh đã chuyển phiếu đến báo sang" in told and "Tỉnh đã chuyển phiếu đến xác nhận" in told
    border.quan.shoot("seam-erasure")
    lien.at(there)
    assert words in lien.text() and "người gửi yêu cầu xóa dữ liệu cá nhân" in lien.page.inner_text("body")
    lien.shoot("seam-erasure-desk")


def test_who_plays_the_wire_makes_nothing(border: Border, lien: Person) -> None:
    """Whoever listened sends the very bytes again, changed, and to another."""
    (again, *_rest) = border.wire.heard()
    count = len(theirs_list(lien))
    first, second = (knock(border.theirs.port, again) for _ in range(2))
    # fresh for ten minutes: the same receipt; older: not taken
    for one in (first, second):
        assert (status(one) == 200 and "number" in said(one)["document"]) or said(one) == {"error": "stale"}
    assert status(first) == status(second)
    changed = again.replace("tối".encode(), "sạt".encode())
    assert changed != again
    assert (status(knock(border.theirs.port, changed)), said(knock(border.theirs.port, changed))) == (
        403,
        {"error": "signature"},
    )
    elsewhere = knock(border.ours.port, again)
    assert status(elsewhere) == 403 and said(elsewhere)["error"] in ("sender", "recipient")
    form = {"form": "yes"}
    for body, why in (
        ({"document": "{}", "signature": ""}, "unreadable"),
        ({"document": json.dumps({"from": "01"}), "signature": ""}, "sender"),
        ({}, "unreadable"),
    ):
        answer = ask(f"{border.theirs.address}/cells/missives", body, **form)
        assert answer.status in (400, 403) and answer.json == {"error": why}
        assert "set-cookie" not in answer.headers
    assert ask(f"{border.theirs.address}/cells/missives").status == 405
    assert len(theirs_list(lien)) == count
    done = border.theirs.shell("doctor", "--json", "--lang", "en")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    (finding,) = (row for row in rows if row["check"] == "transfers")
    assert finding["state"] == "warn" and "signature" in finding["why"] and "sender" in finding["why"]
    assert WORDS not in border.theirs.log and WORDS not in border.ours.log


def theirs_list(lien: Person) -> list[str]:
    lien.at("/desk/?tab=all")
    return lien.page.locator("#queue-list a[href^='/desk/2']").evaluate_all("rows => rows.map(row => row.href)")

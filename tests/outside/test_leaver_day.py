"""An employee who leaves: signed in on two devices with a stream open, on duty at the phone, with a text begun and a
program to answer for. An administrator closes the account; all of it ends at once, and nobody becomes them.

Proves: a new device is announced; a session locks when nobody sits there and loses nothing; a program's scope, address
and second pair of eyes are refused with words; closing an account ends sessions, streams and presence at the phone, and
asks who answers for their programs"""

import http.client
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from types import SimpleNamespace

import pytest
from playwright.sync_api import Browser
from stage import PHONES, SECRET, Person, send, staffed, wait_until

pytestmark = pytest.mark.long
People = Callable[..., Person]
PHONE_BAR = "#phone-bar"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[SimpleNamespace]:
    """A province with two administrators, two operators and a supervisor, none of them of the demo."""
    folder = tmp_path_factory.mktemp("leaver")
    staff = {"dung": "admin", "lan": "operator", "mai": "operator", "tam": "supervisor"}
    with staffed(folder, browser, staff) as (product, quan):
        dung = Person(browser, product.address).sign_in("dung", SECRET)
        yield SimpleNamespace(product=product, quan=quan, dung=dung, keys=dict[str, str](), shots=folder)
        dung.close()
        assert dung.complaints == []


def program(admin: Person, label: str, *scopes: str, **more: str) -> str:
    """The administrator issues a key for a program; the secret, which is shown once."""
    page = admin.at("/setup/keys/new")
    page.locator("main [name=use][value=api]").check(force=True)
    for scope in scopes:
        page.locator(f"main [name=scopes][value='{scope}']").check(force=True)
    send(page, label=label, **more)
    assert page.locator(".error-summary").count() == 0, page.inner_text("main")
    return page.inner_text(".secret").strip()


def call(town: SimpleNamespace, key: str, path: str = "measures") -> tuple[int, str]:
    answer = town.product.ask(f"/api/v1/{path}", authorization=f"Bearer {key}")
    return answer.status, answer.text


class Stream:
    """The stream of events that a page of this person would listen to, read by a program until it ends."""

    def __init__(self, somebody: Person) -> None:
        cookies = "; ".join(f"{one['name']}={one['value']}" for one in somebody.context.cookies())
        host = somebody.address.removeprefix("http://")
        self.connection = http.client.HTTPConnection(host, timeout=120)
        self.connection.request("GET", "/live", headers={"Cookie": cookies})
        self.answer = self.connection.getresponse()
        self.text, self.ended = "", 0.0
        self.thread = Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self) -> None:
        while chunk := self.answer.read1():
            self.text += chunk.decode()
        self.ended = time.monotonic()
        self.connection.close()


# --- What a program may do, and from where ----------------------------------------------------------------------------


def test_a_key_works_when_a_second_administrator_has_approved_it(town: SimpleNamespace) -> None:
    key = program(town.quan, "Cổng dữ liệu", "measures", owner="lan", addresses="127.0.0.0/8")
    town.keys["data"] = key
    status, words = call(town, key)
    assert status == 403 and "second administrator" in words
    row = town.quan.at("/setup/keys/").locator("[data-program='Cổng dữ liệu']")
    assert row.get_by_role("button", name="Duyệt").count() == 0, "nobody approves their own"
    page = town.dung.at("/notices/")
    wait_until(lambda: page.reload() and "Cổng dữ liệu" in page.inner_text("main"), 30, 1, why="it is told to others")
    page = town.dung.at("/setup/keys/")
    with page.expect_navigation():
        page.locator("[data-program='Cổng dữ liệu']").get_by_role("button", name="Duyệt").click()
    assert call(town, key)[0] == 200
    assert "dùng lần cuối" in town.dung.at("/setup/keys/").inner_text("main")


def test_what_a_program_lacks_is_said_in_words(town: SimpleNamespace) -> None:
    status, words = call(town, town.keys["data"], "tickets")
    assert status == 403 and "tickets.read" in words
    away = program(town.dung, "Máy ở nơi khác", "measures", owner="mai", addresses="10.9.0.0/16")
    page = town.quan.at("/setup/keys/")
    with page.expect_navigation():
        page.locator("[data-program='Máy ở nơi khác']").get_by_role("button", name="Duyệt").click()
    status, words = call(town, away)
    assert status == 403 and "127.0.0.1" in words
    assert call(town, "nonsense")[0] == 401


def test_nobody_is_offered_to_act_as_a_person(town: SimpleNamespace) -> None:
    page = town.quan.at("/setup/keys/new")
    assert page.locator("[name=user]").count() == 0
    page.screenshot(path=str(town.shots / "key-new.png"), full_page=True)


# --- Nobody sits there ------------------------------------------------------------------------------------------------


def unlock(somebody: Person, name: str, path: str) -> None:
    """Opens a page, by the password and the code where it has locked meanwhile."""
    page = somebody.at(path)
    if somebody.path == "/login":
        send(page, password=SECRET)
    if somebody.path == "/login/second":
        page.fill("[name=proof-code]", PHONES[name].code())
        with page.expect_navigation():
            page.press("[name=proof-code]", "Enter")


def minutes(town: SimpleNamespace, count: int) -> None:
    unlock(town.quan, "quan", "/setup/options/idle_minutes")
    assert town.quan.path == "/setup/options/idle_minutes"
    send(town.quan.page, value=str(count))


def test_a_screen_locks_when_nobody_sits_there_and_loses_nothing(town: SimpleNamespace, person: People) -> None:
    minutes(town, 1)
    mai = person(town.product, "mai", SECRET)
    mai.expect("401")
    now_one = "body[data-idle='1']"
    wait_until(lambda: mai.at("/desk/new").locator(now_one).count(), 30, 1, why="every process knows of the minute")
    page = mai.page
    page.fill("[name=text]", "Cầu Mương Điều bị nứt, xe tải vẫn qua.")
    page.evaluate("document.querySelector('[name=text]').blur()")
    began = time.monotonic()
    page.locator("dialog.lock").wait_for(timeout=90_000)
    assert time.monotonic() - began > 50
    assert not page.locator("main").is_visible(), "nothing is to be read behind it"
    page.screenshot(path=str(town.shots / "locked.png"))
    page.keyboard.press("Escape")
    assert page.locator("dialog.lock").is_visible()
    other = mai.window()
    other.goto(f"{mai.address}/desk/conversations/")
    assert "/login" in other.url and "over=1" in other.url, "the server has locked it too"
    other.close()
    with page.expect_popup() as popup:
        page.locator("dialog.lock button").click()
    small = popup.value
    assert small.input_value("[name=username]") == "mai"
    small.fill("[name=password]", SECRET)
    small.press("[name=password]", "Enter")
    page.locator("dialog.lock").wait_for(state="detached", timeout=20_000)
    assert page.input_value("[name=text]") == "Cầu Mương Điều bị nứt, xe tải vẫn qua."
    page.check("input[name=then][value=keep]")
    with page.expect_navigation():
        page.click("#entry .btn-primary")
    assert re.match(r"/desk/\d\d-", mai.path), "what was typed was sent, in the page that was locked"
    minutes(town, 15)
    unlock(town.dung, "dung", "/login")


def test_what_was_typed_is_there_after_signing_in_by_the_next_request(town: SimpleNamespace, person: People) -> None:
    mai = person(town.product, "mai", SECRET)
    mai.expect("401")
    page = mai.at("/desk/new")
    page.fill("[name=text]", "Ngập đường Nguyễn Huệ từ chiều.")
    page.evaluate("document.querySelector('[name=text]').dispatchEvent(new Event('change', {bubbles: true}))")
    wait_until(lambda: "Đã lưu" in page.inner_text("main"), why="the draft is kept")
    assert page.evaluate("fetch('/sessions/lock', {method: 'POST'}).then(a => a.status)") == 204
    page.goto(f"{mai.address}/desk/new")
    assert mai.path == "/login" and "vẫn còn" in page.inner_text("main")
    page.fill("[name=password]", SECRET)
    with page.expect_navigation():
        page.press("[name=password]", "Enter")
    assert mai.path == "/desk/new"
    wait_until(lambda: page.input_value("[name=text]") == "Ngập đường Nguyễn Huệ từ chiều.")


# --- The last day -----------------------------------------------------------------------------------------------------


def test_a_new_device_is_announced_and_ones_devices_are_listed_and_ended(town: SimpleNamespace, person: People) -> None:
    desk = person(town.product, "lan", SECRET)
    phone = person(town.product, "lan", SECRET, size="phone")
    page = desk.at("/notices/")
    wait_until(lambda: page.reload() and "thiết bị mới" in page.inner_text("main"), 30, 1, why="it is announced")
    with page.expect_navigation():
        page.locator("main").get_by_role("link", name="thiết bị mới").first.click()
    assert desk.path == "/sessions" and page.locator("[data-session]").count() >= 2
    page.screenshot(path=str(town.shots / "sessions.png"))
    phone.at("/sessions")
    phone.page.screenshot(path=str(town.shots / "sessions-phone.png"))
    phone.at("/desk/")
    with page.expect_navigation():
        page.get_by_role("button", name="Đăng xuất mọi nơi khác").click()
    wait_until(lambda: phone.path == "/login", 15, why="the other device goes to sign in by itself")
    assert desk.at("/desk/") and desk.path == "/desk/"


def test_an_account_that_is_closed_ends_everywhere_at_once(town: SimpleNamespace, person: People) -> None:
    desk, phone = (person(town.product, "lan", SECRET, size=size) for size in ("desk", "phone"))
    desk.expect("401", "403", "Failed to load resource")
    phone.expect("401", "403", "Failed to load resource")
    tam = person(town.product, "tam", SECRET)
    page = desk.at("/desk/calls/")
    page.click(f"{PHONE_BAR} summary.presence")
    page.click(f"{PHONE_BAR} button[value='available']")
    on_duty = tam.at("/desk/calls/").locator("li.presence", has_text="Lan")
    wait_until(lambda: tam.page.reload() and on_duty.count() == 1, 20, 1, why="lan is on duty")
    assert "presence-off" not in (on_duty.get_attribute("class") or "")
    desk.at("/desk/new").fill("[name=text]", "Một việc viết dở.")
    wait_until(lambda: "Đã lưu" in desk.page.inner_text("main"), why="the draft is kept")
    phone.at("/desk/")
    stream = Stream(desk)
    wait_until(lambda: "retry:" in stream.text)
    assert stream.answer.status == 200 and stream.answer.getheader("X-Content-Type-Options") == "nosniff"

    leaver = town.quan.at("/setup/people/lan/")
    with leaver.expect_navigation():
        leaver.click("button[name=do][value=deactivate]")
    words = leaver.inner_text("main")
    assert words.count("Chrome") >= 2 and "1 nội dung viết dở" in words and "Cổng dữ liệu" in words
    town.quan.expect("422")
    leaver.screenshot(path=str(town.shots / "leaver.png"), full_page=True)
    with leaver.expect_navigation():
        leaver.click("main form button.btn-danger")
    assert "Chọn người chịu trách nhiệm" in leaver.inner_text("main"), "a program needs somebody to answer for it"
    leaver.locator("main select").first.select_option("dung")
    began = time.monotonic()
    with leaver.expect_navigation():
        leaver.click("main form button.btn-danger")
    wait_until(lambda: stream.ended, 15, why="the stream ends")
    assert stream.ended - began < 10 and "signed-out" in stream.text
    wait_until(lambda: desk.path == "/login" and phone.path == "/login", 15, why="both devices go to sign in")
    wait_until(lambda: tam.page.reload() and (on_duty.count() == 0 or "off" in (on_duty.get_attribute("class") or "")),
               30, 1, why="off duty")  # fmt: skip

    assert call(town, town.keys["data"])[0] == 200, "the program works on, under its own name"
    assert "Dung (thử) chịu trách nhiệm" in town.quan.at("/setup/keys/").inner_text("main")
    page = desk.at("/login")
    send(page, username="lan", password=SECRET)
    assert desk.path == "/login", "the right password of a closed account opens nothing"
    history = town.quan.at("/setup/history/?of=user").inner_text("main")
    assert "Đã khóa tài khoản: lan" in history


def test_all_accounts_are_reviewed_on_a_page_and_as_a_table(town: SimpleNamespace) -> None:
    town.quan.sign_out()
    town.quan.sign_in("quan", SECRET)  # a list as a file asks for a proof, which this is
    page = town.quan.at("/setup/people/review")
    assert "đã khóa" in page.locator("tr", has_text="Lan (thử)").inner_text()
    page.screenshot(path=str(town.shots / "review.png"), full_page=True)
    page.get_by_role("link", name="CSV").click()
    page.fill("main form [name=reason]", "Rà soát quý IV (thử)")
    with page.expect_download() as download:
        page.locator("main form button.btn-primary").click()
    table = Path(download.value.path()).read_text("utf-8-sig")
    assert "Lan (thử)" in table and "Dung (thử)" in table
    page = town.quan.at("/setup/people/review")
    with page.expect_navigation():
        page.get_by_role("button", name="Tôi đã rà soát").click()
    assert "Chưa ai rà soát" not in page.inner_text("main")

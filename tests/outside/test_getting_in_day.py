"""How the people of a new hotline get in: an invitation by mail or SMS, a forgotten password, a stranger who tries
codes, a one-time password that nobody used in time.

Proves: invitations by mail or SMS with their state, *Invite all*; a forgotten password by a code to the person's
own; one-time passwords that expire; the secret is in no row, event or log; the demo's accounts and keys are marked
and refused, `web` and `live` refuse as `up` does"""

import os
import re
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path
from types import SimpleNamespace

import pytest
from playwright.sync_api import Browser
from stage import Person, Product, free_port, wait_until

from tests.providers.dovecot import IMAP, PROGRAM, Dovecot
from tests.providers.sms import Sms
from tests.providers.smtpd import Post, serve

pytestmark = pytest.mark.long
People = Callable[..., Person]
SECRET, OTHER, THIRD = "mùa xoài ở Cao Lãnh", "bến phà Vàm Cống xưa", "chợ nổi Cái Bè sáng sớm"
LINK = re.compile(r"http://\S+?/invite/\S+")
AGAIN = re.compile(r"http://\S+?/recover/\S+")
CODE = re.compile(r"\b\d{8}\b")
HEARD = 12_000  # milliseconds in which every process has heard of a changed option
ANSWERS = (
    'province = "82"\nhotline_name = "Tổng đài 1022 (thử)"\nopen = true\n[administrator]\nuser = "quan"\nname = '
    '"Quản (thử)"\n'
)


def send(somebody: Person, **values: str) -> Person:
    """Fills in the page's form and sends it by its one large button."""
    for name, value in values.items():
        control = somebody.page.locator(f"main [name={name}]").first
        (control.select_option if control.evaluate("e => e.type") == "select-one" else control.fill)(value)
    with somebody.page.expect_navigation():
        somebody.page.locator("main form button.btn-primary").first.click()
    return somebody


def set_up(admin: Person, channel: str, **settings: object) -> None:
    """The administrator adds an inbox."""
    page = admin.at(f"/setup/inboxes/new/{channel}")
    for name, value in settings.items():
        control = page.locator(f"[name=inbox-{name}]").first
        kind = control.evaluate("e => e.type")
        if kind == "radio":
            page.locator(f"[name=inbox-{name}][value='{value}']").check(force=True)
        else:
            (control.select_option if kind == "select-one" else control.fill)(str(value))
    with page.expect_navigation():
        page.locator("main form:has([name^=inbox-]) button.btn-primary").last.click()
    assert page.locator(".field-error, .error-summary").count() == 0, page.inner_text("main")


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[SimpleNamespace]:
    """An empty province with an administrator, and servers for its mails and texts that it does not know of yet."""
    if PROGRAM is None or not IMAP.exists():
        pytest.fail("dovecot is missing") if os.environ.get("CI") else pytest.skip("dovecot-imapd is not installed")
    home = tmp_path_factory.mktemp("getting") / "home"
    answers = home.parent / "answers.toml"
    answers.write_text(ANSWERS, "utf-8")
    port = free_port()
    product = Product(home, {"CAUNOI_PUBLIC_URL": f"http://127.0.0.1:{port}"}, port=port)
    done = product.shell("init", "--answers", str(answers), "--json", timeout=400)
    assert done.returncode == 0, done.stderr
    enrol = re.search(r'"enrol": ?"([^"]+)"', done.stdout)
    assert enrol
    mailbox, post, sms = Dovecot().start(), Post(), Sms().start()
    smtp = serve(post)
    with product:
        admin = Person(browser, product.address)
        admin.at(enrol[1])
        send(admin, password=SECRET, password_again=SECRET)
        admin.sign_in("quan", SECRET)
        yield SimpleNamespace(
            product=product, admin=admin, mailbox=mailbox, post=post, sms=sms, smtp=smtp, answers=dict[str, str]()
        )
        admin.close()
    smtp.stop()
    mailbox.stop()
    sms.stop()


def add(admin: Person, username: str, role: str = "operator", **more: str) -> None:
    admin.at("/setup/people/new")
    send(admin, username=username, full_name=f"{username.title()} (thử)", role=role, **more)


def mails(town: SimpleNamespace, address: str) -> list[str]:
    return [one.get_body(("plain",)).get_content() for one in town.post.mails() if address in one["To"]]


def mail_to(town: SimpleNamespace, address: str, what: re.Pattern[str], after: int = 0) -> str:
    """What the newest mail to somebody holds, once there are more than so many."""

    def found() -> str:
        texts = mails(town, address)[after:]
        return next((m[0] for text in reversed(texts) if (m := what.search(text))), "")

    return wait_until(found, 40, why=f"a mail to {address}")


def text_to(town: SimpleNamespace, number: str, what: re.Pattern[str]) -> str:
    def found() -> str:
        texts = [one["text"] for one in town.sms.sent if one["to"] == number]
        return next((m[0] for text in reversed(texts) if (m := what.search(text))), "")

    return wait_until(found, 40, why=f"a text to {number}")


def forget(somebody: Person, name: str) -> Person:
    somebody.at("/login")
    with somebody.page.expect_navigation():
        somebody.page.get_by_role("link", name="Quên mật khẩu").click()
    return send(somebody, username=name)


def test_where_nothing_can_be_sent_the_administrator_hands_it_over(town: SimpleNamespace, person: People) -> None:
    add(town.admin, "an", email="an@tinh.example")
    once = town.admin.page.inner_text(".secret").strip()
    assert "72" in town.admin.page.inner_text("main")
    somebody = person(town.product, size="phone", scripts=False)
    somebody.at("/login/forgotten")
    assert "hỏi quản trị" in somebody.page.inner_text("main")
    assert somebody.page.locator("[name=username]").count() == 0
    page = town.admin.at("/setup/people/an/")
    with page.expect_navigation():
        page.locator("button[value=link]").click()
    link = page.inner_text(".secret").strip()
    somebody.expect("404")
    somebody.at("/login")
    send(somebody, username="an", password=once)
    assert somebody.path == "/login", "the address took the place of the one-time password"
    somebody.at(link)
    send(somebody, password=SECRET, password_again=SECRET)
    somebody.see("Đã đặt mật khẩu")


def test_somebody_is_invited_by_mail_and_comes_in_by_a_phone(town: SimpleNamespace, person: People) -> None:
    mailbox, admin = town.mailbox, town.admin
    set_up(
        admin,
        "email",
        name="thu",
        label="Hộp thư",
        **mailbox.settings(smtp_port=town.smtp.port),
        **mailbox.secrets(),
    )
    set_up(admin, "sms", name="tin-nhan", label="Tin nhắn", **town.sms.settings("vnpt"), **town.sms.secrets())
    add(admin, "mai", email="mai@tinh.example", phone="0912345001")
    assert admin.path == "/setup/people/mai/" and admin.page.locator(".secret").count() == 0
    link = mail_to(town, "mai@tinh.example", LINK)
    wait_until(lambda: "Đã mời lúc" in admin.at("/setup/people/mai/").inner_text("main"), why="she is seen as invited")
    assert link not in admin.page.content()
    with admin.page.expect_navigation():
        admin.page.locator("button[value=invite-email]").click()  # at once again
    assert len(mails(town, "mai@tinh.example")) == 1, "twice in a minute is once"
    mai, second = person(town.product, size="phone"), person(town.product, size="phone")
    second.expect("404")
    mai.at(link)
    second.at(link)  # both have it open
    mai.expect("422")
    send(mai, password="12345678", password_again="12345678")
    assert mai.path.startswith("/invite/")
    send(mai, password=SECRET, password_again=SECRET)
    mai.see("Đã đặt mật khẩu")
    send(second, password=OTHER, password_again=OTHER)
    second.see("Liên kết này không còn dùng được")
    assert second.at(link).locator("[name=password]").count() == 0
    mai.sign_in("mai", SECRET)
    assert mai.path == "/desk/"
    wait_until(lambda: "invite-email" not in admin.at("/setup/people/mai/").content(), why="nothing is left to invite")


def test_all_of_a_list_are_invited_at_once_and_one_address_does_not_work(town: SimpleNamespace, tmp_path: Path) -> None:
    admin = town.admin
    file = tmp_path / "people.csv"
    rows = [
        f"{name.title()} (thử),{name},Trực tổng đài,,{mail},{phone}"
        for name, mail, phone in (
            ("ba", "ba@tinh.example", ""),
            ("bon", "", "0912345004"),
            ("nam", "", ""),
            ("sau", "sau@tinh.example", ""),
        )
    ]
    file.write_text("Họ tên,Tên đăng nhập,Vai trò,Cơ quan,Email,Điện thoại\n" + "\n".join(rows) + "\n", "utf-8")
    page = admin.at("/setup/imports/new") if "imports/new" in admin.at("/setup/imports/").content() else admin.page
    page.locator("[name=what][value=people]").check(force=True)
    page.set_input_files("[name=file]", file)
    with page.expect_navigation():
        page.locator("form:has([name=file]) button.btn-primary").click()
    page.locator("button[value=apply]").click(timeout=60_000)
    page.locator("form[action$='invitations.csv']").wait_for(timeout=60_000)
    town.post.answers["rcpt"] = ["550 no such person"]
    page = admin.at("/setup/people/")
    assert "Mời 3 người" in page.inner_text("#inviting") and "1 người không có" in page.inner_text("#inviting")
    with page.expect_navigation():
        page.locator("#inviting button.btn-primary").click()
    assert LINK.fullmatch(text_to(town, "84912345004", LINK))
    page.locator("text=lời mời không đến nơi").first.wait_for(timeout=40_000)  # by itself
    assert "no such person" in admin.at("/setup/people/").inner_text("main")
    assert "Mời 1 người" in page.inner_text("#inviting")
    with page.expect_navigation():
        page.locator("#inviting button.btn-primary").click()
    for name in ("ba", "sau"):
        assert mail_to(town, f"{name}@tinh.example", LINK)
    wait_until(lambda: "không đến nơi" not in admin.at("/setup/people/").inner_text("main"), why="all have it")


def test_a_forgotten_password_by_a_code_and_a_stranger_who_tries(town: SimpleNamespace, person: People) -> None:
    mai, still = person(town.product, size="phone"), person(town.product, "mai", SECRET)
    nobody, stranger = person(town.product), person(town.product)
    forget(stranger, "mai")
    first = mail_to(town, "mai@tinh.example", CODE)
    before = len(mails(town, "mai@tinh.example"))
    forget(mai, "mai")
    forget(nobody, "nobody-at-all")
    assert nobody.page.inner_text("main") == mai.page.inner_text("main"), "nobody learns who has an account"
    code = mail_to(town, "mai@tinh.example", CODE, after=before)
    stranger.expect("422")
    for wrong in ("12345678", "87654321", "00000000", "11112222", code):
        send(stranger, code=wrong)
        assert stranger.path == "/login/code", "a code opens only where it was asked for"
    send(stranger, code=first)
    assert stranger.path == "/login/code", "after five tries not even the right one"
    mai.expect("422", "404")
    send(mai, code="12 34")
    send(mai, code=f"{code[:4]} {code[4:]}")
    assert mai.path.startswith("/recover/")
    address = mai.page.url
    send(mai, password=OTHER, password_again=OTHER)
    mai.see("Đã đặt mật khẩu")
    assert mai.at(address).locator("[name=password]").count() == 0, "once"
    still.at("/desk/")
    assert still.path == "/login", "her other session is over"
    mai.sign_in("mai", OTHER)
    assert "quản trị" in text_to(town, "84912345001", re.compile(r".*")) or "quan tri" in text_to(
        town, "84912345001", re.compile(r".*")
    ), "she is told by the other way"


def test_by_the_link_of_the_mail_without_scripts_and_two_at_once(town: SimpleNamespace, person: People) -> None:
    here, there = person(town.product, scripts=False, size="phone"), person(town.product, scripts=False)
    before = len(mails(town, "mai@tinh.example"))
    forget(here, "MAI")
    link = mail_to(town, "mai@tinh.example", AGAIN, after=before)
    here.at(link)
    there.at(link)
    send(here, password=THIRD, password_again=THIRD)
    there.expect("404")
    send(there, password=SECRET, password_again=SECRET)
    there.see("Liên kết này không còn dùng được")
    here.sign_in("mai", THIRD)


def test_whoever_asks_again_and_again_is_stopped_but_not_the_owner(town: SimpleNamespace, person: People) -> None:
    asked = []
    stranger = person(town.product)
    stranger.expect("429")
    for _ in range(5):
        stranger.at("/login/forgotten")
        send(stranger, username="bon")
        asked.append(stranger.path)
    assert asked[:3] == ["/login/code"] * 3 and asked[3:] == ["/login/forgotten"] * 2
    owner = person(town.product, "mai", THIRD)
    owner.sign_out()
    for _ in range(5):
        stranger.at("/login/forgotten")
        send(stranger, username="mai")
    forget(owner, "mai")
    assert owner.path == "/login/code", "in a browser that knows her"


def test_a_one_time_password_runs_out(town: SimpleNamespace, person: People) -> None:
    admin = town.admin
    add(admin, "bay")
    once = admin.page.inner_text(".secret").strip()
    bay, late = person(town.product), person(town.product)
    bay.sign_in("bay", once)
    assert bay.path == "/password"
    admin.at("/setup/options/one_time_hours")
    send(admin, value="0")  # nobody waits three days here: it has run out at once

    admin.page.wait_for_timeout(HEARD)
    late.at("/login")
    send(late, username="bay", password=once)
    assert late.path == "/login" and "đã hết hạn" in late.page.inner_text("main")
    send(late, username="bay", password="nothing like it")
    assert "đã hết hạn" not in late.page.inner_text("main"), "only whoever has it hears so"
    assert "mật khẩu dùng một lần đã hết hạn" in admin.at("/setup/people/").inner_text("main")
    admin.at("/setup/options/one_time_hours")
    send(admin, value="72")
    admin.page.wait_for_timeout(HEARD)
    late.at("/login")
    assert send(late, username="bay", password=once).path == "/password"


def test_no_secret_is_left_anywhere(town: SimpleNamespace) -> None:
    town.product.expect(r"(Not Found|Unprocessable|Too Many)[^/]*/(invite|recover|login)")
    log = town.product.log
    assert not re.search(r"/(invite|recover)/[A-Za-z0-9_-]{12,}", log)
    for one in town.post.mails():
        body = one.get_body(("plain",)).get_content()
        for found in (*LINK.findall(body), *AGAIN.findall(body)):
            assert found.rsplit("/", 1)[1] not in log
    for path in ("/setup/people/", "/setup/people/ba/", "/setup/changes/"):
        page = town.admin.page.request.get(town.product.address + path)
        assert not re.search(r"/(invite|recover)/[A-Za-z0-9_-]{12,}", page.text()), path


def test_a_demo_is_opened_to_nobody_else(tmp_path: Path) -> None:
    product = Product(tmp_path / "home", {"CAUNOI_DEMO": "1"})
    for words, more in (
        (("up", "--host", "0.0.0.0"), {}),
        (("up",), {"CAUNOI_PUBLIC_URL": "https://1022.example.vn"}),
        (("up", "--host", ""), {}),
    ):
        done = product.shell(*words, **more)
        assert (done.returncode, "demo" in done.stderr or "dùng thử" in done.stderr) == (1, True), done.stderr
        assert done.stderr.count("\n") == 1


def test_a_demo_answers_nobody_behind_a_proxy(demo: Product) -> None:
    for command in ("web", "live"):
        for words, more in ((("--host", "0.0.0.0"), {}), ((), {"CAUNOI_PUBLIC_URL": "https://1022.example.vn"})):
            done = demo.shell(command, *words, "--port", str(free_port()), **more)
            assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    assert demo.ask("/login").status == 200
    assert demo.ask("/login", x_forwarded_for="127.0.0.1").status == 200
    demo.expect("Forbidden: /login")
    for name in ("X-Forwarded-For", "X-Real-IP"):
        assert demo.ask("/login", **{name: "203.0.113.9"}).status == 403
    line = HTTPConnection("127.0.0.1", demo.port, timeout=30)
    line.request("GET", "/login", headers={"Forwarded": 'for="[2001:db8::1]:4711"'})
    assert line.getresponse().status == 403
    line.close()

"""Each word arrives: what is said to a citizen is read at the provider's end, by the way they came."""

import os
import re
import signal
import time
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from playwright.sync_api import Browser
from stage import Person, Product, wait_until

from tests.providers.dovecot import IMAP, PASSWORD, PROGRAM, Dovecot
from tests.providers.facebook import Facebook
from tests.providers.sms import Sms
from tests.providers.smtpd import Post, serve
from tests.providers.zalo import Zalo

pytestmark = pytest.mark.long


def set_up(admin: Person, inbox: str, **settings: object) -> None:
    """The administrator fills in an inbox's form and saves it."""
    page = admin.at(f"/setup/inboxes/{inbox}/edit")
    for name, value in settings.items():
        control = page.locator(f"[name=inbox-{name}]").first
        kind = control.evaluate("e => e.type")
        if kind in {"select-one", "radio"}:
            (page.select_option if kind == "select-one" else page.check)(
                f"[name=inbox-{name}]" + ("" if kind == "select-one" else f"[value='{value}']"),
                *([str(value)] if kind == "select-one" else []),
            )
        elif kind == "checkbox":
            page.set_checked(f"[name=inbox-{name}]", bool(value))
        else:
            control.fill(str(value))
    with page.expect_navigation():
        page.locator("main form:has([name^=inbox-]) button.btn-primary").last.click()
    assert page.locator(".field-error, .error-summary").count() == 0, page.inner_text("main")


@pytest.fixture(scope="module")
def town(demo: Product, browser: Browser) -> Iterator[SimpleNamespace]:
    """The demo province with real channels: each inbox speaks to a provider that keeps its own rules."""
    if PROGRAM is None or not IMAP.exists():
        pytest.fail("dovecot is missing") if os.environ.get("CI") else pytest.skip("dovecot-imapd is not installed")
    zalo, facebook, sms = Zalo().start(), Facebook().start(), Sms().start()
    mailbox, post = Dovecot().start(), Post()
    smtp = serve(post)
    admin = Person(browser, demo.address).sign_in("quan")
    set_up(admin, "zalo", **zalo.settings(), **zalo.secrets())
    set_up(admin, "facebook", **facebook.settings(), **facebook.secrets())
    set_up(admin, "sms", **sms.settings("vnpt"), **sms.secrets())
    set_up(
        admin, "email", address=mailbox.user, imap_host="127.0.0.1", imap_port=mailbox.port, imap_security="plain",
        imap_user=mailbox.user, password=PASSWORD, smtp_host="127.0.0.1", smtp_port=smtp.port, smtp_security="plain",
        smtp_user="-",
    )  # fmt: skip
    admin.close()
    yield SimpleNamespace(zalo=zalo, facebook=facebook, sms=sms, mailbox=mailbox, post=post)
    smtp.stop()
    mailbox.stop(signal.SIGKILL)
    for provider in (zalo, facebook, sms):
        provider.stop()


def answer_in_the_browser(operator: Person, code: str, words: str) -> None:
    """The operator opens the ticket and answers it at once."""
    page = operator.at(f"/desk/{code}/")
    page.keyboard.press("r")
    box = page.locator("details[open] textarea[name=text]").first
    box.fill(words)
    category = page.locator("details[open] select[name=category]")
    if category.count() and not category.first.input_value():
        category.first.select_option(index=1)
    box.locator("xpath=ancestor::form").locator("button.btn-primary").last.click()
    operator.see("Đã trả lời")


def ticket_about(demo: Product, words: str) -> str:
    """The code of the ticket that a message became."""

    def look() -> str:
        rows = demo.ask(f"/desk/?q={words.replace(' ', '+')}&tab=all", cookie=cookies_of["lan"]).text
        found = re.search(r"/desk/(\d\d-\d{6}-\d)/", rows)
        return found[1] if found else ""

    return wait_until(look, 30, why=f"a ticket about {words!r}")


cookies_of: dict[str, str] = {}


@pytest.fixture(scope="module")
def lan(demo: Product, browser: Browser) -> Iterator[Person]:
    operator = Person(browser, demo.address).sign_in("lan")
    cookies_of["lan"] = "; ".join(f"{c['name']}={c['value']}" for c in operator.context.cookies())
    yield operator
    assert operator.complaints == []
    operator.close()


def test_by_zalo(demo: Product, town: SimpleNamespace, lan: Person) -> None:
    headers, body = town.zalo.says("zalo-ba-sau", "Cống nghẹt trước nhà văn hóa thôn Sáu, nước tràn ra đường.")
    assert demo.ask("/hooks/zalo/", body, **headers).status == 200
    code = ticket_about(demo, "cống nghẹt thôn Sáu")
    received = wait_until(lambda: [m for m in town.zalo.sent if m["to"] == "zalo-ba-sau"], 30, why="told: received")
    assert any(code in m["text"] for m in received)
    answer_in_the_browser(lan, code, "Dạ, tổ thoát nước đã thông cống lúc 9 giờ.")
    wait_until(
        lambda: any("đã thông cống" in m.get("text", "") for m in town.zalo.sent if m["to"] == "zalo-ba-sau"),
        60, why="told: answered",
    )  # fmt: skip


def test_by_facebook(demo: Product, town: SimpleNamespace, lan: Person) -> None:
    headers, body = town.facebook.says("fb-anh-bay", "Xe ben chở đất rơi vãi trên đường liên xã Bảy Mẫu.")
    assert demo.ask("/hooks/facebook/", body, **headers).status == 200
    code = ticket_about(demo, "xe ben Bảy Mẫu")
    wait_until(lambda: any(code in m["text"] for m in town.facebook.sent), 30, why="told: received")
    answer_in_the_browser(lan, code, "Dạ, đội trật tự đã nhắc chủ xe che bạt.")
    wait_until(lambda: any("che bạt" in m["text"] for m in town.facebook.sent), 60, why="told: answered")


def test_by_sms(demo: Product, town: SimpleNamespace, lan: Person) -> None:
    body = f"from=0909000111&text=Den+duong+hem+Chin+Muoi+tat&id=in-{time.time()}".encode()
    came = demo.ask("/hooks/sms/?secret=demo-sms-secret", body, **{"content-type": "application/x-www-form-urlencoded"})
    assert came.status == 200, came.text
    code = ticket_about(demo, "hem Chin Muoi")
    mine = lambda: [m["text"] for m in town.sms.sent if m["to"] == "84909000111"]  # noqa: E731
    wait_until(lambda: any(code in text for text in mine()), 30, why="told: received")
    answer_in_the_browser(lan, code, "Dạ, đèn hẻm Chín Mươi đã sáng lại.")
    wait_until(lambda: any("sang lai" in text or "sáng lại" in text for text in mine()), 60, why="told: answered")


def test_by_mail(demo: Product, town: SimpleNamespace, lan: Person) -> None:
    town.mailbox.deliver(
        "From: Chú Mười <chu.muoi@dan.example>\r\nTo: demo@tinh.example\r\nSubject: Hố ga mất nắp\r\n"
        "Message-ID: <mot@dan.example>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
        "Hố ga đầu đường Mười Lăm mất nắp, nguy hiểm cho trẻ em.\r\n".encode()
    )
    code = ticket_about(demo, "hố ga Mười Lăm")
    letters = lambda: [m for m in town.post.mails() if "chu.muoi@dan.example" in str(m["To"])]  # noqa: E731
    wait_until(lambda: any(code in m.get_body(("plain",)).get_content() for m in letters()), 30, why="told: received")
    answer_in_the_browser(lan, code, "Dạ, nắp hố ga đã được thay sáng nay.")
    wait_until(
        lambda: any("đã được thay" in m.get_body(("plain",)).get_content() for m in letters()), 60, why="told: answered"
    )

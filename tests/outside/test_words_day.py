"""Each word arrives: what is said to a citizen is read at the provider's end, by the way they came.

Proves: Zalo, Facebook, SMS, mail, telephone, counter, paper, web, app (each word arrives)"""

import os
import re
import signal
import time
from collections.abc import Iterator
from types import SimpleNamespace
from urllib.parse import quote_plus

import pytest
from playwright.sync_api import Browser
from stage import Person, Product, wait_until

from tests.providers.dovecot import IMAP, PROGRAM, Dovecot
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
    demo.expect("inbox email is in trouble")  # when the day is over, its mail server goes first
    admin = Person(browser, demo.address).sign_in("quan")
    set_up(admin, "zalo", **zalo.settings(), **zalo.secrets())
    set_up(admin, "facebook", **facebook.settings(), **facebook.secrets())
    set_up(admin, "sms", **sms.settings("vnpt"), **sms.secrets())
    set_up(admin, "email", **mailbox.settings(smtp_port=smtp.port), **mailbox.secrets())
    admin.close()
    yield SimpleNamespace(zalo=zalo, facebook=facebook, sms=sms, mailbox=mailbox, post=post)
    smtp.stop()
    mailbox.stop(signal.SIGKILL)
    for provider in (zalo, facebook, sms):
        provider.stop()


def answer_in_the_browser(operator: Person, code: str, words: str) -> None:
    """The operator opens the ticket and answers it at once."""
    page = operator.at(f"/desk/{code}/")
    page.click("#move-answer > summary")
    field = page.locator("#form-answer select[name=answer-category]")
    if field.count() and not field.input_value():
        field.select_option(index=1)
    page.fill("#id_answer_answer-text", words)
    with page.expect_navigation():
        page.click("#form-answer .btn-primary")
    page.locator("#ticket-body .column-head", has_text="Đã trả lời").wait_for()


def ticket_about(operator: Person, words: str) -> str:
    """The code of the ticket that a message became, as the operator finds it."""

    def look() -> str:
        operator.at(f"/desk/?tab=all&q={quote_plus(words)}")
        found = operator.page.locator("#queue-list a[href^='/desk/2']", has_text=words)
        return re.search(r"\d\d-\d{6}-\d", found.first.get_attribute("href"))[0] if found.count() else ""

    return wait_until(look, 40, 0.5, why=f"a ticket about {words!r}")


@pytest.fixture
def lan(demo: Product, person) -> Person:
    return person(demo, "lan")


def test_by_zalo(demo: Product, town: SimpleNamespace, lan: Person) -> None:
    headers, body = town.zalo.says("zalo-ba-sau", "Cống nghẹt trước nhà văn hóa thôn Sáu, nước tràn ra đường.")
    assert demo.ask("/hooks/zalo/", body, **headers).status == 200
    code = ticket_about(lan, "Cống nghẹt trước nhà văn hóa thôn Sáu")
    mine = lambda: [m.get("text", "") for m in town.zalo.sent if m["to"] == "zalo-ba-sau"]  # noqa: E731
    wait_until(lambda: any(code in text for text in mine()), 30, why="told: received")
    answer_in_the_browser(lan, code, "Dạ, tổ thoát nước đã thông cống lúc 9 giờ.")
    wait_until(lambda: any("đã thông cống" in text for text in mine()), 60, why="told: answered")


def test_by_facebook(demo: Product, town: SimpleNamespace, lan: Person) -> None:
    headers, body = town.facebook.says("fb-anh-bay", "Đường liên xã Bảy Mẫu đầy đất rơi vãi do xe ben.")
    assert demo.ask("/hooks/facebook/", body, **headers).status == 200
    code = ticket_about(lan, "Đường liên xã Bảy Mẫu")
    wait_until(lambda: any(code in m["text"] for m in town.facebook.sent), 30, why="told: received")
    answer_in_the_browser(lan, code, "Dạ, đội trật tự đã nhắc chủ xe che bạt.")
    wait_until(lambda: any("che bạt" in m["text"] for m in town.facebook.sent), 60, why="told: answered")


def test_by_sms(demo: Product, town: SimpleNamespace, lan: Person) -> None:
    body = f"from=0909000111&text=Den+duong+hem+Chin+Muoi+tat&id=in-{time.time()}".encode()
    came = demo.ask("/hooks/sms/?secret=demo-sms-secret", body, **{"content-type": "application/x-www-form-urlencoded"})
    assert came.status == 200, came.text
    code = ticket_about(lan, "Den duong hem Chin Muoi")
    reads(town, "0909000111", code)
    answer_in_the_browser(lan, code, "Dạ, đèn hẻm Chín Mươi đã sáng lại.")
    reads(town, "0909000111", f"{code} da duoc tra loi")


def reads(town: SimpleNamespace, number: str, words: str) -> None:
    """Waits until a telephone has an SMS with these words."""

    def texts() -> list[str]:
        return [one["text"] for one in town.sms.sent if one["to"] == "84" + number[1:]]

    try:
        wait_until(lambda: any(words in text for text in texts()), 60)
    except AssertionError:
        raise AssertionError(f"{words!r} does not reach {number}, which has {texts()}") from None


@pytest.mark.parametrize("channel", ["phone", "counter", "paper"])
def test_who_was_written_down_by_hand_reads_it_on_their_telephone(
    town: SimpleNamespace, lan: Person, channel: str
) -> None:
    number = {"phone": "0909000221", "counter": "0909000222", "paper": "0909000223"}[channel]
    path = lan.take_down(f"Cây ngã trước cổng trường ({channel}).", channel=channel, phone=number)
    code = path.split("/")[2]
    reads(town, number, code)
    answer_in_the_browser(lan, code, "Dạ, đội cây xanh đã dọn xong.")
    reads(town, number, f"{code} da duoc tra loi")


def test_who_reports_on_the_web_with_a_number_reads_it_there(demo: Product, town: SimpleNamespace, lan, person) -> None:
    citizen = person(demo, size="phone")
    code, _own = citizen.report("Biển báo ở ngã tư bị che khuất.", address="Chợ Đồng Xoài", phone="0909000331")
    reads(town, "0909000331", code)
    answer_in_the_browser(lan, code, "Dạ, biển báo đã được phát quang.")
    reads(town, "0909000331", f"{code} da duoc tra loi")
    citizen.page.get_by_text("biển báo đã được phát quang").first.wait_for()  # and on the page that stayed open


def test_who_reports_on_the_web_with_an_address_reads_it_in_a_letter(
    demo: Product, town: SimpleNamespace, lan: Person, person
) -> None:
    code, _own = person(demo).report("Ghế đá công viên bị gãy.", email="co.tam@dan.example")
    letter(town, "co.tam@dan.example", code)
    answer_in_the_browser(lan, code, "Dạ, ghế đá đã được thay mới.")
    letter(town, "co.tam@dan.example", "đã được thay mới")


def test_who_reports_by_the_app_reads_it_on_their_telephone(
    demo: Product, town: SimpleNamespace, lan: Person, person
) -> None:
    page = person(demo, size="phone").at("/app")
    page.evaluate("navigator.serviceWorker.ready")
    page.fill("[name=text]", "Ổ gà lớn giữa đường Lê Duẩn.")
    page.fill("[name=phone]", "0909000441")
    page.check("[name=consent]")
    page.get_by_role("button", name="Lưu và gửi").click()
    page.locator("[data-app-list] a[href^='/f/']").first.click()
    code = re.search(r"\d\d-\d{6}-\d", page.locator("main").inner_text())[0]
    reads(town, "0909000441", code)
    answer_in_the_browser(lan, code, "Dạ, ổ gà đã được vá.")
    reads(town, "0909000441", f"{code} da duoc tra loi")


def test_by_mail(demo: Product, town: SimpleNamespace, lan: Person) -> None:
    town.mailbox.deliver(
        "From: Chú Mười <chu.muoi@dan.example>\r\nTo: demo@tinh.example\r\nSubject: Hố ga mất nắp\r\n"
        "Message-ID: <mot@dan.example>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
        "Hố ga đầu đường Mười Lăm mất nắp, nguy hiểm cho trẻ em.\r\n".encode()
    )
    code = ticket_about(lan, "Hố ga đầu đường Mười Lăm")
    letter(town, "chu.muoi@dan.example", code)
    answer_in_the_browser(lan, code, "Dạ, nắp hố ga đã được thay sáng nay.")
    letter(town, "chu.muoi@dan.example", "đã được thay sáng nay")


def letter(town: SimpleNamespace, to: str, words: str) -> None:
    """Waits until a mailbox has a letter with these words."""
    wait_until(
        lambda: any(words in m.get_body(("plain",)).get_content() for m in town.post.mails() if to in str(m["To"])),
        60,
        why=f"{words!r} is written to {to}",
    )

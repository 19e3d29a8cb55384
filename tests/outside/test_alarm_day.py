"""Emergencies: at night while nobody is signed in, by day with two at the desk, and a harmless word.

Proves: a message by Zalo that speaks of a life in danger is answered "Gọi ngay 114" before anything else, rings on
every page of the desk until a person has it, climbs to the supervisor while nobody has, and once only, also when the
worker is killed; one of two who press has it and the other hears who; "bóng đèn cháy" rings with nobody"""

import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser
from stage import Person, Product, send, wait_until

from tests.providers.sms import Sms
from tests.providers.zalo import Zalo

pytestmark = pytest.mark.long(minutes=4)

People = Callable[..., Person]
FIRE = "cháy nhà ở hẻm 3 đường Nguyễn Huệ, lửa lan qua nhà bên, còn người trong nhà chưa ra được"
DROWNING = "có cháu bé bị nước cuốn dưới kênh gần chợ, chưa vớt lên được, cứu với"
BULB = "bóng đèn cháy trước nhà số 12 đường Lê Lợi, ban đêm tối quá, nhờ thay giúp"
RINGS = "#alarm-pop [data-alarm]"
NUMBER = "84912000777"


@dataclass
class Hotline:
    """The demo province with a Zalo account and a gateway for SMS; its supervisor has a phone."""

    product: Product
    zalo: Zalo
    sms: Sms

    def hear(self, person: str, words: str) -> None:
        """Somebody writes to the account."""
        headers, body = self.zalo.says(person, words)
        answer = self.product.ask("/hooks/zalo/", body, **{k.replace("-", "_"): v for k, v in headers.items()})
        assert answer.status == 200, answer.text

    def answers(self, person: str) -> list[str]:
        return [sent.get("text", "") for sent in list(self.zalo.sent) if sent["to"] == person]

    def texts(self) -> list[str]:
        """What the supervisor's phone got."""
        return [one["text"] for one in list(self.sms.sent) if one["to"] == NUMBER]

    def alarms(self, somebody: Person) -> list[str]:
        """The rows of the list."""
        return somebody.at("/desk/alarms/").locator("#alarms tbody tr").all_inner_texts()


def set_up(admin: Person, inbox: str, **settings: object) -> None:
    """The administrator fills in an inbox's form and saves it."""
    page = admin.at(f"/setup/inboxes/{inbox}/edit")
    for name, value in settings.items():
        control = page.locator(f"[name=inbox-{name}]").first
        match control.evaluate("e => e.type"):
            case "select-one":
                control.select_option(str(value))
            case "radio":
                page.check(f"[name=inbox-{name}][value='{value}']")
            case "checkbox":
                control.set_checked(bool(value))
            case _:
                control.fill(str(value))
    with page.expect_navigation():
        page.locator("main form:has([name^=inbox-]) button.btn-primary").last.click()
    assert page.locator(".field-error, .error-summary").count() == 0, page.inner_text("main")


@pytest.fixture(scope="module")
def hotline(demo: Product, browser: Browser) -> Iterator[Hotline]:
    zalo, sms = Zalo().start(), Sms().start()
    admin = Person(browser, demo.address).sign_in("quan")
    set_up(admin, "zalo", **zalo.settings(), **zalo.secrets())
    set_up(admin, "sms", **sms.settings("vnpt"), **sms.secrets())
    page = admin.at("/setup/people/tam/")
    page.fill("[name=phone]", f"+{NUMBER}")
    with page.expect_navigation():
        page.click("button[name=do][value=save]")
    send(admin.at("/setup/options/alarm_seconds"), value="15")
    admin.sign_out()
    admin.close()
    assert admin.complaints == []
    yield Hotline(demo, zalo, sms)
    zalo.stop()
    sms.stop()


def test_at_night_the_citizen_is_told_to_call_first_and_the_supervisor_hears_at_once(
    hotline: Hotline, person: People
) -> None:
    began = time.monotonic()
    hotline.hear("ba-nam", FIRE)
    wait_until(lambda: hotline.answers("ba-nam"), 20, why="the citizen is answered")
    first, took = hotline.answers("ba-nam")[0], time.monotonic() - began
    assert first.startswith("Gọi ngay 114") and "tự động" in first, first
    assert took < 10, f"{took:.1f} s"
    wait_until(hotline.texts, 20, why="nobody is signed in: the supervisor hears at once")
    (text,) = hotline.texts()
    assert "114" in text and "/desk/alarms/" in text and "Nguyễn Huệ" not in text, text
    wait_until(lambda: len(hotline.answers("ba-nam")) > 1, 30, why="then that it was received")
    assert [text for text in hotline.answers("ba-nam") if "114" in text and "Gọi ngay" in text] == [first]


def test_in_the_morning_it_still_rings_until_a_key_takes_it(hotline: Hotline, person: People) -> None:
    lan = person(hotline.product, "lan")
    page = lan.at("/desk/")
    page.locator(RINGS).wait_for()
    assert "cháy nhà ở hẻm 3" in page.inner_text(RINGS) and page.locator(f"{RINGS} a[href='tel:114']").count() == 1
    wait_until(lambda: "KHẨN CẤP" in page.title(), why="the title blinks")
    page.locator("body[data-alarm-rings]").wait_for()
    page.reload()
    page.locator(RINGS).wait_for()
    wait_until(lambda: page.evaluate("document.body.dataset.alarmSound") in {"on", "blocked"}, why="it sounds")
    page.mouse.click(5, 5)
    wait_until(lambda: page.evaluate("document.body.dataset.alarmSound") == "on", why="at the latest after a press")
    page.keyboard.press("h")
    wait_until(lambda: page.locator(RINGS).count() == 0, why="one key")
    page.locator("#alarm-pop", has_text="đã nhận tin khẩn cấp 114").wait_for()
    wait_until(lambda: "KHẨN CẤP" not in page.title() and not page.locator("body[data-alarm-rings]").count())
    (row,) = hotline.alarms(lan)
    assert "114" in row and "Chưa ai" not in row and "cháy nhà" in row
    page.locator("#alarms a", has_text="-").first.click()
    page.locator("#ticket", has_text="Nhận ra tin khẩn cấp").wait_for()
    assert "Đã có người nhận tin khẩn cấp" in page.inner_text("#ticket")
    lan.sign_out()


def test_by_day_it_rings_at_once_with_both_and_one_has_it(hotline: Hotline, person: People) -> None:
    lan, hai = person(hotline.product, "lan"), person(hotline.product, "hai")
    pages = [lan.at("/desk/calls/"), hai.at("/desk/")]
    for page in pages:
        page.locator("body[data-live-state=open]").wait_for()
    before = len(hotline.texts())
    hotline.hear("ong-sau", DROWNING)
    began = time.monotonic()
    for page in pages:
        page.locator(RINGS).wait_for(timeout=2_000)
    assert time.monotonic() - began < 2
    taking = pages[1].locator(RINGS).get_attribute("data-alarm")
    pages[0].locator(f"{RINGS} .btn-primary").click()
    wait_until(lambda: pages[1].locator(RINGS).count() == 0, why="it is silent for everybody")
    pages[1].locator("#alarm-pop", has_text="đã nhận tin khẩn cấp").wait_for()
    late = hai.context.request.post(
        f"{hotline.product.address}/desk/alarms/{taking}/acknowledge",
        headers={
            "HX-Request": "true",
            "X-CSRFToken": pages[1].evaluate("document.documentElement.dataset.csrf"),
            "Referer": hotline.product.address,
        },
    )
    assert late.status == 200 and "đã nhận trước" in late.text(), late.text()
    time.sleep(20)  # longer than it would take to climb
    assert len(hotline.texts()) == before, "whoever has it is not overtaken by the ladder"
    pages[0].locator("#alarm-pop .alarm-over button[value=no_emergency]").first.click()
    wait_until(lambda: "Không khẩn cấp" in hotline.alarms(lan)[0], why="it is kept that it was none")


def test_what_nobody_takes_by_day_climbs_once_though_the_worker_dies(hotline: Hotline, person: People) -> None:
    lan = person(hotline.product, "lan")
    page = lan.at("/desk/")
    page.locator("body[data-live-state=open]").wait_for()
    before = len(hotline.texts())
    hotline.hear("chi-bay", FIRE.replace("hẻm 3", "hẻm 9"))
    page.locator(RINGS).wait_for(timeout=5_000)
    hotline.product.expect("worker", "killed", "ended")
    for pid in hotline.product.children("caunoi.cli worker"):
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: len(hotline.texts()) > before, 150, why="the supervisor hears, from another worker")
    wait_until(lambda: hotline.answers("chi-bay"), 60)
    time.sleep(20)
    assert len(hotline.texts()) == before + 1, "once"
    assert len([text for text in hotline.answers("chi-bay") if text.startswith("Gọi ngay 114")]) == 1
    assert page.locator(RINGS).count() == 1
    page.locator(f"{RINGS} .btn-primary").first.click()
    wait_until(lambda: page.locator(RINGS).count() == 0)


def test_a_harmless_word_rings_with_nobody(hotline: Hotline, person: People) -> None:
    lan = person(hotline.product, "lan")
    before = len(hotline.alarms(lan))
    page = lan.at("/desk/")
    hotline.hear("co-tu", BULB)
    wait_until(lambda: hotline.answers("co-tu"), 30, why="it was received")
    assert not any("Gọi ngay" in text for text in hotline.answers("co-tu"))
    assert page.locator(RINGS).count() == 0 and len(hotline.alarms(lan)) == before


def test_on_the_web_the_number_comes_first(hotline: Hotline, person: People) -> None:
    citizen = person(hotline.product, size="phone")
    page = citizen.at("/report")
    page.fill("[name=text]", "nhà em đang bị cháy to lắm còn người kẹt bên trong")
    while "/f/" not in page.url:
        if page.locator("main form [name=address]").count():
            page.fill("main form [name=address]", "Đường Hùng Vương")
        if page.locator("[name=consent]").count():
            page.check("[name=consent]")
        with page.expect_navigation():
            page.locator("main form .btn-lg").last.click()
    call, thanks = page.locator("main a[href='tel:114']").first, page.locator(".sent").first
    assert call.bounding_box()["y"] < thanks.bounding_box()["y"]


def test_neither_a_stranger_nor_a_key_takes_an_alarm(hotline: Hotline) -> None:
    hotline.product.expect("CSRF cookie not set")
    for headers in ({}, {"authorization": "Bearer demo-api-lan"}):
        answer = hotline.product.ask("/desk/alarms/1/acknowledge", b"", method="POST", **headers)
        assert answer.status in (302, 401, 403) and "alarm" not in answer.headers.get("location", "")[:12]

"""A citizen on a phone, in a real browser: with JavaScript and without, from the home page to the answer."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from playwright.sync_api import Browser, Page, expect, sync_playwright
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from caunoi.answers import actions as answers
from caunoi.routing import actions as routing
from caunoi.tickets import actions as tickets
from caunoi.tickets.models import Ticket
from tools.look import CHROMIUM, FLAGS

ROOT = Path(__file__).parents[3]
AXE = ROOT / "node_modules/axe-core/axe.min.js"
BUILT = ROOT / "caunoi/web/static/dist/manifest.json"
HERE = {"latitude": 11.52, "longitude": 106.9}

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="Chromium is not installed"),
    pytest.mark.skipif(
        not BUILT.exists() or not AXE.exists(), reason="the front end is not built: npm ci, npm run build"
    ),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with pytest.MonkeyPatch.context() as environment, sync_playwright() as playwright:
        environment.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # playwright has a loop of its own in this thread
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield running
        running.close()


class Phone:
    """A phone with one page open, and all that its browser complained about."""

    def __init__(self, browser: Browser, base: str, *, scripts: bool) -> None:
        self.context = browser.new_context(
            viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, locale="vi-VN", geolocation=HERE,
            permissions=["geolocation"], java_script_enabled=scripts, base_url=base, reduced_motion="reduce",
        )  # fmt: skip
        self.scripts, self.complaints, self.page = scripts, list[str](), self.context.new_page()
        self.page.on("pageerror", lambda error: self.complaints.append(error.message))
        self.page.on("console", lambda message: self._said(message))

    def _said(self, message: Any) -> None:
        if message.type == "error" and "/live" not in message.location["url"]:  # another process serves /live
            self.complaints.append(message.text)

    def look(self) -> Page:
        """The page, after making sure that nothing is wrong with it."""
        assert self.complaints == []
        if self.scripts:
            assert self.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
            tall = self.page.evaluate("document.documentElement.scrollHeight")
            self.page.set_viewport_size({"width": 390, "height": tall})  # nothing lies below the dock
            self.page.evaluate(AXE.read_text())
            rules = "{runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']}"
            found = self.page.evaluate(f"axe.run(document, {rules})")["violations"]
            self.page.set_viewport_size({"width": 390, "height": 844})
            assert [(v["id"], n["html"][:160]) for v in found for n in v["nodes"]] == []
        return self.page

    def on(self) -> Page:
        """To the next step."""
        self.look().locator("main form button.btn-primary").click()
        return self.page


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def phone(
    request: Any, browser: Browser, live_server: LiveServer, town: SimpleNamespace, settings: Settings, tmp_path: Path
) -> Iterator[Phone]:
    settings.MEDIA_ROOT = tmp_path / "files"
    opened = Phone(browser, live_server.url, scripts=request.param)
    yield opened
    opened.context.close()


@pytest.fixture
def file(picture: Any, tmp_path: Path) -> Path:
    path = tmp_path / "lamp.jpg"
    path.write_bytes(picture().read())
    return path


@pytest.fixture
def worker(work: Callable[[], None]) -> Callable[[], None]:
    """Let the worker do what waits, in a thread of its own: playwright's loop runs in this one."""

    def run() -> None:
        work()
        connection.close()

    def elsewhere() -> None:
        with ThreadPoolExecutor(1) as thread:
            thread.submit(run).result()

    return elsewhere


def tap(page: Page, latitude: float, longitude: float) -> None:
    """Touch a place on the map."""
    expect(page.locator("[data-map][data-map-state=ready]")).to_be_visible(timeout=20_000)
    at = page.evaluate(
        f"(({{x, y}}) => ({{x, y}}))(document.querySelector('[data-map]').map.project([{longitude}, {latitude}]))"
    )
    page.locator("[data-map] canvas").click(position=at)


def write(phone: Phone, file: Path) -> None:
    """From the home page to the ticket's page."""
    page = phone.page
    page.goto("/")
    phone.look().get_by_role("link", name=re.compile("^Phản ánh")).first.click()
    page.fill("[name=text]", "Đèn đường trước chợ tắt ba ngày nay.")
    phone.on()
    if phone.scripts:
        tap(page, HERE["latitude"], HERE["longitude"])
        page.go_back()
        expect(page.locator("[name=text]")).to_have_value("Đèn đường trước chợ tắt ba ngày nay.")
        page.go_forward()
        expect(page.locator("[data-map][data-map-state=ready]")).to_be_visible(timeout=20_000)
        page.get_by_role("button", name="Vị trí của tôi").click()
        expect(page.locator("#id_lat")).to_have_value("11.520000")
    else:
        page.select_option("[name=area]", "25195")
    page.fill("[name=address]", "Trước chợ Đồng Xoài")
    phone.on()
    page.set_input_files("#id_photos", file)
    if not phone.scripts:
        page.get_by_role("button", name="Thêm các ảnh này").click()
        expect(page.locator(".picker-item")).to_have_count(1)
    phone.on()
    page.fill("[name=phone]", "0900 000 001")
    page.check("[name=consent]")
    phone.on()
    expect(page.locator("main")).to_contain_text("Trước chợ Đồng Xoài")
    phone.on()


def test_a_report_is_written_followed_answered_and_rated(
    phone: Phone, file: Path, town: SimpleNamespace, photo: Any, settings: Settings, tmp_path: Path, worker: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"
    write(phone, file)
    ticket = Ticket.objects.get()
    assert (ticket.area, ticket.contact.phone, ticket.photos.count()) == (town.ward, "+84900000001", 1)
    assert (ticket.latitude is not None) is phone.scripts
    page = phone.look()
    expect(page.get_by_role("status").locator(".code")).to_have_text(ticket.code)

    worker()
    tickets.move(ticket, "accept", by=town.lan, category=town.lamps)
    routing.route(ticket, town.works, by=town.lan)
    worker()
    if phone.scripts:
        page.evaluate("document.body.dispatchEvent(new CustomEvent('live:ticket'))")  # as /live would
    else:
        page.reload()
    expect(page.locator("main")).to_contain_text("Xí nghiệp Công trình công cộng đang giữ phiếu")

    routing.start(ticket, by=town.minh)
    answers.submit(ticket, "Đã thay bốn bóng.", by=town.minh, before=[photo()], after=[photo("gold")])
    answers.approve(ticket, by=town.hoa)
    worker()
    page.goto(f"/f/{ticket.follow}")
    expect(phone.look().locator("main")).to_contain_text("Đã thay bốn bóng.")
    page.get_by_text("Hài lòng", exact=True).click()
    page.get_by_label("Nhanh").check()
    page.get_by_role("button", name="Gửi đánh giá").click()
    expect(page.locator("main")).to_contain_text("không biết ai đã đánh giá")
    page.goto(f"/p/{ticket.code}")
    expect(phone.look().locator("main")).to_contain_text("Đã thay bốn bóng.")
    page.goto("/register")
    expect(phone.look().locator("main")).to_contain_text("Đèn đường trước chợ")
    assert phone.complaints == []


def test_what_is_typed_outlives_lost_cookies(phone: Phone) -> None:
    page = phone.page
    page.goto("/report")
    phone.context.clear_cookies()
    page.fill("[name=text]", "Cây nghiêng ra đường.")
    phone.on()
    phone.context.clear_cookies()
    phone.on()
    page.goto(page.url.replace("/photos", "/what"))
    expect(page.locator("[name=text]")).to_have_value("Cây nghiêng ra đường.")


@pytest.mark.parametrize("width", [320, 834, 1440])
def test_no_page_is_wider_than_its_screen(browser: Browser, live_server: LiveServer, town: Any, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800}, base_url=live_server.url)
    page = context.new_page()
    for path in ("/", "/report", "/lookup", "/register", "/login", "/f/gone"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
    context.close()

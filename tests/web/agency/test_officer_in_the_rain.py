"""An officer on a phone takes a ticket on and sends a result with photos; the lead approves. In a real browser."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from caunoi.answers.queries import final
from caunoi.tickets.models import Ticket
from caunoi.tickets.queries import photos

ROOT = Path(__file__).parents[3]
CHROMIUM = "/usr/bin/chromium"
AXE = ROOT / "node_modules/axe-core/axe.min.js"
BUILT = ROOT / "caunoi/web/static/dist/manifest.json"
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--enable-unsafe-swiftshader"),
]
pytestmark = [
    pytest.mark.browser,
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


@pytest.fixture
def open_as(
    browser: Browser, live_server: LiveServer, town: SimpleNamespace, settings: Settings
) -> Iterator[Callable[..., tuple[Page, list[str]]]]:
    """Somebody's browser at a size, and what it complained about."""
    contexts: list[BrowserContext] = []

    def go(name: str, width: int, height: int, **more: Any) -> tuple[Page, list[str]]:
        client = Client()
        client.force_login(town.users[name])
        context = browser.new_context(
            viewport={"width": width, "height": height}, locale="vi-VN", reduced_motion="reduce", **more
        )
        contexts.append(context)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
        page, complaints = context.new_page(), []
        page.set_default_timeout(10_000)

        def said(message: ConsoleMessage) -> None:
            if message.type == "error" and "/live" not in message.location["url"]:
                complaints.append(message.text)

        page.on("console", said)
        page.on("pageerror", lambda error: complaints.append(error.message))
        return page, complaints

    yield go
    for context in contexts:
        context.close()


def picture(colour: str) -> dict[str, Any]:
    out = io.BytesIO()
    Image.new("RGB", (640, 480), colour).save(out, "JPEG")
    return {"name": f"{colour}.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


def looked_at(page: Page) -> None:
    """Nothing wider than the window, and axe finds nothing."""
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})")
    told = [
        (v["id"], node["html"][:160], node["failureSummary"][:200]) for v in found["violations"] for node in v["nodes"]
    ]
    assert told == []


def test_a_lamp_is_mended_in_the_rain(
    open_as: Callable[..., tuple[Page, list[str]]], live_server: LiveServer, ticket: Ticket
) -> None:
    phone, complaints = open_as("minh", 390, 844, has_touch=True, is_mobile=True)
    phone.goto(f"{live_server.url}/agency/")
    looked_at(phone)
    phone.click(".item-link")
    looked_at(phone)
    phone.get_by_role("button", name="Nhận xử lý").click()
    phone.get_by_role("link", name="Gửi kết quả").click()
    looked_at(phone)
    phone.set_input_files("#id_result-before", [picture("black")])
    phone.set_input_files("#id_result-after", [picture("gold"), picture("white")])
    expect(phone.locator(".picker-item")).to_have_count(3)
    phone.fill("[name=result-text]", "Đã thay bóng, đèn sáng.")
    expect(phone.locator("[data-draft-status]")).to_contain_text("Đã lưu nháp")
    phone.reload()  # the network went, the words stayed
    expect(phone.locator("[name=result-text]")).to_have_value("Đã thay bóng, đèn sáng.")
    phone.set_input_files("#id_result-before", [picture("black")])
    phone.set_input_files("#id_result-after", [picture("gold"), picture("white")])
    phone.get_by_role("button", name="Gửi kết quả").click()
    expect(phone.locator(".action-bar")).to_contain_text("Đang chờ lãnh đạo đơn vị duyệt.")
    expect(phone.locator("[data-compare]")).to_be_visible()
    looked_at(phone)

    desk, more = open_as("hoa", 1440, 900, color_scheme="dark")
    desk.goto(f"{live_server.url}/agency/?stage=approve")
    desk.click(".item-link")
    looked_at(desk)
    desk.fill("[name=approve-text]", "Đã thay bóng LED, đèn sáng từ tối nay.")
    desk.get_by_role("button", name="Duyệt và trả lời").click()
    expect(desk.locator("article")).to_contain_text("Người dân đã có trả lời.")
    answer = final(ticket)
    assert answer is not None and answer.text == "Đã thay bóng LED, đèn sáng từ tối nay."
    assert [p.role for p in photos(ticket)] == ["report", "before", "after", "after"]
    assert complaints + more == []

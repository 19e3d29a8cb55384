"""The gallery in a real browser: no error, nothing outside the policy, nothing wider than the page, axe clean."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, expect, sync_playwright
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

ROOT = Path(__file__).parents[2]
CHROMIUM = "/usr/bin/chromium"
AXE = ROOT / "node_modules/axe-core/axe.min.js"
BUILT = ROOT / "caunoi/web/static/dist/manifest.json"
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--enable-unsafe-swiftshader"),
]
SIZES = {"phone": (390, 844), "tablet": (834, 1194), "desk": (1440, 900)}

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


class Visit:
    """A page of the gallery with all that the browser complained about."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        page.set_default_timeout(10_000)
        page.on("pageerror", self._error)
        page.on("console", self._said)

    def _error(self, error: Error) -> None:
        self.complaints.append(error.message)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type == "error" and "/live" not in message.location["url"]:
            self.complaints.append(message.text)


@pytest.fixture
def visit(browser: Browser, live_server: LiveServer, town: SimpleNamespace, settings: Settings) -> Iterator[Any]:
    settings.DEMO = True
    client = Client()
    client.force_login(town.users["quan"])
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    contexts = []

    def go(query: str = "", *, size: str = "desk", theme: Any = "light", scripts: bool = True) -> Visit:
        width, height = SIZES[size]
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=theme, locale="vi-VN", reduced_motion="reduce",
            java_script_enabled=scripts,
        )  # fmt: skip
        contexts.append(context)
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
        visit = Visit(context.new_page())
        visit.page.goto(f"{live_server.url}/setup/gallery/{query}", wait_until="load")
        return visit

    yield go
    for context in contexts:
        context.close()


def ready(page: Page) -> None:
    waiting = page.locator("[data-map]:not([data-map-state=ready]), [data-chart]:not([data-chart-state=ready])")
    expect(waiting).to_have_count(0, timeout=20_000)


@pytest.mark.slow
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    ("shell", "size"),
    [("citizen", "phone"), ("citizen", "desk"), ("desk", "tablet"), ("desk", "desk"), ("columns", "desk")],
)
def test_the_gallery_is_clean(visit: Any, shell: str, size: str, theme: str) -> None:
    seen = visit(f"?shell={shell}", size=size, theme=theme)
    ready(seen.page)
    assert seen.complaints == []
    assert seen.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    seen.page.evaluate(AXE.read_text())
    found = seen.page.evaluate("axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})")
    told = [
        (v["id"], node["html"][:160], node["failureSummary"][:200]) for v in found["violations"] for node in v["nodes"]
    ]
    assert told == []


def test_every_map_names_hoang_sa_and_truong_sa(visit: Any) -> None:
    page = visit("?shell=citizen").page
    ready(page)
    for number in range(page.locator("[data-map]").count()):
        handle = f"document.querySelectorAll('[data-map]')[{number}]"
        assert "Quần đảo Hoàng Sa (Việt Nam), Quần đảo Trường Sa (Việt Nam)" in (
            page.locator("[data-map]").nth(number).locator(".map-inset").get_attribute("aria-label") or ""
        )
        named = page.evaluate(
            f"{handle}.map.getStyle().sources.islands.data.features"
            ".filter(f => f.properties.kind === 'archipelago').map(f => f.properties.name)"
        )
        assert named == ["Quần đảo Hoàng Sa\n(Việt Nam)", "Quần đảo Trường Sa\n(Việt Nam)"]
    drawn = page.evaluate(
        "(() => { const m = document.querySelector('[data-map=one]').map;"
        " return m.queryRenderedFeatures({layers: ['archipelagos']}).length })()"
    )
    assert drawn == 2


def test_what_is_typed_outlives_a_reload(visit: Any) -> None:
    page = visit().page
    page.fill("#id_text", "Đèn đường không sáng ba đêm nay")
    expect(page.locator("#gallery-form [data-draft-status]")).to_contain_text("Đã lưu nháp")
    page.reload()
    assert page.input_value("#id_text") == "Đèn đường không sáng ba đêm nay"
    page.click("[data-draft-discard]")
    page.reload()
    assert page.input_value("#id_text") == ""


def test_the_chosen_theme_is_there_before_any_script(visit: Any) -> None:
    page = visit(theme="light").page
    page.click(".btn-group [data-choose='theme:dark']")
    assert page.evaluate("document.documentElement.dataset.theme") == "caunoi-dark"
    answer = page.request.get(page.url).text()
    assert 'data-theme="caunoi-dark"' in answer


def test_the_palette_finds_without_marks_and_by_keyboard_alone(visit: Any) -> None:
    page = visit("?shell=columns").page
    page.keyboard.press("Control+k")
    page.keyboard.type("so lieu")
    page.wait_for_selector(".palette-option[aria-selected=true]:has-text('Số liệu')")
    page.keyboard.press("Enter")
    page.wait_for_url("**#chart-column")


def test_a_key_acts_only_while_nobody_writes(visit: Any) -> None:
    page = visit("?shell=columns").page
    page.keyboard.press("r")
    assert page.evaluate("document.activeElement.id") == "reply"
    page.keyboard.type("g c")
    assert page.input_value("#reply") == "g c"
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("c")
    page.wait_for_url("**#headphones")


def test_a_place_is_chosen_by_numbers_and_by_arrow_keys(visit: Any) -> None:
    page = visit("?shell=citizen").page
    ready(page)
    page.click("text=Nhập toạ độ")
    page.fill("#id_lat", "11,52")
    page.fill("#id_long", "106.9")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('[data-map=pick]').map.getCenter().lat") == pytest.approx(
        11.52, abs=1e-4
    )
    page.locator(".map-pin").first.focus()
    page.keyboard.press("ArrowUp")
    assert float(page.input_value("#id_lat")) > 11.52


def test_without_scripts_the_form_and_the_figures_are_still_there(visit: Any) -> None:
    page = visit("?shell=citizen", scripts=False).page
    assert page.locator("#id_text").is_visible()
    assert page.locator("input[type=file][name=photos]").is_visible()
    assert not page.locator(".needs-script").first.is_visible()
    page.locator("[data-chart] summary").first.click()
    assert page.locator("[data-chart] table").first.is_visible()

"""A real Chromium before the whole product, with /live: what the browser complains about is heard on every page."""

import os
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection, connections
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Page, expect, sync_playwright
from pytest_django import Settings

from caunoi.web import live, serve, whole
from tools.look import CHROMIUM, FLAGS, SIZES

ROOT = Path(__file__).parents[1]
BUILT = ROOT / "caunoi/web/static/dist/manifest.json"
AXE = ROOT / "node_modules/axe-core/axe.min.js"
LOOK = os.environ.get("LOOK", "")  # a folder: everything that is seen is kept there as a picture


class Screen:
    """Somebody's browser window, with all that the browser complained about."""

    def __init__(self, context: BrowserContext, url: str, *, scripts: bool) -> None:
        self.context, self.url, self.scripts = context, url, scripts
        self.page: Page = context.new_page()
        self.complaints: list[str] = []
        self.page.set_default_timeout(8_000)
        self.page.on("pageerror", self._error)
        self.page.on("console", self._said)

    def _error(self, error: Error) -> None:
        self.complaints.append(error.message)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(f"{message.text} ({message.location['url']})")

    def go(self, path: str) -> Page:
        self.page.goto(self.url + path, wait_until="load")
        return self.page

    def press(self, name: str) -> None:
        """Press a button that leads to another page, and be there."""
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=name, exact=True).click()

    def follow(self, name: str) -> None:
        """Follow a link to another page, and be there."""
        with self.page.expect_navigation():
            self.page.get_by_role("link", name=name).click()

    def act(self, name: str) -> None:
        """The next act in the bar at the thumb, and be there."""
        with self.page.expect_navigation():
            self.page.locator(".action-bar .btn-primary", has_text=name).click()

    def ready(self) -> None:
        """Maps and charts are drawn."""
        waiting = self.page.locator(
            "[data-map]:not([data-map-state=ready]), [data-chart]:not([data-chart-state=ready])"
        )
        for place in self.page.locator("[data-map]").all():
            place.scroll_into_view_if_needed()  # a map is fetched when it is about to be seen
        expect(waiting).to_have_count(0, timeout=20_000)
        self.page.evaluate("scrollTo(0, 0)")

    def clean(self, name: str = "") -> None:
        """Nothing complained, nothing outside the policy, nothing wider than the window."""
        if LOOK and name:
            Path(LOOK).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(
                path=f"{LOOK}/{name}.png", full_page=self.page.viewport_size != {"width": 1440, "height": 900}
            )
        assert self.complaints == [], self.page.url
        assert self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0, (
            self.page.url
        )

    def look(self, name: str = "") -> Page:
        """The page, which is clean, and in which axe finds nothing against WCAG 2.2 AA."""
        self.clean(name)
        if self.scripts:
            size = self.page.viewport_size or {"width": 0, "height": 0}
            tall = self.page.evaluate("document.documentElement.scrollHeight")
            self.page.set_viewport_size({"width": size["width"], "height": tall})  # nothing lies below a bar
            self.page.evaluate(AXE.read_text())
            rules = "{runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']}"
            found = self.page.evaluate(f"axe.run(document, {rules})")["violations"]
            self.page.set_viewport_size(size)
            told = [(v["id"], n["html"][:160], n["failureSummary"][:200]) for v in found for n in v["nodes"]]
            assert told == [], self.page.url
        return self.page


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """For one file of tests: its loop would be in the way of the tests that run loops of their own."""
    for needed in (Path(CHROMIUM), BUILT, AXE):
        if not needed.exists():
            pytest.fail(f"{needed} is missing") if os.environ.get("CI") else pytest.skip(f"{needed} is missing")
    with pytest.MonkeyPatch.context() as environment, sync_playwright() as playwright:
        environment.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # playwright has a loop of its own in this thread
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield running
        running.close()


@pytest.fixture
def product(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch, settings: Settings, tmp_path: Path
) -> Iterator[str]:
    """The address of the whole product, as `caunoi web` serves it."""
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setitem(connection.settings_dict, "CONN_MAX_AGE", 0)  # no thread keeps the database of the tests open
    monkeypatch.setattr(live, "hub", live.Hub())
    server = serve.server(whole.Whole(), whole.ending)
    with socket.create_server(("127.0.0.1", 0)) as sock:
        thread = Thread(target=server.run, kwargs={"sockets": [sock]})
        thread.start()
        yield f"http://127.0.0.1:{sock.getsockname()[1]}"
        server.should_exit = True
        thread.join()


@pytest.fixture
def screens(
    chromium: Browser, product: str, town: SimpleNamespace, settings: Settings
) -> Iterator[Callable[..., Screen]]:
    """Open a window of a browser of its own; `who` of the town is signed in there."""
    contexts = []

    def open_one(
        who: str = "", *, size: str | tuple[int, int] = "desk", theme: Any = "light", scripts: bool = True, **more: Any
    ) -> Screen:
        width, height = SIZES[size] if isinstance(size, str) else size
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            color_scheme=theme,
            locale="vi-VN",
            reduced_motion="reduce",
            timezone_id="Asia/Ho_Chi_Minh",
            java_script_enabled=scripts,
            has_touch=width < 600,
            is_mobile=width < 600,
            base_url=product,
            **more,
        )
        contexts.append(context)
        if who:
            client = Client()
            client.force_login(town.users[who])
            cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
            context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": product}])
        return Screen(context, product, scripts=scripts)

    yield open_one
    for context in contexts:
        context.close()


@pytest.fixture
def worker(work: Callable[[], None]) -> Callable[[], None]:
    """`work` in a thread of its own, as playwright has its loop in this one."""

    def run() -> None:
        work()
        connections.close_all()

    def in_thread() -> None:
        with ThreadPoolExecutor(1) as thread:
            thread.submit(run).result()

    return in_thread

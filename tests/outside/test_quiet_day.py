"""Nothing grows by itself: a page that nobody touches stays what it was, and a day of walking leaves nothing behind."""

from collections.abc import Callable
from contextlib import suppress
from itertools import batched, cycle

import pytest
from playwright.sync_api import Error, Page
from stage import Person, Product, wait_until
from walk import STARTS, reached

pytestmark = pytest.mark.long(minutes=9)

COUNT = """(() => {
  const Own = window.EventSource;
  window.streams = 0;
  window.EventSource = class extends Own {
    constructor(...args) { super(...args); window.streams += 1; }
    close() { if (this.readyState !== 2) window.streams -= 1; super.close(); }
  };
})()"""
SIDE_BY_SIDE = 4  # a browser holds six connections to one address, and each of these pages has a stream
BROWSERS = 3
REST = 10_000

type Measures = tuple[int, int]


def measured(page: Page) -> Measures:
    """Elements and open event streams of a page."""
    return tuple(page.evaluate("[document.querySelectorAll('*').length, window.streams]"))


@pytest.fixture
def whoever(person) -> Callable[[Product, str], Person]:
    def arrive(product: Product, name: str) -> Person:
        somebody = person(product)
        somebody.context.add_init_script(COUNT)
        return somebody.sign_in(name) if name else somebody

    return arrive


def grown(browsers: list[Person], paths: tuple[str, ...]) -> dict[str, tuple[Measures, Measures, list[str]]]:
    """Those of a few pages in one's browsers that are not what they were after a rest: elements and streams before,
    after, and what was asked for meanwhile."""
    somebody = browsers[0]
    pages = {path: one.window() for path, one in zip(paths, cycle(browsers), strict=False)}
    asked: dict[str, list[str]] = {path: [] for path in pages}
    for path, page in pages.items():
        page.on("request", lambda request, urls=asked[path]: urls.append(request.url))
        page.goto(somebody.address + path, wait_until="load")
    for page in pages.values():
        with suppress(Error):
            page.wait_for_load_state("networkidle", timeout=4_000)
    somebody.page.wait_for_timeout(1_500)  # what a page does a moment after its load is part of its load
    before = {path: measured(page) for path, page in pages.items()}
    for urls in asked.values():
        urls.clear()
    somebody.page.wait_for_timeout(REST)
    result = {}
    for path, page in pages.items():
        own = [url for url in asked[path] if not url.startswith("data:")]
        if measured(page) != before[path] or own:
            result[path] = (before[path], measured(page), own)
        page.close()
    return result


@pytest.mark.parametrize("name", STARTS, ids=[name or "citizen" for name in STARTS])
def test_a_page_at_rest_stays_as_it_was(demo: Product, whoever, name: str) -> None:
    browsers = [whoever(demo, name) for _ in range(BROWSERS)]
    paths = [*reached(browsers[0], STARTS[name]).values()]
    for somebody in browsers:
        somebody.page.goto("about:blank")
    together = SIDE_BY_SIDE * BROWSERS
    moved = [path for few in batched(paths, together) for path in grown(browsers, few)]
    # A deadline that passes in the province just then is news, and asks for more; a page that moves by itself moves
    # again.
    again = [grown(browsers, few) for few in batched(moved, together)]
    assert [few for few in again if few] == []


def test_a_password_page_is_one_page_however_long_one_looks_at_it(demo: Product, whoever) -> None:
    somebody = whoever(demo, "dao")
    somebody.at("/password")
    somebody.page.wait_for_timeout(1_000)
    first = measured(somebody.page)
    somebody.page.wait_for_timeout(4_000)
    assert measured(somebody.page) == first


def test_25_tickets_walked_by_key_leave_nothing_behind(demo: Product, whoever) -> None:
    somebody = whoever(demo, "lan")
    page = somebody.at("/desk/?tab=all")
    nodes, streams, seen = [], [], set()
    while len(seen) < 25:
        before = page.evaluate("location.href")
        page.keyboard.press("j")
        wait_until(lambda before=before: page.evaluate("location.href") != before, 15, why="the next ticket")
        if somebody.path == "/desk/":
            continue  # after the last line comes the next page of the list
        page.locator("#ticket h1, #ticket h2").first.wait_for()
        with suppress(Error):
            page.wait_for_load_state("networkidle", timeout=2_000)
        seen.add(somebody.path)
        count, open_streams = measured(page)
        nodes.append(count)
        streams.append(open_streams)
    assert max(streams) <= 2, streams
    assert max(nodes[-5:]) < 2.5 * min(nodes), nodes
    page.goto(demo.address + "/desk/?tab=all")

"""Every control can be hit: on every page that links lead to, what lies at the middle of a control is the control."""

import json
from itertools import product

import pytest
from playwright.sync_api import Browser
from stage import Person, Product, unreachable
from walk import STARTS, reached

pytestmark = pytest.mark.long(minutes=8)

WIDTHS = {390: 844, 1280: 720, 1440: 900}


@pytest.fixture(scope="module")
def busy(demo: Product) -> Product:
    """A province in which every list has at least two rows: missed calls, messages, an outage."""
    for number in range(3):
        for event in ({"event": "newCall", "direction": "in", "queue": "1022"}, {"event": "hangup", "cause": "cancel"}):
            call = {"callId": f"missed-{number}", "from": f"090000070{number}", "to": "1022", **event}
            assert demo.ask("/cti/demo-cti", call).status == 200
    somebody = demo.ask("/api/v1/callbacks", authorization="Bearer demo-api-lan")
    assert somebody.status in {200, 404}
    return demo


@pytest.fixture(scope="module")
def pages(busy: Product, browser: Browser) -> dict[str, list[str]]:
    """{who: their pages}, each kind of page once, by the first kind of person who reaches it."""
    known: set[str] = set()
    result = {}
    for name, starts in STARTS.items():
        somebody = Person(browser, busy.address)
        if name:
            somebody.sign_in(name)
        met = reached(somebody, starts)
        result[name] = [path for kind, path in met.items() if kind not in known]
        known |= set(met)
        somebody.close()
    assert len(known) > 130, sorted(known)
    return result


UNFOLD = """() => {
  const closed = [...document.querySelectorAll('main details:not([open]) > summary:not([data-tried])')];
  const next = closed.find((e) => e.checkVisibility());
  if (!next) return false;
  next.dataset.tried = '';
  next.click();
  return true;
}"""
FOLDS = 12


@pytest.mark.parametrize("folded", [True, False], ids=["as it opens", "unfolded"])
@pytest.mark.parametrize("name", STARTS, ids=[name or "citizen" for name in STARTS])
def test_each_control_is_what_lies_at_its_middle(
    busy: Product, browser: Browser, pages: dict[str, list[str]], name: str, folded: bool
) -> None:
    somebody = Person(browser, busy.address)
    if name:
        somebody.sign_in(name)
    wrong: dict[str, list[tuple[str, str]]] = {}
    for path, (width, height) in product(pages[name], WIDTHS.items()):
        somebody.page.set_viewport_size({"width": width, "height": height})
        somebody.at(path)
        for fold in range(1 if folded else FOLDS):
            if not folded and not somebody.page.evaluate(UNFOLD):
                break
            if rows := unreachable(somebody.page):
                wrong[f"{path} at {width}, fold {fold}"] = rows
            somebody.page.keyboard.press("Escape")
    assert somebody.complaints == []
    somebody.close()
    assert not wrong, json.dumps(wrong, ensure_ascii=False, indent=1)

"""A minute without a link to the exchange, in which ten citizens give up: each is called back all the same.

Proves: who gave up while nobody listened is read in the exchange's queue_log, marked, once (P6)"""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hotline
import pytest
from exchange import QUEUE, Exchange
from hotline import PATIENCE
from playwright.sync_api import Browser
from stage import Person, Product, wait_until

pytestmark = pytest.mark.long

GAP = 60  # seconds
SOON = 30  # seconds after the link is back
CALLERS = [f"0912345{number}" for number in range(610, 620)]


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The exchange's /var/log/asterisk, as the product's machine sees it."""
    folder = tmp_path_factory.mktemp("asterisk")
    (folder / "queue_log").write_text(f"{int(time.time())}|NONE|NONE|NONE|QUEUESTART|\n")
    return folder


@pytest.fixture(scope="module")
def exchange() -> Iterator[Exchange]:
    with Exchange() as running:
        yield running


@pytest.fixture(scope="module")
def demo(exchange: Exchange, demo: Product) -> Product:
    """The exchange is there before it, and after it."""
    return demo


@pytest.fixture(scope="module")
def office(demo: Product, exchange: Exchange, logs: Path, browser: Browser) -> Iterator[Person]:
    demo.expect("in trouble: ", "Authentication")
    with hotline.office(demo, exchange, browser, logs=str(logs)) as admin:
        yield admin


def abandons(logs: Path, number: str, call: str) -> None:
    """app_queue's own lines about a caller who gave up after nine seconds."""
    at = int(time.time())
    with (logs / "queue_log").open("a") as file:
        file.write(f"{at - 9}|{call}|{QUEUE}|NONE|ENTERQUEUE||{number}|1\n")
        file.write(f"{at}|{call}|{QUEUE}|NONE|ABANDON|1|1|9\n")


def test_ten_who_gave_up_in_a_minute_without_a_link_are_ten_call_backs(
    demo: Product, exchange: Exchange, office: Person, logs: Path, person: Callable[..., Person]
) -> None:
    lan = person(demo)
    lan.page.set_default_timeout(PATIENCE * 1000)
    lan.sign_in("lan")
    secret, exchange.secret = exchange.secret, "khac"  # nobody is let in
    exchange.hang_up_the_link()
    lan.at("/desk/calls/")
    lan.see("Mất kết nối tổng đài từ", PATIENCE)
    for number in CALLERS:
        abandons(logs, number, f"{int(time.time())}.{number}")
        time.sleep(GAP / len(CALLERS))
    exchange.secret = secret
    wait_until(lambda: exchange.linked, PATIENCE, why="the link is back")
    back = time.monotonic()

    def all_there() -> bool:
        lan.at("/desk/callbacks/")
        told = lan.text().replace(" ", "").replace("\u00a0", "")
        return all(number in told for number in CALLERS)

    wait_until(all_there, SOON, every=0.5, why="ten call-backs")
    assert time.monotonic() - back <= SOON
    lan.at("/desk/calls/?number=" + CALLERS[0])
    words = "Bổ sung từ nhật ký tổng đài"
    lan.see(words)
    assert ": 10 cuộc gọi" in lan.text()
    rows = lan.page.locator("#call-log tbody tr")
    assert rows.count() == 1
    rows.locator("a.num").first.click()
    lan.see(words)


def test_read_again_and_told_late_nobody_is_called_back_twice(
    demo: Product, exchange: Exchange, office: Person, logs: Path, person: Callable[..., Any]
) -> None:
    """The exchange is lost and found once more, and its log is read from where it was read before."""
    exchange.hang_up_the_link()
    wait_until(lambda: exchange.linked, PATIENCE, why="the link is back")
    office.page.wait_for_timeout(3000)  # nothing is to happen
    lan = person(demo)
    lan.sign_in("lan")
    for number in CALLERS:
        lan.at(f"/desk/calls/?number={number}")
        assert lan.page.locator("#call-log tbody tr").count() == 1
        lan.at(f"/desk/callbacks/?q={number}")
        assert "gọi 2 lần" not in lan.text()

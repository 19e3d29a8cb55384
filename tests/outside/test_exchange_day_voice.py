"""A day on which the queue speaks: an administrator writes a menu, a caller asks for their ticket by its code, another
keeps their place and is called in turn, one refuses the recording, and the operator says what came of it.

Proves: menus in Setup become the dialplan; live answers only to the exchange; a place that is kept is no caller lost"""

import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import hotline
import pytest
from exchange import QUEUE, Exchange
from hotline import PATIENCE
from playwright.sync_api import Browser
from stage import Person, Product, wait_until

pytestmark = pytest.mark.long

CALLER, LATER = "0912345871", "0912345872"


@pytest.fixture(scope="module")
def exchange() -> Iterator[Exchange]:
    with Exchange() as running:
        yield running


@pytest.fixture(scope="module")
def demo(exchange: Exchange, demo: Product) -> Product:
    """The exchange is there before it, and after it."""
    return demo


@pytest.fixture(scope="module")
def office(demo: Product, exchange: Exchange, browser: Browser) -> Iterator[Person]:
    with hotline.office(demo, exchange, browser) as admin:
        yield admin


def enter(admin: Person, path: str, **values: str) -> None:
    page = admin.at(path)
    for name, value in values.items():
        field = page.locator(f"[name={name}]")
        field.select_option(value) if field.evaluate("e => e.tagName") == "SELECT" else field.fill(value)
    hotline.save(admin)


@pytest.fixture(scope="module")
def files(demo: Product, office: Person, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `caunoi pbx write` makes of a menu that the administrator has entered."""
    page = office.at("/setup/voice/")
    add = page.get_attribute("a[href$='/menus']", "href") or ""
    enter(office, add, code="chinh")
    keys = office.page.url
    enter(office, keys.removeprefix(demo.address), key="1", label="Điện, nước", act="queue", target=QUEUE)
    enter(office, keys.removeprefix(demo.address), key="2", label="Tình trạng phản ánh", act="ticket")
    folder = tmp_path_factory.mktemp("asterisk")
    done = demo.shell("pbx", "write", str(folder), PORT=str(demo.port))
    assert done.returncode == 0, done.stderr
    return folder


def test_the_menu_is_in_the_dialplan_and_0_leads_to_a_person(files: Path) -> None:
    text = (files / "extensions.conf").read_text("utf-8")
    menu = text.partition("[hotline-menu-chinh]")[2].partition("\n[")[0]
    assert "n(key1),Set(__QUEUE=" in menu and "Goto(hotline-ticket,${EXTEN},1)" in menu
    assert "n(person),Goto(hotline-wait," in menu and '= "0"' not in menu
    assert "Goto(hotline-menu-chinh,${EXTEN},1)" in text


def ask(files: Path, what: str, **form: str) -> tuple[int, str]:
    """As the dialplan asks."""
    text = (files / "extensions.conf").read_text("utf-8")
    address, key = re.findall(r"(?m)^LIVE = (\S+)$", text)[0], re.findall(r"(?m)^LIVE_PASSWORD = (\S+)$", text)[0]
    body = urllib.parse.urlencode({"key": key} | form).encode()
    try:
        with urllib.request.urlopen(f"{address}/{what}", body, timeout=PATIENCE) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.read().decode()


def test_an_exchange_asks_what_is_true_now_and_nobody_else(files: Path, demo: Product) -> None:
    status, line = ask(files, "before", queue=QUEUE, field="")
    assert status == 200 and re.fullmatch(r"\d*\*[0-9a-f]*\*\d*\*\w*", line)
    assert ask(files, "ticket", code="260000000", **{"from": CALLER}) == (200, "unknown")
    assert ask(files, "before", key="another", queue=QUEUE) == (403, "")


def test_who_keeps_their_place_waits_on_and_is_no_missed_call(
    demo: Product, exchange: Exchange, office: Person, person: Callable[..., Person]
) -> None:
    lan = person(demo)
    lan.page.set_default_timeout(PATIENCE * 1000)
    lan.sign_in("lan")
    hotline.ready(lan)
    phone = hotline.extension(office, "lan")
    wait_until(lambda: f"PJSIP/{phone}" in exchange.members, PATIENCE, why="she is rung")
    call = exchange.called(CALLER)
    turn = exchange.keeps_place(call, CALLER)

    def waits() -> bool:
        lan.at(f"/desk/calls/?number={CALLER}")
        return "Giữ chỗ chờ gọi lại" in lan.text()

    wait_until(waits, PATIENCE, every=0.5, why="the call is in the log as one that keeps its place")
    lan.at("/desk/callbacks/")
    assert CALLER in lan.text().replace(" ", "").replace("\u00a0", "")
    exchange.turn_is_answered(turn, CALLER, phone)

    def over() -> bool:
        lan.at("/desk/callbacks/?q=" + CALLER)
        waiting = lan.page.locator("#callbacks section").inner_text()
        return CALLER not in waiting.replace(" ", "").replace("\u00a0", "")

    wait_until(over, PATIENCE, every=0.5, why="the call-back is done once they have talked")

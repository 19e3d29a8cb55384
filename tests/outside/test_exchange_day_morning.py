"""A morning at the hotline, as it comes: a talk, a phone that nobody picks up, a fire, somebody who keeps their place,
a message, a supervisor who listens, a minute without a link, a laptop that is closed. At noon calls, call-backs and
states are what happened.

Proves: a morning with a replayed exchange: at its end calls, call-backs and states are what happened"""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from exchange import QUEUE, Exchange
from hotline import PATIENCE, PHONE_BAR, extension, office, ready, rung, save, tone
from playwright.sync_api import Browser
from stage import Person, Product, wait_until

pytestmark = pytest.mark.long

TALKED, IN_VAIN, FIRE, PLACE, MESSAGE, ALONE, LAST = (f"09123457{number}" for number in range(41, 48))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The exchange's recordings and logs, as the product's machine sees them."""
    made = tmp_path_factory.mktemp("exchange")
    (made / "queue_log").write_text(f"{int(time.time())}|NONE|NONE|NONE|QUEUESTART|\n")
    return made


@pytest.fixture(scope="module")
def exchange() -> Iterator[Exchange]:
    with Exchange() as running:
        yield running


@pytest.fixture(scope="module")
def admin(demo: Product, exchange: Exchange, folder: Path, browser: Browser) -> Iterator[Person]:
    demo.expect("in trouble: ", "Authentication")
    with office(demo, exchange, browser, recordings=str(folder), logs=str(folder)) as quan:
        quan.at("/setup/options/away_seconds").fill("[name=value]", "10")
        save(quan)
        quan.at("/setup/options/after_call_seconds").fill("[name=value]", "3")
        save(quan)
        yield quan


def outcome(somebody: Person, number: str) -> str:
    """How the latest call of a number ended, as the log says."""
    somebody.at(f"/desk/calls/?number={number}")
    cells = somebody.page.locator("#call-log tbody tr").first.locator("td .badge")
    return cells.first.inner_text() if cells.count() else ""


def waiting(somebody: Person) -> set[str]:
    """The numbers of today's callers that are to be called back."""
    somebody.at("/desk/callbacks/")
    told = somebody.page.locator("main").inner_text().replace(" ", "").replace("\u00a0", "")
    return {number for number in (TALKED, IN_VAIN, FIRE, PLACE, MESSAGE, ALONE, LAST) if number in told}


def test_a_morning(
    demo: Product, exchange: Exchange, admin: Person, folder: Path, person: Callable[..., Person], browser: Browser
) -> None:
    phones = {name: extension(admin, name) for name in ("lan", "sen", "tam")}
    people = {name: person(demo).sign_in(name) for name in phones}
    lan, tam = people["lan"], people["tam"]
    for one in people.values():
        one.page.set_default_timeout(PATIENCE * 1000)
        ready(one)
    members = {f"PJSIP/{number}": name for name, number in phones.items()}
    wait_until(lambda: rung(exchange) == members, PATIENCE, why="three are on duty, and nobody else")

    def free(name: str) -> None:
        where = exchange.members[f"PJSIP/{phones[name]}"]
        wait_until(lambda: not where.paused, PATIENCE, why=f"{name} is rung again")

    # a talk, and its time after the call
    call = exchange.called(TALKED)
    exchange.rings(call, phones["lan"])
    exchange.answers(call, phones["lan"])
    lan.page.locator(f"{PHONE_BAR} .presence-label").get_by_text("Đang nghe máy").wait_for()
    exchange.hangs_up(call, phones["lan"])
    free("lan")

    # a phone that nobody picks up, then the next one
    call = exchange.called(IN_VAIN)
    exchange.ring_in_vain(call, phones["sen"])
    exchange.rings(call, phones["lan"])
    exchange.answers(call, phones["lan"])
    exchange.hangs_up(call, phones["lan"])
    tam.at("/desk/cockpit/")
    tam.see("Sen (demo)", PATIENCE)
    tam.see("Tạm nghỉ: Không nghe máy", PATIENCE)
    free("lan")

    # a fire: 114 by one key; the supervisor listens meanwhile
    call = exchange.called(FIRE)
    exchange.rings(call, phones["lan"])
    exchange.answers(call, phones["lan"])
    lan.page.locator("#call-keys").wait_for()
    tam.at("/desk/cockpit/")
    tam.page.locator("#call-of-lan summary").click()
    tam.page.locator("#call-of-lan button[value=listen]").click()
    wait_until(lambda: phones["tam"] in exchange.dialled.values(), PATIENCE, why="the supervisor's phone rings")
    lan.see("Tâm (demo) đang nghe cuộc gọi này.", PATIENCE)
    lan.page.locator(".call-danger button[value='114']").click()
    wait_until(lambda: "114" in exchange.dialled.values(), PATIENCE, why="114 is rung")
    (party,) = [id_ for id_, dialled in exchange.dialled.items() if dialled == "114"]
    exchange.picks_up(party)
    lan.page.locator("#call-pop .notice-line", has_text="114").get_by_text("Đã nghe máy").wait_for()
    exchange.leaves(call, phones["lan"])
    exchange.ends(call)
    free("lan")

    # somebody keeps their place and is called in turn
    call = exchange.called(PLACE)
    turn = exchange.keeps_place(call, PLACE)
    wait_until(lambda: PLACE in waiting(tam), PATIENCE, every=0.5, why="whoever keeps a place is to be called")
    exchange.turn_is_answered(turn, PLACE, phones["lan"])
    free("lan")

    # a message
    exchange.leaves_a_message(exchange.called(MESSAGE), folder, tone())

    # the link is lost, and somebody gives up meanwhile
    secret, exchange.secret = exchange.secret, "khac"
    exchange.hang_up_the_link()
    lan.see("Mất kết nối tổng đài từ", PATIENCE)
    at, alone = int(time.time()), f"{int(time.time())}.900"
    with (folder / "queue_log").open("a") as file:
        file.write(f"{at - 9}|{alone}|{QUEUE}|NONE|ENTERQUEUE||{ALONE}|1\n")
        file.write(f"{at}|{alone}|{QUEUE}|NONE|ABANDON|1|1|9\n")
    exchange.secret = secret
    wait_until(lambda: exchange.linked, PATIENCE, why="the link is back")

    # a laptop is closed while its owner is ready
    lan.page.close()
    where = exchange.members[f"PJSIP/{phones['lan']}"]
    wait_until(lambda: where.reason == "away", PATIENCE, why="nobody is before a page")
    exchange.gives_up(exchange.called(LAST))

    # noon
    told = {
        TALKED: "Đã nghe máy",
        IN_VAIN: "Đã nghe máy",
        FIRE: "Đã nghe máy",
        PLACE: "Đã nghe máy",
        MESSAGE: "Để lại lời nhắn",
        ALONE: "Người gọi gác máy",
        LAST: "Người gọi gác máy",
    }
    for number, words in told.items():
        wait_until(lambda number=number, words=words: outcome(tam, number) == words, PATIENCE, every=0.5, why=number)  # type: ignore[misc]
    wait_until(lambda: waiting(tam) == {MESSAGE, ALONE, LAST}, PATIENCE, every=0.5, why="three are to be called back")
    tam.at("/desk/calls/?direction=out&number=114")
    assert tam.page.locator("#call-log tbody tr").count() == 0, "114 is a party of its call"
    tam.at("/desk/cockpit/")
    rows = {row.split("\t")[0].strip(): row for row in tam.page.locator("#floor tbody tr").all_inner_texts()}
    assert "Không nghe máy" in rows["Sen (demo)"]
    assert "Đã đóng trang" in rows["Lan (demo)"] and "Sẵn sàng" in rows["Tâm (demo)"]
    assert exchange.members.keys() == members.keys()
    assert {name: where.paused for name, where in exchange.members.items()} == {
        f"PJSIP/{phones['lan']}": True,
        f"PJSIP/{phones['sen']}": True,
        f"PJSIP/{phones['tam']}": False,
    }

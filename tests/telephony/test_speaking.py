"""Menus: whatever is pressed, and whatever fails on the way, leads to a person or where the caller wanted."""

from dataclasses import replace

import pytest
from caller import Walk, fields, silent
from hypothesis import given
from hypothesis import strategies as st
from shipped import dialplan, docs

from caunoi.telephony import files
from caunoi.telephony.plan import Plan, PlanError
from caunoi.telephony.speaking import TICKET_STATES, Act, KeyChoice, KeyMenu, LiveDoor, Speaking, prompts
from tools.exchange_docs import EXAMPLE

PLAN = dialplan(docs("extensions.conf"))
SOUND = "4f" * 32
DIGITS = "0123456789*#"


def call(*keys: str, answer: object = silent, number: str = "0912345678") -> Walk:
    values = {"QUEUE": "tongdai1022", "CALLERID(num)": number, "CHANNEL(linkedid)": "1.1", "CHANNEL(language)": "vi"}
    return Walk(PLAN, list(keys), answer=answer, values=values).go("hotline-menu-main")  # type: ignore[arg-type]


@pytest.mark.parametrize("keys", [[], [""], ["0"], ["8"], ["#"], ["2", "0"], ["2"], ["2", "9", "0"]])
def test_no_key_0_and_every_other_key_lead_to_a_person(keys: list[str]) -> None:
    walk = call(*keys)
    assert walk.end[0] == "Queue" and walk.end[1].startswith("tongdai1022,")


def test_a_key_leads_to_its_queue_and_what_was_chosen_is_said() -> None:
    walk = call("2", "1")
    assert walk.end[1].startswith("thutuc,") and walk.heard == ["caunoi/menu-main", "caunoi/menu-procedures"]
    assert walk.said == [
        "HotlineMenu,Linkedid: 1.1,Menu: main,Choice: 2",
        "HotlineMenu,Linkedid: 1.1,Menu: procedures,Choice: 1",
    ]


def test_a_key_records_a_message() -> None:
    assert call("4").end[0] == "Record"


def test_a_language_is_spoken_from_there_on() -> None:
    walk = call("5", "")
    assert walk.values["CHANNEL(language)"] == "sti" and walk.heard.count("caunoi/menu-main") == 2


@given(st.lists(st.text(DIGITS, max_size=9), max_size=40))
def test_whatever_is_pressed_it_ends_and_with_somebody(keys: list[str]) -> None:
    walk = call(*keys)
    assert walk.end[0] in ("Queue", "Record")
    assert len([sound for sound in walk.heard if "menu-" in sound]) <= 13


# --- live answers ---


def test_the_state_of_a_ticket_is_asked_with_the_callers_number_and_said() -> None:
    asked = []

    def answer(address: str, form: str) -> str:
        asked.append((address, fields(form)))
        return "working" if address.endswith("/ticket") else ""

    walk = call("3", "260018617", answer=answer, number="+84912345678")
    form = {"key": "random", "code": "260018617", "from": "84912345678"}
    assert asked[0] == ("http://127.0.0.1:8022/voice/ticket", form)
    assert walk.heard[:4] == ["caunoi/menu-main", "caunoi/ticket-code", "caunoi/ticket-working", "caunoi/menu-main"]


def test_who_waits_hears_of_incidents_and_for_how_long_about() -> None:
    asked = []

    def answer(address: str, form: str) -> str:
        asked.append(fields(form))
        return f"5*{SOUND}"

    walk = call("1", answer=answer)
    assert asked == [{"key": "random", "queue": "tongdai1022", "field": "dien", "from": "0912345678"}]
    assert walk.heard[1:] == [f"http://127.0.0.1:8022/voice/sound/{SOUND}.wav", "caunoi/wait-5", "caunoi/keep"]


@pytest.mark.parametrize(("before", "heard"), [("0", []), ("3", ["place-3", "keep"]), ("25", ["place-10", "keep"])])
def test_who_waits_behind_others_hears_behind_how_many_and_how_not_to_wait(before: str, heard: list[str]) -> None:
    values = {"QUEUE": "tongdai1022", "CHANNEL(language)": "vi", "QUEUE_WAITING_COUNT(tongdai1022)": before}
    walk = Walk(PLAN, [], values=values).go("hotline-wait")
    assert walk.heard == [f"caunoi/{name}" for name in heard] and walk.end[0] == "Queue"
    plain = dialplan(files.write(replace(EXAMPLE, keeps_place=False), "example")["extensions.conf"])
    assert Walk(plain, [], values=values).go("hotline-wait").heard == walk.heard[:-1], "nothing is offered then"


def consent(*keys: str, at_once: str = "") -> Walk:
    return Walk(PLAN, list(keys), at_once=at_once).go("hotline-consent", "s")


def test_who_presses_9_while_the_sentence_is_said_or_after_it_is_not_recorded_and_hears_so() -> None:
    for walk in (consent("9"), consent(at_once="9")):
        assert walk.end == ("Return", "no") and walk.heard == ["caunoi/consent", "caunoi/unrecorded"]
        assert walk.said == ["HotlineConsent,Linkedid: ,Announced: yes,Recorded: no"]
    for walk in (consent(), consent("5"), consent("", at_once="5")):
        assert walk.end == ("Return", "yes") and walk.heard == ["caunoi/consent"]


def keeps_place(number: str, *groups: str) -> Walk:
    values = {"QUEUE": "tongdai1022", "QUEUEPOSITION": "3", "CALLERID(num)": number}
    return Walk(PLAN, [], values=values, groups=list(groups)).go("hotline-keys", "1")


def test_a_place_is_kept_once_for_a_number_of_this_country() -> None:
    for number in ("0912345678", "+84912345678", "84271123456", "02713881022"):
        (begun,) = keeps_place(number).originated
        assert begun.startswith(f"Local/{number}@hotline-callback/n,exten,hotline-place,3*tongdai1022*{number},")
        again = keeps_place(number, f"{number}@place")
        assert again.originated == [] and again.heard == ["caunoi/callback"]


ABROAD = ["+8821312345678", "0088213123456", "0012025550123"]


@pytest.mark.parametrize("number", ["", "19001234", "1900123456", "113", *ABROAD])
def test_nobody_has_us_call_abroad_or_a_number_that_costs(number: str) -> None:
    walk = keeps_place(number)
    assert walk.originated == [] and walk.end[0] == "Record"


@pytest.mark.parametrize("answered", ["", "*", "5*", f"*{SOUND}"])
def test_what_is_not_known_is_not_said(answered: str) -> None:
    walk = call("1", answer=lambda *_: answered)
    assert len(walk.heard) == 1 + 2 * ("5" in answered[:1]) + (SOUND in answered) and walk.end[0] == "Queue"


def test_an_announcement_is_said_as_it_is_now_and_else_as_it_was_written() -> None:
    walk = call("2", "2", answer=lambda address, _: SOUND if address.endswith("/prompt") else "")
    assert walk.heard[2] == f"http://127.0.0.1:8022/voice/sound/{SOUND}.wav"
    assert walk.values["MENU"] == "procedures" and "caunoi/procedures" not in walk.heard
    assert call("2", "2").heard[2] == "caunoi/procedures"


@given(st.text(max_size=60).filter(lambda text: "$" not in text and "{" not in text and "}" not in text))
def test_whatever_the_product_answers_names_at_most_a_sound(answered: str) -> None:
    for keys in (["1"], ["3", "260018617"], ["2", "2"]):
        walk = call(*keys, answer=lambda *_: answered)
        assert walk.end[0] == "Queue"
        for sound in walk.heard:
            name = sound.removeprefix("caunoi/").removeprefix("http://127.0.0.1:8022/voice/sound/").removesuffix(".wav")
            assert name.isascii() and name.replace("-", "").isalnum() and ".." not in sound


# --- what it is written from ---


def plan(**choices: KeyChoice) -> Plan:
    menu = KeyMenu(code="main", choices={key.removeprefix("k"): choice for key, choice in choices.items()})
    return Plan(speaking=Speaking(menus=(menu,)))


@pytest.mark.parametrize(
    "choices",
    [
        {"k0": KeyChoice(act=Act.MESSAGE)},
        {"k12": KeyChoice(act=Act.MESSAGE)},
        {"k1": KeyChoice(act=Act.QUEUE, target="no-such")},
        {"k1": KeyChoice(act=Act.MENU, target="no-such")},
        {"k1": KeyChoice(act=Act.SAY, target="a)\nexten => 1,1,System(rm")},
        {"k1": KeyChoice(act=Act.LANGUAGE, target="xx")},
        {"k1": KeyChoice(act=Act.TICKET)},
        {"k1": KeyChoice(act=Act.QUEUE, target="tongdai1022", field="a,b")},
    ],
)
def test_what_no_exchange_could_speak_is_refused(choices: dict[str, KeyChoice]) -> None:
    with pytest.raises(PlanError):
        plan(**choices)


@pytest.mark.parametrize("live", [("http://127.0.0.1/a,b", "k"), ("file:///etc", "k"), ("http://h/v", "k&x=1")])
def test_an_address_that_is_none_is_refused(live: tuple[str, str]) -> None:
    with pytest.raises(PlanError):
        Plan(speaking=Speaking(live=LiveDoor(address=live[0], key=live[1])))


def test_the_key_to_live_answers_is_not_shown_in_a_difference() -> None:
    fresh = replace(EXAMPLE, speaking=replace(EXAMPLE.speaking, live=LiveDoor(address="http://127.0.0.1/v", key="k3y")))
    shown = files.diff(files.write(EXAMPLE, "example"), files.write(fresh, "example"))
    assert "LIVE_PASSWORD" in shown and "k3y" not in shown and "random" not in shown


def test_every_sound_that_can_be_heard_is_named() -> None:
    names = prompts(EXAMPLE.speaking)
    assert {"menu-main", "menu-procedures", "procedures", "wait-30", "ticket-code"} <= set(names)
    assert {f"ticket-{state}" for state in TICKET_STATES} <= set(names)
    heard = {sound for keys in (["1"], ["2", "2"], ["3", "1"], ["5"]) for sound in call(*keys).heard}
    assert {sound.removeprefix("caunoi/") for sound in heard} <= set(names)


def test_without_menus_callers_only_wait() -> None:
    bare = dialplan(files.write(Plan(), "example")["extensions.conf"])
    walk = Walk(bare, []).go("hotline-wait")
    assert walk.end[0] == "Queue" and walk.heard == []

"""What an exchange is told for each thing that is done with a call, and what it is never told.

Proves: Call control: hold, consult, hand over, call in, 113 114 115 by one key; no right of the manager user beyond its
own"""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from recordings import call_events, frames_of
from shipped import dialplan, docs

from caunoi.telephony import commands, files
from caunoi.telephony.ami import encode
from caunoi.telephony.calls import Call, fold, reduce
from caunoi.telephony.commands import Ends, Kind, Order, Standing
from caunoi.telephony.events import Ended, PickedUp, Rang
from tools.exchange_docs import EXAMPLE

PLAN = dialplan(docs("extensions.conf"))
CALL = "1795785912.736"
LAN, CITIZEN, FIRE = "PJSIP/101-000002df", "PJSIP/trunk-000002de", "Local/114@from-agents-00000001;1"
TALK = Ends(call_id=CALL, operator=LAN, citizen=CITIZEN, recorder=CITIZEN, parties={})
CONSULTING = replace(TALK, parties={7: FIRE})
ASKED = Standing(room=True, on_hold=True, party=7)


def order(kind: Kind, **how: str) -> Order:
    return Order(id=7, kind=kind, phone="PJSIP/102", caller="1022", **how)


def told(kind: Kind, stands: Standing = Standing(), ends: Ends = TALK, **how: str) -> list[tuple[str, ...]]:  # noqa: B008
    """Each action with the values that tell it apart."""
    fields = ("Channel", "ExtraChannel", "Context", "Exten", "ExtraContext", "ExtraExten", "ChannelId", "Digit")
    return [
        (action.name, *(action.fields[name] for name in fields if name in action.fields))
        for action in commands.actions(order(kind, **how), stands, ends)
    ]


BOTH_INTO_THE_ROOM = ("Redirect", CITIZEN, LAN, "hotline-citizen", CALL, "hotline-conference", CALL)
HELD = ("Redirect", CITIZEN, LAN, "hotline-hold", CALL, "hotline-conference", CALL)
BACK = ("Redirect", CITIZEN, "hotline-citizen", CALL)
CALLED_IN = ("Originate", "Local/114@from-agents/n", "hotline-conference", CALL, f"with-7-{CALL}")


def test_114_comes_to_the_two_who_talk() -> None:
    assert told(Kind.BRING_IN, number="114") == [BOTH_INTO_THE_ROOM, CALLED_IN]
    assert told(Kind.BRING_IN, Standing(room=True), number="114") == [CALLED_IN]
    assert told(Kind.BRING_IN, Standing(room=True, on_hold=True), number="114") == [BACK, CALLED_IN]
    assert told(Kind.BRING_IN, ASKED, CONSULTING, number="114") == [BACK, CALLED_IN]


def test_a_caller_waits_with_music_and_comes_back() -> None:
    assert told(Kind.HOLD) == [HELD]
    assert told(Kind.HOLD, Standing(room=True)) == [("Redirect", CITIZEN, "hotline-hold", CALL)]
    assert told(Kind.RESUME, Standing(room=True, on_hold=True)) == [BACK]


def test_a_colleague_is_asked_first() -> None:
    asked = ("Originate", "Local/102@from-agents/n", "hotline-conference", CALL, f"with-7-{CALL}")
    assert told(Kind.CONSULT, number="102") == [HELD, asked]
    assert told(Kind.COMPLETE, ASKED, CONSULTING) == [BACK, ("Hangup", LAN)]
    assert told(Kind.CANCEL, ASKED, CONSULTING) == [("Hangup", FIRE), BACK]
    assert told(Kind.RESUME, ASKED, CONSULTING) == [BACK]


def test_a_call_is_handed_over_at_once() -> None:
    assert told(Kind.TRANSFER, number="113") == [("BlindTransfer", LAN, "hotline-transfer", "113")]
    gone = [("Redirect", CITIZEN, "hotline-transfer", "113"), ("Hangup", FIRE), ("Hangup", LAN)]
    assert told(Kind.TRANSFER, Standing(room=True), CONSULTING, number="113") == gone


def test_digits_go_to_whoever_is_spoken_with() -> None:
    assert told(Kind.DIGITS, number="1#") == [("PlayDTMF", CITIZEN, "1"), ("PlayDTMF", CITIZEN, "#")]
    assert told(Kind.DIGITS, ASKED, CONSULTING, number="5") == [("PlayDTMF", FIRE, "5")]


def test_nothing_is_recorded_while_a_number_is_said() -> None:
    (pause,) = commands.actions(order(Kind.UNRECORD), Standing(), TALK)
    (on,) = commands.actions(order(Kind.RECORD), Standing(unrecorded=True), TALK)
    assert [(one.name, one.fields["Channel"], one.fields["State"]) for one in (pause, on)] == [
        ("MixMonitorMute", CITIZEN, "1"),
        ("MixMonitorMute", CITIZEN, "0"),
    ]
    over = [(1, Kind.UNRECORD), (2, Kind.TRANSFER)]  # the recording knows of no hand-over
    assert commands.standing(over).unrecorded and not commands.standing([*over, (3, Kind.RECORD)]).unrecorded


def test_a_caller_on_hold_is_hung_up_with_the_operator() -> None:
    assert told(Kind.HANG_UP) == [("Hangup", LAN)]
    assert told(Kind.HANG_UP, Standing(room=True, on_hold=True)) == [("Hangup", CITIZEN), ("Hangup", LAN)]
    all_three = [("Hangup", CITIZEN), ("Hangup", FIRE), ("Hangup", LAN)]
    assert told(Kind.HANG_UP, ASKED, CONSULTING) == all_three
    assert told(Kind.HANG_UP, Standing(room=True), CONSULTING) == [("Hangup", LAN)]  # citizen and 114 go on


@pytest.mark.parametrize(("kind", "options"), [(Kind.LISTEN, "qE"), (Kind.WHISPER, "qwE"), (Kind.BARGE, "qBE")])
def test_a_supervisor_listens_on_their_own_phone(kind: Kind, options: str) -> None:
    (action,) = commands.actions(order(kind), Standing(), TALK)
    assert (action.name, action.fields["Channel"], action.fields["Application"]) == (
        "Originate",
        "PJSIP/102",
        "ChanSpy",
    )
    assert action.fields["Data"] == f"{LAN},{options}"
    assert action.fields["ChannelId"] == f"spy-7-{CALL}"


def test_a_supervisor_takes_a_call_over() -> None:
    assert told(Kind.TAKE_OVER) == [("BlindTransfer", LAN, "hotline-transfer", "102")]


@pytest.mark.parametrize(
    ("kind", "stands", "ends", "how", "code"),
    [
        (Kind.HOLD, Standing(), replace(TALK, operator=""), {}, "not_talking"),
        (Kind.BRING_IN, Standing(), TALK, {}, "no_number"),
        (Kind.DIGITS, Standing(), TALK, {"number": "12a"}, "no_digits"),
        (Kind.COMPLETE, Standing(), TALK, {}, "nobody_consulted"),
        (Kind.CONSULT, ASKED, CONSULTING, {"number": "103"}, "consulting"),
        (Kind.RESUME, Standing(), TALK, {}, "not_so"),
        (Kind.RECORD, Standing(), TALK, {}, "not_so"),
        (Kind.HANG_UP, Standing(room=True), replace(CONSULTING, ringing=frozenset({7})), {}, "still_ringing"),
        (Kind.COMPLETE, ASKED, replace(CONSULTING, ringing=frozenset({7})), {}, "still_ringing"),
    ],
)
def test_what_cannot_be_done_is_refused_with_the_reason(
    kind: Kind, stands: Standing, ends: Ends, how: dict[str, str], code: str
) -> None:
    with pytest.raises(commands.CommandError) as refused:
        commands.actions(order(kind, **how), stands, ends)
    assert refused.value.code == code


def every_action() -> list[commands.AmiAction]:
    found = []
    for kind in Kind:
        for stands in (Standing(), Standing(room=True, on_hold=True, muted=True, unrecorded=True, party=7)):
            try:
                found += commands.actions(order(kind, number="114"), stands, CONSULTING)
            except commands.CommandError:
                continue
    return found


def test_no_right_is_needed_that_the_manager_user_does_not_have() -> None:
    (write,) = re.findall(r"^write = (.+)$", docs("manager.conf"), re.M)
    names = {action.name for action in every_action()}
    assert names | {"Getvar"} == commands.RIGHTS.keys()
    assert {commands.RIGHTS[name] for name in names} <= set(write.split(","))
    assert all(encode(action.name, action.fields) for action in every_action())


def test_nobody_is_led_where_the_shipped_dialplan_has_nothing() -> None:
    places = {
        place
        for kind in Kind
        for stands in (Standing(), ASKED)
        for place in places_of(order(kind, number="114"), stands)
    }
    there = (commands.ROOM, commands.CITIZEN_ROOM, commands.HOLD, commands.TRANSFER)
    assert {context for context, _ in places} == {*there}
    assert all(PLAN.match(context, extension) for context, extension in places)
    for call in ("c2c-12-7", "pbx1-1795560297.31"):
        assert PLAN.match(commands.ROOM, call) and PLAN.match(commands.HOLD, call)


def places_of(one: Order, stands: Standing) -> tuple[tuple[str, str], ...]:
    try:
        return commands.needs(one, stands, CONSULTING)
    except commands.CommandError:
        return ()


def test_a_citizen_is_kept_for_as_long_as_somebody_serves_them() -> None:
    profiles = docs("confbridge.conf")
    assert re.search(r"\[serving\][^\[]*marked = yes", profiles) and re.search(
        r"\[citizen\][^\[]*end_marked = yes", profiles
    )
    assert [line.argument for line in PLAN.contexts[commands.ROOM]["_[0-9A-Za-z]."]][1].endswith(",,serving")
    assert [line.argument for line in PLAN.contexts[commands.CITIZEN_ROOM]["_[0-9A-Za-z]."]][1].endswith(",,citizen")


@pytest.mark.parametrize("context", [commands.HOLD, commands.TRANSFER])
def test_a_citizen_whom_nobody_takes_back_goes_to_the_head_of_the_line(context: str) -> None:
    (lines,) = PLAN.contexts[context].values()
    assert any(line.argument.startswith("hotline-again,") for line in lines)
    again = [(line.application, line.argument) for line in PLAN.contexts["hotline-again"]["_[+0-9]!"]]
    assert ("Set", "QUEUE_PRIO=10") in again and again[-1][1].startswith("hotline-queue,")


def test_who_is_called_in_or_handed_over_is_not_recorded_twice() -> None:
    plain = dialplan(files.write(replace(EXAMPLE, consent=False), "example")["extensions.conf"])
    for pattern in ("_0X.", "_1[89]00X."):
        (line,) = [line for line in plain.contexts["from-agents"][pattern] if "MixMonitor" in line.argument]
        assert line.application == "ExecIf" and "${CHANNEL(uniqueid)}${QUEUE}" in line.argument
        asks = PLAN.contexts["from-agents"][pattern]
        assert "MixMonitor" not in str(asks), "where consent is asked for, whom we call was not asked"


def test_how_a_call_stands_follows_from_what_was_done() -> None:
    done = [(1, Kind.HOLD), (2, Kind.RESUME), (3, Kind.MUTE)]
    assert commands.standing(done) == Standing(room=True, muted=True)
    asked = [*done, (4, Kind.CONSULT)]
    assert commands.standing(asked, there=[4]) == Standing(room=True, muted=True, on_hold=True, party=4)
    assert commands.standing(asked) == Standing(room=True, muted=True, on_hold=True)  # they have hung up
    assert commands.standing([*asked, (5, Kind.CANCEL)], there=[4]) == Standing(room=True, muted=True)
    assert commands.standing([*asked, (5, Kind.BRING_IN)], there=[4, 5]).party is None
    assert commands.standing([*done, (4, Kind.TRANSFER)]) == Standing()
    assert commands.standing([*asked, (5, Kind.COMPLETE)], there=[4]) == Standing(room=True)  # another's call now


def recorded(until: str) -> Call:
    """The conference with 114 up to a moment, as `HH:MM:SS`."""
    frames = [frame for frame in frames_of("conference_with_114") if f"{frame.at:%H:%M:%S}" <= until]
    return fold(call_events(tuple(frames)))[CALL]


def ends_of(call: Call) -> Ends:
    (leg,) = [leg.id for leg in call.legs if leg.operator == "lan"]
    return commands.ends(call.call_id, call.channel, call.phones, leg, outgoing=call.outgoing, over=call.over_at)


def test_the_ends_of_a_call_are_read_from_what_was_heard_of_it() -> None:
    assert ends_of(recorded("13:25:14")) == TALK
    rings = ends_of(recorded("13:25:16"))
    assert rings.ringing == {7} and rings.parties == {7: "PJSIP/trunk-000002e0"}
    assert ends_of(recorded("13:25:18")).ringing == frozenset()
    over = fold([*call_events(frames_of("conference_with_114")), Ended(call_id=CALL, at=recorded("14").seen_at)])[CALL]
    assert ends_of(over).operator == ""


def test_two_who_are_called_in_ring_beside_each_other() -> None:
    call = recorded("13:25:16")
    at = call.seen_at
    ambulance = [
        Rang(call_id=CALL, at=at, leg=f"with-8-{CALL}", channel="Local/115@from-agents-1;1"),
        PickedUp(call_id=CALL, at=at + timedelta(seconds=2), leg=f"with-8-{CALL}"),
    ]
    for event in ambulance:
        call = reduce(call, event)
    assert {leg.operator: (leg.ringing, leg.talking) for leg in call.legs} == {
        "lan": (False, True),
        "114": (True, False),
        "115": (False, True),
    }


def test_of_a_call_out_the_citizen_is_the_far_end() -> None:
    name = "originate_answered"
    frames = frames_of(name)
    for cut in range(len(frames)):
        (call, *_others) = fold(call_events(frames[:cut])).values() or [None]
        if call and call.legs and call.legs[0].talking:
            found = commands.ends(
                call.call_id, call.channel, call.phones, call.call_id, outgoing=True, over=call.over_at
            )
            assert found.operator == call.channel and found.citizen.startswith("PJSIP/trunk")
            return
    raise AssertionError("nobody talked")


def test_the_docs_name_every_action_and_its_right() -> None:
    text = (Path(__file__).parents[2] / "docs" / "telephony.md").read_text("utf-8")
    assert all(f"`{name}`" in text for name in commands.RIGHTS)

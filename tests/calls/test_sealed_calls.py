"""Who called whom lies sealed, and is found as before: rows of before and of now, while both releases are at work, and
while keys change."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils.timezone import now

from caunoi.calls import actions, queries
from caunoi.calls.actions import erase_calls
from caunoi.calls.models import Call, CallLeg, Dial
from caunoi.calls.queries import Filters
from caunoi.conversations.models import Inbox
from caunoi.events.actor import SYSTEM
from caunoi.lib.privacy.identity import Identity
from caunoi.privacy.queries import traces
from caunoi.telephony import facts as plain_facts
from caunoi.telephony.calls import fold
from caunoi.telephony.events import (
    Answered,
    CallEvent,
    Direction,
    Ended,
    LegEnded,
    PickedUp,
    Queued,
    Rang,
    Recorded,
    Started,
    Transferred,
)
from caunoi.vault import actions as vault
from caunoi.vault import queries as keys
from tests.sealing import sql

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nothing_remembered")]
CITIZEN, OTHER = "+84912000199", "+84251388299"
AT = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
PLAIN = "facts, caller, dialled, phone, transferred_to, recording"


def at(seconds: float) -> datetime:
    return AT + timedelta(seconds=seconds)


def story(call_id: str = "1764.1", number: str = "0912000199") -> list[CallEvent]:
    """Somebody calls, is answered, and is passed on to a number outside."""
    rung = f"{call_id}b"
    return [
        Started(
            call_id=call_id, at=AT, direction=Direction.IN, caller=number, dialled="1022", channel="PJSIP/trunk-0a"
        ),
        Queued(call_id=call_id, at=at(1), queue="tongdai1022"),
        Rang(call_id=call_id, at=at(2), leg=f"{call_id}a", member="lan", channel="PJSIP/101-0b"),
        Answered(call_id=call_id, at=at(5), leg=f"{call_id}a", member="lan"),
        Transferred(call_id=call_id, at=at(60), to="02513882990"),
        Rang(call_id=call_id, at=at(61), leg=rung, outside="02513882990", channel="PJSIP/02513882990@trunk"),
        PickedUp(call_id=call_id, at=at(65), leg=rung),
        LegEnded(call_id=call_id, at=at(66), leg=f"{call_id}a", member="lan", talked=61),
        Recorded(call_id=call_id, at=at(90), file=f"/monitor/in-{number}-1.wav"),
        Ended(call_id=call_id, at=at(90)),
    ]


def happen(box: Inbox, events: list[CallEvent]) -> Call:
    [row] = actions.absorb(box, fold(events).values())
    return Call.objects.get(pk=row.pk)


def dump() -> str:
    """The calls' tables as a dump shows them, with the sealed bytes as text."""
    rows = [str(sql(f"SELECT t::text FROM calls_{name} t")) for name in ("call", "callleg", "dial")]
    sealed = sql("SELECT facts_sealed, caller_sealed, phone_sealed, phone_index, phone_end FROM calls_call")
    return "".join(rows) + "".join(bytes(one).decode("latin-1") for row in sealed for one in row if one)


def lying(pk: int) -> tuple[Any, ...]:
    return tuple(sql(f"SELECT {PLAIN} FROM calls_call WHERE id = %s", [pk])[0])


def older(box: Inbox, call_id: str = "old.1", number: str = "0912000199", e164: str = CITIZEN) -> Call:
    """A call, and its phones, as the release before wrote them."""
    [call] = fold(story(call_id, number)).values()
    [(pk,)] = sql(
        "INSERT INTO calls_call (inbox_id, call_id, facts, direction, state, outcome, caller, dialled, phone, queue,"
        " transferred_to, began, connected, ended, waited, talked, recording, sound) VALUES (%s, %s, %s, 'in', 'ended',"
        " 'answered', %s, '1022', %s, 'q', '02513882990', %s, %s, %s, 5, 85, %s, '') RETURNING id",
        [box.pk, call_id, json.dumps(plain_facts.dump(call)), number, e164, AT, at(5), at(90), f"in-{number}.wav"],
    )
    for leg in call.legs:
        sql(
            "INSERT INTO calls_callleg (call_id, leg_id, operator, rang, talked, outcome, beaten, ringing)"
            " VALUES (%s, %s, %s, 1, 2, 'answered', false, false)",
            [pk, leg.id, leg.operator],
        )
    return Call.objects.get(pk=pk)


def listed(number: str) -> list[int]:
    return sorted(queries.filtered(SYSTEM, Filters(number=number)).values_list("pk", flat=True))


def history(number: str = CITIZEN) -> list[int]:
    return sorted(row.pk for row in queries.of_phone(number, SYSTEM))


def values(row: Call) -> tuple[str, ...]:
    return (row.caller, row.dialled, row.phone, row.transferred_to)


WHOLE = ("0912000199", "1022", CITIZEN, "02513882990")


def test_a_call_lies_sealed_and_is_found(box: Inbox) -> None:
    row, other = happen(box, story()), happen(box, story("1764.2", "0912110199"))
    assert lying(row.pk) == (None,) * 6 and values(row) == WHOLE
    assert row.recording == "/monitor/in-0912000199-1.wav" and "started_at" in row.facts
    shown = dump()
    for mark in ("912000199", "000199", "2513882990", "882990"):
        assert mark not in shown, mark
    for typed in ("0912 000 199", "912000199", "000199", "00 0199", "2000199"):
        assert listed(typed) == [row.pk], typed
    assert listed("0199") == [row.pk, other.pk], "the last four are both theirs"
    for typed in ("199", "9", "0912", "0912000198", "900199", "x"):
        assert listed(typed) == [], typed
    assert history() == [row.pk] and history("") == history("+84912000198") == []


def test_a_phone_outside_is_known_by_its_number_sealed(box: Inbox) -> None:
    row = happen(box, story())
    lan, outside = queries.legs(row)
    assert (lan.leg_id, lan.operator, lan.outside, lan.name) == ("1764.1a", "lan", {}, "lan")
    assert (outside.key, outside.name, outside.operator) == ("1764.1b", "02513882990", "")
    assert outside.leg_id.startswith("outside:")
    ids = {leg.pk for leg in (lan, outside)}
    again = happen(box, [Ended(call_id="1764.1", at=at(80))])
    assert {leg.pk for leg in queries.legs(again)} == ids and queries.legs(again)[1].leg_id == outside.leg_id
    named = happen(box, [Rang(call_id="c", at=AT, leg="+84987000111", member="+84987000111")])
    [leg] = queries.legs(named)
    assert (leg.key, leg.name) == ("+84987000111",) * 2 and "987000111" not in dump()


@pytest.mark.parametrize("number", ["anonymous", "Unknown", "", "0", "<unknown>", "101"])
def test_who_withholds_the_number_is_nobody(box: Inbox, number: str) -> None:
    row = happen(box, story(number=number))
    assert (row.phone, row.caller) == ("", number) and history("") == [] and listed("0000") == []
    assert sql("SELECT phone_sealed, phone_index, phone_end, phone FROM calls_call") == [(None,) * 4]
    actions.settle(row.pk)
    assert queries.page(SYSTEM, Filters()) == [row]


def test_older_rows_are_read_found_and_told_more_of(box: Inbox) -> None:
    row = older(box)
    assert values(row) == WHOLE and row.facts["first_caller"][1] == "0912000199"
    for typed in ("0912000199", "0199", "000199", "12000199"):
        assert listed(typed) == [row.pk], typed
    assert history() == [row.pk]
    more = happen(box, [Ended(call_id="old.1", at=at(70))])
    assert more.pk == row.pk and lying(row.pk) == (None,) * 6 and values(more) == WHOLE and more.ended == at(70)
    assert listed("0199") == history() == [row.pk]
    assert [leg.name for leg in queries.legs(more)] == ["lan", "02513882990"] and "2513882990" not in dump()


def test_older_rows_are_sealed_and_two_at_once_do_not_wait(transactional_db: None, box: Inbox) -> None:
    rows = [older(box, f"old.{n}").pk for n in range(4)]
    with transaction.atomic():
        Call.objects.select_for_update().get(pk=rows[1])
        assert _elsewhere(vault.seal_older) == 3
    assert vault.seal_older() == 1 and vault.seal_older() == 0
    assert "912000199" not in dump() and "2513882990" in dump()
    assert actions.seal_legs() == 4 and actions.seal_legs() == 0 and "2513882990" not in dump()
    assert [lying(pk) for pk in rows] == [(None,) * 6] * 4 and listed("000199") == history() == rows
    call = Call.objects.get(pk=rows[0])
    assert values(call) == WHOLE and [leg.name for leg in queries.legs(call)] == ["lan", "02513882990"]


def _elsewhere(function: Any) -> Any:
    def run() -> Any:
        try:
            return function()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run).result(60)


def test_a_sealer_that_is_killed_loses_nothing(box: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [older(box, f"old.{n}").pk for n in range(5)]
    monkeypatch.setattr(vault, "BATCH", 2)
    saved, save = list[int](), Call.save

    def dies(self: Call, **options: Any) -> None:
        if len(saved) == 3:
            raise KeyboardInterrupt
        saved.append(self.pk)
        save(self, **options)

    monkeypatch.setattr(Call, "save", dies)
    with pytest.raises(KeyboardInterrupt):
        vault.seal_older()
    monkeypatch.setattr(Call, "save", save)
    assert [lying(pk)[3] for pk in rows] == [None, None, CITIZEN, CITIZEN, CITIZEN]
    assert listed("0199") == listed("000199") == history() == rows
    assert vault.seal_older() == 3 and history() == rows


def test_while_the_release_before_is_at_work_each_reads_what_the_other_writes(
    both: None, box: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = happen(box, story())
    facts, *shown = lying(row.pk)
    assert json.loads(facts)["first_caller"][1] == "0912000199"
    assert shown == ["0912000199", "1022", CITIZEN, "02513882990", row.recording]
    assert vault.seal_older() == 0
    other = json.dumps(json.loads(facts) | {"left_at": at(4).isoformat()})
    sql("UPDATE calls_call SET facts = %s, phone = '+84912000200', caller = '0912000200'", [other])
    row = Call.objects.get()
    assert row.phone == "+84912000200" and "left_at" in row.facts
    assert history() == listed("0199") == [] and history("+84912000200") == listed("0200") == [row.pk]
    sql("UPDATE calls_call SET phone = %s, caller = '0912000199'", [CITIZEN])
    row = happen(box, [Ended(call_id="1764.1", at=at(80))])
    assert "left_at" in row.facts and json.loads(lying(row.pk)[0])["ended_at"] == row.facts["ended_at"]
    assert history() == [row.pk]
    monkeypatch.setattr(vault, "older_at_work", list)
    assert vault.seal_older() == 1 and lying(row.pk) == (None,) * 6 and history() == listed("0199") == [row.pk]


def test_keys_change_and_everybody_is_found_meanwhile(box: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [happen(box, story()).pk, older(box).pk]
    vault.rotate("index")
    vault.rotate("identities")
    keys.forget()
    assert history() == listed("000199") == listed("0199") == rows
    monkeypatch.setattr(keys, "SPREAD", timedelta(0))
    rows.append(happen(box, story("1764.3")).pk)
    assert history() == listed("000199") == listed("0199") == rows, "under both keys"
    done = dict[str, int]()
    assert vault.reseal("index", lambda column, count: done.update({column: done.get(column, 0) + count})) == 2
    assert {name for name, count in done.items() if count} == {"calls_call.phone_index", "calls_call.phone_end"}
    assert vault.reseal("identities") == 7, "six columns of a call, and a phone outside"
    for purpose in ("index", "identities"):
        assert vault.drop_retired(purpose, after=timedelta(0)) == 1 and vault.reseal(purpose) == 0
    keys.forget()
    assert history() == listed("000199") == rows
    for row in Call.objects.all():
        assert values(row) == WHOLE and [leg.name for leg in queries.legs(row)] == ["lan", "02513882990"]


def test_whoever_is_erased_is_found_no_more(town: Any, box: Inbox) -> None:
    rows = [happen(box, story()), older(box)]
    dial = Dial.objects.create(inbox=box, user=town.users["lan"], extension="101", number=CITIZEN)
    identity = Identity(phones=frozenset({CITIZEN}))
    assert traces(identity)["calls_call"] == 2 and traces(identity)["calls_dial"] == 1
    assert erase_calls([], [CITIZEN], identity) == {"calls.call": 2, "calls.dial": 1}
    assert not {"calls_call", "calls_dial", "calls_callleg"} & set(traces(identity))
    assert history() == listed("0199") == listed("0912000199") == []
    for pk in (row.pk for row in rows):
        row = Call.objects.get(pk=pk)
        assert row.phone == row.recording == "" and "912000199" not in str([values(row), row.facts])
        assert sql("SELECT phone_index, phone_end, phone_sealed FROM calls_call WHERE id = %s", [pk]) == [(None,) * 3]
    assert Dial.objects.get(pk=dial.pk).number == "" and vault.seal_older() == 0
    again = happen(box, [Ended(call_id="1764.1", at=at(80))])
    assert again.phone == "" and "912000199" not in str(again.facts)


def test_a_recording_whose_term_is_over_is_unnamed(box: Inbox) -> None:
    row = older(box)
    Call.objects.filter(pk=row.pk).update(sound="recordings/x.wav")
    assert actions.drop_recordings([row.pk]) == 1
    row = Call.objects.get(pk=row.pk)
    assert row.sound == row.recording == "" and row.phone == CITIZEN and lying(row.pk)[5] is None


def test_a_click_to_call_lies_sealed(town: Any, box: Inbox) -> None:
    Dial.objects.create(inbox=box, user=town.users["lan"], extension="101", number=CITIZEN, asked=now())
    [(pk,)] = sql(
        "INSERT INTO calls_dial (inbox_id, user_id, extension, number, subject, state, trouble, asked)"
        " VALUES (%s, %s, '101', %s, '', 'asked', '', clock_timestamp()) RETURNING id",
        [box.pk, town.users["lan"].pk, CITIZEN],
    )
    assert [row.number for row in actions.take_dials(box)] == [CITIZEN] * 2
    assert vault.seal_older() == 1 and Dial.objects.get(pk=pk).number == CITIZEN and "912000199" not in dump()


def test_what_begun_is_known_of_calls_is_read_from_what_lies_sealed(box: Inbox) -> None:
    happen(box, story())
    happen(box, [Ended(call_id="1764.9", at=AT)])
    older(box)
    assert queries.begun_ids(box, ["1764.1", "1764.9", "old.1", "x"]) == {"1764.1", "old.1"}


def test_a_call_takes_no_more_statements(box: Inbox, django_assert_num_queries: Any) -> None:
    events = story()
    happen(box, events[:3])
    with django_assert_num_queries(8):
        actions.absorb(box, fold(events[3:4]).values())


def test_legs_of_calls_that_go_on_are_left_to_whoever_writes_them(box: Inbox) -> None:
    row = older(box)
    Call.objects.filter(pk=row.pk).update(state="talking")
    assert actions.seal_legs() == 0 and CallLeg.objects.filter(queries.NUMBERED_LEGS).count() == 1

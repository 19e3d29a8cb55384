"""The table of half hours, of a morning that can be counted by hand.

Proves: half-hour table by queue, operator and hour: offered, answered ≤ 20 s, average and longest wait, handling,
after-call, occupancy, abandons, transfers, repeats within 7 days, solved in the call"""

from datetime import datetime, timedelta

import pytest

from caunoi.calls.models import Call, CallLeg, Presence
from caunoi.conversations.actions import make_inbox
from caunoi.statistics.half_hours import GROUPINGS, Hours, table, total
from caunoi.tickets import actions as tickets
from caunoi.tickets.models import TicketCall
from caunoi.tickets.report import Report, Reporter

EIGHT = datetime.fromisoformat("2026-08-03T08:00:00+07:00")
NOON = EIGHT + timedelta(hours=4)


def at(minutes, seconds=0):
    return EIGHT + timedelta(minutes=minutes, seconds=seconds)


@pytest.fixture
def call(town):
    """`call(id, minute, waited, talked, by)`: a call that somebody takes, or nobody."""
    box = make_inbox("phone", "phone")

    def tell(call_id, minutes, waited, talked=0, by="", *, phone="", queue="1022", outcome="", rung=(), **more):
        began = at(minutes)
        connected = began + timedelta(seconds=waited) if by else None
        ended = began + timedelta(seconds=waited + talked)
        row = Call.objects.create(
            inbox=box,
            call_id=call_id,
            direction="in",
            state="ended",
            outcome=outcome or ("answered" if by else "abandoned"),
            queue=queue,
            phone=phone,
            began=began,
            connected=connected,
            ended=ended,
            waited=waited,
            talked=talked,
            operator=town.users[by] if by else None,
            facts={"call_id": call_id},
            **more,
        )
        for name in {*rung, *([by] if by else ())}:
            took = name == by
            CallLeg.objects.create(
                call=row,
                leg_id=name,
                user=town.users[name],
                operator=name,
                rang_at=began,
                talk_from=connected if took else None,
                ended_at=ended,
                talked=talked if took else 0,
                outcome="answered" if took else "no_answer",
            )
        return row

    return tell


@pytest.fixture
def morning(call, town):
    """Lan takes two calls and writes up for three minutes, Tâm is rung in vain and takes one; two hang up; one comes
    outside the hours; one number calls twice, and once eight days before."""
    number = "+84900000001"
    call("older", -8 * 24 * 60, 3, 60, "lan", phone=number)
    call("first", 1, 10, 240, "lan", phone=number, rung=("tam",))
    call("second", 10, 30, 300, "lan", phone="+84900000002", transferred_to="113")
    call("mistake", 12, 3, phone="+84900000003")
    call("patient", 14, 80, phone="+84900000004", rung=("tam",))
    call("again", 28, 15, 300, "tam", phone=number, queue="vip")
    call("night", 29, 0, outcome="out_of_hours")
    Presence.objects.create(user=town.users["lan"], state="available", since=at(0), until=at(20), by="lan")
    Presence.objects.create(
        user=town.users["lan"], state="break", reason="paperwork", since=at(20), until=at(23), by="lan"
    )
    Presence.objects.create(user=town.users["lan"], state="break", reason="lunch", since=at(23), until=at(60), by="lan")
    Presence.objects.create(user=town.users["tam"], state="available", since=at(0), by="tam")


def figures(by, **more):
    hours = Hours(since=EIGHT, until=NOON, at=at(60), **more)
    return {row.key: row for row in table(hours, by)}


def test_a_call_belongs_to_the_half_hour_in_which_it_began_and_time_to_that_in_which_it_passed(morning):
    half_hours = figures("half_hour")
    assert list(half_hours) == ["2026-08-03T08:00", "2026-08-03T08:30"]
    first, second = half_hours.values()
    assert (first.offered, first.answered, first.fast, first.abandoned, first.at_once) == (5, 3, 2, 2, 1)
    assert first.service_level == 2 / 5
    assert (first.average_wait, first.longest) == (pytest.approx(55 / 3), 80)
    assert first.average_talk == 280
    assert first.busy == 240 + 300 + 105 and second.busy == 195  # Tâm's call from 8:28:15 to 8:33:15
    assert (first.after, second.after) == (180, 0)
    assert first.staffed == 20 * 60 + 30 * 60 + 180 and second.staffed == 30 * 60
    assert first.occupancy == pytest.approx((645 + 180) / 3180)
    assert first.handling == 280 + 60
    assert (first.transferred, first.repeated) == (1, 1)
    assert second.offered == 0 and second.service_level is None and second.average_wait is None


def test_the_parts_sum_to_the_whole_whatever_they_are(morning):
    (whole,) = figures("").values()
    assert (whole.offered, whole.answered, whole.busy) == (5, 3, 840)
    for by in ("half_hour", "hour", "queue"):
        summed = total(figures(by).values())
        assert (summed.offered, summed.answered, summed.abandoned, summed.longest, summed.talked) == (5, 3, 2, 80, 840)
        assert summed.busy == (None if by == "queue" else 840)
    assert figures("hour").keys() == {"2026-08-03T08:00"}
    assert {key: row.offered for key, row in figures("queue").items()} == {"1022": 4, "vip": 1}
    assert figures("half_hour", queue="vip")["2026-08-03T08:00"].occupancy is None


def test_of_an_operator_what_rang_on_their_phone(morning):
    people = figures("operator")
    assert {k: (r.offered, r.answered, r.fast, r.abandoned, r.talked) for k, r in people.items()} == {
        "lan": (2, 2, 1, 0, 540),
        "tam": (3, 1, 1, 1, 300),
    }
    assert people["lan"].occupancy == pytest.approx((540 + 180) / (1200 + 180))
    assert people["lan"].transferred == 1 and people["tam"].occupancy == pytest.approx(300 / 3600)
    alone = figures("half_hour", operator="tam")
    assert [(row.offered, row.busy) for row in alone.values()] == [(3, 105), (0, 195)]


def test_who_waited_without_hanging_up_says_more_of_patience_than_who_did(morning):
    (whole,) = figures("").values()
    assert whole.patience == (10 + 30 + 3 + 80 + 15) / 2


def test_a_ticket_that_is_answered_in_the_call_is_solved_in_it(morning, call, town, time_machine):
    for minutes, answered in ((40, 6), (50, 60), (55, None)):
        spoken = call(f"t{minutes}", minutes, 5, 120, "lan")
        time_machine.move_to(at(minutes, 60), tick=False)
        report = Report(text="Hỏi giờ", channel="phone", once=str(minutes), reporter=Reporter(phone="+84900000009"))
        ticket = tickets.take(report, by=town.lan)
        TicketCall.objects.create(ticket=ticket, call=spoken, by="lan")
        if answered is not None:
            time_machine.move_to(at(minutes + answered), tick=False)
            tickets.move(ticket, "accept", by=town.lan, category=town.lamps)
            tickets.move(ticket, "answer", by=town.lan, text="Xong.")
    row = figures("half_hour")["2026-08-03T08:30"]
    assert (row.answered, row.reported, row.solved) == (3, 3, 1)


def test_nothing_is_a_row_of_nothing(town):
    (whole,) = figures("").values()
    assert whole.offered == 0 and whole.service_level is None and whole.occupancy is None and whole.patience is None
    assert all(figures(by) == {} for by in GROUPINGS)

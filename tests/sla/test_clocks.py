"""Which time counts: tickets' lives in the week of Monday 17 August 2026, whose Saturday is worked."""

from datetime import datetime, timedelta

import pytest

from caunoi.lib.worktime.counting import ALWAYS, OFFICE, Calendar
from caunoi.sla.clocks import CLOCKS, Amount, Reading, Step, read
from caunoi.tickets.lifecycle import State

TWO_DAYS = Amount(days=2)
FOUR_HOURS = Amount(minutes=240)
ROUTED = "17 08:00 new, 17 08:05 accepted, 17 08:10 routed"  # two days from here: Wednesday 19, 17:00


def at(text: str) -> datetime:
    """`17 08:00` in August 2026, Vietnamese time."""
    return datetime.fromisoformat(f"2026-08-{text.replace(' ', 'T')}+07:00")


def life(text: str) -> list[Step]:
    """`17 08:00 new, 17 08:05 accepted, …`"""
    return [Step(at=at(when), state=state) for when, _, state in (step.rpartition(" ") for step in text.split(", "))]


def saw(
    steps: str, now: str, clock: str = "handle", target: Amount = TWO_DAYS, calendar: Calendar = OFFICE
) -> Reading | None:
    return read(CLOCKS[clock], life(steps), target, calendar, at(now))


def told(reading: Reading | None) -> str:
    """`running 19 17:00`: state, due and what else is to be said."""
    assert reading
    due = f"{reading.due:%d %H:%M}" if reading.due else "-"
    met = f" met {reading.met.astimezone(reading.last_due.tzinfo):%d %H:%M}" if reading.met else ""
    return f"{reading.state} {due}{met}{' late' if reading.late else ''}"


@pytest.mark.parametrize("clock", CLOCKS)
def test_a_clock_knows_what_every_state_means_to_it(clock: str) -> None:
    c = CLOCKS[clock]
    assert c.name == clock
    assert sorted([*c.runs_in, *c.pauses_in, *c.met_by]) == sorted(State)
    assert c.starts_in >= c.runs_in


@pytest.mark.parametrize(
    "now, expected",
    [
        ("18 12:00", "running 19 17:00"),  # received Monday; Tuesday 1, Wednesday 2
        ("19 17:00", "running 19 17:00"),  # the last moment is in time
        ("19 17:01", "breached 19 17:00 late"),
    ],
)
def test_handling_runs_until_its_due(now: str, expected: str) -> None:
    assert told(saw(ROUTED, now)) == expected


def test_handling_counts_from_the_first_word_whether_or_not_anybody_accepted_it() -> None:
    assert told(saw("17 08:00 new", "20 08:00")) == "breached 19 17:00 late"
    assert told(saw("17 08:00 new, 17 08:05 waiting", "20 08:00")) == "paused -"
    assert saw(ROUTED, "17 07:59") is None
    assert read(CLOCKS["handle"], [], TWO_DAYS, OFFICE, at("17 08:00")) is None


@pytest.mark.parametrize(
    "pause, expected",
    [
        ("18 09:00 waiting, 18 11:00 working", "running 20 09:30"),  # 2 h: Thursday 7:30 + 2
        ("18 16:00 waiting, 19 08:00 working", "running 20 09:00"),  # 1 h + ½ h
        ("18 11:30 waiting, 18 13:00 working", "running 19 17:00"),  # over lunch: nothing
        ("18 17:00 waiting, 19 07:30 working", "running 19 17:00"),  # over night: nothing
        ("18 09:00 waiting, 18 10:00 working, 18 14:00 waiting, 18 15:00 working", "running 20 09:30"),  # 1 h + 1 h
        ("18 09:00 waiting, 20 09:00 working", "running 21 17:00"),  # two days of 8 h: Thursday, Friday
        ("18 09:00 waiting, 18 11:00 accepted", "running 20 09:30"),  # wherever it goes on
        ("18 09:00 waiting, 18 10:00 waiting, 18 11:00 working", "running 20 09:30"),  # asked twice, waited once
    ],
)
def test_waiting_for_the_citizen_moves_the_due_by_the_working_time_waited(pause: str, expected: str) -> None:
    assert told(saw(f"{ROUTED}, {pause}", "20 09:00" if "20 09:00" in pause else "19 16:00")) == expected


def test_while_it_waits_there_is_no_due_but_the_last_one_is_known() -> None:
    reading = saw(f"{ROUTED}, 18 09:00 waiting", "28 09:00")
    assert told(reading) == "paused -"
    assert reading and reading.last_due == at("19 17:00")
    assert [(fact.what, fact.due) for fact in reading.trace] == [("started", at("19 17:00")), ("paused", None)]


def test_who_asks_in_the_last_moment_has_asked_in_time() -> None:
    assert told(saw(f"{ROUTED}, 19 17:00 waiting", "20 09:00")) == "paused -"
    assert told(saw(f"{ROUTED}, 19 17:00 waiting, 20 09:00 working", "20 09:00")) == "running 20 09:00"  # 1½ h waited


def test_hours_stand_still_while_waiting() -> None:
    urgent = "17 13:00 accepted"
    assert told(saw(urgent, "17 13:30", target=FOUR_HOURS)) == "running 17 17:00"
    # one hour used, one waited: three left from 15:00, two of them today
    asked = f"{urgent}, 17 14:00 waiting, 17 15:00 accepted"
    assert told(saw(asked, "17 15:30", target=FOUR_HOURS)) == "running 18 08:30"


def test_nobody_is_on_time_again_by_asking() -> None:
    asked = f"{ROUTED}, 20 08:00 waiting"  # the due was Wednesday
    assert told(saw(asked, "21 08:00")) == "breached 19 17:00 late"
    assert told(saw(f"{asked}, 21 08:00 working, 21 09:00 answered", "22 08:00")) == "met 19 17:00 met 21 09:00 late"


@pytest.mark.parametrize(
    "end, expected",
    [
        ("19 17:00 answered", "met 19 17:00 met 19 17:00"),
        ("19 17:01 answered", "met 19 17:00 met 19 17:01 late"),
        ("18 09:00 answered, 25 09:00 closed", "met 19 17:00 met 18 09:00"),  # the answer counts, not the closing
        ("18 09:00 waiting, 18 11:00 closed", "met 20 09:30 met 18 11:00"),
        ("18 09:00 merged", "met 19 17:00 met 18 09:00"),
    ],
)
def test_handling_is_met_by_the_first_answer(end: str, expected: str) -> None:
    assert told(saw(f"{ROUTED}, {end}", "28 09:00")) == expected


def test_what_is_answered_at_once_is_handled_on_time() -> None:
    assert told(saw("17 08:00 new, 17 08:04 answered", "28 09:00")) == "met 19 17:00 met 17 08:04"


@pytest.mark.parametrize(
    "after, now, expected",
    [
        ("", "19 08:30", "running 19 17:00"),
        ("", "20 08:00", "breached 19 17:00 late"),
        (", 19 09:00 answered", "19 10:00", "met 19 17:00 met 19 09:00 late"),  # before the first due, and yet late
        (", 19 09:00 waiting, 19 10:00 working", "19 11:00", "running 20 08:30"),  # its citizen may be waited for
    ],
)
def test_a_reopened_ticket_keeps_its_first_due_and_is_late_when_closed_again(
    after: str, now: str, expected: str
) -> None:
    reading = saw(f"{ROUTED}, 18 09:00 answered, 18 10:00 closed, 19 08:00 accepted{after}", now)
    assert told(reading) == expected
    assert reading and [fact.what for fact in reading.trace][:3] == ["started", "met", "reopened"]


def test_a_ticket_reopened_long_after_is_overdue_at_once() -> None:
    assert told(saw(f"{ROUTED}, 18 09:00 answered, 27 08:00 accepted", "27 08:00")) == "breached 19 17:00 late"


@pytest.mark.parametrize(
    "steps, now, expected",
    [
        ("17 08:00 new", "17 08:06", "breached 17 08:05 late"),  # nobody has taken it
        ("17 08:00 new, 17 08:03 waiting", "17 09:00", "paused -"),
        ("17 08:00 new, 17 08:03 waiting, 17 09:00 new", "17 09:01", "running 17 09:02"),
        ("17 08:00 new, 17 08:04 accepted, 17 08:05 waiting", "17 09:00", "met 17 08:05 met 17 08:04"),
        ("17 08:00 new, 17 08:04 refused", "17 09:00", "met 17 08:05 met 17 08:04"),
    ],
)
def test_accepting_runs_while_a_ticket_is_new(steps: str, now: str, expected: str) -> None:
    assert told(saw(steps, now, "accept", Amount(minutes=5), ALWAYS)) == expected


def test_forwarding_begins_anew_when_an_agency_returns_a_ticket() -> None:
    five = Amount(minutes=5)
    assert told(saw(ROUTED, "19 08:00", "forward", five, ALWAYS)) == "met 17 08:10 met 17 08:10"
    returned = f"{ROUTED}, 18 09:00 accepted"
    assert told(saw(returned, "18 09:01", "forward", five, ALWAYS)) == "running 18 09:05"
    assert (
        told(saw(f"{returned}, 18 09:09 routed", "19 08:00", "forward", five, ALWAYS))
        == "met 18 09:05 met 18 09:09 late"
    )


def test_an_agencys_leg_has_a_clock_from_its_own_start() -> None:
    eight_hours = Amount(minutes=480)
    assert told(saw("17 16:00 routed", "18 08:00", "agency_accept", eight_hours)) == "running 18 16:00"
    leg = "17 16:00 routed, 18 09:00 working, 19 10:00 answered"
    assert told(saw(leg, "20 08:00", "agency_accept", eight_hours)) == "met 18 16:00 met 18 09:00"


def test_replying_stands_still_while_the_result_is_revised() -> None:
    steps = f"{ROUTED}, 17 09:00 working, 18 08:00 resulted, 18 09:00 working, 18 10:00 resulted"
    assert told(saw(steps, "18 09:30", "reply", FOUR_HOURS)) == "paused -"
    assert told(saw(steps, "18 10:30", "reply", FOUR_HOURS)) == "running 18 14:30"  # 13:30 and the hour of revising
    assert told(saw(f"{steps}, 18 11:00 answered", "19 08:00", "reply", FOUR_HOURS)) == "met 18 14:30 met 18 11:00"


def test_an_extension_adds_working_days() -> None:
    assert told(saw(ROUTED, "18 12:00", target=Amount(days=2, extra_days=3))) == "running 22 17:00"  # Thu, Fri, Sat
    assert told(saw("17 13:00 accepted", "17 14:00", target=Amount(minutes=240, extra_days=1))) == "running 18 17:00"


@pytest.mark.parametrize(
    "wrong", [{}, {"days": 1, "minutes": 5}, {"days": 0}, {"minutes": 0}, {"days": 2, "extra_days": -1}]
)
def test_a_target_is_in_days_or_in_minutes(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="a target is"):
        Amount(**wrong)


def test_a_history_told_out_of_order_is_refused() -> None:
    with pytest.raises(ValueError, match="oldest first"):
        saw("17 08:05 accepted, 17 08:00 new", "18 08:00")


def test_a_late_announced_day_off_moves_what_is_read_with_it() -> None:
    flood = Calendar(code="office", week=OFFICE.week)  # without holidays, the Saturday is free
    steps = "20 08:00 new, 20 08:05 accepted"
    assert told(saw(steps, "21 08:00")) == "running 22 17:00"
    assert told(saw(steps, "21 08:00", calendar=flood)) == "running 24 17:00"
    assert at("24 17:00") - at("22 17:00") == timedelta(days=2)

"""What is true of every history that the lifecycle allows, whenever it is read."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from caunoi.lib.worktime.counting import ALWAYS, OFFICE, Calendar
from caunoi.sla.clocks import CLOCKS, Amount, Clock, Step, read
from caunoi.sla.clocks import ClockState as Said
from caunoi.tickets.lifecycle import FIRST, State, edges

NEXT = {state: sorted({b for a, _, b in edges() if a is state}) for state in State}


@st.composite
def histories(draw: st.DrawFn) -> list[Step]:
    """A walk along the arrows of the lifecycle, edits (a step to the same state) among them."""
    now = draw(st.datetimes(datetime(2026, 1, 1), datetime(2026, 11, 1), timezones=st.just(UTC)))
    steps = [Step(at=now, state=FIRST)]
    for _ in range(draw(st.integers(0, 12))):
        now += timedelta(minutes=draw(st.integers(0, 3 * 24 * 60)))
        here = State(steps[-1].state)
        steps.append(Step(at=now, state=draw(st.sampled_from([here, *NEXT[here]]))))
    return steps


clocks = st.sampled_from(list(CLOCKS.values()))
calendars = st.sampled_from([OFFICE, ALWAYS])
amounts = st.builds(Amount, days=st.integers(1, 9)) | st.builds(Amount, minutes=st.integers(1, 3000))
later = st.integers(0, 20 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes))


@given(clocks, histories(), amounts, calendars, later)
def test_a_past_moment_reads_the_same_whatever_came_after(
    clock: Clock, steps: list[Step], amount: Amount, calendar: Calendar, after: timedelta
) -> None:
    moment = steps[0].at + after
    known = [step for step in steps if step.at <= moment]
    assert read(clock, steps, amount, calendar, moment) == read(clock, known, amount, calendar, moment)


@given(clocks, histories(), amounts, calendars, later, st.data())
def test_an_edit_moves_nothing(
    clock: Clock, steps: list[Step], amount: Amount, calendar: Calendar, after: timedelta, data: st.DataObject
) -> None:
    place = data.draw(st.integers(1, len(steps)))
    before = steps[place - 1]
    limit = steps[place].at if place < len(steps) else before.at + after
    edit = replace(
        before,
        at=data.draw(st.datetimes(before.at.replace(tzinfo=None), limit.replace(tzinfo=None))).replace(tzinfo=UTC),
    )
    edited = [*steps[:place], edit, *steps[place:]]
    now = steps[-1].at + after
    assert read(clock, edited, amount, calendar, now) == read(clock, steps, amount, calendar, now)


def counted(clock: Clock, steps: Sequence[Step], started: datetime, due: datetime, calendar: Calendar) -> timedelta:
    """Working time from a clock's start to its due that was spent in states it runs in."""
    spans = [(a.at, b.at, a.state) for a, b in pairwise(steps)] + [
        (steps[-1].at, max(due, steps[-1].at), steps[-1].state)
    ]
    running = [(max(a, started), min(b, due)) for a, b, state in spans if state in clock.runs_in]
    return sum((calendar.between(a, b) for a, b in running), timedelta())


@given(histories(), st.integers(1, 3000), calendars)
def test_only_running_time_is_counted_up_to_the_due(steps: list[Step], minutes: int, calendar: Calendar) -> None:
    clock = CLOCKS["handle"]
    reading = read(clock, steps, Amount(minutes=minutes), calendar, steps[-1].at)
    if reading and reading.due and not reading.met and all(fact.what != "reopened" for fact in reading.trace):
        assert counted(clock, steps, reading.started, reading.due, calendar) == timedelta(minutes=minutes)


@given(histories(), amounts, calendars, later)
def test_a_ticket_never_moves_its_due_to_an_earlier_time_nor_comes_back_from_breach(
    steps: list[Step], amount: Amount, calendar: Calendar, after: timedelta
) -> None:
    moments = [*(step.at for step in steps), steps[-1].at + after]
    readings = [r for moment in moments if (r := read(CLOCKS["handle"], steps, amount, calendar, moment))]
    for one, two in pairwise(readings):
        assert one.started == two.started
        assert one.last_due <= two.last_due
        if one.state is Said.BREACHED:
            assert two.state in (Said.BREACHED, Said.MET)
            assert two.late
            assert two.due == one.due


@given(clocks, histories(), amounts, calendars, later)
def test_a_reading_does_not_contradict_itself(
    clock: Clock, steps: list[Step], amount: Amount, calendar: Calendar, after: timedelta
) -> None:
    now = steps[-1].at + after
    reading = read(clock, steps, amount, calendar, now)
    if reading is None:
        assert not any(step.state in clock.starts_in for step in steps)
        return
    assert (reading.due is None) == (reading.state is Said.PAUSED)
    assert (reading.met is None) == (reading.state is not Said.MET)
    assert (reading.state is Said.BREACHED) <= reading.late
    assert reading.late <= (reading.state in (Said.MET, Said.BREACHED))
    assert reading.trace[0].at == reading.started <= now
    if reading.state is Said.RUNNING:
        assert steps[-1].state in clock.runs_in
        assert reading.due is not None
        assert now <= reading.due


@given(st.lists(st.tuples(clocks, histories(), amounts), max_size=5))
def test_histories_do_not_touch_each_other(asked: list[tuple[Clock, list[Step], Amount]]) -> None:
    fresh = replace(OFFICE)  # a calendar that has laid out no day yet

    def ask(clock: Clock, steps: list[Step], amount: Amount, calendar: Calendar) -> object:
        return read(clock, steps, amount, calendar, steps[-1].at)

    in_order = [ask(*one, OFFICE) for one in asked]
    backwards = [ask(*one, fresh) for one in reversed(asked)]
    assert in_order == backwards[::-1]

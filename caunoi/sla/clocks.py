"""Which time counts. Pure: a history, a target and a calendar in; what the clock says at a moment out.

A reading for a past moment is the same whenever it is made: only the steps up to that moment are looked at. States are
plain words, the lifecycle's also for a leg, so that a leg of custody is read with the same clocks from its own start.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from caunoi.lib.worktime.counting import Calendar


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """A ticket (or leg) entered a state."""

    at: datetime
    state: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Clock:
    """Where a clock starts and runs, where it stands still once started, and what meets it.

    Met, and in a state it runs in again: a clock that `restarts` begins anew; another one keeps its first due, is open
    against it, and late once it is met again.
    """

    name: str
    starts_in: frozenset[str]
    runs_in: frozenset[str]
    pauses_in: frozenset[str]
    met_by: frozenset[str]
    restarts: bool


def _clock(name: str, runs: str, pauses: str, met: str, *, at_once: str = "", restarts: bool = False) -> Clock:
    runs_in, pauses_in, met_by = (frozenset(words.split()) for words in (runs, pauses, met))
    starts_in = runs_in | frozenset(at_once.split())  # what is answered at once is handled, in no time
    return Clock(name=name, starts_in=starts_in, runs_in=runs_in, pauses_in=pauses_in, met_by=met_by, restarts=restarts)


_OVER = "answered closed refused merged"
_AGENCY = "routed working resulted"
CLOCKS: Mapping[str, Clock] = {
    clock.name: clock
    for clock in (
        #       clock            runs in                stands still in                       is met by
        _clock("accept", "new", "waiting", f"accepted {_AGENCY} {_OVER}"),
        _clock("forward", "accepted", "new waiting", f"{_AGENCY} {_OVER}", restarts=True),
        _clock("agency_accept", "routed", "new waiting", f"accepted working resulted {_OVER}", restarts=True),
        _clock("handle", f"new accepted {_AGENCY}", "waiting", _OVER, at_once="answered closed"),
        _clock("reply", "resulted", "new waiting accepted routed working", _OVER, restarts=True),
    )
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Amount:
    """How long a clock may run: working days or working minutes, and working days granted on top (an extension)."""

    days: int | None = None
    minutes: int | None = None
    extra_days: int = 0

    def __post_init__(self) -> None:
        if (self.days is None) == (self.minutes is None) or (self.days or self.minutes or 0) < 1 or self.extra_days < 0:
            raise ValueError("a target is a positive number of days, or of minutes")

    def due(self, start: datetime, calendar: Calendar) -> datetime:
        """When it is over for a clock started at an instant."""
        if self.days is not None:
            return calendar.add_days(start, self.days + self.extra_days)
        due = calendar.add(start, timedelta(minutes=self.minutes or 0))
        return calendar.add_days(due, self.extra_days) if self.extra_days else due

    def first_due(self, start: datetime, calendar: Calendar) -> datetime:
        """When it was due before any extension."""
        return replace(self, extra_days=0).due(start, calendar)


def over(due: datetime | None, at: datetime) -> bool:
    """Whether an open deadline is late. The same in SQL: lateness.py."""
    return due is not None and due < at


def missed(due: datetime | None, met: datetime | None, *, again: bool) -> bool:
    """Whether a met deadline is late: met after its due, or met `again` after a reopening."""
    return again or (met is not None and over(due, met))


class ClockState(StrEnum):
    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    BREACHED = "breached"


class Fact(NamedTuple):
    """One line of why a reading is what it is: started, paused, resumed, met, reopened; and the due from then on."""

    at: datetime
    what: str
    due: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """What a clock says at a moment.

    `due` is None while it is paused, `last_due` the last one there was, `first_due` the due when it started: before any
    extension or pause. `met` is when it was met; met too late it is still met, and `late`. `late` is also true while it
    is breached, and of what was reopened and met again.
    """

    state: ClockState
    started: datetime
    due: datetime | None
    last_due: datetime
    first_due: datetime
    met: datetime | None
    late: bool
    trace: tuple[Fact, ...]


def read(clock: Clock, steps: Iterable[Step], target: Amount, calendar: Calendar, now: datetime) -> Reading | None:
    """What a clock says at a moment of a history, oldest step first; None before it has started.

    A pause moves the due by its working time, unless the due had passed before: nobody is on time again by asking. A
    step into the same state (an edit) changes nothing. Raises OutOfRangeError where the calendar does, and ValueError
    for a history out of order."""
    run: _Run | None = None
    last = None
    for step in steps:
        at, state = step.at, step.state
        if last and at < last:
            raise ValueError(f"a history is told oldest first: {at.isoformat()} after {last.isoformat()}")
        if at > now:
            break
        last = at
        begins = state in clock.starts_in and (run is None or (run.met is not None and clock.restarts))
        if begins:
            run = _Run(calendar, at, target)
        if run is None:
            continue
        if state in clock.runs_in and not begins:
            run.go_on(at)
        elif state in clock.pauses_in:
            run.pause(at)
        elif state in clock.met_by:
            run.meet(at)
    return run.reading(now) if run else None


class _Run:
    """A clock from its start on. Entering the same state twice changes nothing."""

    def __init__(self, calendar: Calendar, started: datetime, target: Amount) -> None:
        self.calendar, self.started, self.due = calendar, started, target.due(started, calendar)
        self.first_due = target.first_due(started, calendar) if target.extra_days else self.due
        self.paused: datetime | None = None
        self.met: datetime | None = None
        self.reopened = False
        self.trace = [Fact(started, "started", self.due)]

    def pause(self, at: datetime) -> None:
        if self.met is None and self.paused is None and at <= self.due:
            self.paused = at
            self.trace.append(Fact(at, "paused", None))

    def go_on(self, at: datetime) -> None:
        if self.met is not None:
            self.met, self.reopened = None, True
            self.trace.append(Fact(at, "reopened", self.due))
        elif self.paused is not None:
            self.due = self.calendar.add(self.due, self.calendar.between(self.paused, at))
            self.paused = None
            self.trace.append(Fact(at, "resumed", self.due))

    def meet(self, at: datetime) -> None:
        if self.met is None:
            self.go_on(at)
            self.met = at
            self.trace.append(Fact(at, "met", self.due))

    def reading(self, now: datetime) -> Reading:
        if self.met is not None:
            state, late = ClockState.MET, missed(self.due, self.met, again=self.reopened)
        elif self.paused is not None:
            state, late = ClockState.PAUSED, False
        else:
            late = over(self.due, now)
            state = ClockState.BREACHED if late else ClockState.RUNNING
        return Reading(
            state=state,
            started=self.started,
            due=None if state is ClockState.PAUSED else self.due,
            last_due=self.due,
            first_due=self.first_due,
            met=self.met,
            late=late,
            trace=tuple(self.trace),
        )

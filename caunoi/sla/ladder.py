"""The ladder of escalation, and when a rung notifies: pure.

A rung falls after a share of the time between a clock's start and its due, or so long past the due. It notifies then,
or when its recipient's calendar opens next: nobody is woken for what can wait until the morning.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from caunoi.lib.worktime.counting import Calendar

WARN = 0  # a percentage of 0 stands for the province's warn_percent
NOW = timedelta(seconds=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class LadderStep:
    """One rung: `percent` of the clock's time, or `minutes` past its due, to a role of the agency or of the centre."""

    clock: str
    to: str
    percent: int | None = None
    minutes: int | None = None

    @property
    def code(self) -> str:
        """Its name, which never changes: `handle-80%-officer`, `handle+480-supervisor`."""
        after = f"+{self.minutes}" if self.percent is None else f"-{self.percent or 'warn'}%"
        return f"{self.clock}{after}-{self.to}"

    def falls(self, started: datetime, due: datetime, warn_percent: int) -> datetime:
        """When a deadline comes to this rung."""
        if self.percent is None:
            return due + timedelta(minutes=self.minutes or 0)
        return warned(started, due, self.percent or warn_percent)


def warned(started: datetime, due: datetime, percent: int) -> datetime:
    """When so many per cent of a deadline's time have passed: from then on it is due soon."""
    return due - (due - started) * (100 - percent) / 100


def _clock(name: str, *rungs: tuple[int | None, int | None, str]) -> tuple[LadderStep, ...]:
    return tuple(LadderStep(clock=name, percent=percent, minutes=minutes, to=to) for percent, minutes, to in rungs)


#                            per cent, or minutes past the due, to whom
DEFAULT = (
    *_clock("accept", (None, 0, "operator"), (None, 15, "supervisor"), (None, 240, "leader")),
    *_clock("forward", (None, 0, "operator"), (None, 15, "supervisor"), (None, 240, "leader")),
    *_clock("agency_accept", (WARN, None, "officer"), (None, 0, "lead"), (None, 240, "supervisor")),
    *_clock("handle", (WARN, None, "officer"), (None, 0, "lead"), (None, 480, "supervisor"), (None, 1440, "leader")),
    *_clock("reply", (WARN, None, "lead"), (None, 0, "supervisor")),
)
INSTEAD = {"officer": "operator", "lead": "supervisor"}  # while no agency has it, the centre is notified


def recipient(to: str, *, agency: bool) -> str:
    """Who is notified at a rung: the centre, where no agency holds the ticket."""
    return to if agency else INSTEAD.get(to, to)


def lands(at: datetime, calendar: Calendar) -> datetime:
    """The moment itself in working hours, else the next opening. Raises OutOfRangeError like the calendar."""
    if calendar.round_the_clock:
        return at
    since, end = next(calendar.windows_from(at - NOW))  # the moment of closing is still working time
    return at if since < at <= end else next(calendar.windows_from(at))[0]


def ahead(steps: Iterable[LadderStep], notified: Collection[str]) -> list[LadderStep]:
    """The rungs that have not notified yet."""
    return [step for step in steps if step.code not in notified]

"""What is handled in confidence: three lanes, the steps of a case and the clocks that the law sets. Pure.

The numbers are those of the Law on Denunciations 25/2018/QH14, read in the national codification (Bộ pháp điển, heading
18.5); they are options (⚙) that a province sets right when the law changes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from caunoi.lib.worktime.counting import Calendar


class Lane(StrEnum):
    """What kind of matter it is; the order in which words decide."""

    CHILD = "child"
    VIOLENCE = "violence"
    DENUNCIATION = "denunciation"


WORDS = {lane: f"confidential_words_{lane}" for lane in Lane}
"""The option that lists a lane's words."""


class Way(StrEnum):
    """Who chose that it is confidential."""

    CITIZEN = "citizen"
    OPERATOR = "operator"
    REFUSAL = "refusal"  # a ticket that an operator found to be one
    WORDS = "words"


class State(StrEnum):
    NEW = "new"
    TAKEN = "taken"
    FORWARDED = "forwarded"
    CLOSED = "closed"
    ORDINARY = "ordinary"  # it was none: it became a ticket as any other
    ERASED = "erased"  # that there was one stays


@dataclass(frozen=True)
class Step:
    """A custodian's act: from which states, to which; what words it `needs`."""

    sources: frozenset[State]
    to: State
    needs: bool = True


STEPS: Mapping[str, Step] = {
    "take": Step(frozenset({State.NEW}), State.TAKEN, needs=False),
    "forward": Step(frozenset({State.TAKEN}), State.FORWARDED),
    "close": Step(frozenset({State.TAKEN, State.FORWARDED}), State.CLOSED),
    "reopen": Step(frozenset({State.CLOSED}), State.TAKEN),
    "ordinary": Step(frozenset({State.TAKEN}), State.ORDINARY),
    "erase": Step(frozenset({State.CLOSED, State.ORDINARY}), State.ERASED),
}
OPEN = frozenset({State.NEW, State.TAKEN, State.FORWARDED})


@dataclass(frozen=True, kw_only=True)
class Clock:
    """How long something may take: `option` says how many `unit`s (hours, working days, days) from `since`, a column of
    the case; it is met by the column `met`. `source`: which law says so, empty for the house's own rule.

    The law counts the 30 days of `settle` from the day on which whoever is competent takes the denunciation up, which
    we do not learn: from our passing it on we ask too early, never too late."""

    name: str
    option: str
    unit: str
    since: str
    met: str
    source: str = ""


LAW = "Luật Tố cáo 25/2018/QH14"
CLOCKS: Mapping[Lane, tuple[Clock, ...]] = {
    Lane.DENUNCIATION: (
        Clock(
            name="forward",
            option="denunciation_forward_days",
            unit="working",
            since="received",
            met="forwarded",
            source=f"{LAW}, Điều 24 khoản 2",
        ),
        Clock(
            name="first",
            option="denunciation_first_days",
            unit="working",
            since="received",
            met="forwarded",
            source=f"{LAW}, Điều 24 khoản 1",
        ),
        Clock(
            name="settle",
            option="denunciation_settle_days",
            unit="days",
            since="forwarded",
            met="closed",
            source=f"{LAW}, Điều 30 khoản 1",
        ),
    ),
    Lane.CHILD: (Clock(name="forward", option="confidential_hours", unit="hours", since="received", met="forwarded"),),
    Lane.VIOLENCE: (
        Clock(name="forward", option="confidential_hours", unit="hours", since="received", met="forwarded"),
    ),
}


def due(clock: Clock, since: datetime, amount: int, office: Calendar) -> datetime:
    """When it is over."""
    if clock.unit == "working":
        return office.add_days(since, amount)
    return since + (timedelta(hours=amount) if clock.unit == "hours" else timedelta(days=amount))

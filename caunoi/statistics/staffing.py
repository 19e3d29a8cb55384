"""How many calls each half hour of a day will bring, and how many people that takes.

Expected is the mean of the last days of the same kind (its weekday; days off with Sundays), a flood among them counting
as three times the usual; what those days brought at least and at most stands beside it. A call takes as long as it did
of late, writing up included, and callers are as patient as they were (lib/erlang.py). A clerk can check all but the
last column."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from math import inf

from caunoi.calls.queries import CALLS
from caunoi.directory.queries import option
from caunoi.lib.erlang import Service, people_needed, service
from caunoi.statistics.half_hours import HALF_HOUR, OFFERED, Hours, fetch, table
from caunoi.statistics.limits import WEEKS, alike, tame
from caunoi.statistics.periods import VIETNAM, midnight
from caunoi.statistics.scope import HERE

type Slots = Mapping[tuple[date, time], int]

DAYS = 6  # of the same kind
LEAST = 3  # days, below which there is no forecast
OF_LATE = timedelta(days=14)
TARGET = 0.8  # of the calls are answered within the promised seconds
BUSIEST = 0.85  # of their time people are on the phone or write up, at most
FEW = 0.05  # calls in half an hour, for which nobody needs to be there


@dataclass(frozen=True, kw_only=True)
class Need:
    """A half hour from `at` on: the calls expected, and the fewest and most on the days behind that; the people who
    answer so many as promised, and what callers meet with them. `endless`: the people needed if no caller ever hung up
    (Erlang C)."""

    at: datetime
    calls: float
    low: int
    high: int
    people: int
    endless: int
    service: Service


@dataclass(frozen=True, kw_only=True)
class Roster:
    """The half hours of a day with calls; what was learnt from which days; seconds that a call takes, and for which
    callers wait (None: nobody hung up)."""

    day: date
    needs: tuple[Need, ...]
    days: tuple[date, ...]
    handling: float
    patience: float | None


def slots(since: datetime, until: datetime, queue: str = "") -> Slots:
    """The calls offered in each half hour that had any."""
    rows = fetch(
        f"""
        SELECT date_bin('30 minutes', c.began AT TIME ZONE {HERE}, TIMESTAMP '2000-01-01') AS slot, count(*) AS n
        FROM {CALLS} c
        WHERE c.began >= %(since)s AND c.began < %(until)s AND c.direction = 'in' AND NOT c.internal
        AND c.state = 'ended' AND {OFFERED} AND (%(queue)s = '' OR c.queue = %(queue)s) GROUP BY 1
        """,
        {"since": since, "until": until, "queue": queue},
    )
    return {(row["slot"].date(), row["slot"].time()): row["n"] for row in rows}


def expected(came: Slots, day: date, today: date, off: Callable[[date], bool]) -> tuple[list[date], dict[time, float]]:
    """The days of the same kind before `today` that a day is judged by, and how many calls each half hour of theirs
    brought on average. Nothing of too few days. Pure."""
    begun = min((of for of, _ in came), default=today)
    days = [other for other in alike(day, off) if begun <= other < today][:DAYS]
    if len(days) < LEAST:
        return [], {}
    totals = {other: sum(n for (of, _), n in came.items() if of == other) for other in days}
    most = tame(sorted(totals.values())[len(days) // 2])
    result: dict[time, float] = {}
    for (of, at), n in came.items():
        if of in totals:
            share = min(1.0, most / totals[of])
            result[at] = result.get(at, 0.0) + n * share / len(days)
    return days, result


def roster(day: date, at: datetime, off: Callable[[date], bool], *, queue: str = "") -> Roster | None:
    """What a day will take as seen at a moment; None where there is too little to learn from."""
    today = at.astimezone(VIETNAM).date()
    since = midnight(day - timedelta(weeks=WEEKS))
    came = slots(since, midnight(today), queue)
    days, calls = expected(came, day, today, off)
    (lately,) = table(Hours(since=midnight(today) - OF_LATE, until=midnight(today), at=at, queue=queue), "")
    if not days or not (handling := lately.handling):
        return None
    patience, within = lately.patience or inf, float(option("answer_seconds"))
    needs = []
    for slot in sorted(calls):
        if calls[slot] < FEW:
            continue
        rate = calls[slot] / HALF_HOUR.total_seconds()
        people, endless = (
            people_needed(TARGET, calls=rate, handling=handling, patience=patient, within=within, occupancy=BUSIEST)
            for patient in (patience, inf)
        )
        counts = [came.get((of, slot), 0) for of in days]
        needs.append(
            Need(
                at=datetime.combine(day, slot, VIETNAM),
                calls=calls[slot],
                low=min(counts),
                high=max(counts),
                people=people,
                endless=endless,
                service=service(people, calls=rate, handling=handling, patience=patience, within=within),
            )
        )
    return Roster(day=day, needs=tuple(needs), days=tuple(days), handling=handling, patience=lately.patience)

"""The hotline by half hours, hours, queues and operators: what was offered and became of it, how long people waited,
and how the time of those on duty went. Counted from the calls themselves when somebody looks: a day of 5,000 takes
tens of milliseconds.

A call belongs to the half hour in which it began, whatever it lasted; the time of people to the half hour in which it
passed. Offered are incoming calls in hours of service. Of an operator: the calls that rang on their phone, and of these
those that they took."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from caunoi.accounts.queries import USERS
from caunoi.calls.queries import CALLS, LEGS, PRESENCES, WRITING_UP
from caunoi.directory.queries import option
from caunoi.statistics.periods import VIETNAM, midnight
from caunoi.statistics.scope import HERE
from caunoi.tickets.queries import TICKET_CALLS, TICKETS

HALF_HOUR, HOUR = timedelta(minutes=30), timedelta(hours=1)
STRIDES = {"half_hour": HALF_HOUR, "hour": HOUR}
GROUPINGS = ("half_hour", "hour", "queue", "operator")
ONCE = 5  # seconds; who hung up sooner dialled by mistake, or thought better of it
AGAIN = timedelta(days=7)  # within which a second call of the same number is a repeat
AFTERWARDS = timedelta(minutes=15)  # of a call, within which its ticket is answered as good as in it
LONGEST = timedelta(hours=4)  # that anybody talks: an older call reaches into no period

OFFERED = "c.outcome NOT IN ('out_of_hours', 'unknown')"
REPEATED = f"""c.phone_index IS NOT NULL AND EXISTS (
    SELECT FROM {CALLS} r WHERE r.phone_index = c.phone_index AND r.direction = 'in'
    AND r.began < c.began AND r.began >= c.began - %(again)s)"""
TRANSFERRED = "coalesce(octet_length(c.transferred_to), 0) > 0"

OUTCOMES = f"""
    LEFT JOIN LATERAL (
        SELECT count(*) AS reported,
               count(*) FILTER (WHERE t.answered <= coalesce(c.ended, c.began) + %(afterwards)s) AS solved
        FROM {TICKET_CALLS} x JOIN {TICKETS} t ON t.id = x.ticket_id WHERE x.call_id = c.id AND t.received >= c.began
    ) t ON true"""


@dataclass(frozen=True, kw_only=True)
class CallFigures:
    """Of one half hour (its beginning, as `2026-12-01T08:30`), queue or operator: counts of calls; seconds that the
    answered ones waited and talked, and the longest wait of all; how many tickets came of them and how many of these
    were answered in the call. The seconds that people were on the phone (`busy`), wrote up (`after`) and were on duty
    for it (`staffed`) are None of a queue, as people serve several."""

    key: str
    offered: int = 0
    answered: int = 0
    fast: int = 0
    abandoned: int = 0
    at_once: int = 0
    waited: float = 0.0
    waited_all: float = 0.0
    longest: float = 0.0
    talked: float = 0.0
    transferred: int = 0
    repeated: int = 0
    reported: int = 0
    solved: int = 0
    busy: float | None = None
    after: float | None = None
    staffed: float | None = None

    @property
    def service_level(self) -> float | None:
        return self.fast / self.offered if self.offered else None

    @property
    def average_wait(self) -> float | None:
        return self.waited / self.answered if self.answered else None

    @property
    def average_talk(self) -> float | None:
        return self.talked / self.answered if self.answered else None

    @property
    def average_after(self) -> float | None:
        return self.after / self.answered if self.answered and self.after is not None else None

    @property
    def handling(self) -> float | None:
        """Talk and what is written up after it, of a call."""
        return None if self.average_talk is None else self.average_talk + (self.average_after or 0.0)

    @property
    def occupancy(self) -> float | None:
        """Which part of their time on duty people were on the phone or wrote up."""
        if not self.staffed or self.busy is None or self.after is None:
            return None
        return min(1.0, (self.busy + self.after) / self.staffed)

    @property
    def patience(self) -> float | None:
        """How long callers wait on average before they hang up, those who were answered first taken for what they are:
        waits that were cut short. None where nobody hung up."""
        return self.waited_all / self.abandoned if self.abandoned else None


COUNTED = tuple(f.name for f in fields(CallFigures) if f.type in ("int", "float", int, float))


@dataclass(frozen=True, kw_only=True)
class Hours:
    """[since, until) as of `at`, of one queue and one operator (user name) where they are given."""

    since: datetime
    until: datetime
    at: datetime
    queue: str = ""
    operator: str = ""

    @property
    def midnight(self) -> datetime:
        """From which half hours are counted."""
        return midnight(self.since.astimezone(VIETNAM).date())

    @property
    def params(self) -> dict[str, Any]:
        return {
            "since": self.since,
            "until": self.until,
            "at": self.at,
            "queue": self.queue,
            "operator": self.operator,
            "fast": option("answer_seconds"),
            "again": AGAIN,
            "once": ONCE,
            "afterwards": AFTERWARDS,
            "longest": LONGEST,
            "writing_up": list(WRITING_UP),
        }


def table(hours: Hours, by: str, *, time: bool = True) -> list[CallFigures]:
    """The figures of a period by one of GROUPINGS, in the order of the keys; "" = the whole, one row. Half hours in
    which nothing was are left out. Without `time`, how people's time went and what came of calls is not counted."""
    figures = {
        row["key"] or "": CallFigures(**{**row, "key": row["key"] or ""}) for row in _calls(hours, by, whole=time)
    }
    if time and by != "queue" and not hours.queue:
        for key, busy, ready, after in _time(hours, by):
            row = figures.get(key) or CallFigures(key=key)
            figures[key] = replace(row, busy=busy, after=after, staffed=max(ready, busy) + after)
    if not by:
        figures.setdefault("", CallFigures(key=""))
    return [figures[key] for key in sorted(figures)]


def total(figures: Iterable[CallFigures]) -> CallFigures:
    """The sum of half hours or queues; the longest wait is the longest of them."""
    figures = list(figures)
    summed: dict[str, Any] = {name: sum(getattr(row, name) for row in figures) for name in COUNTED}
    for name in ("busy", "after", "staffed"):
        seconds = [getattr(row, name) for row in figures if getattr(row, name) is not None]
        summed[name] = sum(seconds) if seconds else None
    return CallFigures(**summed | {"key": "", "longest": max((row.longest for row in figures), default=0.0)})


def fetch(sql: str, params: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows of a statement, by column."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def slot(by: str, at: str) -> str:
    """The half hour or hour of a moment as SQL; both begin with midnight here."""
    here = f"date_bin('{STRIDES[by].seconds} seconds', {at} AT TIME ZONE {HERE}, TIMESTAMP '2000-01-01')"
    return f"to_char({here}, 'YYYY-MM-DD\"T\"HH24:MI')"


def _key(by: str, at: str) -> str:
    """A group as SQL, of something that was `at` a moment."""
    match by:
        case "half_hour" | "hour":
            return slot(by, at)
        case "operator":
            return "u.username"
        case "queue":
            return "c.queue"
    return "''"


def _calls(hours: Hours, by: str, *, whole: bool) -> list[dict[str, Any]]:
    """What was offered, by group; `whole`: with repeats, and what came of it."""
    own = by == "operator" or hours.operator != ""
    source = f"{CALLS} c"
    took, talked, mine = "c.outcome = 'answered'", "c.talked", "true"
    if own:
        legs = f"""(
            SELECT l.call_id, l.user_id, bool_or(l.talk_from IS NOT NULL OR l.talked > 0) AS took,
                   sum(l.talked) AS talked
            FROM {CALLS} k JOIN {LEGS} l ON l.call_id = k.id
            WHERE l.user_id IS NOT NULL AND k.began >= %(since)s AND k.began < %(until)s GROUP BY 1, 2
        )"""
        source = f"{legs} o JOIN {CALLS} c ON c.id = o.call_id JOIN {USERS} u ON u.id = o.user_id"
        took, talked, mine = "o.took", "o.talked", "c.operator_id = o.user_id"
    began = "c.began >= %(since)s AND c.began < %(until)s AND c.began <= %(at)s"
    where = f"{began} AND c.direction = 'in' AND NOT c.internal AND c.state = 'ended' AND {OFFERED}"
    where += " AND c.queue = %(queue)s" if hours.queue else ""
    where += " AND u.username = %(operator)s" if hours.operator else ""
    more = ""
    if whole:
        source += OUTCOMES
        more = f""",
            count(*) FILTER (WHERE {REPEATED}) AS repeated,
            count(*) FILTER (WHERE {took} AND {mine} AND t.reported > 0) AS reported,
            count(*) FILTER (WHERE {took} AND {mine} AND t.reported > 0 AND t.reported = t.solved) AS solved"""
    gave_up = f"c.outcome = 'abandoned' AND NOT ({took})"
    return fetch(
        f"""
        SELECT {_key(by, "c.began")} AS key,
               count(*) AS offered,
               count(*) FILTER (WHERE {took}) AS answered,
               count(*) FILTER (WHERE {took} AND {mine} AND c.waited <= %(fast)s) AS fast,
               count(*) FILTER (WHERE {gave_up}) AS abandoned,
               count(*) FILTER (WHERE {gave_up} AND c.waited < %(once)s) AS at_once,
               coalesce(sum(c.waited) FILTER (WHERE {took}), 0) AS waited,
               coalesce(sum(c.waited), 0) AS waited_all,
               coalesce(max(c.waited), 0) AS longest,
               coalesce(sum({talked}) FILTER (WHERE {took}), 0) AS talked,
               count(*) FILTER (WHERE {took} AND {mine} AND {TRANSFERRED}) AS transferred {more}
        FROM {source}
        WHERE {where} GROUP BY 1 ORDER BY 1
        """,
        hours.params,
    )


def _time(hours: Hours, by: str) -> list[tuple[str, float, float, float]]:
    """How the time of people went, by group: seconds on the phone, ready for it, and writing up. A call may be talked
    while its operator is on a break; talking is counted, being ready is not."""
    stride = STRIDES.get(by, hours.until - hours.since)
    origin = hours.midnight if by in STRIDES else hours.since
    key = _key(by, "s.slot") if by in STRIDES else _key(by, "")
    mine = " WHERE u.username = %(operator)s" if hours.operator else ""
    seconds = fetch(
        f"""
        SELECT {key} AS key, sum(s.seconds) FILTER (WHERE s.what = 'talk') AS busy,
               sum(s.seconds) FILTER (WHERE s.what = 'ready') AS ready,
               sum(s.seconds) FILTER (WHERE s.what = 'after') AS after
        FROM (
            SELECT p.what, p.user_id, slot, date_part('epoch',
                least(p.ends, slot + %(stride)s, %(until)s) - greatest(p.begins, slot, %(since)s)) AS seconds
            FROM (
                SELECT 'talk' AS what, l.user_id, l.talk_from AS begins, coalesce(l.ended_at, %(at)s) AS ends
                FROM {CALLS} c JOIN {LEGS} l ON l.call_id = c.id
                WHERE l.user_id IS NOT NULL AND l.talk_from IS NOT NULL
                AND c.began >= %(since)s - %(longest)s AND c.began < %(until)s
                UNION ALL
                SELECT CASE WHEN p.state = 'available' THEN 'ready' ELSE 'after' END, p.user_id, p.since,
                       coalesce(p.until, least(p.ends, %(at)s))
                FROM {PRESENCES} p
                WHERE (p.state = 'available' OR p.state = 'break' AND p.reason = ANY(%(writing_up)s))
                AND p.since < %(until)s AND (p.until IS NULL OR p.until > %(since)s)
            ) p CROSS JOIN LATERAL generate_series(
                date_bin(%(stride)s, greatest(p.begins, %(since)s), %(slots)s),
                least(p.ends, %(until)s) - interval '1 microsecond', %(stride)s
            ) AS slot
            WHERE p.begins < %(until)s AND p.ends > %(since)s
        ) s JOIN {USERS} u ON u.id = s.user_id {mine} GROUP BY 1 ORDER BY 1
        """,
        {**hours.params, "stride": stride, "slots": origin},
    )
    return [(row["key"], row["busy"] or 0.0, row["ready"] or 0.0, row["after"] or 0.0) for row in seconds]

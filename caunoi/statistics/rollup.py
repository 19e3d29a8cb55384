"""Counting the log as it grows: events and moves of deadlines in the order of their ids, each batch and the cursor in
one transaction, one counter at a time. A late commit (a lower id after a higher one) is waited for as long as its
transaction may be under way, and counted when it appears."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from time import sleep

from django.db import connection, transaction

from caunoi.events.outbox import unhurried
from caunoi.events.queries import EVENTS
from caunoi.events.rowsecurity import apart
from caunoi.jobs import replica, turns
from caunoi.jobs.lookout import Pump
from caunoi.lib import locks
from caunoi.sla.queries import DUES
from caunoi.statistics import spans
from caunoi.statistics.models import Cursor
from caunoi.tickets.queries import TICKETS

log = logging.getLogger(__name__)

BATCH = 2000  # events a transaction
SLICE = 1000  # tickets a transaction of a rebuild
PATIENCE = 60  # seconds to wait at least for a missing id
RECENT = 1000  # ids to look back for late commits when counting begins
MOST_GAPS = 20_000
QUIET = 0.5  # seconds at least between looks once it has caught up
ALIVE = 30  # seconds since a worker's last sign of life
NEAR = 500  # events that a query may count itself while a worker is at it

WAITS = f"""EXISTS (
    SELECT 1 FROM statistics_cursor WHERE event < (SELECT max(id) FROM {EVENTS} e)
    OR due < (SELECT max(id) FROM {DUES} d)
    OR gaps -> 'event' <> '{{}}' OR gaps -> 'due' <> '{{}}'
)"""


LOGS = {
    "event": f"SELECT id, CASE WHEN subject = 'ticket' AND kind LIKE 'ticket.%%' THEN subject_id END FROM {EVENTS} log",
    "due": f"SELECT id, ticket_id FROM {DUES} log",
}


@dataclass(frozen=True, kw_only=True)
class Lag:
    """How far behind counting is: ids not yet read, whether a rebuild makes the tallies unusable, whether a worker is
    at it."""

    events: int
    building: bool
    worker: bool


def _locked(*, wait: bool) -> bool:
    if not wait:
        return turns.alone(locks.COUNTS)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [locks.COUNTS])
    return True


def lag() -> Lag:
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT coalesce((SELECT max(id) FROM {EVENTS} e), 0), coalesce((SELECT max(id) FROM {DUES} d), 0),
                   c.event, c.due, c.after, c.shape, c.seen > clock_timestamp() - make_interval(secs => %s)
            FROM (SELECT 1) AS one LEFT JOIN statistics_cursor c ON true ORDER BY c.id LIMIT 1
            """,
            [ALIVE],
        )
        events, dues, event, due, after, shape, alive = cursor.fetchone()
    if event is None:
        return Lag(events=events, building=True, worker=False)
    behind = max(0, events - event) + max(0, dues - due)
    return Lag(events=behind, building=after is not None or shape != spans.SHAPE, worker=bool(alive))


def _transactions() -> tuple[int, int, float]:
    """The oldest transaction under way, the next id, and the database's time in seconds."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT pg_snapshot_xmin(s)::text::bigint, pg_snapshot_xmax(s)::text::bigint,
                   extract(epoch FROM clock_timestamp())::float FROM (SELECT pg_current_snapshot() AS s) AS now
            """
        )
        oldest, next_one, at = cursor.fetchone()
    return int(oldest), int(next_one), float(at)


def _begin() -> Cursor:
    """The first look at the log: everything is counted ticket by ticket, and events from here on as they come."""
    cursor = Cursor(after=0, shape=spans.SHAPE)
    _oldest, next_one, at = _transactions()
    for name, query in LOGS.items():
        with connection.cursor() as db:
            table = query.partition("FROM ")[2]
            db.execute(f"SELECT coalesce(max(id), 0) FROM {table}")
            last = db.fetchone()[0]
            db.execute(f"SELECT id FROM {table} WHERE id > %s", [last - RECENT])
            here = {row[0] for row in db.fetchall()}
        setattr(cursor, name, last)
        lacking = (pk for pk in range(max(1, last - RECENT + 1), last + 1) if pk not in here)
        cursor.gaps[name] = {str(pk): [next_one, at] for pk in lacking}
    cursor.save(force_insert=True)
    return cursor


def _read(cursor: Cursor, name: str, size: int) -> set[int]:
    """The tickets of the next ids of a log, and of ids that were missing before; the cursor moves on."""
    last: int = getattr(cursor, name)
    gaps: dict[str, list[float]] = dict(cursor.gaps.get(name, {}))
    oldest, next_one, at = _transactions()
    with connection.cursor() as db:
        db.execute(f"{LOGS[name]} WHERE id > %s ORDER BY id LIMIT %s", [last, size])
        rows = db.fetchall()
        late = []
        if gaps:
            db.execute(f"{LOGS[name]} WHERE id = ANY(%s)", [[int(pk) for pk in gaps]])
            late = db.fetchall()
    for pk, _ in late:
        del gaps[str(pk)]
    open_gaps = {pk: seen for pk, seen in gaps.items() if seen[0] > oldest or at - seen[1] < PATIENCE}
    if rows:
        here, end = {pk for pk, _ in rows}, rows[-1][0]
        for pk in range(max(last + 1, end - MOST_GAPS), end + 1):
            if pk not in here:
                open_gaps[str(pk)] = [next_one, at]
        setattr(cursor, name, end)
    cursor.gaps[name] = open_gaps
    return {ticket for _, ticket in (*rows, *late) if ticket is not None}


def _slice(cursor: Cursor) -> int:
    """Count the next tickets of a rebuild; after the last one, sum the tallies."""
    with connection.cursor() as db:
        db.execute(f"SELECT id FROM {TICKETS} t WHERE id > %s ORDER BY id LIMIT %s", [cursor.after, SLICE])
        ids = [row[0] for row in db.fetchall()]
        db.execute(
            "SELECT DISTINCT ticket FROM statistics_span WHERE ticket > %s AND (%s::bigint IS NULL OR ticket <= %s)",
            [cursor.after, *[ids[-1] if len(ids) == SLICE else None] * 2],
        )
        counted = [row[0] for row in db.fetchall()]
    spans.write([*ids, *counted], tally=False)
    if len(ids) < SLICE:
        _sum(cursor)
    else:
        cursor.after = ids[-1]
        cursor.save()
    return max(1, len(ids))


def _sum(cursor: Cursor) -> int:
    spans.tally_all()
    cursor.after, cursor.shape = None, spans.SHAPE
    cursor.save()
    return 1


def step(*, size: int = BATCH, wait: bool = False) -> int | None:
    """Count the next events of the log, in one transaction: the number of ids or tickets, 0 at the end; None when
    somebody else is counting and we do not wait."""
    with transaction.atomic():
        if not _locked(wait=wait):
            return None
        cursor = Cursor.objects.order_by("id").first() or _begin()
        if cursor.after is None and spans.RECOUNTED <= cursor.shape < spans.SHAPE:
            return _sum(cursor)
        if cursor.after is None and cursor.shape != spans.SHAPE:
            cursor.after = 0  # an older version counted differently
        if cursor.after is not None:
            return _slice(cursor)
        before = (cursor.event, cursor.due, dict(cursor.gaps))
        touched = {ticket for name in LOGS for ticket in _read(cursor, name, size)}
        if touched:
            spans.write(sorted(touched))
        if (cursor.event, cursor.due, cursor.gaps) != before:
            cursor.save(update_fields=["event", "due", "gaps"])
        return cursor.event - before[0] + cursor.due - before[1]


def catch_up(*, wait: bool = True) -> None:
    """Count all of the log; without `wait` as long as nobody else does."""
    while step(wait=wait):
        pass


def fresh() -> None:
    """Before a query: count the latest events. Where a worker is at it, only a small rest; else all, so that figures
    are right without a worker too."""
    behind = lag()
    if not behind.events and not behind.building:
        return
    if replica.bound() and (behind.worker or replica.primary.is_lost()):
        return  # a standby shows soon what the worker is counting
    with apart():  # each batch commits: another page that counts does not wait for this one's answer
        if not behind.worker:
            catch_up(wait=not behind.building)  # to sum all takes minutes, and the spans answer meanwhile
        elif behind.events <= NEAR and not behind.building:
            step(size=NEAR)


def rebuild(progress: Callable[[int], None] | None = None) -> int:
    """Count every ticket again from its events; how many there were. The board stays open meanwhile; a rebuild that was
    cut off resumes."""
    with transaction.atomic():
        _locked(wait=True)
        cursor = Cursor.objects.order_by("id").first() or _begin()
        if cursor.after is None:
            cursor.after = 0
            cursor.save(update_fields=["after"])
    done = 0
    while Cursor.objects.filter(after__isnull=False).exists():
        done += step(wait=True) or 0
        if progress:
            progress(done)
    return done


def recount(ids: Iterable[int]) -> int:
    """Count these tickets again; how many differed."""
    with transaction.atomic():
        _locked(wait=True)
        return spans.write(list(ids))


def strays() -> list[int]:
    """Tickets that are counted but no longer exist, or exist but are not counted: after an import was undone, or a
    mistake."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT ticket FROM statistics_span s WHERE until IS NULL
                   AND NOT EXISTS (SELECT 1 FROM {TICKETS} t WHERE t.id = s.ticket)
            UNION SELECT id FROM {TICKETS} t
                  WHERE NOT EXISTS (SELECT 1 FROM statistics_span s WHERE s.ticket = t.id) LIMIT %s
            """,
            [BATCH],
        )
        return [row[0] for row in cursor.fetchall()]


def heal() -> int:
    """Count strays again; how many differed."""
    fresh()
    tickets = [] if lag().building else strays()
    return recount(tickets) if tickets else 0


def _count() -> int:
    with unhurried(), connection.cursor() as cursor:
        done = step() or 0
        cursor.execute(
            "UPDATE statistics_cursor SET seen = clock_timestamp() "
            "WHERE seen IS NULL OR seen < clock_timestamp() - interval '5 s'"
        )
    if done < SLICE:  # caught up: counting many at once costs the others less than one by one
        sleep(QUIET)
    return done


pump = Pump("statistics", _count)
wake = pump.wake  # the log has grown: count on

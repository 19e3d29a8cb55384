"""Counting what costs us, one statement a decision. Whoever was refused is refused again from memory until their window
ends, so a flood on one subject waits for no lock; while the database is away each process counts for itself."""

import logging
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from hashlib import blake2b
from threading import Lock
from time import monotonic
from typing import Any

from django.db import DatabaseError, InterfaceError, connection, transaction
from django.utils.timezone import now
from prometheus_client import Counter

from caunoi.directory.queries import option
from caunoi.jobs import replica
from caunoi.limits.memory import Memory
from caunoi.limits.models import Tally
from caunoi.limits.rates import RATES

TAKE = """
INSERT INTO limits_tally AS t (key, name, hits, until)
VALUES (%(key)s, %(name)s, %(hits)s, clock_timestamp() + %(seconds)s * interval '1 second')
ON CONFLICT (key) DO UPDATE SET
    hits = CASE WHEN t.until <= clock_timestamp() THEN excluded.hits ELSE t.hits + excluded.hits END,
    until = CASE WHEN t.until <= clock_timestamp() THEN excluded.until ELSE t.until END
WHERE t.until <= clock_timestamp() OR t.hits + excluded.hits <= %(most)s
RETURNING hits, extract(epoch FROM until - clock_timestamp())::float8
"""
READ = """
SELECT hits, extract(epoch FROM until - clock_timestamp())::float8 FROM limits_tally
WHERE key = %(key)s AND until > clock_timestamp()
"""
ENDLESS = 2**31 - 1
SHARES = 50

REFUSED = Counter("caunoi_limits_refused", "What was refused because it was done too often", ["limit"])
for _limit in RATES:
    REFUSED.labels(_limit)  # a counter that is not there yet cannot be watched
ALONE = Counter("caunoi_limits_alone", "Decisions made by one process alone because the database was away")

log = logging.getLogger(__name__)
_refused, _alone, _shares = Memory(), Memory(), Memory()
_share_lock = Lock()


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Whether it may be done; `left` of `most` in the window, which ends in `wait` seconds."""

    allowed: bool
    most: int
    left: int
    wait: int


def take(name: str, subject: str, *, hits: int = 1) -> Verdict:
    """Count one more of a limit of rates.py, unless it is one too many. KeyError for a name that is not there."""
    rate = RATES[name]
    return _decide(name, subject, option(rate.option), rate.seconds, hits)


def take_share(name: str, subject: str) -> Verdict:
    """As `take`, for what comes often: this process takes a SHARES-th of the limit at a time and hands it out from
    memory. What it has not handed out when the window ends is forgone."""
    key, at = _key(name, subject), monotonic()
    with _share_lock:
        share = _shares.read(key, at)
        if share is not None and share.hits > 0:
            share.hits -= 1
            most = option(RATES[name].option)
            return Verdict(allowed=True, most=most, left=share.left + share.hits, wait=round(share.until - at))
    hits = max(1, option(RATES[name].option) // SHARES)
    verdict = take(name, subject, hits=hits)
    if not verdict.allowed and hits > 1:
        hits, verdict = 1, take(name, subject)
    if verdict.allowed and hits > 1:
        _shares.put(key, hits - 1, at + verdict.wait, verdict.left)
        return Verdict(allowed=True, most=verdict.most, left=verdict.left + hits - 1, wait=verdict.wait)
    return verdict


def add(name: str, subject: str, seconds: int) -> None:
    """Count it, whether it is too many or not."""
    _decide(name, subject, ENDLESS, seconds, 1)


def peek(name: str, subject: str, most: int) -> Verdict:
    """Whether one more would be allowed; nothing is counted."""
    key, at = _key(name, subject), monotonic()
    window = _refused.read(key, at)
    if window is not None and window.hits >= most:
        return _no(name, most, window.until - at)
    try:
        row = _row(READ, {"key": key})
    except (DatabaseError, InterfaceError) as error:
        _away(error)
        window = _alone.read(key, at)
        row = (window.hits, window.until - at) if window else None
    hits, wait = row or (0, 0.0)
    if hits < most:
        return Verdict(allowed=True, most=most, left=most - hits, wait=round(wait))
    _refused.put(key, hits, at + wait)
    return _no(name, most, wait)


def forget() -> None:
    """Forget what this process remembers, not what the database has counted."""
    _refused.clear()
    _alone.clear()
    _shares.clear()


def sweep() -> int:
    """Remove the windows that have ended. Returns their number."""
    return Tally.objects.filter(until__lte=now()).delete()[0]


def _decide(name: str, subject: str, most: int, seconds: int, hits: int) -> Verdict:
    key, at = _key(name, subject), monotonic()
    window = _refused.read(key, at)
    if window is not None and window.hits + hits > most:
        return _no(name, most, window.until - at)
    params = {"key": key, "name": name[:40], "hits": hits, "seconds": seconds, "most": most}
    try:
        row = _row(TAKE, params)
        if row is None:
            reached, wait = _row(READ, params) or (most, 1.0)
            _refused.put(key, reached, at + wait)
            return _no(name, most, wait)
    except (DatabaseError, InterfaceError) as error:
        return _decide_alone(name, key, most, seconds, hits, error)
    return Verdict(allowed=True, most=most, left=max(0, most - row[0]), wait=round(row[1]))


def _row(sql: str, params: Mapping[str, Any]) -> tuple[int, float] | None:
    """Hits and the seconds that are left of a window."""
    with replica.on_primary():
        savepoint = transaction.atomic() if connection.in_atomic_block else nullcontext()
        with savepoint, connection.cursor() as cursor:
            cursor.execute(sql, params)
            row: tuple[int, float] | None = cursor.fetchone()
            return row


def _decide_alone(name: str, key: bytes, most: int, seconds: int, hits: int, error: Exception) -> Verdict:
    """As this process alone has counted."""
    _away(error)
    return _count_alone(name, key, most, seconds, hits)


def take_alone(name: str, subject: str, most: int, seconds: int, *, hits: int = 1) -> Verdict:
    """Count one more as this process alone: for where it is known already that there is no database to ask."""
    return _count_alone(name, _key(name, subject), most, seconds, hits)


def _count_alone(name: str, key: bytes, most: int, seconds: int, hits: int) -> Verdict:
    at = monotonic()
    window = _alone.read(key, at)
    if window is not None and window.hits + hits > most:
        return _no(name, most, window.until - at)
    window = _alone.add(key, seconds, at, hits)
    return Verdict(allowed=True, most=most, left=max(0, most - window.hits), wait=round(window.until - at))


def _no(name: str, most: int, wait: float) -> Verdict:
    REFUSED.labels(name if name in RATES else "other").inc()
    return Verdict(allowed=False, most=most, left=0, wait=max(1, round(wait)))


def _away(error: Exception) -> None:
    ALONE.inc()
    log.warning("limits: no database, counted alone (%s)", type(error).__name__)


def _key(name: str, subject: str) -> bytes:
    return blake2b(f"{name}\0{subject}".encode("utf-8", "replace"), digest_size=16).digest()

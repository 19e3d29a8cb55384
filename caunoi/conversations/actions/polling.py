"""What is fetched from a provider instead of being sent to us: stored as it comes, together with the place to go on
from."""

import logging
import threading
import time
from collections.abc import Callable
from contextlib import closing
from typing import Any
from uuid import uuid4

import httpx
import psycopg
from django.db import InterfaceError, OperationalError, connections, transaction

from caunoi.channels.base import DeliveryError, Parcel, PollingError, TokenExpiredError
from caunoi.channels.registry import channel
from caunoi.conversations import queries
from caunoi.conversations.actions import blobs
from caunoi.conversations.actions.inboxes import in_trouble, renew, well
from caunoi.conversations.actions.receipts import keep
from caunoi.conversations.models import Inbox
from caunoi.jobs import direct
from caunoi.jobs.leases import Claim
from caunoi.lib import locks

log = logging.getLogger(__name__)

FIRST_WAIT, LONGEST_WAIT = 5.0, 300.0  # seconds after a failure, doubling
STANDBY = 5.0  # seconds until an inbox that nobody polls, or another process did, is tried
RECHECK = 15.0  # seconds between looks whether the inbox was set up differently
OURS = "caunoi polls by lease"  # a session of the lock
HOLDERS = """
SELECT application_name FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE locktype = 'advisory' AND granted
AND classid = %s AND objid = %s AND objsubid = 2
AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
LOOK = 0.5  # seconds between looks whether to stop, while waiting


def keep_parcel(box: Inbox, parcel: Parcel) -> bool:
    """Receipt, file and cursor in one step, durably; False for a duplicate (then only the cursor moves)."""
    name, key = "", b""
    if parcel.blob is not None:
        name, key = blobs.place(box.pk, parcel.external_id, parcel.blob)
    with transaction.atomic():
        new = bool(parcel.external_id) and keep(box, parcel.external_id, parcel.raw, blob=name, blob_key=key)[1]
        if new and parcel.blob is not None:
            blobs.store(name, parcel.blob, key)
        if parcel.cursor is not None:
            Inbox.objects.filter(pk=box.pk).update(cursor=dict(parcel.cursor))
    if parcel.cursor is not None:
        box.cursor = dict(parcel.cursor)
    return new


def poll_inbox(
    box: Inbox,
    http: httpx.Client,
    stopping: Callable[[], bool],
    *,
    on_receipt: Callable[[], None] = lambda: None,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Read an inbox until `stopping`; each new receipt is followed by `on_receipt()`. An error of the provider, the
    disk or the adapter becomes the inbox's trouble and is tried again, ever later up to LONGEST_WAIT; a lost database
    is the caller's."""
    adapter = channel(box.channel)
    if adapter is None or not adapter.polls:
        return
    failures = 0
    while not stopping():
        wait: float | None = None
        try:
            box.refresh_from_db()
            if not box.active:
                return
            ends = _changes(box, stopping)
            with closing(adapter.poll(box.cursor, queries.account(box, http), ends)) as parcels:
                for parcel in parcels:
                    if stopping():  # perhaps we stood still, and another polls
                        break
                    if parcel is not None and keep_parcel(box, parcel):
                        on_receipt()
                    if failures or box.trouble:
                        failures = 0
                        well(box)
            wait = 0.0
        except (psycopg.Error, OperationalError, InterfaceError):
            raise
        except TokenExpiredError as error:
            wait = _renewed(box, http, str(error), failures)
        except PollingError as error:
            log.warning("inbox %s: %s", box.name, error)
            in_trouble(box, str(error))
            wait = error.wait
        except Exception as error:
            log.exception("inbox %s cannot be polled", box.name)
            in_trouble(box, f"{type(error).__name__}: {error}")
        pause = min(FIRST_WAIT * 2 ** min(failures, 10), LONGEST_WAIT) if wait is None else wait
        failures += 1
        _pause(pause, _changes(box, stopping), sleep)


def _renewed(box: Inbox, http: httpx.Client, reason: str, failures: int) -> float | None:
    """A new token is tried at once, the first time; after that it is trouble."""
    try:
        renew(box, http, used=box.secrets)
        if not failures:
            return 0.0
        in_trouble(box, reason)
    except DeliveryError as error:  # in trouble by now
        log.warning("inbox %s: %s", box.name, error)
    return None


def poll_all(
    http: httpx.Client,
    ending: threading.Event,
    *,
    on_receipt: Callable[[], None] = lambda: None,
) -> None:
    """Poll every inbox that has to be, each in a thread of its own, for as long as no other process does, until
    `ending`; inboxes made or switched on later join in within seconds."""
    threads: dict[int, threading.Thread] = {}
    claim = Claim("polls", holder=uuid4().hex)
    with claim.renewing():
        try:
            while not ending.is_set():
                for box in _to_poll() if claim.valid else ():
                    if box.pk not in threads or not threads[box.pk].is_alive():
                        threads[box.pk] = threading.Thread(
                            target=_poll_alone,
                            args=(box, http, lambda: ending.is_set() or not claim.valid, on_receipt),
                            name=f"poll {box.name}",
                            daemon=True,
                        )
                        threads[box.pk].start()
                ending.wait(STANDBY if claim.valid else min(STANDBY, LOOK))
        finally:
            connections.close_all()
            for thread in threads.values():
                thread.join(10)


def _to_poll() -> list[Inbox]:
    try:
        return list(queries.to_poll())
    except (OperationalError, InterfaceError) as error:
        log.warning("polling: database away (%s)", type(error).__name__)
        connections.close_all()
        return []


def _poll_alone(box: Inbox, http: httpx.Client, stopping: Callable[[], bool], on_receipt: Callable[[], None]) -> None:
    """Poll one inbox, unless a process of the release before does, which knows nothing of the lease and only looks for
    the lock; `poll_all` tries again later. The lock ends with its session."""
    try:
        with direct.session(OURS) as lock:
            if _is_free(lock, box):
                poll_inbox(box, http, _until(stopping, lock), on_receipt=on_receipt)
    except (psycopg.Error, OperationalError, InterfaceError) as error:
        log.warning("inbox %s: database away (%s)", box.name, type(error).__name__)
    except Exception:
        log.exception("inbox %s is no longer polled", box.name)
    finally:
        connections.close_all()


def _is_free(lock: psycopg.Connection[Any], box: Inbox) -> bool:
    """Whether no process of the release before polls it. That of a host which died may have the lock of ours for an
    hour: the lease says better."""
    if lock.execute("SELECT pg_try_advisory_lock(%s, %s)", [locks.POLLS, box.pk]).fetchone() == (True,):
        return True
    return lock.execute(HOLDERS, [locks.POLLS, box.pk]).fetchall() == [(OURS,)]


def _until(stopping: Callable[[], bool], lock: psycopg.Connection[Any]) -> Callable[[], bool]:
    """`stopping`; psycopg.Error when the session of the lock is gone, for then a process of the release before may
    poll."""
    return _rechecking(stopping, lambda: lock.execute("SELECT 1") is None)


def _changes(box: Inbox, stopping: Callable[[], bool]) -> Callable[[], bool]:
    """`stopping`, and whether an administrator has set the inbox up differently or switched it off."""
    set_up = _set_up(box)
    row = Inbox.objects.filter(pk=box.pk)
    return _rechecking(stopping, lambda: (now_ := row.first()) is None or _set_up(now_) != set_up)


def _set_up(box: Inbox) -> tuple[object, ...]:
    return box.active, box.config, box.secrets


def _rechecking(stopping: Callable[[], bool], changed: Callable[[], bool]) -> Callable[[], bool]:
    """`stopping`, or `changed`, which is called every RECHECK seconds."""
    checked_at = time.monotonic()

    def ends() -> bool:
        nonlocal checked_at
        if stopping():
            return True
        if time.monotonic() - checked_at < RECHECK:
            return False
        checked_at = time.monotonic()
        return changed()

    return ends


def _pause(seconds: float, stopping: Callable[[], bool], sleep: Callable[[float], None]) -> None:
    while seconds > 0 and not stopping():
        sleep(min(LOOK, seconds))
        seconds -= LOOK

"""The channels' part of `caunoi worker`: polls the mailboxes, reads receipts, fetches enclosures, sends the queue. Each
in threads of its own, so that a slow provider holds up nobody else; a lost database is waited for."""

import logging
import threading
from collections.abc import Callable, Sequence

import httpx
import psycopg
from django.db import InterfaceError, InternalError, OperationalError, close_old_connections, connections

from caunoi.conversations import actions
from caunoi.conversations.actions.hearing import enclosed
from caunoi.conversations.actions.receipts import ARRIVED
from caunoi.events import outbox
from caunoi.jobs import direct
from caunoi.jobs.lookout import SLOW, Watch

log = logging.getLogger(__name__)

AWAY = 1.0  # seconds until a database that went away is asked again
LOOK = 1.0  # seconds after which a listener sees whether it is to end
FETCHERS = 3
PATIENCE = httpx.Timeout(20.0, connect=5.0)

RECEIPTS = "EXISTS (SELECT 1 FROM conversations_receipt WHERE state = 'waiting')"
OUTGOING = """EXISTS (
    SELECT 1 FROM conversations_outgoing o JOIN conversations_inbox i ON i.id = o.inbox_id
    WHERE o.state = 'queued' AND o.due <= now() AND o.claimed IS NULL AND i.active
)"""
ENCLOSURES = "EXISTS (SELECT 1 FROM conversations_enclosure WHERE state = 'waiting' AND due <= now())"

arrived, due = threading.Event(), threading.Event()
WATCHES = (
    Watch(waits=RECEIPTS, wake=arrived.set),
    Watch(waits=OUTGOING, wake=due.set),
    Watch(waits=ENCLOSURES, wake=enclosed.set),
)


def client() -> httpx.Client:
    """The HTTP client for the providers' APIs."""
    return httpx.Client(timeout=PATIENCE, follow_redirects=True, headers={"User-Agent": "caunoi"})


def _loop(work: Callable[[], int], ending: threading.Event, wait: Callable[[], object]) -> None:
    """Work for ever; `wait` when there was nothing to do."""
    try:
        while not ending.is_set():
            try:
                close_old_connections()
                done = work()
            except (OperationalError, InterfaceError, InternalError) as error:
                log.warning("mailbox: database away, trying again: %s", error)
                connections.close_all()
                ending.wait(AWAY)
            except Exception:
                log.exception("mailbox: %s", getattr(work, "__name__", work))
                ending.wait(AWAY)
            else:
                if not done:
                    wait()
    finally:
        connections.close_all()


def _called(event: threading.Event, seconds: float) -> Callable[[], object]:
    def wait() -> None:
        event.wait(seconds)
        event.clear()

    return wait


def _listen(ending: threading.Event) -> None:
    """Wait for the notification of the web processes (web/intake.py): faster than polling, and cheaper."""
    while not ending.is_set():
        try:
            with direct.session() as listener:
                listener.execute(f"LISTEN {ARRIVED}")
                arrived.set()
                while not ending.is_set():
                    for _ in listener.notifies(timeout=LOOK, stop_after=1):
                        arrived.set()
        except (psycopg.Error, OSError) as error:
            log.warning("mailbox: nobody to listen to (%s)", type(error).__name__)
            ending.wait(AWAY)


def read() -> int:
    with outbox.unhurried():
        return actions.read()


def fetch(http: httpx.Client) -> int:
    rows = actions.claim_enclosures(1)
    for row in rows:
        actions.fetch(row, http)
    return len(rows)


def start(ending: threading.Event) -> Sequence[threading.Thread]:
    """Start all of it; the threads end after `ending` is set."""
    http = client()
    loops: list[tuple[str, Callable[[], None]]] = [
        ("listen", lambda: _listen(ending)),
        ("poll", lambda: actions.poll_all(http, ending, on_receipt=arrived.set)),
        ("read", lambda: _loop(read, ending, _called(arrived, SLOW))),
        ("send", lambda: _loop(lambda: actions.dispatch(http), ending, _called(due, SLOW))),
        *((f"fetch {n}", lambda: _loop(lambda: fetch(http), ending, _called(enclosed, SLOW))) for n in range(FETCHERS)),
    ]
    threads = [threading.Thread(target=loop, name=name, daemon=True) for name, loop in loops]
    for thread in threads:
        thread.start()
    return threads


def wake() -> None:
    """Wake every loop, so that it sees whether to end."""
    for event in (arrived, due, enclosed):
        event.set()

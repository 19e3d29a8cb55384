"""One lookout for all loops of the worker: one statement asks ten times a second which of them have work, and wakes
those. Loops that each look for themselves cost many times as much while nothing happens. A loop that nobody wakes still
looks by itself after SLOW."""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import sleep

import psycopg
from django.db import InterfaceError, InternalError, OperationalError, close_old_connections, connection

log = logging.getLogger(__name__)

EVERY = 0.1  # seconds between looks
SLOW = 5.0  # seconds after which a loop looks by itself
AWAY = 1.0  # seconds before a lost database is tried again


@dataclass(frozen=True, kw_only=True)
class Watch:
    """`waits` is SQL that is true when there may be work, `wake` calls the loop that does it."""

    waits: str
    wake: Callable[[], None]


class Pump:
    """A loop of the worker: does `work` until that says there was none, then waits until it is woken or SLOW is over. A
    database that went away is waited for. Called with `stop()`, which says when to end."""

    def __init__(self, name: str, work: Callable[[], int]) -> None:
        self.name, self.work, self.woken = name, work, threading.Event()
        self.wake = self.woken.set

    def __call__(self, stop: Callable[[], bool]) -> None:
        while not stop():
            self.woken.clear()
            try:
                close_old_connections()
                done = self.work()
            except (OperationalError, InterfaceError, InternalError) as error:
                log.warning("%s: database away, trying again: %s", self.name, error)
                done = 0
                sleep(AWAY)
            if not done:
                self.woken.wait(SLOW)


def look(watches: Sequence[Watch]) -> None:
    """Look once, and wake every loop that has work."""
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(f"SELECT {', '.join(watch.waits for watch in watches)}".encode(), prepare=True)
        row = cursor.fetchone()
    for watch, waits in zip(watches, row or (), strict=True):
        if waits:
            watch.wake()


def keep(watches: Sequence[Watch], ending: threading.Event) -> None:
    """Look for ever, until `ending` is set; a database that went away is waited for."""
    pause = EVERY
    while not ending.wait(pause):
        try:
            look(watches)
            pause = EVERY
        except (OperationalError, InterfaceError, InternalError) as error:
            log.warning("lookout: database away, trying again: %s", error)
            connection.close()
            pause = AWAY
    connection.close()

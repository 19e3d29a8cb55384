"""What only one process may do at a time, on whatever host, it does by a lease: a row that its holder renews every
RENEWED seconds, and that another takes once it was not for TERM.

A row, and no lock of a session: a lock outlives a host that stands still or is cut off, and behind a pooler it is
somebody else's. Who holds a lease asks `valid` before each act: a process that stood still wakes up and does nothing.
"""

import logging
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from threading import Event, Thread
from time import monotonic

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection

log = logging.getLogger(__name__)

TERM, RENEWED = 6.0, 2.0  # seconds: another has taken over within their sum
TAKE = """
INSERT INTO jobs_lease AS l (name, holder, host, since, until)
VALUES (%(name)s, %(holder)s, %(host)s, clock_timestamp(), clock_timestamp() + %(term)s * interval '1 s')
ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, host = excluded.host, until = excluded.until,
    since = CASE WHEN l.holder = excluded.holder THEN l.since ELSE excluded.since END
WHERE l.holder = excluded.holder OR l.until < clock_timestamp()
RETURNING true
"""
RELEASE = "UPDATE jobs_lease SET until = clock_timestamp() WHERE name = %(name)s AND holder = %(holder)s"


def holder(name: str) -> str:
    """Whose it is at this moment, "host (process)"; empty where nobody holds it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT host FROM jobs_lease WHERE name = %s AND until > clock_timestamp()", [name])
        row = cursor.fetchone()
    return str(row[0]) if row else ""


def here() -> str:
    """Which installation of ours on which machine this is."""
    machine = ""
    with suppress(OSError):
        machine = Path("/etc/machine-id").read_text("ascii", "replace")
    return sha256(f"{machine}\n{socket.gethostname()}\n{settings.HOME}".encode()).hexdigest()[:32]


class Claim:
    """What one process knows of the lease of a name. `holder`: the place (`here`), so that a process that is started
    again goes on at once; whoever starts it sees to it that there is one of it at a place."""

    def __init__(self, name: str, *, holder: str = "", term: float = TERM) -> None:
        host = f"{socket.gethostname()} ({os.getpid()})"[:120]
        self.values: dict[str, str | float] = {"name": name, "holder": holder or here(), "host": host, "term": term}
        self.term, self.until = term, 0.0

    @property
    def valid(self) -> bool:
        """Whether nobody else can have it at this moment."""
        return monotonic() < self.until

    def take(self) -> bool:
        """Take or renew it; whether it is ours. A database error says nothing: nobody else can take it either."""
        begun = monotonic()
        with connection.cursor() as cursor:
            cursor.execute(TAKE, self.values)
            ours = cursor.fetchone() is not None
        self.until = begun + self.term if ours else 0.0
        return ours

    @contextmanager
    def renewing(self) -> Iterator[None]:
        """Taken whenever nobody has it, and renewed, by a thread of its own for the length of a block; then released.
        While the database is away it runs out."""
        ending = Event()
        thread = Thread(target=self._renew, args=[ending], name=f"lease {self.values['name']}", daemon=True)
        thread.start()
        try:
            yield
        finally:
            ending.set()
            thread.join(TERM)

    def _renew(self, ending: Event) -> None:
        while not ending.is_set():
            try:
                self.take()
            except (DatabaseError, InterfaceError) as error:
                log.warning("lease %s: database away (%s)", self.values["name"], type(error).__name__)
                connection.close()
            ending.wait(RENEWED)
        with suppress(DatabaseError, InterfaceError):
            self.release()
        connection.close()

    def release(self) -> None:
        """The next one may take it at once."""
        self.until = 0.0
        with connection.cursor() as cursor:
            cursor.execute(RELEASE, self.values)

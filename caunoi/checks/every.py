"""The one list of checks: `caunoi doctor`, the administrators' page, `/health` and the metrics read it.

What needs neither Django nor a database stands in `host`; the doctor asks that first.
"""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from threading import Lock
from time import monotonic

from django.conf import settings
from django.db import Error, connection

from caunoi.checks import exchanges, outward, readiness, running, spooled
from caunoi.directory.queries import Fresh
from caunoi.host import configuration, machine
from caunoi.host.finding import Check, Finding, State, Text, _, run
from caunoi.host.presence import running_at
from caunoi.jobs import replica

FRESH = 10.0  # seconds for which findings are reused
STOPPED = _("Not asked: the product does not run.")
AWAY = _("Not asked: the database does not answer.")
UNMIGRATED = _("Not asked: the database is not migrated to this release.")
PARTS = {
    "environment": _("Settings"),
    "machine": _("The machine"),
    "running": _("At work"),
    **readiness.PARTS,
}
ALIVE = {
    "worker",
    "jobs",
    "queue",
    "events",
    "deadlines",
    "receipts",
    "outgoing",
    "inboxes",
    "bridge",
}  # need a product that runs


def answers() -> bool:
    """Whether there is a database to ask. Tested anew each time, before any check waits for it in vain."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return False
    return True


def _unasked(checks: Iterable[Check[()]], why: Text) -> Iterator[Finding]:
    return (Finding(check=one.name, part=one.part, state=State.WARN, what=why) for one in checks)


def of_product(home: Path) -> Iterator[Finding]:
    """All checks of the database and over the network. What only a running product can do well counts as not asked
    while an embedded database's product is stopped."""
    yield from run(outward.CHECKS, home, os.environ)
    yield from run(spooled.CHECKS)
    of_database = (*running.CHECKS, *readiness.CHECKS, *exchanges.CHECKS)
    if not answers():
        yield from _unasked(of_database, AWAY)
        return
    stopped = not os.environ.get("DATABASE_URL") and not running_at(home)
    unmigrated = False
    for check in of_database:
        if unmigrated or (stopped and check.name in ALIVE):
            yield from _unasked([check], UNMIGRATED if unmigrated else STOPPED)
            continue
        findings = list(check.results())
        unmigrated = check is running.CHECKS[0] and findings[0].state == State.BROKEN
        yield from findings


def at_hand() -> list[Finding]:
    """What a running process finds within milliseconds about settings, machine and work; nothing over the network but
    what the files' store is asked once in a minute."""
    home = Path(settings.HOME)
    cheap = [one for one in machine.CHECKS if one.name not in {"database", "standbys", "packages", "keys_kept"}]
    work = run(running.CHECKS) if answers() else _unasked(running.CHECKS, AWAY)
    return [*run(configuration.CHECKS, os.environ), *run(cheap, home, os.environ), *work, *waiting()]


waiting = Fresh(lambda: run(spooled.CHECKS), 60.0)
"""What waits in the spool: a bucket that is away is not waited for by each who asks how we are."""


class Cache:
    """The findings at hand, refreshed at most once in FRESH seconds."""

    def __init__(self) -> None:
        self._lock, self._at, self._findings = Lock(), -FRESH, list[Finding]()

    def __call__(self) -> list[Finding]:
        with self._lock:
            if monotonic() - self._at > FRESH:
                self._findings, self._at = at_hand(), monotonic()
            return self._findings


cached = Cache()
ONLY_READS = Finding(
    check="primary",
    part="running",
    state=State.BROKEN,
    what=_("There is no primary: what only reads is answered from a standby."),
    why=_("No report is taken, and whoever is not signed in yet cannot be."),
    mend=_("Let the cluster elect a primary, or start it again."),
)
VITAL = {one.name for checks in (machine.CHECKS, running.CHECKS, spooled.CHECKS) for one in checks if one.health}


def health() -> tuple[str, list[Finding]]:
    """`ok`, or `degraded` with what is broken of the work itself, or `down` where there is no database to work with;
    with a standby of it, what only reads goes on."""
    if not answers():
        replica.primary.lose()
        return ("degraded", [ONLY_READS]) if replica.serves() else ("down", [])
    findings = [one for one in cached() if one.check in VITAL and one.state == State.BROKEN]
    if any(one.check in {"migrated", "release"} for one in findings):
        return "down", findings
    return ("degraded" if findings else "ok"), findings

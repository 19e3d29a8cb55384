"""Whether the worker follows what happens, and the channels carry it: each check yields what is wrong."""

from collections.abc import Iterator
from datetime import timedelta

from django.db import connection
from django.db.models import Min
from django.utils.timezone import now

from caunoi.calls.queries import ALIVE, gaps, links
from caunoi.checks.stored import rows
from caunoi.conversations.models import Inbox, Outgoing, Receipt
from caunoi.conversations.queries import backlog
from caunoi.events.models import Event
from caunoi.events.queries import failing
from caunoi.host import guard
from caunoi.host.finding import Finding, Text, _, broken, warning
from caunoi.jobs import clock
from caunoi.sla.models import Deadline

STILL = 30.0  # seconds without a sign of life, ten of them
SERVICES = {"web", "live", "worker", "bridge"}
SILENT = 30  # seconds since a worker's last beat: three of them
BEHIND = timedelta(minutes=2)  # what waits longer is not being worked at
UNMARKED = timedelta(minutes=3)  # the sweep looks each minute
UNSENT = timedelta(minutes=15)
STUCK = timedelta(minutes=30)  # a job that waits so long although its time has come
RUNS_OUT = timedelta(days=3)
UNREAD = timedelta(days=1)  # a gap in the calls can be read for so long
UNREAD_MENDS = {
    "no_logs": _("Set the folder of the exchange's logs in its inbox; a gap is read for a day after it."),
    "bad_address": _("Correct the address of the database of the exchange's logs in its inbox: postgresql://…"),
}
WORKER = _("Start the product again; when it comes back, look at the worker's log.")


def worker() -> Iterator[Finding]:
    ((age,),) = rows("SELECT extract(epoch FROM now() - max(last_heartbeat))::float8 FROM procrastinate_workers")
    if age is None or age > SILENT:
        since = "" if age is None else f" ({age:.0f} s)"
        yield broken(
            _("No worker is alive%(since)s.", since=since),
            _("Deadlines are not marked, messages not sent."),
            WORKER,
        )


def jobs() -> Iterator[Finding]:
    for one in clock.standings():
        if one.overdue:
            last = f"{one.last_success:%Y-%m-%d %H:%M} UTC" if one.last_success else "–"
            error = f" ({one.error})" if one.error else ""
            yield broken(
                _(
                    "The task %(task)s is overdue; last success: %(last)s%(error)s.",
                    task=one.task,
                    last=last,
                    error=error,
                ),
                _("What it does stands still."),
                _("See `caunoi jobs` and the worker's log."),
            )


def queue() -> Iterator[Finding]:
    ((abandoned, waiting),) = rows(
        "SELECT count(*) FILTER (WHERE j.status = 'doing' AND (w.id IS NULL OR w.last_heartbeat < now() - %s)),"
        " count(*) FILTER (WHERE j.status = 'todo' AND coalesce(j.scheduled_at, e.at) < now() - %s)"
        " FROM procrastinate_jobs j LEFT JOIN procrastinate_workers w ON w.id = j.worker_id"
        " LEFT JOIN LATERAL (SELECT max(at) AS at FROM procrastinate_events WHERE job_id = j.id) e ON true"
        " WHERE j.status IN ('todo', 'doing')",
        timedelta(seconds=4 * SILENT),
        STUCK,
    )
    if abandoned:
        yield broken(
            _("%(abandoned)s jobs belong to a worker that died.", abandoned=abandoned),
            _("Others of their kind do not run."),
            WORKER,
        )
    if waiting:
        yield broken(
            _("%(waiting)s jobs have waited for more than 30 minutes.", waiting=waiting),
            _("The worker hangs, or does not keep up."),
            WORKER,
        )


def events() -> Iterator[Finding]:
    oldest = Event.objects.filter(pending=True).order_by("id").values_list("recorded", flat=True).first()
    if oldest and now() - oldest > BEHIND:
        minutes = (now() - oldest).total_seconds() / 60
        yield broken(
            _("The oldest event has waited for %(minutes)s minutes.", minutes=f"{minutes:.0f}"),
            _("Deadlines, notices and publication lag behind."),
            WORKER,
        )


def deadlines() -> Iterator[Finding]:
    if count := Deadline.objects.filter(state="running", due__lt=now() - UNMARKED).count():
        yield broken(
            _("%(count)s deadlines are over and not marked so.", count=count),
            _("Nobody is reminded, and the figures are wrong."),
            WORKER,
        )


def reactions() -> Iterator[Finding]:
    again, given_up = failing()
    if given_up:
        yield warning(
            _("%(given_up)s reactions failed and wait for a person.", given_up=given_up),
            _("What a citizen was promised may not have happened."),
            _("Open “Not done” and have them tried again."),
            page="desk:unfinished",
        )
    if again > 20:
        yield warning(
            _("%(again)s reactions are being tried again.", again=again),
            _("Probably for one and the same reason."),
            _("See the worker's log."),
        )


def receipts() -> Iterator[Finding]:
    oldest = Receipt.objects.filter(state="waiting").aggregate(at=Min("at"))["at"]
    if oldest and now() - oldest > BEHIND:
        yield broken(
            _("What came in at %(oldest)s UTC is still unread.", oldest=f"{oldest:%H:%M}"),
            _("Citizens' messages have not become tickets."),
            WORKER,
        )
    if unreadable := backlog()["unreadable"]:
        yield warning(
            _("%(unreadable)s receipts could not be read.", unreadable=unreadable),
            _("They are kept, and nobody has seen them."),
            _("See them under Channels."),
            page="desk:channels",
        )


def outgoing() -> Iterator[Finding]:
    oldest = Outgoing.objects.filter(state="queued").aggregate(at=Min("at"))["at"]
    if oldest and now() - oldest > UNSENT:
        yield broken(
            _("A message has waited to be sent since %(oldest)s UTC.", oldest=f"{oldest:%d/%m %H:%M}"),
            _("Citizens are not told."),
            _("See the inbox's trouble under Channels."),
            page="desk:channels",
        )


def inboxes() -> Iterator[Finding]:
    for box in Inbox.objects.filter(active=True).order_by("id"):
        name = box.label or box.name
        if box.trouble:
            yield broken(
                Text(f"{name}: {box.trouble}"),
                _("This channel does not receive, or does not send."),
                _("Fix the inbox's settings."),
                page="setup:inboxes",
            )
        elif box.until and box.until < now() + RUNS_OUT:
            yield warning(
                _("%(name)s: its token runs out on %(until)s.", name=name, until=f"{box.until:%d/%m/%Y}"),
                _("After that it cannot send."),
                _("Renew it on the inbox's page."),
                page="setup:inboxes",
            )


def hosts() -> Iterator[Finding]:
    """Whether all that is at work, on whatever machines, gives signs of life and is of one release."""
    connection.ensure_connection()
    parts = guard.parts(connection.connection)
    for one in parts:
        if one.quiet > STILL:
            yield warning(
                _(
                    "%(part)s at %(host)s gives no sign of life (%(age)s s).",
                    part=one.name,
                    host=one.host,
                    age=int(one.quiet),
                ),
                _("The machine or the process stands still, or is cut off; others do its work where they can."),
                _("Look at that machine: is it up, does it reach the database? Start the product there again."),
            )
    if len(releases := {one.version for one in parts if one.name in SERVICES}) > 1:
        yield warning(
            _("Machines run different releases: %(releases)s.", releases=", ".join(sorted(releases))),
            _("An upgrade is not finished; what only the new release understands waits for it."),
            _("Upgrade the other machines too."),
        )


def bridge() -> Iterator[Finding]:
    for link in links():
        name = link.inbox.label or link.inbox.name
        if link.seen < now() - ALIVE:
            yield broken(
                _(
                    "The telephone bridge of %(name)s has been silent since %(seen)s UTC.",
                    name=name,
                    seen=f"{link.seen:%H:%M}",
                ),
                _("Calls do not appear on the screens."),
                WORKER,
            )
        elif link.up_since is None:
            yield broken(
                _("%(name)s: no link to the exchange (%(reason)s).", name=name, reason=link.reason),
                _("Calls do not appear on the screens."),
                _("Check the exchange, the network and the AMI account."),
                page="setup:inboxes",
            )
    yield from _unread_gaps()


def _unread_gaps() -> Iterator[Finding]:
    """Times in which nobody listened and which could not be filled in."""
    for gap in gaps(now() - UNREAD):
        if gap.until and gap.trouble:
            yield warning(
                _(
                    "%(name)s: nobody listened to the exchange from %(since)s to %(until)s UTC, and its logs were not "
                    "read (%(reason)s).",
                    name=gap.inbox.label or gap.inbox.name,
                    since=f"{gap.since:%d/%m %H:%M:%S}",
                    until=f"{gap.until:%H:%M:%S}",
                    reason="–" if gap.trouble in UNREAD_MENDS else gap.trouble,
                ),
                _("Who gave up then is not in the log and is not called back."),
                UNREAD_MENDS.get(
                    gap.trouble,
                    _("Look whether this machine reads the exchange's queue_log, cdr-csv and cel-custom there."),
                ),
                page="setup:inboxes",
            )

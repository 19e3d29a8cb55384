"""Whether the running product does its work: each check asks the database, and yields what is wrong."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Min
from django.utils.timezone import now

from caunoi.accounts.disuse import last_review
from caunoi.accounts.models import Key, User
from caunoi.accounts.service_accounts import SOON
from caunoi.calls.queries import ALIVE, links
from caunoi.confidential import queries as cases
from caunoi.conversations.models import Inbox, Outgoing, Receipt
from caunoi.conversations.queries import backlog
from caunoi.directory.queries import option, option_now
from caunoi.events import rowsecurity, seals
from caunoi.events.models import Event
from caunoi.events.queries import failing
from caunoi.files.actions import GIGABYTE
from caunoi.files.models import Attachment
from caunoi.files.queries import unfinished
from caunoi.host import database as addresses
from caunoi.host import grants, releases
from caunoi.host.finding import Check, Finding, Text, _, broken, warning
from caunoi.jobs import clock
from caunoi.lib.crypto.envelope import SealError
from caunoi.privacy import queries as personal
from caunoi.publication.queries import heads, newest_testimonies, witnesses
from caunoi.sla.models import Deadline
from caunoi.vault import rotation
from caunoi.vault.queries import MasterKeyError, data_keys, unwrapped

SILENT = 30  # seconds since a worker's last beat: three of them
BEHIND = timedelta(minutes=2)  # what waits longer is not being worked at
UNMARKED = timedelta(minutes=3)  # the sweep looks each minute
UNSENT = timedelta(minutes=15)
STUCK = timedelta(minutes=30)  # a job that waits so long although its time has come
RUNS_OUT = timedelta(days=3)
IDLE = timedelta(minutes=10)
UNSEALED = timedelta(hours=3)  # the clock seals every hour
UNSEEN = timedelta(days=1)
LATEST_SEALS = 2
LOOKED_AT = 50  # of the newest photos

WORKER = _("Start the product again; when it comes back, look at the worker's log.")


def _rows(sql: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


def migrated() -> Iterator[Finding]:
    executor = MigrationExecutor(connection)
    if missing := len(executor.migration_plan(executor.loader.graph.leaf_nodes())):
        yield broken(
            _("%(missing)s migrations have not been run.", missing=missing),
            _("Pages may fail anywhere."),
            _("Run: caunoi migrate"),
        )


def sight() -> Iterator[Finding]:
    """Whether row-level security stands behind the pages (docs/adr/0027)."""
    if not rowsecurity.enforced():
        yield warning(
            _("The database does not watch what people may see."),
            _("Only the product itself keeps closed tickets closed."),
            _(
                "As the database's administrator: CREATE ROLE caunoi_reader; GRANT caunoi_reader TO the product's "
                "user WITH INHERIT FALSE, SET TRUE (PostgreSQL 16 or newer). Then run: caunoi migrate"
            ),
        )
    elif unwatched := rowsecurity.unwatched():
        yield broken(
            _("The database does not watch %(tables)s.", tables=", ".join(unwatched)),
            _("Only the product itself keeps closed tickets closed."),
            _("Run: caunoi migrate"),
        )


def release() -> Iterator[Finding]:
    connection.ensure_connection()
    if newer := releases.newer(connection.connection):
        yield broken(
            Text("%(why)s.", {"why": newer.why}),
            _("Older code may spoil what newer code wrote."),
            _("Install the newer release, or restore the backup."),
        )


def worker() -> Iterator[Finding]:
    ((age,),) = _rows("SELECT extract(epoch FROM now() - max(last_heartbeat))::float8 FROM procrastinate_workers")
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
    ((abandoned, waiting),) = _rows(
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


def connections() -> Iterator[Finding]:
    ((used, most),) = _rows(
        "SELECT (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'),"
        " current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int"
    )
    if used > 0.8 * most:
        yield warning(
            _("%(used)s of %(most)s database connections are in use.", used=used, most=most),
            _("When there are none left, pages answer 503."),
            _("Raise max_connections, or run fewer processes (--web)."),
        )
    for pid, name, minutes in _rows(
        "SELECT pid, application_name, extract(epoch FROM now() - state_change)::int / 60 FROM pg_stat_activity"
        " WHERE datname = current_database() AND state LIKE 'idle in transaction%%' AND state_change < now() - %s",
        IDLE,
    ):
        yield warning(
            _(
                "Connection %(pid)s (%(name)s) has kept a transaction open for %(minutes)s minutes.",
                pid=pid,
                name=name,
                minutes=minutes,
            ),
            _("It holds locks and stops the vacuum."),
            _("End it: SELECT pg_terminate_backend(%(pid)s)", pid=pid),
        )


def witnessed() -> Iterator[Finding]:
    rows = list(witnesses().filter(active=True).exclude(address=""))
    if not rows and not settings.DEMO:
        yield warning(
            _("Nobody outside keeps the heads of the public log."),
            _("Whoever has the database and the key could show another past."),
            _("Name a witness: another installation, or a time-stamping authority."),
            page="setup:witnesses",
        )
    head, last = heads().first(), newest_testimonies()
    for row in rows:
        seen = last[row.pk].at if row.pk in last else row.since
        if head and seen < min(head.at, now() - UNSEEN):
            yield warning(
                _("The witness %(name)s has signed nothing for a day%(why)s.", name=row.name, why=f" ({row.trouble})"),
                _("A change of the record since then would have no witness."),
                _("See its trouble, and ask its administrator."),
                page="setup:witnesses",
            )


def durable() -> Iterator[Finding]:
    wrong = [
        name
        for name, value in _rows(
            "SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit')"
        )
        if value == "off"
    ]
    if wrong:
        yield broken(
            _("The database runs with %(wrong)s = off.", wrong=", ".join(wrong)),
            _("A power cut loses reports that were acknowledged, or spoils the data."),
            _("Set it to on."),
        )


def primary() -> Iterator[Finding]:
    ((standby, reads_only),) = _rows("SELECT pg_is_in_recovery(), current_setting('transaction_read_only')::bool")
    if standby or reads_only:
        yield broken(
            _("We are connected to a server that only reads."),
            _("No report is taken."),
            _("Add target_session_attrs=read-write to DATABASE_URL; see whether the cluster has a primary."),
        )
    several = "," in str(connection.settings_dict["HOST"])
    if several and "target_session_attrs" not in connection.settings_dict["OPTIONS"]:
        yield warning(
            _("DATABASE_URL names several hosts and no target_session_attrs."),
            _("After a fail-over we may land on a standby."),
            _("Add target_session_attrs=read-write."),
        )


def sessions() -> Iterator[Finding]:
    """LISTEN and locks live in sessions that are idle for long."""
    ((value,),) = _rows("SELECT setting FROM pg_settings WHERE name = 'idle_session_timeout'") or [("0",)]
    if value != "0":
        yield warning(
            Text(f"idle_session_timeout = {value} ms."),
            _("Live screens and locks are cut off."),
            _("Set it to 0 for this user: ALTER ROLE … SET idle_session_timeout = 0"),
        )


def rights() -> Iterator[Finding]:
    """Whether the owner can migrate, and whether the product is another, with what is declared and no more."""
    ((user, is_owner, able),) = _rows(
        "SELECT current_user, pg_has_role(relowner, 'USAGE'), has_schema_privilege(relowner, relnamespace, 'CREATE')"
        " FROM pg_class WHERE oid = 'events_event'::regclass"
    )
    if not able:
        yield broken(
            _("The database's user may not make tables."),
            _("An upgrade will fail."),
            _("GRANT CREATE ON SCHEMA public TO the_user;"),
        )
    if is_owner:
        if addresses.url():
            yield warning(
                _("The product works with the database as the owner of its tables."),
                _("Whoever gets into the product can change what it recorded."),
                _("See what `caunoi roles` prints, and set DATABASE_OWNER_URL."),
            )
        return
    connection.ensure_connection()
    if lacks := grants.lacking(connection.connection, user):
        some = ", ".join(f"{one.privilege} {one.table}" for one in lacks[:3])
        yield broken(
            _("The product's role has other rights than it should: %(some)s.", some=some),
            _("Pages fail, or what is recorded can be changed."),
            _("Run: caunoi migrate"),
        )


def evidence() -> Iterator[Finding]:
    """The newest seals only; `caunoi verify` and the weekly task read all."""
    newest = seals.newest()
    covered = newest.last if newest else 0
    oldest = Event.objects.filter(id__gt=covered).order_by("id").values_list("recorded", flat=True).first()
    if oldest and max(oldest, newest.at if newest else oldest) < now() - UNSEALED:
        yield broken(
            _("Events since %(oldest)s UTC are not sealed.", oldest=f"{oldest:%d/%m %H:%M}"),
            _("Until they are, a change of them would not be found."),
            _("See `caunoi jobs` and the worker's log."),
        )
    if bad := seals.verify(newest_only=LATEST_SEALS).first_bad:
        yield broken(
            _("The record of events was changed: %(bad)s.", bad=bad),
            _("It no longer proves what happened."),
            _("Run `caunoi verify`, keep the newest backups, and find out who had the database."),
        )


def photos() -> Iterator[Finding]:
    newest = Attachment.objects.order_by("-id").values_list("name", flat=True)[:LOOKED_AT]
    lost = [name for name in newest if not default_storage.exists(f"{name}.webp")]
    if lost:
        yield broken(
            _("%(lost)s of the %(looked_at)s newest photos are not on the disk.", lost=len(lost), looked_at=LOOKED_AT),
            _("Their pages are empty, and evidence is lost."),
            _("Check the disk of files/, then bring them back from a backup."),
        )


def uploads() -> Iterator[Finding]:
    waiting, most = unfinished(), option("upload_gigabytes")
    if waiting.total > 0.8 * most * GIGABYTE:
        yield warning(
            _(
                "%(count)s photos of unfinished reports take %(gigabytes)s GB of the %(most)s GB that they may.",
                count=waiting.count,
                gigabytes=f"{waiting.total / GIGABYTE:.1f}",
                most=most,
            ),
            _("Somebody may be filling the disk; of more, the oldest are removed every hour."),
            _("See which addresses send them in the proxy's log; the numbers are options."),
        )


def demo() -> Iterator[Finding]:
    if settings.DEMO:
        return
    users = User.objects.filter(demo=True, is_active=True).count()
    keys = Key.objects.filter(demo=True, revoked=None).count()
    if users or keys:
        yield broken(
            _("There are %(users)s accounts and %(keys)s keys of the demo.", users=users, keys=keys),
            _("Everybody knows their passwords; they are refused, and these data are not the province's."),
            _("Begin with an empty CAUNOI_HOME, or take those accounts away."),
            page="setup:people",
        )


def programs() -> Iterator[Finding]:
    """Keys from before programs had their own rights, keys that expire, programs for which nobody answers."""
    keys = Key.objects.filter(revoked=None).exclude(approved=None)
    if inherited := keys.filter(account__inherited=True).count():
        yield warning(
            _("%(count)s keys are from before programs had rights of their own.", count=inherited),
            _("They may do all that a person could, and never expire."),
            _("Issue a new key for each program, then revoke the old one."),
            page="setup:keys",
        )
    if soon := keys.filter(expires__gt=now(), expires__lt=now() + SOON).count():
        yield warning(
            _("%(count)s keys expire within 30 days.", count=soon),
            _("The programs that use them are refused from then on."),
            _("Issue a new key for each program, and give it to whoever runs it."),
            page="setup:keys",
        )
    if orphans := keys.filter(account__owner__is_active=False).values("account").distinct().count():
        yield warning(
            _("Nobody answers for %(count)s programs: the accounts of their people are closed.", count=orphans),
            _("Nobody notices when such a key is misused."),
            _("Choose who answers for each of them."),
            page="setup:keys",
        )


def account_reviews() -> Iterator[Finding]:
    """The list of all accounts is looked through every `review_days`, first so long after the first account."""
    since = last_review() or User.objects.filter(demo=False).aggregate(first=Min("date_joined"))["first"]
    days = int(option("review_days"))
    if since is not None and since < now() - timedelta(days=days) and not settings.DEMO:
        yield warning(
            _("Nobody has reviewed all accounts for %(days)s days.", days=days),
            _("Whoever has left, or does other work now, may still be able to sign in."),
            _("Look through the list, close what is not needed, and say so there."),
            page="setup:people-review",
        )


def privacy() -> Iterator[Finding]:
    if late := personal.overdue():
        yield warning(
            _("%(late)s requests about personal data are late.", late=late),
            _("The law gives people an answer in days (Law 91/2025)."),
            _("Answer, extend with a reason, or decide."),
            page="setup:privacy",
        )
    if unreported := personal.unreported():
        yield warning(
            _("%(count)s breaches were not reported to the authority in time.", count=unreported),
            _("What may harm people is to be reported within 72 hours."),
            _("Assess and report them."),
            page="setup:breaches",
        )
    if untold := personal.untold():
        yield warning(
            _("%(count)s breaches of places or voices were not told to the people in time.", count=untold),
            _("Whose places or voices were touched is told within 72 hours (Decree 356/2025, article 29)."),
            _("Tell them, and put a notice on the site for those whom no letter reaches."),
            page="setup:breaches",
        )


def confidential() -> Iterator[Finding]:
    """Whether somebody reads what is reported in confidence; how many and what, nobody learns here."""
    if cases.exists() and not cases.custodians().exclude(confirmed=None).exists():
        yield broken(
            _("Nobody reads what is reported in confidence: no custodian is named"),
            _("What citizens report in confidence stays sealed and unread, and the law's clocks run."),
            _("Setup › Custodians: one proposes two people, another confirms."),
            page="setup:custodians",
        )
    elif count := len(cases.late()):
        yield warning(
            _("%(count)s cases in confidence are late", count=count),
            _("A child, a victim or whoever denounced something waits longer than the law allows."),
            _("The custodians see which on their page."),
        )


def vault() -> Iterator[Finding]:
    """Whether what lies sealed opens, and how old the keys are. Their age is a matter of policy (NIST SP 800-57 part 1
    gives one to two years, from a secondary source): the option `key_months`."""
    try:
        rows = rotation.listing()
        for row in data_keys():
            unwrapped(row)
    except (MasterKeyError, SealError, ValueError, OSError) as error:
        yield broken(
            Text("%(error)s.", {"error": error}),
            _("The channels' passwords and the citizens' links lie sealed, and nothing opens them."),
            _("Bring the master key back from where its copy is kept, and start the product again."),
        )
        return
    months = int(option_now("key_months"))
    for one in rows:
        if one.in_use and one.days is not None and one.days > months * 30.44:
            yield warning(
                _("The key %(name)s is %(days)s days old.", name=one.name, days=one.days),
                _("The longer a key is used, the more whoever gets it can open."),
                _("Run: caunoi keys rotate %(name)s", name=one.name),
            )


CHECKS: tuple[Check[()], ...] = tuple(
    Check(
        name=name,
        part="running",
        fine=fine,
        look=look,
        health=name
        in {
            "migrated",
            "release",
            "primary",
            "worker",
            "jobs",
            "queue",
            "events",
            "deadlines",
            "receipts",
            "outgoing",
            "inboxes",
            "bridge",
            "durable",
        },
    )
    for name, look, fine in (
        ("migrated", migrated, _("The database is migrated.")),
        ("sight", sight, _("The database watches what people may see.")),
        ("release", release, _("This code may serve the database.")),
        ("primary", primary, _("The database server writes.")),
        ("sessions", sessions, _("Sessions are not cut off.")),
        ("rights", rights, _("The rights in the database suffice.")),
        ("evidence", evidence, _("The newest events are as they were sealed.")),
        ("witnesses", witnessed, _("The public log has witnesses, and they sign.")),
        ("durable", durable, _("The database writes to disk what it acknowledges.")),
        ("connections", connections, _("There are database connections left.")),
        ("worker", worker, _("The worker is at work.")),
        ("jobs", jobs, _("What runs by the clock runs in time.")),
        ("queue", queue, _("No job is stuck.")),
        ("events", events, _("Events are followed at once.")),
        ("deadlines", deadlines, _("Deadlines are marked in time.")),
        ("reactions", reactions, _("Nothing has failed.")),
        ("receipts", receipts, _("What comes in is read at once.")),
        ("outgoing", outgoing, _("What goes out is sent at once.")),
        ("inboxes", inboxes, _("All channels work.")),
        ("bridge", bridge, _("The exchange is linked, or there is none.")),
        ("demo", demo, _("There are no accounts of the demo.")),
        ("programs", programs, _("Every program has a key of its own that expires, and somebody answers for it.")),
        ("account_reviews", account_reviews, _("All accounts were reviewed in time.")),
        ("photos", photos, _("The photos are on the disk.")),
        ("privacy", privacy, _("Nobody waits for an answer about their data beyond the law's time.")),
        ("confidential", confidential, _("What is reported in confidence is read in time.")),
        ("uploads", uploads, _("Unfinished reports take little room.")),
        ("vault", vault, _("What lies sealed opens, and no key is too old.")),
    )
)

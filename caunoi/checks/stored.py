"""Whether the database and the disk do what is asked of them: each check asks there, and yields what is wrong."""

from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from hashlib import sha256
from time import monotonic
from typing import Any
from uuid import uuid4

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from caunoi.directory.queries import option
from caunoi.events import rowsecurity
from caunoi.files.actions import GIGABYTE
from caunoi.files.models import Attachment
from caunoi.files.queries import unfinished
from caunoi.host import database as addresses
from caunoi.host import grants, releases
from caunoi.host.finding import Finding, Text, _, broken, warning
from caunoi.jobs import replica
from caunoi.store.places import Folder, StoreError
from caunoi.store.queries import store as files

IDLE = timedelta(minutes=10)
LOOKED_AT, FEW = 50, 3  # of the newest photos: in a folder, in a bucket
MINUTE, PROBE = 60.0, "doctor"  # seconds; the folder of what is tried
_tried: dict[str, float] = {}  # when it last worked


def rows(sql: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


@cache
def _migrations() -> frozenset[tuple[str, str]]:
    """Every migration of ours and of what we use, as (app, name)."""
    return frozenset(MigrationLoader(None).graph.nodes)


def missing_migrations() -> int:
    """How many the database lacks. Django's Error."""
    return len(_migrations() - MigrationRecorder(connection).applied_migrations().keys())


def migrated() -> Iterator[Finding]:
    if missing := missing_migrations():
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


def connections() -> Iterator[Finding]:
    ((used, most),) = rows(
        "SELECT (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'),"
        " current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int"
    )
    if used > 0.8 * most:
        yield warning(
            _("%(used)s of %(most)s database connections are in use.", used=used, most=most),
            _("When there are none left, pages answer 503."),
            _("Raise max_connections, or run fewer processes (--web)."),
        )
    for pid, name, minutes in rows(
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


def durable() -> Iterator[Finding]:
    wrong = [
        name
        for name, value in rows(
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
    ((standby, reads_only),) = rows("SELECT pg_is_in_recovery(), current_setting('transaction_read_only')::bool")
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


def replicas() -> Iterator[Finding]:
    """Whether the standbys keep up with the primary."""
    for one in replica.lags():
        if one.error:
            yield warning(
                _("The standby %(where)s cannot be reached: %(reason)s", where=one.server, reason=one.error),
                _("The primary answers in its stead; while that is away nothing can be read."),
                _("Check host, password and firewall; try it with psql."),
            )
        elif one.bytes and (one.seconds is None or one.seconds > option("replica_seconds")):
            seconds = "?" if one.seconds is None else f"{one.seconds:.0f}"
            yield warning(
                _("The standby %(where)s is %(seconds)s s behind.", where=one.server, seconds=seconds),
                _("It is not read from: the primary answers in its stead."),
                _("See whether it follows the primary (pg_stat_replication), and whether its disk is fast enough."),
            )


def sessions() -> Iterator[Finding]:
    """LISTEN and locks live in sessions that are idle for long."""
    ((value,),) = rows("SELECT setting FROM pg_settings WHERE name = 'idle_session_timeout'") or [("0",)]
    if value != "0":
        yield warning(
            Text(f"idle_session_timeout = {value} ms."),
            _("Live screens and locks are cut off."),
            _("Set it to 0 for this user: ALTER ROLE … SET idle_session_timeout = 0"),
        )


def rights() -> Iterator[Finding]:
    """Whether the owner can migrate, and whether the product is another, with what is declared and no more."""
    ((user, is_owner, able),) = rows(
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


def store() -> Iterator[Finding]:
    """Whether the place where files lie takes one, gives it back and lets it go. Asked once in a minute."""
    if monotonic() - _tried.get("store", -MINUTE) < MINUTE:
        return
    place = files().main
    name, data = f"{PROBE}/{uuid4()}", b"doctor"
    try:
        place.put(name, ContentFile(data), sha256(data).digest())
        with place.take(name) as file:
            same = file.read() == data
        place.delete(name)
        if not same:
            raise StoreError(f"{place.label}: another file comes back than was written")
    except OSError as error:
        yield broken(
            _("The files' store does not work: %(error)s.", error=error),
            _("Photos, mails and recordings are neither taken nor shown; reports are taken without photos."),
            _("See to the disk of files/, or to the S3 server and its keys (S3_ENDPOINT, S3_BUCKET)."),
        )
        return
    _tried["store"] = monotonic()


def photos() -> Iterator[Finding]:
    count = LOOKED_AT if isinstance(files().main, Folder) else FEW
    newest = Attachment.objects.order_by("-id").values_list("name", flat=True)[:count]
    try:
        lost = [name for name in newest if not default_storage.exists(f"{name}.webp")]
    except StoreError:
        return  # said above
    if lost:
        yield broken(
            _("%(lost)s of the %(looked_at)s newest photos are not in the store.", lost=len(lost), looked_at=count),
            _("Their pages are empty, and evidence is lost."),
            _("Check the disk of files/ or the bucket, then bring them back; `caunoi store check` names them all."),
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

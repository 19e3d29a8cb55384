"""Whether the record proves what it should, and its keys are in order: each check yields what is wrong."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.utils.timezone import now

from caunoi.calls.models import Call, CallLeg
from caunoi.calls.queries import NUMBERED_LEGS
from caunoi.conversations.models import Receipt
from caunoi.conversations.queries.raw import unsealed_files
from caunoi.directory.queries import option_now
from caunoi.events import seals
from caunoi.events.models import Event
from caunoi.host.finding import Finding, Text, _, broken, warning
from caunoi.host.hsm import HsmError
from caunoi.lib.crypto.envelope import SealError
from caunoi.publication.actions import log, log_keys
from caunoi.publication.actions.log_keys import LogKeyError
from caunoi.publication.queries import heads, newest_testimonies, witnesses
from caunoi.vault import actions as sealing
from caunoi.vault import rotation
from caunoi.vault.queries import MasterKeyError, data_keys, unwrapped

UNSEALED = timedelta(hours=3)  # the clock seals every hour
UNSEEN = timedelta(days=1)
LATEST_SEALS = 2


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


def vault() -> Iterator[Finding]:
    """Whether what lies sealed opens, and how old the keys are. Their age is a matter of policy (NIST SP 800-57 part 1
    gives one to two years, from a secondary source): the option `key_months`."""
    try:
        rows = rotation.listing()
        for row in data_keys():
            unwrapped(row)
    except HsmError as error:
        yield broken(
            Text("%(error)s.", {"error": error}),
            _("The channels' passwords and the citizens' links lie sealed, and nothing opens them."),
            _("See that module, token, key and the PIN's file are there; docs/security/keys.md names them."),
        )
        return
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
    yield from _unsealed()


def _unsealed() -> Iterator[Finding]:
    """What lies as the release before wrote it; what has just come in is sealed when it is read."""
    left = [(model._base_manager.filter(sealing.unsealed(model)), model, "") for model in sealing.doubled()]
    left += [(unsealed_files(), Receipt, " (files)"), (CallLeg.objects.filter(NUMBERED_LEGS), Call, " (legs)")]
    for rows, model, what in left:
        count = (rows.exclude(state=Receipt.State.WAITING) if model is Receipt else rows).count()
        if count:
            table, others = f"{model._meta.db_table}{what}", sealing.waited_for(model)
            yield warning(
                _("%(count)s rows of %(table)s are not sealed yet.", count=count, table=table),
                _("Whoever gets hold of the database reads who wrote."),
                _("End what still runs the release before: %(others)s", others=", ".join(others))
                if others
                else _("The worker seals them, a minute long every ten minutes. Look again in an hour."),
            )


def log_key() -> Iterator[Finding]:
    """Whether the public log goes on under its own key, and how old that is."""
    if not heads().exists() and not log_keys.path().exists():
        return  # made with the first head
    try:
        file = log_keys.key_file()
        terms = log_keys.terms(file)
        log_keys.current()
    except (LogKeyError, OSError, ValueError) as error:
        yield broken(
            Text("%(error)s.", {"error": error}),
            _("The public log is signed no more."),
            _("Bring the file of the key back, or the one of the host where it was changed."),
        )
        return
    if bad := log.verify_keys().first_bad:
        yield broken(
            _("Somebody announced a key in the public log that is not its own: %(bad)s.", bad=bad),
            _("Nobody who checks the log believes it; but somebody wrote into the database, or has the log's key."),
            _("Run `caunoi verify`, keep the newest backups, and find out who had the database."),
        )
    if len(file.private) > 1 and len(terms) > 1 and file.find(terms[-2].key):
        yield warning(
            _("%(file)s still holds the private key of before.", file=log_keys.path()),
            _("The log has gone on to a new key; whoever gets the old one could show another past with it."),
            _("Run: caunoi keys rotate log, or leave only its public part there."),
        )
    made = log_keys.made().get(terms[-1].id) or datetime.fromtimestamp(log_keys.path().stat().st_mtime, UTC)
    yield from _too_old("log", (now() - made).days)


def _too_old(name: str, days: int) -> Iterator[Finding]:
    if days > int(option_now("key_months")) * 30.44:
        yield warning(
            _("The key %(name)s is %(days)s days old.", name=name, days=days),
            _("The longer a key is used, the more whoever gets it can open."),
            _("Run: caunoi keys rotate %(name)s", name=name),
        )

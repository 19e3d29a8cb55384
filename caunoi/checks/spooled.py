"""What waits in the spool (caunoi/spool). The store alone is asked, so this is known without a database too."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.utils.timezone import now

from caunoi.host.finding import Check, Finding, _, broken, warning
from caunoi.spool.queries import ASIDE, waiting
from caunoi.store.places import StoreError

BEHIND = timedelta(minutes=5)


def spool() -> Iterator[Finding]:
    try:
        pending, aside = waiting(), waiting(ASIDE)
    except StoreError:
        return  # the check of the store says so
    if aside.since:
        yield broken(
            _("%(count)s reports could not be numbered since %(at)s UTC.", count=aside.count, at=_time(aside.since)),
            _("Somebody was told that we have their report, and nobody reads it."),
            _("See the worker's log for why; once that is settled: caunoi store spool --again"),
        )
    if pending.since:
        tell = broken if now() - pending.since > BEHIND else warning
        yield tell(
            _(
                "%(count)s reports have waited for a number since %(at)s UTC.",
                count=pending.count,
                at=_time(pending.since),
            ),
            _("Their citizens have our word that they are kept, and no ticket yet."),
            _("They are numbered as soon as the database has a primary and the worker runs; see its log."),
        )


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"


CHECKS: tuple[Check[()], ...] = (
    Check(name="spool", part="running", fine=_("No report waits for its number."), look=spool, health=True),
)

"""Times in which a channel, or the whole hotline, cannot be reached: announced at least `outage_days` working days
ahead (7: Decree 224/2026, article 13.1 a), shown to everybody, cancelled and restored at will."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.timezone import now

from caunoi.directory.actions import forget
from caunoi.directory.models import Outage
from caunoi.directory.queries import Fresh, calendar, option
from caunoi.events.actions import amend, record
from caunoi.events.actor import Actor, RefusedError, administrators_only
from caunoi.events.models import Event

HORIZON = timedelta(days=60)  # how far ahead they are shown


class TooLateError(RefusedError):
    """A planned outage must be announced earlier, or begin at `earliest`."""

    code = "too_late"

    def __init__(self, earliest: datetime) -> None:
        self.earliest = earliest
        super().__init__(earliest.isoformat())


def earliest(announced: datetime) -> datetime:
    """When a planned outage announced at this moment may begin: at the close of that working day."""
    return calendar("office").add_days(announced, option("outage_days"))


def _coming() -> list[Outage]:
    at = now()
    rows = Outage.objects.filter(cancelled=None, ends__gt=at, starts__lt=at + HORIZON)
    return list(rows.order_by("starts", "id"))


coming: Fresh[Sequence[Outage]] = Fresh(_coming)
"""Those that go on or will begin, the next first."""


def going_on() -> list[Outage]:
    """The outages of now."""
    at = now()
    return [row for row in coming() if row.starts <= at < row.ends]


def every() -> list[Outage]:
    """All that ever were announced, the latest first."""
    return list(Outage.objects.order_by("-starts", "-id")[:200])


def outage(pk: int) -> Outage | None:
    return Outage.objects.filter(pk=pk).first()


@transaction.atomic
def announce(
    channel: str, starts: datetime, ends: datetime, reason: str, *, by: Actor, reason_en: str = "", excuse: str = ""
) -> Outage:
    """Announce that a channel ("" = all) cannot be reached. TooLateError for a planned outage that begins too soon;
    `excuse` says why it could not be planned. ValueError where it ends before it begins, or is over."""
    administrators_only(by)
    at = now()
    if ends <= starts or ends <= at:
        raise ValueError("an outage ends after it begins, and ahead of now")
    if starts < (first := earliest(at)) and not excuse:
        raise TooLateError(first)
    row = Outage.objects.create(
        channel=channel, starts=starts, ends=ends, reason=reason, reason_en=reason_en, excuse=excuse, announced=at
    )
    record("outage.announce", row, by=by, reason=reason)
    forget()
    return row


@transaction.atomic
def edit(row: Outage, *, by: Actor, **values: object) -> Event | None:
    """Correct what it says: the reason, or an earlier end. Its beginning stays as it was announced."""
    administrators_only(by)
    if "starts" in values and values["starts"] != row.starts:
        raise ValueError("announce another one")
    event = amend("outage.edit", row, values, by=by, reason=row.reason)
    forget()
    return event


@transaction.atomic
def cancel(row: Outage, *, by: Actor) -> Event | None:
    """It does not take place after all, or is over before its time. None where that is known already."""
    return None if row.cancelled else _set("outage.cancel", row, now(), by)


@transaction.atomic
def restore(row: Outage, *, by: Actor) -> Event | None:
    """It takes place after all."""
    return _set("outage.restore", row, None, by)


def _set(kind: str, row: Outage, cancelled: datetime | None, by: Actor) -> Event | None:
    administrators_only(by)
    event = amend(kind, row, {"cancelled": cancelled}, by=by, reason=row.reason)
    forget()
    return event

"""What the organisation itself says of the checklist of level 3: stated by an administrator, withdrawn at will. Rows
are never changed: whoever states it anew withdraws what stood before."""

from datetime import date

from django.db import connection, transaction
from django.utils.timezone import localdate, now

from caunoi.directory.models import Assurance
from caunoi.events.actions import amend, record
from caunoi.events.actor import Actor, administrators_only
from caunoi.events.models import Event


def of(requirement: str) -> Assurance | None:
    """What stands of this requirement."""
    return Assurance.objects.filter(requirement=requirement, withdrawn=None).first()


def assurance(pk: int) -> Assurance | None:
    return Assurance.objects.filter(pk=pk).first()


@transaction.atomic
def state(requirement: str, since: date, who: str, document: str, *, by: Actor) -> Event:
    """Write down that it is met since a day, who answers for it and which document shows it. ValueError for a day that
    is to come, or without words."""
    administrators_only(by)
    who, document = who.strip(), document.strip()
    if since > localdate() or not who or not document:
        raise ValueError("since a day that has come, by somebody, with a document")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('caunoi assurance'))")  # two who state the same at once
    if (before := of(requirement)) is not None:
        withdraw(before, by=by)
    row = Assurance.objects.create(requirement=requirement, since=since, who=who, document=document, by=by.name)
    return record(
        "assurance.make", row, by=by, requirement=requirement, since=since.isoformat(), who=who, document=document
    )


@transaction.atomic
def withdraw(row: Assurance, *, by: Actor) -> Event | None:
    """It is no longer stated; None where it was withdrawn already."""
    administrators_only(by)
    row = Assurance.objects.select_for_update().get(pk=row.pk)
    if row.withdrawn is not None:
        return None
    return amend("assurance.withdraw", row, {"withdrawn": now()}, by=by, requirement=row.requirement)

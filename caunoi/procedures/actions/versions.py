"""A procedure's content, from when it is valid, and whether it is in force at all."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date

from django.db import transaction
from django.db.models import F, Max, OuterRef, Subquery
from django.utils.timezone import localdate, now

from caunoi.events.actions import record
from caunoi.events.actor import SYSTEM, Actor
from caunoi.events.models import Event
from caunoi.lib.vietnamese.writing import fold, sort_key
from caunoi.procedures import finding, queries
from caunoi.procedures.actions.index import hand_over
from caunoi.procedures.actions.rights import editors_only
from caunoi.procedures.compare import changed_fields
from caunoi.procedures.models import Import, Procedure, Version
from caunoi.procedures.record import Record

VERSION_COLUMNS = ["name", "folded", "sort", "field", "agency", "levels", "audience", "current", "retired", "changed"]

type Pair = tuple[Procedure, Record, Record | None]
"""A procedure, the content of its next version, that of its last one."""


def describe(procedure: Procedure, record: Record) -> None:
    """Copy the fields that lists and search need from a record; not saved."""
    procedure.name, procedure.folded, procedure.sort = record.name, fold(record.name), sort_key(record.name)[:900]
    procedure.field, procedure.agency = record.field[:200], record.agency
    procedure.levels = [level[:60] for level in record.levels]
    procedure.audience = [who[:120] for who in record.audience]


def save(procedures: Collection[Procedure], columns: Sequence[str]) -> None:
    """Write these columns of procedures that exist, many at once: an upsert costs a tenth of `bulk_update`."""
    Procedure.objects.bulk_create(
        procedures, batch_size=1000, update_conflicts=True, update_fields=columns, unique_fields=["id"]
    )
    finding.renew()


def add_versions(
    pairs: Sequence[Pair], *, by: Actor, effective_from: date | None = None, source: Import | None = None
) -> list[Version]:
    """The next version of each procedure; one that is in force today becomes the current one, and where there was one
    before, `procedure.version` is recorded, for what cites it (of the others on the day they begin)."""
    at, begins = now(), effective_from or localdate()
    ids = [procedure.pk for procedure, _, _ in pairs]
    newest = Version.objects.filter(procedure__in=ids).values("procedure").annotate(last=Max("number"))
    numbers = dict(newest.values_list("procedure", "last"))
    ending = Version.objects.filter(procedure__in=list(numbers), effective_to=None, effective_from__lte=begins)
    ending.update(effective_to=begins)
    made = [
        Version(
            procedure=procedure,
            number=numbers.get(procedure.pk, 0) + 1,
            decision=content.decision[:200],
            by=by.name,
            at=at,
            effective_from=begins,
            content=content.content(),
            digest=content.digest(),
            source=source,
        )
        for procedure, content, _ in pairs
    ]
    Version.objects.bulk_create(made, batch_size=500)
    turned: list[tuple[Version, Record | None]] = []
    for (procedure, content, before), version in zip(pairs, made, strict=True):
        procedure.changed = at
        if begins <= localdate() or procedure.current is None:
            procedure.current = version
            describe(procedure, content)
            turned.append((version, before))
    save([procedure for procedure, _, _ in pairs], VERSION_COLUMNS)
    _tell(turned, by)
    return made


def _tell(turned: Sequence[tuple[Version, Record | None]], by: Actor) -> None:
    """Record that versions came into force where there was another before."""
    events = []
    for version, before in turned:
        if before is not None:
            fields = changed_fields(before, version.record)
            data = {"code": version.procedure.code, "number": version.number, "fields": fields}
            common = {"at": now(), "kind": "procedure.version", "subject": "procedure", **by.signature}
            events.append(Event(subject_id=version.procedure_id, data=data, **common))
    Event.objects.bulk_create(events, batch_size=1000)


@transaction.atomic
def put_back(version: Version, *, by: Actor) -> Version | None:
    """Restore the content of an earlier version as a new version; None when it is the newest's already."""
    editors_only(by)
    procedure = Procedure.objects.select_for_update().get(pk=version.procedure_id)
    newest = queries.versions(procedure)[0]
    if newest.digest == version.digest:
        return None
    (made,) = add_versions([(procedure, version.record, newest.record)], by=by)
    return made


@transaction.atomic
def retire(procedure: Procedure, *, by: Actor, successor: Procedure | None = None) -> Event:
    """It is no longer in force; its address stays and points to the successor."""
    editors_only(by)
    procedure.retired, procedure.successor = localdate(), successor
    procedure.save(update_fields=["retired", "successor", "changed"])
    after = successor.code if successor else ""
    finding.renew()
    return record("procedure.retire", procedure, by=by, code=procedure.code, successor=after)


@transaction.atomic
def unretire(procedure: Procedure, *, by: Actor) -> Event:
    """It is in force again."""
    editors_only(by)
    procedure.retired = procedure.successor = None
    procedure.save(update_fields=["retired", "successor", "changed"])
    finding.renew()
    return record("procedure.restore", procedure, by=by, code=procedure.code)


def turn(procedures: Collection[Procedure], retired: date | None, *, by: Actor) -> None:
    """Many at once: no longer in force from a day on, or (None) in force again."""
    for procedure in procedures:
        procedure.retired, procedure.successor = retired, None
    save(procedures, ["retired", "successor", "changed"])
    note_turns(procedures, by=by)


def note_turns(procedures: Iterable[Procedure], *, by: Actor) -> None:
    """Record for each that it is no longer in force, or is again."""
    Event.objects.bulk_create(
        [
            Event(
                at=now(),
                kind="procedure.retire" if procedure.retired else "procedure.restore",
                subject="procedure",
                subject_id=procedure.pk,
                **by.signature,
                data={"code": procedure.code},
            )
            for procedure in procedures
        ],
        batch_size=1000,
    )


@transaction.atomic
def come_into_force(day: date | None = None) -> int:
    """Make the versions current that begin by this day; returns how many procedures turned."""
    begun = Version.objects.filter(procedure=OuterRef("pk"), effective_from__lte=day or localdate())
    due = Procedure.objects.annotate(due=Subquery(begun.order_by("-number").values("pk")[:1]))
    due = due.exclude(due=None).exclude(due=F("current_id"))
    turning = list(due.select_related("current").select_for_update(of=["self"]))
    versions = Version.objects.select_related("procedure").in_bulk([procedure.due for procedure in turning])
    turned = [
        (versions[procedure.due], procedure.current.record if procedure.current else None) for procedure in turning
    ]
    for procedure, (version, _) in zip(turning, turned, strict=True):
        procedure.current = version
        describe(procedure, version.record)
    save(turning, VERSION_COLUMNS)
    _tell(turned, SYSTEM)
    if turning:
        hand_over()
    return len(turning)

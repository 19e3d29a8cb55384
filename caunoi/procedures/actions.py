import hashlib
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Max, OuterRef, Subquery
from django.utils.timezone import localdate, now

from caunoi.directory.models import Area
from caunoi.events.actions import amend, record
from caunoi.events.actor import Actor, NotAllowed, Refused, Role
from caunoi.events.models import Event
from caunoi.lib.vietnamese import fold, nfc, sort_key
from caunoi.procedures import preview, queries
from caunoi.procedures.compare import changed_fields
from caunoi.procedures.models import Import, Note, Procedure, Version
from caunoi.procedures.plan import Plan, plan
from caunoi.procedures.record import Record
from caunoi.procedures.sources import BadFile, Source, read

EDITORS = frozenset({Role.REVIEWER, Role.ADMIN, Role.SYSTEM})
LOCK = 0x7E11C0DE
DESCRIBED = ["name", "folded", "sort", "field", "agency", "levels", "audience", "current", "retired", "changed"]

type Pair = tuple[Procedure, Record, Record | None]
"""A procedure, what its next version says, what its last one said."""


class NotNow(Refused):
    """Not in this state of things."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def editors_only(by: Actor) -> None:
    """NotAllowed unless a reviewer, an administrator or the product itself does it."""
    if not by.has(*EDITORS):
        raise NotAllowed("reviewers_only")


def upload(
    file_name: str, raw: bytes, *, by: Actor, effective_from: date | None = None, retires: bool = True
) -> Import:
    """Keep a file as it came, until it is carried out or dropped."""
    editors_only(by)
    return Import.objects.create(
        file_name=nfc(file_name)[-200:], raw=raw, digest=hashlib.sha256(raw).hexdigest(), by=by.name,
        by_user=by.user_id, effective_from=effective_from or localdate(), retires=retires,
    )  # fmt: skip


def look(row: Import) -> Import:
    """Read the file and write down what it would do; one that cannot be read fails, with its flaws."""
    try:
        source = _source(row)
    except BadFile as error:
        flaws = [asdict(flaw) for flaw in error.flaws]
        _set(row, state=Import.State.FAILED, error=str(error)[:500], oddities=flaws, raw=None)
        return row
    made = plan(source, queries.known())
    _set(row, state=Import.State.READY, kind=source.kind, total=len(source.records), **_told(row, made))
    return row


def _source(row: Import) -> Source:
    assert row.raw is not None
    return read(bytes(row.raw), lambda count: _set(row, done=count))


def _set(row: Import, **values: Any) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    row.save(update_fields=list(values))


def _told(row: Import, made: Plan) -> dict[str, Any]:
    names = dict(Procedure.objects.filter(code__in=made.gone).values_list("code", "name"))
    return {"plan": preview.told(made, names, retires=row.retires), "oddities": preview.oddities(made)}


def drop(row: Import, *, by: Actor) -> None:
    """Do not bring the file in after all."""
    editors_only(by)
    Import.objects.filter(pk=row.pk, state__in=[Import.State.READY, Import.State.WAITING]).update(
        state=Import.State.DROPPED, raw=None
    )


def begin(row: Import, *, by: Actor) -> bool:
    """Whether this call is the one that sets a looked-at import going."""
    editors_only(by)
    return bool(Import.objects.filter(pk=row.pk, state=Import.State.READY).update(state=Import.State.APPLYING))


def bring_in(row: Import, *, by: Actor) -> Import:
    """Carry out what `look` showed, all of it or nothing. NotNow when it was carried out or dropped already, or when
    what we have has changed since: then the new plan is there to be looked at."""
    editors_only(by)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        row = Import.objects.select_for_update().get(pk=row.pk)
        if row.state not in (Import.State.READY, Import.State.APPLYING) or row.raw is None:
            raise NotNow("not_ready")
        made = plan(read(bytes(row.raw)), queries.known())
        told = _told(row, made)
        holds = preview.outline(told["plan"]) == preview.outline(row.plan or {})
        if holds:
            _write(made, row, by)
            _set(row, state=Import.State.DONE, applied=now(), raw=None)
        else:
            _set(row, state=Import.State.READY, **told)
    if not holds:
        raise NotNow("changed_meanwhile")
    return row


def _write(made: Plan, row: Import, by: Actor) -> None:
    counts = {"fresh": len(made.fresh), "changed": len(made.changed), "gone": len(made.gone) if row.retires else 0}
    record("procedure.import", row, by=by, file=row.file_name, digest=row.digest, counts=counts)
    fresh = []
    for step in made.fresh:
        procedure = Procedure(code=step.record.code)
        describe(procedure, step.record)
        fresh.append(procedure)
    Procedure.objects.bulk_create(fresh, batch_size=1000)
    steps = {step.record.code: step for step in [*made.fresh, *made.changed, *made.noted]}
    rows = {p.code: p for p in Procedure.objects.filter(code__in=list(steps)).select_related("current")}
    for code, procedure in rows.items():
        step = steps[code]
        procedure.source, procedure.full_digest = step.source[:200], step.full_digest
        procedure.listed = dict(step.listed) if step.listed is not None else None
    Procedure.objects.bulk_update(rows.values(), ["source", "listed", "full_digest"], batch_size=500)
    turned = [step for step in [*made.fresh, *made.changed] if step.before is None or step.changed]
    add_versions(
        [(rows[s.record.code], s.record, s.before) for s in turned],
        by=by,
        effective_from=row.effective_from,
        source=row,
    )
    for step in made.changed:
        if step.returns:
            unretire(rows[step.record.code], by=by)
    if row.retires:
        for procedure in Procedure.objects.filter(code__in=made.gone):
            retire(procedure, by=by)


def describe(procedure: Procedure, said: Record) -> None:
    """Repeat what lists and search need of a record; not saved."""
    procedure.name, procedure.folded, procedure.sort = said.name, fold(said.name), sort_key(said.name)[:900]
    procedure.field, procedure.agency = said.field[:200], said.agency
    procedure.levels = [level[:60] for level in said.levels]
    procedure.audience = [who[:120] for who in said.audience]


def add_versions(
    pairs: Sequence[Pair], *, by: Actor, effective_from: date | None = None, source: Import | None = None
) -> list[Version]:
    """The next version of each procedure; what is in force today becomes the current one. Where there was one before,
    `procedure.version` is recorded, for what cites it."""
    at, begins = now(), effective_from or localdate()
    known = [procedure.pk for procedure, _, _ in pairs]
    newest = Version.objects.filter(procedure__in=known).values("procedure").annotate(last=Max("number"))
    numbers = dict(newest.values_list("procedure", "last"))
    ending = Version.objects.filter(procedure__in=list(numbers), effective_to=None, effective_from__lte=begins)
    ending.update(effective_to=begins)
    made = [
        Version(
            procedure=procedure, number=numbers.get(procedure.pk, 0) + 1, decision=said.decision[:200], by=by.name, at=at,
            effective_from=begins, content=said.content(), digest=said.digest(), source=source,
        )
        for procedure, said, _ in pairs
    ]  # fmt: skip
    Version.objects.bulk_create(made, batch_size=500)
    for (procedure, said, _), version in zip(pairs, made, strict=True):
        procedure.changed = at
        if begins <= localdate() or procedure.current is None:
            procedure.current = version
            describe(procedure, said)
    Procedure.objects.bulk_update([procedure for procedure, _, _ in pairs], DESCRIBED, batch_size=500)
    Event.objects.bulk_create(
        [
            Event(
                at=at, kind="procedure.version", subject="procedure", subject_id=procedure.pk, by=by.name, by_user=by.user_id,
                data={"code": procedure.code, "number": version.number, "fields": changed_fields(before, said)},
            )
            for (procedure, said, before), version in zip(pairs, made, strict=True)
            if before is not None
        ],
        batch_size=1000,
    )  # fmt: skip
    return made


@transaction.atomic
def put_back(version: Version, *, by: Actor) -> Version | None:
    """Let a procedure say again what an earlier version said, as a new version; None when it does so already."""
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
    return record("procedure.retire", procedure, by=by, code=procedure.code, successor=after)


@transaction.atomic
def unretire(procedure: Procedure, *, by: Actor) -> Event:
    """It is in force again."""
    editors_only(by)
    procedure.retired = procedure.successor = None
    procedure.save(update_fields=["retired", "successor", "changed"])
    return record("procedure.restore", procedure, by=by, code=procedure.code)


@transaction.atomic
def undo_import(row: Import, *, by: Actor) -> None:
    """Take an import back: what it made is retired, what it changed says what it said before, what it retired is in force
    again. NotNow when something was done to the same since."""
    editors_only(by)
    row = Import.objects.select_for_update().get(pk=row.pk)
    if row.state != Import.State.DONE or row.plan is None:
        raise NotNow("not_ready")
    made = list(row.versions.select_related("procedure"))
    if any(queries.versions(v.procedure)[0].pk != v.pk for v in made):
        raise NotNow("changed_meanwhile")
    earlier: list[Pair] = []
    for version in made:
        before = queries.version(version.procedure, version.number - 1)
        if before is None:
            retire(version.procedure, by=by)
        else:
            earlier.append((version.procedure, before.record, version.record))
    add_versions(earlier, by=by)
    codes = [one["code"] for one in row.plan["gone"]]
    for procedure in Procedure.objects.filter(code__in=codes).exclude(retired=None):
        unretire(procedure, by=by)
    # What the file said must not stand in the way of bringing it in again.
    Procedure.objects.filter(versions__source=row).update(listed=None, full_digest="")
    _set(row, state=Import.State.UNDONE)
    record("procedure.undo", row, by=by, file=row.file_name)


def come_into_force(day: date | None = None) -> int:
    """Make current what has begun by this day; returns how many procedures turned."""
    begun = Version.objects.filter(procedure=OuterRef("pk"), effective_from__lte=day or localdate())
    due = Procedure.objects.annotate(due=Subquery(begun.order_by("-number").values("pk")[:1]))
    turning = list(due.exclude(due=None).exclude(due=F("current_id")))
    versions = Version.objects.in_bulk([procedure.due for procedure in turning])
    for procedure in turning:
        procedure.current = versions[procedure.due]
        describe(procedure, procedure.current.record)
    return Procedure.objects.bulk_update(turning, DESCRIBED, batch_size=500)


@transaction.atomic
def write_note(
    procedure: Procedure, text: str, *, by: Actor, area: Area | None = None, phone: str = "", note: Note | None = None
) -> Note:
    """Add a note of the province's own, or change one."""
    editors_only(by)
    values = {"text": nfc(text).strip(), "phone": nfc(phone).strip(), "area": area}
    if note is None:
        note = Note.objects.create(procedure=procedure, by=by.name, at=now(), **values)
        record("note.add", note, by=by, code=procedure.code)
    else:
        amend("note.edit", note, values, by=by, code=procedure.code)
    return note


@transaction.atomic
def set_note(note: Note, *, by: Actor, active: bool) -> Event | None:
    """Take a note away, or put it back."""
    editors_only(by)
    return amend("note.keep" if active else "note.remove", note, {"active": active}, by=by, code=note.procedure.code)

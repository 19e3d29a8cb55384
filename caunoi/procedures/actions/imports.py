"""Imports of the national portal's files: uploaded, previewed, applied."""

import hashlib
from dataclasses import asdict
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.timezone import localdate, now

from caunoi.events.actions import record
from caunoi.events.actor import Actor
from caunoi.lib.vietnamese.writing import nfc
from caunoi.procedures import preview, queries
from caunoi.procedures.actions.index import hand_over
from caunoi.procedures.actions.rights import WrongStateError, editors_only
from caunoi.procedures.actions.undoing import alone, digests, marks
from caunoi.procedures.actions.versions import add_versions, describe, save, turn
from caunoi.procedures.models import Import, Procedure
from caunoi.procedures.plan import Plan, plan
from caunoi.procedures.sources import BadFileError, Source, read


def upload(
    file_name: str, raw: bytes, *, by: Actor, effective_from: date | None = None, retires: bool = True
) -> Import:
    """Store a file as it came, until it is applied or dropped."""
    editors_only(by)
    return Import.objects.create(
        file_name=nfc(file_name)[-200:],
        raw=raw,
        digest=hashlib.sha256(raw).hexdigest(),
        by=by.name,
        by_user=by.user_id,
        effective_from=effective_from or localdate(),
        retires=retires,
    )


def look(row: Import) -> Import:
    """Read the file and store the preview of its import; one that cannot be read fails, with its flaws."""
    try:
        source = _source(row)
    except BadFileError as error:
        flaws = [asdict(flaw) for flaw in error.flaws]
        _set(row, state=Import.State.FAILED, error=str(error)[:500], oddities=flaws, raw=None)
        return row
    made = plan(source, queries.existing())
    _set(row, state=Import.State.READY, kind=source.kind, total=len(source.records), **_preview(row, made))
    return row


def _source(row: Import) -> Source:
    assert row.raw is not None
    return read(bytes(row.raw), lambda count: _set(row, done=count))


def _set(row: Import, **values: Any) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    row.save(update_fields=list(values))


def _preview(row: Import, plan: Plan) -> dict[str, Any]:
    names = dict(Procedure.objects.filter(code__in=plan.withdrawn).values_list("code", "name"))
    return {"plan": preview.as_json(plan, names, retires=row.retires), "oddities": preview.oddities(plan)}


def drop(row: Import, *, by: Actor) -> None:
    """Do not import the file after all."""
    editors_only(by)
    Import.objects.filter(pk=row.pk, state__in=[Import.State.READY, Import.State.WAITING]).update(
        state=Import.State.DROPPED, raw=None
    )


def begin(row: Import, *, by: Actor) -> bool:
    """Start a previewed import; whether this call did."""
    editors_only(by)
    return bool(Import.objects.filter(pk=row.pk, state=Import.State.READY).update(state=Import.State.APPLYING))


def bring_in(row: Import, *, by: Actor, index: bool = True) -> Import:
    """Apply an import as previewed, all of it or nothing, with the new index of the search (unless `index=False`: more
    follows in the same transaction). WrongStateError when it was applied or dropped already, or when our procedures
    have changed since: then there is a new preview."""
    editors_only(by)
    with transaction.atomic():
        alone()
        row = Import.objects.select_for_update().get(pk=row.pk)
        if row.state not in (Import.State.READY, Import.State.APPLYING) or row.raw is None:
            raise WrongStateError("not_ready")
        made = plan(read(bytes(row.raw)), queries.existing())
        shown_plan = _preview(row, made)
        holds = preview.outline(shown_plan["plan"]) == preview.outline(row.plan or {})
        if holds:
            touched = _touched(made, row)
            before = marks(touched)
            _write(made, row, by)
            trail = {"before": before, "after": digests(marks(touched))}
            if index:
                hand_over()
            _set(row, state=Import.State.DONE, applied=now(), raw=None, trail=trail)
        else:
            _set(row, state=Import.State.READY, **shown_plan)
    if not holds:
        raise WrongStateError("changed_meanwhile")
    return row


def _touched(plan: Plan, row: Import) -> list[str]:
    steps = [*plan.fresh, *plan.changed, *plan.noted]
    return [step.record.code for step in steps] + (plan.withdrawn if row.retires else [])


def _write(plan: Plan, row: Import, by: Actor) -> None:
    counts = {"fresh": len(plan.fresh), "changed": len(plan.changed), "gone": len(plan.withdrawn) if row.retires else 0}
    record("procedure.import", row, by=by, file=row.file_name, digest=row.digest, counts=counts)
    fresh = []
    for step in plan.fresh:
        procedure = Procedure(code=step.record.code)
        describe(procedure, step.record)
        fresh.append(procedure)
    Procedure.objects.bulk_create(fresh, batch_size=1000)
    steps = {step.record.code: step for step in [*plan.fresh, *plan.changed, *plan.noted]}
    rows = {p.code: p for p in Procedure.objects.filter(code__in=list(steps)).select_related("current")}
    for code, procedure in rows.items():
        step = steps[code]
        procedure.source, procedure.full_digest = step.source[:200], step.full_digest
        procedure.listed = dict(step.listed) if step.listed is not None else None
    save(rows.values(), ["source", "listed", "full_digest"])
    turned = [step for step in [*plan.fresh, *plan.changed] if step.before is None or step.changed]
    pairs = [(rows[s.record.code], s.record, s.before) for s in turned]
    add_versions(pairs, by=by, effective_from=row.effective_from, source=row)
    turn([rows[step.record.code] for step in plan.changed if step.returns], None, by=by)
    if row.retires:
        turn(list(Procedure.objects.filter(code__in=plan.withdrawn)), localdate(), by=by)

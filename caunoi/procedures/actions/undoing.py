"""Undoing an import: every row that it touched gets its former content back, or nothing changes at all."""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.db.models import Max, Q
from django.db.models.functions import Greatest
from django.utils.timezone import localdate

from caunoi.events.actions import record
from caunoi.events.actor import Actor
from caunoi.lib import locks
from caunoi.procedures.actions.index import hand_over
from caunoi.procedures.actions.rights import WrongStateError, editors_only
from caunoi.procedures.actions.versions import VERSION_COLUMNS, Pair, add_versions, describe, note_turns, save
from caunoi.procedures.models import Import, Procedure, Version

COLUMNS = ("listed", "full_digest", "source", "retired", "successor_id")

type Mark = Mapping[str, Any]
"""What an import may change of a procedure: COLUMNS as JSON holds them, and `version`, the number of its newest one."""


def alone() -> None:
    """Wait for other imports and undoings; others wait until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [locks.UNDOES_PROCEDURES])


def marks(codes: Collection[str]) -> dict[str, Mark]:
    """The existing procedures of these codes, as they are now."""
    rows = Procedure.objects.filter(code__in=codes).annotate(version=Max("versions__number"))
    values = rows.values_list("code", "version", *COLUMNS)
    return {
        code: {"version": version, "listed": listed, "full_digest": digest, "source": source, "successor_id": successor}
        | {"retired": retired.isoformat() if retired else None}
        for code, version, listed, digest, source, retired, successor in values
    }


def digests(marks_: Mapping[str, Mark]) -> dict[str, str]:
    """Marks as short hashes, to see later whether anything has changed since."""
    return {
        code: hashlib.sha256(json.dumps(mark, sort_keys=True).encode()).hexdigest()[:16]
        for code, mark in marks_.items()
    }


def begin_undo(row: Import, *, by: Actor) -> bool:
    """Start undoing an import; whether this call did."""
    editors_only(by)
    ready = Import.objects.filter(pk=row.pk, state=Import.State.DONE, trail__isnull=False)
    return bool(ready.update(state=Import.State.UNDOING, error=""))


def undo_import(row: Import, *, by: Actor) -> Import:
    """Undo an import: what it made is retired, everything else is as before. WrongStateError when something was done to
    the same procedures since; then nothing changes, and `error` says so."""
    editors_only(by)
    with transaction.atomic():
        alone()
        row = Import.objects.select_for_update().get(pk=row.pk)
        if row.state not in (Import.State.DONE, Import.State.UNDOING) or row.trail is None:
            raise WrongStateError("not_ready")
        before: Mapping[str, Mark] = row.trail["before"]
        after: Mapping[str, str] = row.trail["after"]
        holds = digests(marks(after)) == after
        if holds:
            _restore(row, before, after, by)
            hand_over()
            row.state, row.error, row.trail = Import.State.UNDONE, "", None
            record("procedure.undo", row, by=by, file=row.file_name)
        else:
            row.state, row.error = Import.State.DONE, "changed_meanwhile"
        row.save(update_fields=["state", "error", "trail"])
    if not holds:
        raise WrongStateError("changed_meanwhile")
    return row


def _restore(row: Import, before: Mapping[str, Mark], after: Collection[str], by: Actor) -> None:
    rows = {p.code: p for p in Procedure.objects.filter(code__in=after).select_related("current")}
    open_ = row.versions.filter(Q(effective_to=None) | Q(effective_to__gt=localdate()))
    open_.update(effective_to=Greatest("effective_from", localdate()))  # one that has not begun never does
    today, later, over = _versions(row, rows, before)
    add_versions(today, by=by)
    at_once = {procedure.pk for procedure, _, _ in today}
    for begins, pairs in sorted(later.items()):
        for (procedure, record_then, _), version in zip(
            pairs, add_versions(pairs, by=by, effective_from=begins), strict=True
        ):
            if procedure.pk not in at_once:  # its first version is still to come, but shown until then
                procedure.current = version
                describe(procedure, record_then)
            if procedure.pk in over:
                version.effective_to = begins
                version.save(update_fields=["effective_to"])
    turns = []
    for code, procedure in rows.items():
        fresh = {"listed": None, "full_digest": "", "source": procedure.source, "successor_id": None}
        mark = before.get(code) or fresh | {"retired": localdate().isoformat()}
        retired = date.fromisoformat(mark["retired"]) if mark["retired"] else None
        if (procedure.retired is None) != (retired is None):
            turns.append(procedure)
        for name in COLUMNS:
            setattr(procedure, name, retired if name == "retired" else mark[name])
    save(rows.values(), ["listed", "full_digest", "source", *VERSION_COLUMNS, "successor"])
    note_turns(turns, by=by)


def _versions(
    row: Import, rows: Mapping[str, Procedure], before: Mapping[str, Mark]
) -> tuple[list[Pair], dict[date, list[Pair]], set[int]]:
    """The versions to restore for procedures with a version of this import: at once the one that was in force before
    it, and on its day one that was still to come then; and the procedures of which that one was never to come."""
    today: list[Pair] = []
    later: dict[date, list[Pair]] = {}
    over: set[int] = set()
    made = {version.procedure_id: version for version in row.versions.all()}
    for procedure, versions in _earlier(made, rows.values(), before):
        begun = [version for version in versions if version.effective_from <= localdate()]
        newer, last = made[procedure.pk].record, versions[-1]
        if begun:
            today.append((procedure, begun[-1].record, newer))
            newer = begun[-1].record
        if not begun or last.number != begun[-1].number:
            later.setdefault(last.effective_from, []).append((procedure, last.record, newer))
            if last.effective_to is not None and last.effective_to <= last.effective_from:
                over.add(procedure.pk)
    return today, later, over


def _earlier(
    made: Mapping[int, Version], rows: Iterable[Procedure], before: Mapping[str, Mark]
) -> Iterable[tuple[Procedure, list[Version]]]:
    """The versions from before the import, the oldest first, of each procedure that had some."""
    versions: dict[int, list[Version]] = {}
    for version in Version.objects.filter(procedure__in=list(made)).order_by("number").iterator(chunk_size=1000):
        versions.setdefault(version.procedure_id, []).append(version)
    for procedure in rows:
        if procedure.pk in made and procedure.code in before:
            last = before[procedure.code]["version"]
            yield procedure, [version for version in versions[procedure.pk] if version.number <= last]

"""The life of an import: uploaded, configured, started, dropped, deleted."""

from datetime import timedelta
from pathlib import Path
from typing import IO, Any

from django.db import transaction
from django.utils.timezone import now

from caunoi.events.actor import Actor, RefusedError, administrators_only
from caunoi.imports.actions import files
from caunoi.imports.mapping import ColumnMapping
from caunoi.imports.models import Batch, Oddity
from caunoi.lib.vietnamese.writing import nfc

KEEP = timedelta(days=30)
"""How long a file and what it said can still be taken back."""


class WrongStateError(RefusedError):
    """Not possible in the present state; `code` says why in one word."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def upload(what: str, file_name: str, file: IO[bytes], *, by: Actor, mapping: ColumnMapping | None = None) -> Batch:
    """Store a file to be looked at."""
    administrators_only(by)
    digest = files.digest(file)
    return _create(what, file_name, digest, mapping, by, stored=files.keep(file))


def open_batch(what: str, path: Path, *, by: Actor, mapping: ColumnMapping | None = None, resume: bool = True) -> Batch:
    """An import of a file that stays where it is; `resume`: the one that was interrupted with the same file and mapping
    goes on."""
    administrators_only(by)
    with path.open("rb") as file:
        digest = files.digest(file)
    data = (mapping or ColumnMapping()).as_json()
    halted = (
        Batch.objects.filter(what=what, digest=digest, state=Batch.State.APPLYING, stored="").order_by("-id").first()
    )
    if resume and halted is not None and halted.mapping == _json(data):
        return halted
    return _create(what, path.name, digest, mapping, by)


def _json(mapping: dict[str, Any]) -> dict[str, Any]:
    """As it comes back from the database: tuples are lists there."""
    return mapping | {"columns": {name: list(headings) for name, headings in mapping["columns"].items()}}


def _create(what: str, name: str, digest: str, mapping: ColumnMapping | None, by: Actor, stored: str = "") -> Batch:
    data = _json((mapping or ColumnMapping()).as_json())
    return Batch.objects.create(
        what=what,
        file_name=nfc(name)[-200:],
        stored=stored,
        digest=digest,
        mapping=data,
        by=by.name,
        by_user=by.user_id,
    )


def read_as(row: Batch, mapping: ColumnMapping, *, by: Actor) -> None:
    """Set how the file is to be read, and check it again. WrongStateError once it was carried out."""
    administrators_only(by)
    free = Batch.objects.filter(pk=row.pk, state__in=[Batch.State.READY, Batch.State.FAILED]).exclude(stored="")
    if not free.update(mapping=_json(mapping.as_json()), state=Batch.State.WAITING, done=0, error={}):
        raise WrongStateError("not_ready")


def set_to(row: Batch, **values: Any) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    row.save(update_fields=[*values, "touched"])


def failed(row: Batch, problem: str, text: str = "") -> None:
    set_to(row, state=Batch.State.FAILED, error={"problem": problem, "text": text})


def drop(row: Batch, *, by: Actor) -> None:
    """Do not import the file after all."""
    administrators_only(by)
    open_ones = [Batch.State.READY, Batch.State.WAITING, Batch.State.FAILED]
    if Batch.objects.filter(pk=row.pk, state__in=open_ones).update(state=Batch.State.DROPPED, plan=None):
        files.forget(row)
        Oddity.objects.filter(batch=row).delete()


def begin(row: Batch, state: Batch.State, *, by: Actor) -> bool:
    """Whether this call is the one that starts a looked-at import, or its undoing."""
    administrators_only(by)
    before = Batch.State.READY if state == Batch.State.APPLYING else Batch.State.DONE
    return bool(Batch.objects.filter(pk=row.pk, state=before).update(state=state, touched=now()))


def forget_old() -> int:
    """Delete the file, plan and oddities of every batch older than KEEP; its figures stay. Returns how many."""
    old = Batch.objects.filter(touched__lt=now() - KEEP).exclude(state__in=[Batch.State.APPLYING, Batch.State.UNDOING])
    rows = list(old.filter(plan__isnull=False).defer("plan")) + list(old.filter(plan__isnull=True).exclude(stored=""))
    for row in rows:
        with transaction.atomic():
            Oddity.objects.filter(batch=row).delete()
            Batch.objects.filter(pk=row.pk).update(plan=None)
            files.forget(row)
    return len(rows)

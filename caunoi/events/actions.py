import json
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.db import connection, models, transaction
from django.utils.timezone import now

from caunoi.events import writing
from caunoi.events.actor import Actor, NotAllowedError, Role
from caunoi.events.models import Event, Failure


def record(kind: str, subject: models.Model, /, *, by: Actor, at: datetime | None = None, **data: Any) -> Event:
    """Append what happened to `subject`, in the caller's transaction; flow.py says what follows once it is committed.
    Nothing follows events of the past (imports)."""
    event = Event(
        at=at or now(),
        kind=kind,
        subject=str(subject._meta.model_name),
        subject_id=subject.pk,
        **by.signature,
        data=data,
    )
    if writing.past(subject):
        event.pending, event.recorded = False, event.at
    return writing.insert(event, of=subject, subject_id=subject)


def record_download(
    name: str, form: str, *, by: Actor, reason: str, filters: Mapping[str, str], count: int, mark: str
) -> Event:
    """Append that somebody downloaded a list as a table: personal data may have left the product. `mark` is in every
    row of the file, or in its name, and leads from a copy back to here."""
    data = {"list": name, "form": form, "reason": reason, "filters": dict(filters), "count": count, "mark": mark}
    return Event.objects.create(at=now(), kind="list.take", subject="list", subject_id=0, **by.signature, data=data)


def erase(what: str, ids: Collection[int], *, by: Actor) -> int:
    """Erase what people wrote in rows of evidence, as the law may want it, by a function of the database's owner that
    records it: `statement` (the public log's words), `rating` (its comment), `review` (its words), `opening` (its
    reason). How many rows."""
    if not ids:
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT caunoi_erase(%s, %s::bigint[], %s)", [what, [*ids], json.dumps(by.signature)])
        return int(cursor.fetchone()[0])


FAILURE_REASONS = ("by_hand", "unneeded", "obsolete")
"""Why a failed reaction need not succeed any more: a person did it, nobody needs it, it is of the past."""


@transaction.atomic
def try_now(failure: Failure, *, by: Actor) -> bool:
    """Let a failed reaction be tried at once; False when it has succeeded meanwhile."""
    _watchers_only(by)
    if not Failure.objects.filter(pk=failure.pk).update(due=now()):
        return False
    record("reaction.retry", failure.event, by=by, reaction=failure.reaction)
    return True


@transaction.atomic
def dismiss(failure: Failure, reason: str, *, by: Actor) -> bool:
    """It need not succeed any more, for one of FAILURE_REASONS; False when it has, or somebody else dismissed it."""
    _watchers_only(by)
    if reason not in FAILURE_REASONS:
        raise ValueError(reason)
    if not Failure.objects.filter(pk=failure.pk).delete()[0]:
        return False
    record("reaction.dismiss", failure.event, by=by, reaction=failure.reaction, tries=failure.tries, reason=reason)
    return True


def _watchers_only(by: Actor) -> None:
    if not by.has(Role.SUPERVISOR, Role.ADMIN):
        raise NotAllowedError("watchers_only")


def _plain(value: Any) -> Any:
    """A value as JSON holds it."""
    return value if value is None or isinstance(value, bool | int | float | str | list | dict) else str(value)


def amend(
    kind: str, row: models.Model, values: Mapping[str, Any], *, by: Actor, personal: Collection[str] = (), **data: Any
) -> Event | None:
    """Change a row of configuration and append its values `before` and `after`; None when nothing changes. Values may
    be model rows, Python values or those of a `before`, by which a change is undone. Of `personal` fields only the
    name is written down. FieldDoesNotExist for an unknown name."""
    before, after, touched = {}, {}, []
    for name, value in values.items():
        field = row._meta.get_field(name)
        assert isinstance(field, models.Field)
        old = field.value_from_object(row)
        new = field.to_python(value.pk if isinstance(value, models.Model) else value)
        if old != new:
            setattr(row, field.attname, new)
            touched.append(field.name)
            if field.name not in personal:
                before[field.name], after[field.name] = _plain(old), _plain(new)
    if not touched:
        return None
    row.save(update_fields=touched)
    hidden: dict[str, Any] = {"also": [name for name in touched if name in personal]} if personal else {}
    return record(kind, row, by=by, before=before, after=after, **hidden, **data)

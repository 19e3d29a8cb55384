"""Keys are made, rotated, and what they sealed is sealed anew, while everything runs."""

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from time import monotonic

from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.utils.timezone import now

from caunoi.lib.crypto import envelope
from caunoi.vault import queries
from caunoi.vault.fields import DigestOf, Sealed, SealedField
from caunoi.vault.masters import Master, masters
from caunoi.vault.models import DataKey

BATCH = 500
LINGERS = timedelta(days=2)  # a retired key opens sessions, which are not sealed anew but end within a day


def make_keys(model: type[DataKey] = DataKey) -> None:
    """A data key for each purpose that has none; of the migrations. A master key is made only where the database has no
    data keys at all. MasterKeyError."""
    rows = model.objects.all()
    at_hand = masters(make=not rows.exists())
    for row in rows:
        queries.unwrapped(row)
    for purpose in set(DataKey.Purpose.values) - {row.purpose for row in rows if row.retired is None}:
        _make(purpose, at_hand[0], model)


def _make(purpose: str, master: Master, model: type[DataKey] = DataKey) -> DataKey:
    row = model.objects.create(purpose=purpose, wrapped=b"", master=master.id)
    row.wrapped = master.wrap(os.urandom(envelope.KEY), row.pk, purpose)
    row.save(update_fields=["wrapped"])
    return row


@transaction.atomic(durable=True)
def rotate(purpose: str) -> DataKey:
    """A new data key seals from now on (in other processes within seconds); the one before still opens. `reseal` does
    the rest. MasterKeyError."""
    at_hand = masters()
    for row in DataKey.objects.select_for_update().filter(purpose=purpose, retired=None):
        queries.unwrapped(row)
        row.retired = now()
        row.save(update_fields=["retired"])
    return _make(purpose, at_hand[0])


@transaction.atomic
def rewrap() -> int:
    """All data keys are wrapped by the newest master key; how many were by another. MasterKeyError."""
    at_hand, changed = masters(), 0
    newest = at_hand[0].id if at_hand else ""
    for row in DataKey.objects.select_for_update().order_by("pk"):
        if row.master != newest:
            opened = queries.unwrapped(row)
            row.wrapped, row.master = at_hand[0].wrap(opened, row.pk, row.purpose), newest
            row.save(update_fields=["wrapped", "master"])
            changed += 1
    return changed


def sealed_fields(purpose: str = "") -> Iterator[SealedField]:
    """Every sealed column there is, or that of one purpose."""
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, SealedField) and purpose in ("", field.purpose):
                yield field


def stale(field: SealedField) -> int:
    """How many rows are sealed by another key than the one that seals now."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {_stale(field)}", [_header(field)])  # noqa: S608 -- our own names
        return int(cursor.fetchone()[0])


def reseal(purpose: str, progress: Callable[[str, int], None] = lambda column, rows: None) -> int:
    """Seals anew, in batches, what another key of the purpose sealed; how many rows. A row that does not open stays,
    and SealError says where in the end. Can be broken off and run again; reads no rows where no key is retired."""
    if not DataKey.objects.filter(purpose=purpose, retired__isnull=False).exists():
        return 0
    total, faults = 0, list[str]()
    for field in sealed_fields(purpose):
        after, failed = 0, list[int]()
        while True:
            done, last, broken = _batch(field, after)
            total += done
            failed += broken
            progress(_place(field), done)
            if last is None:
                break
            after = last
        if failed:
            faults.append(f"{len(failed)} rows of {_place(field)} do not open, first {failed[0]}")
    if faults:
        raise envelope.SealError("; ".join(faults))
    return total


def _place(field: SealedField) -> str:
    return f"{field.model._meta.db_table}.{field.column}"


@transaction.atomic
def _batch(field: SealedField, after: int) -> tuple[int, int | None, list[int]]:
    with connection.cursor() as cursor:
        query = f"SELECT id FROM {_stale(field)} AND id > %s ORDER BY id LIMIT {BATCH} FOR UPDATE SKIP LOCKED"  # noqa: S608
        cursor.execute(query, [_header(field), after])
        ids = [int(pk) for (pk,) in cursor.fetchall()]
    rows = field.model._base_manager.filter(pk__in=ids)
    names = ["pk", field.attname, *([field.bound] if field.bound else [])]
    broken = []
    for row in rows.only(*names):
        value = row.__dict__[field.attname]
        if not isinstance(value, Sealed):
            continue
        try:
            fresh = field.sealed(field.opened(value, row), row)
        except envelope.SealError:
            broken.append(int(row.pk))
            continue
        field.model._base_manager.filter(pk=row.pk).update(**{field.attname: fresh})
    return len(ids) - len(broken), ids[-1] if ids else None, broken


def _stale(field: SealedField) -> str:
    quoted = connection.ops.quote_name
    column, table = quoted(str(field.column)), quoted(field.model._meta.db_table)
    return f"{table} WHERE {column} IS NOT NULL AND substring({column} from 1 for {envelope.HEADER}) <> %s"


def _header(field: SealedField) -> bytes:
    pk, _ = queries.sealing(field.purpose)
    return envelope.header(pk)


def seal_older(seconds: float = 60.0) -> int:
    """Seals, in batches for at most so long, what older rows, and rows that processes of the release before still
    write, have unsealed, and empties the columns it lay in; how many rows. A row that cannot be sealed stays, and
    SealError says where in the end."""
    total, ends, faults = 0, monotonic() + seconds, list[str]()
    for field in sealed_fields():
        after: int | None = 0 if field.before else None
        failed = list[int]()
        while after is not None and monotonic() < ends:
            done, after, broken = _seal_batch(field, after)
            total += done
            failed += broken
        if failed:
            faults.append(f"{len(failed)} rows of {_place(field)} cannot be sealed, first {failed[0]}")
    if faults:
        raise envelope.SealError("; ".join(faults))
    return total


@transaction.atomic
def _seal_batch(field: SealedField, after: int) -> tuple[int, int | None, list[int]]:
    """How many were sealed, the last one looked at (None: there are no more), and which cannot be."""
    names, broken = {field.attname, *_indexes(field)}, list[int]()
    rows = field.model._base_manager.select_for_update(skip_locked=True)
    plain = list(rows.filter(**{f"{field.before}__isnull": False, "pk__gt": after}).order_by("pk")[:BATCH])
    for row in plain:  # the newer of two: whatever writes it sealed empties the other
        setattr(row, field.attname, getattr(row, field.before))
        setattr(row, field.before, None)
        try:
            with transaction.atomic():
                row.save(update_fields=[*names, field.before])
        except (envelope.SealError, IntegrityError):
            broken.append(row.pk)
    return len(plain) - len(broken), plain[-1].pk if plain else None, broken


def _indexes(field: SealedField) -> list[str]:
    own = (one for one in field.model._meta.concrete_fields if isinstance(one, DigestOf))
    return [one.attname for one in own if one.source == field.attname]


def sealed_by(field: SealedField, pk: int) -> int:
    """How many rows this data key sealed."""
    quoted = connection.ops.quote_name
    column, table = quoted(str(field.column)), quoted(field.model._meta.db_table)
    with connection.cursor() as cursor:
        query = f"SELECT count(*) FROM {table} WHERE substring({column} from 1 for {envelope.HEADER}) = %s"  # noqa: S608
        cursor.execute(query, [envelope.header(pk)])
        return int(cursor.fetchone()[0])


def drop_retired(purpose: str, *, after: timedelta = LINGERS) -> int:
    """Forgets the keys of a purpose that are retired for so long and by which no row is sealed any more; how many."""
    rows = DataKey.objects.filter(purpose=purpose, retired__lte=now() - after)
    if not rows.exists() or any(stale(field) for field in sealed_fields(purpose)):
        return 0
    count, _ = rows.delete()
    return count


def tidy() -> None:
    """Seals anew what a broken-off rotation left, and forgets keys that seal nothing more; SealError says in the end
    what does not open."""
    faults = list[str]()
    for purpose in DataKey.Purpose.values:
        try:
            reseal(purpose)
        except envelope.SealError as error:
            faults.append(str(error))
        drop_retired(purpose)
    if faults:
        raise envelope.SealError("; ".join(faults))

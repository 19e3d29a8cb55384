"""Keys are made, rotated, and what they sealed is sealed anew, while everything runs."""

import os
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from time import monotonic, sleep

from django.apps import apps
from django.db import IntegrityError, connection, models, transaction
from django.db.models import Q
from django.utils.timezone import now

from caunoi import __version__
from caunoi.host import guard, releases
from caunoi.lib.crypto import envelope
from caunoi.vault import queries
from caunoi.vault.fields import (
    BlindOf,
    BlindStartOf,
    BlindWordsOf,
    DigestOf,
    Sealed,
    SealedField,
    followers,
    sealed_field,
)
from caunoi.vault.masters import Master, masters
from caunoi.vault.models import DataKey

BATCH = 500
PASSES, PAUSE = 5, 0.5  # seconds: rows that somebody writes at this moment are looked at again
LINGERS = timedelta(days=2)  # a retired key opens sessions, which are not sealed anew but end within a day
UNSEEN = timedelta(days=1)  # behind a pooler nobody knows who is at work: by then every host has been upgraded
SINCE = "SELECT max(applied) FROM django_migrations"

type KeyedField = SealedField | BlindOf | BlindWordsOf


def make_keys(model: type[DataKey] = DataKey) -> None:
    """A data key for each purpose that has none; of the migrations. A master key is made only where the database has no
    data keys at all. MasterKeyError."""
    rows = model.objects.all()
    at_hand = masters(make=not rows.exists())
    for row in rows:
        queries.unwrapped(row)
    values = {} if rows or not hasattr(model, "settled") else {"settled": now()}  # there was nothing before
    for purpose in set(DataKey.Purpose.values) - {row.purpose for row in rows if row.retired is None}:
        _make(purpose, at_hand[0], model, **values)


def _make(purpose: str, master: Master, model: type[DataKey] = DataKey, **values: datetime | None) -> DataKey:
    row = model.objects.create(purpose=purpose, wrapped=b"", master=master.id, **values)
    row.wrapped = master.wrap(os.urandom(envelope.KEY), row.pk, purpose)
    row.save(update_fields=["wrapped"])
    return row


@transaction.atomic(durable=True)
def rotate(purpose: str) -> DataKey:
    """A new data key seals from now on (in other processes within seconds); the one before still opens. `reseal` does
    the rest. MasterKeyError."""
    at_hand, settled = masters(), None
    for row in DataKey.objects.select_for_update().filter(purpose=purpose, retired=None):
        queries.unwrapped(row)
        row.retired, settled = now(), row.settled
        row.save(update_fields=["retired"])
    return _make(purpose, at_hand[0], settled=settled)


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


def blind_fields() -> Iterator[BlindOf | BlindWordsOf]:
    """Every column by which something is looked up that can be guessed."""
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, BlindOf | BlindWordsOf):
                yield field


def fields_of(purpose: str) -> Iterator[KeyedField]:
    """Every column that is made by keys of a purpose."""
    yield from blind_fields() if purpose == queries.Purpose.INDEX else sealed_fields(purpose)


def stale(field: KeyedField) -> int:
    """How many rows are made by another key than the newest."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {_stale(field)}", [_header(field)])  # noqa: S608 -- our own names
        return int(cursor.fetchone()[0])


def reseal(purpose: str, progress: Callable[[str, int], None] = lambda column, rows: None) -> int:
    """Seals anew, in batches, what another key of the purpose sealed; how many rows. A row that does not open stays,
    and SealError says where in the end. Can be broken off and run again; reads no rows where no key is retired."""
    if not DataKey.objects.filter(purpose=purpose, retired__isnull=False).exists():
        return 0
    total, faults = 0, list[str]()
    for field in fields_of(purpose):
        failed = set[int]()
        for number in range(PASSES):
            if number:
                sleep(PAUSE)  # somebody writes a row at this moment
            total += _pass(field, failed, progress)
            if stale(field) <= len(failed):
                break
        if failed:
            faults.append(f"{len(failed)} rows of {_place(field)} do not open, first {min(failed)}")
    if faults:
        raise envelope.SealError("; ".join(faults))
    return total


def _pass(field: KeyedField, failed: set[int], progress: Callable[[str, int], None]) -> int:
    """Once through a column; how many rows were sealed anew. Those that do not open are in `failed` afterwards."""
    total, after = 0, 0
    while True:
        done, last, broken = _batch(field, after)
        total += done
        failed.update(broken)
        progress(_place(field), done)
        if last is None:
            return total
        after = last


def _place(field: KeyedField) -> str:
    return f"{field.model._meta.db_table}.{field.column}"


@transaction.atomic
def _batch(field: KeyedField, after: int) -> tuple[int, int | None, list[int]]:
    with connection.cursor() as cursor:
        query = f"SELECT id FROM {_stale(field)} AND id > %s ORDER BY id LIMIT {BATCH} FOR UPDATE SKIP LOCKED"  # noqa: S608
        cursor.execute(query, [_header(field), after])
        ids = [int(pk) for (pk,) in cursor.fetchall()]
    broken = []
    for row in field.model._base_manager.filter(pk__in=ids).only("pk", *_needs(field)):
        try:
            field.model._base_manager.filter(pk=row.pk).update(**{field.attname: _anew(field, row)})
        except envelope.SealError:
            broken.append(int(row.pk))
    return len(ids) - len(broken), ids[-1] if ids else None, broken


def _needs(field: KeyedField) -> list[str]:
    """The columns that a value is made of."""
    if isinstance(field, SealedField):
        return [field.attname, *filter(None, [field.before, field.bound])]
    sources = [field.source] if isinstance(field, BlindOf) else field.sources
    ends = [field.end] if isinstance(field, BlindStartOf) else []
    return [*ends, *(name for source in sources for name in _needs(sealed_field(field.model, source)))]


def _anew(field: KeyedField, row: models.Model) -> object:
    """What lies in a row, made by the newest key. SealError."""
    if isinstance(field, SealedField):
        value = row.__dict__[field.attname]
        return field.sealed(field.opened(value, row), row) if isinstance(value, Sealed) and value else value
    newest = queries.index_keys()[0]
    if isinstance(field, BlindOf):
        value = getattr(row, field.source)
        part = field.part(value, row) if value else ""
        return field.under(newest, part) if part else None
    return field.under(newest, filter(None, (getattr(row, source) for source in field.sources))) or None


def _stale(field: KeyedField) -> str:
    table = connection.ops.quote_name(field.model._meta.db_table)
    return f"{table} WHERE {connection.ops.quote_name(str(field.column))} IS NOT NULL AND {_start(field)} <> %s"


def _start(field: KeyedField) -> str:
    """The header of what lies in a row, in SQL."""
    one = connection.ops.quote_name(str(field.column)) + ("[1]" if isinstance(field, BlindWordsOf) else "")
    return f"substring({one} from 1 for {envelope.HEADER})"


def _header(field: KeyedField) -> bytes:
    newest = queries.sealing(field.purpose) if isinstance(field, SealedField) else queries.index_keys()[0]
    return envelope.header(newest[0])


def seal_older(seconds: float = 60.0) -> int:
    """Seals, in batches for at most so long, what older rows, and rows that processes of the release before still
    write, have unsealed, and empties the columns it lay in; how many rows. A row that cannot be sealed stays, and
    SealError says where in the end."""
    total, ends, faults = 0, monotonic() + seconds, list[str]()
    for model in doubled():
        last: int | None = 0 if _settle(model) else None
        odd = list[int]()
        while last is not None and monotonic() < ends:
            done, last, broken = _empty_batch(model, last)
            total += done
            odd += broken
        if odd:
            faults.append(f"{len(odd)} rows of {model._meta.db_table} cannot be sealed, first {odd[0]}")
    for field in sealed_fields():
        after: int | None = 0 if field.before and not field.doubled else None
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


def doubled() -> list[type[models.Model]]:
    """The models of which columns are written unsealed too while older processes are at work."""
    return list(dict.fromkeys(field.model for field in sealed_fields() if field.doubled))


def _both(model: type[models.Model]) -> list[SealedField]:
    return [field for field in sealed_fields() if field.model is model and field.doubled]


def unsealed(model: type[models.Model]) -> Q:
    """The rows in which something lies unsealed still."""
    rows = Q()
    for field in _both(model):
        rows |= Q(**{f"{field.before}__isnull": False})
    return rows


def waited_for(model: type[models.Model]) -> list[str]:
    """The older processes because of which its columns are written unsealed too."""
    purposes = {field.purpose for field in _both(model)}
    return [] if all(queries.settled(purpose) for purpose in purposes) else older_at_work()


def _settle(model: type[models.Model]) -> bool:
    """Whether a model's columns are written sealed alone: from when no older process is at work any more. The way back
    to an older release is closed then."""
    purposes = {field.purpose for field in _both(model)}
    if all(queries.settled(purpose) for purpose in purposes):
        return True
    if older_at_work():
        return False
    with transaction.atomic():
        DataKey.objects.filter(purpose__in=purposes, retired=None).update(settled=now())
        releases.raise_to(connection.connection, __version__)
    queries.forget()
    return True


def older_at_work() -> list[str]:
    """The processes that read columns of before, as the database knows them."""
    connection.ensure_connection()
    older, ours = guard.generations(connection.connection)
    if ours or older:
        return older
    with connection.cursor() as cursor:
        cursor.execute(SINCE)
        row = cursor.fetchone()
    return [] if row and now() - row[0] > UNSEEN else ["?"]


@transaction.atomic
def _empty_batch(model: type[models.Model], after: int) -> tuple[int, int | None, list[int]]:
    """`_seal_batch`, all columns of a row at once."""
    broken, fields = list[int](), _both(model)
    rows = model._base_manager.select_for_update(skip_locked=True).filter(unsealed(model), pk__gt=after)
    plain = list(rows.order_by("pk")[:BATCH])
    for row in plain:
        newer = {field.attname: older for field in fields if (older := getattr(row, field.before)) is not None}
        for name, value in newer.items():
            setattr(row, name, value)
        try:
            with transaction.atomic():
                row.save(update_fields=[*newer, *followers(model, newer)])
        except (envelope.SealError, IntegrityError):
            broken.append(row.pk)
    return len(plain) - len(broken), plain[-1].pk if plain else None, broken


def _indexes(field: SealedField) -> list[str]:
    own = (one for one in field.model._meta.concrete_fields if isinstance(one, DigestOf))
    return [one.attname for one in own if one.source == field.attname]


def sealed_by(field: KeyedField, pk: int) -> int:
    """How many rows this data key made."""
    table = connection.ops.quote_name(field.model._meta.db_table)
    with connection.cursor() as cursor:
        query = f"SELECT count(*) FROM {table} WHERE {_start(field)} = %s"  # noqa: S608
        cursor.execute(query, [envelope.header(pk)])
        return int(cursor.fetchone()[0])


def drop_retired(purpose: str, *, after: timedelta = LINGERS) -> int:
    """Forgets the keys of a purpose that are retired for so long and by which no row is sealed any more; how many."""
    rows = DataKey.objects.filter(purpose=purpose, retired__lte=now() - after)
    if not rows.exists() or any(stale(field) for field in fields_of(purpose)):
        return 0
    count, _ = rows.delete()
    return count


def tidy() -> None:
    """Seals anew what a broken-off rotation left, and forgets keys that seal nothing more; SealError says in the end
    what does not open."""
    faults = list[str]()
    for purpose in DataKey.Purpose.values:
        if purpose == queries.Purpose.INDEX and queries.indexing() != queries.index_keys()[0]:
            continue  # not every process looks up by the newest yet
        try:
            reseal(purpose)
        except envelope.SealError as error:
            faults.append(str(error))
        drop_retired(purpose)
    if faults:
        raise envelope.SealError("; ".join(faults))

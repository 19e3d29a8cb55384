"""Rows that acts write: at once, or `together`, those of thousands of acts in a few statements.

One act and a thousand are the same code. A row made in a batch has no key before the batch ends; it waits in memory
with all that belongs to it, where `rows_of` looks too."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, NamedTuple

from django.db import models, transaction

SIZE = 2000  # rows a statement


class _Link(NamedTuple):
    """A column that is the key of a row not written yet."""

    row: models.Model
    name: str
    other: models.Model


class Batch:
    """What waits to be written: rows by kind, in the order in which kinds and rows came."""

    def __init__(self, *, past: bool) -> None:
        self.past = past
        self.new: dict[type[models.Model], list[models.Model]] = {}
        self.links: dict[type[models.Model], list[_Link]] = {}
        self.own: dict[tuple[type[models.Model], int], list[Any]] = {}
        self.after: dict[Callable[[list[Any]], Any], dict[int, Any]] = {}
        self.memory: dict[Any, Any] = {}
        self.once: set[type[models.Model]] = set()  # kinds of which a row that is there already is left out

    def add(self, row: models.Model, of: models.Model | None, links: Mapping[str, models.Model]) -> None:
        kind = type(row)
        self.new.setdefault(kind, []).append(row)
        if links:
            self.links.setdefault(kind, []).extend(_Link(row, name, other) for name, other in links.items())
        if of is not None:
            self.own.setdefault((kind, id(of)), []).append(row)

    def rows(self, of: models.Model, kind: type[Any]) -> Sequence[Any]:
        """The rows of a kind that belong to `of`, in the order in which they came."""
        return self.own.get((kind, id(of)), ())

    def write(self) -> None:
        for kind, rows in self.new.items():
            for link in self.links.get(kind, ()):
                setattr(link.row, link.name, link.other.pk)
            _create(kind, rows, once=kind in self.once)
        for function, items in self.after.items():
            function(list(items.values()))


def _create(kind: type[models.Model], rows: list[models.Model], *, once: bool) -> None:
    """Insert rows in this order; a reference to a later row of the same kind is written when that has a key."""
    own = [field for field in kind._meta.concrete_fields if field.related_model is kind]
    later = [
        (row, field, other)
        for field in own
        for row in rows
        if (other := row._state.fields_cache.get(field.name)) is not None and other.pk is None
    ]
    for row, field, _ in later:
        setattr(row, field.name, None)
    kind._default_manager.bulk_create(rows, batch_size=SIZE, ignore_conflicts=once)
    for row, field, other in later:
        setattr(row, field.name, other)
    if later:
        names = {field.name for _, field, _ in later}
        kind._default_manager.bulk_update([row for row, _, _ in later], names, batch_size=SIZE)


_open: ContextVar[Batch | None] = ContextVar("batch", default=None)


@contextmanager
def together(*, past: bool = False) -> Iterator[Batch]:
    """Acts on rows made inside are written when it ends, all or none. Nothing follows events of the `past`."""
    if _open.get() is not None:
        raise RuntimeError("a batch within a batch")
    with transaction.atomic():
        batch = Batch(past=past)
        token = _open.set(batch)
        try:
            yield batch
        finally:
            _open.reset(token)
        batch.write()


def act[**P, R](function: Callable[P, R]) -> Callable[P, R]:
    """An act in a transaction of its own; in a batch, in the batch's."""

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        if _open.get() is not None:
            return function(*args, **kwargs)
        with transaction.atomic():
            return function(*args, **kwargs)

    return run


def _waiting(of: models.Model | None) -> Batch | None:
    """The batch in which `of` waits to be written; without `of`, the one that is open."""
    batch = _open.get()
    if of is None or of.pk is None:
        return batch
    return None


def insert[M: models.Model](row: M, *, of: models.Model | None = None, **links: models.Model) -> M:
    """Write a new row that belongs to `of`; `links` are plain columns that hold other rows' keys."""
    if batch := _waiting(of):
        batch.add(row, of, links)
        return row
    for name, other in links.items():
        setattr(row, name, other.pk)
    row.save(force_insert=True)
    return row


def insert_all(rows: Sequence[models.Model], *, of: models.Model, once: bool = False, **links: models.Model) -> None:
    """`insert` of many of one kind; `once`: a row that is there already is left out."""
    if batch := _waiting(of):
        for row in rows:
            batch.add(row, of, links)
            if once:
                batch.once.add(type(row))
        return
    for row in rows:
        for name, other in links.items():
            setattr(row, name, other.pk)
    if rows:
        type(rows[0])._default_manager.bulk_create(rows, ignore_conflicts=once)


def past(of: models.Model) -> bool:
    """Whether `of` is being written as something that happened long ago."""
    batch = _waiting(of)
    return batch is not None and batch.past


def save(row: models.Model) -> None:
    """Write what has changed of a row; one that waits is written with its batch."""
    if row.pk is not None:
        row.save()


def locked[M: models.Model](row: M) -> M:
    """A row, fresh and locked until the end of the transaction."""
    if row.pk is None:
        return row
    return type(row)._default_manager.select_for_update(of=("self",)).get(pk=row.pk)


def rows_of[M: models.Model](of: models.Model, kind: type[M]) -> list[M]:
    """The rows of a kind that belong to `of` by a foreign key of its name, the oldest first."""
    if batch := _waiting(of):
        return list(batch.rows(of, kind))
    return list(kind._default_manager.filter(**{str(of._meta.model_name): of}).order_by("pk"))


def _fits(row: models.Model, where: Mapping[str, Any]) -> bool:
    """Whether a row in memory is what filter(**where) would find; `=` and `__in` only."""
    for key, value in where.items():
        name, _, lookup = key.partition("__")
        if lookup not in ("", "in"):
            raise ValueError(key)
        mine = getattr(row, name)
        if not (mine in value if lookup else mine == value):
            return False
    return True


def ensure[M: models.Model](
    of: models.Model, kind: type[M], where: Mapping[str, Any], defaults: Mapping[str, Any], *, hold: bool = False
) -> tuple[M, bool]:
    """The row of `of` that fits, or a new one; whether it is new. `hold`: nobody else changes it until the end."""
    own = str(of._meta.model_name)
    if _waiting(of):
        for row in rows_of(of, kind):
            if _fits(row, where):
                return row, False
        plain = {key: value for key, value in where.items() if "__" not in key}
        return insert(kind(**{own: of}, **plain, **defaults), of=of), True
    rows = kind._default_manager.select_for_update() if hold else kind._default_manager
    return rows.get_or_create(**{own: of}, **where, defaults=defaults)


def update(of: models.Model, kind: type[models.Model], where: Mapping[str, Any], **values: Any) -> None:
    """Give the rows of `of` that fit these values."""
    if _waiting(of):
        for row in rows_of(of, kind):
            if _fits(row, where):
                for name, value in values.items():
                    setattr(row, name, value)
    else:
        kind._default_manager.filter(**{str(of._meta.model_name): of}, **where).update(**values)


def after[T](function: Callable[[list[T]], Any], item: T, *, of: models.Model) -> None:
    """Call a function that takes many with this one, as soon as `of` has a key: now, or once with all of its batch."""
    if batch := _waiting(of):
        batch.after.setdefault(function, {})[id(item)] = item
    else:
        function([item])


def remembered[T](key: Any, make: Callable[[], T]) -> T:
    """A value read once for all acts of a batch; outside of one, each time."""
    batch = _open.get()
    if batch is None:
        return make()
    if key not in batch.memory:
        batch.memory[key] = make()
    value: T = batch.memory[key]
    return value

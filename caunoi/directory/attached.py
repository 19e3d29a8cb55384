"""Rows of the province that nearly every other row names, taken from memory instead of joined again and again."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from django.db import models
from django.db.models.base import ModelState
from django.db.models.query import ModelIterable

from caunoi.directory.models import Agency, Area, Category
from caunoi.directory.queries import Fresh

KNOWN: Mapping[type[models.Model], Fresh[dict[int, Any]]] = {
    Area: Fresh(dict[int, Any]),
    Agency: Fresh(dict[int, Any]),
    Category: Fresh(dict[int, Any]),
}


def attach(rows: Iterable[models.Model], *names: str) -> None:
    """Give rows the areas, agencies and categories that they name, from memory: lists would else join the same few rows
    again and again. Rows given together share what is attached, and nobody else has it: memory itself gives copies.
    Communes come without their outlines. A row that was read without a name (`only`) is left alone."""
    rows = list(rows)
    for name in names:
        key = f"{name}_id"
        lacking = [row for row in rows if name not in row._state.fields_cache and key in row.__dict__]
        if not lacking:
            continue
        model: Any = lacking[0]._meta.get_field(name).related_model
        own = _copies(model, {getattr(row, key) for row in lacking} - {None})
        for row in lacking:
            row._state.fields_cache[name] = own.get(getattr(row, key))


def _copies(model: Any, ids: set[int]) -> dict[int, models.Model]:
    """Rows by id, as read from the database just now: every thread may do with its own what it likes."""
    known = KNOWN[model]()
    if unknown := ids - known.keys():
        found = model.objects.defer("outline") if model is Area else model.objects
        known |= found.in_bulk(unknown)
    return {pk: _copy(known[pk]) for pk in ids}


def _copy(row: models.Model) -> models.Model:
    """`copy.copy` of a row with plain values, at a fifth of its price."""
    new = row.__class__.__new__(row.__class__)
    new.__dict__.update(row.__dict__)
    new._state = ModelState()
    new._state.db, new._state.adding = row._state.db, False
    return new


class Attached[M: models.Model](models.QuerySet[M]):
    """Rows that come with the areas, agencies and categories they name, which are read from memory and not joined."""

    def _fetch_all(self) -> None:
        fresh = self._result_cache is None
        super()._fetch_all()
        if fresh and self._iterable_class is ModelIterable:
            attach(self._result_cache or (), *_foreign_keys(self.model))


@cache
def _foreign_keys(model: type[models.Model]) -> tuple[str, ...]:
    return tuple(field.name for field in model._meta.concrete_fields if field.related_model in KNOWN)

"""Rows of the province that nearly every other row names, taken from memory instead of joined again and again."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from django.db import models
from django.db.models.query import ModelIterable

from caunoi.directory.models import Agency, Area, Category
from caunoi.directory.queries import Fresh

KNOWN: Mapping[type[models.Model], Fresh[dict[int, Any]]] = {
    Area: Fresh(dict[int, Any]), Agency: Fresh(dict[int, Any]), Category: Fresh(dict[int, Any]),
}  # fmt: skip


def attach(rows: Iterable[models.Model], *names: str) -> None:
    """Give rows the areas, agencies and categories that they name, from memory: lists would else join the same few rows
    again and again. What is attached is shared, so never change it; communes come without their outlines. A row that was
    read without a name (`only`) is left alone."""
    rows = list(rows)
    for name in names:
        key = f"{name}_id"
        lacking = [row for row in rows if name not in row._state.fields_cache and key in row.__dict__]
        if not lacking:
            continue
        field = lacking[0]._meta.get_field(name)
        model: Any = field.related_model
        known = KNOWN[model]()
        wanted = {getattr(row, key) for row in lacking} - {None}
        if unknown := wanted - known.keys():
            found = model.objects.defer("outline") if model is Area else model.objects
            known |= found.in_bulk(unknown)
        for row in lacking:
            pk = getattr(row, key)
            row._state.fields_cache[name] = known[pk] if pk is not None else None


class Attached[M: models.Model](models.QuerySet[M]):
    """Rows that come with the areas, agencies and categories they name, which are read from memory and not joined."""

    def _fetch_all(self) -> None:
        fresh = self._result_cache is None
        super()._fetch_all()
        if fresh and self._iterable_class is ModelIterable:
            attach(self._result_cache or (), *_named(self.model))


@cache
def _named(model: type[models.Model]) -> tuple[str, ...]:
    return tuple(field.name for field in model._meta.concrete_fields if field.related_model in KNOWN)

"""A person struck out of rows that stay: the law asks for their data, not for what was done."""

from collections.abc import Sequence
from typing import Any

from django.db import models
from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast

from caunoi.lib.privacy.identity import Identity

SIZE = 500


def strike[M: models.Model](rows: QuerySet[M], fields: Sequence[str], identity: Identity) -> int:
    """Strike a person out of these texts of rows; how many rows had anything of them."""
    sealed = [field for field in map(rows.model._meta.get_field, fields) if hasattr(field, "before")]
    older = [field.before for field in sealed if field.before]  # as the words lay before they were sealed
    changed: list[Any] = []
    for row in rows.iterator(SIZE):
        texts = {name: getattr(row, name) for name in fields}
        after = {name: identity.strike(text) for name, text in texts.items()}
        if texts != after:
            for name, text in after.items():
                setattr(row, name, text)
            for name in older:
                setattr(row, name, None)
            changed.append(row)
    if sealed:
        for row in changed:  # sealed to its row
            row.save(update_fields=[*fields, *older])
    else:
        rows.model._default_manager.bulk_update(changed, list(fields), batch_size=SIZE)
    return len(changed)


def mentioning[M: models.Model](rows: QuerySet[M], field: str, identity: Identity) -> QuerySet[M]:
    """The rows whose JSON or text holds something that is this person's alone. Reads every row."""
    if not identity.sure:
        return rows.none()
    anywhere = Q()
    for mark in identity.sure:
        anywhere |= Q(body_of__icontains=mark)
    naming = rows.annotate(body_of=Cast(field, TextField())).filter(anywhere)
    return rows.filter(pk__in=naming.values("pk"))

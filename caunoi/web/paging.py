"""Where a page of a list begins, as its address says it, and where the next one does."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Model, QuerySet
from django.http import HttpRequest


def id_in(request: HttpRequest, name: str = "before") -> int | None:
    """The id that the address gives; None where it gives none."""
    text = request.GET.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 19 else None


def cut[M: Model](batch: Sequence[M], size: int, query: str = "") -> tuple[Sequence[M], str]:
    """A page of a batch that has one row more than `size` when more follow; and the address of the next page, with the
    `query` of this list ("to=lead&"), or nothing."""
    return batch[:size], f"?{query}before={batch[size - 1].pk}" if len(batch) > size else ""


def newest[M: Model](request: HttpRequest, rows: QuerySet[M], size: int, query: str = "") -> tuple[Sequence[M], str]:
    """A page of rows, the newest first, below the id in the address; and the address of the next, as `cut` gives it."""
    before = id_in(request)
    return cut(list((rows if before is None else rows.filter(pk__lt=before))[: size + 1]), size, query)


def cursor(text: str) -> tuple[datetime, int] | None:
    """A moment and an id, "2026-11-28T09:00:00+07:00_17"; None for what is none."""
    moment, _sep, pk = text.partition("_")
    try:
        at = datetime.fromisoformat(moment)
        return (at, int(pk)) if at.tzinfo else None
    except ValueError:
        return None

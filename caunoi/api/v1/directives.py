"""Leaders' orders, as whoever asks may see them."""

from collections.abc import Iterable
from typing import Any, Literal

from django.http import HttpRequest
from django.utils.timezone import localtime, now
from ninja import Query, Router, Schema
from pydantic import Field

from caunoi.directives import queries
from caunoi.directives.models import Directive
from caunoi.events.actor import Actor

router = Router(tags=["directives"])


class DirectiveFilters(Schema):
    """`state`: open (overdue ones too), overdue, or done (taken back ones too)."""

    state: Literal["open", "overdue", "done"] = "open"
    before: int | None = Field(None, ge=1)
    limit: int = Field(queries.PAGE, ge=1, le=100)


def moment(value: Any) -> str | None:
    return localtime(value).isoformat() if value else None


def bodies(rows: Iterable[Directive]) -> list[dict[str, Any]]:
    return [
        {
            "id": row.pk,
            "ticket": row.ticket.code if row.ticket else None,
            "agency": row.agency.code if row.agency else None,
            "text": row.text,
            "by": row.by,
            "at": moment(row.at),
            "due": moment(row.due),
            "acknowledged": moment(row.acknowledged),
            "done": moment(row.done),
            "answer": row.answer or None,
            "withdrawn": moment(row.withdrawn),
            "overdue": row.done is None and row.withdrawn is None and row.due < now(),
        }
        for row in rows
    ]


@router.get("", url_name="directives")
def index(request: HttpRequest, narrow: Query[DirectiveFilters]) -> dict[str, Any]:
    """Orders you may see; `next` is the `before` of the following page of those that are done."""
    by: Actor = request.auth  # type: ignore[attr-defined]  # set by the framework from Bearer.authenticate
    rows = queries.listed(by, narrow.state, before=narrow.before, size=narrow.limit)
    page = rows[: narrow.limit]
    return {"items": bodies(page), "next": page[-1].pk if len(rows) > len(page) else None}

"""What came in and when, and whether it was readable. Never its content."""

from typing import Any

from django.http import Http404, HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from caunoi.api.v1.directives import moment
from caunoi.api.v1.inputs import Code
from caunoi.conversations.queries import has_inbox, receipts
from caunoi.events.actor import Actor, Role
from caunoi.tickets.lifecycle import NotAllowedError

router = Router(tags=["receipts"])
WHO = (Role.OPERATOR, Role.SUPERVISOR, Role.ADMIN)


class ReceiptFilters(Schema):
    inbox: Code
    before: int | None = Field(None, ge=1, lt=2**63, description="the last `number` of the page before")
    limit: int = Field(100, ge=1, le=1000)


@router.get("", url_name="receipts")
def index(request: HttpRequest, narrow: Query[ReceiptFilters]) -> dict[str, Any]:
    """The receipts of an inbox, newest first, by the provider's id."""
    by: Actor = request.auth  # type: ignore[attr-defined]
    if not by.has(*WHO):
        raise NotAllowedError("receipts")
    if not has_inbox(narrow.inbox):
        raise Http404
    rows = receipts(narrow.inbox).defer("raw", "raw_plain", "blob_key")
    if narrow.before:
        rows = rows.filter(pk__lt=narrow.before)
    batch = list(rows[: narrow.limit + 1])
    page = batch[: narrow.limit]
    items = [{"id": r.external_id, "number": r.pk, "at": moment(r.at), "state": r.state} for r in page]
    return {"items": items, "next": page[-1].pk if len(batch) > len(page) else None}

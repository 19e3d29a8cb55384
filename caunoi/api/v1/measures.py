"""The hotline's numbers, each by its name."""

from typing import Any, Literal

from django.http import Http404, HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from caunoi.api.v1 import given
from caunoi.api.v1.given import Code, Unknown
from caunoi.events.actor import Actor, Role
from caunoi.statistics.measures import MEASURES
from caunoi.tickets.lifecycle import NotAllowed

router = Router(tags=["measures"])
WHO = (Role.OPERATOR, Role.SUPERVISOR, Role.REVIEWER, Role.LEADER, Role.ADMIN)


class Period(Schema):
    """[from, to): dates begin at midnight in Vietnam, times are RFC 3339."""

    since: Code = Field(alias="from", min_length=1)
    until: Code = Field(alias="to", min_length=1)
    by: Literal["", "agency", "area", "category", "channel", "day", "month"] = ""


@router.get("/{name}", url_name="measure")
def show(request: HttpRequest, name: str, period: Query[Period]) -> dict[str, Any]:
    """A measure over what was received in a period, for the whole or by a group."""
    by: Actor = request.auth  # type: ignore[attr-defined]
    if not by.has(*WHO):
        raise NotAllowed("measures")
    if (measure := MEASURES.get(name)) is None:
        raise Http404
    since, until = given.moment("from", period.since), given.moment("to", period.until)
    if since is None or until is None or since >= until:
        raise Unknown("to", "must be later than from")
    rows = measure.rows(since, until, period.by, by.area_id)
    return {"name": measure.name, "definition": measure.definition, "rows": rows}

"""The hotline's numbers, each by its name."""

from datetime import datetime, timedelta
from typing import Any, Literal

from django.http import Http404, HttpRequest
from django.utils.timezone import now
from ninja import Query, Router, Schema
from pydantic import Field

from caunoi.api.v1 import inputs
from caunoi.api.v1.inputs import Code, UnknownCodeError
from caunoi.directory.boundaries import Boundaries, boundaries, organised
from caunoi.events.actor import Actor, Role
from caunoi.statistics.measures import MEASURES
from caunoi.statistics.scope import Scope, sees_operators
from caunoi.tickets.lifecycle import NotAllowedError

router = Router(tags=["measures"])
WHO = (Role.OPERATOR, Role.SUPERVISOR, Role.REVIEWER, Role.LEADER, Role.ADMIN)
By = Literal[
    "",
    "agency",
    "branch",
    "area",
    "category",
    "channel",
    "day",
    "week",
    "month",
    "report_month",
    "hop",
    "reason",
    "queue",
    "operator",
    "hour",
    "half_hour",
]


class Period(Schema):
    """[from, to): dates begin at midnight in Vietnam, times are RFC 3339. `as_of`: as it was known at the end of that
    day (or, to the hour, at that time); without, as it is now. `boundaries`: by the communes of today (now), of when
    each ticket came (then) or of a day; without, by the codes as written down. The other codes narrow ("-": without
    one)."""

    since: Code = Field(alias="from", min_length=1)
    until: Code = Field(alias="to", min_length=1)
    by: By = ""
    as_of: Code = ""
    boundaries: Code = ""
    agency: Code = ""
    area: Code = ""
    category: Code = ""
    channel: Code = ""


def _as_of(words: str) -> datetime | None:
    if not words:
        return None
    moment = inputs.moment("as_of", words)
    return moment + timedelta(days=1) if moment is not None and len(words) == 10 else moment


def _boundaries(words: str) -> Boundaries | None:
    try:
        return boundaries(words) if words else None
    except ValueError:
        raise UnknownCodeError("boundaries", "must be now, then or a date (YYYY-MM-DD)") from None


def _may(request: HttpRequest) -> Actor:
    by: Actor = request.auth  # type: ignore[attr-defined]
    if not by.has(*WHO):
        raise NotAllowedError("measures")
    return by


@router.get("", url_name="measures")
def catalogue(request: HttpRequest) -> dict[str, Any]:
    """Every measure: what it is called, what it means, how it is counted, and by what it may be asked."""
    _may(request)
    names = ("name", "title", "definition", "formula", "unit", "owner")
    return {
        "items": [
            {**{name: getattr(m, name) for name in names}, "by": [by for by in m.groups if by]}
            for m in MEASURES.values()
        ]
    }


@router.get("/{name}", url_name="measure")
def show(request: HttpRequest, name: str, period: Query[Period]) -> dict[str, Any]:
    """A measure over what was received in a period, for the whole or by a group."""
    by = _may(request)
    if (measure := MEASURES.get(name)) is None:
        raise Http404
    since, until = inputs.moment("from", period.since), inputs.moment("to", period.until)
    if since is None or until is None or since >= until:
        raise UnknownCodeError("to", "must be later than from")
    if period.by not in measure.groups:
        raise UnknownCodeError("by", f"must be one of {', '.join(group for group in measure.groups if group)}")
    if period.by == "operator" and not sees_operators(by):
        raise NotAllowedError("operators")
    as_of, moment = _as_of(period.as_of), now()
    scope = Scope(
        since=since,
        until=until,
        at=min(as_of or moment, moment),
        as_of=as_of if as_of and as_of <= moment else None,
        agency=period.agency,
        area=period.area,
        category=period.category,
        channel=period.channel,
        boundaries=_boundaries(period.boundaries),
        heirs=organised(period.boundaries) if period.boundaries else {},
    ).readable_by(by)
    return {"name": measure.name, "definition": measure.definition, "rows": measure.rows(scope, period.by)}

"""Tickets: listed, read, made and moved."""

from typing import Any
from uuid import uuid4

from django.http import Http404, HttpRequest
from ninja import File, Query, Router, Schema, Status
from ninja.files import UploadedFile
from pydantic import Field

from caunoi import moves
from caunoi.api.v1 import inputs, words
from caunoi.api.v1.inputs import ChannelKey, Code, Line, MoveMade, Name, UnknownCodeError, Words
from caunoi.conversations.queries import channels_in_use
from caunoi.directory import queries as directory
from caunoi.events.actor import Actor, Role
from caunoi.files.queries import claim
from caunoi.lib.numbers import codes, phone
from caunoi.notifications.queries import letters
from caunoi.routing import actions as routing
from caunoi.routing import queries as custody
from caunoi.routing.identity import open_identity
from caunoi.tickets import actions, queries
from caunoi.tickets.lifecycle import Kind, MissingDataError, NotAllowedError, State, Urgency
from caunoi.tickets.models import Ticket
from caunoi.tickets.report import Report, Reporter
from caunoi.tickets.showings import show_ticket

router = Router(tags=["tickets"])
ENTRY = (Role.OPERATOR, Role.SUPERVISOR)  # who logs tickets for citizens


class Contact(Schema):
    name: Name = ""
    phone: Code = ""
    email: Line = ""
    address: Line = ""


class Entry(Schema):
    """A ticket to be made of what a citizen said; sent again with the same `once` it gives the first one."""

    text: str = Field(max_length=100_000)
    channel: ChannelKey
    kind: Kind | None = None
    urgency: Urgency | None = None
    category: Code | None = None
    area_code: Code | None = None
    address: Line = ""
    lat: float | None = Field(None, ge=-90, le=90, allow_inf_nan=False)
    long: float | None = Field(None, ge=-180, le=180, allow_inf_nan=False)
    occurred: Code | None = None
    summary: Line = ""
    contact: Contact = Contact()
    once: Name | None = None


class InvolveBody(Schema):
    """An agency that is asked to help, and for what."""

    agency: Code
    note: Words = ""


class Needed(Schema):
    """Why one must know who reported."""

    reason: Words


class TicketFilters(Schema):
    """What a list is narrowed by; `state` may name several, with commas. `before` is the last code of the page
    before."""

    state: str = Field("", max_length=200)
    category: Code = ""
    area: Code = ""
    agency: Code = ""
    channel: ChannelKey | None = None
    kind: Kind | None = None
    urgency: Urgency | None = None
    q: Line = ""
    since: Code | None = Field(None, alias="from")
    until: Code | None = Field(None, alias="to")
    before: Code | None = None
    limit: int = Field(queries.PAGE, ge=1, le=100)


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.auth  # type: ignore[attr-defined]  # set by the framework from Bearer.authenticate
    return actor


def _visible(by: Actor, code: str) -> Ticket:
    ticket = queries.find(by, code)
    if ticket is None:
        raise Http404
    return ticket


def _before(by: Actor, code: str) -> int:
    return inputs.require("before", queries.find(by, code)).pk


@router.get("", url_name="tickets")
def index(request: HttpRequest, narrow: Query[TicketFilters]) -> dict[str, Any]:
    """Tickets you may see, newest first; `next` is the `before` of the following page, null on the last."""
    by = _actor(request)
    states = frozenset(part.strip() for part in narrow.state.split(",") if part.strip())
    if states - set(State):
        raise UnknownCodeError("state", f"must be of {', '.join(State)}")
    filters = queries.Filters(
        states=states,
        category=narrow.category,
        area=narrow.area,
        agency=narrow.agency,
        text=narrow.q,
        channel=narrow.channel or "",
        kind=narrow.kind or "",
        urgency=narrow.urgency or "",
        since=inputs.moment("from", narrow.since),
        until=inputs.moment("to", narrow.until),
    )
    before = _before(by, narrow.before) if narrow.before else None
    rows = queries.listed(by, filters, before=before, size=narrow.limit)
    page = rows[: narrow.limit]
    return {"items": [words.short(t, by) for t in page], "next": page[-1].code if len(rows) > len(page) else None}


@router.get("/{code}", url_name="ticket")
def show(request: HttpRequest, code: str) -> dict[str, Any]:
    by = _actor(request)
    ticket = _visible(by, code)
    routing.receive(ticket, by=by)
    return words.whole(ticket, custody.knowing(ticket, by))


def _reporter(contact: Contact) -> Reporter:
    parsed = phone.parse(contact.phone) if contact.phone.strip() else None
    if contact.phone.strip() and not (parsed and (parsed.e164 or parsed.kind == "hidden")):
        raise UnknownCodeError("contact.phone", "no number that can be called; write it like 0912 345 678")
    return Reporter(
        name=contact.name, email=contact.email, address=contact.address, phone=(parsed.e164 or "") if parsed else ""
    )


def _report(entry: Entry, by: Actor) -> Report:
    limit = directory.option("text_limit")
    if len(entry.text) > limit or "\x00" in entry.text:
        raise UnknownCodeError("text", f"must be text of at most {limit} characters")
    if entry.channel not in channels_in_use():
        raise UnknownCodeError("channel", "this hotline does not take reports by it")
    if (entry.lat is None) != (entry.long is None):
        raise MissingDataError({"lat", "long"})
    category = inputs.require("category", directory.category(entry.category)) if entry.category else None
    area = inputs.require("area_code", directory.area(entry.area_code)) if entry.area_code else None
    if entry.lat is not None and entry.long is not None:
        here = directory.area_at(entry.lat, entry.long)
        if here is None and directory.ground():
            raise UnknownCodeError("lat", "the point lies outside the province")
        area = area or here
    return Report(
        text=entry.text,
        channel=entry.channel,
        once=f"{by.name}:{entry.once or uuid4().hex}",
        kind=entry.kind or Kind(category.kind if category else Kind.REPORT),
        urgency=entry.urgency or Urgency.NORMAL,
        category_id=category.pk if category else None,
        area_id=area.pk if area else None,
        address=entry.address,
        latitude=entry.lat,
        longitude=entry.long,
        occurred=inputs.moment("occurred", entry.occurred),
        summary=entry.summary,
        reporter=_reporter(entry.contact),
        raw=entry.model_dump(mode="json"),
    )


@router.get("/{code}/notices", url_name="notices")
def notices(request: HttpRequest, code: str) -> dict[str, Any]:
    """What the citizen was written about it: when, to which address, by which channel, and what became of it. Addresses
    are for those who know who reported."""
    by = _actor(request)
    ticket = _visible(by, code)
    by = custody.knowing(ticket, by)
    if queries.knows_reporter(by, ticket):
        show_ticket(ticket, by=by, place="api")
    return {"items": [words.notice(row, ticket, by) for row in letters(ticket)]}


@router.post("", url_name="tickets", response={201: dict[str, Any]})
def create(request: HttpRequest, entry: Entry) -> Status[dict[str, Any]]:
    """Log a ticket for a citizen."""
    by = _actor(request)
    if not by.has(*ENTRY):
        raise NotAllowedError("create")
    ticket = actions.take(_report(entry, by), by=by)
    return Status(201, words.whole(_visible(by, ticket.code), by))


@router.post("/{code}/moves", url_name="moves")
def make(request: HttpRequest, code: str, body: MoveMade) -> dict[str, Any]:  # type: ignore[valid-type]
    """Make a move of the lifecycle; gives the ticket as it is after."""
    by = _actor(request)
    ticket = _visible(by, code)
    sent = body.model_dump()  # type: ignore[attr-defined]
    name = sent.pop("move")
    brought = inputs.takes(name, sent)
    moves.check(ticket, name, brought, by=by)
    moves.perform(name, [ticket], by=by, move_input=inputs.rows(name, brought, by))
    return words.whole(queries.find(by, codes.parse(code) or "") or ticket, by)


@router.post("/{code}/pictures", url_name="pictures", response={201: dict[str, Any]})
def pictures(request: HttpRequest, code: str, files: File[list[UploadedFile]]) -> Status[dict[str, Any]]:
    """Send pictures (JPEG, PNG, WebP, HEIC) that a move then names by their tokens, as `before` or `after`; good for a
    day."""
    by = _actor(request)
    _visible(by, code)
    return Status(201, {"items": [{"token": claim(picture)} for picture in inputs.stored(files, by)]})


@router.post("/{code}/handovers", url_name="handovers")
def involve(request: HttpRequest, code: str, body: InvolveBody) -> dict[str, Any]:
    """Ask another agency to help the one that leads; gives the ticket as it is after."""
    by = _actor(request)
    ticket = _visible(by, code)
    agency = inputs.require("agency", directory.agency(body.agency))
    routing.involve(ticket, agency, by=by, note=body.note)
    return words.whole(_visible(by, code), by)


@router.post("/{code}/identity", url_name="identity")
def identify(request: HttpRequest, code: str, needed: Needed) -> dict[str, Any]:
    """Open the reporter's identity to you, with a reason that the supervisor sees; `contact` is then in the ticket for
    a while."""
    by = _actor(request)
    ticket = _visible(by, code)
    open_identity(ticket, needed.reason, by=by)
    return words.whole(ticket, custody.knowing(ticket, by))

"""One's own ticket, for apps and the web widget: followed, added to, rated, reopened. The follow token is the whole
authority; code and phone number tell only how far it is. No account and no key."""

from datetime import timedelta
from typing import Any

from django.http import Http404, HttpRequest
from django.utils.timezone import now
from django.utils.translation import gettext as _
from ninja import File, Router, Schema, Status
from ninja.errors import HttpError
from ninja.files import UploadedFile
from pydantic import Field

from caunoi import moves
from caunoi.accounts import queries as accounts
from caunoi.accounts.models import Key
from caunoi.answers.label import label
from caunoi.answers.queries import final
from caunoi.api.limits import limit, refuse
from caunoi.api.v1.directives import moment
from caunoi.api.v1.inputs import Code, Message, UnknownCodeError, Words, stored
from caunoi.conversations.queries import thread
from caunoi.events.actor import SYSTEM, Actor, citizen
from caunoi.lib.network import place
from caunoi.notifications.notices import NOTICES
from caunoi.notifications.queries import sent_to_citizen
from caunoi.publication import queries as publication
from caunoi.ratings import actions as ratings
from caunoi.ratings.flags import Origin, staff_opened
from caunoi.ratings.models import Rating as GivenRating
from caunoi.ratings.queries import can_rate
from caunoi.sla.queries import handle
from caunoi.tickets import actions, lookups, queries
from caunoi.tickets.lifecycle import ENDS, MissingDataError, NotPossibleError
from caunoi.tickets.lookups import AgencyNetworkError, LimitedError, TooOftenError
from caunoi.tickets.models import Ticket
from caunoi.tickets.visits import visit

router = Router(tags=["one's own ticket"])
GRADES = ("satisfied", "acceptable", "dissatisfied")
WAIT = 1.0  # seconds for others' pictures
AGAIN = timedelta(minutes=10)  # the same words within it are the same sending
MEGABYTE = 1024 * 1024


class Find(Schema):
    code: Code
    phone: Code


class Comment(Schema):
    text: Message


class Rating(Schema):
    grade: Code = Field(description=f"one of {', '.join(GRADES)}")
    reasons: list[Code] = Field([], max_length=10)
    comment: Words = ""


class Reason(Schema):
    text: Message


def _own(request: HttpRequest, follow: str, *, writes: bool = False) -> tuple[Ticket, Actor]:
    ticket = queries.of_follow(follow)
    if ticket is None:
        raise Http404
    if writes:
        _no_staff(request)
        limit(request, "own", str(ticket.pk))
    return ticket, citizen(ticket.pk)


def _address(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR", ""))


def _note_visit(request: HttpRequest, ticket: Ticket) -> None:
    """Write down that a link was opened by an app for the first time, as the page of it does (web/citizen/own.py); the
    app is known again by its address and name."""
    if request.user.is_authenticated:
        staff_opened(ticket)
        return
    network = f"{_address(request)} {request.headers.get('User-Agent', '')[:300]}"
    visit(ticket, f"app {network}", network)


def _no_staff(request: HttpRequest) -> None:
    """403 for whoever comes as staff, by session or key: what is a citizen's to say is not said by those it is
    about."""
    key = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
    if request.user.is_authenticated or (key and accounts.key(key, Key.Use.API)):
        raise HttpError(403, "Signed in as staff: only the citizen does this.")


def _may(ticket: Ticket) -> list[str]:
    may = {
        "comments": ticket.state not in ENDS,
        "photos": ticket.state not in ENDS,
        "rating": can_rate(ticket),
        "reopen": queries.may_reopen(ticket),
        "close": ticket.state == "answered",
    }
    return [name for name, allowed in may.items() if allowed]


def whole(ticket: Ticket) -> dict[str, Any]:
    """A ticket as its citizen may know it."""
    answer, clock, holder = final(ticket), handle(ticket), queries.holder(ticket)
    texts = {notice.name: notice.text for many in NOTICES.values() for notice in many}
    return {
        "code": ticket.code,
        "state": ticket.state,
        "kind": ticket.kind,
        "received": moment(ticket.received),
        "text": ticket.text,
        "address": ticket.address,
        "area": ticket.area.code if ticket.area else None,
        "category": ticket.category.code if ticket.category else None,
        "holder": holder.code if holder else None,
        "due": moment(clock.due) if clock and clock.due else None,
        "answer": answer.text if answer else None,
        "answer_note": label(answer) or None,
        "updates": [
            {
                "at": moment(n.at),
                "kind": n.event.kind,
                "text": _(texts.get(n.notice, "")).format(
                    code=ticket.code, agency=n.agency.name if n.agency else holder.name if holder else ""
                ),
            }
            for n in sent_to_citizen(ticket)
        ],
        "photos": [
            {"url": f"/files/{p.attachment.name}.webp?f={ticket.follow}", "role": p.role}
            for p in queries.photos(ticket)
        ],
        "may": _may(ticket),
    }


@router.post("/find", url_name="mine-find", auth=None)
def find(request: HttpRequest, body: Find) -> dict[str, Any]:
    """How far the ticket of somebody is who remembers the code and the phone number given then. What it says, and all
    that one may do about it, is behind its follow link."""
    _no_staff(request)
    limit(request, "lookup", place(_address(request)))
    published = publication.find(body.code)  # what everybody may read tells nothing about a number
    try:
        ticket = published.ticket if published else lookups.find(body.code, body.phone, _address(request))
    except AgencyNetworkError:
        raise HttpError(403, "From an agency's network nobody looks up other people's reports.") from None
    except LimitedError as error:
        refuse(request, error.limit, error.verdict)
    except TooOftenError:
        raise HttpError(429, "Too many wrong numbers for this ticket: try again tomorrow.") from None
    if ticket is None:
        raise Http404
    clock, holder = handle(ticket), queries.holder(ticket)
    return {
        "code": ticket.code,
        "state": ticket.state,
        "holder": holder.code if holder else None,
        "due": moment(clock.due) if clock and clock.due else None,
    }


@router.get("/{follow}", url_name="mine", auth=None)
def show(request: HttpRequest, follow: Code) -> dict[str, Any]:
    """What has happened, who holds it until when, the answer, and what its citizen may do now (`may`)."""
    ticket, _by = _own(request, follow)
    _note_visit(request, ticket)
    return whole(ticket)


@router.get("/{follow}/messages", url_name="mine-messages", auth=None)
def messages(request: HttpRequest, follow: Code) -> dict[str, Any]:
    """What was said back and forth about this ticket, oldest first; never what belongs to another one."""
    ticket, _by = _own(request, follow)
    _note_visit(request, ticket)
    rows = [
        m
        for m in thread(ticket.conversation, SYSTEM)
        if getattr(m, "exchange", None) is None or m.exchange.ticket_id == ticket.pk
    ]
    return {
        "items": [
            {
                "at": moment(m.at),
                "from": "citizen" if m.inbound else "hotline",
                "text": "" if m.removed else m.text,
                "edited": bool(m.edited),
                "removed": bool(m.removed),
            }
            for m in rows
            if m.inbound is False or getattr(m, "exchange", None) is not None or ticket.conversation.latest is None
        ]
    }


@router.post("/{follow}/comments", url_name="mine-comments", response={201: dict[str, Any]}, auth=None)
def comment(request: HttpRequest, follow: Code, body: Comment) -> Status[dict[str, Any]]:
    """Add something; where the hotline asked, it is the reply it waits for. The same words again at once are once."""
    ticket, by = _own(request, follow, writes=True)
    text = body.text.strip()
    if not text:
        raise MissingDataError({"text"})
    if ticket.state in ENDS:
        raise NotPossibleError(f"comments: {ticket.state}")
    if not queries.said_lately(ticket, text, since=now() - AGAIN):
        actions.remark(ticket, text, by=by, internal=False)
        if ticket.state == "waiting":
            moves.perform("resume", [ticket], by=by)
    return Status(201, whole(ticket))


@router.post("/{follow}/photos", url_name="mine-photos", response={201: dict[str, Any]}, auth=None)
def photos(request: HttpRequest, follow: Code, files: File[list[UploadedFile]]) -> Status[dict[str, Any]]:
    """Add pictures (JPEG, PNG, WebP, HEIC); all of them, or none and the reason."""
    ticket, by = _own(request, follow, writes=True)
    if ticket.state in ENDS:
        raise NotPossibleError(f"photos: {ticket.state}")
    ids = [picture.pk for picture in stored(files, by, wait=WAIT)]
    actions.add_photos(ticket, ids, "report", by=by)
    return Status(201, whole(ticket))


@router.post("/{follow}/rating", url_name="mine-rating", auth=None)
def rate(request: HttpRequest, follow: Code, body: Rating) -> dict[str, Any]:
    """Rate the answer, once; the agency never learns who did."""
    ticket, by = _own(request, follow, writes=True)
    if body.grade not in GRADES:
        raise UnknownCodeError("grade", f"must be one of {', '.join(GRADES)}")
    ratings.rate(
        ticket,
        body.grade,
        by=by,
        reasons=body.reasons,
        comment=body.comment[:4000],
        proof=GivenRating.Proof.APP,
        origin=Origin(address=request.META.get("REMOTE_ADDR", "")),
    )
    return whole(ticket)


@router.post("/{follow}/reopen", url_name="mine-reopen", auth=None)
def reopen(request: HttpRequest, follow: Code, why: Reason) -> dict[str, Any]:
    """It is not solved: within the province's days after the answer."""
    ticket, by = _own(request, follow, writes=True)
    if not queries.may_reopen(ticket):
        raise NotPossibleError(f"reopen: {ticket.state}")
    moves.perform("reopen", [ticket], by=by, move_input={"reason": why.text.strip()})
    return whole(ticket)


@router.post("/{follow}/close", url_name="mine-close", auth=None)
def close(request: HttpRequest, follow: Code) -> dict[str, Any]:
    """Close a ticket whose citizen is satisfied."""
    ticket, by = _own(request, follow, writes=True)
    moves.perform("close", [ticket], by=by)
    return whole(ticket)

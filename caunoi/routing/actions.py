"""Custody: every hand-over is a leg, and exactly one agency leads."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.timezone import now

from caunoi.directory.models import Agency
from caunoi.directory.queries import is_helping, option
from caunoi.events import writing
from caunoi.events.actions import record
from caunoi.events.actor import Actor, Role
from caunoi.events.models import Event
from caunoi.lib.vietnamese.writing import nfc
from caunoi.routing import queries
from caunoi.routing.models import OPEN_LEGS, Handover, Rule
from caunoi.routing.rules import propose
from caunoi.routing.understanding import understand
from caunoi.tickets import actions as tickets
from caunoi.tickets.lifecycle import MissingDataError, NotAllowedError, NotPossibleError
from caunoi.tickets.models import Photo, Ticket
from caunoi.triage import actions as triage
from caunoi.triage import queries as proposals


def _rule(ticket: Ticket, agency: Agency) -> Rule | None:
    """The rule that proposes this agency for the ticket, if any does: the rule's page counts its returns."""
    return next((p.rule for p in propose(ticket) if p.agency == agency), None)


@writing.act
def route(
    ticket: Ticket,
    agency: Agency,
    *,
    by: Actor,
    note: str = "",
    coordinating: Sequence[Agency] = (),
    rule: Rule | None = None,
    at: datetime | None = None,
) -> Handover:
    """Hand the ticket to the agency that must act, and ask others to help. Past the hop limit only a supervisor may."""
    if queries.at_limit(ticket) and not by.has(Role.SUPERVISOR):
        raise NotAllowedError("hop_limit")
    event = tickets.move(ticket, "route", by=by, at=at, agency=agency, note=note)
    tickets.share(ticket, agency, at=event.at)
    leg = Handover(
        ticket=ticket,
        agency=agency,
        by=by.name,
        note=note,
        rule=rule or _rule(ticket, agency),
        sent=event.at,
        hop=queries.hops(ticket) + 1,
    )
    writing.insert(leg, of=ticket)
    for helper in coordinating:
        if helper.pk != agency.pk:
            involve(ticket, helper, by=by, note=note, at=at)
    return leg


@writing.act
def involve(ticket: Ticket, agency: Agency, *, by: Actor, note: str = "", at: datetime | None = None) -> Handover:
    """Ask another agency to help the leading one: by the centre or the leading agency."""
    lead = queries.lead(ticket)
    if not queries.may_involve(by, lead):
        raise NotAllowedError("involve")
    if lead is None or lead.agency_id == agency.pk:
        raise NotPossibleError("involve")
    at = at or now()
    tickets.share(ticket, agency, at=at)
    handover, new = writing.ensure(
        ticket,
        Handover,
        {"agency": agency, "state__in": OPEN_LEGS},
        {
            "role": Handover.Role.COORDINATE,
            "state": Handover.State.SENT,
            "source_id": by.agency_id,
            "by": by.name,
            "note": note,
            "sent": at,
        },
    )
    if new:
        record("handover.involve", ticket, by=by, at=at, agency=agency.code)
    return handover


def receive(ticket: Ticket, *, by: Actor, at: datetime | None = None) -> None:
    """Somebody of the agency has looked at the ticket; the first time counts."""
    if by.agency_id is not None:
        mine = {"agency_id": by.agency_id, "state__in": OPEN_LEGS, "received": None}
        writing.update(ticket, Handover, mine, received=at or now())


def _mine(ticket: Ticket, by: Actor, at: datetime | None) -> Handover:
    """The open leg of the actor's agency, locked."""
    mine = queries.leg(ticket, by)
    if mine is None:
        raise NotAllowedError("leg")
    leg = writing.locked(mine)
    if leg.state not in OPEN_LEGS:  # a colleague was faster
        raise NotPossibleError("leg")
    leg.received = leg.received or at or now()
    return leg


def _move(ticket: Ticket, name: str, leg: Handover, *, by: Actor, at: datetime | None, **data: Any) -> Event:
    """The leg's move as the ticket's when the leg leads, else as a hand-over's event only."""
    if leg.role == Handover.Role.LEAD:
        return tickets.move(ticket, name, by=by, at=at, **data)
    codes: dict[str, Any] = {k: v for k, v in data.items() if isinstance(v, int)}
    return record(f"handover.{name.removeprefix('leg_')}", ticket, by=by, at=at, agency=leg.agency.code, **codes)


@writing.act
def accept(ticket: Ticket, *, by: Actor, at: datetime | None = None) -> Handover:
    """The agency agrees that the matter is its own."""
    leg = _mine(ticket, by, at)
    if leg.state != Handover.State.SENT:
        raise NotPossibleError("leg_accept")
    event = _move(ticket, "leg_accept", leg, by=by, at=at)
    leg.state, leg.accepted = Handover.State.ACCEPTED, event.at
    writing.save(leg)
    return leg


@writing.act
def start(ticket: Ticket, *, by: Actor, at: datetime | None = None) -> Handover:
    """The agency begins to work, which also accepts the ticket."""
    leg = _mine(ticket, by, at)  # locks legs before tickets, as all here do
    event = tickets.move(ticket, "start", by=by, at=at)
    leg.state, leg.accepted = Handover.State.ACCEPTED, leg.accepted or event.at
    writing.save(leg)
    return leg


@writing.act
def give_back(ticket: Ticket, reason: str, *, by: Actor, at: datetime | None = None) -> Handover:
    """The agency is not competent: the ticket goes back to the centre, which sees why."""
    if not reason.strip():
        raise MissingDataError({"reason"})
    leg = _mine(ticket, by, at)
    event = _move(ticket, "leg_return", leg, by=by, at=at, reason=reason)
    leg.state, leg.ended, leg.reason = Handover.State.RETURNED, event.at, reason
    writing.save(leg)
    tickets.unshare(ticket, leg.agency, at=event.at)
    if leg.role == Handover.Role.LEAD and queries.at_limit(ticket):
        record("handover.limit", ticket, by=by, at=at, hops=queries.hops(ticket))
    return leg


@writing.act
def recall(ticket: Ticket, *, by: Actor, reason: str = "", at: datetime | None = None) -> Handover:
    """The centre takes back what it had handed over, as long as the agency has not accepted it. Agencies that were to
    help are let go, too. NotPossibleError where the agency was faster."""
    pending = [writing.locked(leg) for leg in queries.legs(ticket) if leg.state in OPEN_LEGS]
    leg = next((leg for leg in pending if leg.role == Handover.Role.LEAD), None)
    if leg is None or leg.state != Handover.State.SENT:
        raise NotPossibleError("recall")
    event = tickets.move(ticket, "recall", by=by, at=at, reason=reason)
    for one in (leg for leg in pending if leg.state in OPEN_LEGS):
        one.state, one.ended, one.reason = Handover.State.RECALLED, event.at, reason
        writing.save(one)
        tickets.unshare(ticket, one.agency, at=event.at)
        if one.role == Handover.Role.COORDINATE:
            record("handover.recall", ticket, by=by, at=at, agency=one.agency.code, code=ticket.code)
    return leg


@writing.act
def contribute(
    ticket: Ticket,
    text: str,
    *,
    by: Actor,
    before: Sequence[int] = (),
    after: Sequence[int] = (),
    at: datetime | None = None,
) -> Handover:
    """A helping agency finishes its part: words and pictures for the leading agency, which answers."""
    if not text.strip():
        raise MissingDataError({"text"})
    leg = _mine(ticket, by, at)
    if leg.role != Handover.Role.COORDINATE:
        raise NotPossibleError("leg_answer")
    tickets.add_photos(ticket, before, Photo.Role.BEFORE, by=by, at=at)
    tickets.add_photos(ticket, after, Photo.Role.AFTER, by=by, at=at)
    event = record("handover.answer", ticket, by=by, at=at, agency=leg.agency.code)
    leg.state, leg.ended, leg.accepted = Handover.State.DONE, event.at, leg.accepted or event.at
    leg.answer = nfc(text).strip()
    writing.save(leg)
    return leg


@writing.act
def pass_on(ticket: Ticket, agency: Agency, *, by: Actor, note: str = "", at: datetime | None = None) -> Handover:
    """The agency passes the lead on to another, as far as the hop limit allows."""
    leg = _mine(ticket, by, at)
    if leg.agency_id == agency.pk or leg.role != Handover.Role.LEAD:
        raise NotPossibleError("leg_pass_on")
    if leg.hop >= option("hop_limit"):
        raise NotAllowedError("hop_limit")
    event = tickets.move(ticket, "leg_pass_on", by=by, at=at, agency=agency, note=note)
    leg.state, leg.ended = Handover.State.PASSED_ON, event.at
    writing.save(leg)
    tickets.share(ticket, agency, at=event.at)
    new = Handover(
        ticket=ticket, source=leg.agency, agency=agency, by=by.name, note=note, sent=event.at, hop=leg.hop + 1
    )
    return writing.insert(new, of=ticket)


@writing.act
def ask_extension(ticket: Ticket, days: int, reason: str, *, by: Actor, at: datetime | None = None) -> Handover:
    """The agency asks for more working days."""
    if lacking := {name for name, value in (("days", days), ("reason", reason.strip())) if not value}:
        raise MissingDataError(lacking)
    leg = _mine(ticket, by, at)
    if leg.asked_days:
        raise NotPossibleError("leg_ask_extension")
    event = _move(ticket, "leg_ask_extension", leg, by=by, at=at, reason=reason, days=days)
    leg.asked_days, leg.asked_reason, leg.asked = days, reason, event.at
    leg.decided, leg.decided_by, leg.refusal = None, "", ""
    writing.save(leg)
    return leg


def _extension_leg(ticket: Ticket, name: str, by: Actor) -> Handover:
    """The leg that waits for more time, locked; for somebody who did not ask for it."""
    if not queries.may_decide_extension(ticket, by):
        raise NotAllowedError(name)
    request = queries.extension_request(ticket)
    leg = writing.locked(request) if request else None
    if leg is None or not leg.asked_days:
        raise NotPossibleError(name)
    return leg


@writing.act
def grant_extension(ticket: Ticket, *, by: Actor, at: datetime | None = None) -> Handover:
    """A supervisor or leader grants the extension; it moves the deadline of the ticket, or of the helper."""
    leg = _extension_leg(ticket, "leg_grant_extension", by)
    event = _move(ticket, "leg_grant_extension", leg, by=by, at=at, days=leg.asked_days)
    leg.granted_days, leg.asked_days = leg.granted_days + leg.asked_days, 0
    leg.decided, leg.decided_by = event.at, by.name
    writing.save(leg)
    return leg


@writing.act
def refuse_extension(ticket: Ticket, reason: str, *, by: Actor, at: datetime | None = None) -> Handover:
    """A supervisor or leader does not grant them, and says why."""
    if not reason.strip():
        raise MissingDataError({"reason"})
    leg = _extension_leg(ticket, "leg_refuse_extension", by)
    event = _move(ticket, "leg_refuse_extension", leg, by=by, at=at, reason=reason)
    leg.asked_days, leg.decided, leg.decided_by, leg.refusal = 0, event.at, by.name, reason
    writing.save(leg)
    return leg


@writing.act
def finish(ticket: Ticket, *, at: datetime | None = None) -> None:
    """The ticket was answered, or is over otherwise: its open legs are done."""
    writing.update(ticket, Handover, {"state__in": OPEN_LEGS}, state=Handover.State.DONE, ended=at or now())


def finish_late(ticket: Ticket, at: datetime) -> None:
    """`finish` as of a moment that lies back: what was handed on since then goes on."""
    done = {"state": Handover.State.DONE, "ended": at}
    Handover.objects.filter(ticket=ticket, state__in=OPEN_LEGS, sent__lte=at).update(**done)


@writing.act
def reopen(ticket: Ticket, *, by: Actor, at: datetime | None = None, **move_input: Any) -> Event:
    """The centre has it again, and nobody else: legs that the worker has not got to yet are done too."""
    event = tickets.move(ticket, "reopen", by=by, at=at, **move_input)
    finish(ticket, at=event.at)
    return event


def read(rows: QuerySet[Ticket]) -> None:
    """Keep what is proposed of tickets, of each once. What is confidential is not read, and nothing while this helper
    is off."""
    if not is_helping("triage"):
        return
    unread = rows.filter(restricted=False, reading=None).order_by("pk")
    triage.keep({ticket: understand(proposals.words(ticket)).matters for ticket in unread})

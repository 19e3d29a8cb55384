"""Custody: every hand-over is a leg, and exactly one agency leads."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.timezone import now

from caunoi.directory.models import Agency
from caunoi.directory.queries import option
from caunoi.events.actions import record
from caunoi.events.actor import Actor, Role
from caunoi.events.models import Event
from caunoi.lib.vietnamese import nfc
from caunoi.routing import queries
from caunoi.routing.models import OPEN_LEGS, Handover, Rule
from caunoi.routing.rules import Book, propose, rules
from caunoi.tickets import actions as tickets
from caunoi.tickets.lifecycle import Missing, NotAllowed, NotPossible
from caunoi.tickets.models import Participant, Photo, Ticket


def _rule(ticket: Ticket, agency: Agency) -> Rule | None:
    """The rule that proposes this agency for the ticket, if any does: its returns are shown beside it."""
    return next((p.rule for p in propose(ticket) if p.agency == agency), None)


@transaction.atomic
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
        raise NotAllowed("hop_limit")
    event = tickets.move(ticket, "route", by=by, at=at, agency=agency, note=note)
    tickets.share(ticket, agency, at=event.at)
    leg = Handover.objects.create(
        ticket=ticket, agency=agency, by=by.name, note=note, rule=rule or _rule(ticket, agency), sent=event.at,
        hop=queries.hops(ticket) + 1,
    )  # fmt: skip
    for helper in coordinating:
        if helper.pk != agency.pk:
            involve(ticket, helper, by=by, note=note, at=at)
    return leg


@transaction.atomic
def involve(ticket: Ticket, agency: Agency, *, by: Actor, note: str = "", at: datetime | None = None) -> Handover:
    """Ask another agency to help the one that leads: the centre may, and the one that leads."""
    lead = queries.lead(ticket)
    if not by.has(Role.OPERATOR, Role.SUPERVISOR, Role.SYSTEM) and (lead is None or by.agency_id != lead.agency_id):
        raise NotAllowed("involve")
    if lead is None or lead.agency_id == agency.pk:
        raise NotPossible("involve")
    at = at or now()
    tickets.share(ticket, agency, at=at)
    handover, new = Handover.objects.get_or_create(
        ticket=ticket,
        agency=agency,
        state__in=OPEN_LEGS,
        defaults={
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


def receive(ticket: Ticket, *, by: Actor) -> None:
    """Somebody of the agency has looked at what was sent to it; the first time counts."""
    if by.agency_id is not None:
        mine = Handover.objects.filter(ticket=ticket, agency_id=by.agency_id, state__in=OPEN_LEGS, received=None)
        mine.update(received=now())


def _mine(ticket: Ticket, by: Actor) -> Handover:
    mine = queries.leg(ticket, by)
    if mine is None:
        raise NotAllowed("leg")
    leg = Handover.objects.select_for_update().get(pk=mine.pk)
    if leg.state not in OPEN_LEGS:  # a colleague was faster
        raise NotPossible("leg")
    leg.received = leg.received or now()
    return leg


def _tell(ticket: Ticket, name: str, leg: Handover, *, by: Actor, **given: Any) -> Event:
    """The leg's move as the ticket's when the leg leads, else as a hand-over's event only."""
    if leg.role == Handover.Role.LEAD:
        return tickets.move(ticket, name, by=by, **given)
    codes: dict[str, Any] = {k: v for k, v in given.items() if isinstance(v, int)}
    return record(f"handover.{name.removeprefix('leg_')}", ticket, by=by, agency=leg.agency.code, **codes)


@transaction.atomic
def accept(ticket: Ticket, *, by: Actor) -> Handover:
    """The agency agrees that the matter is its own."""
    leg = _mine(ticket, by)
    if leg.state != Handover.State.SENT:
        raise NotPossible("leg_accept")
    event = _tell(ticket, "leg_accept", leg, by=by)
    leg.state, leg.accepted = Handover.State.ACCEPTED, event.at
    leg.save()
    return leg


@transaction.atomic
def start(ticket: Ticket, *, by: Actor) -> Handover:
    """The agency begins to work; it thereby accepts what it had not."""
    leg = _mine(ticket, by)  # locks legs before tickets, as all here do
    event = tickets.move(ticket, "start", by=by)
    leg.state, leg.accepted = Handover.State.ACCEPTED, leg.accepted or event.at
    leg.save()
    return leg


@transaction.atomic
def give_back(ticket: Ticket, reason: str, *, by: Actor) -> Handover:
    """The agency is not competent: the ticket goes back to the centre, which sees why."""
    if not reason.strip():
        raise Missing({"reason"})
    leg = _mine(ticket, by)
    event = _tell(ticket, "leg_return", leg, by=by, reason=reason)
    leg.state, leg.ended, leg.reason = Handover.State.RETURNED, event.at, reason
    leg.save()
    tickets.unshare(ticket, leg.agency, at=event.at)
    if leg.role == Handover.Role.LEAD and queries.at_limit(ticket):
        record("handover.limit", ticket, by=by, hops=queries.hops(ticket))
    return leg


@transaction.atomic
def contribute(
    ticket: Ticket, text: str, *, by: Actor, before: Sequence[int] = (), after: Sequence[int] = ()
) -> Handover:
    """An agency that helps has its part: words and pictures for the one that leads and answers."""
    if not text.strip():
        raise Missing({"text"})
    leg = _mine(ticket, by)
    if leg.role != Handover.Role.COORDINATE:
        raise NotPossible("leg_answer")
    tickets.add_photos(ticket, before, Photo.Role.BEFORE, by=by)
    tickets.add_photos(ticket, after, Photo.Role.AFTER, by=by)
    event = record("handover.answer", ticket, by=by, agency=leg.agency.code)
    leg.state, leg.ended, leg.accepted = Handover.State.DONE, event.at, leg.accepted or event.at
    leg.answer = nfc(text).strip()
    leg.save()
    return leg


@transaction.atomic
def pass_on(ticket: Ticket, agency: Agency, *, by: Actor, note: str = "") -> Handover:
    """The agency hands the lead on to another, as far as the hop limit allows."""
    leg = _mine(ticket, by)
    if leg.agency_id == agency.pk or leg.role != Handover.Role.LEAD:
        raise NotPossible("leg_pass_on")
    if leg.hop >= option("hop_limit"):
        raise NotAllowed("hop_limit")
    event = tickets.move(ticket, "leg_pass_on", by=by, agency=agency, note=note)
    leg.state, leg.ended = Handover.State.PASSED_ON, event.at
    leg.save()
    tickets.share(ticket, agency, at=event.at)
    return Handover.objects.create(
        ticket=ticket, source=leg.agency, agency=agency, by=by.name, note=note, sent=event.at, hop=leg.hop + 1
    )


@transaction.atomic
def ask_extension(ticket: Ticket, days: int, reason: str, *, by: Actor) -> Handover:
    """The agency asks for more working days."""
    if lacking := {name for name, value in (("days", days), ("reason", reason.strip())) if not value}:
        raise Missing(lacking)
    leg = _mine(ticket, by)
    if leg.asked_days:
        raise NotPossible("leg_ask_extension")
    event = _tell(ticket, "leg_ask_extension", leg, by=by, reason=reason, days=days)
    leg.asked_days, leg.asked_reason, leg.asked = days, reason, event.at
    leg.decided, leg.decided_by, leg.refusal = None, "", ""
    leg.save()
    return leg


def _asked(ticket: Ticket, name: str) -> Handover:
    """The leg that waits for more time, locked."""
    asked = queries.asked(ticket)
    leg = Handover.objects.select_for_update().get(pk=asked.pk) if asked else None
    if leg is None or not leg.asked_days:
        raise NotPossible(name)
    return leg


@transaction.atomic
def grant_extension(ticket: Ticket, *, by: Actor) -> Handover:
    """A supervisor or leader grants the days asked for; the ticket's own due moves by them, or that of one that helps."""
    leg = _asked(ticket, "leg_grant_extension")
    event = _tell(ticket, "leg_grant_extension", leg, by=by, days=leg.asked_days)
    leg.granted_days, leg.asked_days = leg.granted_days + leg.asked_days, 0
    leg.decided, leg.decided_by = event.at, by.name
    leg.save()
    return leg


@transaction.atomic
def refuse_extension(ticket: Ticket, reason: str, *, by: Actor) -> Handover:
    """A supervisor or leader does not grant them, and says why."""
    if not reason.strip():
        raise Missing({"reason"})
    leg = _asked(ticket, "leg_refuse_extension")
    event = _tell(ticket, "leg_refuse_extension", leg, by=by, reason=reason)
    leg.asked_days, leg.decided, leg.decided_by, leg.refusal = 0, event.at, by.name, reason
    leg.save()
    return leg


@transaction.atomic
def finish(ticket: Ticket, *, at: datetime | None = None) -> None:
    """The ticket was answered: its open legs are done."""
    Handover.objects.filter(ticket=ticket, state__in=OPEN_LEGS).update(state=Handover.State.DONE, ended=at or now())


def _books() -> dict[int | None, Book]:
    """The rules by field, for histories written in bulk."""
    every = rules()
    fields = {rule.category_id for rule in every}
    return {pk: Book.of([r for r in every if r.category_id in (None, pk)]) for pk in fields | {None}}


def _chosen(books: dict[int | None, Book], ticket: Ticket, agency: Agency) -> Rule | None:
    proposals = books.get(ticket.category_id, books[None]).proposals(ticket)
    return next((p.rule for p in proposals if p.agency.pk == agency.pk), None)


def replay(stories: Iterable[tickets.Replayed]) -> None:
    """The legs of histories written in bulk, as single actions would have left them."""
    legs: list[Handover] = []
    parts: dict[tuple[int, int], Participant] = {}
    books = _books()
    for story in stories:
        hop, open_leg = 0, None
        for event, made in zip(story.events[1:], story.told.moves, strict=True):
            given = made.given
            if made.name in ("route", "leg_pass_on"):
                if open_leg is not None:
                    open_leg.received = open_leg.received or event.at
                    open_leg.state, open_leg.ended = Handover.State.PASSED_ON, event.at
                hop += 1
                source: Agency | None = open_leg.agency if open_leg else None
                open_leg = Handover(
                    ticket=story.ticket, source=source, agency=given["agency"], by=made.by.name, sent=event.at, hop=hop,
                    note=given.get("note", ""),
                    rule=_chosen(books, story.ticket, given["agency"]) if made.name == "route" else None,
                )  # fmt: skip
                legs.append(open_leg)
                parts[story.ticket.pk, given["agency"].pk] = Participant(
                    ticket=story.ticket, agency=given["agency"], since=event.at
                )
                continue
            if open_leg is None:
                continue
            if made.by.agency_id == open_leg.agency_id:
                open_leg.received = open_leg.received or event.at
            if made.name in ("start", "leg_accept"):
                open_leg.state, open_leg.accepted = Handover.State.ACCEPTED, open_leg.accepted or event.at
            elif made.name == "leg_return":
                open_leg.state, open_leg.ended, open_leg.reason = Handover.State.RETURNED, event.at, given["reason"]
                parts[story.ticket.pk, open_leg.agency_id].until = event.at
                open_leg = None
            elif made.name == "leg_ask_extension":
                open_leg.asked_days, open_leg.asked_reason, open_leg.asked = given["days"], given["reason"], event.at
                open_leg.decided, open_leg.decided_by, open_leg.refusal = None, "", ""
            elif made.name == "leg_grant_extension":
                open_leg.granted_days, open_leg.asked_days = open_leg.granted_days + open_leg.asked_days, 0
                open_leg.decided, open_leg.decided_by = event.at, made.by.name
            elif made.name == "leg_refuse_extension":
                open_leg.asked_days, open_leg.refusal = 0, given["reason"]
                open_leg.decided, open_leg.decided_by = event.at, made.by.name
            elif made.name in ("approve", "merge", "refuse"):
                open_leg.state, open_leg.ended = Handover.State.DONE, event.at
                open_leg = None
    Handover.objects.bulk_create(legs, batch_size=2000)
    Participant.objects.bulk_create(parts.values(), batch_size=2000)

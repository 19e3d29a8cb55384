"""Custody: every hand-over is a leg, and exactly one agency leads."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.timezone import localdate, now

from caunoi.directory.models import Agency
from caunoi.directory.queries import option
from caunoi.events.actions import amend, record
from caunoi.events.actor import Actor, Role, administrators_only
from caunoi.events.models import Event
from caunoi.routing import queries
from caunoi.routing.models import OPEN_LEGS, Handover, Rule
from caunoi.tickets import actions as tickets
from caunoi.tickets.lifecycle import Missing, NotAllowed, NotPossible
from caunoi.tickets.models import Participant, Ticket


@transaction.atomic
def route(
    ticket: Ticket, agency: Agency, *, by: Actor, note: str = "", rule: Rule | None = None, at: datetime | None = None
) -> Handover:
    """Hand the ticket to the agency that must act. Past the hop limit only a supervisor may."""
    if queries.hops(ticket) > option("hop_limit") and not by.has(Role.SUPERVISOR):
        raise NotAllowed("hop_limit")
    event = tickets.move(ticket, "route", by=by, at=at, agency=agency, note=note)
    tickets.share(ticket, agency, at=event.at)
    return Handover.objects.create(
        ticket=ticket, agency=agency, by=by.name, note=note, rule=rule, sent=event.at, hop=queries.hops(ticket) + 1
    )


@transaction.atomic
def involve(ticket: Ticket, agency: Agency, *, by: Actor, note: str = "") -> Handover:
    """Ask another agency to help the one that leads."""
    lead = queries.lead(ticket)
    if lead is None or lead.agency_id == agency.pk:
        raise NotPossible("involve")
    tickets.share(ticket, agency)
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
            "sent": now(),
        },
    )
    if new:
        record("handover.involve", ticket, by=by, agency=agency.code)
    return handover


def _mine(ticket: Ticket, by: Actor) -> Handover:
    mine = queries.leg(ticket, by)
    if mine is None:
        raise NotAllowed("leg")
    return Handover.objects.select_for_update().get(pk=mine.pk)


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
    event = tickets.move(ticket, "start", by=by)
    leg = _mine(ticket, by)
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
    _tell(ticket, "leg_ask_extension", leg, by=by, reason=reason, days=days)
    leg.asked_days, leg.asked_reason = days, reason
    leg.save()
    return leg


@transaction.atomic
def grant_extension(ticket: Ticket, *, by: Actor) -> Handover:
    """A supervisor or leader grants the days asked for; the ticket's own due moves by them."""
    asked = queries.asked(ticket)
    if asked is None:
        raise NotPossible("leg_grant_extension")
    leg = Handover.objects.select_for_update().get(pk=asked.pk)
    _tell(ticket, "leg_grant_extension", leg, by=by, days=leg.asked_days)
    leg.granted_days, leg.asked_days = leg.granted_days + leg.asked_days, 0
    leg.save()
    return leg


@transaction.atomic
def finish(ticket: Ticket, *, at: datetime | None = None) -> None:
    """The ticket was answered: its open legs are done."""
    Handover.objects.filter(ticket=ticket, state__in=OPEN_LEGS).update(state=Handover.State.DONE, ended=at or now())


def replay(stories: Iterable[tickets.Replayed]) -> None:
    """The legs of histories written in bulk, as single actions would have left them."""
    legs: list[Handover] = []
    parts: dict[tuple[int, int], Participant] = {}
    for story in stories:
        hop, open_leg = 0, None
        for event, made in zip(story.events[1:], story.told.moves, strict=True):
            given = made.given
            if made.name in ("route", "leg_pass_on"):
                if open_leg is not None:
                    open_leg.state, open_leg.ended = Handover.State.PASSED_ON, event.at
                hop += 1
                source: Agency | None = open_leg.agency if open_leg else None
                open_leg = Handover(
                    ticket=story.ticket, source=source, agency=given["agency"], by=made.by.name, sent=event.at, hop=hop,
                    note=given.get("note", ""),
                )  # fmt: skip
                legs.append(open_leg)
                parts[story.ticket.pk, given["agency"].pk] = Participant(
                    ticket=story.ticket, agency=given["agency"], since=event.at
                )
            elif open_leg is None:
                continue
            elif made.name in ("start", "leg_accept"):
                open_leg.state, open_leg.accepted = Handover.State.ACCEPTED, open_leg.accepted or event.at
            elif made.name == "leg_return":
                open_leg.state, open_leg.ended, open_leg.reason = Handover.State.RETURNED, event.at, given["reason"]
                parts[story.ticket.pk, open_leg.agency_id].until = event.at
                open_leg = None
            elif made.name == "leg_ask_extension":
                open_leg.asked_days, open_leg.asked_reason = given["days"], given["reason"]
            elif made.name == "leg_grant_extension":
                open_leg.granted_days, open_leg.asked_days = open_leg.granted_days + open_leg.asked_days, 0
            elif made.name in ("approve", "merge", "refuse"):
                open_leg.state, open_leg.ended = Handover.State.DONE, event.at
                open_leg = None
    Handover.objects.bulk_create(legs, batch_size=2000)
    Participant.objects.bulk_create(parts.values(), batch_size=2000)


@transaction.atomic
def add_rule(*, by: Actor, **values: Any) -> Rule:
    """A new rule, in force today. IntegrityError when it names no agency, or an agency and a kind."""
    administrators_only(by)
    row = Rule.objects.create(valid_from=localdate(), **values)
    record("rule.add", row, by=by, category=row.category_id, area=row.area_id, agency=row.agency_id)
    return row


@transaction.atomic
def edit_rule(rule: Rule, *, by: Actor, **values: Any) -> Event | None:
    """Change a rule for the proposals to come; who holds a ticket stays."""
    administrators_only(by)
    return amend("rule.edit", rule, values, by=by, category=rule.category_id)


@transaction.atomic
def retire_rule(rule: Rule, *, by: Actor) -> Event | None:
    """From today on the rule proposes nobody."""
    administrators_only(by)
    return amend("rule.retire", rule, {"valid_to": localdate()}, by=by, category=rule.category_id)


@transaction.atomic
def restore_rule(rule: Rule, *, by: Actor) -> Event | None:
    administrators_only(by)
    return amend("rule.restore", rule, {"valid_to": None}, by=by, category=rule.category_id)

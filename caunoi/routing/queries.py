from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Q, QuerySet
from django.utils.timezone import localdate, localtime

from caunoi.directory.models import Agency
from caunoi.directory.queries import in_force
from caunoi.events.actor import Actor
from caunoi.routing.models import OPEN_LEGS, Handover, Rule
from caunoi.tickets.lifecycle import Move, State, moves_from
from caunoi.tickets.models import Ticket
from caunoi.tickets.queries import visible_to


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """An agency that a rule names for a ticket; `because` names what the rule went by: category, area, hour."""

    agency: Agency
    rule: Rule
    because: tuple[str, ...]


def _fits(rule: Rule, hour: int) -> bool:
    since, until = rule.since_hour, rule.until_hour
    if since is None or until is None:
        return True
    return since <= hour < until if since < until else hour >= since or hour < until


def rank(rule: Rule) -> tuple[int, ...]:
    """Where a rule stands among those that fit: what says most wins, then the field, then the lower order."""
    weight = (rule.category_id is not None, rule.area_id is not None, rule.since_hour is not None)
    return (-sum(weight), -int(weight[0]), rule.order, rule.pk)


def rules(*, retired: bool = False) -> list[Rule]:
    """The rules in force (or those that were) in the order in which they win."""
    found = Rule.objects.exclude(in_force()) if retired else Rule.objects.filter(in_force())
    return sorted(found.select_related("category", "area", "agency"), key=rank)


def rule(pk: int) -> Rule | None:
    return Rule.objects.filter(pk=pk).select_related("category", "area", "agency").first()


def burden(agency: Agency) -> int:
    """How many open legs an agency has."""
    return Handover.objects.filter(agency=agency, state__in=OPEN_LEGS).count()


def propose(ticket: Ticket, at: datetime | None = None) -> list[Proposal]:
    """The competent agencies for a ticket as it is described now, the most specific rule first; empty = nobody knows."""
    moment = localtime(at or ticket.occurred or ticket.received)
    rules = (
        Rule.objects.filter(in_force(localdate(moment)))
        .filter(Q(category=None) | Q(category_id=ticket.category_id), Q(area=None) | Q(area_id=ticket.area_id))
        .select_related("agency", "category", "area")
        .defer("area__outline")
    )
    found: list[tuple[tuple[int, ...], Proposal]] = []
    for rule in rules:
        if not _fits(rule, moment.hour):
            continue
        agency = (
            rule.agency or Agency.objects.filter(in_force(), kind=rule.of_area, area_id=ticket.area_id or -1).first()
        )
        if agency is None:
            continue
        named = {
            "category": rule.category_id,
            "area": rule.area_id or rule.of_area,
            "hour": rule.since_hour is not None,
        }
        because = tuple(name for name, value in named.items() if value)
        found.append((rank(rule), Proposal(agency=agency, rule=rule, because=because)))
    best: dict[int, Proposal] = {}
    for _, proposal in sorted(found, key=lambda pair: pair[0]):
        best.setdefault(proposal.agency.pk, proposal)
    return list(best.values())


def custody(ticket: Ticket) -> QuerySet[Handover]:
    """The ledger of a ticket, oldest leg first."""
    return Handover.objects.filter(ticket=ticket).select_related("agency", "source").order_by("sent", "id")


def held(by: Actor) -> QuerySet[Ticket]:
    """The tickets that lie with this actor's agency now, to lead or to help; each with `leg_state` and `leg_role`."""
    mine = visible_to(by).filter(handovers__agency_id=by.agency_id or -1, handovers__state__in=OPEN_LEGS)
    return mine.annotate(leg_state=F("handovers__state"), leg_role=F("handovers__role"))


def leg(ticket: Ticket, by: Actor) -> Handover | None:
    """The open leg of this actor's agency."""
    if by.agency_id is None:
        return None
    return Handover.objects.filter(ticket=ticket, agency_id=by.agency_id, state__in=OPEN_LEGS).first()


def lead(ticket: Ticket) -> Handover | None:
    """The leg that holds the ticket now."""
    found = Handover.objects.filter(ticket=ticket, role=Handover.Role.LEAD, state__in=OPEN_LEGS)
    return found.select_related("agency").first()


def asked(ticket: Ticket) -> Handover | None:
    """The leg that waits for an extension."""
    return Handover.objects.filter(ticket=ticket, state__in=OPEN_LEGS, asked_days__gt=0).first()


def hops(ticket: Ticket) -> int:
    """How often the ticket has been handed on."""
    return Handover.objects.filter(ticket=ticket, role=Handover.Role.LEAD).count()


def leg_moves(ticket: Ticket, by: Actor) -> list[Move]:
    """The moves on hand-overs that this actor may make now."""
    rows = moves_from(State(ticket.state), by, ticket_id=ticket.pk, agency_id=ticket.agency_id)
    names = [m for m in rows if m.leg]
    if not names:
        return []
    mine = leg(ticket, by)
    may: set[str] = set()
    if mine and mine.state == Handover.State.SENT:
        may |= {"leg_accept", "leg_return", "leg_pass_on"}
    elif mine:
        may |= {"leg_return", "leg_pass_on"} | (set() if mine.asked_days else {"leg_ask_extension"})
    if mine and mine.role != Handover.Role.LEAD:
        may -= {"leg_pass_on"}
    if asked(ticket):
        may.add("leg_grant_extension")
    return [m for m in names if m.name in may]


def open_legs(tickets: Iterable[Ticket]) -> dict[int, Handover]:
    """The leg that holds each of these tickets, by ticket id."""
    ids = [t.pk for t in tickets]
    rows = Handover.objects.filter(ticket_id__in=ids, role=Handover.Role.LEAD, state__in=OPEN_LEGS)
    return {h.ticket_id: h for h in rows}

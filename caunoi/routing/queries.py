from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from django.core.signing import BadSignature, Signer
from django.db.models import Count, F, OuterRef, QuerySet, Subquery
from django.utils.timezone import now

from caunoi.directory.models import Agency
from caunoi.directory.queries import option
from caunoi.events.actor import Actor, Role
from caunoi.routing.models import OPEN_LEGS, Handover, Link, Opening
from caunoi.routing.rules import propose as propose
from caunoi.routing.rules import rule as rule
from caunoi.routing.rules import rules as rules
from caunoi.tickets.lifecycle import Move, State, moves_from
from caunoi.tickets.models import Ticket
from caunoi.tickets.queries import visible_to


def burden(agency: Agency) -> int:
    """How many open legs an agency has."""
    return Handover.objects.filter(agency=agency, state__in=OPEN_LEGS).count()


def custody(ticket: Ticket) -> QuerySet[Handover]:
    """The ledger of a ticket, oldest leg first."""
    return Handover.objects.filter(ticket=ticket).order_by("sent", "id")


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
    return found.first()


def asked(ticket: Ticket) -> Handover | None:
    """The leg that waits for an extension."""
    waiting = Handover.objects.filter(ticket=ticket, state__in=OPEN_LEGS, asked_days__gt=0)
    return waiting.order_by("asked", "id").first()


def helping(ticket: Ticket) -> list[Handover]:
    """The legs of the agencies that help, oldest first; returned ones are not among them."""
    found = custody(ticket).filter(role=Handover.Role.COORDINATE)
    return [leg for leg in found if leg.state != Handover.State.RETURNED]


def pending(ticket: Ticket) -> list[Handover]:
    """The agencies whose help is still waited for."""
    return [leg for leg in helping(ticket) if leg.state in OPEN_LEGS]


def at_limit(ticket: Ticket) -> bool:
    """Whether it has been handed on so often that the supervisor decides."""
    return bool(hops(ticket) >= option("hop_limit"))


def hops(ticket: Ticket) -> int:
    """How often the ticket has been handed on; what an act of reorganisation passed on does not count."""
    return Handover.objects.filter(ticket=ticket, role=Handover.Role.LEAD, act=None).count()


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
        may = may - {"leg_pass_on"} | {"leg_answer"}
    if asked(ticket):
        may |= {"leg_grant_extension", "leg_refuse_extension"}
    return [m for m in names if m.name in may]


def open_legs(tickets: Iterable[Ticket]) -> dict[int, Handover]:
    """The leg that holds each of these tickets, by ticket id."""
    ids = [t.pk for t in tickets]
    rows = Handover.objects.filter(ticket_id__in=ids, role=Handover.Role.LEAD, state__in=OPEN_LEGS)
    return {h.ticket_id: h for h in rows}


def handed_on_too_often(by: Actor) -> QuerySet[Ticket]:
    """What waits at the centre after too many hand-overs: the supervisor decides. Each with `hops`."""
    legs = Handover.objects.filter(ticket=OuterRef("pk"), role=Handover.Role.LEAD, act=None).order_by()
    count = Subquery(legs.values("ticket").annotate(n=Count("pk")).values("n"))
    return visible_to(by).filter(state=State.ACCEPTED).annotate(hops=count).filter(hops__gte=option("hop_limit"))


def extensions_asked(by: Actor) -> QuerySet[Handover]:
    """The legs that wait for more time to be granted, the longest waiting first."""
    found = Handover.objects.filter(ticket__in=visible_to(by).order_by(), state__in=OPEN_LEGS, asked_days__gt=0)
    return found.select_related("ticket", "agency").order_by("asked", "id")


def returned(by: Actor, since: datetime) -> QuerySet[Handover]:
    """What agencies returned and nobody has handed on yet, newest first."""
    found = Handover.objects.filter(ticket__in=visible_to(by).filter(state=State.ACCEPTED).order_by())
    found = found.filter(state=Handover.State.RETURNED, role=Handover.Role.LEAD, ended__gte=since)
    return found.select_related("ticket", "agency", "rule").order_by("-ended")


signer = Signer(salt="routing.link")


class LinkClosed(Exception):
    """A link that opens nothing; `code` says why: forged, revoked, expired, used, over."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


def token(link: Link) -> str:
    """The signed word of a link's address."""
    return signer.sign(f"{link.pk}.{link.nonce}")


def link(word: str, *, at: datetime | None = None, used: bool = False) -> Link:
    """The link behind a signed word. LinkClosed for one that is forged, revoked, expired or (unless `used`) used, or
    whose leg is over otherwise."""
    try:
        pk, nonce = signer.unsign(word).split(".")
        number = int(pk)
    except (BadSignature, ValueError):
        raise LinkClosed("forged") from None
    rows = Link.objects.select_related(
        "leg__ticket__category", "leg__ticket__area", "leg__agency", "leg__ticket__contact"
    )
    found = rows.filter(pk=number, nonce=nonce).first()
    if found is None:
        raise LinkClosed("forged")
    if found.revoked:
        raise LinkClosed("revoked")
    if found.used:
        if used:
            return found
        raise LinkClosed("used")
    if found.expires <= (at or now()):
        raise LinkClosed("expired")
    if found.leg.state not in OPEN_LEGS:
        raise LinkClosed("over")
    return found


def links(ticket: Ticket) -> QuerySet[Link]:
    """The links made for a ticket's legs, newest first."""
    return Link.objects.filter(leg__ticket=ticket).order_by("-id")


def by_link(leg: Handover, link_id: int) -> Actor:
    """Who answers by a link: somebody of the leg's agency, on that ticket only as far as its page goes."""
    return Actor(name=f"link:{link_id}", roles=frozenset({Role.OFFICER}), agency_id=leg.agency_id)


def opening(ticket: Ticket, by: Actor) -> Opening | None:
    """This person's look at the reporter's identity, while it lasts."""
    if by.user_id is None:
        return None
    found = Opening.objects.filter(ticket=ticket, user_id=by.user_id, until__gt=now())
    return found.order_by("-until").first()


def knowing(ticket: Ticket, by: Actor) -> Actor:
    """The same actor, knowing the reporter of this ticket if the identity is open to them now."""
    return replace(by, opened_id=ticket.pk) if opening(ticket, by) else by


def openings(*, since: datetime | None = None, before: int | None = None) -> QuerySet[Opening]:
    """Who opened whose identity and why, newest first; for those who watch over it."""
    found = Opening.objects.select_related("ticket", "agency").order_by("-id")
    if since is not None:
        found = found.filter(at__gte=since)
    return found.filter(pk__lt=before) if before else found

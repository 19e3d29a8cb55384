from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from django.core.signing import BadSignature
from django.db.models import Count, F, OuterRef, QuerySet, Subquery
from django.utils.timezone import now

from caunoi.directory.models import Agency
from caunoi.directory.queries import option
from caunoi.events import actor, writing
from caunoi.events.actor import Actor, Role
from caunoi.events.queries import last
from caunoi.events.relations import relation
from caunoi.routing.models import OPEN_LEGS, Handover, Link, Opening
from caunoi.routing.rules import propose as propose
from caunoi.routing.rules import rule as rule
from caunoi.routing.rules import rules as rules
from caunoi.tickets.lifecycle import MOVES, Leg, Move, State, moves_from
from caunoi.tickets.models import Ticket
from caunoi.tickets.queries import visible_to
from caunoi.vault.signing import Signer

HANDOVERS = relation(
    Handover,
    "id ticket source agency role state hop sent received accepted ended asked_days granted_days act",
)


def burden(agency: Agency) -> int:
    """How many open legs an agency has."""
    return Handover.objects.filter(agency=agency, state__in=OPEN_LEGS).count()


def custody(ticket: Ticket) -> QuerySet[Handover]:
    """The ledger of a ticket, oldest leg first."""
    return Handover.objects.filter(ticket=ticket).order_by("sent", "id")


def agency_tickets(by: Actor) -> QuerySet[Ticket]:
    """The tickets that lie with this actor's agency now, to lead or to help; each with `leg_state` and `leg_role`."""
    mine = visible_to(by).filter(handovers__agency_id=by.agency_id or -1, handovers__state__in=OPEN_LEGS)
    return mine.annotate(leg_state=F("handovers__state"), leg_role=F("handovers__role"))


def legs(ticket: Ticket) -> list[Handover]:
    """The legs of a ticket, in the order in which they were made."""
    return writing.rows_of(ticket, Handover)


def leg(ticket: Ticket, by: Actor) -> Handover | None:
    """The open leg of this actor's agency."""
    if by.agency_id is None:
        return None
    return next((leg for leg in legs(ticket) if leg.agency_id == by.agency_id and leg.state in OPEN_LEGS), None)


def lead(ticket: Ticket) -> Handover | None:
    """The leg that holds the ticket now."""
    return next((leg for leg in legs(ticket) if leg.role == Handover.Role.LEAD and leg.state in OPEN_LEGS), None)


def extension_request(ticket: Ticket) -> Handover | None:
    """The leg that waits for an extension, the longest waiting first."""
    waiting = [leg for leg in legs(ticket) if leg.asked_days and leg.state in OPEN_LEGS]
    return min(waiting, key=lambda leg: (leg.asked is None, leg.asked or leg.sent), default=None)


def may_decide_extension(ticket: Ticket, by: Actor) -> bool:
    """Whether somebody may grant or refuse more time: not who asked for it, nor for whom or by whom they act."""
    kinds = (MOVES["leg_ask_extension"].event, "handover.ask_extension")
    request = max(filter(None, (last(ticket, kind) for kind in kinds)), key=lambda event: event.at, default=None)
    return request is None or not (by.concerns(request.by_user) or by.concerns(request.behalf_user))


def helping(ticket: Ticket) -> list[Handover]:
    """The legs of the agencies that help, oldest first; returned ones and recalled ones are not among them."""
    helps, over = Handover.Role.COORDINATE, (Handover.State.RETURNED, Handover.State.RECALLED)
    helpers = [leg for leg in legs(ticket) if leg.role == helps and leg.state not in over]
    return sorted(helpers, key=lambda leg: leg.sent)


def pending(ticket: Ticket) -> list[Handover]:
    """The legs of the agencies whose help is still waited for."""
    return [leg for leg in helping(ticket) if leg.state in OPEN_LEGS]


def awaited(ticket: Ticket) -> list[Agency]:
    """The agencies whose help is still waited for."""
    return [leg.agency for leg in pending(ticket)]


def may_involve(by: Actor, leading: Handover | None) -> bool:
    """Whether somebody may ask another agency to help the one that leads: the centre may, and that agency."""
    by_centre = by.has(Role.OPERATOR, Role.SUPERVISOR, Role.SYSTEM)
    return by_centre or (leading is not None and by.agency_id == leading.agency_id)


def may_ask_help(ticket: Ticket, by: Actor, legs: Iterable[Handover]) -> bool:
    """Whether somebody may do so now, of a ticket with these legs."""
    leading = next((leg for leg in legs if leg.role == Handover.Role.LEAD and leg.state in OPEN_LEGS), None)
    return leading is not None and State(ticket.state) in (State.ROUTED, State.WORKING) and may_involve(by, leading)


def may_recall(ticket: Ticket, by: Actor) -> bool:
    """Whether the centre may still take back what it has handed over: until the agency has accepted it."""
    leading = lead(ticket)
    return leading is not None and leading.state == Handover.State.SENT


def at_limit(ticket: Ticket) -> bool:
    """Whether it has been handed over so often that the supervisor decides."""
    return bool(hops(ticket) >= option("hop_limit"))


def hops(ticket: Ticket) -> int:
    """How often the ticket has been handed over; what an act of reorganisation passed on does not count, nor what the
    centre took back at once."""
    recalled = Handover.State.RECALLED
    return sum(leg.role == Handover.Role.LEAD and leg.act is None and leg.state != recalled for leg in legs(ticket))


def leg_moves(ticket: Ticket, by: Actor) -> list[Move]:
    """The moves on hand-overs that this actor may make now."""
    rows = moves_from(State(ticket.state), by, ticket_id=ticket.pk, agency_id=ticket.agency_id)
    on_legs = [(move, move.leg) for move in rows if move.leg is not None]
    if not on_legs:
        return []
    mine, waiting = leg(ticket, by), extension_request(ticket)
    return [move for move, requirement in on_legs if _acts_on(requirement, mine, waiting)]


def _acts_on(requirement: Leg, mine: Handover | None, waiting: Handover | None) -> bool:
    """Whether the leg that a move acts on is there: the own one, or the one that waits for more time."""
    if requirement.extension_asked:
        return waiting is not None
    if mine is None or mine.state not in requirement.states or requirement.role not in ("", mine.role):
        return False
    return requirement.extension_asked is None or not mine.asked_days


def open_legs(tickets: Iterable[Ticket]) -> dict[int, Handover]:
    """The leg that holds each of these tickets, by ticket id."""
    ids = [t.pk for t in tickets]
    rows = Handover.objects.filter(ticket_id__in=ids, role=Handover.Role.LEAD, state__in=OPEN_LEGS)
    return {h.ticket_id: h for h in rows}


def handed_on_too_often(by: Actor) -> QuerySet[Ticket]:
    """What waits at the centre after too many hand-overs: the supervisor decides. Each with `hops`."""
    legs = Handover.objects.filter(ticket=OuterRef("pk"), role=Handover.Role.LEAD, act=None).order_by()
    legs = legs.exclude(state=Handover.State.RECALLED)
    count = Subquery(legs.values("ticket").annotate(n=Count("pk")).values("n"))
    return visible_to(by).filter(state=State.ACCEPTED).annotate(hops=count).filter(hops__gte=option("hop_limit"))


def extensions_asked(by: Actor) -> QuerySet[Handover]:
    """The legs that wait for more time to be granted, the longest waiting first."""
    handovers = Handover.objects.filter(ticket__in=visible_to(by).order_by(), state__in=OPEN_LEGS, asked_days__gt=0)
    return handovers.select_related("ticket", "agency").order_by("asked", "id")


def returned(by: Actor, since: datetime) -> QuerySet[Handover]:
    """What agencies returned and nobody has handed over again yet, newest first."""
    handovers = Handover.objects.filter(ticket__in=visible_to(by).filter(state=State.ACCEPTED).order_by())
    handovers = handovers.filter(state=Handover.State.RETURNED, role=Handover.Role.LEAD, ended__gte=since)
    return handovers.select_related("ticket", "agency", "rule").order_by("-ended")


signer = Signer(salt="routing.link")


class LinkClosedError(Exception):
    """A link that does not work; `code` says why: forged, revoked, expired, used, over."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


def token(link: Link) -> str:
    """The signed word of a link's address."""
    return signer.sign(f"{link.pk}.{link.nonce}")


def link(word: str, *, at: datetime | None = None, used: bool = False) -> Link:
    """The link behind a signed word. LinkClosedError for one that is forged, revoked, expired or (unless `used`) used,
    or whose leg is over otherwise."""
    try:
        pk, nonce = signer.unsign(word).split(".")
        number = int(pk)
    except (BadSignature, ValueError):
        raise LinkClosedError("forged") from None
    rows = Link.objects.select_related(
        "leg__ticket__category", "leg__ticket__area", "leg__agency", "leg__ticket__contact"
    )
    row = rows.filter(pk=number, nonce=nonce).first()
    if row is None:
        raise LinkClosedError("forged")
    if row.revoked:
        raise LinkClosedError("revoked")
    if row.used:
        if used:
            return row
        raise LinkClosedError("used")
    if row.expires <= (at or now()):
        raise LinkClosedError("expired")
    if row.leg.state not in OPEN_LEGS:
        raise LinkClosedError("over")
    return row


def links(ticket: Ticket) -> QuerySet[Link]:
    """The links made for a ticket's legs, newest first."""
    return Link.objects.filter(leg__ticket=ticket).order_by("-id")


def by_link(leg: Handover, link_id: int) -> Actor:
    """Who answers by a link: somebody of the leg's agency, on that ticket only as far as its page goes."""
    return actor.link(link_id, leg.agency_id)


def opening(ticket: Ticket, by: Actor) -> Opening | None:
    """This person's look at the reporter's identity, while it lasts."""
    if by.user_id is None:
        return None
    rows = Opening.objects.filter(ticket=ticket, user_id=by.user_id, until__gt=now())
    return rows.order_by("-until").first()


def knowing(ticket: Ticket, by: Actor) -> Actor:
    """The same actor, knowing the reporter of this ticket if the identity is open to them now."""
    return replace(by, opened_id=ticket.pk) if opening(ticket, by) else by


def openings(*, since: datetime | None = None, before: int | None = None) -> QuerySet[Opening]:
    """Who opened whose identity and why, newest first; for those who watch over it."""
    rows = Opening.objects.select_related("ticket", "agency").order_by("-id")
    if since is not None:
        rows = rows.filter(at__gte=since)
    return rows.filter(pk__lt=before) if before else rows

"""Tickets as lines of a list: what components/ticket_item.html shows."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.timezone import now

from caunoi.conversations.queries.channels import channel_icon
from caunoi.directory.queries import option
from caunoi.events.actor import SYSTEM, Actor
from caunoi.sla.clocks import over
from caunoi.sla.ladder import warned
from caunoi.sla.models import Deadline
from caunoi.sla.queries import handles, pressings, working
from caunoi.tickets.lifecycle import HANDLED, State
from caunoi.tickets.models import Ticket
from caunoi.tickets.queries import visible_to
from caunoi.web.access import may_open
from caunoi.web.labels import CLOCK, localised_name, word
from caunoi.web.masks import readable

TITLE = 110


@dataclass(frozen=True, kw_only=True)
class Line:
    """A ticket in a list, by one of its deadlines: `due` of it while it is not handled, `mark` how it stands, `clock`
    its name unless it is the citizen's; `proposed` of it in words, `alarm`: what goes before all else; `unread`: the
    citizen wrote and nobody has looked since; `assignee`: whose of the centre it is."""

    code: str
    title: str
    state: str
    urgent: bool
    at: dt.datetime
    due: dt.datetime | None
    mark: str
    clock: str
    place: str
    area: str
    category: str
    agency: str
    channel_icon: str
    lat: float | None
    long: float | None
    proposed: str = ""
    alarm: str = ""
    unread: bool = False
    assignee: str = ""


def title(ticket: Ticket, by: Actor = SYSTEM) -> str:
    """The operator's summary, else the beginning of the citizen's words, as `by` may read them."""
    words = " ".join(readable(ticket.summary or ticket.text[:400], ticket, by).split())
    return words if len(words) <= TITLE else words[:TITLE].rsplit(" ", 1)[0] + "…"


def mark(ticket: Ticket, deadline: Deadline | None, *, promised: bool = False) -> str:
    """One of the five marks, or `paused`; `promised`: by the deadline that the citizen was given when it was
    reopened."""
    if ticket.state in (State.REFUSED, State.MERGED):
        return "refused"
    if ticket.state in HANDLED:
        return "done-late" if deadline and deadline.late else "on-time"
    if deadline is None:
        return "on-time"
    due = deadline.promised if promised else deadline.due
    started = (promised and deadline.again) or deadline.started
    if due is None:
        return "paused"
    at = now()
    if over(due, at):
        return "overdue"
    return "due-soon" if at > warned(started, due, option("warn_percent")) else "on-time"


def place(ticket: Ticket, by: Actor = SYSTEM) -> str:
    """Address and commune, the commune once."""
    address, area = readable(ticket.address, ticket, by), ticket.area.name if ticket.area else ""
    return ", ".join(part for part in (address, "" if area.casefold() in address.casefold() else area) if part)


def line(ticket: Ticket, deadline: Deadline | None, by: Actor = SYSTEM, *, promised: bool = False) -> Line:
    """A ticket by one of its deadlines: the citizen's, or another clock's, which is then named. `promised`: as it was
    promised to the citizen."""
    due = (deadline.promised if promised else deadline.due) if deadline else None
    return Line(
        code=ticket.code,
        title=title(ticket, by),
        state=ticket.state,
        urgent=ticket.urgency == "urgent",
        at=ticket.received,
        due=due if ticket.state not in HANDLED else None,
        mark=mark(ticket, deadline, promised=promised),
        clock=word(CLOCK, deadline.clock) if deadline and deadline.clock != "handle" else "",
        place=place(ticket, by),
        area=ticket.area.name if ticket.area else "",
        category=localised_name(ticket.category),
        agency=localised_name(ticket.agency),
        channel_icon=channel_icon(ticket.channel),
        lat=ticket.latitude,
        long=ticket.longitude,
    )


def lines(tickets: Iterable[Ticket], by: Actor = SYSTEM) -> list[Line]:
    """Many at once, with one query for their deadlines."""
    rows = list(tickets)
    deadlines = handles(rows)
    return [line(t, deadlines.get(t.pk), by) for t in rows]


def pressing_lines(tickets: Iterable[Ticket], by: Actor) -> list[Line]:
    """The same for the centre at work: each by the clock that presses it now."""
    rows = list(tickets)
    deadlines = pressings(rows)
    return [line(t, deadlines.get(t.pk), by) for t in rows]


def work_lines(tickets: Iterable[Ticket], by: Actor) -> list[Line]:
    """Tickets as lines for an agency at work, each with its most urgent clock."""
    rows = list(tickets)
    deadlines = working(rows, by)
    return [line(t, deadlines.get(t.pk), by) for t in rows]


def ticket_view(by: Actor) -> str:
    """The view on which `by` reads a ticket; empty when there is none."""
    return next((v for v in ("desk:ticket", "agency:ticket", "board:ticket") if may_open(by, v)), "")


def doors(codes: Iterable[str], by: Actor, view: str = "desk:ticket") -> dict[str, str]:
    """By code the addresses of those tickets that `by` may open there."""
    if not may_open(by, view):
        return {}
    rows = visible_to(by).filter(code__in=set(codes)).values_list("code", flat=True)
    return {code: reverse(view, args=[code]) for code in rows}

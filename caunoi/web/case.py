"""What the agency's and the board's pages of a ticket share: whose hands it went through and what was answered."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest
from django.utils.translation import gettext as _

from caunoi.accounts.queries import names
from caunoi.answers.models import Answer
from caunoi.answers.queries import answers
from caunoi.events.actor import Actor
from caunoi.routing import queries as routing
from caunoi.routing.models import OPEN_LEGS, Handover
from caunoi.sla.models import Deadline
from caunoi.sla.queries import deadlines, holding, holding_of
from caunoi.tickets.models import Ticket
from caunoi.tickets.queries import find
from caunoi.web.errors import or_404
from caunoi.web.labels import CLOCK, localised_name, word
from caunoi.web.lines import mark
from caunoi.web.masks import readable
from caunoi.web.who import actor


@dataclass(frozen=True, kw_only=True)
class Hold:
    """Who holds a ticket now: case/holder.html."""

    agency: str
    since: datetime | None
    until: datetime | None
    over: bool


@dataclass(frozen=True, kw_only=True)
class Leg:
    """A hand-over with its words as the reader may read them, its due and what was asked of it."""

    row: Handover
    agency: str
    source: str
    mine: bool
    note: str
    reason: str
    plea: str
    refusal: str
    answer: str
    due: Deadline | None
    by: str
    decided_by: str
    open: bool


@dataclass(frozen=True)
class AnswerLine:
    """An answer, its text as the reader may read it."""

    row: Answer
    text: str
    agency: str


@dataclass(frozen=True, kw_only=True)
class ClockLine:
    """A clock of a ticket, with the agency whose it is."""

    row: Deadline
    label: str
    agency: str
    mark: str


def clock_lines(ticket: Ticket, clocks: Iterable[Deadline]) -> list[ClockLine]:
    return [
        ClockLine(row=d, label=word(CLOCK, d.clock), agency=localised_name(d.agency), mark=mark(ticket, d))
        for d in clocks
    ]


def get_ticket(request: HttpRequest, code: str) -> Ticket:
    """The ticket of an address, if this reader may see it; else 404."""
    return or_404(find(actor(request), code))


LONG, BEGINNING = 900, 600  # letters: when a text is folded, and how much of it stays


def folded(text: str) -> tuple[str, str]:
    """A long text as its beginning, to the end of a word, and the rest."""
    if len(text) <= LONG:
        return text, ""
    begin = text[:BEGINNING].rsplit(maxsplit=1)[0]
    return begin, text[len(begin) :].strip()


def current_holder(ticket: Ticket, legs: Iterable[Leg] | None = None, handle: Deadline | None = None) -> Hold:
    """Who holds it now, since when, until when; of the lines of `custody`, where they are known."""
    now = holding(ticket) if legs is None else holding_of(ticket, [leg.row for leg in legs], handle)
    return Hold(agency=localised_name(now.agency), since=now.since, until=now.until, over=now.over)


def custody(ticket: Ticket, by: Actor, clocks: Iterable[Deadline] | None = None) -> list[Leg]:
    """The hand-overs as lines, oldest first, with their words as `by` may read them, their due (of the ticket's
    `clocks`, where they are known) and what was asked of them."""
    legs = list(routing.custody(ticket))
    due = {
        d.leg_id: d
        for d in (deadlines(ticket) if clocks is None else clocks)
        if d.leg_id and d.state in ("running", "breached")
    }
    people = names({name for leg in legs for name in (leg.by, leg.decided_by)})
    return [
        Leg(
            row=leg,
            agency=localised_name(leg.agency),
            source=localised_name(leg.source) or _("the centre"),
            mine=leg.agency_id == by.agency_id,
            note=readable(leg.note, ticket, by),
            reason=readable(leg.reason, ticket, by),
            plea=readable(leg.asked_reason, ticket, by),
            refusal=readable(leg.refusal, ticket, by),
            answer=leg.answer,
            due=due.get(leg.pk),
            by=people.get(leg.by, ""),
            decided_by=people.get(leg.decided_by, ""),
            open=leg.state in OPEN_LEGS,
        )
        for leg in legs
    ]


def answers_given(ticket: Ticket, by: Actor) -> list[AnswerLine]:
    """What was answered and stands, newest first; the centre's words to the citizen without the citizen."""
    return [
        AnswerLine(a, a.text if a.agency_id else readable(a.text, ticket, by), localised_name(a.agency))
        for a in answers(ticket)
        if a.state != "revised"
    ]

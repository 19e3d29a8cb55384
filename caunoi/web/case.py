"""What the agency's and the board's pages of a ticket share: whose hands it went through and what was answered."""

from typing import Any

from django.utils.translation import gettext as _

from caunoi.answers.queries import answers
from caunoi.events.actor import Actor
from caunoi.routing import queries as routing
from caunoi.tickets.models import Ticket
from caunoi.web.labels import named
from caunoi.web.masks import readable

LONG, SHOWN = 900, 600  # letters: when a text is folded, and how much of it stays


def folded(text: str) -> tuple[str, str]:
    """A long text as its beginning, to the end of a word, and the rest."""
    if len(text) <= LONG:
        return text, ""
    begin = text[:SHOWN].rsplit(maxsplit=1)[0]
    return begin, text[len(begin) :].strip()


def custody(ticket: Ticket, by: Actor) -> list[dict[str, Any]]:
    """The hand-overs as lines, oldest first, with their words as `by` may read them."""
    return [
        {
            "row": leg, "agency": named(leg.agency), "source": named(leg.source) or _("the centre"),
            "mine": leg.agency_id == by.agency_id, "note": readable(leg.note, ticket, by),
            "reason": readable(leg.reason, ticket, by), "asked": readable(leg.asked_reason, ticket, by),
        }
        for leg in routing.custody(ticket)
    ]  # fmt: skip


def said(ticket: Ticket, by: Actor) -> list[dict[str, Any]]:
    """What was answered and stands, newest first; the centre's words to the citizen without the citizen."""
    return [
        {"row": a, "text": a.text if a.agency_id else readable(a.text, ticket, by), "agency": named(a.agency)}
        for a in answers(ticket)
        if a.state != "revised"
    ]

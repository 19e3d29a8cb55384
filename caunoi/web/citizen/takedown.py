"""A citizen asks that the public text of their own ticket be taken down."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from caunoi.events.actor import Actor
from caunoi.publication import actions
from caunoi.tickets.lifecycle import MissingDataError, RefusedError
from caunoi.tickets.models import Ticket
from caunoi.web.citizen import follow


@follow.by_link
def ask(request: HttpRequest, ticket: Ticket, by: Actor) -> HttpResponse:
    words = follow.posted_text(request, "takedown_text")
    if long := follow.too_long(words):
        return follow.page(request, ticket, form="takedown", error=long, typed=words, status=422)
    try:
        requested = actions.ask_removal(ticket, words, by=by)
    except MissingDataError:
        error = _("Please write what should not be public.")
        return follow.page(request, ticket, form="takedown", error=error, status=422)
    except RefusedError:
        requested = False
    return follow.back(ticket, "takedown" if requested else "asked")

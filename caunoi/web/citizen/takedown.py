"""A citizen asks to have the public text of their own ticket taken down."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from caunoi.events.actor import Actor
from caunoi.publication import actions
from caunoi.tickets.lifecycle import MissingDataError, RefusedError
from caunoi.tickets.models import Ticket
from caunoi.web.citizen import follow
from caunoi.web.inputs import text_in, too_long


@follow.by_link
def ask(request: HttpRequest, ticket: Ticket, by: Actor) -> HttpResponse:
    words = text_in(request.POST, "takedown_text")
    if long := too_long(words):
        return follow.page(request, ticket, form="takedown", error=long, typed=words, status=422)
    try:
        is_new = actions.ask_removal(ticket, words, by=by)
    except MissingDataError:
        error = _("Please write what should not be public.")
        return follow.page(request, ticket, form="takedown", error=error, status=422)
    except RefusedError:
        is_new = False
    return follow.back(ticket, "takedown" if is_new else "asked")

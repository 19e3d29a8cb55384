"""A citizen asks to have the public text of their own ticket taken down."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from caunoi.events.actor import Actor
from caunoi.publication import actions
from caunoi.tickets.lifecycle import MissingDataError, RefusedError
from caunoi.web.citizen import follow
from caunoi.web.citizen.own import Own
from caunoi.web.inputs import text_in, too_long


@follow.by_link
def ask(request: HttpRequest, own: Own, by: Actor) -> HttpResponse:
    ticket = own.ticket
    words = text_in(request.POST, "takedown_text")
    if long := too_long(words):
        return follow.page(request, own, form="takedown", error=long, typed=words, status=422)
    try:
        is_new = actions.ask_removal(ticket, words, by=by)
    except MissingDataError:
        error = _("Please write what should not be public.")
        return follow.page(request, own, form="takedown", error=error, status=422)
    except RefusedError:
        is_new = False
    return follow.back(own, "takedown" if is_new else "asked")

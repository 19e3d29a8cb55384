"""A citizen asks that the public text of their own ticket be taken down."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from caunoi.publication import actions
from caunoi.tickets.lifecycle import MissingDataError, RefusedError
from caunoi.web.citizen import follow


@csrf_exempt  # as follow.py: the secret link is the whole authority
@require_POST
@follow.citizens_only
def ask(request: HttpRequest, token: str) -> HttpResponse:
    ticket, by = follow.find(token)
    if ticket is None:
        return follow.not_found(request)
    words = follow.posted_text(request, "takedown_text")
    if long := follow.too_long(words):
        return follow.page(request, ticket, form="takedown", error=long, typed=words, status=422)
    try:
        asked = actions.ask_removal(ticket, words, by=by)
    except MissingDataError:
        error = _("Please write what should not be public.")
        return follow.page(request, ticket, form="takedown", error=error, status=422)
    except RefusedError:
        asked = False
    return follow.back(token, "takedown" if asked else "asked")

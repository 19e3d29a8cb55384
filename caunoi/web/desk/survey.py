"""The phone survey on a call-back's page: three grades and why, written down while one speaks."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from caunoi.answers.queries import final
from caunoi.conversations import queries
from caunoi.conversations.actions import AlreadyTakenError
from caunoi.events.actor import Actor
from caunoi.ratings import actions
from caunoi.ratings.queries import can_rate, surveys_own
from caunoi.tickets.lifecycle import MissingDataError, NotAllowedError, NotPossibleError
from caunoi.tickets.models import Ticket
from caunoi.web.citizen.follow import GRADES, grade_reasons
from caunoi.web.errors import or_404
from caunoi.web.inputs import text_in
from caunoi.web.lines import title
from caunoi.web.who import actor


@dataclass(frozen=True, kw_only=True)
class Survey:
    """What to ask about, and the three grades with their reasons: desk/_survey.html. `own`: this reader handled the
    ticket."""

    open: bool
    title: str
    own: bool
    answer: str
    reasons: list[tuple[str, list[tuple[str, str]]]]


def survey_of(ticket: Ticket, by: Actor) -> Survey:
    answer = final(ticket)
    return Survey(
        open=can_rate(ticket),
        title=title(ticket, by).rstrip(" ."),
        own=surveys_own(ticket, by),
        answer=answer.text if answer else "",
        reasons=grade_reasons(),
    )


@require_POST
def write(request: HttpRequest, pk: int) -> HttpResponse:
    row = or_404(queries.callback(pk, actor(request)))
    grade, comment = GRADES.get(request.POST.get("grade", ""), ""), text_in(request.POST, "comment")
    try:
        actions.survey(
            row, grade, by=actor(request), reasons=request.POST.getlist("reason"), comment=comment.strip()[:1000]
        )
    except MissingDataError:
        messages.error(request, _("Please choose one of the three faces."))
        return redirect("desk:callback", pk)
    except AlreadyTakenError:
        messages.error(request, _("Somebody else has it by now, or it is done."))
    except NotPossibleError:
        messages.error(request, _("This answer has been rated already, or the time for it is over."))
    except NotAllowedError:
        messages.error(request, _("You handled this ticket yourself: a colleague asks about it."))
    else:
        messages.success(request, _("Written down. Thank you for asking."))
    return redirect("desk:callbacks")

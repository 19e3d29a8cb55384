"""The page behind the three links of our message: one grade, proposed and confirmed; it shows nothing of the ticket but
its code, so that a forwarded link tells nobody anything. A visit alone rates nothing: programs that preview links
visit."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from caunoi.events.actor import citizen
from caunoi.ratings import actions, links
from caunoi.ratings.models import Rating
from caunoi.ratings.queries import can_rate
from caunoi.tickets.lifecycle import RefusedError
from caunoi.web.citizen.follow import GRADES, citizens_only, grade_reasons, secret
from caunoi.web.citizen.own import origin
from caunoi.web.inputs import text_in, too_long
from caunoi.web.page import Page, render_page


@dataclass(frozen=True, kw_only=True)
class GradePage(Page):
    """`state` is open, thanks, over or forged (then there is nothing else); `value` the name of the face."""

    template = "citizen/grade.html"

    state: str
    error: str = ""
    code: str = ""
    value: str = ""
    comment: str = ""
    chosen: Sequence[str] = ()
    reasons: Sequence[tuple[str, list[tuple[str, str]]]] = ()


NAMES = {grade: name for name, grade in GRADES.items()}


@csrf_exempt  # as follow.py: the signed link is the whole authority
@citizens_only
def show(request: HttpRequest, word: str) -> HttpResponse:
    link = links.read(word)
    if link is None:
        return secret(render_page(request, GradePage(state="forged"), status=404))
    ticket, state, error = link.ticket, "open", ""
    grade, comment = GRADES.get(request.POST.get("grade", ""), ""), text_in(request.POST, "comment")
    if link.round != ticket.reopened or not can_rate(ticket):
        state = "over"
    elif request.method == "POST" and (not grade or too_long(comment)):
        error = too_long(comment) or _("Please choose one of the three faces.")
    elif request.method == "POST":
        try:
            actions.rate(
                ticket,
                grade,
                by=citizen(ticket.pk),
                how=Rating.How.LINK,
                origin=origin(request),
                round_=link.round,
                reasons=request.POST.getlist("reason"),
                comment=comment,
            )
            state = "thanks"
        except RefusedError:
            state = "over"
    page = GradePage(
        state=state,
        error=error,
        code=ticket.code,
        value=request.POST.get("grade", "") if error else NAMES[link.grade],
        comment=comment,
        chosen=request.POST.getlist("reason"),
        reasons=grade_reasons(),
    )
    status = 422 if error else 410 if state == "over" else 200
    return secret(render_page(request, page, status=status))

"""Ratings that look like the staff's own, for somebody to look at before they count: without the grade, which must not
decide, and without the ticket, so that who rated stays secret."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_POST

from caunoi.ratings import actions, queries
from caunoi.ratings.models import Rating
from caunoi.ratings.queries import OLDER
from caunoi.tickets.lifecycle import MissingDataError, NotAllowedError
from caunoi.web.errors import or_404
from caunoi.web.inputs import text_in
from caunoi.web.labels import localised_name, word
from caunoi.web.page import Page, Tab, render_page
from caunoi.web.paging import cut, id_in
from caunoi.web.who import actor

WHY = {
    "browser": gettext_noop("From a browser in which somebody of the staff has worked"),
    "address": gettext_noop("From an address at which staff work"),
    "burst": gettext_noop("One of many ratings from one address within the hour"),
    "opened": gettext_noop("Given seconds after the staff had opened the citizen's page"),
}
PROOF = {
    "link": gettext_noop("private link"),
    "code": gettext_noop("one-time code"),
    "phone": gettext_noop("phone survey by an operator"),
    "reply": gettext_noop("reply to our message"),
    "app": gettext_noop("private link, in an app"),
    "account": gettext_noop("account of the citizen's own"),
}
VERDICT = {"accepted": gettext_noop("It counts"), "refused": gettext_noop("Does not count")}


@dataclass(frozen=True, kw_only=True)
class FlagLine:
    """A flagged rating: `own` says that this reader handled its ticket, `verdict` what became of it."""

    pk: int
    why: list[str]
    proof: str
    agency: str
    week: datetime
    own: bool
    verdict: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class FlagsPage(Page):
    template = "quality/flagged.html"

    lines: list[FlagLine]
    tabs: list[Tab]
    judged: bool
    older: str


def proof_of(rating: Rating) -> str:
    """How a rating was proved, in words."""
    return word(PROOF, rating.proof or OLDER[rating.how])


def show(request: HttpRequest) -> HttpResponse:
    by, judged = actor(request), request.GET.get("judged") == "1"
    batch = queries.flagged(by, judged=judged, before=id_in(request))
    rows, older = cut(batch, queries.PAGE, "judged=1&" if judged else "")
    judges = queries.judged_by(rows, by)
    lines = [
        FlagLine(
            pk=row.pk,
            why=[word(WHY, name) for name in row.flags],
            proof=proof_of(row),
            agency=localised_name(row.agency) or _("The centre itself"),
            week=row.at,
            own=row.pk not in judges,
            verdict=word(VERDICT, row.verdict) if row.verdict else "",
            reason=row.verdict_reason,
        )
        for row in rows
    ]
    tabs = [Tab(_("To look at"), "?", active=not judged), Tab(_("Looked at"), "?judged=1", active=judged)]
    return render_page(request, FlagsPage(lines=lines, tabs=tabs, judged=judged, older=older))


@require_POST
def judge(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a flagged rating count, or not, with a reason."""
    by = actor(request)
    rating = or_404(queries.flagged_rating(pk, by))
    verdict = "accepted" if request.POST.get("do") == "accept" else "refused"
    try:
        done = actions.judge(rating, verdict, text_in(request.POST, "reason"), by=by)
    except MissingDataError:
        messages.error(request, _("Please write why, in some words."))
    except NotAllowedError:
        messages.error(request, _("You handled this ticket yourself: a colleague looks at its rating."))
    else:
        if done:
            messages.success(request, _("It counts now.") if verdict == "accepted" else _("It does not count."))
        else:
            messages.error(request, _("Somebody else has looked at it meanwhile."))
    return redirect("quality:flagged")

"""The control plane of several provinces as this one sees it: what it sent, what that would change, and our own key."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_POST

from caunoi.cells import actions, queries, tasks
from caunoi.cells.actions import Difference
from caunoi.cells.models import Plane, PlaneEdition
from caunoi.directory.queries import option_now
from caunoi.lib import cells
from caunoi.lib.cells import Catalogue
from caunoi.web.errors import or_404
from caunoi.web.labels import word
from caunoi.web.page import Page, render_page
from caunoi.web.who import actor

MOST = 200
SUBJECT = {
    "procedures": gettext_noop("Procedures"),
    "areas": gettext_noop("Areas"),
    "holidays": gettext_noop("Special days"),
}
STATE = {
    "waiting": gettext_noop("waits for you"),
    "done": gettext_noop("brought in"),
    "dropped": gettext_noop("not brought in"),
    "undone": gettext_noop("undone"),
}


@dataclass(frozen=True, kw_only=True)
class EditionLine:
    row: PlaneEdition
    subject: str
    state: str
    state_text: str


@dataclass(frozen=True, kw_only=True)
class CellsPage(Page):
    """`mark` and `plane_mark`: by which people compare our key and the control plane's; no `plane` before it was
    asked."""

    template = "setup/cells.html"

    mark: str
    address: str
    plane_mark: str
    plane: Plane | None
    catalogue: Catalogue | None
    rows: list[EditionLine]


@dataclass(frozen=True, kw_only=True)
class DifferenceLine:
    name: str
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class EditionPage(Page):
    template = "setup/edition.html"

    line: EditionLine
    changes: Sequence[DifferenceLine]
    count: int
    limit: int


def _line(row: PlaneEdition) -> EditionLine:
    state = queries.state(row)
    return EditionLine(row=row, subject=word(SUBJECT, row.subject), state=state, state_text=word(STATE, state))


def listing(request: HttpRequest) -> HttpResponse:
    key = str(option_now("plane_key"))
    page = CellsPage(
        mark=cells.fingerprint(queries.newest_key()),
        address=str(option_now("plane_address")) if queries.is_member() else "",
        plane_mark=cells.fingerprint(cells.public_key(key)) if key else "",
        plane=queries.plane(),
        catalogue=queries.catalogue(),
        rows=[_line(row) for row in queries.editions()[:MOST]],
    )
    return render_page(request, page)


def _day_text(value: Any) -> str:
    if value is None:
        return _("as the week has it")
    works = _("worked") if value["works"] else _("off")
    return f"{works} · {value['note']}"


def _difference(subject: str, one: Difference) -> DifferenceLine:
    if subject == "holidays":
        day = f"{date.fromisoformat(one.key):%d/%m/%Y}"
        return DifferenceLine(name=day, before=_day_text(one.before), after=_day_text(one.after))
    before = _("its outline or place") if one.before else _("not here yet")
    return DifferenceLine(name=f"{one.key} {one.name}", before=before, after=_("another outline or place"))


def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """What an edition would change; of procedures the page of its import says it."""
    row = or_404(queries.edition(pk))
    if row.incoming_id:
        return redirect("procedures:import", row.incoming_id)
    try:
        changes = actions.differences(row)
    except ValueError:
        changes = []
        messages.error(request, _("It can no longer be read here. Drop it, and ask for the next one."))
    page = EditionPage(
        line=_line(row),
        changes=[_difference(row.subject, one) for one in changes[:MOST]],
        count=len(changes),
        limit=MOST,
    )
    return render_page(request, page)


@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    row, do, by = or_404(queries.edition(pk)), request.POST.get("do"), actor(request)
    if do == "undo":
        left = actions.undo(row, by=by)
        if left is None:
            messages.error(request, _("There is nothing to take back."))
        elif left:
            messages.success(request, _("Undone, but for %(count)s that were changed since.") % {"count": left})
        else:
            messages.success(request, _("Undone."))
    elif (actions.drop if do == "drop" else actions.bring_in)(row, by=by):
        messages.success(request, _("Not brought in.") if do == "drop" else _("Brought in."))
    else:
        messages.error(request, _("Somebody has decided on it already, or it can no longer be read."))
    return redirect("setup:cells")


@require_POST
def fetch(request: HttpRequest) -> HttpResponse:
    tasks.fetch_now.defer()
    messages.success(request, _("The control plane is being asked. Look again in a moment."))
    return redirect("setup:cells")

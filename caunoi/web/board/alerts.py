"""What alerts say: what fires now, what fired, and what each sees this minute."""

from dataclasses import dataclass
from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from caunoi.reports import alerts
from caunoi.reports.models import Alert, Firing
from caunoi.web.access import may_open
from caunoi.web.errors import or_404
from caunoi.web.page import Page, render_page
from caunoi.web.paging import newest
from caunoi.web.who import actor

PAGE = 50


@dataclass(frozen=True, kw_only=True)
class FiringLine:
    """A time that an alert fired, with its worst groups; `more` are not among them."""

    row: Firing
    condition: str
    groups: list[str]
    more: int
    lasted: timedelta


@dataclass(frozen=True)
class WatchedAlert:
    row: Alert
    condition: str


@dataclass(frozen=True, kw_only=True)
class BoardAlertsPage(Page):
    """`burning` are the alerts that fire now, `rows` all that fired, newest first."""

    template = "board/alerts.html"

    burning: list[FiringLine]
    rows: list[FiringLine]
    alerts: list[WatchedAlert]
    older: str
    sets_up: bool


def show(request: HttpRequest) -> HttpResponse:
    rows, older = newest(request, alerts.firings(), PAGE)
    page = BoardAlertsPage(
        burning=[_line(firing) for firing in alerts.firings(open_only=True)],
        rows=[_line(firing) for firing in rows],
        alerts=[WatchedAlert(row, alerts.condition(row)) for row in alerts.alerts()],
        older=older,
        sets_up=may_open(actor(request), "setup:alerts"),
    )
    return render_page(request, page)


def _line(firing: Firing) -> FiringLine:
    groups = alerts.group_lines(firing.alert, firing.groups)
    return FiringLine(
        row=firing,
        condition=alerts.condition(firing.alert),
        groups=groups[:5],
        more=max(0, len(groups) - 5),
        lasted=(firing.ended or now()) - firing.since,
    )


@require_POST
def test(request: HttpRequest, pk: int) -> HttpResponse:
    """What an alert sees now; nobody is notified."""
    row = or_404(alerts.alert(pk))
    breaking = alerts.broken(row, alerts.values(row, now()))
    if breaking:
        worst = "; ".join(alerts.group_lines(row, breaking)[:3])
        words = ngettext(
            "%(name)s would fire now: %(worst)s",
            "%(name)s would fire now for %(count)s groups: %(worst)s",
            len(breaking),
        )
        messages.warning(request, words % {"name": row.name, "worst": worst, "count": len(breaking)})
    else:
        messages.success(request, _("%(name)s: back to normal.") % {"name": row.name})
    return redirect("board:alerts")

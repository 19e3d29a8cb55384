"""What alerts say: what fires now, what fired, and what each sees this minute."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from caunoi.events.actor import Role
from caunoi.reports import alerts
from caunoi.reports.models import Firing
from caunoi.web.errors import or_404
from caunoi.web.who import actor

PAGE = 50


def show(request: HttpRequest) -> HttpResponse:
    before = request.GET.get("before", "")
    found = alerts.firings()
    rows = list((found.filter(pk__lt=int(before)) if before.isdecimal() else found)[: PAGE + 1])
    burning = [_line(firing) for firing in alerts.firings(open_only=True)]
    context = {
        "burning": burning,
        "rows": [_line(firing) for firing in rows[:PAGE]],
        "alerts": [{"row": row, "condition": alerts.condition(row)} for row in alerts.alerts()],
        "older": f"?before={rows[PAGE - 1].pk}" if len(rows) > PAGE else "",
        "sets_up": actor(request).has(Role.ADMIN),
    }
    return render(request, "board/alerts.html", context)


def _line(firing: Firing) -> dict[str, Any]:
    groups = alerts.group_lines(firing.alert, firing.groups)
    return {
        "row": firing,
        "condition": alerts.condition(firing.alert),
        "groups": groups[:5],
        "more": max(0, len(groups) - 5),
        "lasted": (firing.ended or now()) - firing.since,
    }


@require_POST
def test(request: HttpRequest, pk: int) -> HttpResponse:
    """What an alert sees now; nobody is told."""
    row = or_404(alerts.alert(pk))
    found = alerts.broken(row, alerts.values(row, now()))
    if found:
        worst = "; ".join(alerts.group_lines(row, found)[:3])
        said = ngettext(
            "%(name)s would fire now: %(worst)s", "%(name)s would fire now for %(count)s groups: %(worst)s", len(found)
        )
        messages.warning(request, said % {"name": row.name, "worst": worst, "count": len(found)})
    else:
        messages.success(request, _("%(name)s: back to normal.") % {"name": row.name})
    return redirect("board:alerts")

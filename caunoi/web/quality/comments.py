"""What citizens who were not satisfied wrote, for the reviewers of the operations centre: masked, a day late, and
without the ticket, so that a rating betrays nobody."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from caunoi.ratings import actions, queries
from caunoi.ratings.models import Rating
from caunoi.ratings.reasons import REASONS
from caunoi.web.board.query import name_of
from caunoi.web.errors import or_404
from caunoi.web.labels import localised_name
from caunoi.web.masks import discreet
from caunoi.web.who import actor

GRADES = {"acceptable": "meh", "dissatisfied": "frown"}


def _line(rating: Rating) -> dict[str, Any]:
    ticket = rating.ticket
    return {
        "pk": rating.pk,
        "grade": rating.grade,
        "icon": GRADES[rating.grade],
        "reasons": [_(REASONS[rating.grade][code]) for code in rating.reasons if code in REASONS[rating.grade]],
        "comment": discreet(rating.comment, ticket),
        "agency": localised_name(rating.agency) or _("The centre itself"),
        "category": name_of("category", ticket.category.code if ticket.category else ""),
        "area": name_of("area", ticket.area.code if ticket.area else ""),
        "week": rating.at,
    }


def show(request: HttpRequest) -> HttpResponse:
    by, read, before = actor(request), request.GET.get("read") == "1", request.GET.get("before", "")
    rows = queries.comments(by, read=read, before=int(before) if before.isdecimal() else None)
    page = rows[: queries.PAGE]
    tabs = [
        {"label": _("Not read yet"), "url": "?", "active": not read, "count": queries.unread(by)},
        {"label": _("Read already"), "url": "?read=1", "active": read},
    ]
    query = "read=1&" if read else ""
    older = f"?{query}before={page[-1].pk}" if len(rows) > len(page) else ""
    context = {"lines": [_line(row) for row in page], "tabs": tabs, "read": read, "older": older}
    return render(request, "quality/comments.html", context)


@require_POST
def mark(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark the words of a rating as read, or take that back."""
    by = actor(request)
    rating = or_404(queries.rating(pk, by))
    if request.POST.get("do") == "unread":
        actions.mark_unread(rating, by=by)
        messages.success(request, _("It waits to be read again."))
        return redirect("quality:comments")
    actions.mark_read(rating, by=by)
    messages.success(request, _("Marked as read."))
    return redirect("quality:comments")

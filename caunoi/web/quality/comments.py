"""What citizens who were not satisfied wrote, for the reviewers of the operations centre: masked, a day late, and
without the ticket, so that a rating betrays nobody."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from caunoi.ratings import actions, queries
from caunoi.ratings.models import Rating
from caunoi.ratings.reasons import REASONS
from caunoi.web.board.query import name_of
from caunoi.web.errors import or_404
from caunoi.web.labels import localised_name
from caunoi.web.masks import discreet
from caunoi.web.page import Page, Tab, render_page
from caunoi.web.paging import cut, id_in
from caunoi.web.who import actor

GRADES = {"acceptable": "meh", "dissatisfied": "frown"}


@dataclass(frozen=True, kw_only=True)
class RatingLine:
    """A rating without its ticket: the `comment` is masked, of when it was given only the week is shown."""

    pk: int
    grade: str
    icon: str
    reasons: list[str]
    comment: str
    agency: str
    category: str
    area: str
    week: datetime


@dataclass(frozen=True, kw_only=True)
class RatingsPage(Page):
    template = "quality/comments.html"

    lines: list[RatingLine]
    tabs: list[Tab]
    read: bool
    older: str


def _line(rating: Rating) -> RatingLine:
    ticket = rating.ticket
    return RatingLine(
        pk=rating.pk,
        grade=rating.grade,
        icon=GRADES[rating.grade],
        reasons=[_(REASONS[rating.grade][code]) for code in rating.reasons if code in REASONS[rating.grade]],
        comment=discreet(rating.comment, ticket),
        agency=localised_name(rating.agency) or _("The centre itself"),
        category=name_of("category", ticket.category.code if ticket.category else ""),
        area=name_of("area", ticket.area.code if ticket.area else ""),
        week=rating.at,
    )


def show(request: HttpRequest) -> HttpResponse:
    by, read = actor(request), request.GET.get("read") == "1"
    batch = queries.comments(by, read=read, before=id_in(request))
    rows, older = cut(batch, queries.PAGE, "read=1&" if read else "")
    tabs = [
        Tab(_("Not read yet"), "?", active=not read, count=queries.unread(by)),
        Tab(_("Read already"), "?read=1", active=read),
    ]
    return render_page(request, RatingsPage(lines=[_line(row) for row in rows], tabs=tabs, read=read, older=older))


@require_POST
def mark(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark the words of a rating as read, or take that back."""
    by = actor(request)
    rating = or_404(queries.rating(pk, by))
    if request.POST.get("do") == "unread":
        actions.mark_unread(rating, by=by)
        messages.success(request, _("It waits to be read again."))
    else:
        actions.mark_read(rating, by=by)
        messages.success(request, _("Marked as read."))
    return redirect("quality:comments")

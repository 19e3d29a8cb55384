"""What people think of the answers, by agency, with how many of those asked have said so. Grades come in whole
batches."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from caunoi.directory.queries import option
from caunoi.events.actor import Role
from caunoi.ratings.queries import GRADES, Satisfaction, reasons_given, satisfaction, totals, unread
from caunoi.ratings.reasons import REASONS
from caunoi.web.board.overview import filters
from caunoi.web.board.query import board_query
from caunoi.web.labels import localised_name, word

HOW = {
    "message": gettext_noop("by message"),
    "page": gettext_noop("on their page"),
    "phone": gettext_noop("by phone"),
}


def line(row: Satisfaction) -> dict[str, Any]:
    grades = row.grades or {}
    return {
        "name": localised_name(row.agency),
        "invited": row.invited,
        "rated": row.rated,
        "refuted": row.refuted,
        "grades": [grades[grade] for grade in GRADES] if grades else None,
        "counted": sum(grades.values()),
        "earlier": sum(grades.values()) > row.rated,
        "how": [(word(HOW, code), n, r) for code, (n, r) in sorted(row.how.items())],
    }


def show(request: HttpRequest) -> HttpResponse:
    question = board_query(request)
    by, period = question.by, question.period
    own = by.has(Role.LEAD)
    agency_id = (by.agency_id or -1) if own else None
    rows = [line(row) for row in satisfaction(period.since, period.until, agency_id=agency_id, area_id=by.area_id)]
    whole: dict[str, Any] = {name: sum(row[name] for row in rows) for name in ("invited", "rated", "refuted")}
    given = totals(period.since, period.until) if agency_id is None and by.area_id is None else None
    whole["grades"] = [given[grade] for grade in GRADES] if given else None
    whole["counted"] = sum(given.values()) if given else 0
    context = {"rows": rows, "whole": whole, "own": own, "group": option("show_groups_of")}
    if given:
        context["reasons"] = [
            {"grade": grade, "label": _(REASONS[grade][code]), "count": n}
            for grade, code, n in reasons_given(period.since, period.until)
            if code in REASONS[grade]
        ]
    context["comments"] = unread(by)
    return render(request, "board/satisfaction.html", context | filters(question))

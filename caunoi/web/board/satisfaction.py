"""What people think of the answers, by agency, with how many of those asked have rated. Grades come in whole
batches."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from caunoi.directory.queries import option
from caunoi.ratings.queries import GRADES, Satisfaction, satisfaction_for, unread
from caunoi.ratings.reasons import REASONS
from caunoi.web.board.overview import period_tabs
from caunoi.web.board.query import board_query
from caunoi.web.labels import localised_name, word
from caunoi.web.page import Page, Tab, render_page

HOW = {
    "message": gettext_noop("by message"),
    "page": gettext_noop("on their page"),
    "phone": gettext_noop("by phone"),
}


@dataclass(frozen=True, kw_only=True)
class SatisfactionSum:
    """How many were invited and rated, the grades where they may be shown (`counted` of them), and the refuted ones."""

    invited: int
    rated: int
    refuted: int
    grades: list[int] | None
    counted: int


@dataclass(frozen=True, kw_only=True)
class SatisfactionLine(SatisfactionSum):
    """An agency's, the centre's where it has no name; `earlier`: some of the grades are of before; `how` it was asked,
    of how many and with how many ratings."""

    name: str
    earlier: bool
    how: list[tuple[str, int, int]]


@dataclass(frozen=True, kw_only=True)
class ReasonCount:
    grade: str
    label: str
    count: int


@dataclass(frozen=True, kw_only=True)
class SatisfactionPage(Page):
    """`comments` are not read yet; `group` is the size below which nothing is shown; `waiting` ratings
    are in none of the figures until somebody has looked at them."""

    template = "board/satisfaction.html"

    periods: list[Tab]
    rows: list[SatisfactionLine]
    whole: SatisfactionSum
    own: bool
    group: int
    reasons: list[ReasonCount]
    comments: int
    waiting: int


def line(row: Satisfaction) -> SatisfactionLine:
    grades = row.grades or {}
    return SatisfactionLine(
        name=localised_name(row.agency),
        invited=row.invited,
        rated=row.rated,
        refuted=row.refuted,
        grades=[grades[grade] for grade in GRADES] if grades else None,
        counted=sum(grades.values()),
        earlier=sum(grades.values()) > row.rated,
        how=[(word(HOW, code), n, r) for code, (n, r) in sorted(row.how.items())],
    )


def show(request: HttpRequest) -> HttpResponse:
    question = board_query(request)
    by, period = question.by, question.period
    report = satisfaction_for(by, period.since, period.until)
    rows = [line(row) for row in report.rows]
    whole = SatisfactionSum(
        invited=sum(row.invited for row in rows),
        rated=sum(row.rated for row in rows),
        refuted=sum(row.refuted for row in rows),
        grades=[report.grades[grade] for grade in GRADES] if report.grades else None,
        counted=sum(report.grades.values()) if report.grades else 0,
    )
    page = SatisfactionPage(
        periods=period_tabs(question),
        rows=rows,
        whole=whole,
        own=report.own,
        group=option("show_groups_of"),
        reasons=[
            ReasonCount(grade=grade, label=_(REASONS[grade][code]), count=n)
            for grade, code, n in report.reasons
            if code in REASONS[grade]
        ],
        comments=unread(by),
        waiting=report.waiting,
    )
    return render_page(request, page)

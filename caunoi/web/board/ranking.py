"""Agencies side by side, and the wall: the figures for a room."""

from dataclasses import dataclass
from operator import attrgetter

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from caunoi.directory.queries import option
from caunoi.statistics.figures import grouped
from caunoi.statistics.ranking import ALIKE, BETTER, SMALL, WORSE, ranked
from caunoi.web.board.measures import sheet
from caunoi.web.board.overview import BoardFilters, filters
from caunoi.web.board.query import board_query, dated_name
from caunoi.web.board.sentences import change, share
from caunoi.web.page import Page, render_page
from caunoi.web.templatetags.caunoi_ui import percent

STANDS = {
    BETTER: gettext_noop("better than all together"),
    WORSE: gettext_noop("worse than all together"),
    ALIKE: gettext_noop("no clear difference"),
    SMALL: gettext_noop("too few to rank"),
}
MARK = {BETTER: "on-time", WORSE: "overdue"}


@dataclass(frozen=True, kw_only=True)
class RankLine:
    """An agency beside the others: `rank` unless it has too few tickets, `stands` how it compares, in words."""

    rank: int | None
    name: str
    code: str
    share: str
    range: str
    stands: str
    mark: str
    moved: str
    total: int
    missed: int
    overdue: int
    url: str
    late_url: str


@dataclass(frozen=True, kw_only=True)
class RankingPage(Page):
    """`whole` is the share on time of all agencies together, `everything` with what the centre answered itself."""

    template = "board/ranking.html"

    filters: BoardFilters
    lines: list[RankLine]
    whole: str
    small: int
    everything: str
    here: str
    csv: str


def show(request: HttpRequest) -> HttpResponse:
    question = board_query(request)
    question.codes.pop("agency", None)
    scope, small = question.scope(), option("small_number")
    groups = grouped(scope, ["", "agency"])
    (everything,) = groups[""]
    rows = [row for row in groups["agency"] if row.key]
    before = {row.key: row for row in grouped(question.earlier(), ["agency"])["agency"]}
    lines: list[RankLine] = []
    for place in ranked(rows, before, small=small):
        row, then = place.row, before.get(place.row.key)
        moved, _good = change((row.on_time, row.fallen), (then.on_time, then.fallen) if then else (0, 0))
        lines.append(
            RankLine(
                rank=place.rank,
                name=dated_name("agency", row.key),
                code=row.key,
                share=share(row.on_time, row.fallen),
                range=f"{round(place.low * 100)}–{round(place.high * 100)}%" if place.rank else "–",
                stands=_(STANDS[place.stands]),
                mark=MARK.get(place.stands, ""),
                moved=moved,
                total=row.total,
                missed=row.missed,
                overdue=row.open_overdue,
                url=reverse("board:tickets") + question.query(agency=row.key),
                late_url=reverse("board:tickets") + question.query(agency=row.key, part="open_overdue"),
            )
        )
    done, fallen = sum(r.on_time for r in rows), sum(r.fallen for r in rows)
    if request.GET.get("format") == "csv":
        head = [
            _("Rank"),
            _("Code"),
            _("Agency"),
            _("On time"),
            _("Likely range"),
            _("Compared"),
            _("Against the period before"),
            _("Total"),
            _("Late"),
        ]
        cells = attrgetter("rank", "code", "name", "share", "range", "stands", "moved", "total", "missed")
        return sheet("ranking", question, [head, *map(cells, lines)])
    page = RankingPage(
        filters=filters(question),
        lines=lines,
        whole=percent(done, fallen),
        small=small,
        everything=percent(everything.on_time, everything.fallen),
        here=reverse("board:ranking"),
        csv=question.query(format="csv"),
    )
    return render_page(request, page, status=422 if question.error else 200)

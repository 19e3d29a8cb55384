"""Are we answering, are we on time, where does it hurt: in ten seconds, and from every figure down to its tickets."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from caunoi.conversations.queries.channels import channel_names
from caunoi.directory import queries as directory
from caunoi.directory.boundaries import days
from caunoi.statistics.counting import half_answered_within
from caunoi.statistics.counts import Row
from caunoi.statistics.figures import Content, content, grouped
from caunoi.statistics.scope import FOUR, NARROW, NONE
from caunoi.web.board import sentences, tables
from caunoi.web.board.query import PERIODS, BoardQuery, board_query, boundary_choices, name_of
from caunoi.web.labels import agency_choices, area_choices, category_choices, choices, localised_name
from caunoi.web.page import Page, Tab, render_page
from caunoi.web.templatetags.caunoi_ui import vndate

SATISFACTION = ("satisfied", "acceptable", "dissatisfied")


@dataclass(frozen=True, kw_only=True)
class BoardFilters:
    """The choices above figures, and what is chosen of them: board/_filters.html. `codes` are the chosen ones of the
    `lists`, by name; `chosen` lead to the same without them."""

    question: BoardQuery
    periods: list[Tab]
    period_words: str
    chosen: list[Tab]
    boundaries: list[tuple[str, str]]
    lists: dict[str, list[tuple[str, str]]]
    codes: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Stat:
    """A figure with its sentence, how it moved and whether that is good, and a further sentence."""

    value: str
    words: str
    change: str
    good: bool | None = None
    more: str = ""


@dataclass(frozen=True, kw_only=True)
class OverviewPage(Page):
    """`urls` lead to the tickets of the four numbers, `slow` to what takes longer than counts do; `agency` is the name
    of the one whose own figures they are."""

    template = "board/overview.html"

    filters: BoardFilters
    whole: Row
    small: bool
    urls: dict[str, str]
    all_url: str
    answering: Stat
    on_time: Stat
    worst: list[tables.FiguresLine]
    four: str
    trend: tables.Breakdown
    charts: list[tables.Breakdown]
    slow: str
    own: bool
    agency: str
    home: str
    address: str


@dataclass(frozen=True, kw_only=True)
class SlowPage(Page):
    """`half` is within how long half of the answers came, `about`: to 1 %; `grades` are with how many gave them."""

    template = "board/_slow.html"

    half: timedelta | None
    about: bool
    rated: Content | None
    rated_words: str
    grades: Sequence[tuple[str, int]]


def _breakdowns(question: BoardQuery) -> list[str]:
    """What the figures are broken down by: not by what they are narrowed to, nor an agency's own by agency."""
    return [
        by
        for by in ("agency", "category", "area", "channel")
        if by not in question.codes and not (by == "agency" and question.own)
    ]


def period_tabs(question: BoardQuery) -> list[Tab]:
    other = {"from": "", "to": "", "on": ""}
    return [
        Tab(_(label), question.query(period=code, **other), active=code == question.period.code)
        for code, label in PERIODS.items()
    ]


def filters(question: BoardQuery) -> BoardFilters:
    """The choices above the figures."""
    chosen = [Tab(name_of(by, code), question.query(**{by: ""})) for by, code in question.codes.items()]
    if question.as_of:
        label = _("as on the evening of %(day)s") % {"day": vndate(question.at.date())}
        chosen.append(Tab(label, question.query(as_of="")))
    borders = boundary_choices() if days() else []
    if question.boundaries:
        chosen.append(Tab(dict(borders)[question.boundaries], question.query(boundaries="", area="")))
    lists = {
        "category": category_choices(),
        "area": area_choices(),
        "channel": choices(channel_names()),
    }
    if not question.own:
        lists["agency"] = agency_choices()
    return BoardFilters(
        question=question,
        periods=period_tabs(question),
        period_words=tables.period_words(question),
        chosen=chosen,
        boundaries=borders,
        lists={name: [(NONE, name_of(name, "")), *rows] if name != "channel" else rows for name, rows in lists.items()},
        codes={name: question.codes.get(name, "") for name in NARROW},
    )


def _worst(groups: dict[str, list[Row]], question: BoardQuery) -> list[tables.FiguresLine]:
    """Where it hurts: the groups with most that is late, of agencies first."""
    by = next((by for by in ("agency", "category", "area", "channel") if by in groups), "")
    rows = sorted((r for r in groups.get(by, []) if r.missed), key=lambda r: -r.missed)[:3]
    return tables.lines(rows, by, question)


def show(request: HttpRequest) -> HttpResponse:
    question = board_query(request)
    trend = tables.trend_by(question)
    breakdowns = _breakdowns(question)
    table = request.GET.get("table", "")
    if request.GET.get("format") == "csv" and table in (*breakdowns, "day", "month"):
        return tables.as_csv(grouped(question.scope(), [table])[table], table, question)
    groups = grouped(question.scope(), ["", trend, *breakdowns])
    before = grouped(question.earlier(), [""])[""][0]
    (whole,) = groups.pop("")
    ways = tables.lines([whole], "", question)[0].cells
    time_change, time_good = sentences.change((whole.on_time, whole.fallen), (before.on_time, before.fallen))
    page = OverviewPage(
        filters=filters(question),
        whole=whole,
        small=0 < whole.total < directory.option("small_number"),
        urls={part: cell.url for part, cell in zip(FOUR, ways, strict=False)},
        all_url=ways[-1].url,
        answering=Stat(
            value=sentences.share(whole.handled, whole.total),
            words=sentences.answering(whole),
            change=sentences.received(before.total),
        ),
        on_time=Stat(
            value=sentences.share(whole.on_time, whole.fallen),
            words=sentences.on_time(whole),
            change=time_change,
            good=time_good,
            more=sentences.by_agencies(groups.get("agency", [])),
        ),
        worst=_worst(groups, question),
        four=sentences.four(whole),
        trend=tables.breakdown(groups[trend], trend, question),
        charts=[tables.breakdown(groups[by], by, question) for by in breakdowns],
        slow=reverse("board:slow") + question.query(),
        own=question.own,
        agency=next((localised_name(a) for a in directory.agencies() if a.pk == question.by.agency_id), "")
        if question.own
        else "",
        home=reverse("board:overview"),
        address=request.build_absolute_uri(),
    )
    return render_page(request, page, status=422 if question.error else 200)


def slow(request: HttpRequest) -> HttpResponse:
    """What takes longer than counts do, for beside them: how fast half of the answers came, and how content people
    are."""
    question = board_query(request)
    rated = content(question.scope())
    half, about = half_answered_within(question.scope())
    page = SlowPage(
        half=half,
        about=about,
        rated=rated,
        rated_words=sentences.content(rated) if question.scope().rated else sentences.whole_only(),
        grades=[(grade, rated.grades[grade]) for grade in SATISFACTION] if rated else [],
    )
    return render_page(request, page)

"""Are we answering, are we on time, where does it hurt: in ten seconds, and from every figure down to its tickets."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from caunoi.conversations.queries.channels import channel_names
from caunoi.directory import queries as directory
from caunoi.directory.boundaries import days
from caunoi.events.actor import Role
from caunoi.statistics.counts import Row
from caunoi.statistics.figures import content, grouped, half_answered_within
from caunoi.statistics.scope import FOUR, NARROW, NONE
from caunoi.web.board import sentences, tables
from caunoi.web.board.query import PERIODS, BoardQuery, board_query, boundary_choices, name_of
from caunoi.web.labels import choices, localised_name
from caunoi.web.refresh import refreshed
from caunoi.web.templatetags.caunoi_ui import vndate

SATISFACTION = (("satisfied", "on-time"), ("acceptable", "due-soon"), ("dissatisfied", "overdue"))


def _breakdowns(question: BoardQuery) -> list[str]:
    """What the figures are broken down by: not by what they are narrowed to, nor an agency's own by agency."""
    return [
        by
        for by in ("agency", "category", "area", "channel")
        if by not in question.codes and not (by == "agency" and question.own)
    ]


def filters(question: BoardQuery) -> dict[str, Any]:
    """The choices above the figures."""
    chosen = [{"label": name_of(by, code), "url": question.query(**{by: ""})} for by, code in question.codes.items()]
    if question.as_of:
        label = _("as on the evening of %(day)s") % {"day": vndate(question.at.date())}
        chosen.append({"label": label, "url": question.query(as_of="")})
    borders = boundary_choices() if days() else []
    if question.boundaries:
        chosen.append({"label": dict(borders)[question.boundaries], "url": question.query(boundaries="", area="")})
    lists = {
        "category": [(c.code, localised_name(c)) for c in directory.categories()],
        "area": [(a.code, a.name) for a in directory.areas()],
        "channel": choices(channel_names()),
    }
    if not question.own:
        lists["agency"] = [(a.code, localised_name(a)) for a in directory.agencies()]
    return {
        "periods": [
            {
                "label": _(label),
                "url": question.query(period=code, **{"from": "", "to": "", "on": ""}),
                "active": code == question.period.code,
            }
            for code, label in PERIODS.items()
        ],
        "chosen": chosen,
        "boundaries": borders,
        "lists": {
            name: [(NONE, name_of(name, "")), *rows] if name != "channel" else rows for name, rows in lists.items()
        },
        "asked": question,
        "codes": {name: question.codes.get(name, "") for name in NARROW},
        "words": tables.period_words(question),
    }


def _worst(groups: dict[str, list[Row]], question: BoardQuery) -> list[dict[str, Any]]:
    """Where it hurts: the groups with most that is late, of agencies first."""
    by = next((by for by in ("agency", "category", "area", "channel") if by in groups), "")
    rows = sorted((r for r in groups.get(by, []) if r.missed), key=lambda r: -r.missed)[:3]
    return tables.lines(rows, by, question)


def show(request: HttpRequest) -> HttpResponse:
    question = board_query(request)
    trend = tables.trend_by(question)
    wanted = _breakdowns(question)
    table = request.GET.get("table", "")
    if request.GET.get("format") == "csv" and table in (*wanted, "day", "month"):
        return tables.as_csv(grouped(question.scope(), [table])[table], table, question)
    groups = grouped(question.scope(), ["", trend, *wanted])
    before = grouped(question.earlier(), [""])[""][0]
    (whole,) = groups.pop("")
    ways = tables.lines([whole], "", question)[0]["cells"]
    time_change, time_good = sentences.change((whole.on_time, whole.fallen), (before.on_time, before.fallen))
    context = filters(question) | {
        "whole": whole,
        "small": 0 < whole.total < directory.option("small_number"),
        "urls": {part: cell["url"] for part, cell in zip(FOUR, ways, strict=False)},
        "all_url": ways[-1]["url"],
        "answering": {
            "value": sentences.share(whole.handled, whole.total),
            "words": sentences.answering(whole),
            "change": sentences.received(before.total),
        },
        "on_time": {
            "value": sentences.share(whole.on_time, whole.fallen),
            "words": sentences.on_time(whole),
            "change": time_change,
            "good": time_good,
            "agencies": sentences.by_agencies(groups.get("agency", [])),
        },
        "worst": _worst(groups, question),
        "four": sentences.four(whole),
        "trend": tables.breakdown(groups[trend], trend, question),
        "charts": [tables.breakdown(groups[by], by, question) for by in wanted],
        "slow": reverse("board:slow") + question.query(),
        "own": question.own,
        "agency": next((localised_name(a) for a in directory.agencies() if a.pk == question.by.agency_id), "")
        if question.own
        else "",
        "opens": not question.by.has(Role.ADMIN),
        "home": reverse("board:overview"),
        "address": request.build_absolute_uri(),
    }
    return render(request, refreshed(request, "board/overview.html"), context, status=422 if question.error else 200)


def slow(request: HttpRequest) -> HttpResponse:
    """What takes longer than counts do, for beside them: how fast half of the answers came, and how content people
    are."""
    question = board_query(request)
    rated = content(question.scope())
    context = {
        "half": half_answered_within(question.scope()),
        "rated": rated,
        "rated_words": sentences.content(rated) if question.scope().rated else sentences.whole_only(),
        "grades": [(grade, mark, rated.grades[grade]) for grade, mark in SATISFACTION] if rated else [],
    }
    return render(request, "board/_slow.html", context)

"""The scorecard in its versions: edited row by row; an old version can be put in force again."""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from caunoi.accounts.queries import names
from caunoi.quality import actions, queries
from caunoi.quality.models import Scorecard
from caunoi.quality.scoring import DEFAULT, Criterion
from caunoi.tickets.lifecycle import MissingDataError
from caunoi.web.inputs import text_in
from caunoi.web.page import Page, render_page
from caunoi.web.paging import id_in
from caunoi.web.quality.words import CRITERIA, criterion_name, shipped, written
from caunoi.web.who import actor

MOST = 20
SPARE = 2  # empty rows to write new ones into


@dataclass(frozen=True)
class CriterionLine:
    one: Criterion
    name: str


@dataclass(frozen=True, kw_only=True)
class CardVersion:
    row: Scorecard
    who: str
    criteria: list[CriterionLine]
    current: bool


@dataclass(frozen=True, kw_only=True)
class ScorecardsPage(Page):
    """The versions, newest first; while there are none, what the product scores by."""

    template = "quality/cards.html"

    versions: list[CardVersion]
    default: list[CriterionLine]


@dataclass(frozen=True, kw_only=True)
class ScorecardPage(Page):
    """A version that is written: its criteria and empty rows."""

    template = "quality/card.html"

    rows: Sequence[Criterion | None]
    wrong: str


def listing(request: HttpRequest) -> HttpResponse:
    rows = list(queries.cards())
    people = names({row.by for row in rows})
    versions = [
        CardVersion(
            row=row,
            who=people.get(row.by, row.by),
            criteria=_criterion_lines(row.criteria),
            current=number == 0,
        )
        for number, row in enumerate(rows)
    ]
    return render_page(
        request, ScorecardsPage(versions=versions, default=_criterion_lines(DEFAULT) if not rows else [])
    )


def _criterion_lines(criteria: Iterable[Criterion]) -> list[CriterionLine]:
    return [CriterionLine(one, criterion_name(one)) for one in criteria]


def _typed(request: HttpRequest) -> list[Criterion]:
    """The rows as they were sent, in their order, without those that were emptied or taken off."""
    result = []
    for n in range(MOST):
        text = text_in(request.POST, f"text-{n}", 200)
        key = request.POST.get(f"key-{n}", "")[:40]
        if (not text and key not in CRITERIA) or request.POST.get(f"off-{n}"):
            continue
        weight = request.POST.get(f"weight-{n}", "")
        row = Criterion(
            key=key or f"own-{secrets.token_hex(3)}",
            text=text,
            text_en=text_in(request.POST, f"text_en-{n}", 200),
            weight=int(weight) if weight.isdecimal() else 0,
            fatal=bool(request.POST.get(f"fatal-{n}")),
            optional=bool(request.POST.get(f"optional-{n}")),
        )
        result.append(shipped(row))
    return result


def write(request: HttpRequest) -> HttpResponse:
    """A new version, beginning with the one in force or `?from=` an older one."""
    version = id_in(request, "from")
    old = queries.cards().filter(version=version).first() if version is not None else None
    criteria: Iterable[Criterion] = old.criteria if old else queries.criteria()
    wrong = ""
    if request.method == "POST":
        criteria = _typed(request)
        try:
            made = actions.write_card(criteria, by=actor(request))
        except MissingDataError as error:
            wrong = _("Please give every line words and a weight from 1 to 10.")
            if error.fields == ["criteria"]:
                wrong = _("Please keep at least one line.")
        else:
            messages.success(request, _("Version %(version)s is in force.") % {"version": made.version})
            return redirect("quality:card")
    rows: list[Criterion | None] = [written(one) for one in criteria]
    rows += [None] * min(SPARE, MOST - len(rows))
    return render_page(request, ScorecardPage(rows=rows, wrong=wrong), status=422 if wrong else 200)

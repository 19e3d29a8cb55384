"""Drawing a sample, and how far one is."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.timezone import get_current_timezone, localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from caunoi.accounts.queries import names
from caunoi.events.actor import Actor
from caunoi.quality import actions, queries, sampling
from caunoi.quality.models import Sample, Score
from caunoi.tickets.lifecycle import MissingDataError, NotPossibleError
from caunoi.web import sheets
from caunoi.web.errors import or_404
from caunoi.web.page import Page, render_page
from caunoi.web.quality.words import CaseLine, lines
from caunoi.web.who import actor


class Drawing(forms.Form):
    """What is drawn, from when, how much."""

    since = forms.DateField(label=gettext_lazy("Answered from"), widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(
        label=gettext_lazy("Answered until the end of"), widget=forms.DateInput(attrs={"type": "date"})
    )
    size = forms.IntegerField(label=gettext_lazy("Answers to score"), min_value=1, max_value=500)
    least = forms.IntegerField(
        label=gettext_lazy("At least of every operator"),
        min_value=0,
        max_value=50,
        help_text=gettext_lazy("The rest follows how much each has answered."),
    )
    double = forms.IntegerField(
        label=gettext_lazy("Scored by two people (percent)"),
        min_value=0,
        max_value=100,
        help_text=gettext_lazy("Neither sees the other's score before both are done."),
    )
    seed = forms.CharField(
        label=gettext_lazy("Seed"),
        required=False,
        max_length=40,
        help_text=gettext_lazy("Draws the same answers again; empty: a new one, which is kept."),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until < since:
            self.add_error("until", _("This day lies before the first one. Please choose a later day."))
        return cleaned

    def bounds(self) -> tuple[datetime, datetime]:
        """[from the first day's begin, to the end of the last), in Vietnamese time."""
        return _begin(self.cleaned_data["since"]), _begin(self.cleaned_data["until"] + timedelta(days=1))


@dataclass(frozen=True, kw_only=True)
class Stratum:
    """How many of an operator's answers would be drawn."""

    who: str
    of: int
    drawn: int


@dataclass(frozen=True, kw_only=True)
class DrawPage(Page):
    template = "quality/draw.html"

    form: Drawing
    strata: list[Stratum]


@dataclass(frozen=True, kw_only=True)
class SampleLine(CaseLine):
    """A case of a sample: this reader's own score, and whether it is `open` to one."""

    mine: Score | None
    open: bool


@dataclass(frozen=True, kw_only=True)
class SamplePage(Page):
    """A sample drawn by `by`, until the `last` moment; `untouched` ones may be taken back."""

    template = "quality/sample.html"

    sample: Sample
    by: str
    last: datetime
    lines: list[SampleLine]
    count: int
    settled: int
    untouched: bool


def _begin(day: date) -> datetime:
    return datetime.combine(day, time.min, get_current_timezone())


def draw(request: HttpRequest) -> HttpResponse:
    by, today = actor(request), localdate()
    first = {"since": today - timedelta(days=7), "until": today, "size": 30, "least": 2, "double": 20}
    form = Drawing(request.POST or None, initial=first)
    strata: list[Stratum] = []
    if request.method == "POST" and form.is_valid():
        since, until = form.bounds()
        options = {name: form.cleaned_data[name] for name in ("size", "least", "double", "seed")}
        if request.POST.get("do") == "preview":
            strata = _strata(since, until, options["size"], options["least"])
            if not strata:
                form.add_error("since", _("Nothing was answered by operators in these days. Please choose others."))
        else:
            try:
                row = actions.draw(since, until, by=by, **options)
            except MissingDataError:
                form.add_error("since", _("Nothing was answered by operators in these days. Please choose others."))
            else:
                messages.success(request, _("%(n)d answers were drawn.") % {"n": row.cases.count()})
                return redirect("quality:sample", row.pk)
    status = 422 if form.errors else 200
    return render_page(request, DrawPage(form=form, strata=strata), status=status)


def _strata(since: datetime, until: datetime, size: int, least: int) -> list[Stratum]:
    """How many of each operator's answers would be drawn; by which seed moves it by one at most."""
    counts = Counter(one.operator for one in queries.candidates(since, until))
    quotas = sampling.quotas(counts, size, "", least)
    people = names(set(counts))
    return [Stratum(who=people.get(who, who), of=n, drawn=quotas[who]) for who, n in sorted(counts.items())]


def _sample(pk: int) -> Sample:
    return or_404(queries.sample(pk))


def detail(request: HttpRequest, pk: int) -> HttpResponse:
    by, sample = actor(request), _sample(pk)
    rows = list(queries.cases(sample, by))
    people = names({row.operator for row in rows} | {sample.by})
    page = SamplePage(
        sample=sample,
        by=people.get(sample.by, sample.by),
        last=sample.until - timedelta(seconds=1),
        lines=[_line(line, by) for line in lines(rows, people)],
        count=len(rows),
        settled=sum(row.settled is not None for row in rows),
        untouched=queries.may_remove(sample, by),
    )
    return render_page(request, page)


def _line(line: CaseLine, by: Actor) -> SampleLine:
    """Who is scored does not help who scores, and is left out."""
    mine = queries.own(line.case, by)
    is_named = queries.scores(by) and (mine is not None or line.case.settled is not None)
    line = line if is_named else replace(line, who="")
    return SampleLine(**vars(line), mine=mine, open=queries.open_to(line.case, by))


def table(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The sample's cases as CSV: of the settled ones the result."""
    sample, by = _sample(pk), actor(request)
    rows = list(queries.cases(sample, by))
    head = [
        _("Number"),
        _("Ticket"),
        _("Channel"),
        _("Category"),
        _("Operator"),
        _("Scored by"),
        _("Result"),
        _("Afterwards"),
    ]
    case_lines = lines(rows, names({row.operator for row in rows}))
    return sheets.sheet(sheets.export(request, "csv"), f"1022-chat-luong-{pk}", head, map(_cells, case_lines), by=by)


def _cells(line: CaseLine) -> list[Any]:
    """A case as a row; of the open ones nobody is named."""
    case, outcome = line.case, {"reopened": _("reopened"), "wrong": _("wrong advice")}
    done = case.settled is not None
    return [
        case.order,
        line.code,
        line.channel,
        line.field,
        line.who if done else "",
        line.done,
        f"{case.result:.1f}" if done and case.result is not None else "",
        ", ".join(outcome[what] for what in sorted(line.outcome)),
    ]


@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    try:
        actions.remove(_sample(pk), by=actor(request))
    except NotPossibleError:
        messages.error(request, _("Somebody has begun to score it, so it stays."))
        return redirect("quality:sample", pk)
    messages.success(request, _("The drawing was taken back."))
    return redirect("quality:home")

"""What proposals were worth: how many were sure, how many of these were wrong, by month, field and channel; the limit
of each field; what was learnt each night."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from caunoi.conversations.queries.channels import channel_name
from caunoi.directory import queries as directory
from caunoi.events.queries import history
from caunoi.quality import intervals
from caunoi.triage import actions, queries
from caunoi.triage.models import Edition
from caunoi.triage.proposals import CHOICE, Limits, limits_of
from caunoi.triage.queries import Agreement
from caunoi.web.labels import localised_name
from caunoi.web.page import Page, render_page
from caunoi.web.setup.page import done, form_page, saving
from caunoi.web.templatetags.caunoi_ui import percent, vnnumber
from caunoi.web.who import actor

MONTHS = 12
ERRORS = 5
"""Per cent of errors among what is sure that nobody need worry about."""
STEPS = (0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98)
OUTCOMES = {
    "taken": gettext_lazy("Proposes since then"),
    "worse": gettext_lazy("Not taken: it agreed with fewer decisions than the one before"),
    "deaf": gettext_lazy("Not taken: it notices fewer emergencies, complaints and denunciations"),
}


@dataclass(frozen=True, kw_only=True)
class WorthLine:
    """What proposals of one field or channel were worth; shares in words. `high`: more errors than ERRORS, not by
    chance; `limit` in per cent."""

    name: str
    code: str = ""
    decided: int
    agreed: str
    covered: str
    wrong: str
    high: bool
    limit: str = ""
    own: bool = False


@dataclass(frozen=True, kw_only=True)
class NightLine:
    at: dt.datetime
    outcome: str
    proposes: bool
    taught: int
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class TriagePage(Page):
    """`since`: when the model that proposes was made, none: it is the one that came with the release; `drift`: what has
    changed lately, in a sentence."""

    template = "setup/triage.html"

    since: dt.datetime | None
    learns: bool
    drift: str
    sentence: str
    spec: Mapping[str, Any]
    fields: Sequence[WorthLine]
    channels: Sequence[WorthLine]
    nights: Sequence[NightLine]
    errors: int


@dataclass(frozen=True, kw_only=True)
class StepLine:
    limit: str
    covered: str
    wrong: str
    current: bool


@dataclass(frozen=True, kw_only=True)
class StepsPage(Page):
    """What a limit would have meant for the newest decisions."""

    template = "setup/_limit.html"

    of: int
    steps: Sequence[StepLine]


def show(request: HttpRequest) -> HttpResponse:
    since = _months_ago(MONTHS)
    months = queries.agreements("month", since=since)
    of_fields, own, limits = queries.agreements("value", since=since), queries.own_limits(), _limits()
    edition = queries.editions().filter(pk=queries.present().edition or 0).first()
    page = TriagePage(
        since=edition.at if edition else None,
        learns=find_spec("sklearn") is not None,
        drift=_drift(),
        sentence=_sentence(months),
        spec=_chart(months),
        fields=[
            _line(
                localised_name(category),
                of_fields.get(category.code),
                code=category.code,
                limit=_share(limits.get(category.code, CHOICE).sure),
                own=category.code in own,
            )
            for category in directory.categories()
        ],
        channels=[
            _line(channel_name(str(key)), one) for key, one in queries.agreements("channel", since=since).items()
        ],
        nights=[_night(row) for row in queries.editions()[:10]],
        errors=ERRORS,
    )
    return render_page(request, page)


class LimitForm(forms.Form):
    sure = forms.IntegerField(
        label=gettext_lazy("Sure from, in per cent"),
        help_text=gettext_lazy("Empty: as the model says."),
        required=False,
        min_value=round(CHOICE.perhaps * 100),
        max_value=100,
    )


def edit(request: HttpRequest, code: str) -> HttpResponse:
    category = directory.category(code)
    if category is None:
        raise Http404
    own = queries.own_limits().get(code)
    form = LimitForm(request.POST or None, initial={"sure": None if own is None else round(own * 100)})
    if saving(request, form):
        sure = form.cleaned_data["sure"]
        actions.set_limit(category, None if sure is None else sure / 100, by=actor(request))
        return done(request, "setup:triage", event=history(category).last())
    return form_page(
        request,
        form,
        title=_("When “%(category)s” is sure") % {"category": localised_name(category)},
        back="setup:triage",
        lead=_("What is sure fills the form by itself; what is less sure is offered; the rest is not shown."),
        effect=_steps(code, form),
    )


def _steps(code: str, form: LimitForm) -> StepsPage:
    outcomes = queries.outcomes(code)
    typed = str(form["sure"].value() or "")
    current = int(typed) / 100 if typed.isdigit() else limits_of(queries.present().model).get(code, CHOICE).sure
    lines = []
    for step in sorted({*STEPS, current}):
        sure = [agreed for p, agreed in outcomes if p >= step]
        lines.append(
            StepLine(
                limit=_share(step),
                covered=percent(len(sure), len(outcomes)),
                wrong=percent(len(sure) - sum(sure), len(sure)),
                current=step == current,
            )
        )
    return StepsPage(of=len(outcomes), steps=lines)


def _limits() -> dict[str, Limits]:
    """By category: the province's own, else the model's."""
    return {**limits_of(queries.present().model), **queries.limits()}


def _line(name: str, one: Agreement | None, **more: Any) -> WorthLine:
    one = one or Agreement(decided=0, agreed=0, sure=0, right=0)
    errors = intervals.share(one.sure - one.right, one.sure) if one.sure else None
    return WorthLine(
        name=name,
        decided=one.decided,
        agreed=percent(one.agreed, one.decided),
        covered=percent(one.sure, one.decided),
        wrong=percent(one.sure - one.right, one.sure),
        high=errors is not None and errors.low > ERRORS / 100,
        **more,
    )


def _night(row: Edition) -> NightLine:
    card = row.card
    return NightLine(
        at=row.at,
        outcome=str(OUTCOMES[row.outcome]),
        proposes=row.outcome == Edition.Outcome.TAKEN,
        taught=card["taught"],
        before=percent(card["before"], card["of"]),
        after=percent(card["after"], card["of"]),
    )


def _share(value: float) -> str:
    return f"{vnnumber(value * 100, 0)}%" if value <= 1 else _("never")


def _months_ago(count: int) -> dt.date:
    """The first day of the month so many months ago, this one included."""
    today = localdate()
    month = today.year * 12 + today.month - count
    return dt.date(month // 12, month % 12 + 1, 1)


def _chart(months: Mapping[Any, Agreement]) -> dict[str, Any]:
    return {
        "kind": "line",
        "x": [f"{month:%m/%Y}" for month in months],
        "unit": "%",
        "most": 100,
        "series": [
            {"name": _("sure"), "values": [round(one.covered * 100, 1) for one in months.values()]},
            {"name": _("wrong of these"), "values": [round(one.wrong * 100, 1) for one in months.values()]},
        ],
    }


def _sentence(months: Mapping[Any, Agreement]) -> str:
    if not months:
        return ""
    text = _("Of %(decided)s decisions %(sure)s had been proposed as sure; %(wrong)s of these were wrong.")
    every = _sum(since=_months_ago(MONTHS))
    return text % {
        "decided": vnnumber(every.decided),
        "sure": vnnumber(every.sure),
        "wrong": vnnumber(every.sure - every.right),
    }


def _drift() -> str:
    """Whether the errors of this and the last month are more than those of the ten before, not by chance."""
    lately, before = _sum(since=_months_ago(2)), _sum(since=_months_ago(MONTHS), until=_months_ago(2))
    now, then = (intervals.share(one.sure - one.right, one.sure) if one.sure else None for one in (lately, before))
    if now is None or then is None or now.low <= then.high:
        return ""
    text = _(
        "Of what was sure %(now)s were wrong in the last two months, %(then)s before: people report otherwise now."
    )
    return text % {
        "now": percent(lately.sure - lately.right, lately.sure),
        "then": percent(before.sure - before.right, before.sure),
    }


def _sum(since: dt.date, until: dt.date | None = None) -> Agreement:
    rows = queries.agreements("month", since=since, until=until).values()
    names = ("decided", "agreed", "sure", "right")
    return Agreement(**{name: sum(getattr(one, name) for one in rows) for name in names})

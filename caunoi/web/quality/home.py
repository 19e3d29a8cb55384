"""The quality of answers at a glance: what is to be scored, how far scorers agree, how it goes from month to month."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.timezone import localtime, now
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from caunoi.accounts.queries import names
from caunoi.quality import queries
from caunoi.quality.agreement import Agreement
from caunoi.quality.intervals import Estimate
from caunoi.quality.models import Case
from caunoi.quality.queries import Progress, Standing
from caunoi.ratings.queries import proofs, unread, waiting
from caunoi.web import sheets
from caunoi.web.access import may_open
from caunoi.web.labels import word
from caunoi.web.page import Page, Tab, render_page
from caunoi.web.quality.flagged import PROOF
from caunoi.web.quality.words import RemarkLine, criterion_name
from caunoi.web.who import actor

PERIODS = (30, 90, 365)


@dataclass(frozen=True)
class Trend:
    """A chart's spec and its sentence."""

    sentence: str
    spec: dict[str, Any]


@dataclass(frozen=True)
class ProofCount:
    """How many ratings were proved in one way."""

    how: str
    count: int


@dataclass(frozen=True)
class AgreementLine:
    name: str
    agreement: Agreement


@dataclass(frozen=True)
class StandingLine:
    row: Standing
    who: str


@dataclass(frozen=True, kw_only=True)
class QualityHomePage(Page):
    """`next` is the case that waits for this reader; `count` answers were scored in the last `days`, of which so many
    were `reopened` or `wrong`; `unread` is what dissatisfied citizens wrote, `flagged` how many ratings wait to be
    looked at, `proofs` how those that count were proved."""

    template = "quality/home.html"

    periods: list[Tab]
    days: int
    scorer: bool
    supervisor: bool
    reviewer: bool
    unread: int
    flagged: int
    proofs: list[ProofCount]
    next: Case | None
    count: int
    mean: float | None
    reopened: int
    wrong: int
    agreement: Agreement | None
    criteria: list[AgreementLine]
    trend: Trend | None
    replies: list[RemarkLine]
    samples: list[Progress]
    standings: list[StandingLine]


def period(request: HttpRequest) -> tuple[int, datetime, datetime]:
    """(days, since, until) as asked by ?days=."""
    text = request.GET.get("days", "")
    days = int(text) if text in {str(one) for one in PERIODS} else PERIODS[1]
    return days, now() - timedelta(days=days), now()


def chips(days: int) -> list[Tab]:
    return [Tab(_("%(count)s days") % {"count": p}, f"?days={p}", active=p == days) for p in PERIODS]


def trend(operator: int | None = None) -> Trend | None:
    """The last year month by month; None without scores."""
    estimates = [(m, e) for m, e in queries.months(now() - timedelta(days=365), now(), operator) if e is not None]
    if not estimates:
        return None
    last: Estimate = estimates[-1][1]
    sentence = ngettext(
        "Last month %(value)d of 100, based on %(n)d answer; 95%% confidence between %(low)d and %(high)d.",
        "Last month %(value)d of 100, based on %(n)d answers; 95%% confidence between %(low)d and %(high)d.",
        last.n,
    ) % {
        "value": round(last.value),
        "n": last.n,
        "low": round(last.low),
        "high": round(last.high),
    }
    months = [f"{month[5:]}/{month[:4]}" for month, _e in estimates]
    series = [
        {"name": _("Mean"), "mark": "", "values": [round(e.value, 1) for _m, e in estimates]},
        {"name": _("95% confidence: from"), "mark": "", "values": [round(e.low, 1) for _m, e in estimates]},
        {"name": _("95% confidence: to"), "mark": "", "values": [round(e.high, 1) for _m, e in estimates]},
    ]
    return Trend(sentence, {"kind": "line", "x": months, "unit": _("points"), "most": 100, "series": series})


def show(request: HttpRequest) -> HttpResponse:
    by = actor(request)
    days, since, until = period(request)
    scorer = queries.scores(by)
    standings = queries.standings(since, until)
    values = [one.mean.value * one.cases for one in standings if one.mean]
    count = sum(one.cases for one in standings)
    agreement = queries.agreement(since, until)
    people = names({one.operator for one in standings})
    replies = list(queries.replies()) if may_open(by, "quality:decide") else []
    page = QualityHomePage(
        periods=chips(days),
        days=days,
        scorer=scorer,
        supervisor=may_open(by, "quality:person"),
        reviewer=may_open(by, "quality:comments"),
        unread=unread(by),
        flagged=waiting(),
        proofs=[
            ProofCount(word(PROOF, code), n)
            for code, n in sorted(proofs(since, until).items(), key=lambda one: -one[1])
        ],
        next=queries.waiting(by) if scorer else None,
        count=count,
        mean=sum(values) / count if count else None,
        reopened=sum(one.reopened for one in standings),
        wrong=sum(one.wrong for one in standings),
        agreement=agreement.get(""),
        criteria=[AgreementLine(criterion_name(c), agreement[c.key]) for c in queries.criteria() if c.key in agreement],
        trend=trend(),
        replies=[
            RemarkLine(r, people.get(r.operator) or names({r.operator}).get(r.operator, r.operator)) for r in replies
        ],
        samples=queries.samples()[:20] if scorer else [],
        standings=[StandingLine(one, people.get(one.operator, one.operator)) for one in standings] if scorer else [],
    )
    return render_page(request, page)


def table(request: HttpRequest) -> HttpResponseBase:
    """The same figures by operator, as CSV; a mean only where enough answers carry it."""
    _days, since, until = period(request)
    rows = queries.standings(since, until)
    people = names({one.operator for one in rows})
    head = [
        _("Operator"),
        _("Answers"),
        _("Mean"),
        _("95% confidence: from"),
        _("95% confidence: to"),
        _("Reopened"),
        _("Wrong advice"),
    ]
    name = f"1022-chat-luong-{localtime(until):%Y%m%d}"
    return sheets.sheet(
        sheets.export(request, "csv"), name, head, (_cells(one, people) for one in rows), by=actor(request)
    )


def _cells(one: Standing, people: Mapping[str, str]) -> list[Any]:
    mean = one.mean if one.mean and not one.mean.few else None
    figures = [f"{x:.1f}" for x in (mean.value, mean.low, mean.high)] if mean else ["", "", ""]
    return [people.get(one.operator, one.operator), one.cases, *figures, one.reopened, one.wrong]

"""The register of artificial intelligence: what machines help with here, turned on and off, and what people did with
what they proposed."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from caunoi.accounts.queries import names
from caunoi.answers import queries as answers
from caunoi.answers.assist import Kind
from caunoi.directory.actions import set_option
from caunoi.directory.ai_register import HELPERS, RISKS, Helper, Use
from caunoi.directory.queries import is_helping, option_row
from caunoi.events.queries import last
from caunoi.statistics.periods import midnight, month_of
from caunoi.triage import likes
from caunoi.triage import queries as triage
from caunoi.web.errors import or_404
from caunoi.web.page import Page, render_page
from caunoi.web.setup.page import done
from caunoi.web.sheets import csv_text
from caunoi.web.who import actor

MONTHS = 6
USES: Mapping[str, Callable[[datetime, datetime], Use]] = {
    "answer_draft": lambda begin, end: answers.use(Kind.ANSWER_DRAFT, begin, end),
    "triage": triage.use,
    "alike": likes.use,
    "summary": lambda begin, end: answers.use(Kind.SUMMARY, begin, end),
}
"""What became of a helper's proposals on [begin, end), for those that count it."""


@dataclass(frozen=True, kw_only=True)
class MonthLine:
    month: date
    use: Use


@dataclass(frozen=True, kw_only=True)
class HelperLine:
    """A helper in words: `state` of on, off and absent (its server is not named), `changed_by` and `changed_at` who
    turned it on or off last; `months` are those in which it was asked, the newest first."""

    key: str
    label: str
    purpose: str
    facts: list[tuple[str, str]]
    state: str
    fixed: str
    changed_by: str
    changed_at: datetime | None
    counts: bool
    months: list[MonthLine]


@dataclass(frozen=True, kw_only=True)
class AiRegisterPage(Page):
    template = "setup/ai_register.html"

    rows: list[HelperLine]
    working: int
    sheets: list[dict[str, str]]


def use(key: str, month: date) -> Use | None:
    """What became of a helper's proposals in the month of a day; None for one that does not count."""
    count = USES.get(key)
    return count(midnight(month_of(month)), midnight(month_of(month, 1))) if count else None


def is_there(one: Helper) -> bool:
    """Whether what it needs is configured."""
    return not one.setting or bool(getattr(settings, one.setting))


def works(one: Helper) -> bool:
    return is_there(one) and is_helping(one.key)


def state(one: Helper) -> str:
    return "absent" if not is_there(one) else "on" if is_helping(one.key) else "off"


def facts(one: Helper) -> list[tuple[str, str]]:
    """What the register says of a helper, with its headings."""
    rows = [
        (_("Supplier"), one.supplier),
        (_("What it reads"), one.reads),
        (_("What it gives"), one.gives),
        (_("Class"), RISKS[one.risk]),
        (_("Why this class"), one.reason),
        (_("Where it runs"), one.place),
        (_("Who makes the decision"), one.decides),
    ]
    return [(label, _(text)) for label, text in rows]


def _line(one: Helper) -> HelperLine:
    option = option_row(one.switch) if one.switch else None
    event = last(option, "option.set") if option else None
    months = [month_of(localdate(), -back) for back in range(MONTHS)]
    counts = [MonthLine(month=month, use=row) for month in months if (row := use(one.key, month)) and row.proposals]
    return HelperLine(
        key=one.key,
        label=_(one.label),
        purpose=_(one.purpose),
        facts=facts(one),
        state=state(one),
        fixed=_(one.fixed) if one.fixed else "",
        changed_by=names({event.by}).get(event.by, event.by) if event else "",
        changed_at=event.at if event else None,
        counts=one.key in USES,
        months=counts,
    )


def listing(request: HttpRequest) -> HttpResponse:
    if form := request.GET.get("format"):
        return _file(form)
    rows = [_line(one) for one in HELPERS.values()]
    links = [{"label": form.upper(), "url": f"?format={form}"} for form in FILES]
    working = sum(row.state == "on" for row in rows)
    return render_page(request, AiRegisterPage(rows=rows, working=working, sheets=links))


@require_POST
def switch(request: HttpRequest, key: str) -> HttpResponse:
    """Turn a helper on or off."""
    one = HELPERS.get(key)
    if one is None or not one.switch:
        raise Http404
    on = or_404({"on": (True,), "off": (False,)}.get(request.POST.get("do", "")))[0]
    event = set_option(one.switch, on, by=actor(request))
    words = _("%(helper)s: turned on.") if on else _("%(helper)s: turned off. Nothing is shown in its place.")
    message = words % {"helper": _(one.label)} if event else _("Nothing was changed.")
    return done(request, "setup:helpers", event=event, message=message)


def _rows() -> Iterator[dict[str, object]]:
    """The register as data: headings in the reader's language would be no names for a program."""
    for one in HELPERS.values():
        line = _line(one)
        yield {
            "key": one.key,
            "name": line.label,
            "purpose": _(one.purpose),
            "supplier": _(one.supplier),
            "reads": _(one.reads),
            "gives": _(one.gives),
            "class": one.risk.value,
            "class_reason": _(one.reason),
            "runs": _(one.place),
            "decides": _(one.decides),
            "state": line.state,
            "fixed": line.fixed,
            "changed_by": line.changed_by,
            "changed_at": line.changed_at.isoformat() if line.changed_at else None,
            "months": {f"{row.month:%Y-%m}": row.use._asdict() for row in line.months},
        }


def _json() -> str:
    return json.dumps({"law": "134/2025/QH15", "helpers": [*_rows()]}, ensure_ascii=False, indent=1)


def _csv() -> str:
    rows = [{**row, "months": json.dumps(row["months"])} for row in _rows()]
    head: Sequence[str] = [*rows[0]]
    return "".join(csv_text([head, *([row[name] for name in head] for row in rows)]))


FILES: Mapping[str, tuple[str, Callable[[], str]]] = {
    "csv": ("text/csv; charset=utf-8", _csv),
    "json": ("application/json", _json),
}


def _file(form: str) -> HttpResponse:
    kind, write = or_404(FILES.get(form))
    headers = {"Content-Disposition": f'attachment; filename="ai-register.{form}"', "Cache-Control": "no-store"}
    return HttpResponse(write(), kind, headers=headers)

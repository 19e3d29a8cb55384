"""How long each clock may run, for which tickets, and from when: what is accepted keeps its deadline."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.timezone import localdate, now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from caunoi.directory import queries as directory
from caunoi.events.queries import history
from caunoi.lib.worktime.worktrace import trace_days, trace_work
from caunoi.sla import actions, queries
from caunoi.sla.actions import DuplicateTargetError
from caunoi.sla.clocks import CLOCKS, Amount
from caunoi.sla.models import Target
from caunoi.web.labels import (
    CLOCK,
    KIND,
    URGENCY,
    agency_choices,
    category_choices,
    choices,
    word,
)
from caunoi.web.page import Page, render_page
from caunoi.web.selects import choose
from caunoi.web.setup.page import done, form_page, saving
from caunoi.web.targets import lasting, scope
from caunoi.web.who import actor
from caunoi.web.why import language

STARTS = {
    "accept": gettext_lazy("From when it came in until the centre accepts it"),
    "forward": gettext_lazy("From acceptance until it is handed to an agency"),
    "agency_accept": gettext_lazy("From the hand-over until the agency confirms it; the agency's own calendar counts"),
    "handle": gettext_lazy("From when it came in until the citizen has the answer"),
    "reply": gettext_lazy("From the agency's result until the citizen has the answer"),
}
UNIT = {
    "days": gettext_lazy("working days"),
    "hours": gettext_lazy("working hours"),
    "minutes": gettext_lazy("minutes of working time"),
}


@dataclass(frozen=True, kw_only=True)
class TargetLine:
    """A target in the list; `ahead`: in force from a day to come."""

    row: Target
    scope: str
    length: str
    calendar: str
    ahead: bool


@dataclass(frozen=True)
class ClockLines:
    """A clock with its targets, and when it starts, in words."""

    label: str
    starts: str
    rows: list[TargetLine]


@dataclass(frozen=True)
class TargetsPage(Page):
    template = "setup/targets.html"

    clocks: list[ClockLines]


@dataclass(frozen=True)
class DuePage(Page):
    """When a ticket accepted now (`at`) would be due, with the days that were counted; no `due` while it cannot be
    worked out."""

    template = "setup/_due.html"

    at: datetime | None = None
    due: datetime | None = None
    trace: Sequence[str] = ()


def listing(request: HttpRequest) -> HttpResponse:
    calendars, today = dict(directory.calendars().values_list("code", "name")), localdate()
    groups: dict[str, list[TargetLine]] = {name: [] for name in CLOCKS}
    for row in queries.every_target():
        groups[row.clock].append(
            TargetLine(
                row=row,
                scope=scope(row),
                length=lasting(row),
                calendar=calendars.get(row.calendar, row.calendar),
                ahead=bool(row.valid_from and row.valid_from > today),
            )
        )
    clocks = [ClockLines(word(CLOCK, c), str(STARTS[c]), rows) for c, rows in groups.items()]
    return render_page(request, TargetsPage(clocks))


def counted(amount: int, unit: str) -> dict[str, int | None]:
    """Days or minutes, as a target keeps them. KeyError for an unknown unit."""
    minutes = {"days": None, "hours": amount * 60, "minutes": amount}[unit]
    return {"days": amount if minutes is None else None, "minutes": minutes}


class Change(forms.Form):
    amount = forms.IntegerField(label=gettext_lazy("How long"), min_value=1, max_value=10_000)
    unit = forms.ChoiceField(label=gettext_lazy("Counted in"), choices=list(UNIT.items()), widget=forms.RadioSelect)
    calendar = forms.ChoiceField(label=gettext_lazy("Calendar"), help_text=gettext_lazy("When its time runs."))
    since = forms.DateField(
        label=gettext_lazy("In force from"),
        help_text=gettext_lazy("For tickets accepted on that day or later."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose(self, calendar=directory.calendars().values_list("code", "name"))

    def clean_since(self) -> Any:
        since = self.cleaned_data["since"]
        if since < localdate():
            raise forms.ValidationError(_("Choose today or a later day: what has been accepted keeps its deadline."))
        return since

    def values(self) -> dict[str, Any]:
        """As the actions want it."""
        return counted(self.cleaned_data["amount"], self.cleaned_data["unit"]) | {
            "calendar": self.cleaned_data["calendar"]
        }


class NewTargetForm(Change):
    field_order = ["clock", "category", "urgency", "kind", "agency"]
    clock = forms.ChoiceField(label=gettext_lazy("Which clock"))
    category = forms.ChoiceField(label=gettext_lazy("Category"), required=False)
    urgency = forms.ChoiceField(label=gettext_lazy("Urgency"), required=False)
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), required=False)
    agency = forms.ChoiceField(label=gettext_lazy("Agency"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose(
            self,
            clock=choices(CLOCK),
            category=category_choices(_("Any")),
            urgency=choices(URGENCY, empty=_("Any")),
            kind=choices(KIND, empty=_("Any")),
            agency=agency_choices(_("Any")),
        )

    def values(self) -> dict[str, Any]:
        d = self.cleaned_data
        agency = directory.agency(d["agency"]) if d["agency"] else None
        return super().values() | {
            "clock": d["clock"],
            "category": directory.category(d["category"]),
            "urgency": d["urgency"],
            "kind": d["kind"],
            "agency": agency,
        }


def _effect(form: Change) -> DuePage:
    at = now().replace(second=0, microsecond=0)
    typed = {name: form[name].value() for name in ("amount", "unit", "calendar")}
    try:
        amount, calendar = counted(int(typed["amount"]), typed["unit"]), directory.calendar(typed["calendar"])
        days, minutes = amount["days"], amount["minutes"]
        due = Amount(days=days, minutes=minutes).due(at, calendar)
        if days:
            lines = trace_days(calendar, at, days, language=language())
        else:
            lines = trace_work(calendar, at, timedelta(minutes=minutes or 0), language=language())
    except (KeyError, TypeError, ValueError):  # OutOfRangeError too
        return DuePage()
    return DuePage(at, due, lines)


def add(request: HttpRequest) -> HttpResponse:
    start = {"clock": "handle", "amount": 5, "unit": "days", "calendar": "office", "since": localdate()}
    form = NewTargetForm(request.POST or None, initial=start)
    if saving(request, form):
        try:
            row = actions.add_target(by=actor(request), since=form.cleaned_data["since"], **form.values())
            return done(request, "setup:targets", event=history(row).last())
        except DuplicateTargetError:
            form.add_error(None, _("There is a deadline for the very same tickets already. Change that one."))
    return form_page(
        request,
        form,
        title=_("New deadline"),
        back="setup:targets",
        lead=_("The most specific one applies: urgency before category, category before agency, agency before kind."),
        effect=_effect(form),
    )


def edit(request: HttpRequest, pk: int) -> HttpResponse:
    row = queries.target_row(pk)
    if row is None or (row.valid_to and row.valid_to <= localdate()):
        raise Http404
    by = actor(request)
    if request.POST.get("do") == "retire":
        actions.retire_target(row, by=by)
        return done(
            request, "setup:targets", event=history(row).last(), message=_("Retired. The next general deadline counts.")
        )
    minutes = row.minutes or 0
    unit = "days" if row.days is not None else "minutes" if minutes % 60 else "hours"
    amount = row.days if row.days is not None else minutes if minutes % 60 else minutes // 60
    since = max(localdate(), row.valid_from or localdate())
    form = Change(
        request.POST or None, initial={"amount": amount, "unit": unit, "calendar": row.calendar, "since": since}
    )
    if saving(request, form):
        try:
            new = actions.change_target(row, by=by, since=form.cleaned_data["since"], **form.values())
            return done(request, "setup:targets", event=history(new).last())
        except DuplicateTargetError:
            form.add_error(None, _("Another deadline for the same tickets begins later. Change that one."))
    return form_page(
        request,
        form,
        title=f"{word(CLOCK, row.clock)}: {scope(row)}",
        back="setup:targets",
        lead=_(
            "A ticket that has been accepted keeps its deadline; the change counts for those accepted from then on."
        ),
        other=[("retire", _("Retire"), _("From today the next general deadline counts."))],
        effect=_effect(form),
    )

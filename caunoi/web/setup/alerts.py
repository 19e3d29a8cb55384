"""Alerts: what is watched, who is notified and when; with the present values beside it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from caunoi.conversations.queries.channels import channel_names
from caunoi.events.actor import Role
from caunoi.events.queries import history
from caunoi.reports import alerts
from caunoi.reports.models import Alert
from caunoi.reports.readings import LIMITED, READINGS
from caunoi.statistics.measures import MEASURES
from caunoi.statistics.scope import NARROW
from caunoi.web.errors import or_404
from caunoi.web.labels import (
    GROUPED_BY,
    ROLE,
    agency_choices,
    area_choices,
    category_choices,
    choices,
    mail_reach,
)
from caunoi.web.page import Page, render_page
from caunoi.web.selects import choose
from caunoi.web.setup.page import done, form_page, saving
from caunoi.web.templatetags.caunoi_ui import vnspan
from caunoi.web.who import actor

WINDOWS = (60, 360, 1440, 10_080, 43_200)  # minutes
AGAIN = (0, 60, 240, 720, 1440)
HOW = {
    "value": gettext_noop("how much it is"),
    "change": gettext_noop("by how many per cent it moved"),
    "limits": gettext_noop("a day above what such days bring"),
}
WATCHERS = ("leader", "supervisor", "operator")
USUAL: dict[str, object] = {
    "measure": "overdue",
    "each": "",
    "how": "value",
    "above": "1",
    "threshold": 20,
    "window_minutes": 1440,
    "roles": ["supervisor"],
    "again_minutes": 240,
    "quiet_since": "22",
    "quiet_until": "6",
}


@dataclass(frozen=True)
class AlertLine:
    row: Alert
    condition: str


@dataclass(frozen=True)
class AlertsPage(Page):
    template = "setup/alerts.html"

    rows: list[AlertLine]


@dataclass(frozen=True, kw_only=True)
class AlertValues:
    """What an alert sees: the groups that break its condition, and the nearest of the others; `definition` is what its
    measure means, `looks_back` whether it can be tried on past days."""

    condition: str
    fires: list[str]
    calm: list[str]
    looks_back: bool
    definition: str


@dataclass(frozen=True)
class AlertValuesPage(Page):
    """What an alert sees now; nothing while the form cannot be read."""

    template = "setup/_alert.html"

    now: AlertValues | None


@dataclass(frozen=True, kw_only=True)
class AlertPastPage(Page):
    """When it would have notified, the newest last; `typed` says whether the form can be read."""

    template = "setup/_alert_past.html"

    times: list[datetime] | None
    typed: bool


class AlertForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("What it is called"), max_length=120)
    measure = forms.ChoiceField(label=gettext_lazy("What is watched"))
    each = forms.ChoiceField(label=gettext_lazy("Each by itself"), required=False)
    only_agency = forms.ChoiceField(label=gettext_lazy("This agency only"), required=False)
    only_category = forms.ChoiceField(label=gettext_lazy("This category only"), required=False)
    only_area = forms.ChoiceField(label=gettext_lazy("This commune only"), required=False)
    only_channel = forms.ChoiceField(label=gettext_lazy("This channel only"), required=False)
    how = forms.ChoiceField(label=gettext_lazy("What about it"))
    above = forms.ChoiceField(label=gettext_lazy("Notify when it is"), widget=forms.RadioSelect)
    threshold = forms.FloatField(
        label=gettext_lazy("How much"),
        min_value=0,
        max_value=1e9,
        help_text=gettext_lazy(
            "In the measure's unit (shares in per cent), or the per cent of a change against a week before; of no "
            "account for limits."
        ),
    )
    window_minutes = forms.TypedChoiceField(label=gettext_lazy("Counted over the last"), coerce=int)
    roles = forms.MultipleChoiceField(label=gettext_lazy("Who is notified"), widget=forms.CheckboxSelectMultiple)
    mail = forms.BooleanField(
        label=gettext_lazy("By e-mail too"),
        required=False,
        help_text=gettext_lazy("Everybody with the role whose account has an address."),
    )
    again_minutes = forms.TypedChoiceField(label=gettext_lazy("Reminded while it lasts"), coerce=int)
    quiet_since = forms.ChoiceField(label=gettext_lazy("Quiet from"), required=False)
    quiet_until = forms.ChoiceField(label=gettext_lazy("Quiet until"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["mail"].help_text = f"{self.fields['mail'].help_text} {mail_reach(*map(Role, WATCHERS))}."
        hours = [("", _("never quiet")), *((str(h), f"{h}:00") for h in range(24))]
        choose(
            self,
            measure=[(r.name, _(r.label)) for r in READINGS.values()],
            each=choices(GROUPED_BY),
            only_agency=agency_choices(_("all")),
            only_category=category_choices(_("all")),
            only_area=area_choices(_("all")),
            only_channel=[("", _("all")), *choices(channel_names())],
            how=choices(HOW),
            above=[("1", _("this much or more")), ("0", _("this much or less"))],
            window_minutes=[(m, vnspan(m * 60)) for m in WINDOWS],
            roles=[(role, label) for role, label in choices(ROLE) if role in WATCHERS],
            again_minutes=[
                (m, _("every %(span)s") % {"span": vnspan(m * 60)} if m else _("not at all")) for m in AGAIN
            ],
            quiet_since=hours,
            quiet_until=hours,
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        reading = READINGS.get(cleaned.get("measure", ""))
        if reading and cleaned.get("each", "") not in reading.by:
            self.add_error("each", _("This measure has no such groups."))
        if reading and cleaned.get("how") == Alert.How.CHANGE and not reading.windowed:
            self.add_error("how", _("Only what is counted over a time can be compared with the time before."))
        if reading and cleaned.get("how") == Alert.How.LIMITS and reading.name != LIMITED:
            self.add_error("how", _("Limits are known of the tickets received only."))
        for name in NARROW:
            if reading and cleaned.get(f"only_{name}") and name not in reading.narrow:
                self.add_error(f"only_{name}", _("This measure cannot be narrowed so."))
        if bool(cleaned.get("quiet_since")) != bool(cleaned.get("quiet_until")):
            self.add_error("quiet_until", _("Please give both hours, or neither."))
        return cleaned

    def values(self) -> dict[str, Any]:
        d = {k: v for k, v in self.cleaned_data.items() if not k.startswith("only_")}
        d["only"] = {name: code for name in NARROW if (code := self.cleaned_data[f"only_{name}"])}
        hours = {name: int(d[name]) if d[name] else None for name in ("quiet_since", "quiet_until")}
        return d | hours | {"above": d["above"] == "1", "roles": sorted(d["roles"])}


def _now(row: Alert) -> AlertValues:
    seen = alerts.values(row, now())
    breaking = alerts.broken(row, seen)
    others = {key: value for key, value in seen.items() if key not in breaking}
    return AlertValues(
        condition=alerts.condition(row),
        fires=alerts.group_lines(row, breaking)[:10],
        calm=alerts.group_lines(row, dict(sorted(others.items(), key=lambda one: -one[1])))[:5],
        looks_back=READINGS[row.measure].windowed,
        definition=defined(row.measure),
    )


def defined(name: str) -> str:
    """What a measure means, where it is one of the board's."""
    return _(MEASURES[name].definition) if name in MEASURES else ""


def _seen(form: AlertForm) -> AlertValues | None:
    return _now(Alert(**form.values())) if form.is_bound and form.is_valid() else None


def past(request: HttpRequest) -> HttpResponse:
    """How often the alert as typed would have fired in the last thirty days; nobody is notified."""
    form = AlertForm(request.POST or None)
    times = alerts.past(Alert(**form.values()), now()) if form.is_valid() else None
    return render_page(request, AlertPastPage(times=times, typed=form.is_valid()))


def listing(request: HttpRequest) -> HttpResponse:
    return render_page(request, AlertsPage([AlertLine(row, alerts.condition(row)) for row in alerts.alerts()]))


def add(request: HttpRequest) -> HttpResponse:
    form = AlertForm(request.POST or None, initial=USUAL)
    if saving(request, form):
        row = alerts.add_alert(by=actor(request), **form.values())
        return done(request, "setup:alerts", event=history(row).last(), message=_("Saved. It is watched from now on."))
    return form_page(
        request,
        form,
        title=_("New alert"),
        back="setup:alerts",
        effect=AlertValuesPage(_seen(form)),
        lead=_("Checked every minute; notifies once when it begins, reminds while it lasts, and once when it is over."),
    )


def edit(request: HttpRequest, pk: int) -> HttpResponse:
    row, by = or_404(alerts.alert(pk)), actor(request)
    if request.method == "POST" and request.POST.get("do") in ("off", "on"):
        switch = alerts.switch_off if request.POST["do"] == "off" else alerts.switch_on
        message = _("Switched off.") if request.POST["do"] == "off" else _("Switched on again.")
        return done(request, "setup:alerts", event=switch(row, by=by), message=message)
    hours = {
        name: "" if getattr(row, name) is None else str(getattr(row, name)) for name in ("quiet_since", "quiet_until")
    }
    initial = {name: getattr(row, name) for name in AlertForm.base_fields if not name.startswith("only_")} | hours
    initial |= {f"only_{name}": code for name, code in row.only.items()} | {"above": "1" if row.above else "0"}
    initial["threshold"] = f"{row.threshold:g}"  # 25, not 25.0
    form = AlertForm(request.POST or None, initial=initial)
    if saving(request, form):
        event = alerts.edit_alert(row, by=by, **form.values())
        return done(request, "setup:alerts", event=event)
    other = [("off", _("Switch off"), _("Switched off; its notifications stay in the history."))]
    return form_page(
        request,
        form,
        title=_("Change an alert"),
        back="setup:alerts",
        effect=AlertValuesPage(_seen(form) if form.is_bound else _now(row)),
        other=other if row.active else [("on", _("Switch on"), "")],
    )

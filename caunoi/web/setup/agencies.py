"""Who must act: names, ways to reach them, and the calendar by which their own clocks run."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from caunoi.directory import actions, queries
from caunoi.directory.models import Agency
from caunoi.events.queries import history
from caunoi.lib.numbers import phone
from caunoi.lib.vietnamese.writing import fold
from caunoi.routing.queries import burden
from caunoi.web.errors import or_404
from caunoi.web.labels import area_choices, choices, localised_name, word
from caunoi.web.page import Page, Tab, render_page
from caunoi.web.phone_field import PhoneField
from caunoi.web.selects import choose
from caunoi.web.setup.page import done, form_page, saving
from caunoi.web.setup.words import AGENCY_KINDS
from caunoi.web.who import actor

MOST = 50


@dataclass(frozen=True, kw_only=True)
class AgencyLine:
    row: Agency
    name: str
    kind: str
    retired: bool
    phone: str


@dataclass(frozen=True, kw_only=True)
class AgenciesPage(Page):
    """At most `most` agencies that fit, and how many `more` do."""

    template = "setup/agencies.html"

    rows: list[AgencyLine]
    q: str
    kind: str
    chips: list[Tab]
    most: int
    more: int


NO_NUMBER = gettext_lazy("This is not a phone number; write it like 0251 3822 501.")


class AgencyForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name in Vietnamese"), max_length=200)
    name_en = forms.CharField(label=gettext_lazy("Name in English"), max_length=200, required=False)
    short = forms.CharField(label=gettext_lazy("Short name"), max_length=60, required=False)
    kind = forms.ChoiceField(label=gettext_lazy("Kind"))
    area = forms.ChoiceField(
        label=gettext_lazy("Commune"),
        required=False,
        help_text=gettext_lazy("Of a commune's committee or police: rules find it by this."),
    )
    phone = PhoneField(services=True, error_messages={"invalid": NO_NUMBER})
    email = forms.EmailField(label=gettext_lazy("E-mail"), required=False)
    address = forms.CharField(label=gettext_lazy("Address"), max_length=300, required=False)
    calendar = forms.ChoiceField(
        label=gettext_lazy("Calendar"),
        required=False,
        help_text=gettext_lazy("By which its time to accept a ticket runs."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose(
            self,
            kind=choices(AGENCY_KINDS),
            area=area_choices(_("None")),
            calendar=[("", _("As the deadline says")), *queries.calendars().values_list("code", "name")],
        )

    def values(self) -> dict[str, Any]:
        d = self.cleaned_data
        calendar = queries.calendars().filter(code=d["calendar"]).first() if d["calendar"] else None
        return d | {"calendar": calendar, "area": queries.area(d["area"]) if d["area"] else None}


class NewAgencyForm(AgencyForm):
    field_order = ["code"]
    code = forms.SlugField(
        label=gettext_lazy("Code"),
        max_length=40,
        help_text=gettext_lazy("A short word in Latin letters; it never changes."),
    )


def _retired(row: Agency) -> bool:
    return bool(row.valid_to and row.valid_to <= localdate())


def listing(request: HttpRequest) -> HttpResponse:
    text, kind = request.GET.get("q", "").strip(), request.GET.get("kind", "")
    words = fold(text).split()
    rows = [
        row
        for row in queries.every_agency()
        if all(w in fold(f"{row.name} {row.name_en} {row.short} {row.code} {row.phone} {row.email}") for w in words)
    ]
    counts = {code: sum(row.kind == code for row in rows) for code in AGENCY_KINDS}
    chips = [
        Tab(word(AGENCY_KINDS, code), f"?kind={code}&q={text}", code == kind, count)
        for code, count in counts.items()
        if count
    ]
    matches = [row for row in rows if not kind or row.kind == kind]
    lines = [
        AgencyLine(
            row=row,
            name=localised_name(row),
            kind=word(AGENCY_KINDS, row.kind),
            retired=_retired(row),
            phone=phone.display(row.phone) if row.phone else "",
        )
        for row in matches[:MOST]
    ]
    more = max(len(matches) - MOST, 0)
    return render_page(request, AgenciesPage(rows=lines, q=text, kind=kind, chips=chips, most=MOST, more=more))


def add(request: HttpRequest) -> HttpResponse:
    form = NewAgencyForm(request.POST or None, initial={"kind": "department", "calendar": "office"})
    if saving(request, form):
        try:
            with transaction.atomic():
                row = actions.add_agency(by=actor(request), **form.values())
            return done(request, "setup:agencies", event=history(row).last())
        except IntegrityError:
            form.add_error("code", _("An agency with this code exists, possibly a retired one. Choose another."))
    return form_page(request, form, title=_("New agency"), back="setup:agencies")


def edit(request: HttpRequest, code: str) -> HttpResponse:
    row = or_404(queries.every_agency().filter(code=code).first())
    by, do = actor(request), request.POST.get("do")
    if do == "retire":
        message = _("“%(name)s” can no longer be chosen.") % {"name": localised_name(row)}
        return done(request, "setup:agencies", event=actions.retire(row, by=by), message=message)
    if do == "restore":
        message = _("“%(name)s” can be chosen again.") % {"name": localised_name(row)}
        return done(request, "setup:agencies", event=actions.restore(row, by=by), message=message)
    initial = {name: getattr(row, name) for name in ("name", "name_en", "short", "kind", "email", "address")} | {
        "phone": phone.display(row.phone) if row.phone else "",
        "area": row.area.code if row.area else "",
        "calendar": row.calendar.code if row.calendar else "",
    }
    form = AgencyForm(request.POST or None, initial=initial)
    if saving(request, form):
        return done(request, "setup:agencies", event=actions.edit_agency(row, by=by, **form.values()))
    open_legs = burden(row)
    if _retired(row):
        other = ("restore", _("Put in force again"), "")
    elif open_legs:
        other = (
            "retire",
            _("Retire"),
            ngettext(
                "It still holds %(count)s ticket: let the desk hand it on first.",
                "It still holds %(count)s tickets: let the desk hand them on first.",
                open_legs,
            )
            % {"count": open_legs},
        )
    else:
        other = ("retire", _("Retire"), _("Nobody can choose it from now on; its tickets and figures stay."))
    return form_page(request, form, title=localised_name(row), back="setup:agencies", other=[other])

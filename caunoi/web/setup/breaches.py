"""Breaches of personal data: from the discovery over the assessment and the report to the people who were touched."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from caunoi.conversations.queries.channels import channel_names
from caunoi.events.actor import RefusedError
from caunoi.lib.numbers import codes
from caunoi.privacy import queries
from caunoi.privacy.actions import breaches as actions
from caunoi.privacy.models import Affected, Breach
from caunoi.web.errors import or_404
from caunoi.web.labels import area_choices, category_choices, choices, word
from caunoi.web.page import Page, render_page
from caunoi.web.selects import choose
from caunoi.web.setup.page import done, form_page, saving
from caunoi.web.who import actor

CLOCKS = timedelta(minutes=5)  # by which a browser's clock may be ahead
MOMENT = "%Y-%m-%dT%H:%M"
HARM = {
    "none": gettext_lazy("No harm is to be expected"),
    "possible": gettext_lazy("It may harm people"),
    "serious": gettext_lazy("It may harm people seriously"),
}
STANDING = {
    "reached": gettext_lazy("It reached them"),
    "under_way": gettext_lazy("On its way"),
    "not_reached": gettext_lazy("Not reached: call or write"),
    "by_person": gettext_lazy("Told by a person"),
    "waiting": gettext_lazy("Not told yet"),
}
FIELDS = {
    "harm": gettext_lazy("the assessment of the harm"),
    "authority": gettext_lazy("the report to the authority"),
    "late_reason": gettext_lazy("why it is late"),
    "letter": gettext_lazy("that the people are told"),
    "lessons": gettext_lazy("what was learnt"),
    "closed": gettext_lazy("that it is still open"),
}


@dataclass(frozen=True, kw_only=True)
class BreachLine:
    row: Breach
    harm: str
    people: int
    late: bool


@dataclass(frozen=True)
class BreachesPage(Page):
    template = "setup/breaches.html"

    rows: list[BreachLine]


@dataclass(frozen=True, kw_only=True)
class AffectedLine:
    row: Affected
    who: str
    way: str
    standing: str
    standing_text: str
    trouble: str


@dataclass(frozen=True, kw_only=True)
class BreachPage(Page):
    """`tell_by` until when the people must be told, where the law says; `counts` how far they have been, in words;
    `people` the first so many of them."""

    template = "setup/breach.html"

    row: Breach
    harm: str
    kinds: list[str]
    must_tell: bool
    tell_by: datetime | None
    late: bool
    total: int
    counts: list[tuple[str, int]]
    people: list[AffectedLine]


@dataclass(frozen=True, kw_only=True)
class BreachPrintPage(Page):
    template = "setup/breach_print.html"

    row: Breach
    harm: str
    kinds: list[str]
    total: int
    counts: list[tuple[str, int]]


MOST = 200


def _late(row: Breach) -> bool:
    limit = row.reported or now()
    return actions.must_report(row) and limit > row.authority_due


def _harm(row: Breach) -> str:
    return str(HARM[row.harm]) if row.harm else _("Not assessed yet")


def listing(request: HttpRequest) -> HttpResponse:
    rows = list(queries.breaches())
    people = queries.people_of(rows)
    lines = [BreachLine(row=row, harm=_harm(row), people=people.get(row.pk, 0), late=_late(row)) for row in rows]
    return render_page(request, BreachesPage(lines))


def _is_past(moment: datetime) -> None:
    if moment > now() + CLOCKS:
        raise forms.ValidationError(_("This is still to come. When was it?"))


def moment_field(label: Any, *, required: bool = True, hint: Any = "", validators: Any = ()) -> forms.DateTimeField:
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MOMENT)
    return forms.DateTimeField(label=label, widget=widget, required=required, help_text=hint, validators=validators)


def past_field(label: Any, *, required: bool = True, hint: Any = "") -> forms.DateTimeField:
    return moment_field(label, required=required, hint=hint, validators=[_is_past])


def long_field(label: Any, *, required: bool = True, hint: Any = "", rows: int = 4) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, widget=widget, required=required, help_text=hint, max_length=10_000)


class DiscoverForm(forms.Form):
    title = forms.CharField(label=gettext_lazy("What it is called"), max_length=200)
    discovered = past_field(gettext_lazy("When it was discovered"), hint=gettext_lazy("The time runs from then."))
    began = past_field(gettext_lazy("When it began, as far as is known"), required=False)
    what = long_field(gettext_lazy("What happened"))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        began, discovered = cleaned.get("began"), cleaned.get("discovered")
        if began and discovered and began > discovered:
            self.add_error("began", _("It cannot have begun after it was discovered."))
        return cleaned


class AssessForm(forms.Form):
    kinds = forms.MultipleChoiceField(
        label=gettext_lazy("What data"), widget=forms.CheckboxSelectMultiple, required=False
    )
    harm = forms.ChoiceField(label=gettext_lazy("What it may do to people"), widget=forms.RadioSelect)
    cause = long_field(gettext_lazy("How it came about"))
    assessment = long_field(gettext_lazy("Why it is assessed so"))
    measures = long_field(gettext_lazy("What has been done about it"))
    ended = past_field(gettext_lazy("When it was stopped"), required=False)


class AuthorityForm(forms.Form):
    authority = forms.CharField(
        label=gettext_lazy("Whom it was reported to"),
        max_length=200,
        help_text=gettext_lazy(
            "The authority for the protection of personal data: the Ministry of Public Security, A05."
        ),
    )
    number = forms.CharField(label=gettext_lazy("Number of the report"), max_length=80, required=False)
    at = past_field(gettext_lazy("When"))
    late_reason = long_field(gettext_lazy("If it is late: why"), required=False, rows=2)


class PeopleForm(forms.Form):
    codes = long_field(gettext_lazy("By ticket codes"), required=False, hint=gettext_lazy("One code a line."))
    category = forms.ChoiceField(label=gettext_lazy("Category"), required=False)
    area = forms.ChoiceField(label=gettext_lazy("Commune"), required=False)
    channel = forms.ChoiceField(label=gettext_lazy("Channel"), required=False)
    since = moment_field(gettext_lazy("Received from"), required=False)
    until = moment_field(gettext_lazy("Received until"), required=False)

    def clean_codes(self) -> list[str]:
        typed = {word: codes.parse(word) for word in re.split(r"[\s,;]+", self.cleaned_data["codes"]) if word}
        there = queries.existing_codes(code for code in typed.values() if code)
        if wrong := [word for word, code in typed.items() if code not in there]:
            raise forms.ValidationError(_("These are not codes of tickets: %(codes)s") % {"codes": ", ".join(wrong)})
        return sorted(there)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not any(cleaned.values()):
            self.add_error("codes", _("Please narrow it down: not everybody was touched."))
        return cleaned


class TellForm(forms.Form):
    letter = long_field(
        gettext_lazy("What they are told"),
        rows=8,
        hint=gettext_lazy(
            "When and how it was discovered, what data, how serious it is and what it may do, what has been done and "
            "will be, what they can do, whom to ask. Everybody gets the same words: no names."
        ),
    )


class CloseForm(forms.Form):
    lessons = long_field(gettext_lazy("What was learnt, and what is changed for good"))


def discover(request: HttpRequest) -> HttpResponse:
    form = DiscoverForm(request.POST or None, initial={"discovered": now()})
    if saving(request, form):
        row = actions.discover(by=actor(request), **form.cleaned_data)
        return done(request, "setup:breach", row.pk, message=_("Written down. The time runs."))
    return form_page(request, form, title=_("A breach was discovered"), back="setup:breaches", wide=True)


def _kinds(row: Breach) -> list[str]:
    return [word(actions.KINDS, kind) for kind in row.kinds]


def _counts(row: Breach) -> tuple[int, list[tuple[str, int]]]:
    """How many people in all, and by how far they have been told."""
    counts = actions.people(row)
    return sum(counts.values()), [(str(STANDING[name]), count) for name, count in counts.items() if count]


def detail(request: HttpRequest, pk: int) -> HttpResponse:
    row = or_404(queries.breach(pk))
    total, counts = _counts(row)
    lines, channels = [], channel_names()
    for one, contact, out in queries.affected(row, MOST):
        code = actions.standing(one, out.state if out else "")
        lines.append(
            AffectedLine(
                row=one,
                who=(contact.name or contact.phone or contact.email)
                if contact
                else _("Somebody of a restricted ticket"),
                way=f"{channels.get(out.inbox.channel, out.inbox.channel)} · {out.address}" if out and contact else "",
                standing=code,
                standing_text=str(STANDING[code]),
                trouble=out.trouble if out and contact else "",
            )
        )
    page = BreachPage(
        row=row,
        harm=_harm(row),
        kinds=_kinds(row),
        must_tell=actions.must_tell(row),
        tell_by=row.authority_due if actions.touches_sensitive(row) else None,
        late=_late(row),
        total=total,
        counts=counts,
        people=lines,
    )
    return render_page(request, page)


def printed(request: HttpRequest, pk: int) -> HttpResponse:
    row = or_404(queries.breach(pk))
    total, counts = _counts(row)
    page = BreachPrintPage(row=row, harm=_harm(row), kinds=_kinds(row), total=total, counts=counts)
    return render_page(request, page)


def _correct(request: HttpRequest, row: Breach) -> forms.Form:
    return DiscoverForm(request.POST or None, initial={name: getattr(row, name) for name in DiscoverForm.base_fields})


def _assess(request: HttpRequest, row: Breach) -> forms.Form:
    values = {name: getattr(row, name) for name in AssessForm.base_fields}
    form = AssessForm(request.POST or None, initial=values)
    choose(form, kinds=choices(actions.KINDS), harm=[(code, str(label)) for code, label in HARM.items()])
    return form


def _report(request: HttpRequest, row: Breach) -> forms.Form:
    return AuthorityForm(request.POST or None, initial={"authority": row.authority})


def _people(request: HttpRequest, row: Breach) -> forms.Form:
    form = PeopleForm(request.POST or None)
    every = _("All")
    choose(
        form,
        category=category_choices(every),
        area=area_choices(every),
        channel=choices(channel_names(), empty=every),
    )
    return form


def _tell(request: HttpRequest, row: Breach) -> forms.Form:
    return TellForm(request.POST or None, initial={"letter": row.letter})


def _close(request: HttpRequest, row: Breach) -> forms.Form:
    return CloseForm(request.POST or None)


STEPS = {"correct": _correct, "assess": _assess, "report": _report, "people": _people, "tell": _tell, "close": _close}
TITLES = {
    "correct": gettext_lazy("Correct what was written down"),
    "assess": gettext_lazy("Assess the breach"),
    "report": gettext_lazy("Reported to the authority"),
    "people": gettext_lazy("Who was touched"),
    "tell": gettext_lazy("Tell the people"),
    "close": gettext_lazy("Close the breach"),
}
SAVES = {"tell": gettext_lazy("Send it to everybody"), "people": gettext_lazy("Add these people")}


def _do(request: HttpRequest, row: Breach, act: str, d: Mapping[str, Any]) -> str:
    by = actor(request)
    if act == "correct":
        actions.correct(row, by=by, **d)
    elif act == "assess":
        actions.assess(row, by=by, **d)
    elif act == "report":
        actions.report(row, d["authority"], d["number"], d["at"], d["late_reason"], by=by)
    elif act == "people":
        count = actions.touch(row, queries.touched(**d), by=by)
        return _("%(count)s people were added.") % {"count": count}
    elif act == "tell":
        count = actions.tell(row, d["letter"], by=by)
        return _("%(count)s messages are on their way.") % {"count": count}
    else:
        actions.close(row, d["lessons"], by=by)
    return _("Saved.")


def step(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """A form of one step of a breach."""
    row, make = or_404(queries.breach(pk)), or_404(STEPS.get(act))
    form = make(request, row)
    if saving(request, form):
        try:
            return done(request, "setup:breach", row.pk, message=_do(request, row, act, form.cleaned_data))
        except RefusedError as error:
            lacking = getattr(error, "fields", ())
            names = ", ".join(sorted(str(FIELDS.get(name, name)) for name in lacking))
            form.add_error(None, _("This still lacks: %(names)s") % {"names": names})
    save = str(SAVES.get(act, ""))
    return form_page(request, form, title=str(TITLES[act]), back="setup:breaches", save=save, wide=True)


@require_POST
def note_told(request: HttpRequest, pk: int) -> HttpResponse:
    """A person has told somebody whom no message reached."""
    one = or_404(queries.affected_row(pk))
    actions.note_told(one, by=actor(request))
    messages.success(request, _("Noted."))
    return redirect("setup:breach", one.breach_id)

"""Security level 3: what the organisation states itself, for the doctor and the annex of the level's file."""

from dataclasses import dataclass
from datetime import date

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.timezone import localdate
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from caunoi.checks import level3
from caunoi.directory import assurances
from caunoi.directory.models import Assurance
from caunoi.web.errors import or_404
from caunoi.web.page import Page, render_page
from caunoi.web.setup.page import done, form_page, saving
from caunoi.web.who import actor


@dataclass(frozen=True, kw_only=True)
class RequirementLine:
    """A requirement that only people meet. `observation`: what the product sees of it, while
    nothing is stated."""

    id: str
    text: str
    source: str
    observation: str
    assurance: Assurance | None


@dataclass(frozen=True, kw_only=True)
class Level3Page(Page):
    """`counts`: of all rows of the checklist, in words; `assurances`: how many are stated here."""

    template = "setup/level3.html"

    rows: list[RequirementLine]
    counts: str
    assurances: int


class AssuranceForm(forms.Form):
    since = forms.DateField(
        label=gettext_lazy("Met since"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    who = forms.CharField(
        label=gettext_lazy("Who answers for it"),
        max_length=200,
        help_text=gettext_lazy("A unit or an office, for example: Department of Information Technology."),
    )
    document = forms.CharField(
        label=gettext_lazy("Which document shows it"),
        max_length=300,
        help_text=gettext_lazy("Its number and date, or where it is kept."),
    )

    def clean_since(self) -> date:
        day: date = self.cleaned_data["since"]
        if day > localdate():
            raise forms.ValidationError(_("This day is still to come."))
        return day


def listing(request: HttpRequest) -> HttpResponse:
    language, every = get_language() or "vi", level3.answers()
    rows = [
        RequirementLine(
            id=row.id,
            text=row.text.in_(language),
            source=level3.source(row).in_(language),
            observation="" if answer.is_stated or answer.text is level3.STATE else answer.text.in_(language),
            assurance=assurances.of(row.id) if answer.is_stated else None,
        )
        for row, answer in every
        if answer.standing is level3.Standing.PEOPLE
    ]
    count = sum(line.assurance is not None for line in rows)
    return render_page(request, Level3Page(rows=rows, counts=level3.counts(every).in_(language), assurances=count))


def state(request: HttpRequest, requirement: str) -> HttpResponse:
    text = or_404({row.id: row.text for row, _answer in level3.of_people()}.get(requirement))
    before = assurances.of(requirement)
    initial = {"since": before.since, "who": before.who, "document": before.document} if before else None
    form = AssuranceForm(request.POST or None, initial=initial)
    if saving(request, form):
        event = assurances.state(requirement, **form.cleaned_data, by=actor(request))
        return done(request, "setup:level3", event=event, message=_("Written down as stated by the organisation."))
    return form_page(
        request,
        form,
        title=text.in_(get_language() or "vi"),
        back="setup:level3",
        lead=_("The annex says that the organisation states this, and that the product did not check it."),
    )


@require_POST
def withdraw(request: HttpRequest, requirement: str) -> HttpResponse:
    if assurances.withdraw(or_404(assurances.of(requirement)), by=actor(request)) is None:
        return redirect("setup:level3")
    return done(request, "setup:level3", message=_("Withdrawn. What was stated stays in the history."))

"""One procedure for those who keep it: versions, what changed between them, the province's own notes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from caunoi.accounts.queries import names
from caunoi.answers import queries as answers
from caunoi.directory import queries as directory
from caunoi.events.queries import history
from caunoi.procedures import actions, queries
from caunoi.procedures.compare import compare
from caunoi.procedures.models import Note, Procedure, Version
from caunoi.procedures.speech import spoken
from caunoi.web.errors import or_404
from caunoi.web.labels import area_choices, word
from caunoi.web.page import Page, render_page
from caunoi.web.procedure import Fact, facts
from caunoi.web.procedures.words import EVENTS, FieldDifference, changes, field_names
from caunoi.web.selects import LongSelect, choose
from caunoi.web.story import Step
from caunoi.web.who import actor


class NoteForm(forms.Form):
    text = forms.CharField(
        label=gettext_lazy("Which counter, which hours, what people here must know"),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=2000,
    )
    phone = forms.CharField(label=gettext_lazy("Phone number"), required=False, max_length=20)
    area = forms.ChoiceField(label=gettext_lazy("Only in this commune"), required=False, widget=LongSelect)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        choose(self, area=area_choices(_("Everywhere")))


@dataclass(frozen=True, kw_only=True)
class ProcedureVersion:
    """A version in the list; `before` is the number of the one before it, 0 of the first."""

    row: Version
    by: str
    current: bool
    before: int


@dataclass(frozen=True, kw_only=True)
class OneProcedurePage(Page):
    """A procedure for those who keep it; `speech` is its wording for the phone, `cited` in how many answers and
    templates."""

    template = "procedures/one.html"

    procedure: Procedure
    facts: list[Fact]
    speech: str
    versions: list[ProcedureVersion]
    notes: Sequence[Note]
    form: NoteForm
    cited: int
    story: list[Step]


@dataclass(frozen=True, kw_only=True)
class ComparePage(Page):
    template = "procedures/compare.html"

    procedure: Procedure
    old: Version
    new: Version
    versions: Sequence[Version]
    changes: list[FieldDifference]


def _procedure(code: str) -> Procedure:
    return or_404(queries.find(code))


def _page(request: HttpRequest, procedure: Procedure, form: NoteForm) -> HttpResponse:
    versions = list(queries.versions(procedure))
    events = [event for event in history(procedure) if event.kind in EVENTS]
    people = names({v.by for v in versions} | {e.by for e in events})
    record = procedure.current.record if procedure.current else None
    page = OneProcedurePage(
        procedure=procedure,
        facts=facts(record) if record else [],
        speech=spoken(record) if record else "",
        versions=[
            ProcedureVersion(
                row=v,
                by=people.get(v.by) or (_("the system") if v.by == "system" else v.by),
                current=v.pk == procedure.current_id,
                before=v.number - 1 if v.number > 1 else 0,
            )
            for v in versions
        ],
        notes=list(queries.every_note(procedure)),
        form=form,
        cited=answers.citing(procedure).count(),
        story=[
            Step(
                title=word({k: v[0] for k, v in EVENTS.items()}, e.kind),
                icon=EVENTS[e.kind][1],
                at=e.at,
                by=people.get(e.by, ""),
                text=field_names(e.data.get("fields", [])),
            )
            for e in events
        ],
    )
    return render_page(request, page, status=422 if form.errors else 200)


def show(request: HttpRequest, code: str) -> HttpResponse:
    return _page(request, _procedure(code), NoteForm())


def compare_versions(request: HttpRequest, code: str) -> HttpResponse:
    """Two versions, field by field and word by word; the newest two when none are named."""
    procedure = _procedure(code)
    versions = list(queries.versions(procedure))
    typed = [request.GET.get(name, "") for name in ("a", "b")]
    numbers = [int(number[:6]) for number in typed if number.isdecimal()]
    if len(numbers) != 2:
        numbers = sorted(v.number for v in versions[:2])
    chosen = [next((v for v in versions if v.number == number), None) for number in numbers]
    old, new = (*chosen, None, None)[:2]
    if old is None or new is None:
        messages.info(request, _("There is only one version."))
        return redirect("procedures:one", procedure.code)
    page = ComparePage(
        procedure=procedure,
        old=old,
        new=new,
        versions=versions,
        changes=changes(compare(old.record, new.record)),
    )
    return render_page(request, page)


@require_POST
def note(request: HttpRequest, code: str) -> HttpResponse:
    """Write a note of our own, or change one."""
    procedure, form = _procedure(code), NoteForm(request.POST)
    if not form.is_valid():
        return _page(request, procedure, form)
    data = form.cleaned_data
    pk = request.POST.get("note", "")
    old = queries.note(int(pk)) if pk.isdecimal() else None
    if old is not None and old.procedure_id != procedure.pk:
        raise Http404
    area = directory.area(data["area"]) if data["area"] else None
    actions.write_note(procedure, data["text"], by=actor(request), area=area, phone=data["phone"], note=old)
    messages.success(request, _("Saved."))
    return redirect("procedures:one", procedure.code)


@require_POST
def note_active(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Take a note away, or put it back."""
    row = queries.note(pk)
    if row is None or row.procedure.code != code:
        raise Http404
    actions.set_note(row, by=actor(request), active=not row.active)
    messages.success(request, _("Saved."))
    return redirect("procedures:one", code)


@require_POST
def put_back(request: HttpRequest, code: str) -> HttpResponse:
    """Make an earlier version the current one again."""
    procedure, number = _procedure(code), request.POST.get("version", "")
    version = or_404(queries.version(procedure, int(number)) if number.isdecimal() else None)
    if actions.put_back(version, by=actor(request)):
        messages.success(request, _("Version %(version)s applies again.") % {"version": version.number})
    return redirect("procedures:one", procedure.code)


@require_POST
def retire(request: HttpRequest, code: str) -> HttpResponse:
    """Take it out of force, with the one that follows it if there is one; or put it in force again."""
    procedure, by = _procedure(code), actor(request)
    if procedure.retired:
        actions.unretire(procedure, by=by)
    else:
        typed = request.POST.get("successor", "").strip()
        successor = queries.find(typed) if typed else None
        if typed and (successor is None or successor.pk == procedure.pk):
            messages.error(request, _("There is no other procedure with this code. Please check the digits."))
            return redirect("procedures:one", procedure.code)
        actions.retire(procedure, by=by, successor=successor)
    messages.success(request, _("Saved."))
    return redirect("procedures:one", procedure.code)

"""A file of the national portal, from the upload over the preview to what became of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from caunoi.accounts.queries import names
from caunoi.procedures import actions, queries, tasks
from caunoi.procedures.models import Import
from caunoi.web import sheets
from caunoi.web.errors import or_404
from caunoi.web.labels import word
from caunoi.web.page import Page, render_page
from caunoi.web.procedures.words import KIND, FieldDifference, changes, field_names, problem
from caunoi.web.setup.import_words import STATES
from caunoi.web.who import actor

MEGABYTES = 64
MOST = 200


class ProcedureUploadForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("The portal's list (.xlsx), or full records (.jsonl, .jsonl.gz)."),
        allow_empty_file=True,
    )
    effective_from = forms.DateField(
        label=gettext_lazy("In force from"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("Of what is new or changed in this file."),
    )
    keep = forms.BooleanField(
        label=gettext_lazy("Retire nothing"),
        required=False,
        help_text=gettext_lazy("Otherwise what a whole list no longer names is retired."),
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MEGABYTES * 1024 * 1024:
            raise forms.ValidationError(_("The file is larger than %(most)s MB.") % {"most": MEGABYTES})
        return file


@dataclass(frozen=True, kw_only=True)
class UploadLine:
    """A file of the portal in the list."""

    row: Import
    state: str
    kind: str
    by: str


@dataclass(frozen=True, kw_only=True)
class UploadsPage(Page):
    template = "procedures/imports.html"

    form: ProcedureUploadForm
    rows: list[UploadLine]


@dataclass(frozen=True, kw_only=True)
class ChangedProcedure:
    """A procedure that a file changes: which fields, and how; `returns`: it is in force again."""

    code: str
    name: str
    returns: bool
    fields: str
    changes: list[FieldDifference]


@dataclass(frozen=True, kw_only=True)
class PlanCounts:
    """How many procedures are new, changed, no longer in the list, as they were."""

    fresh: int
    changed: int
    withdrawn: int
    same: int


@dataclass(frozen=True)
class OddityCount:
    label: str
    count: int


@dataclass(frozen=True, kw_only=True)
class FlawLine:
    """Why a file cannot be read; `line` is where, if that is known."""

    line: int | None
    label: str
    text: str


@dataclass(frozen=True, kw_only=True)
class UploadPage(Page):
    """A file: how far it is (`running`), why it failed, or what it would do; of each list the first `limit`."""

    template = "procedures/import.html"

    row: Import
    state: str
    kind: str
    by: str
    running: bool
    flaws: list[FlawLine]
    counts: PlanCounts
    nothing: bool
    undoable: bool
    odd: list[OddityCount]
    fresh: Sequence[Mapping[str, str]]
    changed: list[ChangedProcedure]
    withdrawn: Sequence[Mapping[str, str]]
    limit: int


def listing(request: HttpRequest) -> HttpResponse:
    """The form for a new file, and the files there were."""
    form = ProcedureUploadForm(request.POST or None, request.FILES or None, initial={"effective_from": localdate()})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        row = actions.upload(
            data["file"].name,
            data["file"].read(),
            by=actor(request),
            effective_from=data["effective_from"],
            retires=not data["keep"],
        )
        tasks.look.defer(pk=row.pk)
        return redirect("procedures:import", row.pk)
    rows = list(queries.imports()[:50])
    people = names({row.by for row in rows})
    page = UploadsPage(
        form=form,
        rows=[
            UploadLine(row=row, state=word(STATES, row.state), kind=word(KIND, row.kind), by=people.get(row.by, row.by))
            for row in rows
        ],
    )
    return render_page(request, page, status=422 if form.errors else 200)


def _row(pk: int) -> Import:
    return or_404(queries.import_row(pk))


def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """How far it is; when it has been read, what it would do."""
    row = _row(pk)
    plan: Any = row.plan or {"fresh": [], "changed": [], "gone": [], "same": 0}
    changed = [
        ChangedProcedure(
            code=one["code"],
            name=one["name"],
            returns=one["returns"],
            fields=field_names(one["fields"]),
            changes=changes(one["changes"]),
        )
        for one in plan["changed"][:MOST]
    ]
    counts: dict[str, int] = {}
    for odd in row.oddities:
        counts[odd["problem"]] = counts.get(odd["problem"], 0) + 1
    page = UploadPage(
        row=row,
        state=word(STATES, row.state),
        kind=word(KIND, row.kind),
        by=names({row.by}).get(row.by, row.by),
        running=row.state in (Import.State.WAITING, Import.State.APPLYING, Import.State.UNDOING),
        flaws=[
            FlawLine(line=flaw.get("line"), label=problem(flaw["problem"]), text=flaw.get("text", ""))
            for flaw in row.oddities
        ]
        if row.state == Import.State.FAILED
        else [],
        counts=PlanCounts(
            fresh=len(plan["fresh"]), changed=len(plan["changed"]), withdrawn=len(plan["gone"]), same=plan["same"]
        ),
        nothing=not (plan["fresh"] or plan["changed"] or plan["gone"]),
        undoable=queries.undoable(row),
        odd=[OddityCount(problem(code), n) for code, n in sorted(counts.items(), key=lambda pair: -pair[1])],
        fresh=plan["fresh"][:MOST],
        changed=changed,
        withdrawn=plan["gone"][:MOST],
        limit=MOST,
    )
    return render_page(request, page)


@require_POST
def do(request: HttpRequest, pk: int) -> HttpResponse:
    """Carry it out, drop it, or take it back."""
    row, by, what = _row(pk), actor(request), request.POST.get("do", "")
    if what == "apply" and actions.begin(row, by=by):
        tasks.bring_in.defer(pk=row.pk, name=by.name, user=by.user_id, roles=sorted(by.roles))
    elif what == "drop":
        actions.drop(row, by=by)
        return redirect("procedures:imports")
    elif what == "undo" and actions.begin_undo(row, by=by):
        tasks.take_back.defer(pk=row.pk, name=by.name, user=by.user_id, roles=sorted(by.roles))
    return redirect("procedures:import", row.pk)


def oddities(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything that was strange, as a table for Excel."""
    row = _row(pk)
    rows = [["code", "field", "problem", "meaning", "text", "line"]]
    rows += [
        [
            odd.get("code", ""),
            odd.get("field", ""),
            odd["problem"],
            problem(odd["problem"]),
            odd["text"],
            odd.get("line", ""),
        ]
        for odd in row.oddities
    ]
    return sheets.csv_file(f"oddities-{row.pk}", rows)

"""Imports of spreadsheets: uploaded, reviewed, carried out, undone."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from caunoi.accounts.queries import names
from caunoi.conversations.queries.channels import channel_names
from caunoi.imports import actions, queries, tasks
from caunoi.imports.models import Batch, Oddity
from caunoi.web.errors import or_404
from caunoi.web.labels import STATE, word
from caunoi.web.page import Page, render_page
from caunoi.web.selects import choose
from caunoi.web.setup.changes import FieldChange
from caunoi.web.setup.import_words import ABOUT, NOT_NOW, STATES, WHAT, field, problem, value
from caunoi.web.who import actor

MEGABYTES = 200
MOST = 200
MOST_ODD = 50
BUSY = (Batch.State.WAITING, Batch.State.APPLYING, Batch.State.UNDOING)


@dataclass(frozen=True, kw_only=True)
class ImportLine:
    row: Batch
    what: str
    state: str
    by: str


@dataclass(frozen=True, kw_only=True)
class ImportKind:
    """What a file can hold."""

    code: str
    label: str
    about: str


@dataclass(frozen=True, kw_only=True)
class ImportsPage(Page):
    template = "setup/imports.html"

    form: forms.Form
    rows: list[ImportLine]
    kinds: list[ImportKind]


@dataclass(frozen=True, kw_only=True)
class ImportFailure:
    """Why a file cannot be read."""

    label: str
    text: str


@dataclass(frozen=True, kw_only=True)
class RowChange:
    """A row of a list that is new or changes, with its fields."""

    name: str
    key: str
    lines: list[FieldChange]


@dataclass(frozen=True, kw_only=True)
class ProblemCount:
    """How often something is wrong; `out`: such rows are left out."""

    label: str
    count: int
    out: bool


@dataclass(frozen=True, kw_only=True)
class OddityLine:
    """What is wrong in a row of the file, and what may be meant."""

    line: int
    label: str
    text: str
    out: bool
    suggest: str
    field: str


@dataclass(frozen=True)
class ImportCount:
    label: str
    count: int


@dataclass(frozen=True)
class CountTable:
    label: str
    rows: list[ImportCount]


@dataclass(frozen=True)
class ColumnHeading:
    """A field, and the headings of the columns that it was read from."""

    label: str
    heading: str


@dataclass(frozen=True, kw_only=True)
class ImportPage(Page):
    """A file, and what carrying it out would do; `counts` as the plan keeps them, `nothing`: nothing would change,
    `most`: how many rows of each kind are shown, `unknown`: how many words mean nothing yet."""

    template = "setup/import.html"

    row: Batch
    what: str
    state: str
    by: str
    running: bool
    lists: bool
    counts: Mapping[str, Any]
    nothing: bool
    most: int
    error: ImportFailure | None
    fresh: list[RowChange]
    changed: list[RowChange]
    problems: list[ProblemCount]
    odd: list[OddityLine]
    tables: list[CountTable]
    unknown: int
    columns: list[ColumnHeading]
    mappable: bool
    undoable: bool
    inviting: bool


class ImportUploadForm(forms.Form):
    what = forms.ChoiceField(label=gettext_lazy("What the file holds"), widget=forms.RadioSelect)
    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy(
            "Excel (.xlsx) or CSV. Titles above the table, merged cells and columns in any order are fine."
        ),
        allow_empty_file=True,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose(self, what=[(code, _(label)) for code, label in WHAT.items()])

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MEGABYTES * 1024 * 1024:
            raise forms.ValidationError(_("The file is larger than %(most)s MB.") % {"most": MEGABYTES})
        return file


def listing(request: HttpRequest) -> HttpResponse:
    """The form for a new file, what can be downloaded, and earlier files."""
    what = request.GET.get("what", "")
    form = ImportUploadForm(
        request.POST or None, request.FILES or None, initial={"what": what if what in WHAT else "people"}
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        row = actions.upload(data["what"], data["file"].name, data["file"], by=actor(request))
        tasks.look.defer(pk=row.pk)
        return redirect("setup:import", row.pk)
    rows = list(queries.batches()[:50])
    people = names({row.by for row in rows})
    lines = [
        ImportLine(row=row, what=word(WHAT, row.what), state=word(STATES, row.state), by=people.get(row.by, row.by))
        for row in rows
    ]
    kinds = [ImportKind(code=code, label=_(label), about=_(ABOUT[code])) for code, label in WHAT.items()]
    page = ImportsPage(form=form, rows=lines, kinds=kinds)
    return render_page(request, page, status=422 if form.errors else 200)


def batch(pk: int) -> Batch:
    return or_404(queries.batch(pk))


def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """How far it is; when it has been read, what it would do."""
    row = batch(pk)
    plan: Any = row.plan or {}
    known_names: dict[str, dict[str, str]] = {}
    c = row.counts
    nothing = not (c.get("fresh") or c.get("changed") if row.what != "tickets" else c.get("rows"))
    page = ImportPage(
        row=row,
        what=word(WHAT, row.what),
        state=word(STATES, row.state),
        by=names({row.by}).get(row.by, row.by),
        running=row.state in BUSY,
        lists=row.what != "tickets",
        counts=c,
        nothing=nothing,
        most=MOST,
        error=_error(row),
        fresh=[_row_change(row, one, known_names) for one in plan.get("fresh", [])[:MOST]],
        changed=[_row_change(row, one, known_names) for one in plan.get("changed", [])[:MOST]],
        problems=[
            ProblemCount(label=problem(one["problem"]), count=one["count"], out=one["out"])
            for one in queries.problems(row)
        ],
        odd=[_odd(row, one, known_names) for one in queries.first_oddities(row, MOST_ODD)],
        tables=_tables(c),
        unknown=_unknown(plan),
        columns=_columns(row),
        mappable=bool(row.stored and row.heading.get("names") and row.state in (Batch.State.READY, Batch.State.FAILED)),
        undoable=row.state == Batch.State.DONE and (row.what == "tickets" or row.plan is not None) and not nothing,
        inviting=row.what == "people" and row.state == Batch.State.DONE and bool(c.get("fresh")),
    )
    return render_page(request, page)


def _error(row: Batch) -> ImportFailure | None:
    if not row.error:
        return None
    text = row.error["text"]
    if row.error["problem"] == "column_lacks":
        text = ", ".join(field(row.what, name) for name in text.split(", "))
    return ImportFailure(label=problem(row.error["problem"]), text=text)


def _row_change(row: Batch, step: Mapping[str, Any], names: dict[str, dict[str, str]]) -> RowChange:
    lines = [
        FieldChange(
            label=field(row.what, name),
            before=value(row.what, name, step["before"].get(name, ""), names),
            after=value(row.what, name, after, names),
        )
        for name, after in step["after"].items()
    ]
    return RowChange(name=step["name"], key=step["key"], lines=lines)


def _odd(row: Batch, odd: Oddity, names: dict[str, dict[str, str]]) -> OddityLine:
    suggest = (
        value(row.what, odd.field, odd.suggest, names)
        if odd.suggest and odd.field in ("agency", "category")
        else odd.suggest
    )
    return OddityLine(
        line=odd.line,
        label=problem(odd.problem),
        text=odd.text,
        out=odd.out,
        suggest=suggest,
        field=field(row.what, odd.field) if odd.field else "",
    )


def _tables(counts: Mapping[str, Any]) -> list[CountTable]:
    """How many tickets by state, year and channel."""
    tables = {"states": (_("State"), STATE), "years": (_("Year"), {}), "channels": (_("Channel"), channel_names())}
    return [
        CountTable(label, [ImportCount(word(table, key), count) for key, count in sorted(counts[name].items())])
        for name, (label, table) in tables.items()
        if counts.get(name)
    ]


def _unknown(plan: Mapping[str, Any]) -> int:
    """How many words of the file mean nothing to us yet."""
    return sum(not one["code"] for words in plan.get("words", {}).values() for one in words.values())


def _columns(row: Batch) -> list[ColumnHeading]:
    columns = row.heading.get("columns", {})
    return [ColumnHeading(field(row.what, name), ", ".join(called)) for name, called in columns.items()]


@require_POST
def do(request: HttpRequest, pk: int) -> HttpResponse:
    """Carry it out, drop it, or take it back."""
    row, by, what = batch(pk), actor(request), request.POST.get("do", "")
    if what == "drop":
        actions.drop(row, by=by)
        messages.success(request, _("Dropped. Nothing was changed."))
        return redirect("setup:imports")
    states = {"apply": Batch.State.APPLYING, "undo": Batch.State.UNDOING}
    if what in states and actions.begin(row, states[what], by=by):
        tasks.carry_on.defer(pk=row.pk, name=by.name, user=by.user_id)
    elif what in states:
        messages.error(request, _(NOT_NOW["not_ready"]))
    return redirect("setup:import", row.pk)

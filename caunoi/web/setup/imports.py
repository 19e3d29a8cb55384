"""Spreadsheets that come in: uploaded, looked at, carried out, taken back."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from caunoi.accounts.queries import names
from caunoi.conversations.queries.channels import channel_names
from caunoi.imports import actions, queries, tasks
from caunoi.imports.models import Batch, Oddity
from caunoi.web.errors import or_404
from caunoi.web.labels import STATE, word
from caunoi.web.selects import choose
from caunoi.web.setup.import_words import ABOUT, NOT_NOW, STATES, WHAT, field, problem, value
from caunoi.web.who import actor

MEGABYTES = 200
SHOWN = 200
ODD_SHOWN = 50
BUSY = (Batch.State.WAITING, Batch.State.APPLYING, Batch.State.UNDOING)


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
        choose(self, "what", [(code, _(label)) for code, label in WHAT.items()])

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MEGABYTES * 1024 * 1024:
            raise forms.ValidationError(_("The file is larger than %(most)s MB.") % {"most": MEGABYTES})
        return file


def listing(request: HttpRequest) -> HttpResponse:
    """The form for a new file, what else can be had here, and the files there were."""
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
        {"row": row, "what": word(WHAT, row.what), "state": word(STATES, row.state), "by": people.get(row.by, row.by)}
        for row in rows
    ]
    kinds = [{"code": code, "label": _(label), "about": _(ABOUT[code])} for code, label in WHAT.items()]
    context = {"form": form, "rows": lines, "kinds": kinds, "back_name": ""}
    return render(request, "setup/imports.html", context, status=422 if form.errors else 200)


def batch(pk: int) -> Batch:
    return or_404(queries.batch(pk))


def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """How far it is; when it has been read, what it would do."""
    row = batch(pk)
    plan: Any = row.plan or {}
    known: dict[str, dict[str, str]] = {}
    found = queries.problems(row)
    c = row.counts
    nothing = not (c.get("fresh") or c.get("changed") if row.what != "tickets" else c.get("rows"))
    context = {
        "row": row,
        "what": word(WHAT, row.what),
        "state": word(STATES, row.state),
        "by": names({row.by}).get(row.by, row.by),
        "running": row.state in BUSY,
        "lists": row.what != "tickets",
        "counts": c,
        "nothing": nothing,
        "shown": SHOWN,
        "error": _error(row),
        "fresh": [_step(row, one, known) for one in plan.get("fresh", [])[:SHOWN]],
        "changed": [_step(row, one, known) for one in plan.get("changed", [])[:SHOWN]],
        "problems": [{**one, "label": problem(one["problem"])} for one in found],
        "odd": [_odd(row, one, known) for one in queries.first_oddities(row, ODD_SHOWN)],
        "tables": _tables(c),
        "unknown": _unknown(plan),
        "columns": _columns(row),
        "mappable": bool(
            row.stored and row.heading.get("names") and row.state in (Batch.State.READY, Batch.State.FAILED)
        ),
        "undoable": row.state == Batch.State.DONE and (row.what == "tickets" or row.plan is not None) and not nothing,
        "inviting": row.what == "people" and row.state == Batch.State.DONE and c.get("fresh"),
    }
    return render(request, "setup/import.html", context)


def _error(row: Batch) -> dict[str, str]:
    if not row.error:
        return {}
    text = row.error["text"]
    if row.error["problem"] == "column_lacks":
        text = ", ".join(field(row.what, name) for name in text.split(", "))
    return {"label": problem(row.error["problem"]), "text": text}


def _step(row: Batch, step: dict[str, Any], names: dict[str, dict[str, str]]) -> dict[str, Any]:
    lines = [
        {
            "label": field(row.what, name),
            "before": value(row.what, name, step["before"].get(name, ""), names),
            "after": value(row.what, name, after, names),
        }
        for name, after in step["after"].items()
    ]
    return {**step, "lines": lines}


def _odd(row: Batch, odd: Oddity, names: dict[str, dict[str, str]]) -> dict[str, Any]:
    suggest = (
        value(row.what, odd.field, odd.suggest, names)
        if odd.suggest and odd.field in ("agency", "category")
        else odd.suggest
    )
    return {
        "line": odd.line,
        "label": problem(odd.problem),
        "text": odd.text,
        "out": odd.out,
        "suggest": suggest,
        "field": field(row.what, odd.field) if odd.field else "",
    }


def _tables(counts: dict[str, Any]) -> list[dict[str, Any]]:
    """How many tickets by state, year and channel."""
    said = {"states": (_("State"), STATE), "years": (_("Year"), {}), "channels": (_("Channel"), channel_names())}
    return [
        {"label": label, "rows": [{"label": word(table, key), "count": n} for key, n in sorted(counts[name].items())]}
        for name, (label, table) in said.items()
        if counts.get(name)
    ]


def _unknown(plan: dict[str, Any]) -> int:
    """How many words of the file mean nothing to us yet."""
    return sum(not one["code"] for words in plan.get("words", {}).values() for one in words.values())


def _columns(row: Batch) -> list[dict[str, str]]:
    columns = row.heading.get("columns", {})
    return [{"label": field(row.what, name), "heading": ", ".join(called)} for name, called in columns.items()]


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

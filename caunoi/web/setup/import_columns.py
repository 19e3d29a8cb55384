"""Which column is what, and what the words of a file mean: guessed, and put right by a person."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from caunoi.imports import actions, tasks
from caunoi.imports.mapping import LEAVE, ORDERS, ColumnMapping, from_json
from caunoi.imports.models import Batch
from caunoi.imports.vocabulary import REQUIRED, SEVERAL, WORDED, headings
from caunoi.lib.tables.nearest import key
from caunoi.web.setup import import_words as said
from caunoi.web.setup.imports import batch
from caunoi.web.who import actor

DEFAULTS = {"tickets": ("state", "category", "agency", "channel"), "people": ("role", "agency"), "agencies": ("kind",)}
MOST_ROW = 10_000


def edit(request: HttpRequest, pk: int) -> HttpResponse:
    row = batch(pk)
    names = row.heading.get("names")
    if not names or row.state not in (Batch.State.READY, Batch.State.FAILED):
        return redirect("setup:import", row.pk)
    if request.method == "POST":
        try:
            actions.read_as(row, _mapping(request, row), by=actor(request))
        except actions.WrongStateError:
            return redirect("setup:import", row.pk)
        tasks.look.defer(pk=row.pk)
        return redirect("setup:import", row.pk)
    told = from_json(row.mapping)
    columns = row.heading.get("columns", {})
    context = {
        "row": row,
        "what": said.word_of(row.what),
        "sheets": row.heading.get("sheets", []),
        "sheet": told.sheet,
        "header": row.heading.get("header", 0),
        "source": told.source,
        "orders": [(code, _(said.ORDERS[code])) for code in ORDERS],
        "order": told.order,
        "fields": [
            {
                "name": f"column-{name}",
                "label": said.field(row.what, name),
                "needed": name in REQUIRED[row.what],
                "chosen": columns.get(name, []),
                "several": name in SEVERAL,
            }
            for name in headings(row.what)
        ],
        "headings": names,
        "words": [_words(row, name) for name in WORDED[row.what]],
        "defaults": [
            {
                "name": f"default-{name}",
                "label": said.field(row.what, name),
                "options": said.options(row.what, name),
                "chosen": told.defaults.get(name, ""),
            }
            for name in DEFAULTS[row.what]
        ],
    }
    return render(request, "setup/import_columns.html", context)


def _words(row: Batch, name: str) -> dict[str, Any]:
    """The words of one field, the unknown ones first, each with what it may mean chosen."""
    plan: Any = row.plan or {}
    found = plan.get("words", {}).get(name, {})
    rows = [
        {
            "name": f"word-{name}",
            "word": word,
            "count": one["count"],
            "how": _(said.HOW[one["how"]]),
            "unknown": not one["code"],
            "chosen": one["code"] or one["suggest"],
            "guess": not one["code"] and one["suggest"],
        }
        for word, one in found.items()
    ]
    rows.sort(key=lambda one: (not one["unknown"], -one["count"]))
    return {
        "label": said.field(row.what, name),
        "options": said.options(row.what, name) if rows else [],
        "rows": [{**one, "number": number} for number, one in enumerate(rows)],
        "name": name,
        "unknown": sum(one["unknown"] for one in rows),
    }


def _mapping(request: HttpRequest, row: Batch) -> ColumnMapping:
    """What was typed, over what was said before."""
    post, told, names = request.POST, from_json(row.mapping), set(row.heading["names"])
    columns = {
        name: tuple(chosen)
        for name in headings(row.what)
        if (chosen := [one for one in post.getlist(f"column-{name}") if one in names])
    }
    words = {name: dict(table) for name, table in told.words.items()}
    for name in WORDED[row.what]:
        codes = {code for code, _label in said.options(row.what, name)} | {LEAVE}
        number = 0
        while (word := post.get(f"word-{name}-{number}")) is not None:
            code = post.get(f"means-{name}-{number}", "")
            if code in codes:
                words.setdefault(name, {})[key(word)] = code
            number += 1
    defaults = {
        name: code
        for name in DEFAULTS[row.what]
        if (code := post.get(f"default-{name}", "")) in {one for one, _label in said.options(row.what, name)}
    }
    header, order, sheet = post.get("header", ""), post.get("order", ""), post.get("sheet", told.sheet)
    new = ColumnMapping(
        columns=columns,
        words=words,
        defaults=defaults,
        zone=told.zone,
        order=order if order in ORDERS else told.order,
        header=int(header) if header.isdecimal() and int(header) <= MOST_ROW else 0,
        sheet=sheet if sheet in row.heading.get("sheets", []) else "",
        source=post.get("source", "").strip()[:40] or told.source,
    )
    moved = new.sheet != told.sheet or new.header != row.heading.get("header", 0)
    return new.having(columns={}) if moved else new

"""Which column is what, and what the words of a file mean: guessed, and corrected by a person."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from caunoi.imports import actions, tasks
from caunoi.imports.mapping import LEAVE, ORDERS, ColumnMapping, from_json
from caunoi.imports.models import Batch
from caunoi.imports.vocabulary import REQUIRED, SEVERAL, WORDED, headings
from caunoi.lib.tables.nearest import key
from caunoi.web.page import Page, render_page
from caunoi.web.setup import import_words
from caunoi.web.setup.imports import batch
from caunoi.web.who import actor

DEFAULTS = {"tickets": ("state", "category", "agency", "channel"), "people": ("role", "agency"), "agencies": ("kind",)}
MOST_ROW = 10_000


@dataclass(frozen=True, kw_only=True)
class ColumnField:
    """A field with the headings of the columns that it is read from."""

    name: str
    label: str
    needed: bool
    chosen: list[str]
    several: bool


@dataclass(frozen=True, kw_only=True)
class WordLine:
    """A word of the file with what it means; `guess`: the nearest, that nobody has chosen."""

    number: int
    word: str
    count: int
    how: str
    chosen: str
    guess: bool


@dataclass(frozen=True, kw_only=True)
class WordTable:
    """The words of one field; `unknown` counts those that mean nothing yet."""

    name: str
    label: str
    options: list[tuple[str, str]]
    rows: list[WordLine]
    unknown: int


@dataclass(frozen=True, kw_only=True)
class DefaultField:
    """What stands where a cell is empty or unknown."""

    name: str
    label: str
    options: list[tuple[str, str]]
    chosen: str


@dataclass(frozen=True, kw_only=True)
class ImportColumnsPage(Page):
    template = "setup/import_columns.html"

    row: Batch
    what: str
    sheets: list[str]
    sheet: str
    header: int
    source: str
    orders: list[tuple[str, str]]
    order: str
    fields: list[ColumnField]
    headings: list[str]
    words: list[WordTable]
    defaults: list[DefaultField]


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
    mapping = from_json(row.mapping)
    columns = row.heading.get("columns", {})
    page = ImportColumnsPage(
        row=row,
        what=import_words.word_of(row.what),
        sheets=row.heading.get("sheets", []),
        sheet=mapping.sheet,
        header=row.heading.get("header", 0),
        source=mapping.source,
        orders=[(code, _(import_words.ORDERS[code])) for code in ORDERS],
        order=mapping.order,
        fields=[
            ColumnField(
                name=f"column-{name}",
                label=import_words.field(row.what, name),
                needed=name in REQUIRED[row.what],
                chosen=columns.get(name, []),
                several=name in SEVERAL,
            )
            for name in headings(row.what)
        ],
        headings=names,
        words=[_words(row, name) for name in WORDED[row.what]],
        defaults=[
            DefaultField(
                name=f"default-{name}",
                label=import_words.field(row.what, name),
                options=import_words.options(row.what, name),
                chosen=mapping.defaults.get(name, ""),
            )
            for name in DEFAULTS[row.what]
        ],
    )
    return render_page(request, page)


def _words(row: Batch, name: str) -> WordTable:
    """The words of one field, the unknown ones first, each with what it may mean chosen."""
    plan: Any = row.plan or {}
    words = plan.get("words", {}).get(name, {})
    rows = [
        WordLine(
            number=number,
            word=word,
            count=one["count"],
            how=_(import_words.HOW[one["how"]]),
            chosen=one["code"] or one["suggest"],
            guess=bool(not one["code"] and one["suggest"]),
        )
        for number, (word, one) in enumerate(
            sorted(words.items(), key=lambda pair: (bool(pair[1]["code"]), -pair[1]["count"]))
        )
    ]
    return WordTable(
        name=name,
        label=import_words.field(row.what, name),
        options=import_words.options(row.what, name) if rows else [],
        rows=rows,
        unknown=sum(not one["code"] for one in words.values()),
    )


def _mapping(request: HttpRequest, row: Batch) -> ColumnMapping:
    """What was typed, over the mapping so far."""
    post, before, names = request.POST, from_json(row.mapping), set(row.heading["names"])
    columns = {
        name: tuple(chosen)
        for name in headings(row.what)
        if (chosen := [one for one in post.getlist(f"column-{name}") if one in names])
    }
    words = {name: dict(table) for name, table in before.words.items()}
    for name in WORDED[row.what]:
        codes = {code for code, _label in import_words.options(row.what, name)} | {LEAVE}
        number = 0
        while (word := post.get(f"word-{name}-{number}")) is not None:
            code = post.get(f"means-{name}-{number}", "")
            if code in codes:
                words.setdefault(name, {})[key(word)] = code
            number += 1
    defaults = {
        name: code
        for name in DEFAULTS[row.what]
        if (code := post.get(f"default-{name}", "")) in {one for one, _label in import_words.options(row.what, name)}
    }
    header, order, sheet = post.get("header", ""), post.get("order", ""), post.get("sheet", before.sheet)
    new = ColumnMapping(
        columns=columns,
        words=words,
        defaults=defaults,
        zone=before.zone,
        order=order if order in ORDERS else before.order,
        header=int(header) if header.isdecimal() and int(header) <= MOST_ROW else 0,
        sheet=sheet if sheet in row.heading.get("sheets", []) else "",
        source=post.get("source", "").strip()[:40] or before.source,
    )
    moved = new.sheet != before.sheet or new.header != row.heading.get("header", 0)
    return new.having(columns={}) if moved else new

"""A report's paper, from its form, its figures and its words. Pure but for the language it is read under."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from caunoi.reports import markup, measured, named, saying, telling
from caunoi.reports.paper import Block, Cell, PaperLayout, lines
from caunoi.reports.prose import fallen, share
from caunoi.reports.spans import Span
from caunoi.statistics.scope import FOUR, NONE

BLOCKS = ("summary", "four", "fields", "agencies", "communes", "channels", "slow", "explanations", "definitions")
WORDS = ("period", "at", "hotline", "total", "done", *FOUR, "share", "before")
TEXT, ALONE = named.Words(WORDS), named.Blocks(BLOCKS)  # … with those of the measures
BY = {"fields": "category", "agencies": "agency", "communes": "area", "channels": "channel"}
MASK = re.compile(r"\[[a-z_]+\]")  # replaces a person's name, number …
LONGEST = 300  # letters of an explanation
MOST = 15  # rows of a table of the text; the sheet has all


@dataclass(frozen=True, kw_only=True)
class Material:
    """The content of a paper. `way`: the address of a figure's cases, before "?by=agency&key=…&part=…"; `names`: of
    channels."""

    head: Mapping[str, str]  # the form's fields
    body: str
    signer: str
    span: Span
    compared: Mapping[str, Span]  # before, year_before
    figures: Mapping[str, Any]
    summary: Sequence[str]
    hotline: str
    small: int
    way: str
    names: Mapping[str, str]
    number: int | None = None
    day: date | None = None
    notice: str = ""
    mark: str = ""  # across a copy of one that is no longer valid


def parts() -> dict[str, str]:
    return {
        "on_time": _("Handled on time"),
        "late": _("Handled late"),
        "open_within": _("In hand, within time"),
        "open_overdue": _("In hand, past it"),
    }


def values(m: Material) -> dict[str, str]:
    """The values of the names in a form's text."""
    whole = m.figures["whole"]
    return {
        **{name: saying.number(whole[name]) for name in ("total", *FOUR)},
        "period": saying.span(m.span),
        "at": saying.clock(datetime.fromisoformat(m.figures["at"])),
        "hotline": m.hotline,
        "done": saying.number(whole["on_time"] + whole["late"]),
        "share": share(whole["on_time"], fallen(whole), m.small),
        "before": saying.number(m.figures["before"]["whole"]["total"]),
        **{
            f"{word} {name}": measured.value(name, rows[""][0][when], m.small)
            for name, rows in m.figures.get("measured", {}).items()
            if rows.get("")
            for word, when in (("value", "now"), ("before", "before"), ("year_before", "year_before"))
        },
    }


def expanded(m: Material) -> str:
    """The text with its drafted sentences filled in, so that they can be edited."""
    written = []
    for line in m.body.splitlines():
        first, *rest = line.strip().strip("{}").split() or [""]
        alone = line.strip().startswith("{")
        if alone and line.strip() == "{summary}":
            written.append("\n\n".join(m.summary))
        elif alone and first == "say" and (text := telling.say(rest, m.figures, m.span, m.compared, m.small)):
            written.append(text)
        else:
            written.append(line)
    return "\n".join(written)


def paper(m: Material) -> PaperLayout:
    filled = values(m)
    blocks = [block for line in markup.lines(m.body) for block in _blocks(line, filled, m)]
    for at in range(len(blocks) - 1, -1, -1):
        if blocks[at].kind in ("text", "item"):
            blocks[at] = Block(kind=blocks[at].kind, text=blocks[at].text.rstrip(" .;") + "./.")
            break
    room = "\u2003" * 3  # for a hand
    number = str(m.number) if m.number is None or m.number > 9 else f"0{m.number}"
    day = (
        saying.dated(m.day, m.head["place"])
        if m.day
        else _("%(place)s, day … month … year %(year)s")
        % {"place": m.head["place"], "year": datetime.fromisoformat(m.figures["at"]).year}
    )
    return PaperLayout(
        superior=lines(m.head["superior"]),
        issuer=lines(m.head["issuer"]),
        number=_("No.: %(number)s/%(series)s") % {"number": number if m.number else room, "series": m.head["series"]},
        dated=day,
        name=m.head["name"],
        about=markup.filled(m.head["about"], filled),
        blocks=tuple(blocks),
        recipients=lines(m.head["recipients"]),
        signs=lines(m.head["signs"]),
        signer=m.signer,
        notice=m.notice,
        draft=m.mark or ("" if m.number else _("DRAFT")),
        words={
            "state": _("SOCIALIST REPUBLIC OF VIETNAM"),
            "motto": _("Independence - Freedom - Happiness"),
            "to": _("Recipients:"),
        },
    )


def _blocks(line: markup.Line, values: Mapping[str, str], m: Material) -> list[Block]:
    if line.kind != "block":
        return [Block(kind=line.kind, text=markup.filled(line.text, values), level=line.level)]
    if line.text == "summary":
        return [Block(kind="text", text=text) for text in m.summary]
    if line.text == "four":
        return [four(m)]
    if line.text == "slow":
        return slow(m)
    if line.text == "explanations":
        return explanations(m)
    if line.text in BY:
        return [table for table in [grouped(m, line.text)] if table.rows]
    if line.text.split()[0] in ("say", "compare", "table", "definitions"):
        return list(measured.blocks(line.text, m.body, m.figures, m.span, m.compared, m.small, m.way, m.names))
    return [Block(kind="text", text=values.get(line.text, f"{{{line.text}}}"))]


def _cell(m: Material, value: int, query: str) -> Cell:
    return Cell(text=saying.number(value), value=value, url=f"{m.way}?{query}" if value and m.way else "")


def _ticket(m: Material, code: str) -> Cell:
    base = m.way.partition("/board/")[0]
    return Cell(text=code or _("restricted"), url=f"{base}/board/tickets/{code}" if code and m.way else "")


def four(m: Material) -> Block:
    """The four numbers and their total, each beside its share."""
    whole = m.figures["whole"]
    rows = [
        (
            Cell(text=words),
            _cell(m, whole[part], f"part={part}"),
            Cell(text=share(whole[part], whole["total"], m.small)),
        )
        for part, words in parts().items()
    ]
    rows.append((Cell(text=_("Total")), _cell(m, whole["total"], "part="), Cell(text="")))
    columns = ((_("Result"), 0.5, "left"), (_("Tickets"), 0.25, "right"), (_("Share"), 0.25, "right"))
    return Block(kind="table", text=_("The four numbers"), columns=columns, rows=tuple(rows), total=True, name="four")


def titles() -> dict[str, tuple[str, str, str]]:
    """By block: the titles of the table and of its first column, and the label of the group without one."""
    return {
        "fields": (_("By category"), _("Category"), _("No category yet")),
        "agencies": (_("By agency"), _("Agency"), _("With the centre")),
        "communes": (_("By commune"), _("Commune"), _("Commune not known")),
        "channels": (_("By channel"), _("Channel"), "–"),
    }


def group_label(m: Material, by: str, row: Mapping[str, Any], none: str) -> str:
    if not row["code"]:
        return none
    return m.names.get(row["code"], row["code"]) if by == "channel" else row["name"] or row["code"]


def grouped(m: Material, block: str) -> Block:
    """The four numbers of each group, those with most late ones first; groups beyond MOST are summed up in a row."""
    title, first, none = titles()[block]
    by, rows = BY[block], m.figures["groups"][BY[block]]
    table_rows = [
        (
            Cell(text=group_label(m, by, row, none)),
            *(_cell(m, row[part], f"by={by}&key={row['code'] or NONE}&part={part}") for part in FOUR),
            _cell(m, row["total"], f"by={by}&key={row['code'] or NONE}"),
            Cell(text=share(row["on_time"], fallen(row), m.small)),
        )
        for row in rows[:MOST]
    ]
    if rest := rows[MOST:]:
        sums = {part: sum(row[part] for row in rest) for part in (*FOUR, "total")}
        words = _("%(count)s others") % {"count": saying.number(len(rest))}
        table_rows.append(_sum(words, sums, m))
    if rows:
        table_rows.append(_sum(_("Total"), {part: sum(row[part] for row in rows) for part in (*FOUR, "total")}, m))
    columns = (
        (first, 0.32, "left"),
        *((words, 0.115, "right") for words in parts().values()),
        (_("Total"), 0.1, "right"),
        (_("On time, of those due"), 0.12, "right"),
    )
    return Block(kind="table", text=title, columns=columns, rows=tuple(table_rows), total=bool(rows), name=by)


def _sum(words: str, sums: Mapping[str, int], m: Material) -> tuple[Cell, ...]:
    cells = (Cell(text=saying.number(sums[part]), value=sums[part]) for part in (*FOUR, "total"))
    return (Cell(text=words), *cells, Cell(text=share(sums["on_time"], fallen(sums), m.small)))


def slow(m: Material) -> list[Block]:
    """The cases that are open past their deadline, longest overdue first."""
    rows, count = m.figures["slow"], m.figures["whole"]["open_overdue"]
    if not rows:
        return [Block(kind="text", text=_("Nothing is open past its deadline."))]
    at = datetime.fromisoformat(m.figures["at"])
    table_rows = [
        (
            Cell(text=str(number), value=number),
            _ticket(m, row["code"]),
            Cell(text=row["category"] or "–"),
            Cell(text=row["agency"] or _("With the centre")),
            Cell(text=saying.day(datetime.fromisoformat(row["received"]).date())),
            Cell(text=saying.length((at - datetime.fromisoformat(row["due"])).total_seconds())),
        )
        for number, row in enumerate(rows, 1)
    ]
    columns = (
        (_("No."), 0.06, "right"),
        (_("Ticket"), 0.16, "left"),
        (_("Category"), 0.22, "left"),
        (_("Agency"), 0.27, "left"),
        (_("Received on"), 0.14, "right"),
        (_("Overdue for"), 0.15, "right"),
    )
    title = _("Open past their deadline, longest overdue first")
    if count > len(rows):
        title = _("The %(shown)s longest overdue of %(all)s open past their deadline") % {
            "shown": saying.number(len(rows)),
            "all": saying.number(count),
        }
    return [Block(kind="table", text=title, columns=columns, rows=tuple(table_rows), name="slow")]


def explanations(m: Material) -> list[Block]:
    """Why cases were late, in the words of their holders; empty where nobody was asked."""
    rows = []
    for row in m.figures.get("explained", []):
        late = row["done"] and row["done"] > row["due"]
        day = saying.day(datetime.fromisoformat(row["due"]).date())
        missing = "–" if row["done"] else _("not explained yet, due on %(day)s") % {"day": day}
        answer = _shortened(row["answer"]) or missing
        text = f"{answer} ({_('explained late')})" if late else answer
        rows.append((_ticket(m, row["code"]), Cell(text=row["agency"] or _("With the centre")), Cell(text=text)))
    if not rows:
        return []
    columns = ((_("Ticket"), 0.17, "left"), (_("Agency"), 0.28, "left"), (_("Explanation"), 0.55, "left"))
    return [Block(kind="table", text=_("Explanations"), columns=columns, rows=tuple(rows), name="explanations")]


def _shortened(text: str) -> str:
    words = " ".join(MASK.sub("[…]", text).split())
    return words if len(words) <= LONGEST else words[:LONGEST].rsplit(" ", 1)[0] + "…"

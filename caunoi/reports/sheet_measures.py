"""The measures on a report's sheet: those of its own cases by live formulas, the others as counted, all beside the
period before and a year ago, with their definitions."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from caunoi.reports import named
from caunoi.reports.cases import BASE
from caunoi.reports.compose import BY, Material, parts, titles
from caunoi.reports.measured import group_label
from caunoi.reports.measured import heads as group_heads
from caunoi.reports.sheet_words import label, quoted
from caunoi.statistics.measures import HOURS, MEASURES, SECONDS, SHARE, TALLIED
from caunoi.statistics.scope import NARROW

FIRST = 2  # the first row of a case, as a sheet counts
COLUMNS = {"agency": "C", "category": "D", "area": "E", "channel": "F"}  # of the sheet of cases
MORE = ("handling", "handling_p90", "questions", "returns", "extensions", "reopened", "contacts")


@dataclass(frozen=True)
class Ranges:
    """The columns of the sheet of cases."""

    list_: str
    count: int

    def __getitem__(self, column: str) -> str:
        return f"'{self.list_}'!${column}${FIRST}:${column}${max(self.count, 1) + FIRST - 1}"


def heads() -> tuple[str, ...]:
    """Of the columns J to O, which only measures count."""
    return (_("Answer that stands"), _("Kind"), _("Returned"), _("More time granted"), _("Reopened"), _("Contacts"))


def needs_more(m: Material) -> bool:
    """Whether the text names a measure that counts those columns."""
    return bool(set(MORE) & set(named.measures(m.body)))


def formula(name: str, where: tuple[str, str] | None, r: Ranges) -> str:
    """The formula of a measure over the cases: all, or those where a column (a range) fulfils a criterion of COUNTIFS.
    An array formula for lengths. "" for measures that are not counted from cases."""
    only = f",{where[0]},{where[1]}" if where else ""
    every = f'COUNTIFS({r["G"]},"<>"{only})'
    words = {part: quoted(text) for part, text in parts().items()}
    if name in ("tickets", "channels"):
        return f"={every}" if name == "tickets" else f'={every}/COUNTIFS({r["G"]},"<>")'
    if name == "on_time":
        part = {one: f"COUNTIFS({r['G']},{text}{only})" for one, text in words.items()}
        return f"={part['on_time']}/({part['on_time']}+{part['late']}+{part['open_overdue']})"
    if name in ("returns", "extensions"):
        column = r["L" if name == "returns" else "M"]
        return f"=SUMIFS({column},{where[0]},{where[1]})" if where else f"=SUM({column})"
    if name == "contacts":
        return f"=AVERAGEIFS({r['O']},{where[0]},{where[1]})" if where else f"=AVERAGE({r['O']})"
    if name == "reopened":
        return f'=COUNTIFS({r["N"]},">0",{r["I"]},"<>"{only})/COUNTIFS({r["I"]},"<>"{only})'
    if name == "questions":
        return f'=COUNTIFS({r["K"]},"=question"{only})/{every}'
    if name in ("first_answer", "first_answer_p90", "handling", "handling_p90"):
        until, share = r["I" if name.startswith("first") else "J"], "0.9" if name.endswith("p90") else "0.5"
        mine = f"({where[0]}={_plain(where[1])})*" if where else ""
        came = r["B"]
        return f'=PERCENTILE(IF({mine}({until}<>"")*({until}>={came}),({until}-{came})*24),{share})'
    return ""


def _plain(criterion: str) -> str:
    """A COUNTIFS criterion as a text to compare with."""
    text = '"' + criterion.removeprefix('"=')
    for mark in "~*?":
        text = text.replace(f"~{mark}", mark)
    return text


def write(sheet: Any, row: int, m: Material, r: Ranges, looks: Mapping[str, Any]) -> None:
    """Every measure that the text names, whole and by its groups, then their definitions."""
    measures = named.measures(m.body)
    whole = [name for name in measures if m.figures.get("measured", {}).get(name, {}).get("")]
    if whole:
        row = _head(sheet, row, _("Measures"), _("Measure"), looks)
        for name in whole:
            _line(sheet, row, _(MEASURES[name].title), name, None, m.figures["measured"][name][""][0], r, looks)
            row += 1
        row += 1
    for name, groups in measures.items():
        for by in filter(None, groups):
            if lines := m.figures.get("measured", {}).get(name, {}).get(by, []):
                row = _head(sheet, row, _(MEASURES[name].title), group_heads()[by][0], looks)
                for line in lines:
                    words, where = group_label(by, line, m.names), _where(m, by, line, r)
                    _line(sheet, row, words, name, where, line, r, looks, grouped=True)
                    row += 1
                row += 1
    if measures:
        sheet.write_string(row, 0, _("What the measures mean"), looks["bold"])
    for name in measures:
        row += 1
        one = MEASURES[name]
        sheet.write_string(row, 0, f"{_(one.title)}: {_(one.definition)} {_(one.formula)}", looks["text"])


def _where(m: Material, by: str, line: Mapping[str, Any], r: Ranges) -> tuple[str, str] | None:
    """Which cases belong to a group: the range of its column, and its criterion."""
    if by not in NARROW:
        return None
    none = next(none for block, (_title, _first, none) in titles().items() if BY[block] == by)
    return r[COLUMNS[by]], quoted(label(m, by, line["key"], none, line["name"]))


def _head(sheet: Any, row: int, title: str, first: str, looks: Mapping[str, Any]) -> int:
    sheet.write_string(row, 0, title, looks["bold"])
    words = (first, _("This period"), _("Of how many"), _("Period before"), _("A year ago"), _("Unit"))
    for column, head in enumerate(words):
        sheet.write_string(row + 1, column, head, looks["head"])
    return row + 2


def _line(
    sheet: Any,
    row: int,
    words: str,
    name: str,
    where: tuple[str, str] | None,
    line: Mapping[str, Any],
    r: Ranges,
    looks: Mapping[str, Any],
    *,
    grouped: bool = False,
) -> None:
    """One row: a live formula where the cases have the data, else the value that was counted."""
    unit = MEASURES[name].unit
    look = looks["share" if unit == SHARE else "number" if name in TALLIED else "decimal"]
    sheet.write_string(row, 0, words, looks["cell"])
    now = line["now"]
    live = formula(name, where, r) if name in BASE and (where or not grouped) and now["of"] else ""
    if live and "PERCENTILE" in live:
        sheet.write_array_formula(row, 1, row, 1, f"{{{live}}}", look, now["value"])
    elif live:
        sheet.write_formula(row, 1, live, look, now["value"])
    else:
        _plainly(sheet, row, 1, now["value"], look)
    _plainly(sheet, row, 2, now["of"], looks["number"])
    for column, when in enumerate(("before", "year_before"), 3):
        _plainly(sheet, row, column, line[when]["value"], look)
    sheet.write_string(row, 5, {SHARE: "%", HOURS: _("hours"), SECONDS: _("seconds")}.get(unit, ""), looks["cell"])


def _plainly(sheet: Any, row: int, column: int, value: float | None, look: Any) -> None:
    if value is None:
        sheet.write_string(row, column, "–", look)
    else:
        sheet.write_number(row, column, value, look)

"""A report as XLSX: its tables count the cases of the second sheet by live formulas, so that anybody can check them,
and each case leads to its page. Rows go straight to disk: a hundred thousand of them need no memory."""

import io
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _
from xlsxwriter.worksheet import Worksheet

from caunoi.reports import sheet_measures
from caunoi.reports.cases import Case
from caunoi.reports.compose import BY, Material, four, group_label, grouped, parts, titles
from caunoi.reports.paper import PaperLayout
from caunoi.reports.sheet_words import label, local, quoted
from caunoi.statistics.periods import VIETNAM
from caunoi.statistics.scope import FOUR

TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WIDTH = {"A": 14, "B": 17, "C": 36, "D": 30, "E": 26, "F": 14, "G": 20, "H": 17, "I": 17, "J": 17}


class Plain(Worksheet):  # type: ignore[misc]  # the package has no types
    """A sheet whose formulas use no function newer than Excel 2010, so that none needs a prefix: looking for them takes
    a quarter of the time of a hundred thousand links."""

    def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:
        return formula.removeprefix("=")


def render(
    paper: PaperLayout, m: Material, cases: Iterable[Case], count: int, names: Mapping[str, Mapping[str, str]]
) -> bytes:
    """The file; `count` is how many cases there are."""
    out = io.BytesIO()
    made = datetime.fromisoformat(m.figures["at"]).astimezone(VIETNAM).replace(tzinfo=None)
    with xlsxwriter.Workbook(out, {"constant_memory": True, "default_date_format": "dd/mm/yyyy hh:mm"}) as book:
        book.set_properties({"title": f"{paper.name} {paper.about}"[:255], "created": made})
        looks = _looks(book)
        overview, list_ = book.add_worksheet(_("Figures")), book.add_worksheet(_("Cases"), Plain)
        _overview(overview, paper, m, count, looks, list_.get_name())
        _cases(list_, m, cases, names, looks)
        overview.activate()
    return out.getvalue()


def _looks(book: Any) -> dict[str, Any]:
    base = {"font_name": "Times New Roman", "font_size": 12}
    return {
        "text": book.add_format(base | {"text_wrap": True, "valign": "top"}),
        "bold": book.add_format(base | {"bold": True}),
        "title": book.add_format(base | {"bold": True, "font_size": 14}),
        "head": book.add_format(
            base | {"bold": True, "border": 1, "text_wrap": True, "align": "center", "valign": "vcenter"}
        ),
        "cell": book.add_format(base | {"border": 1}),
        "number": book.add_format(base | {"border": 1, "num_format": "#,##0"}),
        "sum": book.add_format(base | {"border": 1, "bold": True, "num_format": "#,##0"}),
        "decimal": book.add_format(base | {"border": 1, "num_format": "#,##0.00"}),
        "share": book.add_format(base | {"border": 1, "num_format": "0.0%"}),
        "link": book.add_format({"font_color": "#0b4f9e", "underline": 1}),
    }


def _overview(sheet: Any, paper: PaperLayout, m: Material, count: int, looks: dict[str, Any], list_: str) -> None:
    sheet.set_column("A:A", 46)
    sheet.set_column("B:G", 15)
    row = 0
    for text, look in (
        *((text, "text") for text in paper.superior),
        *((text, "bold") for text in paper.issuer),
        (paper.number, "text"),
        (paper.dated, "text"),
        (f"{paper.name} {paper.about}", "title"),
        *(((paper.notice, "bold"),) if paper.notice else ()),
    ):
        sheet.write_string(row, 0, text, looks[look])
        row += 1
    row += 1
    ranges = sheet_measures.Ranges(list_, count)
    row = _four(sheet, row, m, ranges["G"], looks) + 1
    for block, by in BY.items():
        row = _table(sheet, row, m, block, ranges[sheet_measures.COLUMNS[by]], ranges["G"], looks) + 1
    sheet_measures.write(sheet, row, m, ranges, looks)


def _four(sheet: Any, row: int, m: Material, part: str, looks: dict[str, Any]) -> int:
    block = four(m)
    sheet.write_string(row, 0, block.text, looks["bold"])
    for column, (words, _share, _side) in enumerate(block.columns):
        sheet.write_string(row + 1, column, words, looks["head"])
    whole, first = m.figures["whole"], row + 2
    last = first + len(FOUR)
    for at, (name, text) in enumerate(parts().items(), first):
        sheet.write_string(at, 0, text, looks["cell"])
        sheet.write_formula(at, 1, f"=COUNTIFS({part},{quoted(text)})", looks["number"], whole[name])
        value = whole[name] / whole["total"] if whole["total"] else ""
        sheet.write_formula(at, 2, f'=IF(B{last + 1}=0,"",B{at + 1}/B{last + 1})', looks["share"], value)
    sheet.write_string(last, 0, _("Total"), looks["sum"])
    sheet.write_formula(last, 1, f"=SUM(B{first + 1}:B{last})", looks["sum"], whole["total"])
    sheet.write_string(last, 2, "", looks["cell"])
    return last + 1


def _table(sheet: Any, row: int, m: Material, block: str, where: str, part: str, looks: dict[str, Any]) -> int:
    """One breakdown with all its groups; each figure counts the cases again."""
    title, _first, none = titles()[block]
    by, rows = BY[block], m.figures["groups"][BY[block]]
    if not rows:
        return row
    sheet.write_string(row, 0, title, looks["bold"])
    for column, (head, _share, _side) in enumerate(grouped(m, block).columns):
        sheet.write_string(row + 1, column, head, looks["head"])
    words = parts()
    at = row + 2
    for at, group in enumerate(rows, row + 2):
        sheet.write_string(at, 0, group_label(m, by, group, none), looks["cell"])
        for column, name in enumerate(FOUR, 1):
            group_name = quoted(label(m, by, group["code"], none, group["name"]))
            formula = f"=COUNTIFS({where},{group_name},{part},{quoted(words[name])})"
            sheet.write_formula(at, column, formula, looks["number"], group[name])
        line = at + 1
        sheet.write_formula(at, 5, f"=SUM(B{line}:E{line})", looks["sum"], group["total"])
        due = group["on_time"] + group["late"] + group["open_overdue"]
        value = group["on_time"] / due if due else ""
        sheet.write_formula(
            at, 6, f'=IF(B{line}+C{line}+E{line}=0,"",B{line}/(B{line}+C{line}+E{line}))', looks["share"], value
        )
    last = at + 1
    sheet.write_string(last, 0, _("Total"), looks["sum"])
    for column, name in enumerate((*FOUR, "total"), 1):
        letter = "ABCDEFG"[column]
        total = sum(group[name] for group in rows)
        sheet.write_formula(last, column, f"=SUM({letter}{row + 3}:{letter}{last})", looks["sum"], total)
    sheet.write_string(last, 6, "", looks["cell"])
    return last + 1


def _cases(
    sheet: Any, m: Material, cases: Iterable[Case], names: Mapping[str, Mapping[str, str]], looks: dict[str, Any]
) -> None:
    for column, width in WIDTH.items():
        sheet.set_column(f"{column}:{column}", width)
    heads: tuple[str, ...] = (
        _("Ticket"),
        _("Received on"),
        _("Agency"),
        _("Category"),
        _("Commune"),
        _("Channel"),
        _("Result"),
        _("Due"),
        _("Answered on"),
    )
    for at, head in enumerate(heads):
        sheet.write_string(0, at, head, looks["head"])
    sheet.freeze_panes(1, 1)
    words, base = parts(), m.way.partition("/board/")[0]
    nones = {BY[block]: none for block, (_title, _first, none) in titles().items()}
    labels: dict[tuple[str, str], str] = {}
    restricted = _("restricted")

    def name_of(by: str, code: str) -> str:
        if (by, code) not in labels:
            labels[by, code] = label(m, by, code, nones[by], names.get(by, {}).get(code, ""))
        return labels[by, code]

    more = sheet_measures.needs_more(m)
    if more:
        for at, head in enumerate(sheet_measures.heads(), len(heads)):
            sheet.write_string(0, at, head, looks["head"])
        heads = (*heads, *sheet_measures.heads())
    last = 0
    for last, case in enumerate(cases, 1):
        if case.code:
            link = f'=HYPERLINK("{base}/board/tickets/{case.code}","{case.code}")'
            sheet.write_formula(last, 0, link, looks["link"], case.code)
        else:
            sheet.write_string(last, 0, restricted)
        sheet.write_datetime(last, 1, local(case.received))
        for at, by in enumerate(sheet_measures.COLUMNS, 2):
            sheet.write_string(last, at, name_of(by, getattr(case, by)))
        sheet.write_string(last, 6, words[case.part])
        if case.due:
            sheet.write_datetime(last, 7, local(case.due))
        if case.answered:
            sheet.write_datetime(last, 8, local(case.answered))
        if more:
            _more(sheet, last, case)
    sheet.autofilter(0, 0, max(last, 1), len(heads) - 1)


def _more(sheet: Any, row: int, case: Case) -> None:
    """The columns that only measures count: written where the text names one that does."""
    if case.handled:
        sheet.write_datetime(row, 9, local(case.handled))
    sheet.write_string(row, 10, case.kind)
    for column, n in enumerate((case.returns, case.extensions, case.reopened, case.contacts), 11):
        sheet.write_number(row, column, n)

"""Agencies and people as files that can be imported again and change nothing; empty templates to begin with."""

import csv
import io
from collections.abc import Iterable, Sequence

import xlsxwriter

from caunoi.directory import queries as directory
from caunoi.imports import queries
from caunoi.imports.report import harmless
from caunoi.imports.vocabulary import KINDS, first_word, headings
from caunoi.lib.numbers import phone

LISTS = ("agencies", "people")
EXAMPLES: dict[str, Sequence[str]] = {
    "agencies": (
        "dien-luc-demo",
        "Công ty Điện lực (ví dụ)",
        "Demo Power",
        "Điện lực",
        "Doanh nghiệp",
        "",
        "0251 3000 999",
        "dienluc@demo.example",
        "",
        "24/7",
    ),
    "people": (
        "",
        "Nguyễn Văn Ví Dụ",
        "Chuyên viên",
        "Công ty Điện lực (ví dụ)",
        "0900 000 000",
        "vidu@demo.example",
        "",
    ),
    "tickets": (
        "PA-0001",
        "02/03/2026 08:15",
        "",
        "Đèn đường trước cổng chợ không sáng.",
        "",
        "Nguyễn Văn Ví Dụ",
        "0900 000 000",
    ),
}


def head(what: str) -> list[str]:
    """Our own headings of a kind of file. KeyError for an unknown one."""
    return [words[0] for words in headings(what).values()]


def rows(what: str) -> list[list[str]]:
    """All agencies in force, or all people whose account is open, as cells. KeyError for another kind."""
    return {"agencies": _agencies, "people": _people}[what]()


def _agencies() -> list[list[str]]:
    calendars = {row.code: row.name for row in directory.calendars()}
    result = []
    for agency in queries.known_agencies():
        if agency.retired:
            continue
        v = dict(agency.values)
        area = directory.area(v["area"]) if v["area"] else None
        v["area"] = area.name if area and queries.area_of(area.name) == area.code else v["area"]
        v |= {
            "code": agency.code,
            "kind": first_word("agencies", "kind", v["kind"]),
            "phone": phone.display(v["phone"]),
            "calendar": calendars.get(v["calendar"], ""),
        }
        result.append([v[name] for name in headings("agencies")])
    return result


def _people() -> list[list[str]]:
    names, by_code = queries.agency_names(), {a.code: a.values["name"] for a in queries.known_agencies()}
    result = []
    for person in queries.known_people():
        if not person.active:
            continue
        v = dict(person.values)
        called = by_code.get(v["agency"], "")
        v |= {
            "username": person.username,
            "role": first_word("people", "role", v["role"]),
            "phone": phone.display(v["phone"]),
            "agency": called if names.same(called) == v["agency"] else v["agency"],
        }
        result.append([v[name] for name in headings("people")])
    return result


def as_csv(table: Iterable[Sequence[str]]) -> bytes:
    """For Excel: with a byte-order mark, and no cell that it takes for a formula."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows([harmless(cell) for cell in row] for row in table)
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(table: Iterable[Sequence[str]]) -> bytes:
    """A workbook with its heading fixed; every cell is text, so that no phone number loses its 0."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(table):
            style = book.add_format({"bold": not number, "valign": "top", "text_wrap": True, "num_format": "@"})
            for at, value in enumerate(row):
                sheet.write_string(number, at, value, style)
                if not number:
                    sheet.set_column(at, at, max(16, min(40, len(value) + 6)))
        sheet.freeze_panes(1, 0)
    return out.getvalue()


def template(what: str) -> bytes:
    """An empty file of a kind, with one plainly invented row to show how. KeyError for an unknown kind."""
    if what not in KINDS:
        raise KeyError(what)
    return as_xlsx([head(what), EXAMPLES[what]])

"""Tables as offices keep them, CSV or XLSX, row by row. Pure.

A file is never believed: what it is called says nothing, its size once unpacked is looked at first, formulas count by the
value they were saved with. Only as much of it is in memory as XLSX needs for its shared words.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import openpyxl

from caunoi.lib.merged import Merged, scan
from caunoi.lib.vietnamese import nfc

type Cell = str | int | float | bool | datetime | date | time | None

MOST_COLUMNS = 200
LARGEST = 1_500_000_000
"""Bytes of a workbook once unpacked; a hundred thousand rows of forty columns have about a fifth of it."""
LARGEST_WORDS = 150_000_000
"""Bytes of a workbook's shared words, which are read whole."""
MOST_PARTS = 5_000
BLANK_RUN = 1_000
"""Empty rows after which a sheet is over, whatever its formatting says."""
SEPARATORS = ",;\t|"
LONGEST_CELL = 1_000_000
_AS_TEXT = re.compile(r'="(.*)"', re.DOTALL)
_GUARDED = re.compile(r"'[=+\-@]")


class BadSheet(ValueError):
    """A file that is no table we can read; `problem` is one word, `text` what was seen."""

    def __init__(self, problem: str, text: str = "") -> None:
        super().__init__(f"{problem} {text}".strip())
        self.problem, self.text = problem, text


@dataclass(frozen=True, slots=True)
class Line:
    """One row: its number as a spreadsheet counts, its cells in NFC without blanks around them, and whether its only
    words stand in one cell that is drawn over several columns: a title, or what the rows below belong to."""

    number: int
    cells: tuple[Cell, ...]
    banner: bool = False

    def __bool__(self) -> bool:
        return any(cell is not None for cell in self.cells)


def lines(path: Path, sheet: str = "") -> Iterator[Line]:
    """The rows of a file that hold something; of a workbook those of the sheet of that name, else of the first that has
    any. BadSheet where it cannot be read, which may be found out only on the way."""
    with path.open("rb") as file:
        start = file.read(4096)
    if not start.strip(b"\x00\xff\xfe\xef\xbb\xbf \r\n\t"):
        raise BadSheet("file_empty")
    if start[:4] == b"PK\x03\x04":
        return _workbook(path, sheet)
    if start[:8] == bytes.fromhex("D0CF11E0A1B11AE1"):
        raise BadSheet("old_excel")
    if re.match(rb"\s*(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|table|\?xml)", start, re.IGNORECASE):
        raise BadSheet("web_page")
    if (start[:2] not in (b"\xff\xfe", b"\xfe\xff") and b"\x00" in start) or start[:5] == b"%PDF-":
        raise BadSheet("no_table")
    return _text(path)


def sheets(path: Path) -> list[str]:
    """The names of a workbook's sheets; none for CSV. BadSheet like `lines`."""
    with path.open("rb") as file:
        if file.read(4) != b"PK\x03\x04":
            return []
    with _opened(path) as book:
        return [one.title for one in book.worksheets]


def tidy(value: object) -> Cell:
    """A cell as we use it: words in NFC, nothing for blanks, the value of ="…", what Excel guards with ' without it."""
    if isinstance(value, str):
        text = nfc(value).replace("\u00a0", " ").strip()
        if hidden := _AS_TEXT.fullmatch(text):
            text = hidden.group(1).replace('""', '"').strip()
        if _GUARDED.match(text):
            text = text[1:]
        return text or None
    if isinstance(value, bool | int | float | datetime | date | time):
        return value
    return None if value is None else str(value)


@contextmanager
def _opened(path: Path, *, values: bool = True) -> Iterator[Any]:
    """A workbook whose size was looked at; by its content, whatever it is called."""
    with path.open("rb") as file:
        try:
            with zipfile.ZipFile(file) as packed:
                parts = packed.infolist()
            shared = sum(p.file_size for p in parts if p.filename.lower().endswith("sharedstrings.xml"))
            if sum(p.file_size for p in parts) > LARGEST or shared > LARGEST_WORDS or len(parts) > MOST_PARTS:
                raise BadSheet("file_too_large")
            book = openpyxl.load_workbook(file, read_only=True, data_only=values)
        except BadSheet:
            raise
        except Exception as error:  # openpyxl raises whatever the zip or the XML made it stumble over
            raise BadSheet("no_workbook", type(error).__name__) from error
        try:
            yield book
        finally:
            book.close()


def _workbook(path: Path, name: str) -> Iterator[Line]:
    with _opened(path) as book:
        pages = [one for one in book.worksheets if not name or one.title == name]
        if not pages:
            raise BadSheet("no_such_sheet", name)
        for page in pages:
            found = False
            for line in _page(path, page):
                found = True
                yield line
            if found:
                return


def _page(path: Path, page: Any) -> Iterator[Line]:
    try:
        with zipfile.ZipFile(path) as packed, packed.open(page._worksheet_path) as raw:
            merged, formulas = scan(raw)
        page.reset_dimensions()
        rows: Iterator[tuple[object, ...]] = page.iter_rows(values_only=True)
        if formulas:
            with _opened(path, values=False) as written:
                sheet = written[page.title]
                sheet.reset_dimensions()
                yield from _drawn(_valued(rows, sheet.iter_rows(values_only=True)), merged)
        else:
            yield from _drawn(rows, merged)
    except BadSheet:
        raise
    except Exception as error:
        raise BadSheet("no_workbook", type(error).__name__) from error


def _valued(rows: Iterator[tuple[object, ...]], written: Iterator[tuple[object, ...]]) -> Iterator[tuple[object, ...]]:
    """Values, and where a formula was never worked out, the formula itself, so that it is seen to lack one."""
    for values, texts in zip(rows, written, strict=False):
        yield tuple(t if v is None and isinstance(t, str) else v for v, t in zip(values, texts, strict=False))


def _drawn(rows: Iterator[tuple[object, ...]], merged: Merged) -> Iterator[Line]:
    blank = 0
    for number, row in enumerate(rows, 1):
        cells = [tidy(value) for value in row[:MOST_COLUMNS]]
        while cells and cells[-1] is None:
            cells.pop()
        cells = merged.filled(number, cells)
        line = Line(number, tuple(cells), banner=merged.banner(number, cells))
        if line:
            blank = 0
            yield line
        elif (blank := blank + 1) > BLANK_RUN:
            return


def _text(path: Path) -> Iterator[Line]:
    coding = _coding(path)
    csv.field_size_limit(LONGEST_CELL)
    with path.open(encoding=coding, newline="") as file:
        head = file.read(20_000)
        separator, told = _separator(head)
        file.seek(0)
        reader = csv.reader(file, delimiter=separator)
        try:
            for number, row in enumerate(reader, 1):
                if told and number == 1:
                    continue
                line = Line(number, tuple(tidy(value.lstrip("\ufeff")) for value in row[:MOST_COLUMNS]))
                if line:
                    yield line
        except csv.Error as error:
            raise BadSheet("no_table", str(error)) from error


def _coding(path: Path) -> str:
    """UTF-8 or UTF-16 where it is that; else Windows-1258, as old Vietnamese programs write."""
    with path.open("rb") as file:
        start = file.read(2)
    if start in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    for coding in ("utf-8-sig", "cp1258"):
        try:
            with path.open(encoding=coding, newline="") as file:
                while file.read(1_000_000):
                    pass
            return coding
        except UnicodeDecodeError:
            continue
    raise BadSheet("unknown_letters")


def _separator(head: str) -> tuple[str, bool]:
    """What stands between cells, and whether the first line only says so (Excel's `sep=;`)."""
    if said := re.match("sep=(.)\r?\n", head.lstrip("\ufeff")):
        return said.group(1), True
    whole = head.rpartition("\n")[0] or head

    def columns(separator: str) -> int:
        widths = [len(row) for row in csv.reader(io.StringIO(whole, newline=""), delimiter=separator)][:30]
        return max((width * widths.count(width) for width in set(widths) if width > 1), default=0)

    return max(SEPARATORS, key=columns), False

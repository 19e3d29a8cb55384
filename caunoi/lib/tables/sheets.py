"""Tables as offices keep them, CSV or XLSX, row by row. Pure.

A file is never believed: what it is called says nothing, a workbook is read by a process that may fail
(`lib/tables/workbook.py`), formulas count by the value they were saved with. Only a row of it is in our own memory."""

import csv
import io
import pickle
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import islice
from pathlib import Path
from typing import Any

from caunoi.lib.vietnamese.writing import nfc

type Cell = str | int | float | bool | datetime | date | time | None

MOST_COLUMNS = 200
SEPARATORS = ",;\t|"
LONGEST_CELL = 1_000_000
_AS_TEXT = re.compile(r'="(.*)"', re.DOTALL)
_GUARDED = re.compile(r"'[=+\-@]")


class BadSheetError(ValueError):
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
    any. BadSheetError where it cannot be read, which may only turn out on the way."""
    with path.open("rb") as file:
        start = file.read(4096)
    if not start.strip(b"\x00\xff\xfe\xef\xbb\xbf \r\n\t"):
        raise BadSheetError("file_empty")
    if start[:4] == b"PK\x03\x04":
        return islice(_workbook(path, sheet), 1, None)
    if start[:8] == bytes.fromhex("D0CF11E0A1B11AE1"):
        raise BadSheetError("old_excel")
    if re.match(rb"\s*(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|table|\?xml)", start, re.IGNORECASE):
        raise BadSheetError("web_page")
    if (start[:2] not in (b"\xff\xfe", b"\xfe\xff") and b"\x00" in start) or start[:5] == b"%PDF-":
        raise BadSheetError("no_table")
    return _text(path)


def sheets(path: Path) -> list[str]:
    """The names of a workbook's sheets; none for CSV. BadSheetError like `lines`."""
    with path.open("rb") as file:
        if file.read(4) != b"PK\x03\x04":
            return []
    names: list[str] = next(_workbook(path))
    return names


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


def _workbook(path: Path, sheet: str = "") -> Iterator[Any]:
    """What the `workbook` program prints about a file, line by line."""
    with subprocess.Popen(
        [sys.executable, "-m", "caunoi.lib.tables.workbook", str(path), sheet],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"PYTHONPATH": str(Path(__file__).parents[3]), "PYTHONSAFEPATH": "1"},
    ) as process:
        assert process.stdout
        try:
            while not isinstance(one := pickle.load(process.stdout), tuple | None):  # noqa: S301  from ourselves
                yield one
        except (EOFError, pickle.UnpicklingError):  # it had no room or no time for it
            raise BadSheetError("file_too_large") from None
        finally:
            process.kill()
        if one:
            raise BadSheetError(*one)


def _text(path: Path) -> Iterator[Line]:
    coding = _coding(path)
    csv.field_size_limit(LONGEST_CELL)
    try:
        with path.open(encoding=coding, newline="") as file:
            separator, is_announced = _separator(file.read(20_000))
            file.seek(0)
            for number, row in enumerate(csv.reader(file, delimiter=separator), 1):
                if is_announced and number == 1:
                    continue
                line = Line(number, tuple(tidy(value.lstrip("\ufeff")) for value in row[:MOST_COLUMNS]))
                if line:
                    yield line
    except (csv.Error, UnicodeDecodeError) as error:
        raise BadSheetError("no_table", str(error)) from error


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
    raise BadSheetError("unknown_letters")


def _separator(head: str) -> tuple[str, bool]:
    """What stands between cells, and whether the first line only says so (Excel's `sep=;`)."""
    if match := re.match("sep=(.)\r?\n", head.lstrip("\ufeff")):
        return match.group(1), True
    whole = head.rpartition("\n")[0] or head

    def columns(separator: str) -> int:
        widths = [len(row) for row in csv.reader(io.StringIO(whole, newline=""), delimiter=separator)][:30]
        return max((width * widths.count(width) for width in set(widths) if width > 1), default=0)

    return max(SEPARATORS, key=columns), False

"""An XLSX workbook, read by calamine in a process of its own: `python -m caunoi.lib.tables.workbook FILE [SHEET]`.
Pure.

calamine takes a sheet as a whole, the empty cells between two far ones included, and ends the process that has no room
for it: a file of five kilobytes can ask for 550 GB. So it is given MEMORY, and `sheets` reads from its other end:
pickles of the names of all sheets, then of each Line, then of None, or of the text of a BadSheetError.

Errors and formulas that were never calculated are empty cells to calamine: they would be lost without a word, so they
are looked for separately."""

import io
import pickle
import posixpath
import resource
import sys
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import chain, repeat
from typing import Any

from defusedxml import ElementTree
from python_calamine import CalamineSheet, CalamineWorkbook, SheetTypeEnum

from caunoi.lib.tables.sheets import MOST_COLUMNS, BadSheetError, Cell, Line, tidy

MEMORY = 3 << 30
SECONDS = 900
"""Of the processor; a hundred thousand rows of twenty columns take ten."""

type Missing = dict[int, dict[int, str]]
"""Words by row and column, both from 0."""


def left_out(raw: bytes) -> Missing:
    """Errors ("#REF!") and formulas without a saved value ("=A1+1") of a worksheet's XML."""
    result: Missing = defaultdict(dict)
    if not any(sign in raw for sign in (b"<f", b":f", b'"e"', b"'e'")):
        return result  # most lists: spares half of the time
    number = 0
    for _, row in ElementTree.iterparse(io.BytesIO(raw)):
        if not row.tag.endswith("}row"):
            continue
        number, column = int(row.get("r", number + 1)), -1
        for cell in row:
            place = cell.get("r")
            column = _column(place) if place else column + 1
            parts = {part.tag.rpartition("}")[2]: part.text for part in cell}
            if cell.get("t") == "e" and parts.get("v"):
                result[number - 1][column] = parts["v"]
            elif "f" in parts and not parts.get("v") and cell.get("t") != "str":  # a text may be empty
                result[number - 1][column] = "=" + (parts["f"] or "?")
        row.clear()
    return result


def _column(place: str) -> int:
    """The number from 0 of a cell's column: 0 for A7, 27 for AB7."""
    column = 0
    for letter in place.rstrip("0123456789"):
        column = column * 26 + ord(letter) - 64
    return column - 1


def _parts(packed: zipfile.ZipFile) -> dict[str, str]:
    """The file of each sheet in the zip."""
    links = ElementTree.fromstring(packed.read("xl/_rels/workbook.xml.rels"))
    files = {link.get("Id"): posixpath.join("/xl", link.get("Target", "")).lstrip("/") for link in links}
    sheets = ElementTree.fromstring(packed.read("xl/workbook.xml")).iterfind("{*}sheets/{*}sheet")
    return {one.get("name"): files[next(v for k, v in one.items() if k.endswith("}id"))] for one in sheets}


def _lines(page: CalamineSheet, missing: Missing) -> Iterator[Line]:
    """The rows of a sheet that hold something; a cell drawn over several rows counts for each of them."""
    wide, reached = set(), defaultdict(list)
    for (top, left), (bottom, right) in page.merged_cell_ranges or ():
        if right > left:
            wide.add((top, left))
        for row in range(top + 1, bottom + 1):
            reached[row].append(left)
    margin = page.start[1] if page.start else 0
    height = max([page.end[0] if page.end else -1, *missing, *reached]) + 1
    rows: Iterable[list[Any]] = chain(page.iter_rows() if page.end else (), repeat([]))
    above: list[Cell] = []
    for number, values in zip(range(height), rows, strict=False):
        cells = dict(enumerate(map(_typed, values), margin)) | missing.get(number, {})
        for left in reached.get(number, ()):
            if cells.get(left) is None and left < len(above):
                cells[left] = above[left]
        above = [cells.get(at) for at in range(min(max(cells, default=-1) + 1, MOST_COLUMNS))]
        filled = [at for at, cell in enumerate(above) if cell is not None]
        del above[filled[-1] + 1 if filled else 0 :]
        if line := Line(number + 1, tuple(above), banner=len(filled) == 1 and (number, filled[0]) in wide):
            yield line


def _typed(value: object) -> Cell:
    """A cell as it was typed: calamine's numbers are all floats."""
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 1e15 else tidy(value)


def read(path: str, sheet: str = "") -> Iterator[list[str] | Line]:
    """The names of the sheets, then the rows of the one that is named, else of the first that has any.
    BadSheetError."""
    with open(path, "rb") as file, CalamineWorkbook.from_filelike(file) as book, zipfile.ZipFile(file) as packed:
        names = [one.name for one in book.sheets_metadata if one.typ == SheetTypeEnum.WorkSheet]
        yield names
        selected = [name for name in names if not sheet or name == sheet]
        if not selected:
            raise BadSheetError("no_such_sheet", sheet)
        parts = _parts(packed)
        for name in selected:
            missing = left_out(packed.read(parts[name]))
            some = None
            for some in _lines(book.get_sheet_by_name(name), missing):
                yield some
            if some:
                return


def main(path: str, sheet: str = "") -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    last: tuple[str, str] | None = None
    try:
        for one in read(path, sheet):
            pickle.dump(one, sys.stdout.buffer)
    except BadSheetError as error:
        last = error.problem, error.text
    except MemoryError:
        last = "file_too_large", ""
    except BaseException as error:  # calamine, the zip and the XML raise whatever they stumble over, panics of Rust too
        last = "no_workbook", type(error).__name__
    pickle.dump(last, sys.stdout.buffer)


if __name__ == "__main__":
    main(*sys.argv[1:])

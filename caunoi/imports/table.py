"""A file's rows by our fields, its heading found or configured. Pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from caunoi.imports.mapping import ColumnMapping
from caunoi.imports.vocabulary import REQUIRED, headings
from caunoi.lib.tables.headings import ROWS_BEFORE, find
from caunoi.lib.tables.sheets import BadSheetError, Cell, lines

_NUMBERED = re.compile(r"^\s*(?:[IVXLC]+|[A-Z]|\d+(?:\.\d+)*)\s*[.)/\-:]\s*", re.IGNORECASE)
_COUNT = re.compile(r"(?:tổng|cộng|tổng cộng|tổng số)\b", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One row: its number in the sheet, its cells by field (of several columns the filled ones joined), the banner it
    stands under, and all its cells as they were."""

    line: int
    cells: Mapping[str, Cell]
    section: str
    row: tuple[Cell, ...]


@dataclass(frozen=True, kw_only=True)
class Table:
    """What a file's heading says: `columns` gives the headings of each field, `places` where they stand."""

    path: Path
    sheet: str
    header: int
    names: tuple[str, ...]
    columns: Mapping[str, tuple[str, ...]]
    places: Mapping[str, tuple[int, ...]]

    def entries(self) -> Iterator[Entry]:
        """The rows below the heading; repeated headings and lines of sums are passed over."""
        section = ""
        for line in lines(self.path, self.sheet):
            if line.number <= self.header:
                continue
            if line.banner:
                banner = next(str(cell) for cell in line.cells if cell is not None)
                section = _NUMBERED.sub("", banner).strip()
                continue
            cells = {name: _joined(line.cells, places) for name, places in self.places.items()}
            filled = {name: cell for name, cell in cells.items() if cell is not None}
            if not filled or self._repeats(cells) or self._counts(line.cells, filled):
                continue
            yield Entry(line=line.number, cells=filled, section=section, row=line.cells)

    def _repeats(self, cells: Mapping[str, Cell]) -> bool:
        """Whether the row is the heading once more, as on every printed page."""
        filled = [(self.columns[name][0], cell) for name, cell in cells.items() if cell is not None]
        return len(filled) > 1 and all(" ".join(str(cell).split()) == name for name, cell in filled)

    def _counts(self, row: tuple[Cell, ...], filled: Mapping[str, Cell]) -> bool:
        first = next((cell for cell in row if isinstance(cell, str)), "")
        return len(filled) < 3 and _COUNT.match(first) is not None


def open_table(path: Path, kind: str, mapping: ColumnMapping) -> Table:
    """The table of a file, its columns as the mapping says, the others guessed only where it says none. BadSheetError
    where it cannot be read, has no heading, or lacks a column that must be there."""
    vocabulary = dict(headings(kind))
    for name, called in mapping.columns.items():
        vocabulary[name] = called
    first = list(islice(lines(path, mapping.sheet), max(ROWS_BEFORE, mapping.header) + 1))
    header = find(first, vocabulary, mapping.header)
    if header is None:
        raise BadSheetError("no_heading")
    at = {name: number for number, name in enumerate(header.names)}
    if mapping.columns:
        lacking = [heading for called in mapping.columns.values() for heading in called if heading not in at]
        if lacking:
            raise BadSheetError("no_such_column", ", ".join(lacking[:5]))
        columns = {name: called for name, called in mapping.columns.items() if called}
    else:
        columns = {name: (header.names[place],) for name, place in header.columns.items()}
    return Table(
        path=path,
        sheet=mapping.sheet,
        header=header.row,
        names=header.names,
        columns=columns,
        places={name: tuple(at[heading] for heading in called) for name, called in columns.items()},
    )


def missing_columns(table: Table, kind: str, mapping: ColumnMapping) -> list[str]:
    """The fields that must have a column, or a default, and have none."""
    return [name for name in REQUIRED[kind] if name not in table.columns and name not in mapping.defaults]


def _joined(row: tuple[Cell, ...], places: tuple[int, ...]) -> Cell:
    values = [row[at] for at in places if at < len(row) and row[at] is not None]
    if len(values) < 2:
        return values[0] if values else None
    return "\n".join(str(cell) for cell in values)

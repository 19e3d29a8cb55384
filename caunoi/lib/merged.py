"""The cells of a worksheet that are drawn over several rows or columns: its rows are read one by one, and say nothing of
them before the end. Pure."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import IO, Any

from openpyxl.utils import range_boundaries

_RANGE = re.compile(rb'<(?:\w+:)?mergeCell [^>]*?ref="([A-Z]{1,3}[0-9]{1,7}:[A-Z]{1,3}[0-9]{1,7})"')
_FORMULA = re.compile(rb"<(?:\w+:)?f[ >/]")
PIECE = 1 << 20
LAP = 256
MOST = 200_000


@dataclass(frozen=True, slots=True)
class Range:
    """Columns from 0, rows from 1, both ends inclusive."""

    left: int
    top: int
    right: int
    bottom: int


@dataclass
class Merged:
    """All ranges of a sheet, by the row they begin in; rows are asked for in order."""

    starts: dict[int, list[Range]] = field(default_factory=dict)
    running: list[tuple[Range, Any]] = field(default_factory=list)

    def filled(self, row: int, cells: list[Any]) -> list[Any]:
        """A row with the words of the cell that reaches down into it from above."""
        self.running = [one for one in self.running if one[0].bottom >= row]
        for spread, value in self.running:
            cells += [None] * (spread.left + 1 - len(cells))
            if cells[spread.left] is None:
                cells[spread.left] = value
        for spread in self.starts.get(row, ()):
            if spread.bottom > row and spread.left < len(cells) and cells[spread.left] is not None:
                self.running.append((spread, cells[spread.left]))
        return cells

    def banner(self, row: int, cells: Iterable[Any]) -> bool:
        """Whether the row's only words stand in a cell that is drawn over several columns."""
        filled = [at for at, cell in enumerate(cells) if cell is not None]
        return len(filled) == 1 and any(s.left == filled[0] and s.right > s.left for s in self.starts.get(row, ()))


def scan(raw: IO[bytes]) -> tuple[Merged, bool]:
    """The merged ranges of a worksheet's XML, and whether it holds formulas; read in pieces."""
    starts: dict[int, list[Range]] = defaultdict(list)
    seen: set[bytes] = set()
    rest, formulas = b"", False
    while piece := raw.read(PIECE):
        piece = rest + piece
        formulas = formulas or _FORMULA.search(piece) is not None
        for found in _RANGE.finditer(piece):
            if (said := found.group(1)) not in seen and len(seen) < MOST:
                seen.add(said)
                left, top, right, bottom = range_boundaries(said.decode())
                starts[top].append(Range(left - 1, top, right - 1, bottom))
        rest = piece[-LAP:]
    return Merged(dict(starts)), formulas

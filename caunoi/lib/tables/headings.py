"""Which row of a table names its columns, and which column is what. Pure.

Offices write titles above, mottos, two-storey headings ("Điện thoại" over "Cơ quan" and "Di động"), and call one thing
by many names."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from caunoi.lib.tables.sheets import Cell, Line
from caunoi.lib.vietnamese.writing import fold

ROWS_BEFORE = 30
_NOISE = re.compile(r"\([^)]*\)|[^a-z0-9 ]+")

type Vocabulary = Mapping[str, Sequence[str]]
"""For each field the ways its column is called, the likeliest first; anything that folds the same fits."""


@dataclass(frozen=True, kw_only=True)
class Header:
    """The row (the last of two) that names the columns, the names, and which column each field is: indexes from 0."""

    row: int
    names: tuple[str, ...]
    columns: Mapping[str, int]


@lru_cache(20_000)
def plain(name: str) -> str:
    """A heading without marks, brackets and signs."""
    return " ".join(_NOISE.sub(" ", fold(name)).split())


def names(cells: Sequence[Cell]) -> tuple[str, ...]:
    """The headings of a row, each once: a second "Ghi chú" is "Ghi chú (2)", an empty one its number."""
    result: list[str] = []
    for number, cell in enumerate(cells, 1):
        name = " ".join(str(cell).split())[:120] if cell is not None else f"#{number}"
        copies = sum(other == name or other.startswith(f"{name} (") for other in result)
        result.append(f"{name} ({copies + 1})" if copies else name)
    while result and result[-1].startswith("#"):
        result.pop()
    return tuple(result)


def guess(headings: Sequence[str], vocabulary: Vocabulary) -> dict[str, int]:
    """Which column each field is: the surest pairs first, each column and each field once."""
    plain_words = {field: [plain(word) for word in words] for field, words in vocabulary.items()}
    pairs = [
        (score, -order, field, at)
        for at, heading in enumerate(headings)
        for order, (field, words) in enumerate(plain_words.items())
        if (score := _likeness(plain(heading), words))
    ]
    result: dict[str, int] = {}
    for _score, _order, field, at in sorted(pairs, reverse=True):
        if field not in result and at not in result.values():
            result[field] = at
    return result


def _likeness(heading: str, words: Sequence[str]) -> int:
    """0 for none; the same is surest, then a heading that begins or ends with the word, then one that holds it."""
    best = 0
    for order, word in enumerate(words):
        if heading == word:
            best = max(best, 3000 - order)
        elif len(word) > 3 and (heading.startswith(f"{word} ") or heading.endswith(f" {word}")):
            best = max(best, 2000 + 10 * len(word) - order)
        elif len(word) > 5 and f" {word} " in f" {heading} ":
            best = max(best, 1000 + 10 * len(word) - order)
    return best


def find(rows: Iterable[Line], vocabulary: Vocabulary, row: int = 0) -> Header | None:
    """The header among the first rows: the row where most fields find a column, or two rows together where that is more
    still. `row` where one is sure. None when no row names two of them, or one and nothing else stands there."""
    first: list[Line] = []
    for line in rows:
        if line.number > max(ROWS_BEFORE, row):
            break
        first.append(line)
    options = [(line.number, names(line.cells), 1) for line in first if not line.banner]
    options += [
        (low.number, names(_storeys(top.cells, low.cells)), 2)
        for top, low in pairwise(first)
        if low.number == top.number + 1 and not top.banner
    ]
    best: Header | None = None
    most = 0.0
    for number, headings, storeys in options:
        if row and number != row:
            continue
        columns = guess(headings, vocabulary)
        worth = len(columns) - 0.5 * (storeys - 1)
        sure = row or len(columns) > 1 or (len(columns) == 1 and len(headings) == 1)
        if sure and worth > most:
            best, most = Header(row=number, names=headings, columns=columns), worth
    if best is None and row:
        best = next((Header(row=n, names=h, columns={}) for n, h, _ in options if n == row), None)
    return best


def _storeys(top: Sequence[Cell], low: Sequence[Cell]) -> list[Cell]:
    """Two rows of headings as one: what stands above reaches right over empty cells that have something below."""
    joined: list[Cell] = []
    above: Cell = None
    for at in range(max(len(top), len(low))):
        upper = top[at] if at < len(top) else None
        lower = low[at] if at < len(low) else None
        above = upper if upper is not None else above if lower is not None else None
        parts = [str(part) for part in (above, lower) if part is not None]
        joined.append(" ".join(dict.fromkeys(parts)) or None)
    return joined

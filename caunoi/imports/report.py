"""The odd rows of a file as a table, for Excel."""

from collections.abc import Callable, Iterator

from caunoi.imports import queries
from caunoi.imports.models import Batch


def table(row: Batch, text_of: Callable[[str], str]) -> Iterator[list[str]]:
    """The odd rows as a table; the columns after "suggestion" are the file's own, so that it can be corrected and
    imported."""
    names = [str(name) for name in row.heading.get("names", [])]
    yield ["line", "left_out", "problem", "meaning", "field", "text", "suggestion", *names]
    for odd in queries.oddities(row):
        meaning = [
            str(odd.line),
            "x" if odd.out else "",
            odd.problem,
            text_of(odd.problem),
            odd.field,
            odd.text,
            odd.suggest,
        ]
        yield [harmless(cell) for cell in [*meaning, *(odd.cells or [])]]


def harmless(cell: str) -> str:
    """No cell that a spreadsheet would take for a formula."""
    return f"'{cell}" if cell[:1] in "=+-@\t\r" and cell else cell

"""How to read one office's file: which column is what, what its words mean, how it writes dates. Pure.

The same in TOML for the command and as JSON in a row for the pages.
"""

import tomllib
from collections.abc import Mapping as Table
from dataclasses import asdict, dataclass, field, replace
from typing import Any
from zoneinfo import ZoneInfo

from caunoi.imports.vocabulary import SEVERAL, WORDED, headings
from caunoi.lib.tables.nearest import key

ORDERS = ("dmy", "mdy", "ymd")
LEAVE = "-"  # a word that means nothing to us: the cell is taken for empty


class BadMappingError(ValueError):
    """An impossible mapping; the message says where it is wrong."""


@dataclass(frozen=True, kw_only=True)
class ColumnMapping:
    """`columns`: by field the headings of its columns in the file; `words`: by field, word → code (LEAVE: none);
    `defaults`: by field the code where a cell is empty or its word unknown; `header`: the row of the headings, 0 to
    look for it; `order`: of day, month and year; `zone`: of its times; `source`: the old system's name, within which
    its codes are unique."""

    columns: Table[str, tuple[str, ...]] = field(default_factory=dict)
    words: Table[str, Table[str, str]] = field(default_factory=dict)
    defaults: Table[str, str] = field(default_factory=dict)
    header: int = 0
    sheet: str = ""
    order: str = "dmy"
    zone: str = "Asia/Ho_Chi_Minh"
    source: str = "old"

    def code(self, name: str, word: str) -> str | None:
        """What somebody decided that a word means: a code, LEAVE, or None while undecided."""
        return self.words.get(name, {}).get(key(word))

    def as_json(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)

    def having(self, **changes: Any) -> "ColumnMapping":
        return replace(self, **changes)


def from_json(data: Table[str, Any]) -> ColumnMapping:
    """A mapping from the JSON of `as_json`."""
    columns = {name: tuple(names) for name, names in data.get("columns", {}).items()}
    return ColumnMapping(**{**data, "columns": columns})


def parse(text: str, kind: str) -> ColumnMapping:
    """A mapping file. BadMappingError, with where, for what does not belong in it."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadMappingError(str(error)) from None
    file, dates = data.pop("file", {}), data.pop("dates", {})
    columns, words, defaults = data.pop("columns", {}), data.pop("words", {}), data.pop("defaults", {})
    if data:
        raise BadMappingError(f"unknown: {', '.join(sorted(data))}; known: file, columns, words, dates, defaults")
    _check_names("file", file, {"sheet", "header", "source"})
    _check_names("dates", dates, {"order", "zone"})
    _check_names("columns", columns, set(headings(kind)))
    _check_names("words", words, set(WORDED[kind]))
    _check_names("defaults", defaults, set(headings(kind)))
    made = ColumnMapping(
        columns={name: _several(name, value) for name, value in columns.items()},
        words={name: {key(str(w)): str(code) for w, code in table.items()} for name, table in words.items()},
        defaults={name: str(value) for name, value in defaults.items()},
        header=int(file.get("header", 0)),
        sheet=str(file.get("sheet", "")),
        source=str(file.get("source", "old"))[:40],
        order=str(dates.get("order", "dmy")),
        zone=str(dates.get("zone", "Asia/Ho_Chi_Minh")),
    )
    if made.order not in ORDERS:
        raise BadMappingError(f"dates.order: one of {', '.join(ORDERS)}")
    try:
        ZoneInfo(made.zone)
    except (ValueError, OSError, KeyError):
        raise BadMappingError(f"dates.zone: no time zone is called {made.zone!r}") from None
    return made


def _check_names(where: str, data: Table[str, Any], names: set[str]) -> None:
    if unknown := set(data) - names:
        raise BadMappingError(f"{where}: unknown {', '.join(sorted(unknown))}; known: {', '.join(sorted(names))}")


def _several(name: str, value: Any) -> tuple[str, ...]:
    values = tuple(map(str, value)) if isinstance(value, list) else (str(value),)
    if len(values) > 1 and name not in SEVERAL:
        raise BadMappingError(f"columns.{name}: one column")
    return values

"""A paper that an office signs, as data: PDF, Word, sheet and page are all drawn from it. Pure.

The parts and their places are those of Decree 30/2020: the state's name and motto, who issues it, number, place and
day, kind and subject, the text, who receives it, who signs."""

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One cell of a table; `url` leads to the cases that a figure counts, `value` is the figure itself."""

    text: str
    url: str = ""
    value: float | int | None = None


@dataclass(frozen=True, kw_only=True)
class Block:
    """One part of the text: heading (level), text, item, or table with its title, columns (words, share of the width,
    "left", "right" or "center") and rows; the last row is a total where `total` says so."""

    kind: str
    text: str = ""
    level: int = 0
    columns: tuple[tuple[str, float, str], ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()
    total: bool = False
    name: str = ""  # of a table: what it breaks down by


def lines(text: str) -> tuple[str, ...]:
    """The lines of a form's field, without empty ones."""
    return tuple(line.strip() for line in text.splitlines() if line.strip())


@dataclass(frozen=True, kw_only=True)
class PaperLayout:
    superior: tuple[str, ...]
    issuer: tuple[str, ...]
    number: str  # "Số: 12/BC-IOC", with room for a hand where there is none yet
    dated: str  # "Đồng Nai, ngày 02 tháng 12 năm 2026"
    name: str
    about: str
    blocks: tuple[Block, ...]
    recipients: tuple[str, ...] = ()
    signs: tuple[str, ...] = ()
    signer: str = ""
    notice: str = ""  # before the text: that it replaces another, or is no longer valid
    draft: str = ""  # written across a paper that is not valid, yet or any more
    words: dict[str, str] = field(default_factory=dict)  # state, motto, to

    def data(self) -> dict[str, Any]:
        """The paper as JSON-compatible data."""
        return asdict(self)

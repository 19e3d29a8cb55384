"""The result of a search: procedures with their reasons."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from caunoi.procedures.search.certainty import FITS
from caunoi.procedures.search.document import Document
from caunoi.procedures.search.index import Index
from caunoi.procedures.search.question import ParsedQuestion

type Filter = Callable[[Document], bool]


@dataclass(frozen=True, kw_only=True)
class Reason:
    """Why a procedure is a result. `kind`: code, name, text, synonym, spelling, level, meaning; `typed`: the words of
    the question; `read_as`: their reading."""

    kind: str
    typed: str
    read_as: str = ""


@dataclass(frozen=True, kw_only=True)
class Hit:
    """A search result: score 0 to 1, with reasons."""

    code: str
    name: str
    version: int
    score: float
    why: tuple[Reason, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SearchResult:
    """The answer to a question: hits best first, and how certain it is that the first is one (0 to 1)."""

    question: ParsedQuestion
    hits: tuple[Hit, ...] = ()
    certainty: float = 0.0

    @property
    def fits(self) -> bool:
        return self.certainty >= FITS


def reasons(index: Index, number: int, question: ParsedQuestion) -> Iterator[Reason]:
    """Which words are in the name, which elsewhere; which synonym and which spelling led there."""
    name = {plain for plain, _ in index.cores[number]}
    in_name: list[str] = []
    in_text: list[str] = []
    meant: dict[str, Reason] = {}
    for unit in question.units:
        if not unit.weight:
            continue
        words = [plain for reading in unit.readings for plain, _ in reading]
        matches = sum(word in name for word in words)
        if unit.synonym and matches * 2 >= min(len(reading) for reading in unit.readings):
            meant.setdefault(unit.synonym, Reason(kind="synonym", typed=unit.typed, read_as=unit.synonym))
        elif matches:
            in_name.append(unit.typed)
        elif any(index.weight(word, number) for word in words):
            in_text.append(unit.typed)
    if in_name:
        yield Reason(kind="name", typed=" ".join(in_name))
    yield from meant.values()
    if in_text:
        yield Reason(kind="text", typed=" ".join(in_text))
    for correction in question.corrected:
        if any(index.weight(word, number) for word in correction.read):
            yield Reason(kind="spelling", typed=correction.typed, read_as=" ".join(correction.read))
    if question.level and question.level in index.documents[number].levels:
        yield Reason(kind="level", typed=question.level)

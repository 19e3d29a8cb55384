"""The result of a search: procedures with their reasons."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from caunoi.procedures.search.certainty import FITS
from caunoi.procedures.search.choices import Choice
from caunoi.procedures.search.document import Document, FormerName
from caunoi.procedures.search.index import Index
from caunoi.procedures.search.question import ParsedQuestion, Unit
from caunoi.procedures.search.synonyms import words as words_of

APART = " + "
"""What stands between typed words that are apart in a question."""

type Filter = Callable[[Document], bool]


@dataclass(frozen=True, kw_only=True)
class Reason:
    """Why a procedure is a result. `kind`: code, name, text, synonym, old, spelling, level, meaning; `typed`: the words
    of the question; `read_as`: their reading; `law`: of an old name, what renamed it."""

    kind: str
    typed: str
    read_as: str = ""
    law: str = ""


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
    """The answer to a question: hits best first, and how likely it is that one of the first three is right (0 to 1).
    `choices`: where that is in doubt, the answers of one question back; `matter`: where nothing fits, what another
    office does that may be meant."""

    question: ParsedQuestion
    hits: tuple[Hit, ...] = ()
    certainty: float = 0.0
    choices: tuple[Choice, ...] = ()
    matter: Document | None = None

    @property
    def fits(self) -> bool:
        return self.certainty >= FITS


def _bears(index: Index, unit: Unit, name: set[str]) -> bool:
    """Whether a name has what counts of a synonym's meaning; of what is no old name any half of the words will do."""
    if not unit.now:
        return True
    words = {plain for reading in unit.readings for plain, _ in reading}
    return 2 * sum(index.rarity(word) for word in words & name) >= sum(map(index.rarity, words))


def _meant(unit: Unit) -> Reason:
    if unit.now:
        return Reason(kind="old", typed=unit.typed, read_as=unit.now, law=unit.law)
    return Reason(kind="synonym", typed=unit.typed, read_as=unit.synonym)


def _former(index: Index, number: int, question: ParsedQuestion) -> tuple[FormerName, set[str]] | None:
    """The former name that was asked for, with its words: half or more of what the present name no longer has."""
    name = {plain for plain, _ in index.cores[number]}
    typed = {plain for unit in question.units if unit.weight for plain, _ in words_of(unit.typed)}
    for old in index.documents[number].former:
        words = {plain for plain, _ in words_of(old.name)}
        lost = words - name
        if lost and 2 * sum(map(index.rarity, lost & typed)) >= sum(map(index.rarity, lost)):
            return old, words
    return None


def reasons(index: Index, number: int, question: ParsedQuestion) -> Iterator[Reason]:
    """Which words are in the name, which elsewhere; which synonym and which spelling led there."""
    name = {plain for plain, _ in index.cores[number]}
    in_name: list[str] = []
    in_text: list[str] = []
    meant: dict[str, Reason] = {}
    former = _former(index, number, question)
    old = former[1] if former else set()
    for unit in question.units:
        if not unit.weight:
            continue
        words = [plain for reading in unit.readings for plain, _ in reading]
        matches = sum(word in name for word in words)
        if unit.synonym and matches * 2 >= min(len(reading) for reading in unit.readings):
            if (unit.synonym not in meant or APART in meant[unit.synonym].typed) and _bears(index, unit, name):
                meant[unit.synonym] = _meant(unit)
        elif matches:
            in_name.append(unit.typed)
        elif any(index.weight(word, number) for word in words) and old.isdisjoint(words):
            in_text.append(unit.typed)
    if in_name:
        yield Reason(kind="name", typed=" ".join(in_name))
    yield from meant.values()
    if former:
        yield Reason(kind="old", typed=former[0].name, read_as=index.documents[number].core(), law=former[0].law)
    if in_text:
        yield Reason(kind="text", typed=" ".join(in_text))
    for correction in question.corrected:
        if any(index.weight(word, number) for word in correction.read):
            yield Reason(kind="spelling", typed=correction.typed, read_as=" ".join(correction.read))
    if question.level and question.level in index.documents[number].levels:
        yield Reason(kind="level", typed=question.level)

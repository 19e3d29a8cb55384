"""What people call things, and what procedures call them: rows of a word (or phrase) and its meaning.

A word with ` + ` stands for words anywhere in a question, ` / ` parts words that are as good as each other ("mất / rơi
+ biển số"). A meaning may give several readings, parted by `;`. The built-in rows lie in
`procedures/data/synonyms.tsv`; a province grows its own from searches that found nothing."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from caunoi.lib.vietnamese.writing import fold, nfc, norm, tokens
from caunoi.procedures.search.chat import in_full

BUILT_IN = Path(__file__).parent.parent / "data" / "synonyms.tsv"

Words = tuple[tuple[str, str], ...]
"""Folded words, each with its marked form."""
type Places = list[tuple[int, int]]


@dataclass(frozen=True, kw_only=True)
class SynonymEntry:
    """`word` as people say it, `meaning` as procedures say it (readings parted by `;`), `note` whence it comes."""

    word: str
    meaning: str
    note: str = ""

    def readings(self) -> list[Words]:
        return [read for part in self.meaning.split(";") if (read := words(part))]


def words(text: str) -> Words:
    return tuple((fold(word), norm(word)) for word in tokens(text))


def built_in() -> list[SynonymEntry]:
    """The rows a new installation starts with."""
    with BUILT_IN.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [SynonymEntry(word=nfc(r["word"]), meaning=nfc(r["meaning"]), note=r["note"]) for r in rows]


@dataclass(frozen=True)
class Row:
    """A synonym whose words stand apart: for each part what may stand there, the longest first."""

    parts: tuple[tuple[Words, ...], ...]
    synonym: SynonymEntry


class Phrases:
    """Synonyms by their first word, longest first, so that "mất sổ đỏ" is read before "mất"; and those of words that
    stand apart ("sai + khai sinh")."""

    def __init__(self, synonyms: Iterable[SynonymEntry]) -> None:
        self._by_first: dict[str, list[tuple[Words, SynonymEntry]]] = {}
        self._apart: dict[str, list[Row]] = {}
        for synonym in synonyms:
            parts = list(filter(None, map(_alternatives, synonym.word.split("+"))))
            if not parts or not synonym.readings():
                continue
            if len(parts) > 1:
                for word in {said[0][0] for said in parts[0]}:
                    self._apart.setdefault(word, []).append(Row(tuple(parts), synonym))
                continue
            for said in parts[0]:
                self._by_first.setdefault(said[0][0], []).append((said, synonym))
        for found in self._by_first.values():
            found.sort(key=lambda row: len(row[0]), reverse=True)

    def at(self, typed: Words, start: int, *, literal: bool = False) -> tuple[int, SynonymEntry | None]:
        """How many words from `start` are the longest known phrase, and its row. `literal`: the writer uses marks."""
        length, found = 0, None
        for said, synonym in self._by_first.get(typed[start][0], ()):
            part = typed[start : start + len(said)]
            if len(said) < length:
                break
            if said == part:
                return len(said), synonym
            if not length and same(said, part, literal=literal):
                length, found = len(said), synonym
        return length, found

    def apart(self, typed: Words, *, literal: bool = False) -> list[tuple[str, SynonymEntry]]:
        """The rows all of whose parts stand somewhere in the text, in any order, with the words that do. A row whose
        words are but some of another's says nothing of its own."""
        plain = {word for word, _ in typed}
        rows = {
            id(row.synonym): row
            for word in dict.fromkeys(word for word, _ in typed)
            for row in self._apart.get(word, ())
        }
        found = [(places, row.synonym) for row in rows.values() if (places := _places(row, plain, typed, literal))]
        return [
            (" + ".join(" ".join(m for _, m in typed[at : at + length]) for at, length in places), synonym)
            for places, synonym in found
            if not any(_covered(places) < _covered(others) for others, _ in found)
        ]


def _alternatives(part: str) -> tuple[Words, ...]:
    return tuple(sorted(filter(None, (words(in_full(said)) for said in part.split("/"))), key=len, reverse=True))


def _covered(places: Places) -> set[int]:
    return {at + more for at, length in places for more in range(length)}


def _places(row: Row, plain: set[str], typed: Words, literal: bool) -> Places:
    """Where a row's parts stand, (start, length) each and none upon another; nothing unless all of them do."""
    taken: set[int] = set()
    places: Places = []
    for part in row.parts:
        place = next(
            (
                (at, len(said))
                for said in part
                if said[0][0] in plain
                for at in range(len(typed) - len(said) + 1)
                if typed[at][0] == said[0][0]
                and taken.isdisjoint(range(at, at + len(said)))
                and same(said, typed[at : at + len(said)], literal=literal)
            ),
            None,
        )
        if place is None:
            return []
        places.append(place)
        taken.update(range(place[0], place[0] + place[1]))
    return places


def same(entry: Words, typed: Words, *, literal: bool) -> bool:
    """Whether the typed words are these. Marks may lack, or be wrong in one word of several; but someone who uses marks
    is taken at their word: their `cho` is not chở, nor `cho bố` chở bò."""
    if len(entry) != len(typed) or any(plain != other for (plain, _), (other, _) in zip(entry, typed)):
        return False
    wrong = sum(m != t != p for (p, m), (_, t) in zip(entry, typed))
    other = sum(m != t for (_, m), (_, t) in zip(entry, typed)) if literal else wrong
    return wrong <= (len(entry) > 1) and other <= len(entry) // 2

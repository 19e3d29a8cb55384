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
    """`word` as people say it, `meaning` as procedures say it (readings separated by `;`), `note`: its origin."""

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
    """A synonym whose words are apart in a question: for each part its alternatives, the longest first."""

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
                for word in {phrase[0][0] for phrase in parts[0]}:
                    self._apart.setdefault(word, []).append(Row(tuple(parts), synonym))
                continue
            for phrase in parts[0]:
                self._by_first.setdefault(phrase[0][0], []).append((phrase, synonym))
        for entries in self._by_first.values():
            entries.sort(key=lambda row: len(row[0]), reverse=True)

    def at(self, typed: Words, start: int, *, literal: bool = False) -> tuple[int, SynonymEntry | None]:
        """The length in words of the longest known phrase at `start`, and its row. `literal`: the writer uses marks."""
        length, entry = 0, None
        for phrase, synonym in self._by_first.get(typed[start][0], ()):
            part = typed[start : start + len(phrase)]
            if len(phrase) < length:
                break
            if phrase == part:
                return len(phrase), synonym
            if not length and same(phrase, part, literal=literal):
                length, entry = len(phrase), synonym
        return length, entry

    def apart(self, typed: Words, *, literal: bool = False) -> list[tuple[str, SynonymEntry]]:
        """The rows of which all parts are somewhere in the text, in any order, with the typed words. A row whose words
        are only some of another's is left out."""
        plain = {word for word, _ in typed}
        rows = {
            id(row.synonym): row
            for word in dict.fromkeys(word for word, _ in typed)
            for row in self._apart.get(word, ())
        }
        present = [(places, row.synonym) for row in rows.values() if (places := _places(row, plain, typed, literal))]
        return [
            (" + ".join(" ".join(m for _, m in typed[at : at + length]) for at, length in places), synonym)
            for places, synonym in present
            if not any(_covered(places) < _covered(others) for others, _ in present)
        ]


def _alternatives(part: str) -> tuple[Words, ...]:
    return tuple(sorted(filter(None, (words(in_full(phrase)) for phrase in part.split("/"))), key=len, reverse=True))


def _covered(places: Places) -> set[int]:
    return {at + more for at, length in places for more in range(length)}


def _places(row: Row, plain: set[str], typed: Words, literal: bool) -> Places:
    """The places of a row's parts, (start, length) each, without overlap; empty unless all of them are there."""
    occupied: set[int] = set()
    places: Places = []
    for part in row.parts:
        place = next(
            (
                (at, len(phrase))
                for phrase in part
                if phrase[0][0] in plain
                for at in range(len(typed) - len(phrase) + 1)
                if typed[at][0] == phrase[0][0]
                and occupied.isdisjoint(range(at, at + len(phrase)))
                and same(phrase, typed[at : at + len(phrase)], literal=literal)
            ),
            None,
        )
        if place is None:
            return []
        places.append(place)
        occupied.update(range(place[0], place[0] + place[1]))
    return places


def same(entry: Words, typed: Words, *, literal: bool) -> bool:
    """Whether the typed words are these. Marks may be missing, or wrong in one word of several; but someone who uses
    marks is taken literally: their `cho` is not chở, nor `cho bố` chở bò."""
    if len(entry) != len(typed) or any(plain != other for (plain, _), (other, _) in zip(entry, typed)):
        return False
    wrong = sum(m != t != p for (p, m), (_, t) in zip(entry, typed))
    other = sum(m != t for (_, m), (_, t) in zip(entry, typed)) if literal else wrong
    return wrong <= (len(entry) > 1) and other <= len(entry) // 2

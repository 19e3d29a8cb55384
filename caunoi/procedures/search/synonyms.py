"""What people call things, and what procedures call them: rows of a word (or phrase) and its meaning.

A word with ` + ` stands for words anywhere in a question. A meaning may give several readings, parted by `;`. The
built-in rows lie in `procedures/data/synonyms.tsv`; a province grows its own from searches that found nothing.
"""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from caunoi.lib.vietnamese import fold, nfc, norm, tokens
from caunoi.procedures.search.chat import in_full

BUILT_IN = Path(__file__).parent.parent / "data" / "synonyms.tsv"

Words = tuple[tuple[str, str], ...]
"""Folded words, each with its marked form."""


@dataclass(frozen=True, kw_only=True)
class Synonym:
    """`word` as people say it, `meaning` as procedures say it (readings parted by `;`), `note` whence it comes."""

    word: str
    meaning: str
    note: str = ""

    def readings(self) -> list[Words]:
        return [read for part in self.meaning.split(";") if (read := words(part))]


def words(text: str) -> Words:
    return tuple((fold(word), norm(word)) for word in tokens(text))


def built_in() -> list[Synonym]:
    """The rows a new installation starts with."""
    with BUILT_IN.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [Synonym(word=nfc(r["word"]), meaning=nfc(r["meaning"]), note=r["note"]) for r in rows]


class Phrases:
    """Synonyms by their first word, longest first, so that "mất sổ đỏ" is read before "mất"; and those of words that
    stand apart ("sai + khai sinh")."""

    def __init__(self, synonyms: Iterable[Synonym]) -> None:
        self._by_first: dict[str, list[tuple[Words, Synonym]]] = {}
        self._apart: list[tuple[list[Words], Synonym]] = []
        for synonym in synonyms:
            parts = [said for part in synonym.word.split("+") if (said := words(in_full(part)))]
            if not parts or not synonym.readings():
                continue
            if len(parts) == 1:
                self._by_first.setdefault(parts[0][0][0], []).append((parts[0], synonym))
            else:
                self._apart.append((parts, synonym))
        for found in self._by_first.values():
            found.sort(key=lambda row: len(row[0]), reverse=True)

    def at(self, typed: Words, start: int, *, literal: bool = False) -> tuple[int, Synonym | None]:
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

    def apart(self, typed: Words, *, literal: bool = False) -> list[Synonym]:
        """The rows all of whose parts stand somewhere in the text, in any order."""
        plain = {word for word, _ in typed}
        return [
            synonym
            for parts, synonym in self._apart
            if all(part[0][0] in plain and _within(part, typed, literal) for part in parts)
        ]


def _within(part: Words, typed: Words, literal: bool) -> bool:
    return any(same(part, typed[at : at + len(part)], literal=literal) for at in range(len(typed) - len(part) + 1))


def same(said: Words, typed: Words, *, literal: bool) -> bool:
    """Whether the typed words are these. Marks may lack, or be wrong in one word of several; but a single word of
    someone who uses marks is what it is: their `cho` is not chở."""
    if len(said) != len(typed) or any(plain != other for (plain, _), (other, _) in zip(said, typed)):
        return False
    wrong = sum(m != t and (t != p or (literal and len(said) == 1)) for (p, m), (_, t) in zip(said, typed))
    return wrong <= (1 if len(said) > 1 else 0)

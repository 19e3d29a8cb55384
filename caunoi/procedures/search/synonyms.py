"""What people call things, and what procedures call them: rows of a word (or phrase) and its meaning.

A word with ` + ` stands for words anywhere in a question, ` / ` parts words that are as good as each other ("mất / rơi
+ biển số"). A meaning may give several readings, parted by `;`. The built-in rows lie in
`procedures/data/synonyms.tsv`; a province grows its own from searches that found nothing."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from caunoi.lib.vietnamese.writing import fold, nfc, norm, tokens
from caunoi.procedures.search.chat import in_full

BUILT_IN = Path(__file__).parent.parent / "data" / "synonyms.tsv"

OLD_NAMES = BUILT_IN.parent / "old_names.tsv"

NEAR = 12
"""Words between which the parts of a row that stand apart belong together: a long story names much that does not."""

Words = tuple[tuple[str, str], ...]
"""Folded words, each with its marked form."""
type Places = list[tuple[int, int]]


@dataclass(frozen=True, kw_only=True)
class SynonymEntry:
    """`word` as people say it, `meaning` as procedures say it (readings separated by `;`), `note`: its origin.
    Of an old name `now` is what the paper or the procedure is called today, `law` what renamed it."""

    word: str
    meaning: str
    note: str = ""
    now: str = ""
    law: str = ""

    def readings(self) -> list[Words]:
        return [read for part in self.meaning.split(";") if (read := words(part))]


def words(text: str) -> Words:
    return tuple((fold(word), norm(word)) for word in tokens(text))


def built_in() -> list[SynonymEntry]:
    """The rows a new installation starts with: what people say, and what papers and procedures were called before. A
    word that is in both means what the first of them says, and a longer one bears the old name that it holds."""
    rows = {nfc(r["word"]): r for r in _lines(BUILT_IN)}
    old = {nfc(r["word"]): r for r in _lines(OLD_NAMES)}
    result = []
    for word in dict.fromkeys([*rows, *old]):
        row = rows.get(word) or old[word]
        name = old.get(word) or _old_name(in_full(word), row["meaning"], old)
        now, law = (nfc(name["now"]), nfc(name["law"])) if name else ("", "")
        note = row.get("note", "old name")
        result.append(SynonymEntry(word=word, meaning=nfc(row["meaning"]), note=note, now=now, law=law))
    return result


def _old_name(word: str, meaning: str, old: Mapping[str, dict[str, str]]) -> dict[str, str] | None:
    """The longest old name within a word whose present one is within its meaning."""
    inside = [name for name in old if f" {name} " in f" {word} " and old[name]["now"] in meaning]
    return old[max(inside, key=len)] if inside else None


def _lines(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


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
        """The rows of which all parts are within NEAR words of the text, in any order, with the typed words. A row
        whose words are only some of another's is left out."""
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
    """The places of a row's parts, (start, length) each, without overlap; empty unless all are NEAR each other."""
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
    return places if max(occupied) - min(occupied) < NEAR else []


def same(entry: Words, typed: Words, *, literal: bool) -> bool:
    """Whether the typed words are these. Marks may be missing, or wrong in one word of several; but someone who uses
    marks is taken literally: their `cho` is not chở, nor `cho bố` chở bò."""
    if len(entry) != len(typed) or any(plain != other for (plain, _), (other, _) in zip(entry, typed)):
        return False
    wrong = sum(m != t != p for (p, m), (_, t) in zip(entry, typed))
    other = sum(m != t for (_, m), (_, t) in zip(entry, typed)) if literal else wrong
    return wrong <= (len(entry) > 1) and other <= len(entry) // 2

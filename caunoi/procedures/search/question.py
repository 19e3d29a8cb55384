"""Reading a question: its units of meaning with their readings, and the level and reader that it names."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from caunoi.lib.vietnamese.writing import nfc, without_courtesy
from caunoi.procedures.search.chat import in_full
from caunoi.procedures.search.spelling import Correction, Speller
from caunoi.procedures.search.stops import LIGHT, asking, telling
from caunoi.procedures.search.synonyms import Phrases, SynonymEntry, Words, words

LONGEST = 900
"""Characters of a question that are read: a story's end says what is wanted, what follows repeats it."""
APART = 1.5
"""The weight of a synonym whose words are apart: it saw the whole question."""
ALONE = 1.0
"""The weight of a word that has none of its neighbours in any procedure's name, nor in how people tell of one."""
CODE = re.compile(r"(?<![\d.])(\d)[.,\s-]?(\d{6})(?![\d.])")
_AGE = re.compile(r"(?:\b(duoi|tren) )?\b(\d{1,3}) (thang )?tuoi\b")
_LITERAL = 0.25
"""The share of words with marks from which a writer is assumed to use them."""
_LEVELS = {
    "commune": (
        *("cấp xã", "ở xã", "ubnd xã", "ở phường", "công an xã", "công an phường", "ubnd phường"),
        *("ra xã", "ra phường"),
    ),
    "province": ("cấp tỉnh", "ở tỉnh", "công an tỉnh", "ubnd tỉnh", "lên sở", "trên sở", "lên tỉnh"),
    "ministry": ("cấp bộ", "trung ương", "cấp trung ương"),
}
_READERS = {
    "Doanh nghiệp": ("doanh nghiệp", "công ty", "cty"),
    "Công dân Việt Nam": ("cá nhân", "hộ gia đình", "hộ dân", "người dân"),
}


@dataclass(frozen=True, kw_only=True)
class Unit:
    """A word or phrase of the question. `readings`: how procedures may call it; `synonym`: the meaning of the row that
    explained it, `now` and `law` if that is of an old name; `weight`: 0 to 1; `breaks`: no pair reaches across it."""

    typed: str
    readings: tuple[Words, ...]
    synonym: str = ""
    now: str = ""
    law: str = ""
    weight: float = 1.0
    breaks: bool = False


@dataclass(frozen=True, kw_only=True)
class ParsedQuestion:
    """A text, understood. `typed`: its words, spelling corrected; `age`: the age of somebody it mentions; `literal`:
    its writer uses marks."""

    text: str
    typed: Words = ()
    code: str = ""
    units: tuple[Unit, ...] = ()
    level: str = ""
    reader: str = ""
    age: int | None = None
    literal: bool = False
    corrected: tuple[Correction, ...] = ()

    @property
    def gist(self) -> str:
        """The subject of the question: its words without those of asking and telling."""
        return " ".join(unit.typed for unit in self.units if LIGHT < unit.weight <= 1) or self.text

    @property
    def words(self) -> bool:
        """Whether it says anything but a code."""
        return any(unit.weight and not unit.typed.isdigit() for unit in self.units)


def read(text: str, phrases: Phrases, speller: Speller, *, spell: bool = True) -> ParsedQuestion:
    """The question in a text. Spelling is corrected where no phrase explains a word, unless `spell=False`."""
    text = nfc(text[: 4 * LONGEST])[:LONGEST]
    code = CODE.search(text)
    bare = without_courtesy(text) or text
    typed, own = words(in_full(bare)), words(bare)
    literal = sum(plain != marked for plain, marked in own) >= _LITERAL * len(own)
    reader = _Reader(phrases, speller, literal)
    corrected: list[Correction] = []
    spelled: list[tuple[str, str]] = []
    free, content = reader.understood(typed)
    marked = [word != with_marks for word, with_marks in typed]
    plain = [word for word, _ in typed]
    corrections = speller.read(plain, marked, free, content) if spell else [None] * len(plain)
    for word, correction in zip(typed, corrections):
        if correction is None:
            spelled.append(word)
        else:
            corrected.append(correction)
            spelled += [(plain, plain) for plain in correction.read]
    return ParsedQuestion(
        text=text,
        typed=tuple(spelled),
        code=f"{code[1]}.{code[2]}" if code else "",
        units=tuple(reader.units(tuple(spelled))),
        level=_hint(tuple(spelled), _LEVEL_PHRASES),
        reader=_hint(tuple(spelled), _READER_PHRASES),
        age=_age(" ".join(plain)),
        literal=literal,
        corrected=tuple(corrected),
    )


class _Reader:
    """Cuts words into units: the longest known phrase first."""

    def __init__(self, phrases: Phrases, speller: Speller, literal: bool) -> None:
        self.phrases, self.literal, self.index = phrases, literal, speller.index

    def understood(self, typed: Words) -> tuple[list[bool], list[bool]]:
        """For each word, whether no phrase explains it, and whether it is neither of asking nor of telling."""
        free: list[bool] = []
        content: list[bool] = []
        while len(free) < len(typed):
            at = len(free)
            length = self.phrases.at(typed, at, literal=self.literal)[0]
            chat = max(asking(typed, at, literal=self.literal), telling(typed, at, literal=self.literal))
            free += [False] * max(length, chat) or [True]
            content += [length >= chat] * max(length, chat) or [True]
        return free, content

    def units(self, typed: Words) -> Iterator[Unit]:
        at, before = 0, ""
        seen: set[tuple[Words, ...]] = set()
        for phrase, row in self.phrases.apart(typed, literal=self.literal):
            yield replace(_unit(phrase, row), weight=APART, breaks=True)
        while at < len(typed):
            length, unit = self._unit(typed, at, before)
            before = typed[at][0] if length == 1 and unit.weight and not unit.synonym else ""
            at += length
            if unit.readings not in seen or not unit.weight:  # "mất … làm lại … bị mất" is one wish
                yield unit
            seen.add(unit.readings)

    def _unit(self, typed: Words, at: int, before: str) -> tuple[int, Unit]:
        plain, marked = typed[at]
        after = typed[at + 1][0] if at + 1 < len(typed) else ""
        paired = f"{before} {plain}" in self.index.pairs or f"{plain} {after}" in self.index.pairs
        length, row = self.phrases.at(typed, at, literal=self.literal)
        asking_length = asking(typed, at, literal=self.literal)
        telling_length = telling(typed, at, literal=self.literal)
        exact = self.literal or plain != marked
        if (
            row
            and length >= max(asking_length, telling_length)
            and (length > asking_length or exact)
            and (length > 1 or exact or not paired)
        ):
            phrase = " ".join(m for _, m in typed[at : at + length])
            return length, _unit(phrase, row)
        for shorter in range(1, asking_length):  # "làm giấy | hôn thú" is "làm | giấy hôn thú"
            if self.phrases.at(typed, at + shorter, literal=self.literal)[0] > asking_length - shorter:
                phrase = " ".join(m for _, m in typed[at : at + shorter])
                return shorter, Unit(typed=phrase, readings=(typed[at : at + shorter],), weight=0.0)
        if asking_length >= telling_length and (asking_length > 1 or (asking_length and (exact or not paired))):
            phrase = " ".join(m for _, m in typed[at : at + asking_length])
            return asking_length, Unit(
                typed=phrase, readings=(typed[at : at + asking_length],), weight=0.0, breaks=asking_length > 1
            )
        if telling_length and not paired:
            phrase = " ".join(m for _, m in typed[at : at + telling_length])
            return telling_length, Unit(typed=phrase, readings=(typed[at : at + telling_length],), weight=LIGHT)
        weight = 1.0 if paired or len(typed) <= 2 else ALONE
        return 1, Unit(typed=marked, readings=((typed[at],),), weight=weight)


def _unit(typed: str, row: SynonymEntry) -> Unit:
    return Unit(typed=typed, readings=tuple(row.readings()), synonym=row.meaning, now=row.now, law=row.law)


def _age(plain: str) -> int | None:
    """The first age that a folded text names, in whole years: "dưới 14 tuổi" is 13."""
    if match := _AGE.search(plain):
        beside = {"duoi": -1, "tren": 1}.get(match[1] or "", 0)
        return 0 if match[3] else int(match[2]) + beside
    return None


_LEVEL_PHRASES = {words(phrase): level for level, phrases in _LEVELS.items() for phrase in phrases}
_READER_PHRASES = {words(phrase): reader for reader, phrases in _READERS.items() for phrase in phrases}


def _hint(typed: Words, hints: dict[Words, str]) -> str:
    """The first phrase that names a level or a reader decides."""
    firsts = {phrase[0][0] for phrase in hints}
    for at in (at for at, (plain, _) in enumerate(typed) if plain in firsts):
        for phrase, meaning in hints.items():
            part = typed[at : at + len(phrase)]
            if len(part) == len(phrase) and all(p == w and m in (p, n) for (p, m), (w, n) in zip(part, phrase)):
                return meaning
    return ""

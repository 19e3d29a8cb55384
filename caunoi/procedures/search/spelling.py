"""Correcting typing errors against the words that procedures use.

A correction needs a reason: the keys of an input method, two words run together, or a neighbour that the corrected
word has in some procedure. So words of another field ("xe buýt") are not bent into this one.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from caunoi.lib.vietnamese.keystrokes import unmarked
from caunoi.procedures.search.index import Index

LETTERS = "abcdeghiklmnopqrstuvxy"
USUAL = 3
"""A word in so many procedures is no clerk's slip."""
PAIR = 2
"""A pair in so many procedures speaks for a correction."""
SURE = 8
"""The same, where the typed word is a possible syllable."""
_SYLLABLE = re.compile("(ngh|ng|nh|gh|gi|qu|ch|kh|ph|th|tr|[bcdghklmnpqrstvx])?[aeiouy]{1,3}(ch|nh|ng|[cmnpt])?")
_ONSETS = (
    ("tr", "ch"),
    ("s", "x"),
    ("d", "gi"),
    ("gi", "r"),
    ("d", "r"),
    ("d", "v"),
    ("l", "n"),
    ("ngh", "ng"),
    ("gh", "g"),
    ("c", "k"),
    ("qu", "c"),
    ("hu", "qu"),
)
_ENDS = (("ng", "n"), ("t", "c"), ("i", "y"), ("nh", "n"), ("inh", "anh"), ("ao", "au"), ("oi", "ui"), ("at", "ac"))


@dataclass(frozen=True, kw_only=True)
class Correction:
    """A typed word, folded, and the folded words it is read as."""

    typed: str
    read: tuple[str, ...]


class Speller:
    """Reads words against one index."""

    def __init__(self, index: Index) -> None:
        self.index = index

    def is_known(self, word: str) -> bool:
        index = self.index
        return word in index.head_words or word in index.tale_words or index.count(word) >= USUAL

    def read(
        self, words: list[str], marked: list[bool], free: list[bool], content: list[bool]
    ) -> list[Correction | None]:
        """For each folded word its correction, if it needs one. `marked`: typed with marks, so less likely a slip;
        `free`: not part of a phrase that is understood anyway; `content`: not a word of asking or telling."""
        corrections: list[Correction | None] = [None] * len(words)
        for at, word in enumerate(words):
            if not free[at] or not word.isalpha() or len(word) < 2:
                continue
            before, after = (words[i] if 0 <= i < len(words) and content[i] else "" for i in (at - 1, at + 1))
            read = self._read(word, marked[at], (before, after))
            if read:
                corrections[at] = Correction(typed=word, read=read)
        return corrections

    def _read(self, word: str, marked: bool, beside: tuple[str, str]) -> tuple[str, ...]:
        if self.is_known(word):
            if beside == ("", "") or self._paired(word, beside):
                return ()
            return self._best(set(sounding(word)), word, beside, floor=SURE)
        if not marked:
            meant = unmarked(word)
            if meant and self.is_known(meant) and (len(meant) > 2 or self._paired(meant, beside)):
                return (meant,)
            whole = next((syllable for syllable in whole_syllables(word) if self.is_known(syllable)), "")
            if whole:
                return (whole,)
        if len(word) >= 5 and (parts := self._split(word)):
            return parts
        if len(word) < 3:
            return ()
        if _SYLLABLE.fullmatch(word):  # a word of another field, or a slip that happens to be one
            return self._best(set(sounding(word)) | set(edits(word)), word, beside, floor=SURE)
        return self._best(set(sounding(word)) | set(edits(word)), word, beside, floor=PAIR)

    def _paired(self, word: str, beside: tuple[str, str]) -> bool:
        before, after = beside
        return f"{before} {word}" in self.index or f"{word} {after}" in self.index

    def _best(self, near: set[str], word: str, beside: tuple[str, str], floor: int) -> tuple[str, ...]:
        """The word that has these neighbours in most procedures; words that sound alike count more."""
        before, after = beside
        count, alike = self.index.count, set(sounding(word))
        scored = []
        for candidate in near:
            if self.is_known(candidate):
                pairs = count(f"{before} {candidate}") + count(f"{candidate} {after}")
                if pairs >= floor:
                    scored.append((pairs * (4 if candidate in alike else 1), candidate))
        return (max(scored)[1],) if scored else ()

    def _split(self, word: str) -> tuple[str, ...]:
        """Two or three words run together that are a phrase here: `dangky`, `kethon`."""
        for first, rest in _cuts(word):
            if self.is_known(first):
                if self.index.count(f"{first} {rest}") >= PAIR:
                    return (first, rest)
                for second, third in _cuts(rest):
                    if self.index.count(f"{first} {second}") >= PAIR and self.index.count(f"{second} {third}") >= PAIR:
                        return (first, second, third)
        return ()


_TEEN = (("f", "ph"), ("w", "qu"), ("j", "gi"), ("z", "gi"), ("z", "d"), ("dz", "gi"), ("kw", "qu"), ("ngj", "ngi"))


def whole_syllables(word: str) -> Iterator[str]:
    """The syllables that young people write with other consonants: `fep`, `zay`, `thik`."""
    ends = [word] + ([word[:-1] + "ch", word[:-1] + "c"] if word.endswith("k") else [])
    for end in ends:
        for one, other in _TEEN:
            if end.startswith(one):
                yield other + end[len(one) :]
        if end != word:
            yield end


def _cuts(word: str) -> Iterator[tuple[str, str]]:
    return ((word[:at], word[at:]) for at in range(2, len(word) - 1))


def sounding(word: str) -> Iterator[str]:
    """Syllables that some region says alike."""
    for pair in _ONSETS:
        for one, other in (pair, pair[::-1]):
            if word.startswith(one):
                yield other + word[len(one) :]
    for pair in _ENDS:
        for one, other in (pair, pair[::-1]):
            if word.endswith(one):
                yield word[: -len(one)] + other


def edits(word: str) -> Iterator[str]:
    """Every word one slip away: a letter lost, added, changed or swapped."""
    for at in range(len(word) + 1):
        head, tail = word[:at], word[at:]
        if tail:
            yield head + tail[1:]
            yield from (head + letter + tail[1:] for letter in LETTERS)
        if len(tail) > 1:
            yield head + tail[1] + tail[0] + tail[2:]
        yield from (head + letter + tail for letter in LETTERS)

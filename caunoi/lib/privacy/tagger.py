"""A second opinion on names: which words are a person's, learnt from marked letters (tools/names_model.py). Pure.

Each word's log-odds is a sum of weights, one from each table: what the word is, what stands around it, and what stands
around the run of capitals in which it is. The rules (names.py) come first; what is found here is not backed.
"""

import json
import math
import zlib
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Self

from caunoi.lib.privacy import highland, names
from caunoi.lib.privacy.letter import Letter
from caunoi.lib.privacy.lexicon import (
    BARE_CALLED,
    BARE_FAMILIES,
    CALLED,
    COMMON,
    COMMON_FAMILIES,
    FAMILIES,
    GIVEN_NAMES,
    NOT_NAMES,
)
from caunoi.lib.privacy.spans import Candidate
from caunoi.lib.vietnamese.writing import fold

MAGIC = b"caunoi names 1\n"
FILE = Path(__file__).parent / "data" / "names.model"
SURE = 0.9
"""The probability from which a word is a name …"""
SURE_OF_SMALL = 0.97
"""… one written small …"""
NEAR = 0.3
"""… and from which one beside it belongs to the same name."""
_EDGE = 3
"""Words looked at on either side."""
_LONGEST = 6
_SIGNS = ((",", "c"), (":", "k"), ("\n", "n"), ("(", "("), (")", ")"), ("-", "-"), ("–", "-"), ('"', "q"), ("“", "q"))


@lru_cache(4096)
def _gap(gap: str) -> str:
    """What kind of gap stands between two words."""
    if gap == " ":
        return "s"
    if any(char in gap for char in ".!?;"):
        return "n" if "\n" in gap else "."
    if any(char.isdigit() for char in gap):
        return "#"
    return next((sign for char, sign in _SIGNS if char in gap), "o")


@lru_cache(20_000)
def classes(low: str) -> str:
    """What kinds of word a word in lower case may be, a letter each."""
    bare = fold(low)
    kinds = (
        ("F", low in COMMON_FAMILIES),
        ("f", low in FAMILIES and low not in COMMON_FAMILIES),
        ("b", low.isascii() and low in BARE_FAMILIES),
        ("g", low in CALLED),
        ("h", low.isascii() and low in BARE_CALLED),
        ("k", low in highland.CLANS),
        ("o", low in names.ORDER),
        ("t", low in names.TITLES),
        ("u", bare in names.BARE_TITLES and low not in names.TITLES),
        ("m", low in names.MIDDLE),
        ("p", bare in names.PLACE_WORDS),
        ("x", low in NOT_NAMES),
    )
    return "".join(kind for kind, holds in kinds if holds)


class Reading:
    """A letter as the model sees it; outside of it stand empty words."""

    def __init__(self, letter: Letter) -> None:
        self._letter, size = letter, letter.size
        pad = [""] * _EDGE
        self._folded = pad + [letter.folded(at) for at in range(size)] + pad
        self._low = pad + [letter.low(at) for at in range(size)] + pad
        self._classes = [classes(low) if low else "" for low in self._low]
        self._shapes = pad + [self._shape(at) for at in range(size)] + pad
        self._gaps = [*pad, "n", *(_gap(letter.gap(at)) for at in range(1, size)), self._last(size), *pad]
        capitals = sum(shape == "U" for shape in self._shapes)
        self._mode = "U" if 2 * capitals > size else "u" if letter.unmarked else "m"

    def _shape(self, at: int) -> str:
        if not self._letter.capital(at):
            return "l"
        if self._letter.ends[at] - self._letter.starts[at] == 1:
            return "I"
        return "U" if self._letter.capitals(at) else "C"

    def _last(self, size: int) -> str:
        after = self._letter.after(size - 1, 12) if size else ""
        return _gap(after) if after else "n"

    def may_be_a_name(self, at: int) -> bool:
        """Whether a word is worth a look: begins with a capital, or is like one, or stands after what is."""
        here = at + _EDGE
        kinds = self._classes
        return self._shapes[here] != "l" or bool(kinds[here] or kinds[here - 1] or kinds[here - 2])

    def features(self, at: int) -> tuple[str, ...]:
        """One key a table."""
        here = at + _EDGE
        low, folded, kinds, shapes, gaps = self._low, self._folded, self._classes, self._shapes, self._gaps
        first, last = self._run(here)
        before, after, shape, own = gaps[here], gaps[here + 1], shapes[here], kinds[here]
        place = f"{min(here - first, 3)}{min(last - first, 4)}"
        run = "|".join(kinds[first : last + 1])
        opening, closing = gaps[first], gaps[last + 1]
        return (
            shape + self._mode,
            low[here],
            folded[here] + shape,
            folded[here - 1] + before + shape,
            f"{folded[here - 2]} {folded[here - 1]}{before}",
            folded[here + 1] + after + shape,
            f"{folded[here + 1]} {folded[here + 2]}",
            f"{shapes[here - 1]}{before}{shape}{after}{shapes[here + 1]}",
            own + shape + self._mode,
            f"{kinds[here - 1]}/{shapes[here - 1]}{before}{own}{shape}",
            f"{own}{shape}{after}{kinds[here + 1]}/{shapes[here + 1]}",
            f"{kinds[here - 2]}{gaps[here - 1]}{kinds[here - 1]}{before}{own}{shape}",
            f"{own}{shape}{after}{kinds[here + 1]}{gaps[here + 2]}{kinds[here + 2]}",
            f"{folded[first - 1]}{opening}{place}",
            f"{folded[first - 2]} {folded[first - 1]}{opening}",
            f"{folded[last + 1]}{closing}{shape}",
            f"{kinds[first - 1]}{opening}{run}",
            f"{opening}{closing}{place}{shape}",
            f"{run}{shape}{opening}",
            f"{kinds[first - 2]}{gaps[first - 1]}{kinds[first - 1]}{opening}{place}{shape}",
            f"{folded[first]} {folded[min(first + 1, last)]}",
            f"{folded[last]}{place}",
        )

    def _run(self, here: int) -> tuple[int, int]:
        """The first and last of the capitalised words joined to it; the word alone where it is small."""
        first = last = here
        if self._shapes[here] == "l":
            return first, last
        while self._gaps[first] == "s" and self._shapes[first - 1] not in ("l", "") and here - first < _EDGE:
            first -= 1
        while self._gaps[last + 1] == "s" and self._shapes[last + 1] not in ("l", "") and last - here < _EDGE:
            last += 1
        return first, last


class BadModelError(Exception):
    """These bytes are no model that this release reads."""


@dataclass(frozen=True, kw_only=True)
class Model:
    """`tables`: for each of a word's features the weight of each value that it may have, in units of `step`."""

    tables: Sequence[Mapping[str, int]]
    bias: float
    step: float

    def probabilities(self, reading: Reading, size: int) -> list[float]:
        """For each word of a letter how likely it is a part of a name."""
        return [self._probability(reading, at) if reading.may_be_a_name(at) else 0.0 for at in range(size)]

    def _probability(self, reading: Reading, at: int) -> float:
        pairs = zip(self.tables, reading.features(at), strict=True)
        total = sum(table.get(key, 0) for table, key in pairs) * self.step + self.bias
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))

    def to_bytes(self) -> bytes:
        """The file: MAGIC, then compressed one line of JSON (bias, step, the keys of each table) and the weights."""
        head = {"bias": round(self.bias, 4), "step": round(self.step, 7), "keys": [[*table] for table in self.tables]}
        line = json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode()
        weights = array("b", [weight for table in self.tables for weight in table.values()])
        return MAGIC + zlib.compress(line + b"\n\n" + weights.tobytes(), 9)

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """BadModelError."""
        if not data.startswith(MAGIC):
            raise BadModelError
        try:
            line, _, numbers = zlib.decompress(data[len(MAGIC) :]).partition(b"\n\n")
            head = json.loads(line)
            weights = iter(array("b", numbers))
            tables = [dict(zip(keys, weights, strict=False)) for keys in head["keys"]]
            return cls(tables=tables, bias=head["bias"], step=head["step"])
        except (ValueError, KeyError, TypeError, zlib.error) as error:
            raise BadModelError from error


@cache
def model() -> Model:
    """The one that comes with this release."""
    return Model.from_bytes(FILE.read_bytes())


def find(text: str, shape: str) -> Iterator[Candidate]:
    """Names of persons, as far as one may guess; `text` NFC, `shape` its shape."""
    letter = Letter(text, shape)
    chances = model().probabilities(Reading(letter), letter.size)
    at = 0
    while at < letter.size:
        if chances[at] < NEAR:
            at += 1
            continue
        end = at + 1
        while end < letter.size and chances[end] >= NEAR and names.goes_on(letter, at, end):
            end += 1
        sure = SURE if letter.capital(at) else SURE_OF_SMALL
        if max(chances[at:end]) >= sure and not _of_another(letter, at, end - at):
            yield Candidate("person", letter.starts[at], letter.ends[end - 1], backed=False)
        at = end


def _of_another(letter: Letter, at: int, length: int) -> bool:
    """Whether something else is called so: a place, a street, somebody in office."""
    first, low = _first_of_run(letter, at), letter.low(at)
    if _no_start(letter, at, length, first) or _beside_a_street(letter, first):
        return True
    if letter.gap(first) in (" ", ". ", ".") and names.of_place(letter, first):
        return True
    if _of_a_thing(letter, first) or (low == "thị" and not highland.is_highland_name(letter, at, length)):
        return True
    titled = first > 0 and letter.low(first - 1) in names.TITLES
    if letter.capital(at):
        if not titled and names.is_area(letter, first, length + at - first):
            return True
    elif (low in FAMILIES | BARE_FAMILIES and letter.folded(at + 2) in names.NO_MIDDLE) or all(
        letter.low(at + more) in COMMON - GIVEN_NAMES for more in range(length)
    ):
        return True
    alone = length == 1 and low in names.NATIONS | names.ORDER and letter.low(at - 1) not in names.TITLES | {"của"}
    return alone or names.bears(letter, at, length) or names.in_office(letter, at, length)


def _of_a_thing(letter: Letter, first: int) -> bool:
    """Whether a thing is told before the run of capitals: quán bún riêu Cô Tư, khoa Nhi."""
    return letter.capital(first) and letter.gap(first) == " " and names.of_a_thing(letter, first)


def _first_of_run(letter: Letter, at: int) -> int:
    """The first of the capitalised words that are joined to one."""
    while letter.capital(at) and at > 0 and letter.joined(at) and letter.capital(at - 1):
        at -= 1
    return at


def _no_start(letter: Letter, at: int, length: int, first: int) -> bool:
    """Whether no name begins with the word: a title, the next field of a form, an office, small letters after large."""
    low = letter.low(at)
    if low in names.TITLES | (NOT_NAMES - CALLED) and (length == 1 or low not in FAMILIES):
        return True
    if letter.capitals(first) and not letter.capitals(at):
        return True
    return (
        names.office_begins(letter, first) or names.begins_a_field(letter, at) or letter.folded(at) in names.NEXT_FIELDS
    )


def _beside_a_street(letter: Letter, first: int) -> bool:
    """Whether a street, or a place, stands right before in the same row: đường Lê Lợi - Trần Phú."""
    before = first - 1
    if letter.joined(first) and letter.folded(before) in ("va", "voi", "den", "toi", "giao"):
        before -= 1
    elif letter.gap(first) not in ("-", " - ", " – ", "/", " / "):
        return False
    return before >= 0 and letter.capital(before) and names.of_place(letter, _first_of_run(letter, before))

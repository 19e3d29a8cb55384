"""A second opinion on names: which words are a person's, learnt from marked letters (tools/names_model.py). Pure.

Each word's log-odds is a sum of weights, one from each table: what the word is, what stands around it, and what stands
around the run of capitals in which it is. The rules (names.py) come first; what is found here is not backed.
"""

import json
import math
import re
import zlib
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Self

from caunoi.lib.privacy import highland, names
from caunoi.lib.privacy.letter import Letter, read
from caunoi.lib.privacy.lexicon import (
    BARE_CALLED,
    BARE_FAMILIES,
    BARE_RELATIONS,
    CALLED,
    COMMON,
    COMMON_FAMILIES,
    FAMILIES,
    GIVEN_NAMES,
    NO_NAMES_OF_SMALL,
    NOT_NAMES,
    OFTEN,
    RELATIONS,
    THINGS,
)
from caunoi.lib.privacy.spans import Candidate
from caunoi.lib.vietnamese.writing import fold

MAGIC = b"caunoi names 2\n"
FILE = Path(__file__).parent / "data" / "names.model"
SURE = 0.4
"""The probability from which a word is a name …"""
SURE_OF_SMALL = 0.5
"""… one written small …"""
CERTAIN = 0.95
"""The probability that outweighs what else the words may be."""
NEAR = 0.25
"""… and from which one beside it belongs to the same name."""
NEAR_IN_CAPITALS = 0.08
"""The same of two words with capitals."""
OF_THE_WORD, OF_ITS_NEIGHBOURS = 4, 10
"""Up to which table features are of the word alone, and of it and its neighbours."""
_EDGE = 3
"""Words looked at on either side."""
_LONGEST = 6
_TOO_OFTEN = 4
"""The rank of words that stand in about every other message."""
_FAMILIES = FAMILIES | BARE_FAMILIES
_NO_STARTS = names.TITLES | (NOT_NAMES - CALLED)
_NO_NAMES_ALONE = names.NATIONS | names.ORDER
_BEFORE_ALONE = names.TITLES | {"của"}
_BRANDS = NOT_NAMES - CALLED - FAMILIES - names.TITLES - names.ORDER
_COMMON = COMMON - GIVEN_NAMES
_PLACES_ALONE = {thing for thing in THINGS if " " not in thing} - FAMILIES - CALLED | {"tượng", "chùa", "đình", "miếu"}
_LAST_OF_RELATIONS = frozenset(phrase.rsplit(" ", 1)[-1] for phrase in RELATIONS | BARE_RELATIONS)
_CODE = re.compile("[-.]?[0-9]")
_ENGLISH = frozenset("is are was the my to not very for and they it".split())
"""After these no name is written small."""
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
        ("r", low in _LAST_OF_RELATIONS),
        ("c", low in COMMON),
        ("z", not names.is_syllable(low)),
    )
    return "".join(kind for kind, holds in kinds if holds)


@lru_cache(20_000)
def _is_seldom_other(low: str) -> bool:
    """Whether a word written small is more a name's than another word."""
    kinds, often = classes(low), OFTEN.get(low, 0)
    return any(kind in "Ffbmk" for kind in kinds) or (often < _TOO_OFTEN and any(kind in "gh" for kind in kinds))


@lru_cache(20_000)
def class_(low: str) -> str:
    """What kind of word a word in lower case is first of all."""
    kinds = classes(low)
    return next((kind for kind in "xtFbfmokrpghuzc" if kind in kinds), "-") if low else ""


@lru_cache(20_000)
def worth(low: str) -> bool:
    """Whether a word written small may be a name's."""
    often, kinds = OFTEN.get(low, 0), set(classes(low))
    return often < _TOO_OFTEN - 1 or bool(kinds & set("Ffbkomg")) or ("h" in kinds and often < _TOO_OFTEN)


class Reading:
    """A letter as the model sees it; outside of it stand empty words."""

    def __init__(self, letter: Letter) -> None:
        self._letter, size = letter, letter.size
        pad = [""] * _EDGE
        self._folded = pad + letter.foldeds + pad
        self._low = pad + letter.lows + pad
        self._often = [str(OFTEN.get(low, 0)) if low else "" for low in self._low]
        self._classes = [classes(low) if low else "" for low in self._low]
        self._class = [class_(low) + often for low, often in zip(self._low, self._often, strict=True)]
        self._shapes = pad + ["l" if letter.shouts else self._shape(at) for at in range(size)] + pad
        self._gaps = [*pad, "n", *(_gap(letter.gap(at)) for at in range(1, size)), self._last(size), *pad]
        self._mode = ("U" if letter.shouts else "") + ("u" if letter.unmarked else "m")

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
        """Whether a word is worth a look: begins with a capital, or is like a name, or may go with one."""
        return self.may_be_one_itself(at) or self.may_be_a_byname(at)

    def may_be_one_itself(self, at: int) -> bool:
        here = at + _EDGE
        if self._shapes[here] != "l" or worth(self._low[here]):
            return True
        return self._letter.unmarked and "h" in self._classes[here]

    def may_be_a_byname(self, at: int) -> bool:
        """Whether it stands after somebody's place among brothers and sisters: ông Bảy hột vịt, ba hai mia."""
        here = at + _EDGE
        kinds, gaps = self._classes, self._gaps
        if gaps[here] != "s" or gaps[here - 1] != "s":
            return False
        before, twice = kinds[here - 1], kinds[here - 2]
        if "o" in before:
            return "t" in twice or "u" in twice
        return gaps[here - 2] == "s" and "o" in twice and ("t" in kinds[here - 3] or "u" in kinds[here - 3])

    def features(self, at: int) -> tuple[str, ...]:
        """One key a table: of the word alone, of the words beside it, of all that is looked at."""
        return (*self.alone(at), *self.beside(at), *self.around(at))

    def word(self, at: int) -> tuple[str, str]:
        """All that `alone` depends on within one letter."""
        return self._low[at + _EDGE], self._shapes[at + _EDGE]

    def alone(self, at: int) -> tuple[str, ...]:
        """OF_THE_WORD keys."""
        here = at + _EDGE
        shape = self._shapes[here]
        mode = self._mode
        return shape + mode, self._low[here], self._folded[here] + shape, self._classes[here] + shape + mode

    def beside(self, at: int) -> tuple[str, ...]:
        """OF_ITS_NEIGHBOURS keys."""
        here = at + _EDGE
        folded, shapes, class_ = self._folded, self._shapes, self._class
        before, after, shape = self._gaps[here], self._gaps[here + 1], shapes[here]
        return (
            folded[here - 1] + before + shape,
            f"{folded[here - 2]} {folded[here - 1]}{before}",
            folded[here + 1] + after + shape,
            f"{folded[here + 1]} {folded[here + 2]}",
            f"{shapes[here - 1]}{before}{shape}{after}{shapes[here + 1]}",
            f"{class_[here - 1]}{before}{class_[here]}{shape}{self._mode}{after}{class_[here + 1]}",
        )

    def around(self, at: int) -> tuple[str, ...]:
        """The other keys."""
        here = at + _EDGE
        folded, kinds, shapes, gaps = self._folded, self._classes, self._shapes, self._gaps
        class_, often, mode = self._class, self._often, self._mode
        first, last = self._run(here)
        before, after, shape, own = gaps[here], gaps[here + 1], shapes[here], kinds[here]
        place = f"{min(here - first, 3)}{min(last - first, 4)}"
        run = "|".join(kinds[first : last + 1])
        opening, closing = gaps[first], gaps[last + 1]
        return (
            f"{kinds[here - 1]}/{shapes[here - 1]}{before}{own}{shape}",
            f"{own}{shape}{after}{kinds[here + 1]}/{shapes[here + 1]}",
            f"{class_[here - 2]}{gaps[here - 1]}{class_[here - 1]}{before}{class_[here]}{shape}",
            f"{class_[here]}{shape}{after}{class_[here + 1]}{gaps[here + 2]}{class_[here + 2]}",
            f"{folded[first - 1]}{opening}{place}",
            f"{folded[first - 2]} {folded[first - 1]}{opening}",
            f"{folded[last + 1]}{closing}{shape}",
            f"{kinds[first - 1]}{opening}{run}",
            f"{opening}{closing}{place}{shape}",
            f"{run}{shape}{opening}",
            f"{class_[first - 2]}{gaps[first - 1]}{class_[first - 1]}{opening}{place}{shape}",
            f"{folded[first - 1]}{opening}{''.join(class_[first : last + 1])}{closing}",
            f"{class_[first - 1]}{opening}{place}{shape}{mode}{closing}{class_[last + 1]}",
            f"{folded[first]} {folded[min(first + 1, last)]}",
            f"{folded[last]}{place}",
            f"{folded[here - 1]} {folded[here]}{before}",
            f"{folded[here]} {folded[here + 1]}{after}",
            f"{folded[here - 3]} {folded[here - 2]} {folded[here - 1]}{before}",
            f"{often[here - 1]}{before}{often[here]}{own}{shape}{mode}{after}{often[here + 1]}",
            f"{often[here]}{shape}{mode}{folded[here - 1]}",
            f"{opening}{first - here}{last - here}{''.join(often[first - 1 : last + 2])}{shape}{mode}",
        )

    def _run(self, here: int) -> tuple[int, int]:
        """The first and last of the words joined to it: capitalised ones, or small ones of which names are made."""
        first = last = here
        stands = self._is_capital if self._shapes[here] != "l" else self._is_small_name
        while self._gaps[first] == "s" and stands(first - 1) and here - first < _EDGE:
            first -= 1
        while self._gaps[last + 1] == "s" and stands(last + 1) and last - here < _EDGE:
            last += 1
        return first, last

    def _is_capital(self, here: int) -> bool:
        return self._shapes[here] not in ("l", "")

    def _is_small_name(self, here: int) -> bool:
        return self._shapes[here] == "l" and _is_seldom_other(self._low[here])


class BadModelError(Exception):
    """These bytes are no model that this release reads."""


@dataclass(frozen=True, kw_only=True)
class Model:
    """`tables`: for each of a word's features the weight of each value that it may have, in units of `step`; `least`:
    what the features of the word alone, and with those of its neighbours, weigh at least where it is a name's."""

    tables: Sequence[Mapping[str, int]]
    bias: float
    step: float
    least: tuple[int, int]

    def probabilities(self, reading: Reading, at: Iterable[int]) -> list[float]:
        """For each of these words of a letter how likely it is a part of a name; 0 for what is hardly ever one."""
        alone: dict[tuple[str, ...], float] = {}
        result = []
        for word in at:
            own = reading.word(word)
            total = alone.get(own)
            if total is None:
                total = alone[own] = self._alone(reading, word)
            if total < self.least[0]:
                total = self._weigh(0, reading.alone(word)) if reading.may_be_a_byname(word) else None
            result.append(0.0 if total is None else self._probability(reading, word, total))
        return result

    def _alone(self, reading: Reading, at: int) -> float:
        """What the word's own features weigh; endlessly little where it is not worth a look."""
        return self._weigh(0, reading.alone(at)) if reading.may_be_one_itself(at) else -math.inf

    def _weigh(self, part: int, keys: Sequence[str]) -> float:
        return sum([weight(key, 0) for weight, key in zip(self._parts[part], keys, strict=True)])

    def _probability(self, reading: Reading, at: int, total: float) -> float:
        total += self._weigh(1, reading.beside(at))
        if total < self.least[1]:
            return 0.0
        total += self._weigh(2, reading.around(at))
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, total * self.step + self.bias))))

    @cached_property
    def _parts(self) -> tuple[Sequence[Callable[[str, int], int]], ...]:
        weights = [table.get for table in self.tables]
        return weights[:OF_THE_WORD], weights[OF_THE_WORD:OF_ITS_NEIGHBOURS], weights[OF_ITS_NEIGHBOURS:]

    def to_bytes(self) -> bytes:
        """The file: MAGIC, then compressed one line of JSON (bias, step, the keys of each table) and the weights."""
        keys = [[*table] for table in self.tables]
        head = {"bias": round(self.bias, 4), "step": round(self.step, 7), "least": self.least, "keys": keys}
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
            return cls(tables=tables, bias=head["bias"], step=head["step"], least=tuple(head["least"]))
        except (ValueError, KeyError, TypeError, zlib.error) as error:
            raise BadModelError from error


@cache
def model() -> Model:
    """The one that comes with this release."""
    return Model.from_bytes(FILE.read_bytes())


def find(text: str, shape: str, certain: Iterable[Candidate] = ()) -> Iterator[Candidate]:
    """Names of persons, as far as one may guess; `text` NFC, `shape` its shape; `certain`: names that need no look."""
    letter = read(text, shape)
    chances = [0.0] * letter.size
    for one in certain:
        first = bisect_left(letter.starts, one.start)
        last = bisect_left(letter.ends, one.end, first)
        chances[first : last + 1] = [1.0] * len(chances[first : last + 1])
    unknown = [at for at, chance in enumerate(chances) if not chance]
    for at, chance in zip(unknown, model().probabilities(Reading(letter), unknown), strict=True):
        chances[at] = chance
    at = 0
    while at < letter.size:
        if chances[at] < NEAR:
            at += 1
            continue
        end = at + 1
        while end < letter.size and _goes_on(letter, at, end, chances[end]):
            end += 1
        chance = 1 - math.prod(1 - each for each in chances[at:end])
        sure = SURE if letter.capital(at) else SURE_OF_SMALL
        if chance >= sure and not _of_another(letter, at, end - at, certain=chance >= CERTAIN):
            yield Candidate("person", letter.starts[at], letter.ends[end - 1], backed=False)
        at = end


def _goes_on(letter: Letter, at: int, next_: int, chance: float) -> bool:
    """Whether a name that began at `at` goes on with the word `next_`, which is one's with this chance."""
    low, large = letter.low(next_), letter.capital(next_) and not letter.shouts
    if not large and OFTEN.get(low, 0) == _TOO_OFTEN and low not in CALLED:
        return False
    if letter.shouts:
        return chance >= NEAR and names.joins(letter, next_) and (chance >= SURE or not names.after_name(letter, next_))
    capital = letter.capital(next_)
    if capital and not letter.capital(next_ - 1) and not letter.capital(at):
        return False
    counted = any(map(str.isdigit, letter.after(next_, 4)))
    if not capital and (chance < SURE or counted) and names.after_name(letter, next_):
        return False
    if chance < (NEAR_IN_CAPITALS if capital and letter.capital(at) and not letter.capitals(next_) else NEAR):
        return False
    return names.goes_on(letter, at, next_) or (
        chance >= SURE
        and names.joins(letter, next_)
        and letter.capital(at) == letter.capital(next_)
        and letter.capitals(at) == (letter.capitals(next_) or (letter.capitals(at) and len(letter.words[next_]) == 1))
        and letter.folded(next_) not in names.NEXT_FIELDS
    )


def _of_another(letter: Letter, at: int, length: int, *, certain: bool) -> bool:
    """Whether something else is called so: a place, a street, somebody in office. Where the model is `certain`, only
    what is said right before, or known of streets, speaks against it."""
    first = _first_of_run(letter, at)
    if _is_no_word_of_names(letter, at, length) or names.is_in_a_row_of_areas(letter, at, length):
        return True
    if names.is_a_code(letter, at) or _is_an_abbreviation(letter, at, length):
        return True
    if (
        names.is_a_firm(letter, at, length)
        or names.is_an_article(letter, at, length)
        or _names_a_place(letter, at, first)
    ):
        return True
    if _CODE.match(letter.after(at + length - 1, 2)) or letter.gap(at)[-1:].isdigit():  # a code: K4, 12A, TM-12.34
        return True
    whole = _length_of_run(letter, at, length)
    if _beside_a_street(letter, first) or names.in_office(letter, at, whole) or names.bears(letter, at, whole):
        return True
    if letter.gap(first) in (" ", ". ", ".") and names.of_place(letter, first):
        return True
    if letter.low(at) in ("thị", "y") and not highland.is_highland_name(letter, at, length):
        return True
    if _of_a_thing_or_office(letter, at, first) or (not letter.capital(at) and _is_no_small_name(letter, at, length)):
        return True
    return not certain and (_no_start(letter, at, length, first) or _may_be_another(letter, at, length, first))


def _is_no_word_of_names(letter: Letter, at: int, length: int) -> bool:
    """Whether it is a brand, a nation, clothes, a shrine, a part of another word, or a sentence by itself."""
    low = letter.low(at)
    if low in _BRANDS or (length == 1 and names.is_nation(letter, at)) or names.is_of_clothes(letter, at):
        return True
    if (
        names.is_of_a_shrine(letter, at)
        or names.is_a_beast(letter, at)
        or names.is_a_thing_with_the_next(letter, at + length - 1)
    ):
        return True
    if not letter.capital(at):
        return names.is_within_a_word(letter, at, length) or names.begins_doubtfully(letter, at)
    return length == 1 and not names.is_syllable(low) and names.is_a_sentence(letter, at)


def _is_an_abbreviation(letter: Letter, at: int, length: int) -> bool:
    """Whether it is capitals that nobody can say, without dots: VN."""
    alone = length == 1 and letter.capitals(at) and not letter.shouts and letter.after(at, 1) != "."
    return alone and not set("aeiouy") & set(letter.folded(at))


def _names_a_place(letter: Letter, at: int, first: int) -> bool:
    """Whether places' names are told of, or the run of capitals begins with what a place is: Chùa Bà Thiên Hậu."""
    if names.names_places(letter, at) and letter.low(at - 1) not in names.TITLES:
        return True
    return any(letter.low(word) in _PLACES_ALONE for word in range(first, at + 1 if letter.joined(at + 1) else at))


def _of_a_thing_or_office(letter: Letter, at: int, first: int) -> bool:
    """Whether a thing is told right before, an office's name begins there, or the next field of a form."""
    if names.office_begins(letter, at) or (letter.joined(at) and names.office_begins(letter, at - 1)):
        return True
    if letter.folded(at) in names.NEXT_FIELDS or f"{letter.folded(at)} {letter.folded(at + 1)}" in names.ROLES:
        return True
    if letter.folded(at) in names.ROLES or names.right_after_a_thing(letter, first):
        return True
    return first < at and letter.low(first) in names.TITLES and _of_a_thing(letter, first)


def _is_no_small_name(letter: Letter, at: int, length: int) -> bool:
    """Whether small words are no name whatever is said before: ngõ without its marks, văn phòng, anh hùng Lê Tám."""
    if letter.low(at) in _FAMILIES and letter.folded(at + 2) in names.NO_MIDDLE:
        return letter.low(at + 2).isascii()
    if length > 1:
        return False
    if len(letter.low(at)) == 1 or (letter.low(at) in NO_NAMES_OF_SMALL and not letter.unmarked):
        return True
    if letter.gap(at)[:1] in ('"', "”", "’"):  # after a byname's end
        return True
    low, before = letter.low(at), letter.folded(at - 1)
    if before in _ENGLISH:
        return True
    if not names.is_syllable(low) and before not in ("ten", "la", "nick", "anh", "chi", "ong", "ba", "em", "mr", "ms"):
        return True
    if before in names.BARE_TITLES or (at > 0 and letter.low(at - 1) in names.TITLES):
        return False
    if low not in GIVEN_NAMES and (
        low in _FAMILIES or (OFTEN.get(low, 0) == _TOO_OFTEN and before not in ("ten", "la"))
    ):
        return True
    return letter.joined(at + 1) and letter.capital(at + 1) and letter.low(at + 1) in FAMILIES


def _length_of_run(letter: Letter, at: int, length: int) -> int:
    """How many words it is with the capitalised ones after them."""
    end = at + length
    while not letter.shouts and letter.capital(at) and letter.joined(end) and letter.capital(end):
        end += 1
    return end - at


def _may_be_another(letter: Letter, at: int, length: int, first: int) -> bool:
    """Whether it looks like a thing's or a place's name, a piece of one, or like other words."""
    low, before = letter.low(at), letter.low(at - 1) if at else ""
    if _of_a_thing(letter, first) or (first < at and before not in names.TITLES):
        return True
    if letter.capital(at) and not letter.shouts:
        titled = first > 0 and letter.low(first - 1) in names.TITLES
        if not titled and names.is_area(letter, first, length + at - first):
            return True
    elif not letter.unmarked and all(letter.low(at + more) in _COMMON for more in range(length)):
        return True
    if length == 1 and low in _COMMON and low not in CALLED and before not in names.TITLES:
        return True
    return length == 1 and low in _NO_NAMES_ALONE and before not in _BEFORE_ALONE


def _of_a_thing(letter: Letter, first: int) -> bool:
    """Whether a thing is told before the run of capitals: quán bún riêu Cô Tư, khoa Nhi."""
    return letter.capital(first) and letter.gap(first) == " " and names.of_a_thing(letter, first)


def _first_of_run(letter: Letter, at: int) -> int:
    """The first of the capitalised words that are joined to one."""
    if letter.shouts:
        return at
    while letter.capital(at) and at > 0 and letter.joined(at) and letter.capital(at - 1):
        at -= 1
    return at


def _no_start(letter: Letter, at: int, length: int, first: int) -> bool:
    """Whether no name begins with the word: a title, the next field of a form, an office, small letters after large."""
    low = letter.low(at)
    if low in _NO_STARTS and (length == 1 or low not in FAMILIES):
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

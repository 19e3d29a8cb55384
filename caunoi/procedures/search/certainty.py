"""Whether the best hit answers the question at all: a logistic model of how much of the question it covers.

Most wrong hits share only words that all procedures share ("giấy phép", "đăng ký"). Signs for a hit: much of its name
was asked for, neighbouring words are neighbours in it, a synonym led to it. A sign against it: a topic of another field
("thất nghiệp") that it does not cover. Topics are in `procedures/data/topics.txt`; a topic that a procedure covers is
not foreign to it, so the list need not shrink as more procedures are imported.
"""

from collections.abc import Iterable
from dataclasses import astuple, dataclass
from itertools import pairwise
from math import exp
from pathlib import Path

from caunoi.procedures.search.index import Index
from caunoi.procedures.search.question import ParsedQuestion, Unit
from caunoi.procedures.search.synonyms import Words, same, words

TOPICS = Path(__file__).parent.parent / "data" / "topics.txt"
FITS = 0.55
"""The certainty from which a hit is an answer."""
KNOWS = 100
"""The weight of a term (of 255) from which a procedure is about it."""
LONG_READING = 3
"""A reading of so many words in a name is no coincidence."""


@dataclass(frozen=True, kw_only=True)
class Signs:
    """What is measured, each about 0 to 1. `coverage`: the share of the name that was asked for; `by_synonym`: a
    synonym gives the name; `pairs`: the share of neighbours that stand together in the name; `rarest`: how rare the
    rarest such pair is; `unknown`: the share of the question no procedure's name knows; `strange`: topics of other
    fields (at most 2), less where the whole name was asked for or a synonym gives it."""

    coverage: float
    by_synonym: float
    pairs: float
    rarest: float
    unknown: float
    strange: float


WEIGHTS = Signs(coverage=1.7, by_synonym=1.75, pairs=1.55, rarest=1.15, unknown=-0.65, strange=-5.95)
BIAS = -0.25
"""Fitted by logistic regression on the first three quarters of tests/procedures/questions.tsv, in five folds
(docs/search.md)."""


def certainty(signs: Signs) -> float:
    """0 to 1; 0 where no word of the name was asked for."""
    if not signs.coverage:
        return 0.0
    return 1 / (1 + exp(-BIAS - sum(w * s for w, s in zip(astuple(WEIGHTS), astuple(signs)))))


class Topics:
    """Phrases of other fields, by their first word."""

    def __init__(self, phrases: Iterable[str]) -> None:
        self._by_first: dict[str, list[Words]] = {}
        for phrase in phrases:
            if topic := words(phrase):
                self._by_first.setdefault(topic[0][0], []).append(topic)

    @classmethod
    def built_in(cls) -> "Topics":
        return cls(phrase for line in TOPICS.read_text("utf-8").splitlines() for phrase in line.split("|"))

    def within(self, typed: Words, *, literal: bool) -> list[Words]:
        """The topics in a text. A single word without its marks may be anything: `thue` is thuê too."""
        result = []
        for at, (plain, _) in enumerate(typed):
            for topic in self._by_first.get(plain, ()):
                clear = len(topic) > 1 or literal or topic[0][0] == topic[0][1]
                if clear and same(topic, typed[at : at + len(topic)], literal=literal):
                    result.append(topic)
        return result


def signs(index: Index, question: ParsedQuestion, number: int, topics: Topics) -> Signs:
    """How much of a question a procedure covers."""
    core = index.cores[number]
    name = {plain for plain, _ in core}
    together = {f"{one} {other}" for (one, _), (other, _) in pairwise(core)}
    asked_words = {plain for unit in question.units if unit.weight for reading in unit.readings for plain, _ in reading}
    mass = sum(index.rarity(plain) for plain, _ in core) or 1.0
    pairs = {pair: index.rarity(pair) if pair in index else RAREST for pair in _pairs(question.units, index)}
    shared = [weight for pair, weight in pairs.items() if pair in together]
    foreign = sum(
        not all(index.weight(term, number) >= KNOWS for term in _terms(topic))
        for topic in topics.within(question.typed, literal=question.literal)
    )
    share = sum(index.rarity(plain) for plain, _ in core if plain in asked_words) / mass
    by_synonym = float(any(_in_name(unit, index, name) for unit in question.units))
    return Signs(
        coverage=share,
        by_synonym=by_synonym,
        pairs=sum(shared) / (sum(pairs.values()) or 1.0),
        rarest=max(shared, default=0.0) / RAREST,
        unknown=_unknown(question.units, index),
        strange=min(2, foreign) * (1 - max(SPARED * share, SPARED_NAMED * by_synonym)),
    )


RAREST = 7.0
"""About the idf of a term in one procedure of some thousands."""
SPARED, SPARED_NAMED = 0.7, 0.6
"""How much less a strange topic weighs where the whole name was asked for, and where a synonym named it: "đi du học"
may be why, not what."""


def _terms(topic: Words) -> list[str]:
    return [f"{one} {other}" for (one, _), (other, _) in pairwise(topic)] or [topic[0][0]]


def _pairs(units: tuple[Unit, ...], index: Index) -> Iterable[str]:
    """Neighbouring words of the question; of a synonym's readings those that are neighbours in names."""
    last = ""
    for unit in units:
        if not unit.weight:
            last = "" if unit.breaks else last
            continue
        for reading in unit.readings:
            before = last
            for plain, _ in reading:
                pair = f"{before} {plain}"
                if before and (not unit.synonym or pair in index.core_pairs):
                    yield pair
                before = plain
        last = unit.readings[0][-1][0]


def _in_name(unit: Unit, index: Index, name: set[str]) -> bool:
    if not unit.synonym:
        return False
    for reading in unit.readings:
        mass = sum(index.rarity(plain) for plain, _ in reading)
        if (
            len(reading) >= LONG_READING
            and sum(index.rarity(plain) for plain, _ in reading if plain in name) >= 0.7 * mass
        ):
            return True
    return False


def _unknown(units: tuple[Unit, ...], index: Index) -> float:
    unknown = total = 0.0
    for unit in units:
        for plain, _ in unit.readings[0]:
            weight = unit.weight * index.rarity(plain)
            total += weight
            unknown += weight * (plain not in index.head_words)
    return unknown / total if total else 1.0

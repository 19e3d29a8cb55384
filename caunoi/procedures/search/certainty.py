"""Whether one of the first three answers the question at all: a logistic model of six signs.

Most wrong hits share only words that all procedures share ("giấy phép", "đăng ký"), or tell of something that another
office does: that stands in the index too (elsewhere.py), and a procedure must come before it. A sign against a hit is a
topic of another field ("thất nghiệp") that it does not cover. Topics are in `procedures/data/topics.txt`; a topic that
a procedure covers is not foreign to it, so the list need not shrink as more procedures are imported.
"""

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from itertools import pairwise
from math import exp, log
from pathlib import Path

from caunoi.procedures.search.index import Index
from caunoi.procedures.search.question import ParsedQuestion, Unit
from caunoi.procedures.search.synonyms import Words, same, words

TOPICS = Path(__file__).parent.parent / "data" / "topics.txt"
FITS = 0.4
"""The certainty from which a hit is an answer."""
KNOWS = 100
"""The weight of a term (of 255) from which a procedure is about it."""
LONG_READING = 3
"""A reading of so many words in a name is no coincidence."""


@dataclass(frozen=True, kw_only=True)
class Signs:
    """What is measured, each about 0 to 1. `score` of the best procedure (ranking.py); `lead`: how far it stands before
    what another office does (elsewhere.py), below 0 where it stands behind; `strength`: its BM25F, against that of
    STRONG of the rarest words; `strange`: topics of other fields (at most 2), less where the whole name was asked for
    or a synonym gives it; `ahead`: how far it stands before the AHEAD-th procedure; `length`: the logarithm of how
    many times as much was said as in SHORT words, which thins what is known of it."""

    score: float
    lead: float
    strength: float
    strange: float
    ahead: float
    length: float


WEIGHTS = Signs(score=6.23, lead=2.02, strength=2.22, strange=-0.88, ahead=3.34, length=1.67)
BIAS = -6.02
"""Fitted by logistic regression on questions of three other hands, asked before the words of theirs were learnt, and
on the first three quarters of tests/procedures/questions.tsv, which count a quarter (docs/search.md)."""


def certainty(signs: Signs) -> float:
    """The chance, 0 to 1, that one of the first three is right."""
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


def signs(
    index: Index, question: ParsedQuestion, ranked: Sequence[tuple[int, float]], strength: float, topics: Topics
) -> Signs:
    """The signs of a ranking: the numbers of procedures and matters with their scores, the best first; `strength`: the
    BM25F of the first procedure. There must be one."""
    procedures = [(n, score) for n, score in ranked if n not in index.matters]
    number, score = procedures[0]
    beside = next((score for n, score in ranked if n in index.matters), 0.0)
    return Signs(
        score=score,
        lead=(score - beside) / max(score, beside),
        strength=min(1.0, strength / (STRONG * index.rarity(""))),
        strange=_strange(index, question, number, topics),
        ahead=1 - procedures[AHEAD - 1][1] / score if len(procedures) >= AHEAD else FEW,
        length=max(0.0, log((1 + sum(unit.weight for unit in question.units)) / SHORT)),
    )


AHEAD = 10
"""Where that many procedures answer nearly as well, none of them was meant."""
FEW = 0.5
"""What is taken where so many do not answer at all: so little says nothing."""
SHORT = 10
"""Words of a usual question."""
STRONG = 8
"""So many of the rarest words that were asked for leave no doubt of what was meant."""
SPARED, SPARED_NAMED = 0.7, 0.6
"""How much less a strange topic weighs where the whole name was asked for, and where a synonym named it: "đi du học"
may be why, not what."""


def _strange(index: Index, question: ParsedQuestion, number: int, topics: Topics) -> float:
    """How many topics of the question the procedure does not cover."""
    foreign = sum(
        not all(index.weight(term, number) >= KNOWS for term in _terms(topic))
        for topic in topics.within(question.typed, literal=question.literal)
    )
    if not foreign:
        return 0.0
    core = index.cores[number]
    name = {plain for plain, _ in core}
    asked_words = {plain for unit in question.units if unit.weight for reading in unit.readings for plain, _ in reading}
    mass = sum(index.rarity(plain) for plain, _ in core) or 1.0
    share = sum(index.rarity(plain) for plain, _ in core if plain in asked_words) / mass
    by_synonym = float(any(_in_name(unit, index, name) for unit in question.units))
    return min(2, foreign) * (1 - max(SPARED * share, SPARED_NAMED * by_synonym))


def _terms(topic: Words) -> list[str]:
    return [f"{one} {other}" for (one, _), (other, _) in pairwise(topic)] or [topic[0][0]]


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

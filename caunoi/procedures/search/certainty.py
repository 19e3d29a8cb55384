"""Whether one of the first three answers the question at all: a logistic model of four signs.

Most wrong hits share only words that all procedures share ("giấy phép", "đăng ký"), or tell of something that another
office does: that stands in the index too (elsewhere.py), and what people tell of it is compared with what they tell of
the procedures.
"""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from math import exp, log1p

from caunoi.procedures.search.index import Index

FITS = 0.4
"""The certainty from which a hit is an answer."""
AHEAD = 10
"""Where that many procedures answer nearly as well, none of them was meant."""
FEW = 0.5
"""What is taken where so many do not answer at all: so little says nothing."""
UNIT = 4.2
"""The weight of the rarest term (of 255) in what is told by which likeness is measured."""


@dataclass(frozen=True, kw_only=True)
class Signs:
    """What is measured. `score` of the best procedure (ranking.py), 0 to 1; `ahead`: how far it stands before the
    AHEAD-th, 0 to 1; `before`: how far the procedure that is told of most alike stands before what another office does
    (elsewhere.py), -1 to 1; `like`: the logarithm of the likeness of the first three."""

    score: float
    ahead: float
    before: float
    like: float


WEIGHTS = Signs(score=5.89, ahead=3.15, before=4.68, like=1.48)
BIAS = -10.69
"""Fitted by logistic regression on questions of four other hands, asked before the words of theirs were learnt, and on
the first three quarters of tests/procedures/questions.tsv, which count a quarter (docs/search.md)."""


def certainty(signs: Signs) -> float:
    """The chance, 0 to 1, that one of the first three is right."""
    return 1 / (1 + exp(-BIAS - sum(w * s for w, s in zip(astuple(WEIGHTS), astuple(signs)))))


def signs(index: Index, ranked: Sequence[tuple[int, float]], like: Sequence[float]) -> Signs:
    """The signs of a ranking: the numbers of procedures and matters with their scores, the best first, and the likeness
    of each. There must be a procedure."""
    procedures = [(n, score) for n, score in ranked if n not in index.matters]
    score = procedures[0][1]
    likest = max(like[n] for n, _ in procedures)
    elsewhere = max((like[n] for n in index.matters), default=0.0)
    first = max(like[n] for n, _ in procedures[:3])
    return Signs(
        score=score,
        ahead=1 - procedures[AHEAD - 1][1] / score if len(procedures) >= AHEAD else FEW,
        before=(likest - elsewhere) / (max(likest, elsewhere) or 1.0),
        like=log1p(first / (UNIT * index.rarity("") ** 2)),
    )

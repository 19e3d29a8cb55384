"""Trains the scale of alike reports, from those that we wrote: `python -m tools.alike_scale`. Needs
requirements/learn.in.

Of each hand one event in eight is not taught (`is_taught`), so that it can be looked at; it stands among the
candidates, and nothing is asked of what belongs together there. A hand's reports are compared with one another, once
with the communes that somebody chose and once with those that the words name. The curve is fitted on pairs that a
person would be shown, the three likeliest of each report and how they stand among all, by weights that saw nothing of
its hand. (Not on hand M: it is full of near misses, more than any week has.) `--without HAND` teaches nothing of a
hand, writes nothing and prints how that hand does.
"""

import json
import sys
from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from bench.alike import calibration
from caunoi.lib.vietnamese.writing import expand, without_courtesy
from caunoi.triage import alike, phrases
from caunoi.triage.alike import MOST, Report, Scale
from caunoi.triage.concepts import concepts
from caunoi.triage.model import Curve
from caunoi.triage.training import curve
from tools.alike_report import is_taught, report

OPEN = Path(__file__).parent.parent / "tests" / "triage" / "alike" / "open"
DENSE = "M"
"""The hand that is denser than life."""
STRENGTH = 0.3
SAMPLED = 20
"""Of so many pairs that nobody would take for the same thing one teaches."""
NEAR = -5.5
"""The score from which somebody might."""
WIDTH = 32
"""Numbers of a sense."""
RAREST = 3
"""Phrases in which a name must be."""
LARGEST = 127


def senses() -> tuple[dict[str, int], "array[int]"]:
    """The latent semantic analysis of our phrases: names and their numbers."""
    texts = [one["text"] for _, one in phrases.read()]
    table = TfidfVectorizer(analyzer=_names, min_df=RAREST, sublinear_tf=True)
    parts = TruncatedSVD(WIDTH, random_state=0).fit(table.fit_transform(texts)).components_
    numbers = (parts * table.idf_).T
    whole = numpy.rint(numbers / numpy.abs(numbers).max() * LARGEST * 4).clip(-LARGEST, LARGEST)
    return {str(k): int(v) for k, v in table.vocabulary_.items()}, array("b", whole.astype("int8").ravel().tolist())


def _names(text: str) -> list[str]:
    both, words, pairs = alike.parts(expand(without_courtesy(text)))
    return list(alike.names(words, pairs, concepts(both)))


@dataclass(frozen=True)
class Pairs:
    """All pairs of a set: their signals, whether they are the same thing, and of which rows."""

    rows: Sequence[dict[str, Any]]
    table: Any
    same: Any
    one: Any
    other: Any

    @classmethod
    def of(cls, rows: Sequence[dict[str, Any]], *, chosen: bool) -> "Pairs":
        readings = [alike.read(report(row, chosen=chosen)) for row in rows]
        ends = numpy.array(list(combinations(range(len(rows)), 2)))
        table = numpy.array([list(alike.signals(readings[a], readings[b]).values()) for a, b in ends], dtype="float32")
        same = numpy.array([rows[a]["event"] == rows[b]["event"] for a, b in ends])
        return cls(rows, table, same, ends[:, 0], ends[:, 1])

    @property
    def hand(self) -> str:
        return str(self.rows[0]["hand"])

    def taught(self) -> Any:
        """Whether both rows of a pair are taught."""
        rows = numpy.array([is_taught(row) for row in self.rows])
        return rows[self.one] & rows[self.other]

    def best(self, model: LogisticRegression) -> list[tuple[int, list[tuple[tuple[float, ...], bool]]]]:
        """Of each row its place, and the three likeliest others: their standings and whether right."""
        values = model.decision_function(self.table)
        result = []
        for at in range(len(self.rows)):
            own = numpy.flatnonzero((self.one == at) | (self.other == at))
            likeliest = own[numpy.argsort(-values[own])[: MOST + 1]]
            standings = alike.standings([float(values[pair]) for pair in likeliest], MOST)
            result.append((at, [*zip(standings, map(bool, self.same[likeliest]))]))
        return result


def _fit(sets: Sequence[Pairs]) -> LogisticRegression:
    """By all pairs that are the same thing, all that look so to a first model, and a sample of the others that counts
    for all of them."""
    kept = [numpy.flatnonzero(pairs.taught()) for pairs in sets]
    table = numpy.vstack([pairs.table[own] for pairs, own in zip(sets, kept, strict=True)])
    same = numpy.concatenate([pairs.same[own] for pairs, own in zip(sets, kept, strict=True)])
    sample = numpy.random.default_rng(0).random(len(same)) < 1 / SAMPLED
    near = same
    for _ in range(2):
        read = near | sample
        weights = numpy.where(near, 1.0, SAMPLED)[read]
        model = LogisticRegression(C=STRENGTH, max_iter=300, solver="newton-cholesky")
        model.fit(table[read], same[read], sample_weight=weights)
        near = same | (model.decision_function(table) > NEAR)
    return model


def _curve(sets: Sequence[Pairs]) -> tuple[list[float], Curve, int]:
    """From the standings of what a person would be shown of a hand, by the others' weights: their weights, the curve of
    the sums; and of how many pairs."""
    shown = []
    for hand in sorted({pairs.hand for pairs in sets} - {DENSE}):
        model = _fit([pairs for pairs in sets if pairs.hand != hand])
        for pairs in (each for each in sets if each.hand == hand):
            shown += [pair for at, best in pairs.best(model) if is_taught(pairs.rows[at]) for pair in best]
    table, right = numpy.array([one for one, _ in shown]), numpy.array([right for _, right in shown])
    weights = LogisticRegression().fit(table, right).coef_[0]
    return [float(one) for one in weights], curve(table @ weights, right), len(shown)


def _look(hand: str, sets: Sequence[Pairs]) -> None:
    """How a hand does by what the others taught."""
    others = [pairs for pairs in sets if pairs.hand != hand]
    model, (weights, own, _) = _fit(others), _curve(others)
    for pairs, name in zip((each for each in sets if each.hand == hand), ("named", "chosen"), strict=True):
        best = pairs.best(model)
        events = Counter(row["event"] for row in pairs.rows)
        found = [any(right for _, right in three) for at, three in best if events[pairs.rows[at]["event"]] > 1]
        shown = [(own.probability(float(numpy.dot(weights, one))), right) for _, three in best for one, right in three]
        error = calibration(shown)
        print(f"{hand}, communes {name}: {sum(found) / len(found):.1%} of {len(found)}, calibration error {error:.3f}")


def main(without: str = "") -> None:
    rows, numbers = senses()
    nothing = Curve(at=[], low=[], high=[])
    blank = Scale(weights={}, bias=0, standing=[], curve=nothing, card={}, width=WIDTH, rows=rows, senses=numbers)
    alike.put(blank)  # reports are read by its senses
    hands = [
        [json.loads(line) for line in file.read_text("utf-8").splitlines()] for file in sorted(OPEN.glob("*.jsonl"))
    ]
    sets = [Pairs.of(hand, chosen=chosen) for hand in hands for chosen in (False, True)]
    if without:
        _look(without, sets)
        return
    model, (standing, own, shown) = _fit(sets), _curve(sets)
    first = Report(text="")
    weights = dict(zip(alike.signals(alike.read(first), alike.read(first)), map(float, model.coef_[0]), strict=True))
    taught = sum(is_taught(row) for hand in hands for row in hand)
    made = Scale(
        weights=weights,
        bias=float(model.intercept_[0]),
        standing=standing,
        curve=own,
        card={"reports": taught, "hands": len(hands), "shown": shown},
        width=WIDTH,
        rows=rows,
        senses=numbers,
    )
    alike.FILE.write_bytes(made.to_bytes())
    print(f"{taught} reports, {len(rows)} names, {len(weights)} signals, {alike.FILE.stat().st_size} bytes")


if __name__ == "__main__":
    main(sys.argv[2] if sys.argv[1:2] == ["--without"] else "")

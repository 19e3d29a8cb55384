"""Trains the scale of alike reports, from those that we wrote: `python -m tools.alike_scale`. Needs
requirements/learn.in.

Of hand K only half of the events are taught (`is_taught`), so that the other half can be looked at; it stands among the
candidates, and nothing is asked of what belongs together there. Of hand M all are taught. A hand's reports are compared
with one another, once with the communes that somebody chose and once with those that the words name. The curve is
fitted on pairs of K that the weights had not seen and a person would be shown: the three likeliest of each report. (M
is full of near misses, more than any week has.)"""

import json
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from caunoi.lib.vietnamese.writing import expand, without_courtesy
from caunoi.triage import alike, phrases
from caunoi.triage.alike import MOST, Report, Scale
from caunoi.triage.concepts import concepts
from caunoi.triage.model import Curve
from caunoi.triage.training import curve
from tools.alike_report import HALVED, is_taught, report

OPEN = Path(__file__).parent.parent / "tests" / "triage" / "alike" / "open"
FOLDS = 20
STRENGTH = 1.0
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
        table = numpy.array([list(alike.signals(readings[a], readings[b]).values()) for a, b in ends])
        same = numpy.array([rows[a]["event"] == rows[b]["event"] for a, b in ends])
        return cls(rows, table, same, ends[:, 0], ends[:, 1])

    def folds(self) -> Any:
        """The number of each row's fold, by its event; -1 of those that are not taught."""
        return numpy.array([_fold(row["event"]) if is_taught(row) else -1 for row in self.rows])


def _fold(event: str) -> int:
    return int(sha256(f"fold {event}".encode()).hexdigest(), 16) % FOLDS


def _fit(sets: Sequence[Pairs], without: int | None = None) -> LogisticRegression:
    tables, same = [], []
    for pairs in sets:
        folds = pairs.folds()
        first, second = folds[pairs.one], folds[pairs.other]
        taught = (first >= 0) & (second >= 0) & (first != without) & (second != without)
        tables.append(pairs.table[taught])
        same.append(pairs.same[taught])
    return LogisticRegression(C=STRENGTH, max_iter=5000).fit(numpy.vstack(tables), numpy.concatenate(same))


def _shown(sets: Sequence[Pairs]) -> tuple[list[float], list[float]]:
    """The scores of the likeliest others of each taught report, by weights that had not seen it, and whether right."""
    scores, right = [], []
    for fold in range(FOLDS):
        model = _fit(sets, fold)
        for pairs in (each for each in sets if each.rows[0]["hand"] == HALVED):
            folds = pairs.folds()
            for at in numpy.flatnonzero(folds == fold):
                own = numpy.flatnonzero((pairs.one == at) | (pairs.other == at))
                values = model.decision_function(pairs.table[own])
                for best in numpy.argsort(-values)[:MOST]:
                    scores.append(float(values[best]))
                    right.append(float(pairs.same[own[best]]))
    return scores, right


def main() -> None:
    rows, numbers = senses()
    blank = Scale(
        weights={}, bias=0, curve=Curve(at=[], low=[], high=[]), card={}, width=WIDTH, rows=rows, senses=numbers
    )
    alike.put(blank)  # reports are read by its senses
    hands = [
        [json.loads(line) for line in file.read_text("utf-8").splitlines()] for file in sorted(OPEN.glob("*.jsonl"))
    ]
    sets = [Pairs.of(hand, chosen=chosen) for hand in hands for chosen in (False, True)]
    model = _fit(sets)
    scores, right = _shown(sets)
    first = Report(text="")
    weights = dict(zip(alike.signals(alike.read(first), alike.read(first)), map(float, model.coef_[0]), strict=True))
    taught = sum(is_taught(row) for hand in hands for row in hand)
    made = Scale(
        weights=weights,
        bias=float(model.intercept_[0]),
        curve=curve(numpy.array(scores), numpy.array(right)),
        card={"reports": taught, "hands": len(hands), "shown": len(scores)},
        width=WIDTH,
        rows=rows,
        senses=numbers,
    )
    alike.FILE.write_bytes(made.to_bytes())
    print(f"{taught} reports, {len(rows)} names, {len(weights)} signals, {alike.FILE.stat().st_size} bytes")


if __name__ == "__main__":
    main()

"""A model from examples, by scikit-learn, which only the machine that trains needs (requirements/learn.in).

The weights of each head are a linear support vector machine's, one label against the others. Its curves are fitted on
scores of messages that the weights had not seen: each group of examples (a hand that wrote phrases, a week of tickets)
is scored by weights that were trained on the others, so that nobody's own way of writing makes them look surer than
they will be with the next one's.
"""

from array import array
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy
from scipy.sparse import csr_matrix
from sklearn.isotonic import IsotonicRegression
from sklearn.model_selection import GroupKFold
from sklearn.svm import LinearSVC

from caunoi.triage.features import features
from caunoi.triage.model import NONE, Curve, Head, Model

FOLDS = 10
RAREST = 3
"""Examples in which a feature must be."""
LARGEST = 127
"""The largest weight as an 8-bit number."""
STRENGTH = 0.3
"""How far weights may grow (scikit-learn's C)."""
STEPS = 80
"""Scores at which a curve is kept."""


@dataclass(frozen=True, kw_only=True)
class Example:
    """A message and what was decided of it: head → label; a head that nobody decided is missing. `group`: what it has
    in common with others, such as who wrote it."""

    text: str
    labels: Mapping[str, str]
    group: str


def train(examples: Sequence[Example], heads: Sequence[str], card: Mapping[str, Any] | None = None) -> Model:
    """ValueError where a head has fewer than two labels or all is of one group."""
    read = [features(one.text) for one in examples]
    counts = Counter(name for one in read for group in one for name in group)
    rows = {name: row for row, name in enumerate(sorted(name for name, n in counts.items() if n >= RAREST))}
    idf = [float(numpy.log((1 + len(read)) / (1 + counts[name])) + 1) for name in rows]
    empty = Model(heads=[], rows=rows, idf=idf, weights=array("b"), steps=[])
    table = _table([empty.values(one) for one in read], len(rows))
    groups = numpy.array([one.group for one in examples])
    made, parts = [], []
    for name in heads:
        chosen = numpy.array([at for at, one in enumerate(examples) if name in one.labels])
        labels = numpy.array([examples[at].labels[name] for at in chosen])
        names, weights, bias = _fit(table[chosen], labels)
        curve = _curve(name, table[chosen], labels, groups[chosen])
        made.append(Head(name=name, labels=names, bias=[float(value) for value in bias], curve=curve))
        parts.append(weights)
    numbers = numpy.vstack(parts).T  # a row a feature
    steps = numpy.maximum(numpy.abs(numbers).max(axis=0), 1e-9) / LARGEST
    whole = array("b", numpy.rint(numbers / steps).astype("int8").ravel().tolist())
    return Model(heads=made, rows=rows, idf=idf, weights=whole, steps=[float(one) for one in steps], card=card or {})


def _table(read: Sequence[Sequence[tuple[str, int, float]]], width: int) -> csr_matrix:
    ends, columns, values = [0], [], []
    for one in read:
        for _, row, value in one:
            columns.append(row)
            values.append(value)
        ends.append(len(columns))
    return csr_matrix((values, columns, ends), shape=(len(read), width))


def _fit(table: csr_matrix, labels: Any) -> tuple[list[str], Any, Any]:
    """The labels, their weights and biases."""
    balance = "balanced" if NONE in labels else None
    model = LinearSVC(C=STRENGTH, class_weight=balance, random_state=0).fit(table, labels)
    weights, bias = model.coef_, model.intercept_
    if len(model.classes_) == 2:
        weights, bias = numpy.vstack([-weights[0], weights[0]]), numpy.array([-bias[0], bias[0]])
    return [str(label) for label in model.classes_], weights, bias


def _curve(name: str, table: csr_matrix, labels: Any, groups: Any) -> Curve:
    scores, right = numpy.zeros(len(labels)), numpy.zeros(len(labels))
    for taught, untaught in GroupKFold(n_splits=min(FOLDS, len(set(groups)))).split(table, labels, groups):
        names, weights, bias = _fit(table[taught], labels[taught])
        head = Head(name=name, labels=names, bias=bias, curve=Curve(at=[], low=[], high=[]))
        for at, sums in zip(untaught, table[untaught] @ weights.T + bias, strict=True):
            number, scores[at] = head.choose(list(sums))
            right[at] = labels[at] != NONE if NONE in names else labels[at] == names[number]
    return curve(scores, right)


def curve(scores: Any, right: Any) -> Curve:
    """The two curves: the isotonic fit with the message itself among the examples, once as wrong, once as right
    (inductive Venn-Abers predictors), at STEPS scores."""
    at = numpy.unique(numpy.quantile(scores, numpy.linspace(0, 1, STEPS)))
    lines: list[list[float]] = [[], []]
    for score in at:
        for value, line in enumerate(lines):
            fit = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip")
            fit.fit(numpy.append(scores, score), numpy.append(right, value))
            line.append(float(fit.predict([score])[0]))
    return Curve(at=[float(score) for score in at], low=lines[0], high=lines[1])

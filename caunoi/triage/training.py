"""A model from examples, by scikit-learn, which only the machine that trains needs (requirements/learn.in).

The weights of each head are those of a support vector machine, one label against the others, and, with less weight, how
much likelier each word is under a label than elsewhere: what few examples have is learnt by the second. Its curves are
fitted on scores of messages that the weights had not seen: each group of examples (a hand that wrote phrases, a week of
tickets) is scored by weights that were trained on the others, so that nobody's own way of writing makes them look surer
than they will be with the next one's.
"""

from array import array
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy
from scipy.sparse import csr_matrix
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from sklearn.svm import LinearSVC

from caunoi.lib.places import address
from caunoi.triage.features import features
from caunoi.triage.model import NONE, Curve, Head, Model

FOLDS = 10
RAREST = 3
"""Examples in which a feature must be."""
FEWEST = 20
"""Examples that a head must have."""
LARGEST = 127
"""The largest weight as an 8-bit number."""
STRENGTH = 0.3
"""How far weights may grow (scikit-learn's C)."""
ODDS = 0.6
"""How much the odds of words count beside the support vector machine."""
UNSEEN = 0.05
"""How often every word is taken to have been seen under every label beforehand."""
STEPS = 80
"""Scores at which a curve is kept."""
WRONG = 0.05
"""Errors among the proposals that are sure, at most."""
PATIENCE = 100
"""Proposals of a label after which its own errors count as much as those of all labels."""
EVEN = 0.5
"""What is less likely is never sure, however seldom the label is wrong."""
NEVER = 1.01
"""A probability that nothing reaches."""


@dataclass(frozen=True, kw_only=True)
class Example:
    """A message and what was decided of it: head → label; a head that nobody decided is missing. `group`: what it has
    in common with others, such as who wrote it; `usual`: whether it is of an ordinary day, on which limits are fitted;
    `home`: the code of the province that was asked.
    """

    text: str
    labels: Mapping[str, str]
    group: str
    usual: bool = True
    home: str = address.HOME


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What weights said of messages that they had not seen: which messages (`at`), the label of each (its number among
    `labels`), the score, and whether that was right; of an alarm, whether there was anything."""

    labels: Sequence[str]
    at: Any
    chosen: Any
    scores: Any
    right: Any

    def among(self, mask: Any) -> "Trial":
        """Of those messages only for which the mask, one value for each of all messages, is true; of all where it is
        for none."""
        own = mask[self.at] if mask[self.at].any() else slice(None)
        arrays = {name: getattr(self, name)[own] for name in ("at", "chosen", "scores", "right")}
        return replace(self, **arrays)


def train(examples: Sequence[Example], heads: Sequence[str], card: Mapping[str, Any] | None = None) -> Model:
    """A model of those `heads` of which something can be learnt: of which there are FEWEST examples, with two labels.
    Its card has what was measured on groups that the weights had not seen."""
    read = [features(one.text, one.home) for one in examples]
    counts = Counter(name for one in read for group in one for name in group)
    rows = {name: row for row, name in enumerate(sorted(name for name, n in counts.items() if n >= RAREST))}
    idf = [float(numpy.log((1 + len(read)) / (1 + counts[name])) + 1) for name in rows]
    empty = Model(heads=[], rows=rows, idf=idf, weights=array("b"), steps=[])
    table = _table([empty.values(one) for one in read], len(rows))
    groups, usual = numpy.array([one.group for one in examples]), numpy.array([one.usual for one in examples])
    made, parts, figures = [], [], {}
    for name in heads:
        chosen = numpy.array([at for at, one in enumerate(examples) if name in one.labels], dtype=int)
        labels = numpy.array([examples[at].labels[name] for at in chosen])
        trial = _try(name, table[chosen], labels, groups[chosen]) if len(chosen) >= FEWEST else None
        if trial is None:
            continue
        names, weights, bias = _fit(table[chosen], labels)
        ordinary = trial.among(usual[chosen])
        own = curve(trial.scores, trial.right) if NONE in names else _smooth_curve(ordinary.scores, ordinary.right)
        head = Head(name=name, labels=names, bias=bias, curve=own)
        if NONE not in names:
            head = replace(head, limits=_limits(_probabilities(head, ordinary), ordinary))
        made.append(head)
        parts.append(weights)
        figures[name] = _figures(head, ordinary)
    numbers = numpy.vstack(parts).T if parts else numpy.zeros((len(rows), 0))  # a row a feature
    steps = numpy.maximum(numpy.abs(numbers).max(axis=0, initial=0), 1e-9) / LARGEST
    whole = array("b", numpy.rint(numbers / steps).astype("int8").ravel().tolist())
    steps = [float(one) for one in steps]
    card = {**(card or {}), "heads": figures}
    return Model(heads=made, rows=rows, idf=idf, weights=whole, steps=steps, card=card)


def _table(read: Sequence[Sequence[tuple[str, int, float]]], width: int) -> csr_matrix:
    ends, columns, values = [0], [], []
    for one in read:
        for _, row, value in one:
            columns.append(row)
            values.append(value)
        ends.append(len(columns))
    return csr_matrix((values, columns, ends), shape=(len(read), width))


def _fit(table: csr_matrix, labels: Any) -> tuple[list[str], Any, list[float]]:
    """The labels, their weights and biases."""
    balance = "balanced" if NONE in labels else None
    model = LinearSVC(C=STRENGTH, class_weight=balance, random_state=0).fit(table, labels)
    weights, bias = model.coef_, model.intercept_
    if len(model.classes_) == 2:
        weights, bias = numpy.vstack([-weights[0], weights[0]]), numpy.array([-bias[0], bias[0]])
    names = [str(label) for label in model.classes_]
    odds = _odds(table, labels, names)
    sums = table @ odds.T
    share = ODDS * _loudness(table @ weights.T + bias) / numpy.maximum(_loudness(sums - sums.mean(axis=0)), 1e-9)
    bias = bias - share * sums.mean(axis=0)
    return names, weights + share[:, None] * odds, [float(value) for value in bias]


def _odds(table: csr_matrix, labels: Any, names: Sequence[str]) -> Any:
    """How much likelier each word is under each label than under the others (naive Bayes)."""
    sums = numpy.array([numpy.asarray(table[labels == name].sum(axis=0)).ravel() for name in names])
    return _likelihood(sums) - _likelihood(sums.sum(axis=0) - sums)


def _likelihood(sums: Any) -> Any:
    sums = sums + UNSEEN
    return numpy.log(sums / sums.sum(axis=1, keepdims=True))


def _loudness(sums: Any) -> Any:
    """How far the sums of each label are from nothing."""
    return numpy.abs(sums).mean(axis=0)


def _try(name: str, table: csr_matrix, labels: Any, groups: Any) -> Trial | None:
    """None where there is nothing to tell apart. Where all is of one group, each example is one of its own."""
    every = sorted({str(label) for label in labels})
    if len(every) < 2:
        return None
    if len(set(groups)) < 2:
        groups = numpy.arange(len(labels))
    tried, chosen, scores, right = [], [], [], []
    for taught, untaught in GroupKFold(n_splits=min(FOLDS, len(set(groups)))).split(table, labels, groups):
        own = set(labels[taught])
        if len(own) < 2 or (NONE in every and NONE not in own):
            continue
        names, weights, bias = _fit(table[taught], labels[taught])
        head = Head(name=name, labels=names, bias=bias, curve=Curve(at=[], low=[], high=[]))
        for at, sums in zip(untaught, table[untaught] @ weights.T + bias, strict=True):
            number, score = head.choose(list(sums))
            tried.append(at)
            chosen.append(every.index(names[number]))
            scores.append(score)
            right.append(labels[at] != NONE if NONE in names else labels[at] == names[number])
    if not tried:
        return None
    order = numpy.argsort(tried)
    columns = {"at": tried, "chosen": chosen, "scores": scores, "right": right}
    return Trial(labels=every, **{name: numpy.array(column)[order] for name, column in columns.items()})


def curve(scores: Any, right: Any) -> Curve:
    """The two curves: the isotonic fit with the message itself among the examples, once as wrong, once as right
    (inductive Venn-Abers predictors), at STEPS scores."""
    at = numpy.unique(numpy.quantile(scores, numpy.linspace(0, 1, STEPS)))
    lines: list[list[float]] = [[], []]
    for score in at:
        for value, line in enumerate(lines):
            fit = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip")
            fit.fit(numpy.append(scores, score), numpy.append(right, value))
            line.append(round(float(fit.predict([score])[0]), 4))
    return Curve(at=[round(float(score), 4) for score in at], low=lines[0], high=lines[1])


def _smooth_curve(scores: Any, right: Any) -> Curve:
    """Of a choice: half-way from there to a logistic curve. Where the isotonic ones have their steps is chance, and the
    next hand has them elsewhere."""
    steps = curve(scores, right)
    if right.all() or not right.any():
        return steps
    fit = LogisticRegression().fit(_strides(scores), right)
    middles = [sum(two) / 2 for two in pairwise([*steps.at, steps.at[-1]])]
    line = fit.predict_proba(_strides(middles))[:, 1]
    low, high = ([(float(p) + one) / 2 for p, one in zip(line, own, strict=True)] for own in (steps.low, steps.high))
    return Curve(at=steps.at, low=low, high=high)


def _strides(scores: Any) -> Any:
    """What the odds of a choice go by: how far it is ahead, and the root of that, for the first steps say most."""
    ahead = numpy.maximum(scores, 0)
    return numpy.column_stack([ahead, numpy.sqrt(ahead)])


def _figures(head: Head, trial: Trial) -> dict[str, Any]:
    """What is known of a head: of how many examples which share was right (of an alarm: how many are one), and for
    each label of how many proposals which share is sure, and which share of those was wrong."""
    if NONE in head.labels:
        return {"of": len(trial.right), "alarms": int(trial.right.sum())}
    p, sure = _probabilities(head, trial), {}
    for number, label in enumerate(trial.labels):
        own = trial.chosen == number
        certain = own & (p >= head.limits[label])
        sure[label] = {
            "from": head.limits[label],
            "of": int(own.sum()),
            "covers": round(float(certain.sum() / max(own.sum(), 1)), 3),
            "wrong": round(float((certain & ~trial.right).sum() / max(certain.sum(), 1)), 3),
        }
    return {"of": len(trial.right), "right": round(float(trial.right.mean()), 3), "sure": sure}


def _probabilities(head: Head, trial: Trial) -> Any:
    return numpy.array([round(head.curve.probability(score), 3) for score in trial.scores])


def _limits(p: Any, trial: Trial) -> dict[str, float]:
    """The least probability from which on at most WRONG of each label's proposals were wrong; NEVER where none is. A
    label is taken to be as often wrong as all are, until PATIENCE of its own proposals say otherwise."""
    result = dict.fromkeys(trial.labels, NEVER)
    for least in sorted({one for one in p.tolist() if one >= EVEN}, reverse=True):
        certain = p >= least
        usual = 1 - trial.right[certain].mean()
        for number, label in enumerate(trial.labels):
            own = trial.right[certain & (trial.chosen == number)]
            if (own.size - own.sum() + PATIENCE * usual) / (own.size + PATIENCE) <= WRONG:
                result[label] = least
    return result

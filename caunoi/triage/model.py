"""What was learnt from what people decided, and how it is asked: for each head (a matter of a message: its field, its
urgency …) the labels, each with a weight for every feature. Pure, and in no need of what it was trained with.

Every proposal has a probability that means something: that a person will agree. It is read from curves fitted on
messages that the weights had not seen (training.py). A head with NONE among its labels raises an alarm: its probability
is that of anything but none.

A model is a file: MAGIC, then compressed one line of JSON (heads, features, card) and the weights as 8-bit numbers.
"""

import json
import zlib
from array import array
from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from heapq import nlargest
from operator import itemgetter
from typing import Any, Self

from caunoi.triage.features import GROUPS

MAGIC = b"caunoi triage 1\n"
NONE = "none"
LOUDEST = 3
"""Words that are given as the reason of a proposal."""
NEXT = 2
"""Labels that are named behind the likeliest."""


class BadModelError(Exception):
    """These bytes are no model that this release reads."""


@dataclass(frozen=True, kw_only=True)
class Curve:
    """From a score to a probability: the two isotonic curves of a Venn-Abers predictor as steps. `at`: scores in
    ascending order; `low`, `high`: the probabilities from there on, were this message wrong, or right."""

    at: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]

    def probability(self, score: float) -> float:
        """Both merged, so that the error is least whichever holds (Vovk and Petej, Venn-Abers predictors, 2014)."""
        step = max(bisect_right(self.at, score) - 1, 0)
        low, high = self.low[step], self.high[step]
        return high / (1 - low + high)


@dataclass(frozen=True, kw_only=True)
class Head:
    """A matter of a message: its labels and the bias of each. `limits`: from which probability on a label's proposals
    were right often enough to be sure (training.WRONG); one that is missing has too few of them to tell."""

    name: str
    labels: Sequence[str]
    bias: Sequence[float]
    curve: Curve
    limits: Mapping[str, float] = field(default_factory=dict)

    def choose(self, sums: Sequence[float], allowed: Collection[str] | None = None) -> tuple[int, float]:
        """The number of the label, and its score: how far it is ahead of the next; of an alarm, how far from NONE.
        ValueError where no label is allowed."""
        if NONE in self.labels:
            none = self.labels.index(NONE)
            at = max((at for at in range(len(sums)) if at != none), key=sums.__getitem__)
            return at, -sums[none]
        open_ = [at for at, label in enumerate(self.labels) if allowed is None or label in allowed]
        at = max(open_, key=sums.__getitem__)
        return at, sums[at] - max(value for other, value in enumerate(sums) if other != at)

    def others(self, sums: Sequence[float], at: int, allowed: Collection[str] | None = None) -> tuple[str, ...]:
        """What comes behind the label with the number `at`, the likeliest first; nothing of an alarm."""
        if NONE in self.labels:
            return ()
        rest = [(value, label) for other, (value, label) in enumerate(zip(sums, self.labels)) if other != at]
        return tuple(
            label for _, label in nlargest(NEXT, (one for one in rest if allowed is None or one[1] in allowed))
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Guess:
    """`p`: the probability that a person will agree; `why`: the words that weighed most, without marks; `others`: what
    comes next, the likeliest first (none of an alarm); `sure`: from which probability on the model's own figures say
    that this value is sure, None where they say nothing."""

    value: str
    p: float
    why: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    sure: float | None = None


@dataclass(frozen=True, kw_only=True)
class Model:
    """`rows`: the number of each feature; `idf`: how rare each is; `weights`: for each feature one number a label, all
    heads one after the other, in units of that label's of `steps`; `card`: what was measured when it was made."""

    heads: Sequence[Head]
    rows: Mapping[str, int]
    idf: Sequence[float]
    weights: "array[int]"
    steps: Sequence[float]
    card: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def width(self) -> int:
        """Labels of all heads."""
        return sum(len(head.labels) for head in self.heads)

    def values(self, groups: Sequence[frozenset[str]]) -> list[tuple[str, int, float]]:
        """(feature, row, value) of the features that it knows: rare ones count more, long messages no more than short
        ones."""
        result = []
        for weight, names in zip(GROUPS, groups, strict=True):
            rows = [(name, row) for name in names if (row := self.rows.get(name)) is not None]
            length = sum(self.idf[row] ** 2 for _, row in rows) ** 0.5
            result += [(name, row, weight * self.idf[row] / length) for name, row in rows]
        return result

    def propose(
        self, groups: Sequence[frozenset[str]], allowed: Mapping[str, Collection[str]] | None = None
    ) -> dict[str, Guess]:
        """For each head the likeliest label (of an alarm that which is not NONE), of those that are `allowed`."""
        values, width = self.values(groups), self.width
        sums = [0.0] * width
        for _, row, value in values:
            line = self.weights[row * width : (row + 1) * width]
            sums = [total + value * weight for total, weight in zip(sums, line, strict=True)]
        result, first = {}, 0
        for head in self.heads:
            own = [sums[first + at] * self.steps[first + at] + bias for at, bias in enumerate(head.bias)]
            open_ = (allowed or {}).get(head.name)
            if open_ is not None and not any(label in open_ for label in head.labels):
                result[head.name] = Guess(value="", p=0.0)
                first += len(own)
                continue
            at, score = head.choose(own, open_)
            label = head.labels[at]
            result[head.name] = Guess(
                value=label,
                p=round(head.curve.probability(score), 3),
                why=self._why(values, first, len(own), at),
                others=head.others(own, at, open_),
                sure=head.limits.get(label),
            )
            first += len(own)
        return result

    def _why(self, values: Sequence[tuple[str, int, float]], first: int, count: int, at: int) -> tuple[str, ...]:
        """The words and pairs that spoke most for a label, against the mean of all."""
        weighed, steps = [], self.steps[first : first + count]
        for name, row, value in values:
            if name[0] == "=":
                continue
            start = row * self.width + first
            own = [weight * step for weight, step in zip(self.weights[start : start + count], steps, strict=True)]
            gain = value * (own[at] - sum(own) / count)
            if gain > 0:
                weighed.append((gain, name))
        words: list[str] = []
        for _, phrase in sorted(weighed, key=itemgetter(0), reverse=True):
            if not any(phrase in other or other in phrase for other in words):
                words.append(phrase)
            if len(words) == LOUDEST:
                break
        return tuple(words)

    def to_bytes(self) -> bytes:
        """The file."""
        head = {
            "heads": [
                {
                    "name": head.name,
                    "labels": [*head.labels],
                    "bias": [round(value, 4) for value in head.bias],
                    "curve": {key: [round(v, 4) for v in getattr(head.curve, key)] for key in ("at", "low", "high")},
                    "limits": dict(head.limits),
                }
                for head in self.heads
            ],
            "features": sorted(self.rows, key=self.rows.__getitem__),
            "idf": [round(value, 3) for value in self.idf],
            "steps": [round(value, 7) for value in self.steps],
            "card": dict(self.card),
        }
        line = json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode()
        return MAGIC + zlib.compress(line + b"\n" + self.weights.tobytes(), 9)

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """BadModelError."""
        if not data.startswith(MAGIC):
            raise BadModelError
        try:
            line, _, numbers = zlib.decompress(data[len(MAGIC) :]).partition(b"\n")
            head = json.loads(line)
            weights = array("b")
            weights.frombytes(numbers)
            model = cls(
                heads=[Head(**{**one, "curve": Curve(**one["curve"])}) for one in head["heads"]],
                rows={name: row for row, name in enumerate(head["features"])},
                idf=array("f", head["idf"]),
                weights=weights,
                steps=head["steps"],
                card=head["card"],
            )
        except (ValueError, KeyError, TypeError, zlib.error) as error:
            raise BadModelError from error
        if len(weights) != len(model.rows) * model.width or len(model.idf) != len(model.rows):
            raise BadModelError
        return model

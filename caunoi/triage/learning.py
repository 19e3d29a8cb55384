"""A better model from what people decided here, if it is better. Needs requirements/learn.in.

The exam is on decisions that the present model has not seen. The new one is asked each half of them after it was taught
all but that half; only then it learns everything. Worse than yesterday's, or deafer to emergencies, complaints and
denunciations among the phrases that we wrote, it is not taken.
"""

from collections.abc import Mapping, Sequence

from caunoi.triage import proposals
from caunoi.triage.exam import Exam
from caunoi.triage.features import features
from caunoi.triage.heads import HEADS
from caunoi.triage.model import NONE, Model
from caunoi.triage.training import Example, train

MATTERS = ("field", "kind", "urgency")


def learn(
    own: Sequence[Example], fresh: Sequence[Example], starters: Sequence[Example], present: Model
) -> tuple[Model, Exam]:
    """`own`: decisions that the present model may have seen, `fresh`: those that it cannot have. ValueError where there
    is too little to learn from."""
    taught = [*starters, *own]
    after = 0
    for half in (0, 1):
        rest = [one for at, one in enumerate(fresh) if at % 2 != half]
        after += _agreed(train([*taught, *rest], HEADS), fresh[half::2])
    model = train([*taught, *fresh], HEADS)
    report = Exam(
        taught=len(own) + len(fresh),
        of=sum(len(_matters(one.labels)) for one in fresh),
        before=_agreed(present, fresh),
        after=after,
        alarms_before=_noticed(present, starters),
        alarms_after=_noticed(model, starters),
    )
    return model, report


def _matters(labels: Mapping[str, str]) -> list[str]:
    return [name for name in MATTERS if name in labels]


def _agreed(model: Model, examples: Sequence[Example]) -> int:
    count = 0
    for one in examples:
        guesses = model.propose(features(one.text, one.home))
        count += sum(guesses[name].value == one.labels[name] for name in _matters(one.labels) if name in guesses)
    return count


def _noticed(model: Model, examples: Sequence[Example]) -> float:
    alarms = [one for one in examples if any(one.labels.get(name, NONE) != NONE for name in ("emergency", "legal"))]
    noticed = sum(proposals.is_raised(model.propose(features(one.text, one.home))) for one in alarms)
    return noticed / max(1, len(alarms))

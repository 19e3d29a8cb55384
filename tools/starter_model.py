"""Trains the model that an installation begins with, from the phrases that we wrote: `python -m tools.starter_model`.
Needs requirements/learn.in."""

from collections.abc import Sequence
from typing import Any

from caunoi.triage import phrases
from caunoi.triage.heads import HEADS
from caunoi.triage.starter import FILE
from caunoi.triage.training import Example, train


def examples_of(read: Sequence[tuple[str, dict[str, Any]]]) -> list[Example]:
    unusual = phrases.unusual(read)
    return [
        Example(text=one["text"], labels=phrases.labels(one), group=phrases.writer(hand), usual=hand not in unusual)
        for hand, one in read
    ]


def main() -> None:
    examples = examples_of([*phrases.read()])
    model = train(examples, HEADS, {"phrases": len(examples), "hands": len({one.group for one in examples})})
    FILE.write_bytes(model.to_bytes())
    print(f"{len(examples)} phrases, {len(model.rows)} features, {FILE.stat().st_size} bytes")
    for name, figures in model.card["heads"].items():
        print(name, {key: value for key, value in figures.items() if key != "sure"})
        for label, sure in figures.get("sure", {}).items():
            print(f"    {label:<14} sure from {sure['from']:<5} covers {sure['covers']:.0%} of {sure['of']}")


if __name__ == "__main__":
    main()

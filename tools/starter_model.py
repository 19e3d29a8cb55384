"""Trains the model that an installation begins with, from the phrases that we wrote: `python -m tools.starter_model`.
Needs requirements/learn.in."""

from caunoi.triage import phrases
from caunoi.triage.heads import HEADS
from caunoi.triage.starter import FILE
from caunoi.triage.training import Example, train


def main() -> None:
    examples = [Example(text=one["text"], labels=phrases.labels(one), group=hand) for hand, one in phrases.read()]
    model = train(examples, HEADS, {"phrases": len(examples), "hands": len({one.group for one in examples})})
    FILE.write_bytes(model.to_bytes())
    print(f"{len(examples)} phrases, {len(model.rows)} features, {FILE.stat().st_size} bytes")


if __name__ == "__main__":
    main()

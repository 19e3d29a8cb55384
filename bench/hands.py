"""How well messages are understood before the sealed ones are asked: each lot of hands by a model that the other hands
made, with their curves and limits. `python -m bench.hands`, with requirements/learn.lock; two minutes of CPU.

These hands were asked for messages that look like what they are not; those of ORDINARY wrote of every field and few
gates, as an ordinary day has them. The writer Y came later and saw some of their phrases: it is not asked.
"""

import time
from collections.abc import Iterator
from itertools import chain

from bench.triage import Row, of_fields, of_flags, of_gates
from caunoi.triage import phrases, proposals
from caunoi.triage.heads import HEADS
from caunoi.triage.training import train
from tools.starter_model import examples_of

LOTS = tuple(lot.split() for lot in ("A F L S", "B G M Z AH", "C H N U", "D I J T", "E O W AG"))
ORDINARY = "H J M N S U W Z".split()


def rows() -> Iterator[Row]:
    every = [*phrases.read()]
    for lot in LOTS:
        begun = time.process_time()
        others = [(hand, one) for hand, one in every if phrases.writer(hand) not in lot]
        model = train(examples_of(others), HEADS)
        print(f"{' '.join(lot)} by {len(others)} phrases of others: {time.process_time() - begun:.0f} s")
        for hand, one in every:
            if phrases.writer(hand) in lot:
                yield hand, one, proposals.propose(one["text"], model)


def main() -> None:
    asked = list(rows())
    for title, hands in (
        ("all", list(chain(*LOTS))),
        ("of an ordinary day", ORDINARY),
        *((hand, [hand]) for hand in ORDINARY),
    ):
        own = [row for row in asked if row[0] in hands]
        print(f"\n{title}: {len(own)}")
        of_fields(own)
        if len(hands) > 1:
            of_gates(own)
            of_flags(own)


if __name__ == "__main__":
    main()

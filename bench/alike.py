"""How well reports of the same thing find one another, on sealed ones: written by hands that tuned nothing, asked once
a release.

Budget, on those hands' reports (tests/triage/alike/sealed), all those of a hand as one set: of 95 in 100 reports that
have another of the same thing the three alike hold one; what is said to be likely is so (expected calibration error
≤ 0.05 over all pairs that are named).

`python -m bench.alike [FOLDER]`: figures only, with 95 % intervals (Wilson); it prints no report. It asks as
`caunoi alike -` does (id, text, time, place, field), and once more with the communes that somebody chose. Of the open
hands (FOLDER tests/triage/alike/open) those events are counted that nobody taught.
"""

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from caunoi.quality import intervals
from caunoi.triage import alike
from tools.alike_report import is_taught, report

SEALED = Path(__file__).parent.parent / "tests" / "triage" / "alike" / "sealed"
BINS = 10
SURE = 0.9

type Row = dict[str, Any]


def share(name: str, hits: int, of: int) -> float:
    """Prints hits of all with their interval; the share."""
    estimate = intervals.share(hits, of)
    if estimate is None:
        print(f"{name:<58} {hits:>5} / {of}")
        return 0.0
    print(f"{name:<58} {hits:>5} / {of:<5} {estimate.value:6.1%}  [{estimate.low:.1%}, {estimate.high:.1%}]")
    return estimate.value


def calibration(pairs: Sequence[tuple[float, bool]]) -> float:
    """The mean distance between what was said to be likely and what was so, over BINS parts of the probability."""
    bins: list[list[tuple[float, bool]]] = [[] for _ in range(BINS)]
    for p, right in pairs:
        bins[min(int(p * BINS), BINS - 1)].append((p, right))
    gaps = [abs(sum(p for p, _ in part) - sum(right for _, right in part)) for part in bins]
    return sum(gaps) / max(1, len(pairs))


def of_hand(rows: Sequence[Row], *, chosen: bool) -> list[str]:
    """The figures of one set; the budgets that it missed."""
    asked = [at for at, row in enumerate(rows) if not is_taught(row)]
    reports = [report(row, chosen=chosen) for row in rows]
    begun = time.process_time()
    answers = alike.of_set(reports)
    spent = (time.process_time() - begun) / max(1, len(rows)) * 1000
    events = [row["event"] for row in rows]
    true = [at for at in asked if events.count(events[at]) > 1]
    same = {at: [events[one.at] == events[at] for one in answers[at]] for at in asked}
    found = share("three alike hold one of the same thing", sum(any(same[at]) for at in true), len(true))
    share("the likeliest is", sum(same[at][0] for at in true), len(true))
    every = sum(min(events.count(events[at]) - 1, alike.MOST) for at in true)
    share("of all of the same thing, three at most, are held", sum(sum(same[at]) for at in true), every)
    named = [(one.p, right) for at in asked for one, right in zip(answers[at], same[at], strict=True)]
    sure = [right for p, right in named if p >= SURE]
    share(f"right of those of {SURE:.0%} and more", sum(sure), len(sure))
    alone = [at for at in asked if events.count(events[at]) == 1]
    share(f"alone, and {SURE:.0%} and more is said of one", sum(answers[at][0].p >= SURE for at in alone), len(alone))
    error = calibration(named)
    print(f"calibration error {error:.3f} over {len(named)} pairs; {spent:.1f} ms of CPU a report")
    return [*(["three alike"] if found < 0.95 else []), *(["calibration"] if error > 0.05 else [])]


def main(folder: Path = SEALED) -> int:
    missed = []
    for file in sorted(folder.glob("*.jsonl")):
        rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
        asked = sum(not is_taught(row) for row in rows)
        if not asked:
            print(f"--- {file.stem}: {len(rows)} reports, all taught")
            continue
        for chosen in (False, True):
            print(f"--- {file.stem}: {asked} of {len(rows)} reports{', with the communes that were chosen' * chosen}")
            lost = of_hand(rows, chosen=chosen)
            missed += [] if chosen else lost
    print(f"missed: {', '.join(missed)}" if missed else "kept")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])) if len(sys.argv) > 1 else main())

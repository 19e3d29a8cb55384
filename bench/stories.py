"""Procedures found from a story, on cases of other hands: how often one of the first three is right, how often "nothing
fits" is said rightly, what the chances that are said are worth, and what it costs at 10,000 procedures.

Budget, on sealed cases (tests/procedures/stories/sealed, asked once a release): stories and old names recall@3 ≥ 0.80,
all kinds of questions ≥ 0.90 (with the plain ones), "nothing fits" said of ≥ 0.85 of those that nothing answers,
calibration error ≤ 0.05, 15 ms of this thread's CPU at the 95th percentile. A question counts as found when one of its
codes is among the first k and the search did not say that nothing fits.

`python -m bench.stories` asks the sealed cases and prints figures only; `--open` asks the open ones by hand (all
were tuned on: docs/search.md); `--errors P` lists the mistakes of one open file; SIZE=N sets the number of procedures
of the measurement of speed (default 10,000; 0 leaves it out).
"""

import gc
import json
import os
import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bench.procedures import DATA, Asked, documents, many, percentile, rank, timed
from bench.triage import calibration, share
from caunoi.procedures.search import tales
from caunoi.procedures.search.engine import Engine
from caunoi.procedures.search.hits import SearchResult
from caunoi.procedures.search.synonyms import built_in

STORIES = Path(__file__).parent.parent / "tests" / "procedures" / "stories"
BARS = {"story": 0.80, "old": 0.80, "all": 0.90}
NOTHING, CALIBRATION, SEARCH = 0.85, 0.05, 15.0


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A case, what the search gave, and where the first right code stands (None: not there, or nothing fits)."""

    case: Asked
    result: SearchResult
    rank: int | None

    @property
    def right(self) -> bool:
        return self.rank is not None and self.rank < 3


def cases(path: Path) -> list[Asked]:
    """The cases of a file; `kind` is story, old, plain or nothing."""
    rows: list[dict[str, Any]] = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
    return [Asked(text=r["text"], kind=r["sort"], codes=frozenset(r["codes"]), held=True) for r in rows]


def untaught(hand: str) -> Engine:
    """The search as it is without that hand's stories."""
    stories = tales.stories_by_code(without=hand)
    return Engine((replace(d, stories=stories.get(d.code, ())) for d in documents()), built_in())


def ask(engine: Engine, asked: Sequence[Asked]) -> list[Answer]:
    results = [(case, engine.search(case.text)) for case in asked]
    return [Answer(case=case, result=result, rank=rank(case, result)) for case, result in results]


def told(title: str, answers: Sequence[Answer]) -> list[str]:
    """Prints the figures of some cases; the bars they miss."""
    print(f"\n{title}")
    by_kind: dict[str, list[Answer]] = defaultdict(list)
    for answer in answers:
        by_kind[answer.case.kind].append(answer)
        if answer.case.codes:
            by_kind["all"].append(answer)
    missed = []
    for kind in ("story", "old", "plain", "all"):
        some = by_kind[kind]
        share(f"{kind}: the first is right", sum(answer.rank == 0 for answer in some), len(some))
        three = share(f"{kind}: one of the first three is right", sum(answer.right for answer in some), len(some))
        share(f"{kind}: nothing said", sum(not answer.result.fits for answer in some), len(some))
        if some and three < BARS.get(kind, 0.0):
            missed.append(f"{title}: {kind} {three:.3f} below {BARS[kind]}")
    silent = [answer for answer in answers if not answer.result.fits]
    none = by_kind["nothing"]
    nothing = share("nothing fits: said where it is so", sum(not answer.result.fits for answer in none), len(none))
    share("nothing fits: so where it is said", sum(not answer.case.codes for answer in silent), len(silent))
    error = calibration([(answer.result.certainty, _answered(answer)) for answer in answers])
    print(f"chance that one of the first three is right: calibration error {error:.3f}")
    return [
        *missed,
        *([f"{title}: nothing {nothing:.3f} below {NOTHING}"] if none and nothing < NOTHING else []),
        *([f"{title}: calibration {error:.3f} over {CALIBRATION}"] if error > CALIBRATION else []),
    ]


def _answered(answer: Answer) -> bool:
    """Whether one of the first three is right, whatever the search thinks of them."""
    return any(hit.code in answer.case.codes for hit in answer.result.hits[:3])


def errors(answers: Sequence[Answer]) -> None:
    for answer in answers:
        if answer.right or (not answer.case.codes and not answer.result.fits):
            continue
        first = " | ".join(f"{hit.code} {hit.name[:60]}" for hit in answer.result.hits[:3])
        print(
            f"{answer.case.kind} {answer.result.certainty:.2f} {answer.case.text!r} "
            f"({', '.join(sorted(answer.case.codes))}) → {first}"
        )


def speed(asked: Sequence[Asked], size: int) -> list[str]:
    """The milliseconds of a search at `size` procedures, and whether they are over the budget."""
    engine = Engine(many(documents(), size), built_in())
    gc.collect()
    times = timed((engine, case.text, False) for case in asked)
    late = percentile(times, 0.95)
    print(f"\n{size:,} procedures: p50 {percentile(times, 0.5):.1f} ms, p95 {late:.1f} ms of CPU")
    return [f"p95 {late:.1f} ms over {SEARCH:g}"] if late > SEARCH else []


def main() -> int:
    if not DATA.exists():
        print(f"skipped: {DATA} is not there (see shared/data/SOURCES.md)")
        return 0
    open_, wanted = "--open" in sys.argv or "--errors" in sys.argv, sys.argv[-1] if "--errors" in sys.argv else ""
    folder = STORIES / ("open" if open_ else "sealed")
    files = {path.stem: cases(path) for path in sorted(folder.glob(f"{wanted or '*'}.jsonl"))}
    missed: list[str] = []
    for name, asked in files.items():
        answers = ask(untaught(name), asked)
        missed += told(name, answers)
        if wanted:
            errors(answers)
    size = int(os.environ.get("SIZE", "10000").replace(",", "") or 0)
    if size and not wanted:
        missed += speed([case for asked in files.values() for case in asked], size)
    for miss in missed:
        print(f"MISSED {miss}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())

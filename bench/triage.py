"""How well messages are understood, on sealed ones: written by hands that tuned nothing, asked once a release.

Budget, on those hands' cases (tests/triage/sealed): of fields that are sure at most 5 % are wrong, and at least 60 %
are sure; an emergency is found in 98 of 100, any gate in 95, and at most 20 % of harmless messages are shown for a
look; the commune is right in 95 of 100 that name one and wrong in 1; what is said to be likely is so (expected
calibration error ≤ 0.05); a message takes at most 5 ms at the 95th percentile, the model at most 50 MB.

`python -m bench.triage [FOLDER]`: figures only, with 95 % intervals (Wilson); it prints no message.
"""

import resource
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from caunoi.lib.places import spoken
from caunoi.quality import intervals
from caunoi.triage import phrases, proposals, starter
from caunoi.triage.heads import EMERGENCIES, FLAGS
from caunoi.triage.model import NONE
from caunoi.triage.proposals import Proposal

SEALED = Path(__file__).parent.parent / "tests" / "triage" / "sealed"
BINS = 10

type Row = tuple[str, dict[str, Any], dict[str, Proposal]]


def share(name: str, hits: int, of: int) -> float:
    """Prints hits of all with their interval; the share."""
    estimate = intervals.share(hits, of)
    if estimate is None:
        print(f"{name:<52} {hits:>5} / {of}")
        return 0.0
    print(f"{name:<52} {hits:>5} / {of:<5} {estimate.value:6.1%}  [{estimate.low:.1%}, {estimate.high:.1%}]")
    return estimate.value


def calibration(pairs: Sequence[tuple[float, bool]]) -> float:
    """The mean distance between what was said to be likely and what was so, over BINS equal parts."""
    ordered = sorted(pairs)
    size = max(1, len(ordered) // BINS)
    parts = [ordered[at : at + size] for at in range(0, len(ordered), size)]
    gaps = [abs(sum(p for p, _ in part) - sum(right for _, right in part)) for part in parts]
    return sum(gaps) / max(1, len(ordered))


def of_fields(rows: Iterable[Row]) -> list[str]:
    asked = [(m["category"], labels["field"]) for _, case, m in rows if "field" in (labels := phrases.labels(case))]
    sure = [(one, label) for one, label in asked if one.sure]
    share("field: the likeliest is right", sum(one.value == label for one, label in asked), len(asked))
    covered = share("field: sure", len(sure), len(asked))
    wrong = share("field: wrong of those that are sure", sum(one.value != label for one, label in sure), len(sure))
    error = calibration([(one.p, one.value == label) for one, label in asked])
    print(f"field: calibration error {error:.3f}")
    return [
        *(["field covered"] if covered < 0.6 else []),
        *(["field wrong"] if wrong > 0.05 else []),
        *(["calibration"] if error > 0.05 else []),
    ]


def of_gates(rows: Iterable[Row]) -> list[str]:
    rows = list(rows)
    gated = [(case["gate"], m["gate"].value) for _, case, m in rows if case["gate"] != NONE]
    urgent = [value for gate, value in gated if gate in EMERGENCIES]
    harmless = [m["gate"].value for _, case, m in rows if case["gate"] == NONE]
    seen = share("gate: found", sum(value != NONE for _, value in gated), len(gated))
    alive = share("gate: emergencies found", sum(value != NONE for value in urgent), len(urgent))
    share("gate: emergencies found as such", sum(value in EMERGENCIES for value in urgent), len(urgent))
    share("gate: the very one", sum(gate == value for gate, value in gated), len(gated))
    shown = share("gate: harmless ones shown for a look", sum(value != NONE for value in harmless), len(harmless))
    return [
        *(["gate found"] if seen < 0.95 else []),
        *(["emergencies"] if alive < 0.98 else []),
        *(["harmless"] if shown > 0.2 else []),
    ]


def of_communes(rows: Iterable[Row]) -> list[str]:
    pairs = [(case["area"], found.code if (found := spoken.commune(case["text"])) else "") for _, case, _ in rows]
    named = [(area, code) for area, code in pairs if area]
    right = share("commune: right where one is named", sum(area == code for area, code in named), len(named))
    wrong = share("commune: wrong where one is named", sum(code not in (area, "") for area, code in named), len(named))
    share(
        "commune: made up where none is named",
        sum(bool(code) for area, code in pairs if not area),
        len(pairs) - len(named),
    )
    return [*(["commune right"] if right < 0.95 else []), *(["commune wrong"] if wrong > 0.01 else [])]


def of_flags(rows: Iterable[Row]) -> None:
    rows = list(rows)
    for name in FLAGS:
        pairs = [(case[name], m[name].p >= proposals.FLAG.perhaps) for _, case, m in rows if name in case]
        share(f"{name}: found", sum(shown for true, shown in pairs if true), sum(true for true, _ in pairs))
        share(f"{name}: shown of the others", sum(s for true, s in pairs if not true), sum(not t for t, _ in pairs))
    for name in ("kind", "urgency"):
        share(f"{name}: right", sum(m[name].value == case[name] for _, case, m in rows), len(rows))


def main() -> int:
    folder = Path(sys.argv[1]) if sys.argv[1:] else SEALED
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    model = starter.model()
    memory = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    rows, times = [], []
    for hand, case in phrases.read(folder):
        begun = time.process_time()
        matters = proposals.propose(case["text"], model)
        times.append((time.process_time() - begun) * 1000)
        rows.append((hand, case, matters))
    times.sort()
    p95 = times[int(len(times) * 0.95)]
    unusual = phrases.unusual((hand, case) for hand, case, _ in rows)
    everyday = [row for row in rows if row[0] not in unusual]
    print(
        f"{len(rows)} sealed messages of {len({hand for hand, _, _ in rows})} hands, {len(everyday)} of an ordinary day"
    )
    missed = [*of_fields(everyday), *of_gates(rows), *of_communes(everyday)]
    print("of an ordinary day:")
    of_gates(everyday)
    of_flags(everyday)
    print(f"a message {times[len(times) // 2]:.1f} ms, p95 {p95:.1f} ms of CPU; the model {memory:.0f} MB")
    missed += [*(["time"] if p95 > 5 else []), *(["memory"] if memory > 50 else [])]
    print(f"missed: {', '.join(missed)}" if missed else "kept")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())

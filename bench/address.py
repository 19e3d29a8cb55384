"""How well and how fast addresses are resolved: `python -m bench.address`.

Over the hand-made list `tests/lib/addresses.tsv`, whose last quarter was never tuned on, and over every old ward of the
province where the data is there. Wrong answers are counted apart from questions: they are worse.
"""

import csv
import json
import sys
import time
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path
from typing import NamedTuple

from caunoi.lib.places.address import resolve

ROOT = Path(__file__).resolve().parents[1]
LIST = ROOT / "tests" / "lib" / "addresses.tsv"
HELD_OUT = 0.25


class Case(NamedTuple):
    text: str
    on: date | None
    expected: str
    """A code, "ask" or "outside"."""
    kind: str


def cases() -> list[Case]:
    with LIST.open(encoding="utf-8") as rows:
        return [
            Case(row["text"], date.fromisoformat(row["on"]) if row["on"] else None, row["expected"], row["kind"])
            for row in csv.DictReader(rows, delimiter="\t", quoting=csv.QUOTE_NONE)
        ]


def verdict(case: Case) -> str:
    """right, asked (where an answer or "outside" was due) or wrong."""
    answer = resolve(case.text, on=case.on)
    got = answer.area_code or ("outside" if answer.outside else "ask")
    return "right" if got == case.expected else "asked" if got == "ask" else "wrong"


def count(some: list[Case]) -> Counter[str]:
    return Counter(verdict(case) for case in some)


def main() -> int:
    started = time.process_time()
    resolve("xã Đức Liễu, huyện Bù Đăng")
    first = time.process_time() - started
    listed = cases()
    tuned, held = listed[: -int(len(listed) * HELD_OUT)], listed[-int(len(listed) * HELD_OUT) :]
    by_kind: dict[str, list[Case]] = defaultdict(list)
    for case in listed:
        by_kind[case.kind].append(case)
    for name, some in [("tuned on", tuned), ("held out", held), *sorted(by_kind.items())]:
        found = count(some)
        print(f"{name:14} {len(some):4}  right {found['right']:4}  asked {found['asked']:3}  wrong {found['wrong']:3}")
    for case in listed:
        if "-v" in sys.argv and verdict(case) != "right":
            answer = resolve(case.text, on=case.on)
            print(f"  {verdict(case)}: {case} → {answer.area_code} {answer.area} {[c.area for c in answer.candidates]}")
    spent = []
    for case in listed:
        started = time.process_time()
        resolve(case.text, on=case.on)
        spent.append(1000 * (time.process_time() - started))
    spent.sort()
    p50, p95 = spent[len(spent) // 2], spent[int(0.95 * len(spent))]
    print(f"first use {first:.2f} s (bar 1)   p50 {p50:.2f} ms   p95 {p95:.2f} ms (bar 5)")
    out = ROOT / "bench" / "out"
    out.mkdir(exist_ok=True)
    figures = {"first_s": first, "p50_ms": p50, "p95_ms": p95, "tuned": count(tuned), "held_out": count(held)}
    (out / "address.json").write_text(json.dumps(figures, indent=1), encoding="utf-8")
    return 0 if p95 <= 5 and first <= 1 else 1


if __name__ == "__main__":
    sys.exit(main())

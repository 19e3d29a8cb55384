"""Masking measured on letters with the people's data marked: recall and precision a kind, the held-out part apart.

A marked datum is found when masks of its kind cover all its letters and digits; a mask is right when it lies on one.
Run: `python -m bench.redact [--errors]`; `--errors` lists the tuned part's mistakes, never the held-out part's.
"""

import json
import re
import sys
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from caunoi.lib.privacy import redact
from caunoi.lib.privacy.spans import KINDS, Span

CASES = Path(__file__).parent.parent / "tests/lib/redact/cases.jsonl"
_MARK = re.compile("⟦([a-z_]+):([^⟧]*)⟧")


@dataclass(frozen=True, kw_only=True)
class Case:
    """A letter: its text, what is marked in it, and whether it was held out while the rules were written."""

    text: str
    marked: list[Span]
    held: bool


@dataclass
class Score:
    """Counts a kind, and the letters without any people's data that were masked."""

    marked: Counter[str] = field(default_factory=Counter)
    covered: Counter[str] = field(default_factory=Counter)
    exact: Counter[str] = field(default_factory=Counter)
    masks: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    clean: int = 0
    clean_masked: int = 0

    def recall(self, kind: str) -> float:
        return self.covered[kind] / max(1, self.marked[kind])

    def precision(self, kind: str) -> float:
        return self.right[kind] / max(1, self.masks[kind])

    @property
    def false_masks(self) -> float:
        """The share of letters with nothing to mask in which something was."""
        return self.clean_masked / max(1, self.clean)


def cases(path: Path = CASES) -> list[Case]:
    """The marked letters, their marks taken out."""
    return [read(json.loads(line)) for line in path.read_text("utf-8").splitlines()]


def read(row: dict[str, object]) -> Case:
    """A letter of a row: {text, held}."""
    text, spans, last = "", [], 0
    written = str(row["text"])
    for mark in _MARK.finditer(written):
        text += written[last : mark.start()]
        start, last = len(text), mark.end()
        text += mark.group(2)
        kind = next(kind for kind in KINDS if kind == mark.group(1))
        spans.append(Span(kind=kind, start=start, end=len(text), text=mark.group(2)))
    return Case(text=text + written[last:], marked=spans, held=bool(row.get("held")))


def score(letters: Iterable[Case], *, errors: bool = False) -> Score:
    """How well the letters are masked; with `errors` each mistake is printed."""
    result = Score()
    for case in letters:
        found = redact.find(case.text)
        if not case.marked:
            result.clean += 1
            result.clean_masked += bool(found)
        for span in case.marked:
            hidden = {at for other in found if other.kind == span.kind for at in range(other.start, other.end)}
            missed = [at for at in range(span.start, span.end) if case.text[at].isalnum() and at not in hidden]
            result.marked[span.kind] += 1
            result.covered[span.kind] += not missed
            result.exact[span.kind] += span in found
            if errors and span not in found:
                print(f"{'MISSED' if missed else 'ragged'} {span.kind} {span.text!r}: {case.text!r}")
        for span in found:
            right = any(o.kind == span.kind and o.start < span.end and span.start < o.end for o in case.marked)
            result.masks[span.kind] += 1
            result.right[span.kind] += right
            if errors and not right:
                print(f"FALSE  {span.kind} {span.text!r}: {case.text!r}")
    return result


def main() -> None:
    letters = cases()
    for name, held in (("tuned", False), ("held out", True)):
        result = score((case for case in letters if case.held == held), errors="--errors" in sys.argv and not held)
        print(f"\n{name:<18} marked  recall  exact  precision")
        for kind in KINDS:
            exact = result.exact[kind] / max(1, result.marked[kind])
            print(
                f"{kind:<18} {result.marked[kind]:>6} {result.recall(kind):>7.3f} {exact:>6.3f} "
                f"{result.precision(kind):>10.3f}"
            )
        print(f"letters without data: {result.clean}, masked {result.clean_masked} ({result.false_masks:.1%})")
    megabyte = "\n".join(case.text for case in letters)
    megabyte = (megabyte * (1_000_000 // len(megabyte) + 1))[:1_000_000]
    start = time.process_time()
    redact.public(megabyte)
    print(f"\na megabyte: {time.process_time() - start:.2f} s")


if __name__ == "__main__":
    main()

"""Masking measured on letters with the people's data marked: recall and precision a kind, the held-out part apart.

A marked datum is found when masks of its kind cover all its letters and digits; a mask is right when it lies on one.
Run: `python -m bench.redact [FOLDER] [--errors]`: our own letters, or each hand (`X.jsonl`) of a folder and all of them
together; `--errors` lists mistakes, but never those of letters held out or of a sealed folder.
"""

import argparse
import json
import re
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from caunoi.lib.privacy import redact
from caunoi.lib.privacy.spans import KINDS, Span
from caunoi.quality import intervals

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


def report(name: str, result: Score) -> None:
    """Prints the figures of each kind, of all data and of the letters without any."""
    print(f"\n{name:<18} marked  recall  exact  precision")
    for kind in (kind for kind in KINDS if result.marked[kind] or result.masks[kind]):
        exact = result.exact[kind] / max(1, result.marked[kind])
        print(
            f"{kind:<18} {result.marked[kind]:>6} {result.recall(kind):>7.3f} {exact:>6.3f} "
            f"{result.precision(kind):>10.3f}"
        )
    print(f"recall: {_share(result.covered.total(), result.marked.total())}")
    print(f"masks on data: {_share(result.right.total(), result.masks.total())}")
    print(f"letters without data, masked: {_share(result.clean_masked, result.clean)}")


def _share(part: int, whole: int) -> str:
    estimate = intervals.share(part, whole)
    if estimate is None:
        return "none"
    return f"{part} of {whole} = {estimate.value:.3f} (95 %: {estimate.low:.3f} to {estimate.high:.3f})"


def of_hands(folder: Path, *, errors: bool) -> None:
    """The figures of each hand of a folder, and of all together where there are several."""
    hands = {path.stem: cases(path) for path in sorted(folder.glob("*.jsonl"))}
    for name, letters in hands.items():
        report(f"hand {name}", score(letters, errors=errors and "sealed" not in folder.resolve().parts))
    if len(hands) > 1:
        report("all hands", score(chain(*hands.values())))


def of_our_own(*, errors: bool) -> None:
    """The figures of our own letters, those held out apart, and how long a megabyte of them takes."""
    letters = cases()
    for name, held in (("tuned", False), ("held out", True)):
        report(name, score((case for case in letters if case.held == held), errors=errors and not held))
    megabyte = "\n".join(case.text for case in letters)
    megabyte = (megabyte * (1_000_000 // len(megabyte) + 1))[:1_000_000]
    start = time.process_time()
    redact.public(megabyte)
    print(f"\na megabyte: {time.process_time() - start:.2f} s")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.redact")
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--errors", action="store_true")
    asked = parser.parse_args()
    if asked.folder:
        of_hands(asked.folder, errors=asked.errors)
    else:
        of_our_own(errors=asked.errors)


if __name__ == "__main__":
    main()

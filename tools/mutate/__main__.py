"""`make mutate`: is every rule that decides kept by a test? AREA=name chooses areas, SIZE=n or all how many mutants of
each are tried, SEED=word other mutants; fails where less than nine in ten are killed. docs/mutation.md says what it
found."""

import os
import sys
import time
import tomllib
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from tools.mutate import bench
from tools.mutate.areas import AREAS, Area
from tools.mutate.mutants import Mutant, mutants

SURVIVORS = Path(__file__).with_name("survivors.toml")
SIZE = "25"
KILLED = 0.9


@dataclass(kw_only=True)
class Result:
    area: str
    every: int
    tried: int
    killed: int = 0
    accepted: int = 0
    survivors: list[Mutant] = field(default_factory=list)

    @property
    def share(self) -> float:
        """Of those that somebody expects to be killed."""
        counted = self.tried - self.accepted
        return self.killed / counted if counted else 1.0


def accepted() -> dict[tuple[str, str, str], str]:
    """The survivors that stay, with the reason of each."""
    rows = tomllib.loads(SURVIVORS.read_text())["accepted"]
    return {(row["file"], row["place"], row["change"]): row["why"] for row in rows}


def drawn(every: list[Mutant], size: int, seed: str) -> list[Mutant]:
    """A sample that stays the same where the code does, whatever is added beside it."""
    return sorted(every, key=lambda mutant: sha256("\n".join((seed, *mutant.name)).encode()).digest())[:size]


def chosen(area: Area, size: str, seed: str) -> tuple[list[Mutant], int]:
    """The usual sample, or with a seed one that has none of it; and how many mutants there are."""
    every = [mutant for file, wanted in area.files.items() for mutant in mutants(bench.COPY, file, wanted)]
    if size == "all":
        return every, len(every)
    usual = drawn(every, int(size), "")
    if not seed:
        return usual, len(every)
    names = {mutant.name for mutant in usual}
    return drawn([mutant for mutant in every if mutant.name not in names], int(size), seed), len(every)


def survives(mutant: Mutant, warm: bench.Warm, tests: list[str]) -> bool:
    if mutant.warm and warm.run(mutant) not in (0, bench.CANNOT):
        return False
    with bench.changed(mutant):
        return bench.cold(tests, warm.limits) == 0


def run(area: Area, size: str, seed: str, known: dict[tuple[str, str, str], str]) -> Result:
    sample, every = chosen(area, size, seed)
    result = Result(area=area.name, every=every, tried=len(sample))
    tests = list(area.tests)
    warm = bench.Warm(tests)
    try:
        if not warm.ready():
            sys.exit(f"{area.name}: its tests do not pass as they are; {bench.LOG} says why")
        for mutant in sample:
            if mutant.name in known:
                result.accepted += 1
            elif survives(mutant, warm, tests):
                result.survivors.append(mutant)
                print(f"  survives: {mutant.file} · {mutant.place} · {mutant.change}", flush=True)
            else:
                result.killed += 1
        if warm.run(None) != 0:
            sys.exit(f"{area.name}: its tests passed before and do not now: nothing of this counts; see {bench.LOG}")
    finally:
        warm.close()
    return result


def stale(areas: list[Area], known: dict[tuple[str, str, str], str]) -> Iterator[str]:
    """What is accepted though there is no such mutant any more."""
    files = {file for area in areas for file in area.files}
    there = {m.name for area in areas for file, wanted in area.files.items() for m in mutants(bench.COPY, file, wanted)}
    return (" · ".join(name) for name in known if name[0] in files and name not in there)


def main() -> int:
    names, size = os.environ.get("AREA", "").split(), os.environ.get("SIZE", "") or SIZE
    seed = os.environ.get("SEED", "")
    if unknown := set(names) - AREAS.keys():
        print(f"There is no area {', '.join(sorted(unknown))}; there are {', '.join(AREAS)}", file=sys.stderr)
        return 2
    if size != "all" and not size.isdigit():
        print(f"SIZE is a number of mutants an area, or all; not {size}", file=sys.stderr)
        return 2
    areas = [AREAS[name] for name in names or AREAS]
    known = accepted()
    results = []
    with ExitStack() as stack:
        stack.enter_context(bench.alone())
        bench.copy()  # from here on the checkout may change
        if old := list(stale(areas, known)):
            print("survivors.toml accepts what is no mutant any more:", *old, sep="\n  ", file=sys.stderr)
            return 1
        stack.enter_context(bench.server())
        for area in areas:
            began = time.monotonic()
            print(f"--- {area.name}", flush=True)
            results.append(run(area, size, seed, known))
            print(f"  {results[-1].killed} of {results[-1].tried} killed, {time.monotonic() - began:.0f} s", flush=True)
    print("\n| area | mutants | tried | killed | accepted | survived | |\n|---|---:|---:|---:|---:|---:|---:|")
    for r in results:
        print(f"| {r.area} | {r.every} | {r.tried} | {r.killed} | {r.accepted} | {len(r.survivors)} | {r.share:.0%} |")
    return int(any(r.share < KILLED for r in results))


if __name__ == "__main__":
    sys.exit(main())

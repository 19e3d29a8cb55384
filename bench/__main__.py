"""All budgets one after another, but those that wait to be named; BENCH=name: that one. Fails where one is missed."""

import importlib
import os
import sys
from pathlib import Path

HERE = Path(__file__).parent


def names() -> list[str]:
    """The files of this folder that have a `main`."""
    return sorted(path.stem for path in HERE.glob("[a-z]*.py") if "\ndef main(" in path.read_text())


def main() -> int:
    asked = os.environ.get("BENCH", "").split()
    if unknown := set(asked) - set(names()):
        print(f"There is no bench {', '.join(sorted(unknown))}; there are {', '.join(names())}", file=sys.stderr)
        return 2
    missed = []
    for name in asked or names():
        module = importlib.import_module(f"bench.{name}")
        if not asked and getattr(module, "ONLY_WHEN_NAMED", False):
            continue
        print(f"--- {name}", flush=True)
        if module.main():
            missed.append(name)
    print(f"missed: {', '.join(missed)}" if missed else "all budgets kept")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())

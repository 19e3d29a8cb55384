"""`make fuzz SECONDS=60`: atheris looks, guided by what code runs, for bytes that make a reader fail.

    python -m tools.fuzz [NAME …] [--seconds N]

Each reader of tests/fuzz/harnesses.py in a process of its own, for so many seconds, with three gigabytes at most. What
made one fail is left beside its corpus (`crash-…`, `timeout-…`, `oom-…`) and replayed by the tests from then on. Exit 1
where something was found, 2 where atheris is not installed (requirements/fuzz.in; it has wheels for Python 3.11 to 3.13
on Linux)."""

import argparse
import importlib.util
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
CORPUS = ROOT / "tests" / "fuzz" / "corpus"
LONGEST, SLOWEST, MEMORY = 20_000, 20, 3000  # bytes, seconds for one, megabytes


def one(name: str, seconds: int) -> None:
    """Fuzz one reader in this process; does not return."""
    import atheris

    with atheris.instrument_imports(include=["caunoi"]):
        import django

        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "caunoi.settings")
        django.setup()
        from tests.fuzz.harnesses import HARNESSES
    harness = HARNESSES[name]
    harness(b"")  # what a reader loads when it is first asked takes longer than a case may
    with tempfile.TemporaryDirectory() as grown:
        words = [
            *("fuzz", grown, str(CORPUS / name)),
            *(f"-max_total_time={seconds}", f"-max_len={LONGEST}", f"-timeout={SLOWEST}", f"-rss_limit_mb={MEMORY}"),
            *(f"-artifact_prefix={CORPUS / name}/", "-print_final_stats=1"),
        ]
        atheris.Setup(words, harness)
        atheris.Fuzz()


def main() -> int:
    names = sorted(path.name for path in CORPUS.iterdir() if path.is_dir())
    parser = argparse.ArgumentParser(prog="fuzz", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(names))
    parser.add_argument("--seconds", type=int, default=60, help="for each reader")
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if unknown := set(args.names) - set(names):
        parser.error(f"no such reader: {', '.join(sorted(unknown))}")
    if importlib.util.find_spec("atheris") is None:
        print("fuzz: atheris is not installed: uv pip install -r requirements/fuzz.in", file=sys.stderr)
        return 2
    if args.one:
        one(args.names[0], args.seconds)
    failed = []
    for name in args.names or names:
        print(f"{name}: {args.seconds} s")
        command = [sys.executable, "-m", "tools.fuzz", name, "--seconds", str(args.seconds), "--one"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        tries = [line for line in done.stderr.splitlines() if "number_of_executed_units" in line]
        print(f"  {tries[-1].split()[-1] if tries else 0} tries")
        if done.returncode:
            failed.append(name)
            print(done.stderr[-4000:], file=sys.stderr)
    print(f"found in: {', '.join(failed)}" if failed else "nothing found")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())

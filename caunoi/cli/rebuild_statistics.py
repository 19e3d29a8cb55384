"""Counts every ticket again from the event log: after a mistake, or an upgrade that counts something more."""

import argparse
import sys
import time

from caunoi.statistics import rollup

NAME = "rebuild-statistics"
HELP = "count the board's figures anew from the event log; the board stays open meanwhile"
NEEDS = "database"


def arguments(parser: argparse.ArgumentParser) -> None:
    pass


def run(args: argparse.Namespace) -> int:
    begun = time.monotonic()

    def progress(done: int) -> None:
        if done % (10 * rollup.SLICE) == 0:
            print(f"{done:>10,} {done / (time.monotonic() - begun):,.0f}/s", file=sys.stderr)

    done = rollup.rebuild(progress)
    print(f"{done:,} tickets counted in {time.monotonic() - begun:.1f} s")
    return 0

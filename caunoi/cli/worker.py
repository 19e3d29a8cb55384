"""Does what happens later: reactions to events, notices, clocks."""

import argparse

from caunoi.cli import product  # noqa: F401
from caunoi.jobs import queue

NAME = "worker"
HELP = "work the queue (the database must run)"


def arguments(parser: argparse.ArgumentParser) -> None:
    pass


def run(args: argparse.Namespace) -> int:
    queue.run()
    return 0

"""Does what happens later: reactions to events in one thread, the queue's jobs and clocks in another."""

import argparse
import os
import signal
import threading

from caunoi.cli import product  # noqa: F401
from caunoi.events import outbox
from caunoi.jobs import queue

NAME = "worker"
HELP = "react to events and work the queue (the database must run)"


def arguments(parser: argparse.ArgumentParser) -> None:
    pass


def run(args: argparse.Namespace) -> int:
    ending = threading.Event()

    def react() -> None:
        try:
            outbox.pump(ending.is_set)
        finally:
            if not ending.is_set():  # half a worker is none: end, and be started again whole
                os.kill(os.getpid(), signal.SIGTERM)

    pump = threading.Thread(target=react, name="outbox")
    pump.start()
    try:
        queue.run()
    finally:
        ending.set()
        pump.join(10)
    return 0

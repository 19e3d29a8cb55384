"""Does what happens later: reactions to events, calls, the channels' mail, the queue and periodic tasks; a thread
each."""

import argparse
import os
import signal
import sys
import threading
from collections.abc import Callable
from time import monotonic

from caunoi.calls import tasks as calls
from caunoi.conversations import mailbox
from caunoi.events import outbox
from caunoi.host import beat
from caunoi.jobs import lookout
from caunoi.jobs import worker as queue
from caunoi.jobs.lookout import Pump, Watch
from caunoi.spool import actions as spool
from caunoi.statistics import rollup
from caunoi.vault import secret_key

NAME = "worker"
HELP = "react to events, read and send messages, work the queue (the database must run)"
NEEDS = "database"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(wait=True)


HANGS = 900.0  # seconds after which a pump that does not come round hangs

PUMPS: dict[str, Pump] = {
    "outbox": outbox.pump,
    "calls": calls.pump,
    "statistics": rollup.pump,
    "spool": spool.pump,
}
WATCHES = (
    Watch(waits=outbox.WAITS, wake=outbox.wake),
    Watch(waits=mailbox.RECEIPTS, wake=calls.wake),
    Watch(waits=rollup.WAITS, wake=rollup.wake),
    *mailbox.WATCHES,
)


def run(args: argparse.Namespace) -> int:
    sys.setswitchinterval(0.0005)  # many threads that mostly wait: who has an answer need not wait for the others
    secret_key.watch()
    ending = threading.Event()
    turned: dict[str, float] = {}  # when each pump last asked whether it is to end

    def work(pump: Callable[[Callable[[], bool]], None]) -> None:
        name = threading.current_thread().name

        def over() -> bool:
            turned[name] = monotonic()
            return ending.is_set()

        try:
            pump(over)
        finally:
            if not ending.is_set():  # half a worker is none: exit, to be started again whole
                os.kill(os.getpid(), signal.SIGTERM)

    def watch(stop: Callable[[], bool]) -> None:
        lookout.keep(WATCHES, ending)

    pumps = {**PUMPS, "lookout": watch}
    threads = [threading.Thread(target=work, args=[pump], name=name) for name, pump in pumps.items()]
    for thread in threads:
        thread.start()
    threads += mailbox.start(ending)

    def end() -> None:
        ending.set()
        for wake in (outbox.wake, calls.wake, rollup.wake, spool.pump.wake, mailbox.wake):
            wake()

    def alive() -> None:
        if all(monotonic() - at < HANGS for at in turned.values()):
            beat.beat()

    try:
        queue.serve(end, alive)
    finally:
        end()
        for thread in threads:
            thread.join(10)
    return 0

"""What became of proposals, and a better model every night."""

import os
import subprocess
from collections.abc import Sequence
from importlib.util import find_spec

from caunoi.events.models import Event
from caunoi.events.outbox import Together
from caunoi.host import home
from caunoi.host.lifeline import tie
from caunoi.jobs.queue import every
from caunoi.triage import actions


class NotLearntError(Exception):
    """What the command said of why nothing was learnt."""


@Together
def judge(events: Sequence[Event]) -> None:
    """Write down what people decided of what was proposed."""
    actions.settle({event.subject_id for event in events})


@every("17 * * * *")
def count(timestamp: int) -> None:
    """Every hour, how many proposals people agreed with."""
    actions.count()


@every("10 19 * * *")  # 02:10 in Vietnam
def learn(timestamp: int) -> None:
    """Every night, in a process of its own: training takes memory that a worker would keep."""
    if find_spec("sklearn") is None:
        return
    done = subprocess.run(
        home.command("learn"),
        env=os.environ | home.python(),
        capture_output=True,
        text=True,
        preexec_fn=tie(),
    )
    if done.returncode == 2:
        raise NotLearntError(done.stderr.strip().rpartition("\n")[2])

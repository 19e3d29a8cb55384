"""What became of proposals, and a better model every night."""

import os
import subprocess
from collections.abc import Sequence
from importlib.util import find_spec
from math import ceil

from django.utils.timezone import now

from caunoi.events.models import Event
from caunoi.events.outbox import Together
from caunoi.host import home
from caunoi.host.lifeline import tie
from caunoi.jobs import queue
from caunoi.triage import actions, ringing
from caunoi.triage.models import Alarm


class NotLearntError(Exception):
    """What the command said of why nothing was learnt."""


@Together
def judge(events: Sequence[Event]) -> None:
    """Write down what people decided of what was proposed."""
    actions.settle({event.subject_id for event in events})


@Together
def reconsider(events: Sequence[Event]) -> None:
    """The same, once somebody has said whether an alarm was one."""
    rows = Alarm.objects.filter(pk__in=[event.subject_id for event in events], ticket__isnull=False)
    actions.settle(set(rows.values_list("ticket", flat=True)))


@queue.every("17 * * * *")
def count(timestamp: int) -> None:
    """Every hour, how many proposals people agreed with."""
    actions.count()


@queue.every("10 19 * * *")  # 02:10 in Vietnam
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
    if done.returncode not in (0, 1) or not done.stdout:  # killed, broken off: whoever has learnt nothing says so
        raise NotLearntError(done.stderr.strip()[-600:] or f"exit {done.returncode}")


@Together
def listen(events: Sequence[Event]) -> None:
    """Ring where what came in speaks of an emergency."""
    ringing.listen(events)


@Together
def climb(events: Sequence[Event]) -> None:
    """Take an alarm up at once where nobody is at the desk, and see to it that the next step is not missed."""
    ringing.climb_all()
    _later()


@queue.task(retry=8)
def climb_due() -> None:
    """Take up what nobody has acknowledged in time. Where nothing was due, as the database's clock is ahead of ours,
    the sweep takes it up."""
    if ringing.climb_all():
        _later()


def _later() -> None:
    if (at := ringing.next_climb()) is not None:
        wait = max(0, ceil((at - now()).total_seconds())) + 1  # rather late than before it is due
        climb_due.configure(schedule_in={"seconds": wait}).defer()


@queue.every("* * * * *")
def sweep(timestamp: int) -> None:
    """Every minute, take up what a worker that died left."""
    ringing.climb_all()

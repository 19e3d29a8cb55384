"""Every task that runs by the clock, in a real worker whose process dies at each of its statements: another worker
takes it over and ends it, and what there is then is what there is after a run that nothing disturbed.

`pytest -m long tests/jobs` tries every statement of every task; the ordinary run the first, the middle and the last
moment.

Proves: every periodic task killed at each of its statements, in a process of its own, is rescued and done within
two minutes; a new task is in it by itself"""

import json
import os
import subprocess
import sys
from datetime import timedelta
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import psycopg
import pytest
from django.conf import settings
from django.db import connection, connections
from django.utils.timezone import now

from caunoi.conversations.actions import begin_draft
from caunoi.conversations.models import Draft
from caunoi.directory.actions import set_option
from caunoi.directory.models import Calendar
from caunoi.events.actor import citizen
from caunoi.host import grants
from caunoi.jobs import clock, direct, worker
from caunoi.jobs.models import PeriodicTask
from caunoi.opendata.queries import STORED
from caunoi.tickets import actions as tickets
from caunoi.tickets.report import Report
from tests import copies

MORTAL = Path(__file__).with_name("mortal.py")
WITHIN = 120  # seconds of the queue's time from a death to the next run
DEAD = 9
TASKS = sorted(clock.tasks())


@pytest.fixture
def busy(town, work):
    """Something for most of them to do, at whatever hour of whatever day."""
    Calendar.objects.filter(code="office").update(sessions={str(day): [["00:00", "23:59"]] for day in range(7)})
    for name in ("digest_hours", "agency_digest_hours"):
        set_option(name, ", ".join(f"{hour:02}:00" for hour in range(24)), by=town.quan)
    for number in range(2):
        ticket = tickets.take(Report(text="Đèn tắt", channel="web", once=f"k{number}"), by=citizen())
        tickets.move(ticket, "accept", by=town.lan, category=town.lamps)
    work()
    long_ago = now() - timedelta(days=40)
    connection.cursor().execute("UPDATE sla_deadline SET due = %s, wake = %s WHERE state = 'running'", [long_ago] * 2)
    begin_draft("a browser", {"text": "Ổ gà"})
    Draft.objects.update(touched=long_ago)
    with connection.cursor() as cursor:  # what ran meanwhile by the clock is not what is looked at
        cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_workers CASCADE")
    PeriodicTask.objects.all().delete()


class Stage:
    """The database as it was prepared, again and again, and workers in it."""

    def __init__(self, process, own, media):
        self.process, self.own, self.media, self.numbers = process, own, media, count(1)
        grants.create(own)  # the workers are the product's
        grants.apply(own)
        connections.close_all()
        self.kept = copies.Kept(own)

    def trial(self):
        """With the same rows each time."""
        media = self.media / str(next(self.numbers))
        media.mkdir()
        self.kept.put_back()
        return Trial(self, media)

    def ask(self, **line):
        self.process.stdin.write(json.dumps(line) + "\n")
        self.process.stdin.flush()
        return SimpleNamespace(**json.loads(self.process.stdout.readline()))


class Trial:
    def __init__(self, stage, media):
        self.stage, self.own, self.media = stage, stage.own, media

    def live(self, task, spare=None):
        return self.stage.ask(database=self.own.info.dbname, media=str(self.media), task=task, spare=spare)

    def sql(self, statement, *values):
        found = self.own.execute(statement, values or None)
        return found.fetchall() if found.description else []

    def killed(self, task, spare):
        """A worker dies in it: the job is left as one that is being done."""
        died = self.live(task, spare)
        assert (died.exit, died.statements) == (DEAD, spare)
        doing = "SELECT status::text, worker_id IS NOT NULL FROM procrastinate_jobs WHERE task_name = %s"
        assert self.sql(doing, task) == [("doing", True)], self.sql("SELECT j::text FROM procrastinate_jobs j")

    def rescued(self, *names):
        """The dead worker's heart was last heard so long ago that others see it; they end what it began."""
        self.sql(f"UPDATE procrastinate_workers SET last_heartbeat = now() - interval '{worker.STALLED + 1} s'")
        later = self.live(None)
        assert (later.exit, sorted(later.rescued)) == (0, sorted(names))
        left = "SELECT task_name, status::text, scheduled_at FROM procrastinate_jobs WHERE task_name = ANY(%s)"
        assert self.sql(left, [*names]) == [], "it ran at once and succeeded"
        row = "SELECT task, failures FROM jobs_periodictask WHERE task = ANY(%s) AND succeeded IS NOT NULL ORDER BY 1"
        assert self.sql(row, [*names]) == [(name, 0) for name in sorted(names)]

    def prints(self):
        """What the tables hold, and which files there are. An edition that broke off is swept after a day, and not
        counted."""
        found = copies.prints(self.own)
        del found["opendata_edition.seconds"]  # how long it took
        del found["publication_head.signature"]  # of when it was signed, too
        whole = {folder for (folder,) in self.sql("SELECT folder FROM opendata_edition")}
        paths = [path.relative_to(self.media) for path in self.media.rglob("*") if path.is_file()]
        left = [path for path in paths if path.parts[0] == STORED and path.parts[1] not in whole]
        assert len({path.parts[1] for path in left}) <= 1, left
        rows = self.sql("SELECT count(*) FROM store_storedfile WHERE name = ANY(%s)", list(map(str, left)))
        files = sorted(path.suffix for path in paths if path not in left)
        return found | {"files": files, "store_storedfile": found["store_storedfile"] - rows[0][0]}


@pytest.fixture
def stage(busy, tmp_path):
    process = subprocess.Popen(
        [sys.executable, MORTAL],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "caunoi.settings", "PYTHONPATH": str(settings.BASE_DIR)},
    )
    with process, psycopg.connect(**direct.parameters(), autocommit=True) as own:
        yield Stage(process, own, tmp_path)
        process.stdin.close()


def undisturbed(stage, task):
    """How many statements it sends; and what is so after each of two runs that nothing disturbed."""
    runs = []
    for _ in range(2):
        trial = stage.trial()
        well = trial.live(task)
        assert well.exit == 0
        runs.append((well.statements, trial.prints()))
    (statements, one), (again, other) = runs
    assert statements == again >= 2
    return statements, {name: value for name, value in one.items() if other[name] == value}


def test_the_next_run_is_early_enough():
    """A death is seen STALLED after the last beat, by whoever looks next; the job is then put back to be taken at
    once."""
    assert worker.STALLED + worker.LOOK + worker.HEARTBEAT < WITHIN
    assert worker.QUICK >= 2


@pytest.mark.slow
def test_every_task_killed_at_its_first_its_middle_and_its_last_moment_is_ended_by_another(stage):
    trial = stage.trial()
    lengths = {task: trial.live(task).statements for task in TASKS}
    assert min(lengths.values()) >= 2 and sum(lengths.values()) > 100, lengths
    for part in (0, 0.5, 1):
        trial = stage.trial()
        for task in TASKS:
            trial.killed(task, round(lengths[task] * part))
        trial.rescued(*TASKS)


@pytest.mark.long
@pytest.mark.parametrize("task", TASKS, ids=map(clock.short, TASKS))
def test_killed_at_each_statement_it_is_ended_once(stage, task):
    statements, wanted = undisturbed(stage, task)
    for spare in range(statements + 1):
        trial = stage.trial()
        trial.killed(task, spare)
        trial.rescued(task)
        found = trial.prints()
        assert {name: found[name] for name in wanted} == wanted, f"killed before statement {spare + 1}"

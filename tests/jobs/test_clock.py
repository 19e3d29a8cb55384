"""What runs by the clock: kept account of, late when it is late, caught up with when it was missed."""

import io
import json
from contextlib import redirect_stdout
from datetime import UTC, datetime, timedelta

import pytest
from procrastinate.contrib.django import app
from procrastinate.jobs import Job

from caunoi.cli import jobs as command
from caunoi.jobs import clock
from caunoi.jobs.models import PeriodicTask
from caunoi.jobs.pauses import pause
from caunoi.jobs.queue import Doubling

SWEEP, NIGHTLY = "caunoi.sla.tasks.sweep", "caunoi.opendata.tasks.nightly"
NOON = datetime(2026, 8, 17, 5, 0, 30, tzinfo=UTC)  # 12:00:30 in Vietnam


def row(name, **values):
    return PeriodicTask.objects.create(task=name, since=NOON - timedelta(days=9), **values)


def standing(name, at=NOON):
    return next(one for one in clock.standings(at) if one.task == clock.short(name))


@pytest.mark.django_db
def test_a_backup_that_is_not_set_up_was_never_made(monkeypatch):
    row("caunoi.backups.tasks.make", succeeded=NOON, took=0.1)
    monkeypatch.delenv("CAUNOI_BACKUP_DIR", raising=False)
    one = command.set_up(standing("caunoi.backups.tasks.make"))
    assert one.last_success is None and "not set up" in command.as_row(one)[-1]
    monkeypatch.setenv("CAUNOI_BACKUP_DIR", "/backups")
    assert command.set_up(standing("caunoi.backups.tasks.make")).last_success == NOON


@pytest.mark.django_db
def test_a_task_of_every_day_says_day():
    assert command.as_row(standing(NIGHTLY))[1] == "day"


def test_what_fails_waits_4_8_16_seconds_and_so_on_but_never_more_than_minutes():
    assert [pause(n) for n in range(9)] == [4, 8, 16, 32, 64, 128, 256, 300, 300]
    strategy = Doubling(2)
    waits = []
    for attempts in range(3):
        job = Job(id=1, queue="q", lock=None, queueing_lock=None, task_name="t", attempts=attempts)
        decision = strategy.get_retry_decision(exception=ValueError(), job=job)
        waits.append(decision and round((decision.retry_at - datetime.now(UTC)).total_seconds()))
    assert waits == [4, 8, None]


def test_every_task_by_the_clock_has_an_hour_and_a_name():
    assert SWEEP in clock.tasks() and NIGHTLY in clock.tasks()
    assert clock.interval("* * * * *", NOON) == 60
    assert clock.interval("10 19 * * *", NOON) == 86_400


def test_a_run_is_kept_account_of(jobs, work):
    app.tasks["caunoi.tickets.tasks.tidy"].defer(timestamp=0)
    work()
    found = PeriodicTask.objects.get(pk="caunoi.tickets.tasks.tidy")
    assert found.started <= found.succeeded and found.took >= 0 and found.failures == 0


def test_a_failure_is_counted_until_it_succeeds(transactional_db):
    outcomes = iter([ValueError("no  disk"), ValueError("no disk"), None])

    def stumble(timestamp):
        if error := next(outcomes):
            raise error

    run = clock.tracked("x.y", stumble)
    for _ in range(2):
        with pytest.raises(ValueError):
            run(0)
    found = PeriodicTask.objects.get(pk="x.y")
    assert (found.failures, found.error, found.succeeded) == (2, "ValueError: no disk", None)
    run(0)
    found.refresh_from_db()
    assert (found.failures, found.error) == (0, "") and found.succeeded


def test_late_is_what_has_not_succeeded_some_minutes_after_its_time(db):
    row(SWEEP, succeeded=NOON - timedelta(minutes=2))
    assert not standing(SWEEP).overdue
    PeriodicTask.objects.update(succeeded=NOON - timedelta(minutes=7))
    assert standing(SWEEP).overdue
    PeriodicTask.objects.update(since=NOON, succeeded=None)
    assert not standing(SWEEP).overdue, "a new installation owes nothing yet"
    row(NIGHTLY, succeeded=datetime(2026, 8, 16, 19, 11, tzinfo=UTC))
    assert not standing(NIGHTLY).overdue
    PeriodicTask.objects.filter(task=NIGHTLY).update(succeeded=datetime(2026, 8, 15, 19, 11, tzinfo=UTC))
    assert standing(NIGHTLY).overdue
    assert standing(NIGHTLY).next == datetime(2026, 8, 17, 19, 10, tzinfo=UTC)


def test_what_was_missed_is_caught_up_once(jobs):
    row(NIGHTLY, succeeded=datetime(2026, 8, 15, 19, 11, tzinfo=UTC))
    row(SWEEP, succeeded=NOON - timedelta(seconds=40))
    assert clock.catch_up(NOON) == [NIGHTLY]
    assert clock.catch_up(NOON) == []
    assert [name for name, *_ in jobs.waiting()] == [NIGHTLY]


def test_what_fails_again_and_again_is_caught_up_with_ever_longer_pauses(jobs):
    row(NIGHTLY, failures=1, failed=NOON - timedelta(seconds=3))
    assert clock.catch_up(NOON) == []
    assert clock.catch_up(NOON + timedelta(seconds=6)) == [NIGHTLY]


def test_a_job_that_failed_is_cleared_away_for_its_failure_is_kept(jobs):
    app.tasks[SWEEP].defer(timestamp=0)
    jobs.sql("UPDATE procrastinate_jobs SET status = 'failed'")
    clock.catch_up(NOON)
    assert jobs.waiting() == []


def test_the_command_says_it_for_people_and_programs(jobs):
    def ask(*words):
        parser = command.argparse.ArgumentParser()
        command.arguments(parser)
        out = io.StringIO()
        with redirect_stdout(out):
            code = command.run(parser.parse_args(words))
        return code, out.getvalue()

    clock.register()
    code, text = ask("--json")
    found = {one["task"]: one for one in map(json.loads, text.splitlines())}
    assert code == 0 and len(found) == len(clock.tasks())
    keys = ["task", "every", "last_success", "took", "running_since", "failures", "next"]
    assert list(found["sla.sweep"])[:7] == keys
    PeriodicTask.objects.filter(task=SWEEP).update(since=NOON, failures=3, error="no disk")
    code, text = ask()
    assert code == 1
    assert [line for line in text.splitlines() if "OVERDUE  no disk" in line and line.startswith("sla.sweep")]

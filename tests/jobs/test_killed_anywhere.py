"""A worker is killed before each statement of each task that runs by the clock; the task runs again all the same."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils.timezone import now
from procrastinate.contrib.django import app

from caunoi.conversations.actions import begin_draft
from caunoi.conversations.models import Draft
from caunoi.directory.actions import set_option
from caunoi.directory.models import Calendar
from caunoi.events.actor import citizen
from caunoi.jobs import clock, worker
from caunoi.jobs.models import PeriodicTask
from caunoi.sla.models import Deadline
from caunoi.tickets import actions as tickets
from caunoi.tickets.lifecycle import Channel
from caunoi.tickets.report import Report


class Killed(BaseException):
    """SIGKILL: no `except Exception` sees it."""


class Assassin:
    """Lets so many statements pass, then none any more."""

    def __init__(self, spare):
        self.left = spare

    def __call__(self, execute, sql, params, many, context):
        if self.left <= 0:
            raise Killed
        self.left -= 1
        return execute(sql, params, many, context)


@pytest.fixture
def busy(town, work):
    """Something for most of them to do, at whatever hour of whatever day."""
    Calendar.objects.filter(code="office").update(sessions={str(day): [["00:00", "23:59"]] for day in range(7)})
    for name in ("digest_hours", "agency_digest_hours"):
        set_option(name, ", ".join(f"{hour:02}:00" for hour in range(24)), by=town.quan)
    for number in range(2):
        ticket = tickets.take(Report(text="Đèn tắt", channel=Channel.WEB, once=f"k{number}"), by=citizen())
        tickets.move(ticket, "accept", by=town.lan, category=town.lamps)
    work()
    long_ago = now() - timedelta(days=40)
    connection.cursor().execute("UPDATE sla_deadline SET due = %s, wake = %s WHERE state = 'running'", [long_ago] * 2)
    begin_draft("a browser", {"text": "Ổ gà"})
    Draft.objects.update(touched=long_ago)


@pytest.mark.slow
def test_a_task_whose_worker_is_killed_at_any_statement_runs_again(busy, jobs, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    kills = {clock.short(name): killed_at_each_statement(name, jobs) for name in sorted(clock.tasks())}
    assert min(kills.values()) >= 3, kills
    assert kills["sla.sweep"] > 6 and sum(kills.values()) > 100, "they had something to do"
    assert Deadline.objects.filter(state="breached").exists() and not Draft.objects.exists()


def killed_at_each_statement(name, jobs):
    task, spare = app.tasks[name], 0
    task.defer(timestamp=0)
    while True:
        jobs.die(name)
        connection.ensure_connection()
        try:
            with connection.execute_wrapper(Assassin(spare)):
                task(timestamp=0)
            break
        except Killed:
            connection.close()
        assert jobs.rescue() == [name], f"{name}, killed before statement {spare + 1}, was left for dead"
        assert jobs.waiting(name) == [(name, "todo", spare >= worker.QUICK)]
        spare += 1
    row = PeriodicTask.objects.get(pk=name)
    assert row.succeeded and row.failures == 0
    jobs.sql("DELETE FROM procrastinate_jobs")
    return spare


def test_a_job_killed_for_the_first_times_runs_again_at_once(jobs, work):
    name = "caunoi.tickets.tasks.tidy"
    app.tasks[name].defer(timestamp=0)
    jobs.die(name)
    jobs.rescue()
    work()
    assert jobs.waiting(name) == []
    assert PeriodicTask.objects.get(pk=name).succeeded


def test_where_the_next_of_its_kind_waits_already_the_dead_one_makes_room_for_it(jobs):
    name = "caunoi.sla.tasks.sweep"
    app.tasks[name].defer(timestamp=0)
    jobs.die(name)
    app.tasks[name].defer(timestamp=60)
    assert jobs.rescue() == [name]
    assert jobs.waiting(name) == [(name, "todo", None)]


def test_jobs_of_workers_that_live_are_left_alone(jobs):
    name = "caunoi.sla.tasks.sweep"
    app.tasks[name].defer(timestamp=0)
    jobs.die(name)
    jobs.sql("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '30 s'")
    assert jobs.rescue() == []


def test_a_job_handed_back_by_a_worker_that_was_asked_to_end_is_taken_at_once(jobs):
    name = "caunoi.sla.tasks.sweep"
    app.tasks[name].defer(timestamp=0)
    jobs.die(name)
    jobs.sql("DELETE FROM procrastinate_workers")
    assert jobs.rescue() == [name]

"""What becomes of the jobs of workers that died, in the queue's own words; the deaths themselves are in
test_killed_processes."""

import asyncio

from procrastinate.contrib.django import app

from caunoi.jobs import queue, worker
from caunoi.jobs.models import PeriodicTask


def test_a_job_killed_for_the_first_times_runs_again_at_once(jobs, work):
    name = "caunoi.tickets.tasks.tidy"
    app.tasks[name].defer(timestamp=0)
    jobs.die(name)
    jobs.rescue()
    work()
    assert jobs.waiting(name) == []
    assert PeriodicTask.objects.get(pk=name).succeeded


def test_a_job_that_kills_its_workers_waits_longer_each_time(jobs):
    name = "caunoi.sla.tasks.sweep"
    app.tasks[name].defer(timestamp=0)
    for death in range(worker.QUICK + 2):
        jobs.die(name)
        assert jobs.rescue() == [name]
        assert jobs.waiting(name) == [(name, "todo", death >= worker.QUICK)]


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


def test_a_job_that_a_newer_release_put_there_is_left_to_its_workers(jobs, work):
    name, own = "caunoi.to_come.tasks.send", "caunoi.sla.tasks.sweep"
    app.configure_task(name, allow_unknown=True, queueing_lock="one").defer(number=1)
    app.tasks[own].defer(timestamp=0)

    async def turn():
        with app.replace_connector(queue.connector()):
            async with app.open_async():
                one = app._worker(
                    wait=False, install_signal_handlers=False, listen_notify=False, delete_jobs="successful"
                )
                known = one.app.tasks
                one.app.tasks = queue.TasksOfAll(known)
                try:
                    await one.run()
                finally:
                    one.app.tasks = known

    asyncio.run(turn())
    assert jobs.waiting() == [(name, "todo", True)]
    assert jobs.sql("SELECT args ->> 'number', queueing_lock FROM procrastinate_jobs") == [("1", "one")]

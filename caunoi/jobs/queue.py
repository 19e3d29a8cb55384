"""The thin port to the queue in PostgreSQL (procrastinate): jobs for later, periodic ones, and retries."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.db import connections
from procrastinate import BaseRetryStrategy, RetryDecision
from procrastinate.connector import BaseConnector
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.jobs import Job
from procrastinate.psycopg_connector import PsycopgConnector
from procrastinate.tasks import Task

from caunoi.jobs import clock, direct
from caunoi.jobs.pauses import pause

CONNECTIONS = 4  # of a worker to the queue itself, one of which listens
ELSEWHERE, TRIES = 20, 200  # seconds until a job of another release's is offered again, and how often


class Doubling(BaseRetryStrategy):
    """A retry policy: a number of further attempts, with the pauses of pauses.py."""

    def __init__(self, tries: int) -> None:
        self.tries = tries

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        if job.attempts >= self.tries:
            return None
        return RetryDecision(retry_in={"seconds": pause(job.attempts)})


class StrangeTaskError(Exception):
    """This release knows no such task; a worker of the one that put the job there does."""


class _Elsewhere(BaseRetryStrategy):
    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        return RetryDecision(retry_in={"seconds": ELSEWHERE}) if job.attempts < TRIES else None


class TasksOfAll(dict[str, Any]):
    """Tasks by name. One that is not there leaves the job to another worker: while the hotline is upgraded, workers of
    two releases take from one queue, and what either fails is lost."""

    def __init__(self, own: Mapping[str, Any]) -> None:
        super().__init__(own)
        self._any = next(iter(own.values()))

    def get(self, name: str, default: Any = None) -> Any:
        def strange(**_words: Any) -> None:
            raise StrangeTaskError(name)

        task = super().get(name, default)
        return task or Task(strange, blueprint=self._any.blueprint, name=name, retry=_Elsewhere(), queue="default")


def closing[**P, T](function: Callable[P, T]) -> Callable[P, T]:
    """A function for short-lived threads: it leaves no connection behind."""

    @wraps(function)
    def run_and_close(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return function(*args, **kwargs)
        finally:
            connections.close_all()

    return run_and_close


def task(*, retry: int = 0) -> Callable[[Callable[..., None]], Any]:
    """Make a function that `.defer(**json)` puts into the queue; `retry` more tries after 4, 8, 16 … 300 seconds."""

    def wrap(function: Callable[..., None]) -> Any:
        strategy = Doubling(retry) if retry else False
        return app.task(name=f"{function.__module__}.{function.__name__}", retry=strategy)(closing(function))

    return wrap


def every(cron: str) -> Callable[[Callable[[int], None]], Any]:
    """Make a function of one timestamp a periodic task (cron, in UTC: Vietnam is seven hours ahead); never two of the
    same at once. What fails, or was missed while no worker ran, is caught up on (clock.py)."""

    def wrap(function: Callable[[int], None]) -> Any:
        name = f"{function.__module__}.{function.__name__}"
        task = app.task(name=name, queueing_lock=name, lock=name)(closing(clock.tracked(name, function)))
        return app.periodic(cron=cron)(task)

    return wrap


class Connector(PsycopgConnector):
    """A worker's way to the queue. The pool is its event loop's alone; what a thread defers goes by Django's
    connection: in the thread's transaction, and without reaching into that loop."""

    def get_sync_connector(self) -> BaseConnector:
        return DjangoConnector()


def connector() -> Connector:
    """A worker's connection to the database: it listens, so it goes straight to the server."""
    return Connector(kwargs=direct.parameters(), min_size=1, max_size=CONNECTIONS)


def run() -> None:
    """Work the queue until it is empty."""
    with app.replace_connector(connector()):
        app.run_worker(wait=False, install_signal_handlers=False, listen_notify=False, delete_jobs="successful")

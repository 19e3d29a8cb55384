"""The thin port to the queue in PostgreSQL (procrastinate): what runs later, by the clock, or again after a failure."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import connections
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app


def _closing[**P](function: Callable[P, None]) -> Callable[P, None]:
    """Jobs run in threads that come and go: none leaves a connection behind."""

    @wraps(function)
    def closing(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            function(*args, **kwargs)
        finally:
            connections.close_all()

    return closing


def task(*, retry: int = 0) -> Callable[[Callable[..., None]], Any]:
    """Make a function that `.defer(**json)` puts into the queue; `retry` more tries, with growing pauses (4 s × 2ⁿ)."""

    def wrap(function: Callable[..., None]) -> Any:
        strategy = RetryStrategy(max_attempts=retry, exponential_wait=4) if retry else False
        return app.task(name=f"{function.__module__}.{function.__name__}", retry=strategy)(_closing(function))

    return wrap


def every(cron: str) -> Callable[[Callable[[int], None]], Any]:
    """Run a function of one timestamp by the clock; never two of the same at once."""

    def wrap(function: Callable[[int], None]) -> Any:
        name = f"{function.__module__}.{function.__name__}"
        return app.periodic(cron=cron)(app.task(name=name, queueing_lock=name, lock=name)(_closing(function)))

    return wrap


def run(*, wait: bool = True, signals: bool = True) -> None:
    """Work the queue; with `wait=False`, until it is empty."""
    connector: Any = app.connector
    with app.replace_connector(connector.get_worker_connector()):
        app.run_worker(wait=wait, install_signal_handlers=signals, listen_notify=wait, delete_jobs="successful")

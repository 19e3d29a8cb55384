"""For the tests of what lies sealed: as a process that begins, beside processes of the release before, and what lies in
the database."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection

from caunoi.vault import actions, queries
from caunoi.vault.models import DataKey


@pytest.fixture
def nothing_remembered(db: None) -> Iterator[None]:
    queries.forget()
    actions.seal_older()  # the inboxes that migrations made
    yield
    queries.forget()


@pytest.fixture
def both(nothing_remembered: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes of the release before are at work."""
    DataKey.objects.update(settled=None)
    queries.forget()
    monkeypatch.setattr(actions, "older_at_work", lambda: ["caunoi web (other)"])


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """They have ended."""
    return lambda: monkeypatch.setattr(actions, "older_at_work", list)


def sql(statement: str, values: Any = ()) -> list[Any]:
    """The rows that a statement gives, past the models."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []

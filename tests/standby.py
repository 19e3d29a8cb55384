"""A standby that is the same server, by a second connection that only reads: it stands wherever a test says."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from pytest_django import Settings

from caunoi.host import database
from caunoi.jobs import replica

NEW = replica.new


class Standing:
    """`is_at(position, age)`: what it has replayed, and how old the newest of it is; whether it `streams`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.monkeypatch = monkeypatch

    def is_at(self, position: int, age: float = 0.0, *, streams: bool = True) -> None:
        high, low = divmod(position, 1 << 32)
        moment = f"clock_timestamp() - interval '{age} s'"
        self.monkeypatch.setattr(
            replica, "STATE", f"SELECT true, '{high:X}/{low:X}', {moment}, {age}::float8, {streams} /* for tests */"
        )

    def forgets(self) -> None:
        """What was asked is asked again."""
        replica._states.clear()


@pytest.fixture
def standby(
    transactional_db: None,
    django_db_blocker: Any,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    only_reads: None,
) -> Iterator[Standing]:
    connect = django_db_blocker._real_ensure_connection
    monkeypatch.setattr(BaseDatabaseWrapper, "ensure_connection", connect)  # Django's tests know of the one alone
    second = deepcopy(connection.settings_dict)
    second["OPTIONS"] = {**second["OPTIONS"], "options": database.ONLY_READS}
    connections.settings[replica.READ] = second
    settings.REPLICA = True
    monkeypatch.setattr(replica, "new", NEW)
    monkeypatch.setattr(replica, "standby", replica.Standby())
    monkeypatch.setattr(replica, "primary", replica.Primary())
    yield Standing(monkeypatch)
    connections[replica.READ].close()
    del connections[replica.READ], connections.settings[replica.READ]

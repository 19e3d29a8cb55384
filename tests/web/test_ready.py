"""What a proxy is told: who is ready, and who can at least be read from."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from caunoi.jobs import replica
from caunoi.jobs.engine.base import DatabaseWrapper
from caunoi.web import health
from tests.standby import Standing


def test_who_can_read_from_a_standby_is_told_so_without_the_primary(
    client: Client, standby: Standing, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    connection.close()
    with monkeypatch.context() as nobody_may_ask_it:
        nobody_may_ask_it.setattr(replica.primary, "is_out", lambda: not asked.append(1))
        answer = client.get("/health/reads")
        assert (answer.status_code, answer.json(), asked) == (200, {"reads": True}, [])
        assert client.get("/health/ready").status_code == 503 and asked


def test_without_the_standby_the_primary_counts(
    client: Client, standby: Standing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(DatabaseWrapper, "get_new_connection", _fails_on("read", DatabaseWrapper.get_new_connection))
    answer = client.get("/health/reads")
    assert (answer.status_code, answer.json()["ready"]) == (200, True)
    assert not replica.standby.may_be_tried()


def test_the_proxy_s_question_finds_a_standby_that_was_lost(
    client: Client, standby: Standing, monkeypatch: pytest.MonkeyPatch
) -> None:
    standby.is_at(2**63)
    monkeypatch.setattr(replica, "DOWN", 0.0)
    replica.standby.lose(health.Error("gone"))
    monkeypatch.setattr(replica, "DOWN", 60.0)
    assert client.get("/health/reads").json() == {"reads": True}
    assert replica.new() is not None and replica.new() is not None


def test_a_standby_of_another_release_is_not_read_from(
    client: Client, standby: Standing, monkeypatch: pytest.MonkeyPatch
) -> None:
    standby.is_at(2**63)
    monkeypatch.setattr(health, "_unready", lambda: {"migrations_missing": 3})
    answer = client.get("/health/reads")
    assert (answer.status_code, answer.json()) == (503, {"ready": False, "migrations_missing": 3})


def _fails_on(alias: str, connect: Callable[..., Any]) -> Callable[..., Any]:
    def get_new_connection(self: DatabaseWrapper, conn_params: Any) -> Any:
        if self.alias == alias:
            raise health.Error("gone")
        return connect(self, conn_params)

    return get_new_connection

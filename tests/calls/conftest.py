"""The phone inbox of the town, and what the transcripts say, for the tests of rows."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

from caunoi.calls import bridge
from caunoi.conversations.actions import make_inbox
from caunoi.conversations.models import Inbox

sys.path.append(str(Path(__file__).parents[1] / "telephony"))


@pytest.fixture
def box(db: None) -> Inbox:
    return make_inbox("phone", "phone")


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(bridge, "AWAY", 0.01)
    yield
    connection.close()


@pytest.fixture
def asterisk(town: object) -> Inbox:
    """The phone inbox of a town with a PBX of its own."""
    settings = {"host": "127.0.0.1", "username": "caunoi", "queues": "tongdai1022", "caller": "1022"}
    return make_inbox("phone", "phone", secrets={"secret": "s3cret"}, **settings)

"""One province and one year for all tests of the demo, rolled back after them.

Proves: demo province: 95 communes, 52 agencies and 95 committees, 23 fields, about 2,000 tickets"""

import gc
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import process_time
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction

from caunoi.conversations import queries as conversations
from caunoi.demo import life, province
from caunoi.demo.cast import gather
from caunoi.demo.stories import Story
from caunoi.directory import queries as directory

NOW = datetime(2026, 8, 20, 8, 40, tzinfo=UTC)  # a Thursday, 15:40 in Vietnam


@dataclass(frozen=True)
class Year:
    """Its last moment, what was told, the same told again, and the seconds of CPU that telling and writing took."""

    now: datetime
    told: list[Story]
    again: list[Story]
    spent: float


@pytest.fixture(scope="module")
def year(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Year]:
    kept: Path = settings.MEDIA_ROOT
    settings.MEDIA_ROOT = tmp_path_factory.mktemp("files")
    directory.forget()
    conversations.inbox.cache_clear()
    with django_db_blocker.unblock(), transaction.atomic():
        province.build(None)
        started = process_time()
        drawn, cast = life.draw(), gather()
        told = life.stories(cast, drawn, NOW, life.SIZE)
        for _ in life.write(told, NOW):
            pass
        gc.collect()  # what was put off while writing
        spent = process_time() - started
        yield Year(NOW, told, life.stories(cast, drawn, NOW, life.SIZE), spent)
        transaction.set_rollback(True)
    settings.MEDIA_ROOT = kept

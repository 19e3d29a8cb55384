"""One province and one year for all tests of the demo, rolled back after them."""

import re
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


PACE = 0.13  # reckoned: 0.19 was measured on the day when the same life took 13.4 s instead of 9.0


def pace() -> float:
    """Seconds of CPU for some plain work with words: PACE where the demo's life took 9.0 s; the same processor may be
    half as fast an hour later."""
    begun = process_time()
    words = [f"tổ {n} ấp {n % 7}" for n in range(60_000)]
    assert len({word: re.sub(r"\d+", "#", word).casefold().split() for word in words}) == 60_000
    return process_time() - begun


@dataclass(frozen=True)
class Year:
    """Its last moment, what was told, the same told again, and the seconds of CPU that telling and writing took, as the
    machine of 25 November 2026 would have counted them: `pace` says how fast this one is just now."""

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
        before, started = pace(), process_time()
        drawn, cast = life.draw(), gather()
        told = life.stories(cast, drawn, NOW, life.SIZE)
        for _ in life.write(told, NOW):
            pass
        spent = process_time() - started
        spent /= max(1.0, (before + pace()) / 2 / PACE)
        yield Year(NOW, told, life.stories(cast, drawn, NOW, life.SIZE), spent)
        transaction.set_rollback(True)
    settings.MEDIA_ROOT = kept

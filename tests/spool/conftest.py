"""A town whose database can go away, and come back; and its store."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection
from pytest_django import Settings

from caunoi.spool import queries
from caunoi.store.store import Store
from tests.providers import s3
from tests.providers.s3 import S3

WORDS = "Đèn đường trước chợ Đồng Xoài tắt ba ngày nay."
type Away = Callable[[], AbstractContextManager[None]]


@pytest.fixture(scope="session")
def server() -> Iterator[S3]:
    with s3.serve() as one:
        yield one


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Empty; photos lie in the folder either way."""
    settings.MEDIA_ROOT = tmp_path / "files"
    if request.param == "bucket":
        bucket: S3 = request.getfixturevalue("server")
        for name, value in bucket.environ.items():
            monkeypatch.setenv(name, value)
        for name in bucket.names():
            bucket.client().delete_object(Bucket=bucket.bucket, Key=name)
    one = Store()
    monkeypatch.setattr(queries, "store", lambda: one)
    return one


@pytest.fixture
def people(transactional_db: None, town: SimpleNamespace) -> SimpleNamespace:
    return town


@contextmanager
def _away() -> Iterator[None]:
    def gone(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        raise OperationalError("the connection is closed") from psycopg.errors.AdminShutdown("x")

    with ExitStack() as stack:
        stack.enter_context(connection.execute_wrapper(gone))
        yield


@pytest.fixture
def away() -> Away:
    """As long as the block runs, the database answers nothing."""
    return _away

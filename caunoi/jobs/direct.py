"""Connections to the database beside Django's, straight to the server: what holds a session (LISTEN, a lock of a
session) goes this way, for a pooler that DATABASE_URL may name gives every transaction whichever connection is free."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection

from caunoi.host import database

OWN = {"cursor_factory", "context", "prepare_threshold"}  # Django's, for its own connections


def parameters() -> dict[str, Any]:
    """The connection parameters for psycopg."""
    if settings.DATABASE_DIRECT:
        return dict(settings.DATABASE_DIRECT)
    return {key: value for key, value in connection.get_connection_params().items() if key not in OWN}


@contextmanager
def session(name: str = "") -> Iterator[psycopg.Connection[Any]]:
    """A session of its own for the length of a block; its locks end with it. `name`: as others see it."""
    values = parameters() | ({"application_name": name} if name else {})
    with psycopg.connect(**values, autocommit=True) as own:
        own.execute(database.WATCHFUL)
        yield own

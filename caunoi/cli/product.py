"""Importing this makes Django ready, and `main` then keeps the database up; for commands that need the product itself."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import django

from caunoi.host import home, postgres

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "caunoi.settings")
django.setup()


@contextmanager
def database() -> Iterator[None]:
    """A database for the length of a block: that of DATABASE_URL, the running embedded one, or one started for it."""
    if os.environ.get("DATABASE_URL"):
        yield
    else:
        with postgres.serving(home.home()):
            yield

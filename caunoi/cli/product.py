"""Django made ready, and the database running: what `main` gives a command that says that it needs them (`NEEDS`).

No command imports this: `main` does, before it imports the command. (The benches import it as the first of all.)
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import django
from django.db import OperationalError, connection

from caunoi.host import binaries, home, postgres

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "caunoi.settings")
django.setup()


@contextmanager
def database() -> Iterator[None]:
    """A database for the length of a block: that of DATABASE_URL, the running embedded one, or one started for it.

    Exits with 1, and a line that says why, where there is none.
    """
    if os.environ.get("DATABASE_URL"):
        try:
            yield
        except OperationalError as error:
            if connection.connection is not None:  # it was there
                raise
            sys.exit(f"caunoi: no database: {' '.join(str(error).split())}; `caunoi doctor` says more")
        return
    server = postgres.Server(home.home())
    try:
        server.start()
    except (binaries.NoServer, postgres.Failed, OSError) as error:
        sys.exit(f"caunoi: the database does not start: {error}; `caunoi doctor` says more")
    try:
        yield
    finally:
        server.stop()

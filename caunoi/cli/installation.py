"""An installation's rows, for the commands that answer with or without them."""

import importlib
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from caunoi.host import home as house
from caunoi.host import postgres
from caunoi.lib.places import gazetteer
from caunoi.lib.places.gazetteer import Geography


@contextmanager
def rows() -> Iterator[bool]:
    """Whether this installation's rows can be read for the length of the block. Django, half a second, is only loaded
    where there is an installation; one whose database does not answer, or is not laid out yet, is named on standard
    error."""
    if not os.environ.get("DATABASE_URL") and not postgres.data(house.home()).is_dir():
        yield False
        return
    with ExitStack() as stack:
        try:
            stack.enter_context(importlib.import_module("caunoi.cli.product").database())
            _ask()
        except (OSError, ValueError, SystemExit) as error:
            print(f"this installation's rows were not read: {str(error).splitlines()[0]}", file=sys.stderr)
            stack.close()
            yield False
            return
        yield True


def _ask() -> None:
    """ValueError where the tables are not laid out."""
    try:
        importlib.import_module("caunoi.directory.queries").option("province")
    except importlib.import_module("django.db").DatabaseError as error:
        raise ValueError(str(error)) from error


def places(there: bool) -> tuple[Geography, str]:
    """The state's list with this installation's acts over it, where its rows are `there`, and the province of its first
    run (else empty)."""
    if not there:
        return gazetteer.official(), ""
    geography: Geography = importlib.import_module("caunoi.directory.geography").geography()
    return geography, importlib.import_module("caunoi.directory.queries").option("province")

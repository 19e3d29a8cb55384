"""A process of pages begins though the database has no connection to spare at that moment; an error of any other kind
ends it.

Proves: a full database does not end the processes that wait for it"""

from argparse import Namespace
from types import SimpleNamespace

import pytest
from django.db import Error, OperationalError, ProgrammingError

from caunoi.cli import web


@pytest.mark.parametrize(("error", "begins"), [(OperationalError("full"), True), (ProgrammingError("ours"), False)])
def test_a_process_begins_while_the_database_is_full(
    monkeypatch: pytest.MonkeyPatch, error: Error, begins: bool
) -> None:
    def look(_look: object) -> None:
        raise error

    served = []
    monkeypatch.setattr(web.pool, "share", lambda _threads: None)
    monkeypatch.setattr(web.finding.engine, "warm", lambda: None)
    monkeypatch.setattr(web.whole, "Whole", lambda: SimpleNamespace(pool=None))
    monkeypatch.setattr(web.replica, "anywhere", look)
    monkeypatch.setattr(web, "serve_at", lambda *_: served.append(1) or 0)
    if begins:
        assert web.run(Namespace()) == 0 and served
    else:
        with pytest.raises(ProgrammingError):
            web.run(Namespace())

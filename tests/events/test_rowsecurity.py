"""Proves: a process notices that the database has begun to keep readers to their sight"""

import pytest
from django.db import connection

from caunoi.events import rowsecurity


def test_what_was_not_enforced_is_asked_again_and_what_is_not(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    answers, at = [False, False, True], [1000.0]
    monkeypatch.setattr(rowsecurity, "_answers", {})
    monkeypatch.setattr(rowsecurity, "_there", lambda: answers.pop(0))
    monkeypatch.setattr(rowsecurity, "monotonic", lambda: at[0])
    assert not rowsecurity.enforced() and not rowsecurity.enforced() and len(answers) == 2
    at[0] += rowsecurity.AGAIN
    assert not rowsecurity.enforced() and len(answers) == 1
    at[0] += rowsecurity.AGAIN
    assert rowsecurity.enforced() and rowsecurity.enforced() and not answers
    assert [*rowsecurity._answers] == [connection.settings_dict["NAME"]]

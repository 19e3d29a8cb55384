"""Proves: a process notices that the database has begun to keep readers to their sight; conditions are renewed"""

import pytest
from django.db import connection, transaction

from caunoi.events import rowsecurity
from caunoi.tickets import rowdoors


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


def test_a_function_of_the_doors_is_brought_up_to_date_and_kept_where_it_is(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    functions = {"tickets_tried": "$1 = 7"}
    monkeypatch.setattr(rowdoors, "FUNCTIONS", functions)
    asked = "SELECT tickets_tried(7), obj_description('tickets_tried(bigint)'::regprocedure), xmin FROM pg_proc"
    asked += " WHERE oid = 'tickets_tried(bigint)'::regprocedure"
    with connection.cursor() as cursor:
        rowsecurity.apply()
        cursor.execute(asked)
        first = cursor.fetchone()
        rowsecurity.apply()
        cursor.execute(asked)
        assert cursor.fetchone() == first and first[0] is True
        functions["tickets_tried"] = "$1 = 8"
        rowsecurity.apply()
        with transaction.atomic():
            cursor.execute(f"SET LOCAL ROLE {rowsecurity.READER}")  # who reads may ask it
            cursor.execute(asked)
            assert (changed := cursor.fetchone())[0] is False and changed[1] != first[1]
        cursor.execute("DROP FUNCTION tickets_tried(bigint)")

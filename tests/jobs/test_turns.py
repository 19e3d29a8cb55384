"""Who stands still in its turn holds nobody up, and a session tells the server to notice that we are gone."""

import threading
import time
from types import SimpleNamespace

import pytest
from django.db import DatabaseError, connection, transaction

from caunoi.jobs import away, direct, turns
from caunoi.jobs.apps import _connected

NUMBER = 1_022_99_0001


@pytest.mark.django_db(transaction=True)
def test_one_has_the_turn_until_its_transaction_is_over():
    with direct.session() as other, transaction.atomic():
        assert turns.alone(NUMBER) and turns.alone(NUMBER)
        take = "SELECT pg_try_advisory_xact_lock(%s)"
        assert other.execute(take, [NUMBER]).fetchone() == (False,)
    with direct.session() as other:
        assert other.execute(take, [NUMBER]).fetchone() == (True,)
    with connection.cursor() as cursor:
        cursor.execute("SHOW idle_in_transaction_session_timeout")
        assert cursor.fetchone() == ("0",), "it ends with the transaction"
        with transaction.atomic(), transaction.atomic():
            assert turns.alone(NUMBER)
            cursor.execute("SHOW idle_in_transaction_session_timeout")
            assert cursor.fetchone() == ("0",), "another's transaction is not bounded"


@pytest.mark.django_db(transaction=True)
def test_a_process_that_stands_still_loses_its_turn():
    begun, woken, lost = threading.Event(), threading.Event(), []

    def stand_still() -> None:
        try:
            with transaction.atomic():
                assert turns.alone(NUMBER, patience=0.2)
                begun.set()
                woken.wait(20)
                with connection.cursor() as cursor:
                    cursor.execute("SELECT 1")
        except DatabaseError as error:
            lost.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=stand_still)
    thread.start()
    assert begun.wait(20)
    deadline = time.monotonic() + 10
    while True:
        with transaction.atomic():
            if turns.alone(NUMBER):
                break
        assert time.monotonic() < deadline
        time.sleep(0.05)
    woken.set()
    thread.join(20)
    assert lost and away.passing(lost[0]), "and it knows when it wakes up"


@pytest.mark.django_db
def test_the_server_is_told_to_notice_that_we_are_gone(monkeypatch):
    """At a socket of the machine it says 0, as there is nothing to notice; so the words are looked at."""
    said = []

    class Server:
        def execute(self, words):
            said.append(words)

    own = SimpleNamespace(connection=Server())
    for _ in range(2):
        _connected(own)
    assert len(said) == 1, "one of a pool is told once"
    assert "tcp_keepalives_idle" in said[0] and "tcp_user_timeout" in said[0]
    with direct.session() as session:
        assert session.execute("SHOW tcp_keepalives_idle").fetchone() is not None

"""Proves: what only one process may do at a time, one does, on whatever host; another takes over when it does not"""

from threading import Thread
from uuid import uuid4

import pytest
from django.db import connection

from caunoi.jobs import leases
from caunoi.jobs.leases import Claim


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    at = [100.0]
    monkeypatch.setattr(leases, "monotonic", lambda: at[0])
    return at


def pass_by(clock: list[float], seconds: float) -> None:
    """For the processes, and for the database."""
    clock[0] += seconds
    with connection.cursor() as cursor:
        cursor.execute("UPDATE jobs_lease SET until = until - %s * interval '1 s'", [seconds])


def test_one_has_it_until_it_is_not_renewed(db: None, clock: list[float]):
    first, second = Claim("bridge", holder="a"), Claim("bridge", holder="b")
    assert first.take() and first.valid and not second.take() and not second.valid
    assert Claim("another").take(), "each name by itself"
    pass_by(clock, leases.TERM - 0.1)
    assert first.take() and not second.take()
    pass_by(clock, leases.TERM - 0.1)
    assert first.valid and not second.take(), "from its renewal on"
    pass_by(clock, 0.2)
    assert not first.valid and second.take() and second.valid
    assert not first.take() and not first.valid, "who stood still wakes up and knows it"


def test_a_process_that_is_started_again_at_its_place_goes_on_at_once(db: None, settings, clock: list[float]):
    assert Claim("bridge").take() and Claim("bridge").take()
    settings.HOME = "/elsewhere"
    assert not Claim("bridge").take(), "another installation on this machine is another place"


def test_who_ends_leaves_it_at_once_and_only_its_own(db: None, clock: list[float]):
    first, second, third = (Claim("bridge", holder=one) for one in "abc")
    assert first.take()
    second.release()
    assert not second.take()
    first.release()
    assert not first.valid and second.take() and not third.take()
    with connection.cursor() as cursor:
        cursor.execute("SELECT host, since <= clock_timestamp() FROM jobs_lease WHERE name = 'bridge'")
        assert cursor.fetchone() == (second.values["host"], True)


def test_the_holder_that_comes_back_in_time_goes_on_since_when_it_began(db: None, clock: list[float]):
    claim = Claim("bridge")
    claim.take()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE jobs_lease SET since = '2026-11-01'")
        pass_by(clock, 60)  # the database was away, for everybody
        assert not claim.valid and claim.take()
        cursor.execute("SELECT extract(month from since) = 11 and since < '2026-11-02' FROM jobs_lease")
        assert cursor.fetchone() == (True,)


def test_of_many_at_once_one_takes_it(transactional_db: None):
    taken: list[bool] = []

    def run() -> None:
        try:
            taken.append(Claim("bridge", holder=uuid4().hex).take())
        finally:
            connection.close()

    for _ in range(5):
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM jobs_lease")
        taken.clear()
        threads = [Thread(target=run) for _ in range(8)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        assert sorted(taken) == [False] * 7 + [True]

"""Reading from a standby: what a bind binds, who reads where, and what is done when one of the two is away. The standby
is the same server here, by a second connection that only reads.

Proves: a write on the read bind fails on the same server already; tasks wait for what they need, then use the
primary; each connection to a standby has its own position"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from threading import Timer
from time import monotonic
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from django.db import InternalError, OperationalError, connection, connections, transaction

from caunoi.directory.models import Option
from caunoi.events import rowsecurity
from caunoi.jobs import away, replica
from caunoi.jobs.replica import Replayed
from tests.standby import Standing


def pid() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


@pytest.fixture
def bind(standby: Standing) -> Iterator[replica.Bind]:
    one = replica.Bind()
    one.begin()
    yield one
    if replica.bound():
        one.end()


def test_the_orm_sql_and_transactions_follow_and_come_back(standby: Standing) -> None:
    own, bind = pid(), replica.Bind()
    bind.begin()
    there = pid()
    with transaction.atomic():
        assert pid() == there != own
        Option.objects.count()
    with replica.on_primary():
        assert (pid(), replica.bound()) == (own, False)
    assert pid() == there and connection.alias == "read"
    bind.end()
    assert (pid(), connection.alias, replica.bound()) == (own, "default", False)


def test_a_write_fails_there_and_is_known_for_what_it_is(bind: replica.Bind) -> None:
    with pytest.raises(InternalError) as raised:
        Option.objects.create(name="hours", value="x")
    assert away.wrote(raised.value)
    with replica.on_primary():
        Option.objects.create(name="hours", value="x")
    assert Option.objects.filter(name="hours").exists()


def test_what_commits_apart_commits_on_the_primary(bind: replica.Bind) -> None:
    with rowsecurity.apart():
        Option.objects.create(name="hours", value="x")
    assert Option.objects.filter(name="hours").exists()


def test_a_page_for_somebody_ends_where_it_began(town: SimpleNamespace, bind: replica.Bind) -> None:
    """What commits apart within a note finds the page's transaction on the other connection, and leaves it alone."""

    def count() -> None:
        with rowsecurity.apart():
            Option.objects.create(name="hours", value="x")

    page = rowsecurity.Reading()
    page.begin(town.phong)
    assert _role() == ("read", rowsecurity.READER)
    replica.note(count, otherwise=None)
    assert _role() == ("read", rowsecurity.READER)
    page.end()
    bind.end()
    assert _role() == ("default", connection.settings_dict["USER"])


def _role() -> tuple[str, str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        return connection.alias, cursor.fetchone()[0]


def test_a_note_beside_a_page_is_written_on_the_primary_and_forgone_without_one(
    bind: replica.Bind, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert replica.note(pid, otherwise=0) != pid()

    def breaks() -> int:
        raise OperationalError("gone") from psycopg.errors.AdminShutdown("x")

    assert replica.note(breaks, otherwise=7) == 7
    assert replica.primary.is_lost() and replica.bound()
    assert replica.note(pid, otherwise=8) == 8, "it is not tried for each page"


@pytest.mark.parametrize(
    ("text", "number"), [("0/0", 0), ("16/B374D848", 0x16B374D848), ("FFFFFFFF/FFFFFFFF", 2**64 - 1)]
)
def test_a_position_is_a_number_that_grows(text: str, number: int) -> None:
    assert replica.position(text) == number


def test_positions_are_asked_again_only_where_they_do_not_suffice(standby: Standing, bind: replica.Bind) -> None:
    standby.is_at(0x100)
    assert bind.replayed().position == 0x100
    standby.is_at(0x200)
    assert bind.replayed(0x80).position == 0x100, "a second has not passed"
    assert bind.replayed(0x180).position == 0x200
    bind.end()
    connections["read"].close()  # the next one may lead to another server
    standby.is_at(0x50)
    bind.begin()
    assert bind.replayed(0x10).position == 0x50


def test_what_was_received_is_waited_for_and_nothing_else(
    standby: Standing, bind: replica.Bind, monkeypatch: pytest.MonkeyPatch
) -> None:
    standby.is_at(0x100)
    assert bind.catch_up(0x80).position == 0x100
    monkeypatch.setattr(replica, "RECEIVED", "SELECT '0/100'")
    begun = monotonic()
    assert bind.catch_up(0x200).position == 0x100 and monotonic() - begun < 1, "no more of it comes"
    monkeypatch.setattr(replica, "RECEIVED", "SELECT '0/300'")
    Timer(0.2, standby.is_at, [0x250]).start()
    assert bind.catch_up(0x200).position == 0x250
    monkeypatch.setattr(replica, "CATCH_UP", 0.1)
    assert bind.catch_up(0x280).position == 0x250, "not for ever"


def test_after_a_commit_the_position_is_beyond_the_one_before(transactional_db: None) -> None:
    before = replica.written()
    Option.objects.create(name="hours", value="x")
    assert replica.written() > before


# --- Tasks ------------------------------------------------------------------------------------------------------------


def where() -> str:
    pid()
    return connection.alias


def test_a_task_reads_from_a_standby_that_has_all(standby: Standing) -> None:
    standby.is_at(2**63)
    assert (replica.read(where), replica.bound()) == ("read", False)


def test_a_task_waits_a_while_and_then_reads_from_the_primary(standby: Standing) -> None:
    standby.is_at(1)
    assert replica.read(where, within=0.2) == "default"


def test_a_task_that_breaks_off_on_the_standby_is_made_again(standby: Standing) -> None:
    standby.is_at(2**63)
    made = []

    def make() -> str:
        made.append(where())
        if made == ["read"]:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1/0")
        return made[-1]

    assert (replica.read(make), made) == ("default", ["read", "default"])
    assert replica.new() is None, "and the standby is left alone for a while"


def test_without_a_standby_nothing_is_asked(
    transactional_db: None, django_assert_num_queries: Callable[[int], Any]
) -> None:
    with django_assert_num_queries(1):
        assert replica.read(where) == "default"


# --- Is there a primary? ----------------------------------------------------------------------------------------------


class Asked(replica.Primary):
    """`answer`: what it would say; `times`: how often it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.answer, self.times = True, 0

    def _ask(self) -> bool:
        self.times += 1
        self._position = 0x500
        return self.answer


def state(age: float | None, position: int | None = 0x500) -> Replayed:
    return Replayed(position=position, at=datetime.now(UTC), age=age)


def test_nobody_asks_for_the_primary_while_its_commits_arrive() -> None:
    primary = Asked()
    assert not primary.is_away(state(age=3.0))
    assert primary.times == 0


def test_a_standby_that_no_longer_receives_has_it_asked_at_once() -> None:
    primary = Asked()
    primary.answer = False
    cut_off = replace(state(age=1.0), streams=False)
    assert primary.is_away(cut_off) and primary.is_away(cut_off)
    assert primary.times == 1


def test_quiet_is_not_away_and_it_is_asked_once_in_a_while(time_machine: Any) -> None:
    primary = Asked()
    assert [primary.is_away(state(age=60.0)) for _ in range(5)] == [False] * 5
    assert primary.times == 1
    assert not primary.is_ahead(state(age=60.0)) and primary.is_ahead(state(age=60.0, position=0x400))


def test_who_got_no_answer_has_it_asked_at_once() -> None:
    primary = Asked()
    primary.answer = False
    primary.lose()
    assert primary.is_away(state(age=1.0)) and primary.is_away(state(age=1.0)) and primary.is_lost()
    assert primary.times == 1
    primary.answer, primary._last_look = True, -replica.AGAIN
    assert not primary.is_away(state(age=30.0)) and not primary.is_lost()


def test_a_standby_that_was_promoted_is_the_primary() -> None:
    primary = Asked()
    primary.answer = False
    primary.lose()
    assert not primary.is_away(Replayed()) and not primary.is_lost()


def test_one_asks_for_a_primary_that_is_away_and_nobody_else_waits_for_it() -> None:
    primary = Asked()
    assert not primary.is_out() and primary.times == 0
    primary.lose()
    assert not primary.is_out() and primary.times == 1, "it was only slow with somebody"
    primary.answer = False
    primary.lose()
    assert [primary.is_out() for _ in range(5)] == [True] * 5 and primary.times == 2
    primary.lose()
    assert primary.is_out() and primary.times == 2, "those who are told so do not have it asked again"
    primary.answer, primary._last_look = True, -replica.AGAIN
    assert not primary.is_out() and primary.times == 3


def test_while_another_asks_upon_suspicion_only_one_waits() -> None:
    primary = Asked()
    primary.lose()
    with primary._lock:
        assert not primary.is_out() and primary.times == 0


def test_no_connection_is_asked_for_where_there_is_no_primary(
    standby: Standing, monkeypatch: pytest.MonkeyPatch
) -> None:
    primary = Asked()
    primary.answer = False
    primary.lose()
    connection.close()
    with monkeypatch.context() as there_is_none:
        there_is_none.setattr(replica, "primary", primary)
        with pytest.raises(OperationalError, match="there is no primary") as raised:
            pid()
        bind = replica.Bind()
        bind.begin()
        assert pid() and replica.bound()
        bind.end()
    assert away.lost(raised.value) and pid()


def test_one_tries_a_standby_again_that_was_lost_and_nobody_else_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    standby, at = replica.Standby(), [100.0]
    monkeypatch.setattr(replica, "monotonic", lambda: at[0])
    assert standby.may_be_tried() and standby.may_be_tried()
    standby.lose(OperationalError("gone"))
    assert not standby.may_be_tried()
    at[0] += replica.DOWN
    assert [standby.may_be_tried() for _ in range(3)] == [True, False, False]
    standby.find()
    assert standby.may_be_tried() and standby.may_be_tried()

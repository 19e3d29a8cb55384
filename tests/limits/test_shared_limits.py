"""How often somebody may do what costs us: one count for all processes."""

import threading

import pytest
from django.db import DatabaseError, connection, connections
from django.utils.timezone import now

from caunoi.accounts import attempts, recovery
from caunoi.accounts.models import User
from caunoi.accounts.queries import digest
from caunoi.directory import actions as directory
from caunoi.directory import queries as rows
from caunoi.directory.options import OPTIONS
from caunoi.events.actor import SYSTEM, citizen
from caunoi.lib.network import place
from caunoi.limits import actions
from caunoi.limits.memory import Memory
from caunoi.limits.models import Tally
from caunoi.limits.rates import RATES
from caunoi.tickets import actions as tickets
from caunoi.tickets import proofs
from caunoi.tickets.report import Report, Reporter


def test_every_limit_is_an_option_of_the_group_that_lists_them():
    assert {rate.option for rate in RATES.values()} <= {o.name for o in OPTIONS.values() if o.group == "limits"}


def test_a_limit_is_kept_and_says_when_one_may_come_again(town):
    verdicts = [actions.take("confirm-mail-to", "ba@dan.example") for _ in range(4)]
    assert [(v.allowed, v.left) for v in verdicts] == [(True, 2), (True, 1), (True, 0), (False, 0)]
    assert 3590 <= verdicts[-1].wait <= 3600
    assert actions.take("confirm-mail-to", "tu@dan.example").allowed, "another recipient is another count"


def test_what_another_process_counted_is_counted(town):
    for _ in range(3):
        actions.take("confirm-mail-to", "ba@dan.example")
    actions.forget()  # as another process knows it
    assert not actions.take("confirm-mail-to", "ba@dan.example").allowed


def test_whoever_is_refused_is_refused_again_without_the_database(town, django_assert_num_queries):
    for _ in range(4):
        actions.take("confirm-mail-to", "ba@dan.example")
    with django_assert_num_queries(0):
        assert not actions.take("confirm-mail-to", "ba@dan.example").allowed


def test_a_decision_is_one_statement(town, django_assert_num_queries):
    rows.option("api_per_minute")
    with django_assert_num_queries(3):  # with the savepoint that the test's own transaction asks for
        actions.take("api", "key")


def test_shares_are_handed_out_from_memory_up_to_the_limit(town, django_assert_num_queries):
    directory.set_option("open311_per_minute", 100, by=SYSTEM)
    rows.forget()
    actions.take_share("open311", "key")
    with django_assert_num_queries(0):
        assert actions.take_share("open311", "key").left == 98
    assert [actions.take_share("open311", "key").allowed for _ in range(99)] == [True] * 98 + [False]


def test_a_window_that_ended_begins_anew(town):
    for _ in range(4):
        actions.take("confirm-mail-to", "ba@dan.example")
    Tally.objects.update(until=now())
    actions.forget()
    assert actions.take("confirm-mail-to", "ba@dan.example").left == 2


def test_a_changed_option_counts_at_once(town):
    directory.set_option("confirm_mails_per_person", 1, by=SYSTEM)
    rows.forget()
    assert [actions.take("confirm-mail-to", "x").allowed for _ in range(2)] == [True, False]


def test_while_the_database_is_away_each_process_counts_alone(town, monkeypatch):
    def away(*_args):
        raise DatabaseError("gone")

    monkeypatch.setattr(actions, "_row", away)
    assert [actions.take("confirm-mail-to", "x").allowed for _ in range(4)] == [True, True, True, False]
    assert actions.peek("confirm-mail-to", "x", 3).allowed is False
    assert actions.peek("confirm-mail-to", "y", 3).allowed is True


def test_what_ended_is_swept(town):
    actions.take("api", "one")
    actions.take("api", "two")
    Tally.objects.filter(hits=1).order_by("key").first().delete()
    assert actions.sweep() == 0
    Tally.objects.update(until=now())
    assert actions.sweep() == 1


def test_the_table_costs_no_log(town):
    with connection.cursor() as cursor:
        cursor.execute("SELECT relpersistence FROM pg_class WHERE relname = 'limits_tally'")
        assert cursor.fetchone() == ("u",)


def test_memory_is_bounded_and_forgets_the_oldest():
    memory = Memory(most=100)
    for number in range(1000):
        memory.add(b"%d" % number, 60, 0.0)
    assert len(memory) == 100
    assert memory.read(b"0", 1.0) is None
    assert memory.read(b"999", 1.0).hits == 1
    assert memory.read(b"999", 61.0) is None


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("no address", "no address"),
        ("", ""),
    ],
)
def test_an_address_is_counted_by_its_subscriber(address, counted):
    assert place(address) == counted


@pytest.mark.django_db(transaction=True)
def test_many_at_once_get_no_more_than_the_limit():
    allowed = []

    def ask():
        try:
            for _ in range(20):
                allowed.append(actions.take("lookup-ticket", "75-000001-1").allowed)
                actions.forget()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(allowed) == OPTIONS["lookups_per_ticket"].default


def at_once(ask, times=16):
    """What so many threads get when they do the same at the same moment."""
    start, answers = threading.Barrier(times), []

    def one():
        try:
            start.wait()
            answers.append(ask())
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.mark.django_db(transaction=True)
def test_what_is_counted_row_by_row_holds_against_many_at_once():
    """Passwords, recovery mails, guesses at a recovery code, one-time codes for a ticket."""
    tries = at_once(lambda: attempts.begin("quan", "203.0.113.9", ""))
    assert sum(rows is not None for rows in tries) == attempts.TRIES
    assert sum(at_once(lambda: attempts.may_ask("quan", "203.0.113.9", ""))) == attempts.NAME_CODES

    user = User.objects.create_user("quan")
    row = recovery.begin(user, digest("browser"), "mail")
    guesses = at_once(lambda: recovery.redeem("00000000", "browser"))
    assert set(guesses) == {None}
    row.refresh_from_db()
    assert row.tries == recovery.TRIES

    reporter = Reporter(name="Võ Thị Nga", phone="+84987612345")
    ticket = tickets.take(Report(text="Đèn hỏng", channel="web", once="a", reporter=reporter), by=citizen())
    codes = at_once(lambda: proofs.ask(ticket.code, "0987612345", "browser", proofs.CODE))
    assert sum(one.ticket_id is not None for one in codes) == OPTIONS["codes_a_day"].default

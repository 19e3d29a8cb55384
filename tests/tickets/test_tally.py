"""The tickets' counters say what counting would say: after moves and edits, histories in bulk, deletions, at once.

Proves: how many are open in which state: counters kept by the database with every change, so no page of the desk
counts tickets"""

import threading
from collections import Counter

import pytest
from django.db import connection, connections, transaction
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from caunoi.events.actor import SYSTEM, Actor, Role, citizen
from caunoi.lib import locks
from caunoi.tickets import actions, queries, tally
from caunoi.tickets.lifecycle import OPEN, State
from caunoi.tickets.models import Tally, Ticket
from caunoi.tickets.report import Report
from tests.examples import examples

NUMBER = st.integers(0, 4)
STEP = st.tuples(st.sampled_from(["take", "state", "restrict", "area", "delete", "fold", "nothing"]), NUMBER)


def counted(by):
    """What `counts` is to say, by counting the tickets that this one may see."""
    found = Counter(queries.visible_to(by).order_by().values_list("state", flat=True))
    return {state.value: found[state] for state in OPEN}


def everybody(town):
    chief = Actor(name="ward", roles=frozenset({Role.SUPERVISOR}), area_id=town.ward.pk)
    operator = Actor(name="commune", roles=frozenset({Role.OPERATOR}), area_id=town.commune.pk)
    return [SYSTEM, town.tam, town.lan, town.minh, town.binh, chief, operator]


def take(town, n, category=None):
    report = Report(text="Đèn tắt", channel="web", once=str(n), category_id=town.lamps.pk, area_id=town.ward.pk)
    return actions.take(report, by=citizen())


@examples(25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEP, max_size=12))
def test_the_counters_are_what_counting_says(town, steps):
    with transaction.atomic():
        for n, (what, which) in enumerate(steps):
            rows = list(Ticket.objects.order_by("pk"))
            row = rows[which % len(rows)] if rows else take(town, f"first-{n}")
            if what == "take":
                take(town, n)
            elif what == "state":
                Ticket.objects.filter(pk=row.pk).update(state=sorted(State)[which])
            elif what == "restrict":
                Ticket.objects.update(restricted=bool(which % 2))  # in bulk
            elif what == "area":
                Ticket.objects.filter(pk=row.pk).update(area=[None, town.ward, town.commune][which % 3])
            elif what == "delete":
                row.delete()
            elif what == "fold":
                tally.fold()
            else:
                row.save()
            for by in everybody(town):
                assert queries.counts(by) == counted(by)
        transaction.set_rollback(True)


def test_a_page_asks_for_a_few_counters_and_not_for_the_tickets(town, django_assert_num_queries):
    for n in range(30):
        take(town, n)
    tally.fold()
    assert list(Tally.objects.values_list("state", "restricted", "area", "count")) == [("new", False, town.ward.pk, 30)]
    with django_assert_num_queries(1) as asked:
        assert queries.counts(town.lan)["new"] == 30
    assert "tickets_ticket" not in asked[0]["sql"]


def test_what_is_folded_is_left_alone_until_its_number_changes(town):
    def rows():
        return set(Tally.objects.values_list("pk", "state", "restricted", "area", "count", "folded"))

    made = [take(town, n) for n in range(4)]
    Ticket.objects.filter(pk=made[1].pk).update(restricted=True)
    Ticket.objects.filter(pk=made[2].pk).update(area=None)
    Ticket.objects.filter(pk=made[3].pk).update(state="accepted")
    tally.fold()
    before = rows()
    assert {row[1:] for row in before} == {
        ("new", False, town.ward.pk, 1, True),
        ("new", True, town.ward.pk, 1, True),
        ("new", False, None, 1, True),
        ("accepted", False, town.ward.pk, 1, True),
    }
    take(town, 9)
    tally.fold()
    assert len(rows() & before) == 3
    assert {row[1:] for row in rows() - before} == {("new", False, town.ward.pk, 2, True)}


def test_what_went_wrong_is_set_right(town):
    take(town, 1)
    Tally.objects.all().delete()
    Tally.objects.create(state="working", restricted=False, count=7)
    assert tally.recount() == 2
    assert queries.counts(town.lan) == counted(town.lan)
    assert tally.recount() == 0


@pytest.mark.django_db(transaction=True)
def test_folding_while_tickets_move_loses_nothing(town):
    made = [take(town, n) for n in range(8)]
    stop = threading.Event()

    def work(mine):
        while not stop.is_set():
            for ticket in mine:
                for state in ("working", "new"):
                    Ticket.objects.filter(pk=ticket.pk).update(state=state)
        connections.close_all()

    threads = [threading.Thread(target=work, args=(made[n::2],)) for n in range(2)]
    for thread in threads:
        thread.start()
    for _ in range(20):
        tally.fold()
        assert sum(queries.counts(SYSTEM).values()) == 8
    stop.set()
    for thread in threads:
        thread.join()
    tally.fold()
    assert queries.counts(SYSTEM) == counted(SYSTEM)
    assert tally.recount() == 0


@pytest.mark.django_db(transaction=True)
def test_one_folds_at_a_time_and_the_other_does_not_wait(town):
    take(town, 1)
    held, done = threading.Event(), threading.Event()

    def fold_elsewhere():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [locks.FOLDS_TICKETS])
            held.set()
            done.wait(20)
        connections.close_all()

    thread = threading.Thread(target=fold_elsewhere)
    thread.start()
    assert held.wait(20)
    tally.fold()
    assert Tally.objects.filter(folded=False).exists()
    done.set()
    thread.join()
    tally.fold()
    assert not Tally.objects.filter(folded=False).exists()


@pytest.mark.django_db(transaction=True)
def test_emptied_is_none(town):
    take(town, 1)
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE tickets_ticket CASCADE")
    assert not Tally.objects.exists()

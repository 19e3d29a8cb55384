"""A late holiday: every open deadline it touches moves, nothing else does, and nobody waits for it.

Proves: late days and other calendars recount only the deadlines they touch, going on where cut off"""

import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connections, transaction

from caunoi.directory import actions as directory
from caunoi.directory.queries import forget
from caunoi.events.actor import citizen
from caunoi.events.models import Event
from caunoi.events.queries import history
from caunoi.sla import actions, queries, recount
from caunoi.sla.models import Deadline, Recount
from caunoi.tickets import actions as tickets
from caunoi.tickets.report import Report

MONDAY = datetime(2026, 8, 17, 1, 0, tzinfo=UTC)
DAY = date(2026, 8, 19)


@pytest.fixture
def tickets_of(town, time_machine):
    """So many tickets about lamps, due on Wednesday at 17:00."""
    time_machine.move_to(MONDAY, tick=False)

    def make(count, prefix="r"):
        made = []
        for n in range(count):
            found = tickets.take(Report(text="Đèn tắt", channel="web", once=f"{prefix}{n}"), by=citizen())
            tickets.move(found, "accept", by=town.lan, category=town.lamps)
            actions.refresh(found)
            made.append(found)
        return made

    return make


def late_holiday(town, day=DAY):
    row = directory.set_day(day, False, by=town.quan, note="Bão số 9")
    event = history(row).last()
    return recount.ask(event.pk, event.at, day)


def finish(size=recount.SIZE):
    forget()
    steps = 0
    while recount.step(size):
        steps += 1
    return steps


def due(ticket):
    return queries.handle(ticket).due.astimezone(UTC).isoformat()[:16]


def test_a_late_holiday_moves_the_deadlines_that_run_over_it_and_says_so(town, tickets_of):
    (one,) = tickets_of(1)
    late_holiday(town)
    finish()
    assert due(one) == "2026-08-20T10:00"
    told = [e for e in history(one) if e.kind == "sla.recount"]
    assert len(told) == 1
    assert (told[0].data["day"], told[0].data["before"][:10], told[0].data["after"][:10]) == (
        "2026-08-19",
        "2026-08-19",
        "2026-08-20",
    )


def test_a_day_that_a_deadline_does_not_run_over_leaves_it_alone(town, tickets_of):
    (one,) = tickets_of(1)
    before = Deadline.objects.get(ticket=one, clock="handle").due
    for day in (date(2026, 8, 20), date(2026, 8, 14)):
        row = late_holiday(town, day)
        finish()
        row.refresh_from_db()
        assert (row.done, row.moved) == (0, 0)
    assert Deadline.objects.get(ticket=one, clock="handle").due == before


def test_what_is_answered_stays_as_it_was(town, tickets_of):
    (one,) = tickets_of(1)
    tickets.move(one, "answer", by=town.lan, text="Đã sửa")
    actions.refresh(one)
    late_holiday(town)
    finish()
    assert not [e for e in history(one) if e.kind == "sla.recount"]


def test_a_recount_that_was_cut_off_goes_on_where_it_was(town, tickets_of):
    made = tickets_of(7)
    row = late_holiday(town)
    forget()
    recount.step(3)
    row.refresh_from_db()
    assert (row.total, row.done, row.after) == (7, 3, made[2].pk)
    with pytest.raises(RuntimeError), transaction.atomic():  # killed in the middle of a step: it leaves nothing
        recount.step(3)
        raise RuntimeError
    row.refresh_from_db()
    assert row.done == 3
    assert [due(t)[8:10] for t in made] == ["20"] * 3 + ["19"] * 4
    finish(3)
    row.refresh_from_db()
    assert (row.done, row.moved) == (7, 7) and row.finished
    assert {due(t) for t in made} == {"2026-08-20T10:00"}
    assert Event.objects.filter(kind="sla.recount").count() == 7  # each once
    assert Event.objects.filter(kind="recount.finish").count() == 1


def test_the_same_event_asks_for_one_recount(town, tickets_of):
    tickets_of(1)
    row = late_holiday(town)
    recount.ask(row.event, row.asked, row.day)
    assert Recount.objects.count() == 1
    finish()
    assert recount.step() is False


def test_swapping_a_day_moves_exactly_what_it_should(town, tickets_of):
    """A Saturday is worked instead of the Wednesday: two days from Monday end on Thursday, and on Friday from Thursday
    on nothing changes but what counts the Saturday."""
    (monday,) = tickets_of(1)
    late_holiday(town, DAY)
    finish()
    row = directory.set_day(date(2026, 8, 23), True, by=town.quan, note="Bù")  # the Sunday is worked
    recount.ask(history(row).last().pk, MONDAY, date(2026, 8, 23))
    finish()
    assert due(monday) == "2026-08-20T10:00"  # over before the Sunday


@pytest.mark.django_db(transaction=True)
def test_work_goes_on_while_it_counts(town, tickets_of):
    """A move waits for a step at most, never for the whole; and what it did is not overwritten."""
    made = tickets_of(12)
    row = late_holiday(town)
    forget()
    failed, stop = [], threading.Event()

    def count():
        try:
            while recount.step(2):
                pass
        except Exception as error:
            failed.append(error)
        finally:
            stop.set()
            connections.close_all()

    thread = threading.Thread(target=count)
    thread.start()
    for ticket in made[::3]:
        tickets.move(ticket, "ask", by=town.lan, question="Ở đâu?")
        actions.refresh(ticket)
    thread.join()
    finish()
    assert not failed
    row.refresh_from_db()
    assert row.finished
    for n, ticket in enumerate(made):
        handle = queries.handle(ticket)
        assert handle.state == ("paused" if n % 3 == 0 else "running")
        assert handle.first_due == datetime(2026, 8, 20, 10, tzinfo=UTC)


@pytest.mark.django_db(transaction=True)
def test_two_workers_share_no_ticket(town, tickets_of):
    made = tickets_of(10)
    late_holiday(town)
    forget()

    def count():
        while recount.step(2):
            pass
        connections.close_all()

    threads = [threading.Thread(target=count) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    finish(2)
    assert Event.objects.filter(kind="sla.recount").count() == len(made)
    assert Recount.objects.get().moved == len(made)


@pytest.mark.django_db(transaction=True)
def test_the_administrators_day_reaches_the_tickets_by_itself(town, tickets_of, work, time_machine):
    (one,) = tickets_of(1)
    work()
    directory.set_day(DAY, False, by=town.quan, note="Bão")
    work()
    assert due(one) == "2026-08-20T10:00"
    assert timedelta() < queries.recounts()[0].finished - MONDAY + timedelta(seconds=1)

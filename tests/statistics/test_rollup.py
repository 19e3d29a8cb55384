"""Counting the log: late commits, two counters, a worker that died, and what is no more.

Proves: Kept incrementally from the event log by a worker thread: transactional cursor, late commits (gaps) waited
for, one counter at a time; a question without a worker counts what is new first
Proves: `caunoi rebuild-statistics`: resumable, the board stays open"""

import pytest
from django.db import connection, transaction

from caunoi.events import rowsecurity
from caunoi.events.actor import SYSTEM, citizen
from caunoi.events.models import Event
from caunoi.jobs import direct
from caunoi.lib import locks
from caunoi.statistics import rollup, spans
from caunoi.statistics.models import Cursor, Distribution, Pair, Span, Tally
from caunoi.tickets import actions as tickets
from caunoi.tickets.report import Report


def take(once):
    return tickets.take(Report(text="Đèn tắt", channel="web", once=once), by=citizen())


def phase(ticket):
    return Span.objects.get(ticket=ticket.pk, until=None).phase


def whole():
    return sum(t.on_time + t.late + t.open for t in Tally.objects.filter(by=""))


def test_an_event_with_a_lower_id_that_is_committed_later_is_counted_when_it_shows(town):
    ticket = take("a")
    rollup.catch_up()
    event = tickets.move(ticket, "answer", by=town.lan, text="Rồi.", category=town.papers)
    later = take("b")
    with connection.cursor() as cursor:  # as if the answer's transaction were not over yet
        cursor.execute("SET LOCAL caunoi.erase = 'yes'")
        cursor.execute("DELETE FROM events_event WHERE id = %s", [event.pk])
    rollup.catch_up()
    assert phase(ticket) == 0 and phase(later) == 0
    Event.objects.bulk_create([event])
    rollup.catch_up()
    assert phase(ticket) == 1 and whole() == 2


def test_an_id_that_never_comes_is_forgotten_once_no_transaction_can_bring_it(town, monkeypatch):
    take("a")
    rollup.catch_up()
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('events_event', 'id'))")
        lost = cursor.fetchone()[0]
    take("b")
    rollup.catch_up()
    assert str(lost) in Cursor.objects.get().gaps["event"]
    real = rollup._transactions
    monkeypatch.setattr(
        rollup, "_transactions", lambda: (real()[1] + 9, real()[1] + 9, real()[2] + rollup.PATIENCE + 1)
    )
    take("c")
    rollup.catch_up()
    assert str(lost) not in Cursor.objects.get().gaps["event"]


def test_counted_twice_is_counted_once(town):
    ticket = take("a")
    rollup.catch_up()
    assert rollup.recount([ticket.pk]) == 0
    rollup.rebuild()
    rollup.rebuild()
    assert whole() == 1 and Span.objects.count() == 1


def test_tallies_that_an_older_version_left_are_summed_anew_before_they_are_believed(town):
    take("a")
    rollup.catch_up()
    Cursor.objects.update(shape=1)
    Pair.objects.all().delete()
    assert rollup.lag().building
    assert rollup.step() == 1
    assert not rollup.lag().building and Pair.objects.filter(one="channel", key="web", other="area").get().open == 1


def test_of_a_version_with_the_same_spans_only_the_sums_are_made_again(town, monkeypatch):
    take("a")
    rollup.catch_up()
    Cursor.objects.update(shape=spans.RECOUNTED)
    Distribution.objects.all().delete()
    assert rollup.lag().building
    with monkeypatch.context() as patch:
        patch.setattr(spans, "write", None)
        assert rollup.step() == 1
    assert not rollup.lag().building and Cursor.objects.get().shape == spans.SHAPE
    assert Distribution.objects.filter(what="open", by="channel", key="web").get().counts == [1]


def test_while_somebody_else_makes_all_sums_nobody_waits_for_them(town, monkeypatch):
    take("a")
    rollup.catch_up()
    Cursor.objects.update(shape=spans.RECOUNTED)
    waits = []
    with monkeypatch.context() as patch:
        patch.setattr(rollup, "_locked", lambda *, wait: waits.append(wait))  # somebody else has the lock
        rollup.fresh()
        assert waits == [False] and rollup.lag().building
    rollup.fresh()
    assert not rollup.lag().building and whole() == 1


def test_a_rebuild_that_was_cut_off_goes_on_and_mends_what_was_wrong(town, monkeypatch):
    monkeypatch.setattr(rollup, "SLICE", 2)
    made = [take(f"t{n}") for n in range(5)]
    rollup.catch_up()
    Span.objects.filter(ticket=made[4].pk).delete()
    Span.objects.create(**{**Span.objects.values().get(ticket=made[0].pk), "id": None, "ticket": 10**9})
    Tally.objects.update(open=77)
    Cursor.objects.update(after=0)
    assert rollup.step() == 2  # and here it dies
    assert rollup.lag().building
    assert rollup.rebuild() == 3
    assert whole() == 5 and {s.ticket for s in Span.objects.all()} == {t.pk for t in made}


def test_a_question_counts_what_has_just_come_without_a_worker(town):
    take("a")
    rollup.fresh()
    assert whole() == 1
    take("b")
    assert rollup.lag().events == 1
    rollup.fresh()
    assert whole() == 2


@pytest.mark.django_db(transaction=True)
def test_a_page_that_counts_keeps_nobody_waiting_until_it_is_answered(town):
    reading, asked = rowsecurity.Reading(), "SELECT pg_try_advisory_xact_lock(%s)"
    ticket = take("a")
    reading.begin(town.lan)
    try:
        with connection.cursor() as cursor, direct.session() as elsewhere:
            rollup.fresh()
            assert elsewhere.execute(asked, [locks.COUNTS]).fetchone() == (True,)
            assert elsewhere.execute("SELECT ticket FROM statistics_span").fetchall() == [(ticket.pk,)]
            cursor.execute("SELECT current_user")
            assert cursor.fetchone() == (rowsecurity.READER,), "and it goes on with its own sight"
            take("b")
            with transaction.atomic():
                rollup.fresh()
            cursor.execute("SELECT current_user")
            assert cursor.fetchone() == (rowsecurity.READER,)
    finally:
        reading.end()
    assert whole() == 2 and not connection.in_atomic_block


def test_with_a_worker_at_it_a_question_counts_only_the_last_little(town, monkeypatch):
    take("a")
    rollup.catch_up()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE statistics_cursor SET seen = clock_timestamp()")
    monkeypatch.setattr(rollup, "NEAR", 2)
    for n in range(3):
        take(f"b{n}")
    rollup.fresh()
    assert whole() == 1
    monkeypatch.setattr(rollup, "NEAR", 3)
    rollup.fresh()
    assert whole() == 4


def test_what_a_log_of_older_days_does_not_say_the_ticket_does(town):
    ticket = take("a")
    tickets.edit(ticket, by=SYSTEM, area=town.ward)
    type(ticket).objects.filter(pk=ticket.pk).update(category=town.lamps, agency=town.works)
    rollup.catch_up()
    span = Span.objects.get(ticket=ticket.pk, until=None)
    assert (span.area, span.category, span.agency) == ("25195", "lamps", "xncongtrinh")


def test_a_ticket_that_is_no_more_leaves_the_figures_in_the_night(town):
    gone, stays = take("a"), take("b")
    rollup.catch_up()
    type(gone).objects.filter(pk=gone.pk).delete()
    Span.objects.filter(ticket=stays.pk).delete()
    assert sorted(rollup.strays()) == [gone.pk, stays.pk]
    assert rollup.heal() == 2
    assert rollup.strays() == [] and rollup.heal() == 0
    assert {s.ticket for s in Span.objects.all()} == {stays.pk}


@pytest.mark.parametrize("reason", ["unclear", "denunciation"])
def test_a_refusal_leaves_the_sums(town, reason):
    ticket = take("a")
    rollup.catch_up()
    tickets.move(ticket, "refuse", by=town.lan, reason=reason)
    rollup.catch_up()
    assert whole() == 0
    assert Span.objects.get(ticket=ticket.pk, until=None).restricted == (reason == "denunciation")

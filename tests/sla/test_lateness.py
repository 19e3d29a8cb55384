"""Late is one thing, whoever asks; and what was due first stays what it was."""

from datetime import timedelta

import pytest
from django.db import connection

from caunoi.routing import actions as routing
from caunoi.sla import actions, lateness, queries, watch
from caunoi.sla.models import Deadline
from caunoi.tickets import actions as tickets
from caunoi.tickets.models import Ticket
from caunoi.web.lines import mark
from tests.sla.test_sweep import LATE, MONDAY
from tests.sla.test_sweep import ticket as ticket

DAY = timedelta(days=1)


def answers(ticket):
    """What Python, the ORM and SQL say of a ticket."""
    row = queries.handle(ticket)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {lateness.late_sql('d')} FROM sla_deadline d WHERE d.id = %s", [row.pk])
        return (
            mark(Ticket.objects.get(pk=ticket.pk), row) in ("overdue", "done-late"),
            Deadline.objects.filter(lateness.late(), pk=row.pk).exists(),
            Ticket.objects.filter(lateness.late("deadlines"), deadlines=row).exists(),
            cursor.fetchone()[0],
        )


def test_what_is_open_is_late_from_its_due_on_before_any_sweep(town, ticket, time_machine):
    with connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        time_machine.move_to(cursor.fetchone()[0], tick=False)  # the product and its database have one clock
    for ahead, expected in (("1 day", False), ("-1 day", True)):
        with connection.cursor() as cursor:
            cursor.execute("UPDATE sla_deadline SET due = now() + %s::interval", [ahead])
        assert answers(ticket) == (expected,) * 4


@pytest.mark.parametrize("when, expected", [(MONDAY + timedelta(hours=1), False), (LATE, True)])
def test_what_is_answered_late_or_once_more_is_late_everywhere(town, ticket, time_machine, when, expected):
    time_machine.move_to(when, tick=False)
    tickets.move(ticket, "answer", by=town.tam, text="Đã sửa xong")
    actions.refresh(ticket)
    assert set(answers(ticket)) == {expected}
    time_machine.move_to(when + timedelta(minutes=5), tick=False)
    tickets.move(ticket, "reopen", by=town.tam, reason="Đèn lại tắt")
    tickets.move(ticket, "answer", by=town.tam, text="Đã sửa lại")
    actions.refresh(ticket)
    assert set(answers(ticket)) == {True}, "an answer that did not do was late"


def test_an_extension_moves_the_due_and_not_the_first_one(town, ticket):
    routing.route(ticket, town.works, by=town.lan)
    actions.refresh(ticket)
    first = queries.handle(ticket)
    assert first.first_due == first.due
    routing.accept(ticket, by=town.minh)
    routing.ask_extension(ticket, 3, "Chờ vật tư", by=town.minh)
    routing.grant_extension(ticket, by=town.tam)
    actions.refresh(ticket)
    granted = queries.handle(ticket)
    assert granted.due > first.due and (granted.first_due, granted.last_due) == (first.due, granted.due)


def test_the_last_due_is_known_while_a_clock_stands_still(town, ticket, time_machine):
    before = queries.handle(ticket).due
    tickets.move(ticket, "ask", by=town.lan, question="Ở đâu?")
    actions.refresh(ticket)
    paused = queries.handle(ticket)
    assert (paused.due, paused.first_due, paused.last_due) == (None, before, before)
    time_machine.move_to(MONDAY + DAY, tick=False)
    tickets.move(ticket, "resume", by=town.lan)
    actions.refresh(ticket)
    resumed = queries.handle(ticket)
    assert resumed.first_due == before < resumed.due == resumed.last_due


def test_what_an_earlier_release_did_not_write_is_filled_in(town, ticket):
    routing.route(ticket, town.works, by=town.lan)
    actions.refresh(ticket)
    before = dict(Deadline.objects.values_list("pk", "first_due"))
    assert before and None not in before.values()
    Deadline.objects.update(first_due=None)
    assert watch.fill(size=1) == 1 and Deadline.objects.filter(first_due=None).count() == len(before) - 1
    while watch.fill():
        pass
    assert dict(Deadline.objects.values_list("pk", "first_due")) == before
    assert watch.fill() == 0

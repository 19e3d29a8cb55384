"""Deadlines in the database: what becomes late is told once, whatever else happens, and an edit moves nothing."""

from datetime import UTC, datetime, timedelta

import pytest

from caunoi.events.actor import citizen
from caunoi.events.queries import history
from caunoi.sla import actions, queries, watch
from caunoi.tickets import actions as tickets
from caunoi.tickets.report import Report

MONDAY = datetime(2026, 8, 17, 1, 0, tzinfo=UTC)  # 8:00 in Vietnam
LATE = MONDAY + timedelta(days=3)


@pytest.fixture
def ticket(town, time_machine):
    """Dead lamps, accepted on Monday: due on Wednesday at 17:00."""
    time_machine.move_to(MONDAY, tick=False)
    found = tickets.take(Report(text="Đèn tắt", channel="web", once="s"), by=citizen())
    tickets.move(found, "accept", by=town.lan, category=town.lamps)
    actions.refresh(found)
    return found


def breaches(ticket):
    return [e for e in history(ticket) if e.kind == "sla.breach"]


def test_what_becomes_late_is_told_once(ticket):
    assert watch.sweep(at=MONDAY) == 0
    watch.sweep(at=LATE)
    assert watch.sweep(at=LATE + timedelta(minutes=1)) == 0
    assert len(breaches(ticket)) == 1
    assert (queries.handle(ticket).state, queries.handle(ticket).late) == ("breached", True)


def test_an_event_between_the_due_and_the_sweep_does_not_swallow_the_news(ticket, town, time_machine):
    time_machine.move_to(LATE, tick=False)
    tickets.edit(ticket, by=town.lan, summary="Đèn tắt ở tượng đài")
    actions.refresh(ticket)
    assert not breaches(ticket)
    watch.sweep()
    actions.refresh(ticket)  # and what was told stays told
    watch.sweep()
    assert len(breaches(ticket)) == 1
    assert queries.handle(ticket).state == "breached"


def test_a_clock_that_stands_is_not_late(ticket, town):
    tickets.move(ticket, "ask", by=town.lan, question="Trụ số mấy?")
    actions.refresh(ticket)
    watch.sweep(at=LATE)
    assert not breaches(ticket)
    assert queries.handle(ticket).due is None


def test_an_edit_never_moves_the_deadline_of_an_accepted_ticket(ticket, town):
    before = queries.handle(ticket).due
    tickets.edit(ticket, by=town.lan, category=town.papers, urgency="urgent")
    ticket.refresh_from_db()
    actions.refresh(ticket)
    assert queries.handle(ticket).due == before


def test_until_it_is_accepted_the_deadline_is_that_of_the_field_it_is_thought_to_be(town, time_machine):
    time_machine.move_to(MONDAY, tick=False)
    found = tickets.take(Report(text="Đèn tắt", channel="web", once="t"), by=citizen())
    actions.refresh(found)
    default = queries.handle(found).due
    tickets.move(found, "accept", by=town.lan, category=town.lamps)
    actions.refresh(found)
    assert queries.handle(found).due < default

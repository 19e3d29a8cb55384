"""Deadlines in the browser: what is accepted keeps its own."""

from datetime import timedelta

import pytest
from django.utils.timezone import localdate

from caunoi.sla.actions import refresh
from caunoi.sla.models import Target
from caunoi.sla.queries import every_target, handle
from caunoi.tickets import actions as tickets
from caunoi.tickets.report import Report

FRAGMENT = {"hx-request": "true"}


@pytest.fixture
def lamps(town):
    """The target for lamps: two working days."""
    return Target.objects.get(clock="handle", category=town.lamps)


def typed(**more):
    return {"do": "save", "amount": "4", "unit": "days", "calendar": "office", "since": localdate().isoformat(), **more}


def accepted(town, once):
    report = Report(text="Đèn tắt", channel="web", once=once, category_id=town.lamps.pk)
    ticket = tickets.take(report, by=town.lan)
    tickets.move(ticket, "accept", by=town.lan)
    refresh(ticket)
    return ticket


def test_a_change_counts_for_the_next_ticket_and_not_for_the_accepted_one(quan, town, lamps):
    before = accepted(town, "a")
    due = handle(before).due
    quan.post(f"/setup/deadlines/{lamps.pk}", typed())
    refresh(before)
    assert handle(before).due == due
    assert handle(accepted(town, "b")).target.days == 4


def test_a_change_can_be_undone(quan, undo, town, lamps):
    undo(quan.post(f"/setup/deadlines/{lamps.pk}", typed(), follow=True))
    assert handle(accepted(town, "a")).target == lamps


def test_a_change_ahead_waits_for_its_day(quan, town, lamps):
    later = localdate() + timedelta(days=9)
    quan.post(f"/setup/deadlines/{lamps.pk}", typed(since=later.isoformat()))
    assert handle(accepted(town, "a")).target == lamps
    assert {(t.days, t.valid_from) for t in every_target().filter(category=town.lamps)} == {(2, None), (4, later)}


def test_a_day_gone_by_is_refused_and_what_was_typed_stays(quan, lamps):
    yesterday = (localdate() - timedelta(days=1)).isoformat()
    response = quan.post(f"/setup/deadlines/{lamps.pk}", typed(since=yesterday, amount="77"))
    assert response.status_code == 422
    assert 'value="77"' in response.content.decode()
    assert not Target.objects.filter(days=77).exists()


def test_two_deadlines_for_the_same_tickets_are_refused(quan, town):
    response = quan.post("/setup/deadlines/new", typed(clock="handle", category="lamps"))
    assert response.status_code == 422
    assert "very same tickets" in response.content.decode()


def test_hours_and_minutes_are_kept_as_minutes(quan, town):
    quan.post("/setup/deadlines/new", typed(clock="handle", category="noise", unit="hours", amount="12"))
    assert Target.objects.get(category=town.noise).minutes == 720
    assert "12 working hours" in quan.get("/setup/deadlines/").content.decode()


def test_without_its_own_the_general_deadline_counts(quan, undo, town, lamps):
    response = quan.post(f"/setup/deadlines/{lamps.pk}", {"do": "retire"}, follow=True)
    assert handle(accepted(town, "a")).target.days == 5
    undo(response)
    assert handle(accepted(town, "b")).target == lamps


def test_it_is_said_what_would_be_due_for_a_ticket_of_now(quan, town, lamps):
    page = quan.post(f"/setup/deadlines/{lamps.pk}", typed(do="preview"), headers=FRAGMENT).content.decode()
    assert "would be due" in page
    assert "No ticket that has been accepted" in page


@pytest.mark.parametrize("amount", ["", "soon", "-3", "0", "9999999999"])
def test_a_preview_of_nonsense_asks_for_sense(quan, lamps, amount):
    response = quan.post(f"/setup/deadlines/{lamps.pk}", typed(do="preview", amount=amount), headers=FRAGMENT)
    assert response.status_code == 200
    assert "Give a number" in response.content.decode()

"""Proves: quality of answers: stratified samples by seed (recorded calls that became no ticket too), scorecards in
versions, blind pairs, Cohen's κ with interval, calibration, right of reply, outcome, coaching, trends with
intervals, transcripts through a port"""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.utils.timezone import now

from caunoi.accounts.models import User
from caunoi.events.actions import record
from caunoi.events.actor import Role, citizen
from caunoi.quality import actions
from caunoi.tickets import actions as tickets
from caunoi.tickets.models import Ticket
from caunoi.tickets.report import Report

SINCE, UNTIL = datetime(2026, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC)


@pytest.fixture
def hotline(town) -> SimpleNamespace:
    """The town, a second operator (mai) and reviewer (ha), and twelve answered questions: eight of lan's, four of
    mai's."""
    for name, role in (("mai", Role.OPERATOR), ("ha", Role.REVIEWER)):
        user = User.objects.create(username=name, full_name=name.title(), role=role)
        town.users[name] = user
        setattr(town, name, user.as_actor())
    at = now() - timedelta(hours=1)
    for number in range(12):
        ticket = tickets.take(
            Report(text=f"Hỏi {number}", channel="web" if number % 2 else "phone", once=f"q{number}"),
            by=citizen(),
        )
        operator = town.lan if number < 8 else town.mai
        record("ticket.accept", ticket, by=operator)
        Ticket.objects.filter(pk=ticket.pk).update(
            operator=operator.name, answered=at, state="answered", category=town.papers
        )
    return town


@pytest.fixture
def sample(hotline):
    return actions.draw(SINCE, UNTIL, size=6, by=hotline.thu, least=2, double=0, seed="demo")


@pytest.fixture
def points():
    """Everything met, but for what is said otherwise."""

    def all_but(**less):
        keys = ("understood", "right", "clear", "polite", "sorted", "prompt", "discreet")
        return dict.fromkeys(keys, 2) | less

    return all_but

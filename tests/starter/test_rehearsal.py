"""A rehearsal goes the whole way, says where it stops, and leaves no ticket behind."""

import pytest
from django.test import Client

from caunoi.events.actor import NotAllowed
from caunoi.events.queries import failing
from caunoi.notifications.models import Notification
from caunoi.publication.models import Publication
from caunoi.routing.models import Rule
from caunoi.starter import rehearsal
from caunoi.tickets.models import Ticket


@pytest.fixture
def worker(work, monkeypatch):
    """What the worker does happens while the rehearsal waits."""
    monkeypatch.setattr(rehearsal, "sleep", lambda _: work())


def test_the_whole_way(town, worker):
    steps = rehearsal.rehearse(by=town.quan)
    assert [(step.name, step.ok) for step in steps] == [(name, True) for name in rehearsal.STEPS], steps
    assert not Ticket.objects.exists() and not Notification.objects.exists() and not Publication.objects.exists()


def test_without_a_rule_it_stops_there_and_is_taken_away(town, worker):
    Rule.objects.all().delete()
    steps = rehearsal.rehearse(by=town.quan)
    assert [(step.name, step.ok) for step in steps] == [
        ("receive", True), ("follow_up", True), ("propose", False), ("remove", True),
    ]  # fmt: skip
    assert not Ticket.objects.exists()


def test_a_worker_that_does_nothing_is_seen_and_when_it_wakes_nothing_is_left_to_fail(town, work):
    steps = rehearsal.rehearse(by=town.quan, patience=0)
    assert [step.name for step in steps if not step.ok] == ["follow_up", "remove"]
    work()
    assert not Ticket.objects.exists() and failing() == (0, 0)


def test_only_an_administrator_rehearses(town):
    with pytest.raises(NotAllowed):
        rehearsal.rehearse(by=town.lan)


def test_the_page_says_how_far_it_came(town, worker):
    quan = Client(headers={"accept-language": "en"})
    quan.force_login(town.users["quan"], backend="django.contrib.auth.backends.ModelBackend")
    body = quan.post("/setup/ready/rehearsal").content.decode()
    assert "The report went the whole way." in body and body.count("ready-ok") == len(rehearsal.STEPS)

"""The worker while nothing happens, and when something does."""

from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils.timezone import now

from caunoi.cli.worker import PUMPS, WATCHES
from caunoi.conversations.models import Contact, Conversation, Enclosure, Inbox, Message, Outgoing, Receipt
from caunoi.events import outbox
from caunoi.events.actions import record
from caunoi.events.actor import SYSTEM
from caunoi.jobs import lookout
from caunoi.jobs.lookout import Watch
from caunoi.statistics import rollup
from caunoi.statistics.models import Cursor


class Ending:
    """Is set after so many waits, which take no time but are added up."""

    def __init__(self, waits):
        self.left, self.waited = waits, 0.0

    def wait(self, seconds):
        self.waited, self.left = self.waited + seconds, self.left - 1
        return self.left < 0

    def is_set(self):
        return self.left < 0

    def clear(self):
        pass


def looks():
    """What the loops would be woken for: the numbers of the watches."""
    woken = []
    lookout.look([Watch(waits=w.waits, wake=lambda n=n: woken.append(n)) for n, w in enumerate(WATCHES)])
    return woken


def who(*names):
    """The numbers of watches by what they wake."""
    order = ("outbox", "calls", "statistics", "read", "send", "fetch")
    return [order.index(name) for name in names]


@pytest.fixture
def quiet(db):
    outbox.Event.objects.filter(pending=True).update(pending=False)
    rollup.catch_up()
    assert looks() == []


def test_while_nothing_happens_one_statement_asks_for_all_ten_times_a_second(monkeypatch):
    asked = []
    monkeypatch.setattr(lookout, "look", asked.append)
    ending = Ending(waits=100)
    lookout.keep(WATCHES, ending)
    assert len(asked) == 100 and ending.waited >= 10


@pytest.mark.parametrize("pump", PUMPS.values(), ids=PUMPS)
def test_a_loop_that_nobody_wakes_looks_once_in_five_seconds(pump, monkeypatch, quiet):
    looked, woken, work = [], Ending(waits=12), pump.work
    monkeypatch.setattr(pump, "work", lambda: looked.append(1) or work())
    monkeypatch.setattr(pump, "woken", woken)
    monkeypatch.setattr(lookout, "close_old_connections", lambda: None)
    monkeypatch.setattr(rollup, "QUIET", 0)
    pump(woken.is_set)
    assert woken.waited / len(looked) >= 5


def test_an_event_wakes_reactions_and_statistics(quiet, town):
    record("x.y", town.ward, by=SYSTEM)
    assert looks() == who("outbox", "statistics")
    assert outbox.claim() and looks() == who("statistics"), "what another worker has taken calls nobody"
    rollup.catch_up()
    assert looks() == who("statistics"), "missing ids are waited for as often as before"
    Cursor.objects.update(gaps={})
    assert looks() == []


def test_what_comes_in_wakes_who_reads_it(quiet):
    row = Receipt.objects.create(inbox=Inbox.objects.create(name="x", channel="phone"), external_id="1")
    assert looks() == who("calls", "read")
    Receipt.objects.filter(pk=row.pk).update(state="read")
    assert looks() == []


def test_what_is_due_wakes_who_sends_and_fetches_it(quiet):
    box = Inbox.objects.create(name="x", channel="zalo")
    thread = Conversation.objects.create(inbox=box, contact=Contact.objects.create(), address="a")
    message = Message.objects.create(conversation=thread, inbound=True, text="Đèn tắt", at=now())
    before = now() - timedelta(minutes=1)
    Outgoing.objects.create(once="1", inbox=box, address="a", text="Đã nhận", due=before)
    Enclosure.objects.create(message=message, kind="image", due=before)
    assert looks() == who("send", "fetch")
    for rows in (Outgoing.objects, Enclosure.objects):
        rows.update(due=now() + timedelta(minutes=1))
    assert looks() == []
    Outgoing.objects.update(due=before)
    Inbox.objects.update(active=False)
    assert looks() == []


def test_the_lookout_goes_on_when_the_database_was_away(monkeypatch):
    answers = [OperationalError("away"), None, None]

    def look(watches):
        if answer := answers.pop(0):
            raise answer

    closed = []
    monkeypatch.setattr(lookout, "look", look)
    monkeypatch.setattr(lookout.connection, "close", lambda: closed.append(1))
    lookout.keep((), Ending(waits=3))
    assert not answers and closed

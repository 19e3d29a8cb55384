import pytest
from django.db import DatabaseError, transaction
from django.utils.timezone import now

from caunoi.events import outbox
from caunoi.events.actions import record
from caunoi.events.actor import SYSTEM
from caunoi.events.models import Event


@pytest.fixture
def heard(monkeypatch):
    """One reaction that remembers, and one that fails the first time."""
    calls = []

    def listen(event):
        calls.append(event.pk)

    def stumble(event):
        calls.append(-event.pk)
        if calls.count(-event.pk) == 1:
            raise ZeroDivisionError

    monkeypatch.setattr(outbox, "reactions", lambda: {"x.y": (stumble, listen)})
    return calls


def test_an_event_rolled_back_has_no_reactions(town, work, heard):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        record("x.y", town.ward, by=SYSTEM)
        1 / 0  # noqa: B018
    work()
    assert not heard


def test_a_failing_reaction_is_tried_again_and_holds_up_nobody(town, work, heard):
    event = record("x.y", town.ward, by=SYSTEM)
    work()
    assert heard == [-event.pk, event.pk, -event.pk]
    event.refresh_from_db()
    assert not event.pending


def test_a_claim_that_its_worker_did_not_live_to_finish_runs_out(town, work, heard):
    event = record("x.y", town.ward, by=SYSTEM)
    assert [e.pk for e in outbox.claim() if e.kind == "x.y"] == [event.pk]
    assert not outbox.claim()
    Event.objects.filter(pk=event.pk).update(claimed=now() - outbox.LEASE * 2)
    work()
    assert event.pk in heard


@pytest.mark.django_db
def test_the_database_refuses_to_change_or_delete_what_happened(town):
    event = record("x.y", town.ward, by=SYSTEM)
    for change in (
        lambda: Event.objects.filter(pk=event.pk).update(kind="z"),
        lambda: Event.objects.filter(pk=event.pk).delete(),
    ):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()

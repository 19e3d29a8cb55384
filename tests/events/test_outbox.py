"""Proves: receipt → event → flow: at least once, in batches, retried, append-only in the database"""

import re
from datetime import timedelta

import pytest
from django.db import DatabaseError, OperationalError, connection, transaction
from django.utils.timezone import now

from caunoi.events import actions, outbox, queries
from caunoi.events.actions import record
from caunoi.events.actor import SYSTEM, NotAllowedError
from caunoi.events.models import Event, Failure
from caunoi.jobs.pauses import pause


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


@pytest.fixture
def broken(monkeypatch):
    """A reaction that fails for as long as it is out of order, after it has written something."""
    state = {"broken": True, "tries": 0, "error": ZeroDivisionError("no such thing\nrow contains (0912345678)")}

    def count(event):
        state["tries"] += 1
        record("y.z", event, by=SYSTEM)
        if state["broken"]:
            raise state["error"]

    def never(event):
        raise AssertionError("not asked")

    state["count"], state["never"] = count, never
    monkeypatch.setattr(outbox, "reactions", lambda: {"x.y": (count,)})
    return state


def drain_at(time_machine, at):
    time_machine.move_to(at, tick=False)
    while outbox.drain():
        pass


@pytest.mark.django_db(transaction=True)
def test_a_reaction_that_keeps_failing_is_tried_with_longer_pauses_and_then_listed(town, broken, time_machine):
    event, begin = record("x.y", town.ward, by=SYSTEM), now()
    drain_at(time_machine, begin)
    row = Failure.objects.get()
    assert (row.event, row.tries) == (event, 2)
    assert re.fullmatch(r"ZeroDivisionError \(events/outbox.py:\d+\)", row.error), "where, and nobody's words"
    assert row.reaction.endswith("test_outbox.count") and queries.failing() == (1, 0)
    waits = []
    while row.due:
        waits.append(round((row.due - row.latest).total_seconds()))
        drain_at(time_machine, row.due + timedelta(milliseconds=1))
        row.refresh_from_db()
    assert waits[:8] == [4, 8, 16, 32, 64, 128, 256, 300] and waits == [pause(n) for n in range(outbox.TRIES - 2)]
    assert sum(waits) > 1.5 * 3600 and row.tries == outbox.TRIES == broken["tries"]
    assert queries.failing() == (0, 1) and list(queries.failures()) == [row]
    assert not Event.objects.filter(kind="y.z").exists(), "each try is undone as a whole"
    drain_at(time_machine, now() + timedelta(days=9))
    assert broken["tries"] == outbox.TRIES


@pytest.mark.django_db(transaction=True)
def test_a_supervisor_has_it_tried_again_or_says_why_it_need_not_be(town, broken):
    for _ in range(2):
        record("x.y", town.ward, by=SYSTEM)
    while outbox.drain():
        pass
    Failure.objects.update(due=None)
    first, second = queries.failures()
    with pytest.raises(NotAllowedError):
        actions.try_now(first, by=town.lan)
    with pytest.raises(NotAllowedError):
        actions.dismiss(first, "unneeded", by=town.minh)
    with pytest.raises(ValueError):
        actions.dismiss(first, "no idea", by=town.tam)
    broken["broken"] = False
    assert actions.try_now(first, by=town.tam)
    while outbox.drain():
        pass
    assert list(queries.failures()) == [second] and Event.objects.filter(kind="y.z").count() == 1
    assert not actions.try_now(first, by=town.tam)
    assert actions.dismiss(second, "by_hand", by=town.quan) and not actions.dismiss(second, "by_hand", by=town.quan)
    decision = Event.objects.get(kind="reaction.dismiss")
    assert (decision.by, decision.data["reason"], decision.subject_id) == ("quan", "by_hand", second.event_id)


@pytest.mark.django_db(transaction=True)
def test_a_failed_reaction_is_known_by_its_path_wherever_it_stands_in_the_table(town, broken, monkeypatch):
    record("x.y", town.ward, by=SYSTEM)
    while outbox.drain():
        pass
    broken["broken"] = False
    monkeypatch.setattr(outbox, "reactions", lambda: {"x.y": (broken["never"], broken["count"])})
    Failure.objects.update(due=now())
    assert outbox.try_again() and not Failure.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_one_that_a_release_has_no_more_is_listed_not_lost(town, broken, monkeypatch):
    record("x.y", town.ward, by=SYSTEM)
    while outbox.drain():
        pass
    monkeypatch.setattr(outbox, "reactions", lambda: {"x.y": ()})
    Failure.objects.update(due=now())
    outbox.try_again()
    assert Failure.objects.get().due is None


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_while_it_tries_again_leaves_it_to_be_tried(town, broken):
    class KilledError(BaseException):
        pass

    record("x.y", town.ward, by=SYSTEM)
    while outbox.drain():
        pass
    Failure.objects.update(due=now())
    broken["error"] = KilledError()
    with pytest.raises(KilledError):
        outbox.try_again()
    connection.close()
    broken["broken"] = False
    assert outbox.try_again() and not Failure.objects.exists()


def test_retries_queued_by_place_before_the_upgrade_are_still_understood(town, work, broken):
    broken["broken"] = False
    event = record("x.y", town.ward, by=SYSTEM)
    Event.objects.filter(pk=event.pk).update(pending=False)
    outbox.retry.defer(event_id=event.pk, number=7)
    outbox.retry.defer(event_id=0, number=7)
    work_again = outbox.drain
    while work_again():
        pass
    outbox.queue.run()
    assert broken["tries"] == 1


@pytest.mark.django_db(transaction=True)
def test_an_error_of_the_reaction_s_own_statement_is_not_taken_for_a_database_that_is_away(town, broken):
    too_long = OperationalError("index row size 2736 exceeds maximum 2704")
    too_long.__cause__ = type("ProgramLimitExceeded", (Exception,), {"sqlstate": "54000"})()
    broken["error"] = too_long
    record("x.y", town.ward, by=SYSTEM)
    while outbox.drain():
        pass
    assert Failure.objects.get().error.startswith("OperationalError (")
    stopping = OperationalError("terminating connection")
    stopping.__cause__ = type("AdminShutdown", (Exception,), {"sqlstate": "57P01"})()
    broken["error"] = stopping
    record("x.y", town.ward, by=SYSTEM)
    with pytest.raises(OperationalError):
        outbox.drain()

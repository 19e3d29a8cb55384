"""Proves: a changed, removed or added event is found by the chain of seals, and named"""

import threading
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from django.db import connection, transaction

from caunoi.events import seals
from caunoi.events.actions import record
from caunoi.events.actor import SYSTEM
from caunoi.events.models import Event, Seal
from caunoi.jobs import direct
from caunoi.lib import locks
from caunoi.publication.actions import state_seal


@pytest.fixture
def sealed(db: None, town: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> list[Event]:
    """Ten events under seals of four."""
    monkeypatch.setattr(seals, "SIZE", 4)
    seals.seal()
    before = Seal.objects.count()
    events = [record("test.happen", town.works, by=SYSTEM, number=number) for number in range(10)]
    assert seals.seal() == 10
    assert [row.count for row in Seal.objects.order_by("number")[before:]] == [4, 4, 2]
    return events


@pytest.fixture
def owner(db: None) -> Iterator[None]:
    """Somebody with the database in their hands, whom no trigger stops."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE events_event DISABLE TRIGGER append_only")
    yield


def test_every_column_is_sealed_but_the_outboxs_own():
    assert {field.column for field in Event._meta.concrete_fields} == {*seals.COLUMNS, "pending", "claimed"}


def test_what_nobody_touched_fits(sealed: list[Event]):
    assert seals.verify().first_bad == "" and seals.verify().count == Event.objects.count()
    Event.objects.update(pending=False, claimed=None)  # the outbox goes on
    assert seals.verify().first_bad == seals.verify(newest_only=1).first_bad == ""
    assert seals.seal() == 0


@pytest.mark.parametrize(
    "change",
    [
        "data = '{\"number\": 6.5}'",
        "at = at - interval '1 microsecond'",
        "recorded = NULL",
        "kind = 'test.other'",
        "by = 'minh'",
        "by_user = 1",
        "behalf_user = 1",
    ],
)
def test_a_changed_event_is_named(sealed: list[Event], owner: None, change: str):
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE events_event SET {change} WHERE id = %s", [sealed[6].pk])
    assert seals.verify().first_bad.startswith(f"event {sealed[6].pk} ")
    assert "changed" in seals.verify().first_bad


def test_a_removed_event_is_named(sealed: list[Event], owner: None):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL caunoi.erase = 'yes'")
        cursor.execute("DELETE FROM events_event WHERE id = %s", [sealed[2].pk])
    assert seals.verify().first_bad == f"event {sealed[2].pk} (removed after it was sealed)"


def test_an_event_put_between_is_named(sealed: list[Event]):
    Event.objects.filter(pk=sealed[0].pk).values()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO events_event (id, at, recorded, kind, subject, subject_id, by, data, pending)"
            " VALUES (%s, now(), now(), 'test.forge', 'x', 1, 'x', '{}', false)",
            [-7],
        )
    assert seals.verify().first_bad.startswith("event -7 (test.forge")


def test_a_seal_made_to_fit_breaks_the_chain(sealed: list[Event], owner: None):
    """Whoever changes an event and makes its seal anew must make all later ones anew, and the public log has those."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE events_event SET kind = 'test.other' WHERE id = %s", [sealed[0].pk])
    row = Seal.objects.get(after__lt=sealed[0].pk, last__gte=sealed[0].pk)
    rows = seals._rows(row.after, row.last)
    row.prints = b"".join(seals.PRINT.pack(one.id, one.digest[:8]) for one in rows)
    row.digest = seals._digest(row, rows)
    row.save()
    assert seals.verify().first_bad == f"seal {row.number + 1} (it does not follow the one before)"


def test_a_removed_seal_is_missed(sealed: list[Event]):
    last = seals.newest()
    assert last
    Seal.objects.filter(number=last.number - 1).delete()
    assert seals.verify().first_bad == f"seal {last.number} (it does not follow the one before)"
    assert seals.verify(newest_only=1).first_bad


def test_a_seal_waits_for_an_event_that_commits_late(transactional_db: None, town: SimpleNamespace):
    """An id drawn earlier and committed later is in a seal, and no seal is made without it."""
    late, go = threading.Event(), threading.Event()

    def write_slowly() -> None:
        try:
            with transaction.atomic():
                record("test.late", town.works, by=SYSTEM)
                late.set()
                go.wait(10)
        finally:
            connection.close()

    slow = threading.Thread(target=write_slowly)
    slow.start()
    late.wait(10)
    newer = record("test.soon", town.works, by=SYSTEM)
    assert seals.seal(patience=0.2) == 0  # the late one may still come below the newer one
    threading.Timer(0.3, go.set).start()
    assert seals.seal(patience=10) >= 2
    slow.join()
    assert Event.objects.filter(kind="test.late", pk__lt=newer.pk).exists()
    assert seals.verify().first_bad == ""


def test_reading_events_holds_no_seal_up(transactional_db: None, town: SimpleNamespace):
    record("test.happen", town.works, by=SYSTEM)
    with direct.session() as reader, reader.transaction():
        reader.execute("SELECT count(*) FROM events_event")
        assert seals.seal(patience=0) >= 1


def test_who_seals_at_the_same_time_leaves_it_to_the_other(transactional_db: None, town: SimpleNamespace):
    record("test.happen", town.works, by=SYSTEM)
    with direct.session() as other, other.transaction():
        other.execute("SELECT pg_advisory_xact_lock(%s)", [locks.SEALS])
        assert seals.seal() == 0 and state_seal() is None
    assert seals.seal() >= 1
    with direct.session() as other, other.transaction():
        other.execute("SELECT pg_advisory_xact_lock(%s)", [locks.SEALS])
        assert state_seal() is None
    assert state_seal() is not None and state_seal() is None

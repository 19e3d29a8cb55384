"""A rehearsal goes the whole way, says where it stops, and leaves no ticket behind."""

from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.utils.timezone import now
from psycopg.errors import DeadlockDetected

from caunoi.conversations.models import Contact, Conversation, Receipt
from caunoi.events.actor import NotAllowedError, citizen
from caunoi.events.queries import failing
from caunoi.jobs import direct
from caunoi.notifications.models import Notification
from caunoi.publication.models import Publication
from caunoi.routing.models import Rule
from caunoi.starter import rehearsal
from caunoi.tickets import actions as tickets
from caunoi.tickets.models import Ticket
from caunoi.tickets.report import Report

LEAVES = (Ticket, Notification, Publication, Conversation, Contact, Receipt)


@pytest.fixture
def worker(work, monkeypatch):
    """What the worker does happens while the rehearsal waits."""
    monkeypatch.setattr(rehearsal, "sleep", lambda _: work())


def test_the_whole_way(town, worker):
    steps = rehearsal.rehearse(by=town.quan)
    assert [(step.name, step.ok) for step in steps] == [(name, True) for name in rehearsal.STEPS], steps
    assert [model.__name__ for model in LEAVES if model.objects.exists()] == []


def test_without_a_rule_it_stops_there_and_is_taken_away(town, worker):
    Rule.objects.all().delete()
    steps = rehearsal.rehearse(by=town.quan)
    assert [(step.name, step.ok) for step in steps] == [
        ("receive", True),
        ("follow_up", True),
        ("propose", False),
        ("remove", True),
    ]
    assert not Ticket.objects.exists()


def test_a_worker_that_does_nothing_is_seen_and_when_it_wakes_nothing_is_left_to_fail(town, work):
    steps = rehearsal.rehearse(by=town.quan, patience=0)
    assert [step.name for step in steps if not step.ok] == ["follow_up", "remove"]
    work()
    assert not Ticket.objects.exists() and failing() == (0, 0)


def test_a_worker_that_is_in_the_way_is_let_by(town, worker, monkeypatch):
    clashes = [OperationalError("deadlock detected"), OperationalError("deadlock detected")]
    for clash in clashes:
        clash.__cause__ = DeadlockDetected()
    approve = rehearsal.answers.approve

    def clashing(*args, **kwargs):
        if clashes:
            raise clashes.pop()
        return approve(*args, **kwargs)

    monkeypatch.setattr(rehearsal.answers, "approve", clashing)
    assert all(step.ok for step in rehearsal.rehearse(by=town.quan)) and clashes == []


class KilledError(BaseException):
    """SIGKILL: no `except Exception` sees it."""


def killed(by, work, spare):
    """A rehearsal that dies before its statement number `spare` + 1; whether it did."""

    def gate(execute, sql, params, many, context):
        nonlocal spare
        if spare <= 0:
            raise KilledError
        spare -= 1
        return execute(sql, params, many, context)

    def sleep(_):
        connection.execute_wrappers.remove(gate)
        work()
        connection.execute_wrappers.append(gate)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rehearsal, "sleep", sleep)
        connection.ensure_connection()
        connection.execute_wrappers.append(gate)
        try:
            rehearsal.rehearse(by=by)
        except KilledError:
            return True
        finally:
            connection.execute_wrappers.remove(gate)
            connection.close()
    return False


@pytest.mark.slow
def test_what_a_killed_one_left_is_taken_away_by_the_clock(town, work):
    spare, left = 0, 0
    while killed(town.quan, work, spare):
        work()
        left += Ticket.objects.count()
        assert rehearsal.sweep() == Ticket.objects.count() or not Ticket.objects.exists()
        assert [model.__name__ for model in LEAVES if model.objects.exists()] == [], f"killed after {spare} statements"
        spare += 17
    assert left >= 5 and failing() == (0, 0)


@pytest.mark.slow
@pytest.mark.parametrize("spare", range(130, 150))
def test_killed_while_it_takes_away_it_leaves_nothing_that_nobody_finds(town, work, spare):
    killed(town.quan, work, spare)
    work()
    rehearsal.sweep()
    assert [model.__name__ for model in LEAVES if model.objects.exists()] == []


def test_what_a_killed_one_left_is_taken_away_by_the_next(town, work, worker):
    kept = tickets.take(Report(text="[Diễn tập] Đèn tắt", channel="web", once="rehearsal-1"), by=citizen())
    assert killed(town.quan, work, 60)
    work()
    assert Ticket.objects.count() == 2
    steps = rehearsal.rehearse(by=town.quan)
    assert all(step.ok for step in steps)
    assert [*Ticket.objects.all()] == [kept], "a citizen's own words make no rehearsal"


def test_what_the_worker_is_still_at_is_left_until_it_cannot_be(town, work, time_machine):
    assert killed(town.quan, work, 30)
    assert rehearsal.sweep() == 0 and Ticket.objects.count() == 1
    time_machine.move_to(now() + timedelta(minutes=11))
    assert rehearsal.sweep() == 1


def test_one_that_is_under_way_is_neither_doubled_nor_swept(town, work, worker):
    assert killed(town.quan, work, 60)
    work()
    with direct.session() as other:
        other.execute("SELECT pg_advisory_lock(hashtext('caunoi rehearsal'))")
        (step,) = rehearsal.rehearse(by=town.quan)
        assert (step.name, step.ok, step.detail) == ("receive", False, "busy")
        assert rehearsal.sweep() == 0
        other.execute("SELECT pg_advisory_unlock(hashtext('caunoi rehearsal'))")  # its end is seen later
    assert rehearsal.sweep() == 1


def test_only_an_administrator_rehearses(town):
    with pytest.raises(NotAllowedError):
        rehearsal.rehearse(by=town.lan)


def test_the_page_says_how_far_it_came(town, worker):
    quan = Client(headers={"accept-language": "en"})
    quan.force_login(town.users["quan"], backend="django.contrib.auth.backends.ModelBackend")
    body = quan.post("/setup/ready/rehearsal").content.decode()
    assert "The report made it all the way." in body and body.count("ready-ok") == len(rehearsal.STEPS)
    Rule.objects.all().delete()
    body = quan.post("/setup/ready/rehearsal", headers={"accept-language": "vi"}).content.decode()
    assert "Không quy tắc nào đề xuất cơ quan xử lý." in body

"""The ladder in the database: who is told what, when, and never twice."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connections

from caunoi.events.actor import citizen
from caunoi.events.models import Event
from caunoi.events.queries import history
from caunoi.notifications.queries import mine, unseen
from caunoi.routing import actions as routing
from caunoi.sla import actions, queries, watch
from caunoi.sla.actions import DuplicateTargetError
from caunoi.sla.models import Deadline, Escalation
from caunoi.sla.tasks import sweep
from caunoi.tickets import actions as tickets
from caunoi.tickets.report import Report

MONDAY = datetime(2026, 8, 17, 1, 0, tzinfo=UTC)  # 8:00 in Vietnam
DUE = datetime(2026, 8, 19, 10, 0, tzinfo=UTC)  # Wednesday, 17:00


def vn(day, hour, minute=0):
    return datetime(2026, 8, day, hour, minute, tzinfo=UTC) - timedelta(hours=7)


@pytest.fixture
def new(town, time_machine):
    time_machine.move_to(MONDAY, tick=False)

    def make(once="s"):
        return tickets.take(Report(text="Đèn tắt", channel="web", once=once, area_id=town.ward.pk), by=citizen())

    return make


@pytest.fixture
def ticket(town, new):
    """Dead lamps, with the works since Monday: due on Wednesday at 17:00."""
    found = new()
    tickets.move(found, "accept", by=town.lan, category=town.lamps)
    routing.route(found, town.works, by=town.lan)
    routing.start(found, by=town.minh)
    actions.refresh(found)
    return found


def told(ticket, clock="handle"):
    rows = queries.escalations().filter(ticket=ticket, clock=clock).order_by("at", "id")
    return [(e.to, e.at) for e in rows]


def watched(*moments):
    for moment in moments:
        while watch.sweep(at=moment):
            pass
        while watch.escalate(at=moment):
            pass


def test_lateness_climbs_from_officer_to_leader_in_working_hours(ticket):
    # four fifths of its time are used on Wednesday at 5:36, before anybody is at work
    watched(*(MONDAY + timedelta(minutes=n) for n in range(0, 6 * 24 * 60, 5)))
    (officer, lead, supervisor, leader) = told(ticket)
    assert officer == ("officer", vn(19, 7, 35))
    assert lead == ("lead", vn(19, 17, 5))  # 17:00 itself is worked
    assert supervisor == ("supervisor", vn(20, 1, 5))  # eight hours later: the centre is at work at night
    assert leader == ("leader", vn(20, 17, 5))  # a day later
    kinds = [e.kind for e in history(ticket) if e.kind.startswith("sla.")]
    assert kinds == ["sla.warn", "sla.breach", "sla.escalate", "sla.escalate", "sla.escalate"]


def test_a_rung_that_falls_at_night_is_told_on_the_next_morning(ticket, town):
    actions.remove_rung("handle+0-lead", by=town.quan)
    actions.add_rung("handle", "lead", minutes=60, by=town.quan)
    actions.refresh(ticket)
    watched(vn(19, 18), vn(20, 7), vn(20, 7, 30))
    assert "lead" not in {to for to, _ in told(ticket)}
    watched(vn(20, 7, 31))
    assert ("lead", vn(20, 7, 31)) in told(ticket)


def test_each_rung_is_told_once_however_often_it_is_worked_out(ticket, town):
    late = DUE + timedelta(days=2)
    watched(late)
    count = Escalation.objects.count()
    tickets.edit(ticket, by=town.lan, summary="Đèn tắt ở chợ")
    actions.refresh(ticket, at=late)
    watched(late, late + timedelta(hours=1))
    assert Escalation.objects.count() == count
    assert [to for to, _ in told(ticket)] == ["officer", "lead", "supervisor", "leader"]


def test_what_nobody_has_taken_escalates_too(town, new):
    actions.add_target(clock="accept", minutes=15, calendar="always", by=town.quan)
    found = new("alone")
    actions.refresh(found)
    watched(MONDAY + timedelta(minutes=16), MONDAY + timedelta(minutes=31), MONDAY + timedelta(hours=9))
    assert [to for to, _ in told(found, "accept")] == ["operator", "supervisor", "leader"]
    watched(DUE + timedelta(days=10))
    assert [to for to, _ in told(found)] == ["operator", "supervisor", "supervisor", "leader"]  # instead of an agency


def test_waiting_for_the_citizen_holds_the_ladder(ticket, town):
    tickets.move(ticket, "ask", by=town.minh, question="Trụ số mấy?")
    actions.refresh(ticket)
    watched(DUE + timedelta(days=3))
    assert told(ticket) == []
    tickets.move(ticket, "resume", by=town.minh)
    actions.refresh(ticket)
    assert queries.handle(ticket).wake is not None


def test_an_answer_ends_the_climb(ticket, town):
    tickets.move(ticket, "result", by=town.minh, text="Xong")
    tickets.move(ticket, "approve", by=town.hoa)
    actions.refresh(ticket)
    watched(DUE + timedelta(days=3))
    assert told(ticket) == []
    assert not Deadline.objects.filter(ticket=ticket, met__isnull=False).exclude(wake=None).exists()


def test_a_clock_that_begins_anew_climbs_anew(town, ticket, time_machine):
    watched(MONDAY + timedelta(days=1))  # the works never confirmed: it started at once, so no accept rung
    routing.give_back(ticket, "Không thuộc thẩm quyền", by=town.minh)
    actions.refresh(ticket)
    watched(MONDAY + timedelta(hours=30))
    assert [to for to, _ in told(ticket, "forward")] == ["operator", "supervisor", "leader"]
    time_machine.move_to(MONDAY + timedelta(hours=31), tick=False)
    routing.route(ticket, town.power, by=town.tam)
    routing.give_back(ticket, "Cũng không", by=_power(town))
    actions.refresh(ticket)
    watched(MONDAY + timedelta(hours=60))
    assert [to for to, _ in told(ticket, "forward")] == ["operator", "supervisor", "leader"] * 2


def _power(town):
    return town.minh.__class__(name="dl", roles=town.minh.roles, user_id=None, agency_id=town.power.pk)


def test_the_province_may_have_its_own_ladder(town, ticket):
    with pytest.raises(DuplicateTargetError):
        actions.add_rung("handle", "lead", minutes=0, by=town.quan)
    actions.remove_rung("handle+1440-leader", by=town.quan)
    with pytest.raises(KeyError):
        actions.remove_rung("handle+1440-leader", by=town.quan)
    actions.refresh(ticket)
    watched(DUE + timedelta(days=5))
    assert [to for to, _ in told(ticket)] == ["officer", "lead", "supervisor"]


def test_whom_a_rung_names_finds_it_at_the_bell(town, ticket, work):
    work()
    watched(DUE + timedelta(days=2))
    work()
    names = {
        who: {n.notice for n in unseen(getattr(town, who))} for who in ("minh", "hoa", "tam", "phong", "lan", "dung")
    }
    assert "sla.warn.agency" in names["minh"] and "sla.escalate.lead" in names["hoa"]
    assert "sla.escalate.lead" not in names["minh"]
    assert "sla.escalate.supervisor" in names["tam"] and "sla.escalate.leader" in names["phong"]
    assert not any(n.startswith("sla.") for n in names["lan"] | names["dung"])
    assert mine(town.phong).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_watchers_at_once_tell_nobody_twice(town, new):
    for n in range(30):
        actions.refresh(new(f"many-{n}"))
    late, failed = DUE + timedelta(days=20), []

    def watch_now():
        try:
            for _ in range(5):
                watch.sweep(at=late, size=7)
                watch.escalate(at=late, size=7)
        except Exception as error:
            failed.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=watch_now) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    watched(late)
    assert not failed
    said = list(Event.objects.filter(kind__in=["sla.warn", "sla.escalate"]).values_list("subject_id", "data__rung"))
    assert len(said) == len(set(said)) == Escalation.objects.count() == 30 * 4
    assert Escalation.objects.values("deadline", "rung").distinct().count() == 30 * 4


@pytest.mark.django_db(transaction=True)
def test_the_minute_task_does_all_of_it(ticket, time_machine):
    time_machine.move_to(DUE + timedelta(days=3), tick=False)
    sweep.func(0)
    assert [to for to, _ in told(ticket)] == ["officer", "lead", "supervisor", "leader"]

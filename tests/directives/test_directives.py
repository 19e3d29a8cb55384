"""Leaders' orders: to whoever holds a ticket or to an agency, read, carried out, overdue once.

Proves: leaders' orders"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from caunoi.directives import actions, queries
from caunoi.directives.models import Directive
from caunoi.events import rowsecurity
from caunoi.events.actor import citizen
from caunoi.events.models import Event
from caunoi.notifications.queries import unseen
from caunoi.routing import actions as routing
from caunoi.tickets import actions as tickets
from caunoi.tickets.lifecycle import MissingDataError, NotAllowedError, NotPossibleError
from caunoi.tickets.models import Ticket
from caunoi.tickets.report import Report, Reporter

MONDAY = datetime(2026, 8, 17, 1, 0, tzinfo=UTC)
DUE = MONDAY + timedelta(days=2)


@pytest.fixture
def ticket(town, time_machine):
    time_machine.move_to(MONDAY, tick=False)
    found = tickets.take(Report(text="Đèn tắt", channel="web", once="o", category_id=town.lamps.pk), by=citizen())
    tickets.move(found, "accept", by=town.lan)
    return found


def notices(by):
    return {n.notice for n in unseen(by)}


def test_an_order_about_a_ticket_goes_to_whoever_holds_it(town, ticket, work):
    centre = actions.give("Chuyển ngay cho đơn vị", DUE, by=town.phong, ticket=ticket)
    routing.route(ticket, town.works, by=town.lan)
    works = actions.give("Sửa xong trước lễ", DUE, by=town.phong, ticket=ticket)
    assert (centre.agency, works.agency) == (None, town.works)
    work()
    assert "directive.give.supervisor" in notices(town.tam)
    assert unseen(town.tam).filter(notice="directive.give.supervisor").count() == 1  # not of the works' one
    assert "directive.give.lead" in notices(town.hoa) and "directive.give.lead" not in notices(town.minh)
    assert list(queries.visible_to(town.dung)) == [] == list(queries.visible_to(town.lan))
    assert set(queries.visible_to(town.minh)) == {works}


def test_it_is_read_and_carried_out_with_an_answer(town, ticket, time_machine, work):
    order = actions.give("Rà soát đèn toàn phường", DUE, by=town.phong, agency=town.works)
    with pytest.raises(NotAllowedError):
        actions.acknowledge(order, by=town.minh)  # the lead answers for it
    actions.acknowledge(order, by=town.hoa)
    actions.acknowledge(order, by=town.hoa)
    with pytest.raises(MissingDataError):
        actions.complete(order, "  ", by=town.hoa)
    time_machine.shift(timedelta(hours=5))
    done = actions.complete(order, "Đã thay 40 bóng.", by=town.hoa)
    assert (done.answer, done.done_by, done.acknowledged) == ("Đã thay 40 bóng.", "hoa", MONDAY)
    with pytest.raises(NotPossibleError):
        actions.complete(order, "Lần hai", by=town.hoa)
    work()
    assert {"directive.acknowledge.leader", "directive.complete.leader"} <= notices(town.phong)
    assert Event.objects.filter(kind="directive.acknowledge").count() == 1


@pytest.mark.parametrize("who", ["lan", "tam", "hoa", "thu", "quan"])
def test_only_leaders_give_orders(town, ticket, who):
    with pytest.raises(NotAllowedError):
        actions.give("Làm ngay", DUE, by=getattr(town, who), ticket=ticket)


def test_an_order_needs_words_a_time_ahead_and_somebody(town, ticket):
    for text, due, more, lacking in (
        (" ", DUE, {"ticket": ticket}, ["text"]),
        ("A", MONDAY, {"ticket": ticket}, ["due"]),
        ("A", DUE, {}, ["agency"]),
    ):
        with pytest.raises(MissingDataError) as why:
            actions.give(text, due, by=town.phong, **more)
        assert why.value.fields == lacking


def test_what_is_overdue_is_told_once(town, ticket, work):
    actions.give("Xử lý", DUE, by=town.phong, agency=town.works)
    actions.give("Điều phối", DUE, by=town.phong, ticket=ticket)
    assert actions.sweep(at=DUE) == 0
    assert actions.sweep(at=DUE + timedelta(minutes=1)) == 2
    assert actions.sweep(at=DUE + timedelta(minutes=2)) == 0
    assert [len(queries.listed(town.phong, part)) for part in ("open", "overdue", "done")] == [2, 0, 0]
    work()
    assert unseen(town.phong).filter(notice="directive.late.leader").count() == 2
    assert unseen(town.hoa).filter(notice="directive.late.lead").count() == 1
    assert unseen(town.tam).filter(notice="directive.late.supervisor").count() == 1


def test_a_leader_takes_an_order_back(town, ticket):
    order = actions.give("Xử lý", DUE, by=town.phong, agency=town.works)
    with pytest.raises(NotAllowedError):
        actions.withdraw(order, by=town.hoa)
    actions.withdraw(order, by=town.phong)
    with pytest.raises(NotPossibleError):
        actions.acknowledge(order, by=town.hoa)
    assert actions.sweep(at=DUE + timedelta(days=1)) == 0
    assert [o.pk for o in queries.listed(town.phong, "done")] == [order.pk]


@pytest.mark.parametrize("enforced", [True, False])
def test_an_order_about_what_is_restricted_now_is_for_its_custodians(town, ticket, monkeypatch, enforced):
    routing.route(ticket, town.works, by=town.lan)
    actions.give("Làm rõ lời của Yến", DUE, by=town.phong, ticket=ticket)
    explain = actions.give("Giải trình việc của Yến", DUE, by=town.phong, ticket=ticket)
    Directive.objects.filter(pk=explain.pk).update(kind="explain")
    Ticket.objects.filter(pk=ticket.pk).update(restricted=True)
    monkeypatch.setattr(rowsecurity, "_answers", {}) if enforced else monkeypatch.setattr(
        rowsecurity, "enforced", lambda: False
    )
    for who in ("phong", "minh", "hoa", "tam", "thu"):
        by = replace(getattr(town, who), custodian=False)
        with rowsecurity.reading(by):
            assert list(queries.visible_to(by)) == [], who
            assert not enforced or not Directive.objects.exists(), who
    with rowsecurity.reading(custodian := replace(town.tam, custodian=True)):
        assert queries.visible_to(custodian).count() == 2


def test_the_words_of_an_order_hide_the_reporter_also_when_the_ticket_went_on(town, time_machine):
    time_machine.move_to(MONDAY, tick=False)
    reporter = Reporter(name="Võ Thị Nga", phone="+84987612345")
    report = Report(text="Đèn tắt", channel="web", once="n", category_id=town.lamps.pk, reporter=reporter)
    found = tickets.take(report, by=citizen())
    tickets.move(found, "accept", by=town.lan)
    routing.route(found, town.works, by=town.lan)
    actions.give("Gọi lại cho bà Võ Thị Nga", DUE, by=town.phong, ticket=found)
    routing.give_back(found, "Không phải việc của chúng tôi", by=town.minh)
    client = Client()
    client.force_login(town.users["minh"], backend="django.contrib.auth.backends.ModelBackend")
    page = client.get("/agency/directives").content.decode()
    assert "Gọi lại cho bà" in page and "Võ Thị Nga" not in page

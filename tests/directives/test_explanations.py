"""Why is it late: asked by leaders and the centre, answered by whoever holds the ticket, seen by both.

Proves: Explanations (giải trình): asked by leaders and the centre, many at once, answered by the agency's lead,
due, late told, on the ticket's story, in the report (without people)"""

from datetime import timedelta

import pytest

from caunoi.directives import actions, queries
from caunoi.events.actor import citizen
from caunoi.notifications.queries import unseen
from caunoi.routing import actions as routing
from caunoi.tickets import actions as tickets
from caunoi.tickets.lifecycle import MissingDataError, NotAllowedError
from caunoi.tickets.report import Report
from tests.directives.test_directives import DUE, MONDAY


@pytest.fixture
def ticket(town, time_machine):
    time_machine.move_to(MONDAY, tick=False)
    found = tickets.take(Report(text="Đèn tắt", channel="web", once="o", category_id=town.lamps.pk), by=citizen())
    tickets.move(found, "accept", by=town.lan)
    routing.route(found, town.works, by=town.lan)
    return found


def notices(by):
    return {n.notice for n in unseen(by) if n.notice.startswith("explanation")}


def test_it_is_asked_told_answered_and_counted(town, ticket, time_machine, work):
    asked = actions.ask_to_explain(ticket, "Vì sao chậm?", DUE, by=town.thu)
    assert actions.ask_to_explain(ticket, "Vì sao chậm?", DUE, by=town.phong) is None  # one at a time
    work()
    assert notices(town.hoa) == {"explanation.give.lead"}
    with pytest.raises(NotAllowedError):
        actions.complete(asked, "Thiếu bóng đèn.", by=town.minh)
    time_machine.shift(timedelta(hours=3))
    actions.complete(asked, "Thiếu bóng đèn, thứ Năm có hàng.", by=town.hoa)
    work()
    assert notices(town.phong) == {"explanation.complete.leader"}
    assert notices(town.thu) == {"explanation.complete.centre"}
    assert queries.explained([ticket.pk])[ticket.pk].answer.startswith("Thiếu bóng đèn")
    counts = queries.explanations(MONDAY, MONDAY + timedelta(days=1), DUE)
    assert counts == {"asked": 1, "on_time": 1, "late": 0, "open": 0, "overdue": 0}
    assert actions.ask_to_explain(ticket, "Vẫn chậm?", DUE, by=town.phong) is not None


def test_one_that_does_not_come_is_told_and_counted_as_overdue(town, ticket, work):
    actions.ask_to_explain(ticket, "Vì sao chậm?", DUE, by=town.tam)
    assert actions.sweep(at=DUE + timedelta(minutes=1)) == 1
    work()
    assert "explanation.late.lead" in notices(town.hoa)
    assert "explanation.late.leader" in notices(town.phong)
    assert "explanation.late.supervisor" in notices(town.tam)
    assert queries.explanations(MONDAY, DUE, DUE + timedelta(hours=1))["overdue"] == 1


@pytest.mark.parametrize("who", ["lan", "minh", "hoa", "quan"])
def test_who_may_not_ask(town, ticket, who):
    with pytest.raises(NotAllowedError):
        actions.ask_to_explain(ticket, "Vì sao?", DUE, by=getattr(town, who))


def test_it_needs_words_and_a_time_ahead(town, ticket):
    for text, due, lacking in ((" ", DUE, ["text"]), ("Vì sao?", MONDAY, ["due"])):
        with pytest.raises(MissingDataError) as why:
            actions.ask_to_explain(ticket, text, due, by=town.thu)
        assert why.value.fields == lacking


def test_orders_and_explanations_are_two_lists_and_whoever_asked_takes_back(town, ticket):
    order = actions.give("Sửa ngay", DUE, by=town.phong, ticket=ticket)
    asked = actions.ask_to_explain(ticket, "Vì sao chậm?", DUE, by=town.thu)
    assert queries.listed(town.phong) == [order]
    assert queries.listed(town.thu, kind="explain") == [asked] == queries.listed(town.phong, kind="explain")
    assert set(queries.listed(town.hoa, kind="")) == {order, asked}
    with pytest.raises(NotAllowedError):
        actions.withdraw(asked, by=town.tam)
    actions.withdraw(asked, by=town.thu)
    assert queries.listed(town.thu, kind="explain") == []

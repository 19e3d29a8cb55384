"""The ledger of hand-overs: every leg says what became of it, several agencies work at once, and one holds the
ticket.

Proves: hand-over ledger, several agencies at once, hop limit and the supervisor's decision, one-time links, "who
holds it" in one query and one line"""

from datetime import UTC, datetime, timedelta

import pytest

from caunoi import moves
from caunoi.answers import actions as answers
from caunoi.events.actor import citizen
from caunoi.events.queries import history
from caunoi.notifications.queries import unseen
from caunoi.routing import actions, queries, tasks
from caunoi.sla import actions as sla
from caunoi.sla.models import Deadline
from caunoi.sla.queries import handle, holding, holding_of, holdings
from caunoi.tickets import actions as tickets
from caunoi.tickets.lifecycle import MissingDataError, NotAllowedError, NotPossibleError
from caunoi.tickets.report import Report

MONDAY = datetime(2026, 8, 17, 1, 0, tzinfo=UTC)


@pytest.fixture
def clock(time_machine):
    time_machine.move_to(MONDAY, tick=False)

    def forward(**span):
        time_machine.shift(timedelta(**span))

    return forward


@pytest.fixture
def accepted(town, clock):
    report = Report(
        text="Cây đổ làm đứt dây điện", channel="web", once="c", category_id=town.lamps.pk, area_id=town.ward.pk
    )
    ticket = tickets.take(report, by=citizen())
    tickets.move(ticket, "accept", by=town.lan)
    return ticket


@pytest.fixture
def routed(town, accepted):
    actions.route(accepted, town.works, by=town.lan, note="Nhờ xử lý sớm")
    return accepted


def legs(ticket):
    return [(leg.agency.code, leg.role, leg.state) for leg in queries.custody(ticket)]


def test_a_leg_keeps_everything_that_became_of_it(town, routed, clock):
    clock(hours=1)
    actions.receive(routed, by=town.minh)
    clock(hours=1)
    actions.receive(routed, by=town.hoa)  # the first look counts
    actions.accept(routed, by=town.minh)
    clock(hours=1)
    actions.ask_extension(routed, 3, "Chờ vật tư", by=town.minh)
    clock(hours=1)
    actions.grant_extension(routed, by=town.tam)
    leg = queries.custody(routed).get()
    at = {
        n: (getattr(leg, n) - MONDAY) // timedelta(hours=1)
        for n in ("sent", "received", "accepted", "asked", "decided")
    }
    assert at == {"sent": 0, "received": 1, "accepted": 2, "asked": 3, "decided": 4}
    assert (leg.by, leg.note, leg.decided_by, leg.granted_days, leg.asked_days) == ("lan", "Nhờ xử lý sớm", "tam", 3, 0)


def test_more_time_that_is_granted_again_is_added_to_what_was_granted(town, routed):
    due = []
    for days in (3, 2):
        actions.ask_extension(routed, days, "Chờ vật tư", by=town.minh)
        actions.grant_extension(routed, by=town.tam)
        sla.refresh(routed)
        due.append(Deadline.objects.get(ticket=routed, clock="handle", leg=None).due)
    assert queries.custody(routed).get().granted_days == 5
    assert due[1] > due[0]


def test_more_time_may_be_refused_with_a_reason_and_asked_for_again(town, routed):
    actions.ask_extension(routed, 3, "Chờ vật tư", by=town.minh)
    with pytest.raises(MissingDataError):
        actions.refuse_extension(routed, " ", by=town.tam)
    with pytest.raises(NotAllowedError):
        actions.refuse_extension(routed, "Không", by=town.hoa)
    actions.refuse_extension(routed, "Đã đủ thời gian", by=town.tam)
    leg = queries.custody(routed).get()
    assert (leg.asked_days, leg.granted_days, leg.refusal, leg.decided_by) == (0, 0, "Đã đủ thời gian", "tam")
    with pytest.raises(NotPossibleError):
        actions.grant_extension(routed, by=town.tam)
    actions.ask_extension(routed, 1, "Mưa bão", by=town.minh)
    assert queries.extension_request(routed).refusal == ""


def handled(town, ticket):
    """The agency answers; what the worker is to make of it waits."""
    actions.start(ticket, by=town.minh)
    answers.submit(ticket, "Đã dọn xong.", by=town.minh, without=True)
    answers.approve(ticket, by=town.hoa)
    return list(history(ticket))[-1]


def test_what_is_opened_again_before_the_worker_came_lies_with_nobody_and_is_handed_on_again(town, routed, clock):
    clock(hours=1)
    first = handled(town, routed)
    assert legs(routed) == [("xncongtrinh", "lead", "accepted")]
    clock(minutes=1)
    moves.perform("reopen", [routed], by=town.lan, move_input={"reason": "Vẫn còn"})
    assert legs(routed) == [("xncongtrinh", "lead", "done")]
    clock(minutes=1)
    actions.route(routed, town.works, by=town.lan)
    second = handled(town, routed)
    tasks.finish(first)
    assert legs(routed)[1:] == [("xncongtrinh", "lead", "accepted")], "it had not begun when the first one was answered"
    tasks.finish(second)
    assert legs(routed)[1:] == [("xncongtrinh", "lead", "done")]


def test_several_agencies_at_once_each_with_its_own_clock(town, accepted, clock):
    actions.route(accepted, town.works, by=town.lan, coordinating=[town.power, town.works, town.agencies["ubnd-25195"]])
    assert legs(accepted) == [
        ("xncongtrinh", "lead", "sent"),
        ("dienluc", "coordinate", "sent"),
        ("ubnd-25195", "coordinate", "sent"),
    ]
    sla.refresh(accepted)
    own = Deadline.objects.filter(ticket=accepted, leg__isnull=False)
    assert set(own.values_list("clock", "agency__code")) == {
        ("agency_accept", "xncongtrinh"),
        ("agency_accept", "dienluc"),
        ("agency_accept", "ubnd-25195"),
        ("handle", "dienluc"),
        ("handle", "ubnd-25195"),
    }
    assert Deadline.objects.get(ticket=accepted, clock="handle", leg=None).agency == town.works


def test_time_granted_to_one_that_helps_moves_its_own_deadline_only(town, accepted, clock):
    actions.route(accepted, town.works, by=town.lan, coordinating=[town.agencies["ubnd-25195"]])
    sla.refresh(accepted)
    before = {d.leg_id: d.due for d in Deadline.objects.filter(ticket=accepted, clock="handle")}
    actions.ask_extension(accepted, 2, "Chờ đo đạc", by=town.dung)
    actions.grant_extension(accepted, by=town.tam)
    sla.refresh(accepted)
    after = {d.leg_id: d.due for d in Deadline.objects.filter(ticket=accepted, clock="handle")}
    assert after[None] == before[None]
    assert sum(after[leg] != before[leg] for leg in before) == 1


def test_the_one_that_leads_cannot_close_over_one_that_helps_without_saying_so(town, routed):
    actions.involve(routed, town.agencies["ubnd-25195"], by=town.minh, note="Xin xác nhận ranh giới")
    actions.start(routed, by=town.minh)
    with pytest.raises(MissingDataError) as lacking:
        answers.submit(routed, "Đã xong", by=town.minh)
    assert lacking.value.fields == ["without"]
    answers.submit(routed, "Đã xong", by=town.minh, without=True)
    said = [e for e in history(routed) if e.kind == "ticket.result"][-1]
    assert said.data["without"] == ["ubnd-25195"]


def test_the_part_of_one_that_helps_reaches_the_one_that_leads(town, routed, photo, work):
    actions.involve(routed, town.agencies["ubnd-25195"], by=town.lan, note="Xin xác nhận ranh giới")
    with pytest.raises(NotPossibleError):
        actions.contribute(routed, "Tôi là chủ trì", by=town.minh)
    actions.contribute(routed, " Đất công, phường không vướng. ", by=town.dung, after=[photo()])
    assert [(leg.answer, leg.state) for leg in queries.helping(routed)] == [("Đất công, phường không vướng.", "done")]
    assert queries.pending(routed) == []
    work()
    assert "handover.answer.agency" in {n.notice for n in unseen(town.minh)}
    assert "handover.answer.agency" not in {n.notice for n in unseen(town.dung)}
    actions.start(routed, by=town.minh)
    answers.submit(routed, "Đã dọn. Đất công, phường không vướng.", by=town.minh)


def test_only_the_centre_and_the_one_that_leads_ask_for_help(town, routed):
    for who in (town.dung, town.binh, town.phong, town.thu):
        with pytest.raises(NotAllowedError):
            actions.involve(routed, town.power, by=who)
    with pytest.raises(NotPossibleError):
        actions.involve(routed, town.works, by=town.lan)


def test_two_officers_at_once_return_a_ticket_once(town, routed):
    one = moves.possible(routed, town.minh)
    assert "leg_return" in {m.name for m in one}
    actions.give_back(routed, "Không phải của chúng tôi", by=town.hoa)
    with pytest.raises((NotAllowedError, NotPossibleError)):
        actions.give_back(routed, "Không phải của chúng tôi", by=town.minh)
    assert legs(routed) == [("xncongtrinh", "lead", "returned")]


def test_after_the_hop_limit_the_supervisor_decides(town, routed, work):
    reason = "Không thuộc thẩm quyền"
    actions.give_back(routed, reason, by=town.minh)
    actions.route(routed, town.works, by=town.lan)
    actions.pass_on(routed, town.agencies["ubnd-25195"], by=town.minh)
    with pytest.raises(NotAllowedError, match="hop_limit"):
        actions.pass_on(routed, town.power, by=town.dung)
    assert not queries.handed_on_too_often(town.tam).exists()
    actions.give_back(routed, reason, by=town.dung)
    with pytest.raises(NotAllowedError, match="hop_limit"):
        actions.route(routed, town.power, by=town.lan)
    work()
    assert "handover.limit.supervisor" in {n.notice for n in unseen(town.tam)}
    assert "handover.limit.supervisor" not in {n.notice for n in unseen(town.lan)}
    (waiting,) = queries.handed_on_too_often(town.tam)
    assert (waiting, waiting.hops) == (routed, 3)
    actions.route(routed, town.power, by=town.tam)
    assert not queries.handed_on_too_often(town.tam).exists()


def test_who_holds_it_since_when_until_when_is_one_query(town, accepted, clock, django_assert_num_queries):
    sla.refresh(accepted)

    def now():
        with django_assert_num_queries(1):
            found = holding(accepted)
        assert holding_of(accepted, queries.custody(accepted), handle(accepted)) == found
        return found

    due = datetime(2026, 8, 19, 10, tzinfo=UTC)
    assert (now().agency, now().since, now().until, now().over) == (None, MONDAY, due, False)
    clock(hours=1)
    actions.route(accepted, town.works, by=town.lan)
    assert (now().agency, now().since) == (town.works, MONDAY + timedelta(hours=1))
    clock(hours=1)
    actions.pass_on(accepted, town.agencies["ubnd-25195"], by=town.minh)
    assert (now().agency.code, now().since) == ("ubnd-25195", MONDAY + timedelta(hours=2))
    actions.start(accepted, by=town.dung)
    tickets.move(accepted, "ask", by=town.dung, question="Ở đâu?")
    sla.refresh(accepted)
    assert (now().agency.code, now().until) == ("ubnd-25195", None)  # waiting for the citizen, still theirs
    tickets.move(accepted, "resume", by=town.dung)
    clock(hours=1)
    actions.give_back(accepted, "Không đủ thẩm quyền", by=town.dung)
    assert (now().agency, now().since) == (None, MONDAY + timedelta(hours=3))
    tickets.move(accepted, "answer", by=town.lan, text="Xong")
    assert now().over
    with django_assert_num_queries(1):
        assert set(holdings([accepted])) == {accepted.pk}

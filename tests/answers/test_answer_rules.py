"""What becomes of words between an agency and the citizen: whose they are, who stands for them, which are given."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.utils.timezone import now

from caunoi.accounts import actions as accounts
from caunoi.answers import actions as answers
from caunoi.answers import queries
from caunoi.answers.models import Answer
from caunoi.events.actor import NotAllowedError, Role, citizen
from caunoi.routing import actions as routing
from caunoi.tickets import actions as tickets
from caunoi.tickets.lifecycle import MissingDataError, NotPossibleError
from caunoi.tickets.models import Ticket
from caunoi.tickets.report import Report

State = Answer.State


@pytest.fixture
def reported(town: SimpleNamespace):
    def make(once: str = "a") -> Ticket:
        return tickets.take(Report(text="Đèn tắt", channel="web", once=once, category_id=town.lamps.pk), by=citizen())

    return make


@pytest.fixture
def working(town: SimpleNamespace, reported):
    """The works have begun."""
    ticket = reported()
    tickets.move(ticket, "accept", by=town.lan)
    routing.route(ticket, town.works, by=town.lan)
    routing.start(ticket, by=town.minh)
    return ticket


def test_what_the_centre_answers_the_citizen_has_at_once(town, reported):
    ticket = reported()
    made = answers.answer(ticket, "  Đã bật lại ở trạm. ", by=town.lan, category=town.papers)
    assert (made.text, made.by, made.approved_by, made.state) == ("Đã bật lại ở trạm.", "lan", "lan", State.APPROVED)
    assert made.at == made.approved == Ticket.objects.get(pk=ticket.pk).answered
    assert (queries.final(ticket), queries.pending(ticket), made.agency) == (made, None, None)
    assert Ticket.objects.get(pk=ticket.pk).category == town.papers


def test_an_answer_about_the_field_it_was_in_leaves_the_field(town, reported):
    ticket = reported()
    answers.answer(ticket, "Đã bật lại.", by=town.lan)
    assert Ticket.objects.get(pk=ticket.pk).category == town.lamps


def test_an_agency_s_result_waits_for_its_lead_who_may_better_the_words(town, working, photo):
    made = answers.submit(working, " Đã thay bóng ", by=town.minh, before=[photo("red")], after=[photo("gold")])
    assert (made.text, made.agency, made.by, made.state) == ("Đã thay bóng", town.works, "minh", State.SUBMITTED)
    assert made.approved is None and made.at == queries.submitted(working).at
    assert (queries.pending(working), queries.final(working)) == (made, None)
    assert [p.role for p in working.photos.order_by("id")] == ["before", "after"]
    assert queries.text_so_far(working) == "Đã thay bóng"
    given = answers.approve(working, by=town.hoa, text=" Đã thay bốn bóng. ")
    given.refresh_from_db()
    assert (given.pk, given.text, given.state) == (made.pk, "Đã thay bốn bóng.", State.APPROVED)
    assert (given.by, given.approved_by, given.approved > given.at) == ("minh", "hoa", True)
    assert (queries.pending(working), queries.final(working)) == (None, given)
    assert queries.text_so_far(working) == ""


def test_a_lead_who_changes_nothing_sends_what_was_written(town, working):
    answers.submit(working, "Đã thay bóng", by=town.minh)
    assert answers.approve(working, by=town.hoa, text="  ").text == "Đã thay bóng"


def test_a_result_without_words_is_none(town, working):
    with pytest.raises(MissingDataError, match="text"):
        answers.submit(working, " \n", by=town.minh)
    assert not queries.answers(working).exists()


def test_what_is_sent_back_is_written_anew_and_only_the_new_words_are_given(town, working):
    first = answers.submit(working, "Xong", by=town.minh)
    answers.revise(working, "Nói rõ hơn", by=town.hoa)
    first.refresh_from_db()
    assert (first.state, queries.pending(working), queries.final(working)) == (State.REVISED, None, None)
    assert queries.text_so_far(working) == "Xong"
    second = answers.submit(working, "Đã thay bốn bóng", by=town.minh)
    assert answers.approve(working, by=town.hoa).pk == second.pk
    first.refresh_from_db()
    assert (first.state, first.approved_by) == (State.REVISED, "")
    assert list(queries.answers(working)) == [second, first]


def test_another_ticket_s_result_is_not_sent_back_with_it(town, working, reported):
    other = reported("b")
    tickets.move(other, "accept", by=town.lan)
    routing.route(other, town.works, by=town.lan)
    routing.start(other, by=town.minh)
    for ticket in (working, other):
        answers.submit(ticket, "Xong", by=town.minh)
    answers.revise(working, "Nói rõ hơn", by=town.hoa)
    assert queries.pending(other) is not None


def test_nobody_stands_for_an_answer_that_nobody_wrote(town, working):
    tickets.move(working, "result", by=town.minh, text="Xong")
    with pytest.raises(NotPossibleError):
        answers.approve(working, by=town.hoa)


def test_who_may_not_approve_changes_nothing(town, working):
    answers.submit(working, "Xong", by=town.minh)
    for who in (town.minh, town.lan, town.tam, town.yen, town.phong):
        with pytest.raises(NotAllowedError):
            answers.approve(working, by=who, text="Khác")
    assert queries.pending(working).text == "Xong"


def test_the_supervisor_stands_for_an_agency_that_has_nobody_who_could(town, working):
    assert not queries.may_approve(working, town.tam)  # nothing is written yet
    answers.submit(working, "Xong", by=town.minh)
    assert not queries.may_approve(working, town.tam)
    accounts.deactivate(town.users["hoa"], by=town.quan)
    assert not queries.may_approve(working, town.tam)  # an officer wrote it, and a new lead will come
    accounts.activate(town.users["hoa"], by=town.quan)
    assert queries.may_approve(working, town.hoa) and not queries.may_approve(working, town.tam)


def test_what_is_undone_nobody_has_and_what_the_agency_wrote_stays(town, working, reported):
    ticket = reported("b")
    event = tickets.move(ticket, "answer", by=town.lan, text="Nhầm")
    mine = Answer.objects.create(ticket=ticket, text="Nhầm", by="lan", at=event.at, state=State.APPROVED)
    theirs = Answer.objects.create(ticket=ticket, text="Đã thay", by="minh", at=event.at, agency=town.works)
    earlier = Answer.objects.create(ticket=ticket, text="Trước", by="lan", at=event.at - timedelta(days=1))
    elsewhere = Answer.objects.create(ticket=working, text="Khác", by="lan", at=event.at)
    answers.take_back(ticket, event)
    assert set(Answer.objects.all()) == {theirs, earlier, elsewhere}
    assert mine.pk not in {a.pk for a in queries.answers(ticket)}


def test_when_an_answer_was_given_is_when_the_last_one_was(town, reported):
    at = now()
    first, second, none = reported("a"), reported("b"), reported("c")
    for ticket, hours, state in (
        (first, 1, State.APPROVED),
        (first, 3, State.APPROVED),
        (first, 5, State.REVISED),
        (second, 2, State.APPROVED),
        (none, 2, State.SUBMITTED),
    ):
        moment = at + timedelta(hours=hours)
        Answer.objects.create(ticket=ticket, text="x", by="lan", at=at, state=state, approved=moment)
    Answer.objects.create(ticket=none, text="x", by="lan", at=at, state=State.APPROVED)
    assert queries.answered_at([first, second, none]) == {
        first.pk: at + timedelta(hours=3),
        second.pk: at + timedelta(hours=2),
    }
    assert queries.answered_at([second]).keys() == {second.pk}


def test_those_who_help_begin_the_answer_of_the_one_that_leads(town, working):
    routing.involve(working, town.power, by=town.tam)
    power = accounts.add_person("dien", "Điện", Role.OFFICER, by=town.quan, agency=town.power).as_actor()
    assert queries.text_so_far(working) == ""
    with pytest.raises(MissingDataError, match="without"):
        answers.submit(working, "Xong", by=town.minh)
    routing.contribute(working, "Đã đóng điện lại", by=power)
    assert queries.text_so_far(working) == "Công ty Điện lực: Đã đóng điện lại"
    answers.submit(working, "Xong", by=town.minh)
    assert "without" not in queries.submitted(working).data


def test_without_whom_an_answer_was_given_is_written_down(town, working):
    routing.involve(working, town.power, by=town.tam)
    answers.submit(working, "Xong", by=town.minh, without=True)
    assert queries.submitted(working).data["without"] == ["dienluc"]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Thủ tục 1.000001 và 2.000815, xem 1.000001.", ["1.000001", "2.000815"]),
        ("(1.000001)", ["1.000001"]),
        ("11.000001, 1.0000012, 3.1.000001, 1.00001", []),
        ("", []),
    ],
)
def test_a_procedure_s_code_is_told_from_other_numbers(text, codes):
    assert queries.codes_in(text) == codes


def test_the_agency_of_an_answer_is_read_with_it(town, working, django_assert_num_queries):
    answers.submit(working, "Xong", by=town.minh)
    with django_assert_num_queries(1):
        assert [answer.agency.code for answer in queries.answers(working)] == ["xncongtrinh"]


def test_a_second_answer_by_the_same_lead_leaves_the_first_as_it_was_given(town, working):
    answers.submit(working, "Xong", by=town.minh)
    first = answers.approve(working, by=town.hoa)
    tickets.move(working, "reopen", by=town.lan, reason="vẫn tắt")
    assert queries.final(working) == first and queries.text_so_far(working) == ""


def test_an_answer_dated_in_the_past_is_of_that_time(town, reported):
    ticket, at = reported(), now() + timedelta(hours=1)
    made = answers.answer(ticket, "Đã bật lại.", by=town.lan, category=town.papers, at=at)
    assert (made.at, made.approved) == (at, at)
    ticket.refresh_from_db()
    assert ticket.touched == at

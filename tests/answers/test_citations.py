"""Proves: answers cite procedure and version; a new version lists what no longer applies and calls back who was told
otherwise"""

from datetime import timedelta

import pytest
from django.db import IntegrityError
from django.utils.timezone import localdate

from caunoi.answers import actions as answers
from caunoi.answers import queries
from caunoi.answers.models import Answer, Citation, Template
from caunoi.conversations.models import Callback
from caunoi.events.actor import NotAllowedError
from caunoi.procedures import actions as procedures
from caunoi.procedures import queries as rows
from caunoi.procedures.record import parse
from caunoi.procedures.speech import spoken
from caunoi.routing import actions as routing
from caunoi.tickets import actions as tickets
from caunoi.tickets.lifecycle import Kind
from caunoi.tickets.report import Report, Reporter
from tests.procedures.records import lines, raw

FEE = raw()["cach_thuc_thuc_hien"].replace("Miễn phí", "50,000 Việt Nam Đồng")
SAID = "Anh/chị nộp tại UBND xã, miễn phí (thủ tục 1.000001)."


@pytest.fixture
def say(town):
    """Let procedures say something: keyword values of the record 1.000001."""

    def say(code: str = "1.000001", **values):
        done = procedures.look(procedures.upload("a", lines(raw(code, **values)), by=town.thu))
        procedures.bring_in(done, by=town.thu)
        return rows.find(code)

    return say


@pytest.fixture
def told(town):
    """Answer a citizen's question with a text."""

    def told(text: str = SAID, *, once: str = "a", phone: str = "+84912345678", **more):
        report = Report(
            text="Xin hỏi giấy tờ",
            channel="web",
            once=once,
            kind=Kind.QUESTION,
            category_id=town.papers.pk,
            reporter=Reporter(name="Hà", phone=phone),
        )
        ticket = tickets.take(report, by=town.lan)
        return answers.answer(ticket, text, by=town.lan, **more)

    return told


def test_an_answer_cites_the_procedures_it_names_in_the_version_in_force(say, told):
    say()
    (citation,) = queries.citations(told())
    assert (citation.version.number, citation.said, citation.wrong) == (1, SAID, False)


@pytest.mark.parametrize("text", ["không nêu mã", "phiếu 26-000123-4", "số 21.000001", "1.0000011", "mã 1.999999"])
def test_what_names_no_known_procedure_cites_nothing(say, told, text):
    say()
    assert queries.citations(told(text)) == []


def test_the_version_that_was_read_is_cited_even_if_a_newer_one_came_before_it_was_sent(say, told):
    say()
    say(cach_thuc_thuc_hien=FEE)
    (citation,) = queries.citations(told(cites={"1.000001": 1}))
    assert (citation.version.number, citation.newer.number, citation.wrong) == (1, 2, True)


def test_when_advice_becomes_wrong_the_answer_is_listed_and_the_citizen_called_back_once(say, told, work):
    procedure = say()
    answer = told()
    say(cach_thuc_thuc_hien=FEE)
    work()
    (outdated,) = queries.outdated()
    assert (outdated.answer, outdated.changed, outdated.newer.number, outdated.wrong) == (answer, ["ways"], 2, True)
    call = Callback.objects.get()
    assert (call.reason, call.phone, call.subject, call.subject_id) == (
        "advice_changed",
        "+84912345678",
        "ticket",
        answer.ticket_id,
    )
    assert answer.ticket.code in call.text and "1.000001" in call.text
    procedure.refresh_from_db()
    answers.call_back(answers.compare_anew(procedure), procedure)  # the same event again
    assert Callback.objects.get().times == 1


def test_a_change_that_alters_no_advice_is_listed_without_a_call(say, told, work):
    say()
    told()
    say(can_cu_phap_ly="Tên văn bản pháp lýMã văn bảnLuật Cư trú68/2020/QH14")
    work()
    (outdated,) = queries.outdated()
    assert (outdated.changed, outdated.wrong) == (["legal"], False)
    assert not Callback.objects.exists()


def test_wrong_advice_is_listed_first_then_the_newest(say, told, work):
    say()
    say("1.000002")
    older, newer = told(), told(once="b")
    harmless = told(SAID.replace("1.000001", "1.000002"), once="c")
    say(cach_thuc_thuc_hien=FEE)
    say("1.000002", can_cu_phap_ly="Tên văn bản pháp lýMã văn bảnLuật Cư trú68/2020/QH14")
    work()
    assert [row.answer for row in queries.outdated()] == [newer, older, harmless]


def test_what_is_cited_most_counts_the_answers_since_a_day(say, told):
    say()
    say("1.000002")
    old = told()
    type(old).objects.filter(pk=old.pk).update(approved=old.approved - timedelta(days=40))
    told(once="b")
    for once in ("c", "d"):
        told(SAID.replace("1.000001", "1.000002"), once=once)
    assert list(queries.most_cited(old.approved - timedelta(days=30))) == [("1.000002", 2), ("1.000001", 1)]


def test_nobody_is_called_who_left_no_number_or_was_told_long_ago(say, told, work):
    say()
    told(phone="")
    old = told(once="b")
    type(old).objects.filter(pk=old.pk).update(approved=old.approved - timedelta(days=200))
    say(cach_thuc_thuc_hien=FEE)
    work()
    assert queries.outdated().count() == 2
    assert not Callback.objects.exists()


def test_a_version_put_back_makes_the_advice_right_again(say, told, work, town):
    procedure = say()
    told()
    say(cach_thuc_thuc_hien=FEE)
    work()
    procedures.put_back(rows.version(procedure, 1), by=town.thu)
    work()
    assert not queries.outdated().exists()


def test_a_procedure_that_ends_makes_what_was_told_wrong(say, told, work, town):
    procedure = say()
    told()
    procedures.retire(procedure, by=town.thu)
    work()
    (outdated,) = queries.outdated()
    assert (outdated.changed, outdated.wrong) == (["retired"], True)
    assert Callback.objects.count() == 1
    procedures.unretire(procedure, by=town.thu)
    work()
    assert not queries.outdated().exists()


def test_a_version_of_a_later_day_makes_nothing_wrong_before_that_day(say, told, work, town):
    say()
    told()
    done = procedures.upload(
        "b", lines(raw(cach_thuc_thuc_hien=FEE)), by=town.thu, effective_from=localdate() + timedelta(days=5)
    )
    procedures.bring_in(procedures.look(done), by=town.thu)
    work()
    assert not queries.outdated().exists()
    procedures.come_into_force(localdate() + timedelta(days=5))
    work()
    assert queries.outdated().get().wrong


def test_the_leads_own_words_decide_what_the_answer_rests_on(say, town):
    say()
    say("1.000002")
    report = Report(text="Đèn tắt", channel="web", once="c", category_id=town.lamps.pk, area_id=town.ward.pk)
    ticket = tickets.take(report, by=town.lan)
    tickets.move(ticket, "accept", by=town.lan)
    from_agency = _worked(ticket, town)
    assert [c.version.procedure.code for c in queries.citations(from_agency)] == ["1.000001"]
    approved = answers.approve(ticket, by=town.hoa, text="Xem thủ tục 1.000002.")
    assert [c.version.procedure.code for c in queries.citations(approved)] == ["1.000002"]


def _worked(ticket, town):
    routing.route(ticket, town.works, by=town.lan)
    routing.accept(ticket, by=town.minh)
    routing.start(ticket, by=town.minh)
    return answers.submit(ticket, "Xem thủ tục 1.000001.", by=town.minh)


def test_a_template_rests_on_what_it_names_and_is_listed_when_that_changes(say, town, work):
    say()
    template = answers.write_template("Khai sinh", SAID, by=town.thu)
    say(cach_thuc_thuc_hien=FEE)
    work()
    assert queries.outdated().get().template == template
    answers.write_template("Khai sinh", "Nay thu phí, thủ tục 1.000001.", by=town.thu, template=template)
    assert not queries.outdated().exists()
    with pytest.raises(NotAllowedError):
        answers.write_template("x", "y", by=town.lan)


def test_what_a_reviewer_has_seen_to_is_no_longer_listed_until_it_changes_again(say, told, town, work):
    say()
    told()
    say(cach_thuc_thuc_hien=FEE)
    work()
    answers.settle(queries.outdated().get(), by=town.thu)
    assert not queries.outdated().exists()
    say(cach_thuc_thuc_hien=FEE.replace("50,000", "70,000"))
    work()
    assert queries.outdated().get().newer.number == 3


def test_what_is_read_aloud_says_the_short_form_first_then_papers_fee_and_time():
    record, _odd = parse(raw())
    assert spoken(record, "https://1022.example/tthc/1.000001").split("\n") == [
        "Thủ tục “Cấp giấy số 1.000001” (mã 1.000001), nộp tại: Ủy ban nhân dân cấp xã.",
        "Giấy tờ cần có:",
        "1. Tờ khai (1 bản chính)",
        "Phí, lệ phí: Miễn phí.",
        "Thời hạn: 5 ngày làm việc.",
        "Kết quả nhận được: Giấy chứng nhận.",
        "Xem đầy đủ: https://1022.example/tthc/1.000001",
    ]


def test_each_citation_is_of_an_answer_or_of_a_template(say):
    procedure = say()
    with pytest.raises(IntegrityError):
        Citation.objects.create(version=procedure.current, said="", at=procedure.changed)


def test_what_cites_a_procedure_is_what_somebody_was_told_or_will_be(say, told, town):
    procedure, _ = say(), say("1.000002")
    given = told()
    told(SAID.replace("1.000001", "1.000002"), once="b")
    for once, state in (("c", Answer.State.SUBMITTED), ("d", Answer.State.REVISED)):
        Answer.objects.filter(pk=told(once=once).pk).update(state=state)
    template = answers.write_template("Khai sinh", SAID, by=town.thu)
    put_away = answers.write_template("Cũ", SAID, by=town.thu)
    Template.objects.filter(pk=put_away.pk).update(active=False)
    found = queries.citing(procedure)
    assert {(row.answer, row.template) for row in found} == {(given, None), (None, template)}


def test_templates_are_listed_by_name_those_put_away_only_where_asked_for(say, town):
    say("1.000002")
    say()
    text = "Thủ tục 1.000001 và 1.000002."
    second, first, gone = (answers.write_template(name, text, by=town.thu) for name in ("B", "A", "C"))
    Template.objects.filter(pk=gone.pk).update(active=False)
    assert list(queries.templates()) == [first, second]
    assert list(queries.templates(every=True)) == [first, second, gone]
    assert (queries.template(second.pk), queries.template(0)) == (second, None)
    unsorted = [Template(name=name) for name in ("Em", "Đèn", "Dây", "Ăn", "An")]
    assert [row.name for row in queries.by_name(unsorted)] == ["An", "Ăn", "Dây", "Đèn", "Em"]
    rests = list(queries.resting(first))
    assert [row.version.procedure.code for row in rests] == ["1.000001", "1.000002"]
    assert {row.template for row in rests} == {first}


def test_a_template_put_away_is_not_listed_and_what_is_settled_only_where_asked_for(say, told, town, work):
    say()
    answer = told()
    template = answers.write_template("Khai sinh", SAID, by=town.thu)
    say(cach_thuc_thuc_hien=FEE)
    work()
    Template.objects.filter(pk=template.pk).update(active=False)
    (citation,) = queries.outdated()
    assert citation.answer == answer and queries.citation(citation.pk) == citation and queries.citation(0) is None
    answers.settle(citation, by=town.thu)
    assert not queries.outdated().exists() and list(queries.outdated(settled=True)) == [citation]


def test_a_list_reads_what_it_shows_in_one_statement(say, told, town, work, django_assert_num_queries):
    say()
    answer = told()
    with django_assert_num_queries(1):
        assert [(c.version.procedure.code, c.newer) for c in queries.citations(answer)] == [("1.000001", None)]
    assert queries.citations(None) == []
    type(answer.ticket).objects.filter(pk=answer.ticket_id).update(area=town.ward)
    answers.write_template("Khai sinh", SAID, by=town.thu)
    say(cach_thuc_thuc_hien=FEE)
    work()
    with django_assert_num_queries(1):
        rows = list(queries.outdated())
        assert all(row.version.procedure.current == row.newer for row in rows)
        places = {(row.answer.ticket.category.code, row.answer.ticket.area.name) for row in rows if row.answer}
        assert places == {("identity", town.ward.name)}
        assert {row.template.name for row in rows if row.template} == {"Khai sinh"}


def test_questions_that_were_answered_without_a_procedure_the_newest_first(say, told, django_assert_num_queries):
    say()
    old, first, second, cited = (told(text, once=once) for once, text in zip("abcd", ["x", "y", "z", SAID]))
    at = second.approved
    for answer, moment in ((old, at - timedelta(days=9)), (first, at), (second, at), (cited, at)):
        Answer.objects.filter(pk=answer.pk).update(approved=moment)
    other = told("Đèn", once="e")
    type(other.ticket).objects.filter(pk=other.ticket_id).update(kind="report")
    Answer.objects.filter(pk=told("Chưa", once="f").pk).update(state=Answer.State.SUBMITTED)
    assert list(queries.uncited(at)) == [second, first]
    assert list(queries.uncited(at - timedelta(days=9))) == [second, first, old]
    with django_assert_num_queries(1):
        assert {row.ticket.category.code for row in queries.uncited(at)} == {"identity"}

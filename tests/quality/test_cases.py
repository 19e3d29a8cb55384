"""From a drawing to a settled score: fair, blind, talked over, and open to a reply."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.utils.timezone import localtime, now

from caunoi.accounts import deputies
from caunoi.events.actor import NotAllowedError, citizen
from caunoi.events.models import Event
from caunoi.quality import actions, queries, sampling
from caunoi.quality.models import Case, Remark, Score, Scorecard
from caunoi.quality.scoring import DEFAULT, Criterion
from caunoi.tickets import actions as tickets
from caunoi.tickets.lifecycle import MissingDataError, NotPossibleError
from caunoi.tickets.models import Ticket
from caunoi.tickets.report import Report
from tests.quality.conftest import SINCE, UNTIL


def case_of(sample, operator="lan", **more):
    return queries.case(sample.cases.filter(operator=operator, **more).order_by("order").first().pk)


def again(case):
    return queries.case(case.pk)


def test_a_drawing_can_be_drawn_again_from_what_it_kept(sample):
    drawn = sampling.draw(queries.candidates(SINCE, UNTIL), size=sample.size, seed=sample.seed, least=sample.least)
    assert [one.key for one in drawn] == list(sample.cases.order_by("order").values_list("ticket_id", flat=True))
    assert sample.population == 12 and sample.cases.count() == 6
    assert sample.cases.filter(operator="mai").count() >= 2
    assert Event.objects.filter(kind="quality.draw", data__seed="demo").exists()


def test_what_is_restricted_or_nobodys_is_never_drawn(hotline):
    Ticket.objects.filter(operator="mai").update(restricted=True)
    Ticket.objects.filter(text="Hỏi 0").update(operator="")
    assert {one.operator for one in queries.candidates(SINCE, UNTIL)} == {"lan"}
    assert len(queries.candidates(SINCE, UNTIL)) == 7
    with pytest.raises(MissingDataError):
        actions.draw(UNTIL, UNTIL, size=3, by=hotline.thu)


@pytest.mark.parametrize("who", ["lan", "minh", "hoa", "phong", "quan"])
def test_only_the_operations_centre_draws_and_scores(hotline, sample, points, who):
    by = getattr(hotline, who)
    with pytest.raises(NotAllowedError):
        actions.draw(SINCE, UNTIL, size=1, by=by)
    with pytest.raises(NotAllowedError):
        actions.score(case_of(sample), points(), by=by, final=True)


def test_one_score_settles_a_single_case(hotline, sample, points):
    case = case_of(sample)
    actions.score(case, points(clear=1), by=hotline.thu, final=False)
    assert again(case).settled is None and queries.waiting(hotline.thu) == case
    actions.score(again(case), points(clear=1), by=hotline.thu, final=True)
    assert again(case).settled and again(case).result == pytest.approx(100 * 26 / 28)
    assert queries.waiting(hotline.thu) != case


def test_a_score_is_finished_only_when_everything_is_judged_and_a_failure_explained(hotline, sample, points):
    case = case_of(sample)
    with pytest.raises(MissingDataError) as lacking:
        actions.score(case, points(clear=None), by=hotline.thu, final=True)
    assert lacking.value.fields == ["clear"]
    with pytest.raises(MissingDataError) as unexplained:
        actions.score(case, points(right=0), by=hotline.thu, final=True)
    assert unexplained.value.fields == ["comment"]
    actions.score(case, points(right=0), "Nói sai lệ phí.", by=hotline.thu, final=True)
    assert again(case).result == 0


def test_nobody_scores_their_own_answer(hotline, sample, points):
    case = case_of(sample)
    Case.objects.filter(pk=case.pk).update(operator="thu", operator_user=hotline.thu.user_id)
    with pytest.raises(NotPossibleError):
        actions.score(again(case), points(), by=hotline.thu, final=True)
    assert queries.waiting(hotline.thu).operator != "thu"


@pytest.fixture
def pair(sample):
    case = case_of(sample)
    Case.objects.filter(pk=case.pk).update(pair=True)
    return again(case)


def test_of_a_pair_neither_sees_the_others_score_before_both_are_done(hotline, pair, points):
    actions.score(pair, points(), by=hotline.thu, final=True)
    assert [s.by for s in queries.readable(again(pair), hotline.thu)] == ["thu"]
    assert queries.readable(again(pair), hotline.ha) == []
    actions.score(again(pair), points(clear=0), by=hotline.ha, final=False)
    assert [s.by for s in queries.readable(again(pair), hotline.ha)] == ["ha"]
    assert [s.by for s in queries.readable(again(pair), hotline.thu)] == ["thu"]
    actions.score(again(pair), points(clear=0), by=hotline.ha, final=True)
    assert {s.by for s in queries.readable(again(pair), hotline.thu)} == {"thu", "ha"}
    assert again(pair).result == pytest.approx((100 + 100 * 24 / 28) / 2)


def test_a_pair_takes_two_and_no_third(hotline, pair, points):
    for by in (hotline.thu, hotline.ha):
        actions.score(again(pair), points(), by=by, final=True)
    with pytest.raises(NotPossibleError):
        actions.score(again(pair), points(), by=hotline.tam, final=True)


@pytest.mark.django_db(transaction=True)
def test_two_who_begin_a_single_case_at_once_are_one(hotline, sample, points):
    case = case_of(sample)

    def begin(by):
        try:
            actions.score(case, points(), by=by, final=True)
            return 1
        except NotPossibleError:
            return 0
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as people:
        assert sum(people.map(begin, [hotline.thu, hotline.ha, hotline.tam])) == 1
    assert Score.objects.filter(case=case).count() == 1


def test_a_score_finished_too_early_is_taken_back_while_it_is_alone(hotline, pair, points):
    actions.score(pair, points(), by=hotline.thu, final=True)
    actions.take_back(again(pair), by=hotline.thu)
    assert queries.waiting(hotline.thu) == pair
    for by in (hotline.thu, hotline.ha):
        actions.score(again(pair), points(), by=by, final=True)
    with pytest.raises(NotPossibleError):
        actions.take_back(again(pair), by=hotline.thu)


def test_a_calibration_is_scored_by_all_and_settled_by_what_they_agree_on(hotline, sample, points):
    case = case_of(sample)
    actions.calibrate(case, by=hotline.tam)
    assert queries.waiting(hotline.ha) == case
    for by, level in ((hotline.thu, 2), (hotline.ha, 0)):
        with pytest.raises(NotPossibleError):
            actions.discuss(again(case), "Sao lại thế?", by=by)
        actions.score(again(case), points(clear=level), by=by, final=True)
    assert again(case).settled is None
    actions.discuss(again(case), "Câu trả lời có nói bước tiếp theo.", by=hotline.thu)
    with pytest.raises(NotPossibleError):
        actions.agree(again(case), points(clear=1), by=hotline.tam)  # has not scored it
    actions.agree(again(case), points(clear=1), "Nói rõ nhưng dài.", by=hotline.ha)
    assert again(case).result == pytest.approx(100 * 26 / 28) and again(case).verdict.why == "calibration"
    assert not queries.open_to(again(case), hotline.tam)


@pytest.fixture
def settled(hotline, sample, points):
    case = case_of(sample)
    actions.score(case, points(right=1), "Thiếu lệ phí.", by=hotline.thu, final=True)
    return again(case)


def test_an_operator_reads_only_settled_scores_of_their_own(hotline, sample, settled):
    assert queries.find(hotline.lan, settled.pk) == settled
    assert queries.find(hotline.mai, settled.pk) is None
    other = case_of(sample, settled=None)
    assert queries.find(hotline.lan, other.pk) is None
    assert list(queries.of_operator(hotline.lan.user_id)) == [settled]
    assert [s.total for s in queries.readable(settled, hotline.lan)] == [pytest.approx(100 * 24 / 28)]
    assert queries.readable(settled, hotline.mai) == []


def test_whose_answer_it_is_may_reply_once_and_in_time(hotline, settled):
    with pytest.raises(NotAllowedError):
        actions.reply(settled, "Không đúng.", by=hotline.mai)
    with time_machine.travel(now().replace(year=now().year + 1)), pytest.raises(NotPossibleError):
        actions.reply(settled, "Muộn rồi.", by=hotline.lan)
    actions.reply(settled, "Tôi có nói lệ phí ở câu cuối.", by=hotline.lan)
    with pytest.raises(NotPossibleError):
        actions.reply(again(settled), "Lần nữa.", by=hotline.lan)
    assert [r.case for r in queries.replies()] == [settled]


def test_a_supervisor_who_did_not_score_it_decides(hotline, settled, points):
    row = actions.reply(settled, "Tôi có nói lệ phí ở câu cuối.", by=hotline.lan)
    with pytest.raises(NotAllowedError):
        actions.answer_reply(row, "Giữ nguyên.", by=hotline.thu)
    with pytest.raises(MissingDataError):
        actions.answer_reply(row, " ", by=hotline.tam)
    actions.answer_reply(row, "Đúng là có nói.", points(), by=hotline.tam)
    assert again(settled).result == 100 and not queries.replies().exists()
    with pytest.raises(NotPossibleError):
        actions.answer_reply(row, "Lại.", by=hotline.tam)


def test_a_supervisor_who_scored_it_leaves_the_reply_to_another(hotline, sample, points):
    case = case_of(sample)
    actions.score(case, points(), by=hotline.tam, final=True)
    row = actions.reply(again(case), "Chưa đúng.", by=hotline.lan)
    with pytest.raises(NotPossibleError):
        actions.answer_reply(row, "Giữ nguyên.", by=hotline.tam)


def test_a_drawing_nobody_worked_on_can_be_taken_back(hotline, sample, points):
    other = actions.draw(SINCE, UNTIL, size=3, by=hotline.thu)
    actions.remove(other, by=hotline.thu)
    actions.score(case_of(sample), points(), by=hotline.thu, final=False)
    with pytest.raises(NotPossibleError):
        actions.remove(sample, by=hotline.thu)


def test_coaching_is_a_supervisors_word(hotline):
    with pytest.raises(NotAllowedError):
        actions.coach(hotline.users["lan"], "x", by=hotline.thu)
    actions.coach(hotline.users["lan"], "Nêu lệ phí trước khi chào.", by=hotline.tam)
    assert [r.kind for r in queries.coaching(hotline.lan.user_id)] == [Remark.Kind.COACHING]
    assert not queries.coaching(hotline.mai.user_id)


def test_a_scorecard_has_versions_and_what_was_scored_keeps_its_own(hotline, sample):
    assert sample.card.version == 1 and sample.card.criteria == DEFAULT
    with pytest.raises(MissingDataError):
        actions.write_card([], by=hotline.thu)
    with pytest.raises(MissingDataError):
        actions.write_card([Criterion(key="own")], by=hotline.thu)
    with pytest.raises(NotAllowedError):
        actions.write_card(DEFAULT, by=hotline.lan)
    made = actions.write_card([*DEFAULT, Criterion(key="own", text="Có chào đúng mẫu")], by=hotline.quan)
    assert made.version == 2 == actions.write_card(made.criteria, by=hotline.quan).version
    assert sample.card.criteria == DEFAULT and Scorecard.objects.count() == 2
    assert actions.draw(SINCE, UNTIL, size=1, by=hotline.thu).card == made


def test_figures_of_what_was_scored(hotline, points):
    sample = actions.draw(SINCE, UNTIL, size=12, by=hotline.thu, double=100)
    for number, case in enumerate(queries.cases(sample, hotline.thu)):
        actions.score(again(case), points(clear=number % 3), by=hotline.thu, final=True)
        actions.score(again(case), points(clear=min(2, number % 3 + (number == 0))), by=hotline.ha, final=True)
    first = queries.cases(sample, hotline.thu)[0]
    Event.objects.create(
        kind="ticket.reopen", subject="ticket", subject_id=first.ticket_id, by="citizen", at=now(), data={}
    )
    found = queries.agreement(SINCE, UNTIL)
    assert found["clear"].n == 12 and 0.9 < found["clear"].kappa < 1 and found["polite"].kappa is None
    standing = {one.operator: one for one in queries.standings(SINCE, UNTIL)}
    assert (standing["lan"].cases, standing["mai"].cases) == (8, 4)
    assert standing["mai"].mean.few and not standing["lan"].mean.few
    assert sum(one.reopened for one in standing.values()) == 1
    ((month, value),) = queries.months(SINCE, UNTIL)
    assert value.n == 12 and month == f"{localtime():%Y-%m}"


def acting(hotline, who, whom):
    """Somebody at another's work."""
    user, person = hotline.users[who], hotline.users[whom]
    deputies.name(person, user, now() - timedelta(hours=1), now() + timedelta(days=1), by=person.as_actor())
    by = deputies.acting(user, person.pk)
    assert by is not None and by.name == f"{who} for {whom}"
    return by


def test_a_deputy_scores_neither_their_own_answer_nor_that_of_whom_they_act_for(hotline, sample, points):
    case = case_of(sample)
    assert case.operator_user == hotline.lan.user_id
    for by in (acting(hotline, "lan", "thu"), acting(hotline, "mai", "ha")):
        own = case if by.name.startswith("lan") else case_of(sample, "mai")
        assert not queries.open_to(own, by)
        with pytest.raises(NotPossibleError):
            actions.score(own, points(), by=by, final=True)
        assert queries.waiting(by).operator_user != by.user_id
    for_lan = replace(hotline.thu, name="thu for lan", behalf_id=hotline.lan.user_id)
    assert not queries.open_to(case, for_lan) and queries.open_to(case, hotline.thu)


def test_one_person_is_not_both_who_score_a_pair(hotline, pair, points):
    actions.score(again(pair), points(), by=hotline.thu, final=True)
    by = acting(hotline, "thu", "tam")
    assert not queries.open_to(again(pair), by) and queries.waiting(by) != pair
    with pytest.raises(NotPossibleError):
        actions.score(again(pair), points(clear=0), by=by, final=True)
    assert [row.by for row in again(pair).scores.all()] == ["thu"] and again(pair).settled is None
    actions.score(again(pair), points(), by=hotline.tam, final=True)
    assert again(pair).settled is not None


def test_a_draft_begun_for_somebody_is_gone_on_with_as_oneself(hotline, pair, points):
    by = acting(hotline, "thu", "tam")
    actions.score(again(pair), points(), by=by, final=False)
    actions.score(again(pair), points(), by=hotline.thu, final=True)
    assert [(row.by, row.by_user) for row in again(pair).scores.all()] == [("thu", hotline.thu.user_id)]
    assert queries.open_to(again(pair), hotline.tam)


def test_whom_a_deputy_acts_for_reads_and_answers_their_own_cases_alone(hotline, sample, points):
    case = case_of(sample)
    actions.score(case, points(), by=hotline.thu, final=True)
    by = acting(hotline, "mai", "lan")
    assert queries.find(by, case.pk) is None and not queries.may_reply(again(case), by)
    with pytest.raises(NotAllowedError):
        actions.reply(again(case), "Không phải tôi", by=by)
    assert queries.find(hotline.lan, case.pk) == case and queries.may_reply(again(case), hotline.lan)


def test_a_deputy_does_not_score_for_who_has_scored_already(hotline, pair, points):
    actions.score(again(pair), points(), by=hotline.thu, final=True)
    by = acting(hotline, "tam", "thu")
    assert not queries.open_to(again(pair), by) and queries.waiting(by) != pair
    with pytest.raises(NotPossibleError):
        actions.score(again(pair), points(), by=by, final=True)
    assert queries.open_to(again(pair), hotline.tam)


def test_nobody_lets_their_own_answer_be_scored_anew_or_not_at_all(hotline, sample, points):
    by, case = acting(hotline, "lan", "thu"), case_of(sample)
    assert not queries.may_calibrate(case, by) and not queries.may_remove(sample, by)
    with pytest.raises(NotPossibleError):
        actions.calibrate(case, by=by)
    with pytest.raises(NotPossibleError):
        actions.remove(sample, by=by)
    assert queries.may_remove(sample, hotline.thu)
    actions.calibrate(case_of(sample, "mai"), by=by)


def test_nobody_decides_on_a_reply_about_their_own_answer_or_their_own_score(hotline, settled):
    row = actions.reply(settled, "Tôi có nói lệ phí ở câu cuối.", by=hotline.lan)
    deputies_of_tam = [acting(hotline, "lan", "tam")]
    deputies.end(deputies.deputies(hotline.users["tam"]).get(), by=hotline.tam)
    deputies_of_tam.append(acting(hotline, "thu", "tam"))  # who scored it
    for by in deputies_of_tam:
        assert not queries.decides(again(settled), by)
        with pytest.raises(NotPossibleError):
            actions.answer_reply(row, "Đúng.", by=by)
    deputies.end(deputies.deputies(hotline.users["tam"]).get(), by=hotline.tam)
    actions.answer_reply(row, "Giữ nguyên.", by=acting(hotline, "ha", "tam"))


def test_a_deputy_does_not_decide_for_a_supervisor_who_scored_it(hotline, sample, points):
    case = case_of(sample)
    actions.score(case, points(), by=hotline.tam, final=True)
    row = actions.reply(again(case), "Chưa đúng.", by=hotline.lan)
    with pytest.raises(NotPossibleError):
        actions.answer_reply(row, "Giữ nguyên.", by=acting(hotline, "ha", "tam"))


def test_nobody_coaches_themself(hotline):
    with pytest.raises(NotAllowedError):
        actions.coach(hotline.users["lan"], "Rất tốt.", by=acting(hotline, "lan", "tam"))
    actions.coach(hotline.users["mai"], "Rất tốt.", by=deputies.acting(hotline.users["lan"], hotline.tam.user_id))


def test_what_was_done_for_somebody_counts_as_the_work_of_who_did_it(hotline, points):
    by = acting(hotline, "mai", "lan")
    ticket = tickets.take(Report(text="Hỏi thêm", channel="web", once="for"), by=citizen())
    tickets.move(ticket, "accept", by=by, category=hotline.papers)
    tickets.move(ticket, "answer", by=by, text="Đã rõ.", category=hotline.papers)
    ticket.refresh_from_db()
    assert ticket.operator == "mai for lan"
    assert {one.operator for one in queries.candidates(SINCE, UNTIL)} == {"lan", "mai"}
    sample = actions.draw(SINCE, UNTIL, size=13, by=hotline.thu, double=0)
    case = sample.cases.get(ticket=ticket)
    assert (case.operator, case.operator_user) == ("mai", hotline.mai.user_id)
    Case.objects.filter(pk=case.pk).update(operator="mai for lan")  # as it was drawn before
    actions.score(again(case), points(), by=hotline.thu, final=True)
    assert [one.operator for one in queries.standings(SINCE, UNTIL)] == ["mai"]
    assert list(queries.of_operator(hotline.mai.user_id)) == [case]
    assert len(queries.months(SINCE, UNTIL, hotline.mai.user_id)) == 1
    assert not queries.months(SINCE, UNTIL, hotline.lan.user_id)

"""Whom we ask, once, by which way; and how nobody rates twice, for somebody else, or too late.

Proves: attacks: rating twice, another's ticket, forged, forwarded, expired link, double click (4 threads)"""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils.timezone import now

from caunoi.accounts import deputies
from caunoi.accounts.models import User
from caunoi.conversations.actions import AlreadyTakenError
from caunoi.conversations.models import Callback
from caunoi.directory.actions import set_option
from caunoi.events.actor import citizen
from caunoi.ratings import actions, links, queries
from caunoi.ratings.models import Draw, Invitation, Rating
from caunoi.ratings.sampling import drawn
from caunoi.tickets import actions as tickets
from caunoi.tickets.lifecycle import MissingDataError, NotAllowedError, NotPossibleError
from caunoi.tickets.models import Ticket
from caunoi.tickets.report import Report, Reporter


@pytest.fixture
def answered(town):
    def make(once="a", channel="web", **given):
        ticket = tickets.take(Report(text="Đèn tắt", channel=channel, once=once, **given), by=citizen())
        tickets.move(ticket, "accept", by=town.lan, category=town.lamps)
        tickets.move(ticket, "answer", by=town.lan, text="Đã sửa.", category=town.lamps)
        ticket.refresh_from_db()
        return ticket

    return make


def voice(answered, n=0):
    return answered(f"v{n}", "phone", reporter=Reporter(phone=f"09000000{n:02d}"))


def everybody(town, percent=100):
    set_option("survey_percent", percent, by=town.quan)


def test_somebody_who_wrote_on_our_page_is_asked_there_and_once(answered):
    ticket = answered()
    assert actions.invite(ticket).how == "page"
    assert actions.invite(ticket) is None and Invitation.objects.count() == 1


def test_who_came_by_voice_is_called_if_drawn_and_the_draw_can_be_checked(town, answered):
    everybody(town, 30)
    rows = [voice(answered, n) for n in range(30)]
    asked = {row.ticket_id for ticket in rows if (row := actions.invite(ticket))}
    draw = Draw.objects.get()
    assert asked == {t.pk for t in rows if drawn(draw.seed, t.code, 0, 30)}
    assert Callback.objects.filter(reason="survey").count() == len(asked)
    assert set(Invitation.objects.values_list("how", "draw")) <= {("phone", draw.pk)}


def test_nobody_is_asked_about_two_things_in_one_call_and_nobody_about_a_denunciation(town, answered):
    everybody(town)
    one, other = (answered(once, "phone", reporter=Reporter(phone="0900000001")) for once in "ab")
    assert actions.invite(one) and actions.invite(other) is None
    secret = voice(answered, 7)
    Ticket.objects.filter(pk=secret.pk).update(restricted=True)
    assert actions.invite(secret) is None
    everybody(town, 0)
    assert actions.invite(voice(answered, 8)) is None


def test_what_is_not_answered_or_was_rated_already_is_not_asked_about(town, answered):
    ticket = answered()
    actions.rate(ticket, "satisfied", by=citizen(ticket.pk))
    assert actions.invite(ticket) is None
    open_ = tickets.take(Report(text="Rác", channel="web", once="r"), by=citizen())
    assert actions.invite(open_) is None


def called(town, answered):
    everybody(town)
    ticket = voice(answered)
    actions.invite(ticket)
    return ticket, Callback.objects.get(reason="survey")


def test_an_operator_writes_down_what_was_said_on_the_phone(town, answered):
    ticket, row = called(town, answered)
    with pytest.raises(NotAllowedError):  # who handled it does not ask about it
        actions.survey(row, "satisfied", by=town.lan)
    with pytest.raises(NotAllowedError):
        actions.survey(row, "satisfied", by=town.minh)
    with pytest.raises(MissingDataError):
        actions.survey(row, "great", by=town.tam)
    actions.survey(row, "dissatisfied", by=town.tam, reasons=["slow", "polite"], comment="Chờ lâu")
    rating = queries.current_rating(ticket)
    assert (rating.grade, rating.reasons, rating.how) == ("dissatisfied", ["slow"], "phone")
    row.refresh_from_db()
    assert (row.state, row.operator) == ("done", "tam")
    with pytest.raises((NotPossibleError, AlreadyTakenError)):
        actions.survey(row, "satisfied", by=town.tam)
    assert Rating.objects.count() == 1


@pytest.mark.parametrize(("who", "whom"), [("lan", "tam"), ("lan", "thu"), ("tam", "lan")])
def test_a_deputy_does_not_ask_about_what_they_or_whom_they_act_for_handled(town, answered, who, whom):
    _ticket, row = called(town, answered)
    user, person = town.users[who], town.users[whom]
    deputies.name(person, user, now() - timedelta(hours=1), now() + timedelta(days=1), by=person.as_actor())
    with pytest.raises(NotAllowedError):
        actions.survey(row, "satisfied", by=deputies.acting(user, person.pk))
    assert not Rating.objects.exists()


def test_nobody_ends_the_survey_of_their_own_ticket_unasked(town, answered):
    _ticket, row = called(town, answered)
    mai = User.objects.create(username="mai", full_name="Mai", role="operator")
    deputies.name(mai, town.users["lan"], now() - timedelta(hours=1), now() + timedelta(days=1), by=mai.as_actor())
    assert not queries.may_call(row, town.lan)
    assert not queries.may_call(row, deputies.acting(town.users["lan"], mai.pk))
    assert queries.may_call(row, mai.as_actor()) and queries.may_call(row, town.tam)
    lan = Client(headers={"accept-language": "en"})
    lan.force_login(town.users["lan"], backend="django.contrib.auth.backends.ModelBackend")
    for act in ("claim", "reached", "give_up"):
        page = lan.post(f"/desk/callbacks/{row.pk}/{act}", {"outcome": "x"}, follow=True).content.decode()
        assert "a colleague asks about it" in page
    row.refresh_from_db()
    assert row.state == "open" and row.operator_user is None


def test_a_survey_that_somebody_else_has_taken_is_theirs(town, answered):
    ticket, row = called(town, answered)
    Callback.objects.filter(pk=row.pk).update(state="claimed", operator="someone")
    with pytest.raises(AlreadyTakenError):
        actions.survey(row, "satisfied", by=town.tam)
    assert queries.current_rating(ticket) is None  # nothing is kept of it


def test_no_other_call_back_is_a_way_to_rate(town, answered):
    _ticket, row = called(town, answered)
    Callback.objects.filter(pk=row.pk).update(reason="asked")
    row.refresh_from_db()
    with pytest.raises(NotAllowedError):
        actions.survey(row, "satisfied", by=town.tam)


def visit(ticket, grade="satisfied"):
    return f"/r/{links.make(ticket, grade)}"


def test_a_link_proposes_a_grade_and_only_a_click_gives_it(answered):
    ticket = answered()
    page = Client().get(visit(ticket, "dissatisfied"))
    assert 'value="poor" checked' in page.content.decode() and queries.current_rating(ticket) is None
    assert page["Referrer-Policy"] == "same-origin" and "no-store" in page["Cache-Control"]
    Client().post(visit(ticket, "dissatisfied"), {"grade": "poor", "reason": ["slow"]})
    assert (queries.current_rating(ticket).grade, queries.current_rating(ticket).how) == ("dissatisfied", "link")


def test_a_forwarded_link_tells_nothing_and_leads_nowhere(answered):
    ticket = answered(reporter=Reporter(name="Nguyễn Thị Ổi", phone="0900000001"), address="12 Lê Lợi")
    html = Client().get(visit(ticket)).content.decode()
    for told in ("Đèn tắt", "Đã sửa", "Ổi", "0900000001", "Lê Lợi", ticket.follow):
        assert told not in html


def test_a_second_click_another_link_and_the_page_all_find_it_rated(answered):
    ticket = answered()
    assert Client().post(visit(ticket), {"grade": "good"}).status_code == 200
    for grade in ("satisfied", "dissatisfied"):
        assert Client().post(visit(ticket, grade), {"grade": "poor"}).status_code == 410
    Client().post(f"/f/{ticket.follow}/rate", {"grade": "poor"})
    assert list(Rating.objects.values_list("grade", flat=True)) == ["satisfied"]


def test_a_comment_that_is_too_long_comes_back_whole(answered):
    told = Client().post(visit(answered()), {"grade": "poor", "reason": ["slow"], "comment": "đ" * 4001})
    page = told.content.decode()
    assert told.status_code == 422 and "đ" * 4001 in page and "4000 ký tự" in page
    assert 'value="poor" checked' in page and 'value="slow" checked' in page and not Rating.objects.exists()


def test_links_of_another_ticket_of_an_older_answer_and_forged_ones(town, answered):
    one, other = answered("a"), answered("b")
    word = links.make(one, "satisfied")
    forged = word.replace(str(one.pk), str(other.pk), 1)
    assert Client().get(f"/r/{forged}").status_code == Client().get("/r/nothing").status_code == 404
    with pytest.raises(NotAllowedError):
        actions.rate(other, "satisfied", by=citizen(one.pk))
    tickets.move(one, "reopen", by=citizen(one.pk), reason="Vẫn tắt")
    tickets.move(one, "answer", by=town.lan, text="Đã thay bóng.", category=town.lamps)
    assert Client().post(f"/r/{word}", {"grade": "good"}).status_code == 410  # it was about the first answer
    assert Rating.objects.count() == 0


def test_a_link_is_over_when_the_time_is(answered):
    ticket = answered()
    Ticket.objects.filter(pk=ticket.pk).update(touched=now() - timedelta(days=31))
    assert Client().get(visit(ticket)).status_code == 410
    assert Client().post(visit(ticket), {"grade": "good"}).status_code == 410
    assert queries.current_rating(ticket) is None


def test_no_face_chosen_is_said(answered):
    ticket = answered()
    assert Client().post(visit(ticket), {}).status_code == 422
    assert Client().post(visit(ticket), {"grade": "excellent"}).status_code == 422


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_the_same_moment_are_one_rating(town, answered):
    ticket = answered()

    def click(grade):
        try:
            return Client().post(visit(ticket), {"grade": grade}).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        answers = sorted(pool.map(click, ["good", "poor", "good", "fair"]))
    assert answers == [200, 410, 410, 410] and Rating.objects.count() == 1

"""Asked in a chat, answered there with a number: once, and only while that was our question.

Proves: asked once by the channel used: three signed links, reply 1/2/3, follow page"""

import re

import pytest
from django.test import Client

from caunoi.conversations.models import Outgoing
from caunoi.ratings.models import Invitation, Rating
from caunoi.tickets import actions as tickets
from caunoi.tickets.models import Ticket


@pytest.fixture
def answered(chat, work, town):
    """A ticket from a chat, answered and asked about."""

    def tell(text):
        chat.write(text)
        work()

    tell("Đèn đường trước chợ hỏng ba hôm nay")
    ticket = Ticket.objects.get()
    tickets.move(ticket, "accept", by=town.lan, category=town.lamps)
    tickets.move(ticket, "answer", by=town.lan, text="Đã thay bóng.")
    work()
    ticket.refresh_from_db()
    return ticket, tell


def grades():
    return list(Rating.objects.values_list("grade", "how"))


def test_the_message_that_brings_the_answer_asks_once_with_three_links(answered, work):
    ticket, _tell = answered
    assert list(Invitation.objects.values_list("ticket", "how")) == [(ticket.pk, "message")]
    told = Outgoing.objects.get(template="ticket.answer").text
    links = re.findall(r"https?://[^/ ]+(/r/\S+)", told)
    assert len(set(links)) == 3 and "Đã thay bóng." in told
    for link, value in zip(links, ("good", "fair", "poor"), strict=True):
        assert f'value="{value}" checked' in Client().get(link).content.decode()


@pytest.mark.parametrize(("said", "grade"), [("1", "satisfied"), ("Tạm được", "acceptable"), ("3.", "dissatisfied")])
def test_a_number_is_the_grade(answered, said, grade):
    _ticket, tell = answered
    tell(said)
    assert grades() == [(grade, "reply")]


def test_the_second_number_counts_no_more(answered):
    _ticket, tell = answered
    tell("1")
    tell("3")
    assert grades() == [("satisfied", "reply")]


def test_a_number_that_answers_another_question_is_no_grade(answered, town, work):
    ticket, tell = answered
    tickets.move(ticket, "reopen", by=town.lan, reason="Xem lại")
    tickets.move(ticket, "ask", by=town.lan, question="Còn mấy bóng chưa sáng?")
    work()
    tell("3")
    assert grades() == []


def test_longer_words_are_no_grade(answered):
    _ticket, tell = answered
    tell("Tôi không hài lòng vì đèn vẫn tắt")
    assert grades() == []


def test_somebody_else_s_number_rates_nothing(answered, chat, work):
    chat.write("1", **{"from": "nam"})
    work()
    assert grades() == []

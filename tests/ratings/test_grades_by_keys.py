"""A grade given by key after a talk is one of the answered tickets that the call was about, and of nobody else's."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from caunoi.calls import actions as calls
from caunoi.calls.models import Call
from caunoi.conversations.models import Inbox
from caunoi.events.models import Event
from caunoi.ratings.models import Rating
from caunoi.ratings.tasks import take_key
from caunoi.telephony.calls import fold
from caunoi.telephony.events import Answered, Direction, Ended, Graded, Started
from caunoi.tickets import actions as tickets
from caunoi.tickets.models import Ticket
from caunoi.tickets.report import Report, Reporter

pytestmark = pytest.mark.django_db
AT = datetime(2026, 8, 6, 1, tzinfo=UTC)


def called(grade: str, number: str = "0912345678") -> Call:
    events: list[Any] = [
        Started(call_id="a", at=AT, direction=Direction.IN, caller=number, dialled="1022"),
        Answered(call_id="a", at=AT + timedelta(seconds=5), leg="p", member="lan"),
        Graded(call_id="a", at=AT + timedelta(seconds=50), grade=grade),
        Ended(call_id="a", at=AT + timedelta(seconds=60)),
    ]
    (row,) = calls.absorb(Inbox.objects.get(name="phone"), fold(events).values())
    return row


@pytest.fixture
def answered(town: SimpleNamespace) -> Callable[[str], Ticket]:
    def make(number: str) -> Ticket:
        report = Report(text="Hỏi giờ làm việc", channel="phone", once=number, reporter=Reporter(phone=number))
        ticket = tickets.take(report, by=town.lan)
        tickets.move(ticket, "accept", by=town.lan, category=town.lamps)
        tickets.move(ticket, "answer", by=town.lan, text="Từ 7 giờ 30.")
        ticket.refresh_from_db()
        return ticket

    return make


def ends(call: Call) -> None:
    for event in Event.objects.filter(kind="call.end", subject_id=call.pk):
        take_key(event)


@pytest.mark.parametrize(
    ("key", "grade"),
    [("5", "satisfied"), ("4", "satisfied"), ("3", "acceptable"), ("2", "dissatisfied"), ("1", "dissatisfied")],
)
def test_a_key_is_a_grade_of_the_answer_once(
    town: SimpleNamespace, answered: Callable[[str], Ticket], key: str, grade: str
) -> None:
    ticket, call = answered("+84912345678"), called(key)
    tickets.link_call(ticket, call, by=town.lan)
    ends(call)
    ends(call)
    rating = Rating.objects.get()
    assert (rating.ticket, rating.grade, rating.how, rating.comment) == (ticket, grade, "phone", "")
    assert Event.objects.get(kind="ticket.rate").by not in ("lan", "system")


@pytest.mark.parametrize("key", ["0", "6", "9", "*"])
def test_another_key_is_none(town: SimpleNamespace, answered: Callable[[str], Ticket], key: str) -> None:
    call = called(key)
    tickets.link_call(answered("+84912345678"), call, by=town.lan)
    ends(call)
    assert not Rating.objects.exists()


def test_neither_is_one_of_somebody_elses_ticket_or_of_none(
    town: SimpleNamespace, answered: Callable[[str], Ticket]
) -> None:
    call = called("5")
    answered("+84912345678")  # not what the call was about
    tickets.link_call(answered("+84987654321"), call, by=town.lan)
    ends(call)
    assert not Rating.objects.exists()

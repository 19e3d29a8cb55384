"""What a message is for is decided once, when it is heard; each stage acts on its own."""

import pytest

from caunoi.conversations.meaning import Meaning, meaning, with_meaning
from caunoi.conversations.models import Message, Outgoing
from caunoi.events.actor import citizen
from caunoi.events.models import Event
from caunoi.lib.numbers import codes
from caunoi.tickets.models import Ticket

CODE = codes.make(2026, 17)


@pytest.mark.parametrize(
    "text, public, means",
    [
        ("Đèn đường tắt ba hôm nay", False, Meaning.WORDS),
        ("2", False, Meaning.GRADE),
        ("Hài lòng ạ", False, Meaning.GRADE),
        (f"Theo dõi {CODE}", False, Meaning.WISH),
        (f"STOP {CODE}", False, Meaning.WISH),
        (f"Theo dõi {CODE}", True, Meaning.WORDS),
        (f"Theo dõi {CODE} giúp tôi, đèn vẫn tắt", False, Meaning.WORDS),
    ],
)
def test_words_are_a_report_a_grade_or_a_wish(text, public, means):
    assert meaning(text, public=public) is means


def test_a_wish_makes_no_ticket_and_is_answered_and_a_report_makes_one(chat, work):
    chat.write(f"Theo dõi {CODE}", name="Tư Demo")
    work()
    assert not Ticket.objects.exists()
    assert CODE in Outgoing.objects.get().text
    chat.write("Đèn đường tắt trước chợ Hàn", name="Tư Demo")
    work()
    assert Ticket.objects.get().text == "Đèn đường tắt trước chợ Hàn"
    assert list(Event.objects.filter(kind="message.receive").order_by("id").values_list("data", flat=True)) == [
        {"means": "wish"},
        {"means": "words"},
    ]


def test_what_an_earlier_release_recorded_is_understood(chat, work):
    for text in ("Đèn đường tắt trước chợ Hàn", f"Theo dõi {CODE}", "2"):
        chat.write(text, name="Tư Demo")
    work()
    rows = Message.objects.filter(inbound=True).order_by("id")
    events = [
        Event(kind="message.receive", subject="message", subject_id=row.pk, by=citizen().name) for row in rows
    ]  # unsaved: without what it means
    words, wish, grade = (row.pk for row in rows)
    assert with_meaning(events, Meaning.WISH) == [wish]
    assert with_meaning(events, Meaning.GRADE) == [grade]
    assert sorted(with_meaning(events, Meaning.WORDS, Meaning.GRADE)) == [words, grade]

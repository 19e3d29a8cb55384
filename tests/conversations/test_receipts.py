"""Whatever comes in is written down once, however often and at once it is sent."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.utils.timezone import now

from caunoi.conversations.actions import begin, keep
from caunoi.conversations.models import Contact, Conversation, Message, Receipt
from caunoi.conversations.queries import has_inbox, inbox, receipt
from caunoi.events.actor import citizen

NOBODY = {"name": "", "phone": "", "email": "", "address": "", "consent": None}
BOTH = pytest.mark.django_db(transaction=True)


def test_a_receipt_is_kept_as_it_came_and_only_once(town):
    first, new = keep(inbox("web"), "a", {"text": "Đèn tắt"})
    again, old = keep(inbox("web"), "a", {"text": "khác"})
    other, fresh = keep(inbox("app"), "a", {})
    assert (new, old, fresh) == (True, False, True)
    assert (first.pk, first.state) == (again.pk, "waiting") and other.pk != first.pk
    assert receipt(inbox("web"), "a").raw == {"text": "Đèn tắt"}


def test_a_first_word_begins_a_conversation(town):
    at = now()
    who = {**NOBODY, "name": "Tư Demo", "phone": "+84900000001", "consent": 3}
    made = begin(inbox("web"), "a", {"x": [1, None, "đ"]}, "Đèn tắt", who, by=citizen(), at=at)
    kept = Conversation.objects.select_related("contact").get()
    assert (kept, kept.contact) == (made, made.contact)
    assert {k: getattr(kept.contact, k) for k in who} == who
    message = Message.objects.select_related("receipt").get()
    assert (message.conversation, message.inbound, message.text, message.at, message.by) == (
        made,
        True,
        "Đèn tắt",
        at,
        "citizen",
    )
    assert (message.receipt.raw, message.receipt.state, message.receipt.at) == ({"x": [1, None, "đ"]}, "read", at)
    assert begin(inbox("web"), "a", {}, "Đèn tắt", NOBODY, by=citizen(), at=at) is None
    assert (Contact.objects.count(), Receipt.objects.count()) == (1, 1)


def test_only_an_inbox_that_was_made_is_there(town):
    assert has_inbox("web") and not has_inbox("facebook")


@BOTH
def test_of_many_parallel_senders_of_the_same_one_begins(town):
    box = inbox("web")

    def send(_):
        try:
            return begin(box, "a", {}, "Đèn tắt", NOBODY, by=citizen(), at=now())
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        begun = [made for made in pool.map(send, range(8)) if made]
    assert len(begun) == Conversation.objects.count() == Receipt.objects.count() == 1

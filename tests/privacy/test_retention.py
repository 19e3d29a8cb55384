"""How long data is kept: nothing goes before somebody decided, then what is due goes, and what is held stays."""

from datetime import timedelta

import pytest
from django.utils.timezone import now

from caunoi.calls.models import Call
from caunoi.conversations import queries as conversations
from caunoi.conversations.models import Contact, Message, Receipt
from caunoi.events.actor import NotAllowedError, citizen
from caunoi.events.models import Event
from caunoi.privacy import actions, keeping
from caunoi.privacy.clocks import RequestKind
from caunoi.privacy.retention import TERMS, due
from caunoi.tickets.models import Ticket

OLD = timedelta(days=4000)


@pytest.fixture
def old(report):
    """A ticket of ten years ago, with everything of it."""
    ticket = report()
    past = now() - OLD
    Ticket.objects.filter(pk=ticket.pk).update(touched=past, received=past)
    for row in Receipt.objects.all():
        row.at, row.raw = past, {"text": "Đèn hỏng"}
        row.save()
    return ticket


def count(kind: str) -> int:
    return due(TERMS[kind], keeping.term(kind).days).count


def test_nothing_is_deleted_before_somebody_has_decided(town, old):
    assert (count("receipts"), count("identities")) == (1, 1)  # what it would delete is shown all the same
    assert keeping.apply_terms() == 0
    assert Receipt.objects.get().raw and Contact.objects.get(pk=old.contact_id).name == "Võ Thị Nga"


def test_what_came_in_raw_goes_and_that_it_came_stays(town, old):
    keeping.set_term("receipts", days=90, source="Quyết định 12", active=True, by=town.quan)
    assert keeping.apply_terms() == 1
    row = Receipt.objects.get()
    assert (row.raw, row.state) == ({}, "read")
    assert keeping.apply_terms() == 0
    assert Event.objects.filter(kind="term.edit").get().data["after"]["source"] == "Quyết định 12"


def test_who_reported_goes_and_the_case_stays(town, old, report):
    young = report("+84911111111", once="young")
    keeping.set_term("identities", days=1825, source="Quyết định 12", active=True, by=town.quan)
    follow = old.follow
    assert keeping.apply_terms() == 1
    old.refresh_from_db()
    assert (old.contact.name, old.contact.phone, old.text) == ("", "", "Đèn hỏng")
    assert old.follow != follow
    assert Message.objects.filter(conversation=old.conversation).get().text == "Đèn hỏng"
    assert Contact.objects.get(pk=young.contact_id).name == "Võ Thị Nga"


def test_what_is_held_or_asked_about_stays(town, old, report):
    keeping.set_term("identities", days=1825, source="Quyết định 12", active=True, by=town.quan)
    hold = keeping.put_hold("Thanh tra", by=town.tam, ticket=old.pk)
    assert keeping.apply_terms() == 0
    keeping.end_hold(hold, by=town.tam)
    row = actions.ask(RequestKind.SEE, via="link", proof="link", by=citizen(old.pk), ticket=old)
    assert keeping.apply_terms() == 0
    actions.cancel(row, by=citizen(old.pk))
    assert keeping.apply_terms() == 1


def test_recordings_go_with_their_files(town, old):
    box = conversations.inbox_of("phone")
    Call.objects.create(
        inbox=box, call_id="1", facts={}, direction="in", state="ended", outcome="answered", began=now() - OLD,
        sound="recordings/none.wav", recording="a.wav",
    )  # fmt: skip
    keeping.set_term("recordings", days=365, source="Quyết định 12", active=True, by=town.quan)
    assert keeping.apply_terms() == 1
    assert Call.objects.get().sound == ""


def test_only_administrators_decide_and_not_below_what_the_product_needs(town):
    with pytest.raises(NotAllowedError):
        keeping.set_term("receipts", days=90, source="x", active=True, by=town.tam)
    with pytest.raises(ValueError):
        keeping.set_term("receipts", days=1, source="x", active=True, by=town.quan)

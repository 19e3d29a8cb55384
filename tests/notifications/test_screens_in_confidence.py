"""Open screens of whoever is no custodian hear nothing of a ticket that went into confidence, not even its number.

Proves: what is restricted reaches custodians' screens only: moves, messages, orders, whoever writes; whoever opened it
by a code hears no more of it"""

import json

import pytest
from django.utils.timezone import now

from caunoi.conversations.models import Message
from caunoi.directives.models import Directive
from caunoi.events.actor import citizen
from caunoi.notifications import actions, tasks
from caunoi.tickets import actions as tickets
from caunoi.tickets.models import Exchange
from caunoi.tickets.report import Report, Reporter
from caunoi.web import topics
from caunoi.web.citizen.own import Own

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(monkeypatch):
    """What goes to open screens: {topic: [message]}."""
    heard = {}

    def tell(messages):
        for message in messages:
            for topic in message["to"]:
                heard.setdefault(topic, []).append(message)

    monkeypatch.setattr(actions, "tell_screens", tell)
    return heard


@pytest.fixture
def ticket(town):
    who = Reporter(name="Mai", phone="+84912000111")
    row = tickets.take(Report(text="Đèn tắt", channel="web", once="a", reporter=who), by=citizen())
    tickets.move(row, "accept", by=town.lan, category=town.lamps)
    return row


def shut(row):
    row.restricted = True
    row.save(update_fields=["restricted"])


def test_moves_reach_custodians_and_the_link_only_as_it_is_refused(ticket, told):
    actions.announce([(ticket, "ticket.accept")])
    assert set(told) == {"desk", f"ticket:{ticket.pk}", f"opened:{ticket.pk}"}
    told.clear()
    shut(ticket)
    actions.announce([(ticket, "message")])
    assert set(told) == {"restricted"}
    actions.announce([(ticket, "ticket.refuse")])
    assert set(told) == {"restricted", f"ticket:{ticket.pk}"}


def test_whoever_writes_about_it_is_not_named_to_the_desk(ticket, told):
    for about in (f"ticket-{ticket.pk}", "thread-7", "ticket-new"):
        actions.announce_writing(about)
    assert len(told.pop("desk")) == 3
    shut(ticket)
    actions.announce_writing(f"ticket-{ticket.pk}")
    assert set(told) == {"restricted"}


def test_an_order_about_it_is_not_told_to_the_agency(ticket, town, told):
    row = Directive.objects.create(ticket=ticket, agency=town.works, text="Làm ngay", by="phong", due=now(), at=now())
    event = tickets.remark(ticket, "x", by=town.lan, internal=True)
    actions.announce_order(row, event)
    assert set(told) == {"desk", f"agency:{town.works.pk}"}
    told.clear()
    shut(ticket)
    actions.announce_order(row, event)
    assert set(told) == {"restricted"}
    assert "agency" not in json.dumps(told)


def test_a_message_to_it_is_not_told_to_the_desk(ticket, told):
    message = Message.objects.create(conversation=ticket.conversation, inbound=True, text="Thêm", at=now())
    Exchange.objects.create(ticket=ticket, message=message)
    event = type("Event", (), {"subject": "message", "subject_id": message.pk})()
    tasks.announce_messages.many([event])
    assert {"desk", f"ticket:{ticket.pk}"} <= set(told)
    told.clear()
    shut(ticket)
    tasks.announce_messages.many([event])
    assert set(told) == {"restricted"}
    assert {one["event"] for one in told["restricted"]} == {"ticket", "conversation"}


def test_a_stream_that_a_code_opened_is_another_than_the_link_s(ticket, town, monkeypatch):
    for proof, name in (("link", "ticket"), ("code", "opened"), ("account", "opened")):
        monkeypatch.setattr(topics, "own_ticket", lambda *_words, p=proof: Own(ticket=ticket, key="k", proof=p))
        assert topics.topics(citizen(), "k") == {f"{name}:{ticket.pk}"}

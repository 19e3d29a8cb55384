"""Providers played on loopback, and inboxes that talk to them."""

from types import SimpleNamespace

import httpx
import pytest
from django.utils.timezone import now

from caunoi.conversations import actions
from caunoi.conversations.models import Contact, Conversation, Message, Outgoing
from tests.providers.facebook import Facebook
from tests.providers.sms import Sms
from tests.providers.zalo import Zalo


@pytest.fixture
def http():
    with httpx.Client(timeout=httpx.Timeout(0.3, connect=2)) as client:
        yield client


@pytest.fixture
def zalo():
    provider = Zalo().start()
    yield provider
    provider.stop()


@pytest.fixture
def facebook():
    provider = Facebook().start()
    yield provider
    provider.stop()


@pytest.fixture
def sms():
    provider = Sms().start()
    yield provider
    provider.stop()


def inbox(name, provider, *more):
    return actions.make_inbox(name, name, secrets=provider.secrets(), **provider.settings(*more))


@pytest.fixture
def talk(db, http):
    """Somebody writes; we answer; what is due is sent."""

    def writes(box, person, text="Đèn tắt", *, external_id="96d3cd01", at=None, phone="+84912000111", thread=""):
        contact = Contact.objects.create(name="Bà Tư (demo)", phone=phone)
        thread = Conversation.objects.create(inbox=box, contact=contact, address=person)
        Message.objects.create(conversation=thread, inbound=True, text=text, external_id=external_id, at=at or now())
        return thread

    def send(client=None):
        """Until nothing is due: how many rows were looked at."""
        looked = 0
        while seen := actions.dispatch(client or http):
            looked += seen
        return looked

    def due():
        Outgoing.objects.filter(state="queued").update(due=now())

    def states():
        return list(Outgoing.objects.order_by("id").values_list("state", flat=True))

    return SimpleNamespace(writes=writes, send=send, due=due, states=states, inbox=inbox)

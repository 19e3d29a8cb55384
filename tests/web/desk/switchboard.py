"""The centre's telephone in tests: somebody calls, and who sits at the desk."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from caunoi.calls import actions
from caunoi.conversations.actions import make_inbox
from caunoi.telephony.calls import fold
from caunoi.telephony.events import (
    Answered,
    Direction,
    Ended,
    GaveUp,
    Queued,
    Rang,
    Started,
)
from caunoi.tickets.report import Report, Reporter

AT = datetime(2026, 8, 6, 1, tzinfo=UTC)
NUMBER = "0900000001"


def client_of(town, name):
    client = Client()
    client.force_login(town.users[name])
    return client


@pytest.fixture
def desk(town):
    return client_of(town, "lan")


@pytest.fixture
def box(town):
    return make_inbox("phone", "phone")


@pytest.fixture
def ring(box):
    """Let somebody call: `ring(id, minutes, number, by=who answers)`."""

    def tell(call_id="a", minutes=0.0, number=NUMBER, by="", ringing=""):
        at = AT + timedelta(minutes=minutes)
        events = [
            Started(call_id=call_id, at=at, direction=Direction.IN, caller=number, dialled="1022"),
            Queued(call_id=call_id, at=at, queue="tongdai1022"),
        ]
        if ringing:
            events.append(Rang(call_id=call_id, at=at, leg="p", member=ringing))
        elif by:
            events.append(Answered(call_id=call_id, at=at + timedelta(seconds=5), leg="p", member=by))
        else:
            events.append(GaveUp(call_id=call_id, at=at + timedelta(seconds=40)))
        if not ringing:
            events.append(Ended(call_id=call_id, at=at + timedelta(seconds=65), expected_file=f"{call_id}.wav"))
        (call,) = actions.absorb(box, fold(events).values())
        actions.settle(call.pk)
        return call

    return tell


def report(once):
    return Report(text="Đèn tắt", channel="phone", once=once, reporter=Reporter(phone="+84900000001"))

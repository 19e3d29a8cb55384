"""/cti/ on the event loop, as `caunoi web` serves it: the same answers as the Django view, many calls by one commit."""

import asyncio
import json
from datetime import timedelta

import pytest
from django.db import connection
from django.utils.timezone import now
from prometheus_client import REGISTRY

from caunoi.accounts.actions import issue_key, revoke_key
from caunoi.accounts.models import Key
from caunoi.accounts.queries import every_key
from caunoi.calls import tasks
from caunoi.calls.models import Call
from caunoi.conversations.actions import make_inbox
from caunoi.conversations.models import Receipt
from caunoi.events.actor import SYSTEM
from caunoi.jobs import direct
from caunoi.web.cti import DOOR
from caunoi.web.gateway import Gateway
from caunoi.web.intake import Intake

NEW = {"event": "newCall", "direction": "in", "from": "0900000001"}


@pytest.fixture
def exchange(town, transactional_db):
    """`exchange(body, …)` answers with statuses, in order; one event loop a call."""
    issue_key(Key.Use.CTI, "pbx", by=SYSTEM, secret="a-long-secret")

    def ask(*bodies, token="a-long-secret", method="POST", query=b"", parameters=None):
        async def run():
            intake = Intake(parameters or direct.parameters())
            cti = Gateway(DOOR, intake)
            found = await asyncio.gather(*(one(cti, body) for body in bodies))
            await intake.close()
            await cti.close()
            return found

        async def one(cti, body):
            parts = [{"type": "http.request", "body": body, "more_body": False}]
            sent = []

            async def receive():
                return parts.pop(0)

            async def send(message):
                sent.append(message)

            scope = {
                "path": f"/cti/{token}",
                "method": method,
                "query_string": query,
                "headers": [(b"content-type", b"application/json")],
            }
            await cti(scope, receive, send)
            assert sent[1]["body"] == b"{}"
            return sent[0]["status"]

        return asyncio.run(run())

    return ask


def told(**fields):
    return json.dumps(fields).encode()


def test_many_at_once_are_kept_each_once_and_become_calls(exchange):
    bodies = [told(**NEW, callId=str(n % 30)) for n in range(60)]
    assert exchange(*bodies) == [200] * 60
    assert Receipt.objects.count() == 30
    while tasks.read_receipts():
        pass
    assert Call.objects.count() == 30


def test_what_the_view_refuses_it_refuses_too(exchange):
    before = REGISTRY.get_sample_value("caunoi_cti_forged_total") or 0.0
    make_inbox("phone", "phone", secrets={"secret": "s"})
    assert exchange(told(**NEW, callId="1"), token="guessed") == [403]
    assert exchange(told(**NEW, callId="1")) == [403], "it must be signed"
    assert REGISTRY.get_sample_value("caunoi_cti_forged_total") == before + 2
    assert exchange(b"x" * 70_000) == [413] and exchange(b"", method="PUT") == [405]
    assert exchange(b"", method="GET") == [200]
    assert not Receipt.objects.exists()


def test_when_a_key_was_last_used_is_written_down_once_a_minute(exchange):
    assert exchange(*(told(**NEW, callId=str(n)) for n in range(3))) == [200] * 3
    first = Key.objects.get().used
    assert now() - timedelta(minutes=1) < first <= now()
    assert exchange(b"", method="GET") == [200] and Key.objects.get().used == first
    Key.objects.update(used=first - timedelta(minutes=2))
    assert exchange(b"", method="GET") == [200] and Key.objects.get().used > first


def test_whoever_cannot_sign_has_used_no_key(exchange):
    make_inbox("phone", "phone", secrets={"secret": "s"})
    assert exchange(told(**NEW, callId="1")) == [403] and exchange(b"", token="guessed") == [403]
    assert Key.objects.get().used is None


def test_a_revoked_key_is_known_to_be_so(exchange):
    (key,) = (key for key in every_key() if key.label == "pbx")
    revoke_key(key, by=SYSTEM)
    assert exchange(told(**NEW, callId="1")) == [403]


def test_what_makes_no_sense_is_kept_and_what_no_database_holds_is_made_to_fit(exchange):
    assert exchange(b"\xff\x00", b"[1]", b'{"callId": "\\u0000"}', told(event="?", callId="x" * 400)) == [200] * 4
    assert Receipt.objects.count() == 4


def test_without_a_database_or_a_table_nothing_is_acknowledged(exchange):
    assert exchange(told(**NEW, callId="1"), parameters={"host": "/nowhere", "dbname": "x", "user": "x"}) == [503]
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE conversations_receipt RENAME TO away")
    try:
        assert exchange(told(**NEW, callId="1")) == [503]
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE away RENAME TO conversations_receipt")
    assert exchange(told(**NEW, callId="1")) == [200] and Receipt.objects.count() == 1

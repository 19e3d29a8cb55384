"""/cti/<token>: what a cloud PBX tells is kept once, before it is acknowledged, and understood afterwards.

Proves: /cti on the event loop, many by one commit, same answers as the view"""

import hashlib
import hmac
import json
import re
import threading
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from prometheus_client import REGISTRY

from caunoi.accounts.actions import issue_key, revoke_key
from caunoi.accounts.models import Key
from caunoi.accounts.queries import every_key
from caunoi.calls import tasks
from caunoi.calls.models import Call, Presence
from caunoi.conversations.actions import make_inbox
from caunoi.conversations.models import Callback, Receipt
from caunoi.events.actor import SYSTEM
from tests.machines import Machine

EXAMPLES = Path(__file__).parents[1] / "telephony" / "requests"
PATH = "/cti/a-long-secret"


@pytest.fixture
def exchange(town: Any) -> Machine:
    issue_key(Key.Use.CTI, "pbx", by=SYSTEM, secret="a-long-secret")
    return Machine()


def tell(client: Machine, path: str = PATH, **fields: Any) -> int:
    return client.post(path, json.dumps(fields), content_type="application/json").status_code


def examples(connector: str) -> list[dict[str, Any]]:
    found = [json.loads(path.read_text("utf-8")) for path in sorted(EXAMPLES.glob("*.json"))]
    return [example for example in found if example["connector"] == connector]


@pytest.mark.parametrize("connector", ["webhook", "stringee", "voicecloud"])
def test_a_providers_requests_become_its_calls(exchange: Machine, connector: str) -> None:
    make_inbox("phone", "phone", connector=connector)
    expected = {}
    for example in examples(connector):
        expected |= {call["call_id"]: call for call in example["calls"]}
        for said in example["requests"] * 2:
            body = json.dumps(said["json"], ensure_ascii=False) if "json" in said else said.get("body", "")
            headers = {name: value for name, value in said["headers"].items() if name.lower() != "content-type"}
            kind = {name.lower(): value for name, value in said["headers"].items()}.get("content-type", "")
            answer = exchange.generic(
                said["method"], f"{PATH}?{said['query']}", body.encode(), content_type=kind, headers=headers
            )
            assert (answer.status_code, answer.content) == (200, b"{}")
    while tasks.read_receipts():
        pass
    assert {row.call_id: (row.direction, row.outcome) for row in Call.objects.all()} == {
        call_id: (call["direction"], call["outcome"]) for call_id, call in expected.items()
    }
    assert set(Receipt.objects.values_list("state", flat=True)) == {"read"}


def test_a_wrong_token_is_refused_counted_and_not_kept(exchange: Machine) -> None:
    before = REGISTRY.get_sample_value("caunoi_cti_forged_total") or 0
    assert tell(exchange, "/cti/guessed", event="newCall", callId="1") == 403
    assert REGISTRY.get_sample_value("caunoi_cti_forged_total") == before + 1
    revoke_key(every_key().get(label="pbx"), by=SYSTEM)
    assert tell(exchange, event="newCall", callId="1") == 403
    assert not Receipt.objects.exists()


def test_an_api_key_is_no_exchange(exchange: Machine, town: Any) -> None:
    issue_key(Key.Use.API, "lan", by=SYSTEM, user=town.users["lan"], secret="hers")
    assert tell(exchange, "/cti/hers", event="newCall", callId="1") == 403


def test_where_a_secret_is_set_up_only_a_signed_body_is_taken(exchange: Machine) -> None:
    make_inbox("phone", "phone", secrets={"secret": "s3cret"})
    body = json.dumps({"event": "newCall", "callId": "1", "direction": "in", "from": "0900000001"})
    good = "sha256=" + hmac.new(b"s3cret", body.encode(), hashlib.sha256).hexdigest()
    for signature, status in (("", 403), (good[:-1] + "x", 403), (good, 200)):
        headers = {"X-Signature": signature}
        assert exchange.post(PATH, body, content_type="application/json", headers=headers).status_code == status
    make_inbox("phone", "phone", secrets={"secret": "renewed"})
    tasks.read_receipts()  # checked when it came, not again when it is read
    assert Call.objects.get().phone == "+84900000001"


def test_a_receipts_id_is_the_providers_else_the_sha256_of_the_raw_body(exchange: Machine) -> None:
    for _ in range(2):
        assert tell(exchange, event="hold", callId="1", eventId="e-7") == 200
    body = '{"event": "hold",  "callId": "1"}'
    for _ in range(2):
        exchange.post(PATH, body, content_type="application/json")
    kept = list(Receipt.objects.order_by("id").values_list("external_id", flat=True))
    assert kept == ["e-7", hashlib.sha256(body.encode()).hexdigest()]


@pytest.mark.parametrize("once", ["x" * 250, "a\0b", "\ud800"])
def test_an_id_that_no_column_holds_is_kept_by_its_digest(exchange: Machine, once: str) -> None:
    for _ in range(2):
        assert tell(exchange, event="hold", callId="1", eventId=once) == 200
    assert re.fullmatch("sha256:[0-9a-f]{64}", Receipt.objects.get().external_id)


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff\xfe", b"\0", b'{"event": "dance", "callId": "1"}'])
def test_what_makes_no_sense_is_kept_and_listed_and_the_rest_goes_on(exchange: Machine, body: bytes) -> None:
    assert exchange.post(PATH, body, content_type="application/json").status_code == 200
    tell(exchange, event="newCall", callId="1", direction="in")
    tasks.read_receipts()
    assert list(Receipt.objects.order_by("id").values_list("state", flat=True)) == ["unreadable", "read"]
    assert Receipt.objects.get(state="unreadable").trouble
    assert Call.objects.count() == 1


def test_one_that_breaks_the_rows_is_put_aside_and_the_rest_of_its_batch_is_kept(exchange: Machine) -> None:
    for number in range(5):
        poison = "\0" if number == 2 else ""
        tell(exchange, event="newCall", callId=f"c{number}{poison}", direction="in")
    assert tasks.read_receipts() == 5
    assert list(Receipt.objects.order_by("id").values_list("state", flat=True)) == [
        "read",
        "read",
        "unreadable",
        "read",
        "read",
    ]
    assert Call.objects.count() == 4


def test_nothing_that_nobody_says_anything_with_is_kept(exchange: Machine) -> None:
    assert exchange.get(PATH).status_code == 200  # an administrator looks whether the address answers
    assert exchange.put(PATH).status_code == 405
    assert not Receipt.objects.exists()


def test_a_webhook_costs_one_statement(exchange: Machine, django_assert_num_queries: Any) -> None:
    tell(exchange, event="hold", callId="0")
    with django_assert_num_queries(1):
        assert tell(exchange, event="hold", callId="1") == 200


@pytest.mark.django_db(transaction=True)
def test_the_same_from_many_sides_at_once_is_one_receipt_and_one_call(exchange: Machine) -> None:
    def send() -> None:
        told.append(tell(Machine(), event="hangup", callId="1", direction="in", eventId="e", cause="cancel"))
        connection.close()

    told: list[int] = []
    tell(exchange, event="newCall", callId="1", direction="in", **{"from": "0900000001"})
    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    readers = [threading.Thread(target=lambda: (tasks.read_receipts(), connection.close())) for _ in range(3)]
    for thread in readers:
        thread.start()
    for thread in readers:
        thread.join()
    tasks.read_receipts()
    assert told == [200] * 6
    assert Receipt.objects.count() == 2
    assert Call.objects.get().outcome == "abandoned"


def test_a_missed_call_of_a_cloud_pbx_is_called_back(exchange: Machine, work: Any) -> None:
    for event in ({"event": "newCall"}, {"event": "hangup", "cause": "cancel"}):
        tell(exchange, callId="1", direction="in", **event, **{"from": "0900 000 001", "to": "1022"})
    tasks.read_receipts()
    work()
    assert Callback.objects.get().phone == "+84900000001"


def test_a_pause_pressed_on_the_providers_side_is_the_operators_break(exchange: Machine, town: Any) -> None:
    tell(exchange, event="presence", user=["lan"], state="paused", reason="ăn trưa")
    tasks.read_receipts()
    assert (Presence.objects.get().state, Presence.objects.get().reason) == ("break", "ăn trưa")


def test_each_of_two_exchanges_has_an_inbox_of_its_own(exchange: Machine) -> None:
    issue_key(Key.Use.CTI, "stringee", by=SYSTEM, secret="other")
    make_inbox("phone2", "phone", connector="stringee", cti_key="stringee")
    tell(exchange, event="newCall", callId="1", direction="in")
    tell(exchange, "/cti/other", call_status="started", call_id="2")
    assert dict(Receipt.objects.values_list("inbox__name", "state")) == {"phone": "waiting", "phone2": "waiting"}


def test_the_secret_in_the_address_stays_out_of_the_logs(exchange: Machine, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    tell(exchange, "/cti/guessed", event="newCall", callId="1")
    tell(exchange, event="dance", callId="1")
    assert "guessed" not in caplog.text and PATH.removeprefix("/cti/") not in caplog.text

"""Cloud PBXs: example requests by provider, and what their calls must come to."""

import hashlib
import hmac
import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_golden_calls import alike

from caunoi.cli.calls import row
from caunoi.telephony.calls import fold
from caunoi.telephony.connectors.base import Delivery, ForgedError, Request, UnreadableError, moment
from caunoi.telephony.connectors.registry import CONNECTORS
from caunoi.telephony.events import CallEvent, Device, MemberSeen

FILES = sorted((Path(__file__).parent / "requests").glob("*.json"))
NOW = datetime(2026, 8, 6, 1, tzinfo=UTC)


def request_of(said: dict[str, Any], secret: str = "") -> tuple[Request, datetime]:
    at = datetime.fromisoformat(said["at"])
    body = json.dumps(said["json"], ensure_ascii=False) if "json" in said else said.get("body", "")
    headers = dict(said["headers"])
    if secret:
        headers |= {"x-zorio-signature": sign(body.encode(), secret), "X-Zorio-Timestamp": f"{at.timestamp():.0f}"}
    return Request(method=said["method"], headers=headers, query=said["query"], body=body.encode()), at


def sign(body: bytes, secret: str) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def deliveries(example: dict[str, Any]) -> list[Delivery]:
    settings = example["settings"]
    made = [request_of(said, settings.get("secret", "")) for said in example["requests"]]
    return [read(example["connector"], request, settings, at) for request, at in made]


def calls(given: list[Delivery]) -> list[CallEvent]:
    return [event for delivery in given for event in delivery.events if isinstance(event, CallEvent)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_providers_requests_are_read_as_its_calls(path: Path) -> None:
    example = json.loads(path.read_text("utf-8"))
    given = deliveries(example)
    said = {call_id: row(call) for call_id, call in fold(calls(given)).items()}
    assert alike(said, {call["call_id"]: call for call in example["calls"]}), said
    assert len({delivery.id for delivery in given}) == len(given)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_requests_may_come_twice_and_in_any_order(path: Path) -> None:
    given = deliveries(json.loads(path.read_text("utf-8")))
    once = fold(calls(given))
    for seed in range(5):
        assert fold(calls(random.Random(seed).sample(given * 2, len(given) * 2))) == once


def test_every_connector_has_its_examples() -> None:
    assert {json.loads(path.read_text("utf-8"))["connector"] for path in FILES} == set(CONNECTORS)


def read(key: str, request: Request, settings: dict[str, str], at: datetime) -> Delivery:
    """Checked, and then translated."""
    CONNECTORS[key].check(request, settings, at)
    return CONNECTORS[key].translate(request, at)


def webhook(body: str, secret: str = "", **headers: str) -> Delivery:
    request = Request(method="POST", headers=headers, query="", body=body.encode())
    return read("webhook", request, {"secret": secret}, NOW)


def test_with_a_secret_only_a_signed_body_is_taken() -> None:
    body = '{"event": "hold", "callId": "a", "eventId": "e7"}'
    signed = {"X-Signature": sign(body.encode(), "s3cret")}
    assert webhook(body, "s3cret", **signed).id == "e7"
    for wrong in ({}, {"X-Signature": ""}, {"X-Signature": sign(body.encode(), "other")}, {"X-Signature": "sha256=đ"}):
        with pytest.raises(ForgedError):
            webhook(body, "s3cret", **wrong)
    with pytest.raises(ForgedError):
        webhook(body + " ", "s3cret", **signed)


def test_zorio_takes_nothing_unsigned_or_replayed_later() -> None:
    example = json.loads((FILES[0].parent / "zorio_missed.json").read_text("utf-8"))
    request, at = request_of(example["requests"][0], "32-letters")
    assert read("zorio", request, {"secret": "32-letters"}, at + timedelta(seconds=299)).events
    with pytest.raises(ForgedError):
        read("zorio", request, {"secret": "32-letters"}, at + timedelta(seconds=301))
    with pytest.raises(ForgedError):
        read("zorio", request, {"secret": "another"}, at)
    with pytest.raises(ForgedError):
        read("zorio", Request(method="POST", headers={}, query="", body=request.body), {"secret": "32-letters"}, at)


def test_a_delivery_without_an_id_is_known_by_its_bytes() -> None:
    body = '{"event": "hold", "callId": "a"}'
    assert webhook(body).id == webhook(body).id != webhook(body.replace('"a"', '"b"')).id


def test_presence_is_told_like_a_queue_members() -> None:
    (seen,) = webhook('{"event":"presence","user":["lan"],"state":"paused","reason":"ăn trưa"}').events
    assert isinstance(seen, MemberSeen)
    assert (seen.member, seen.joined, seen.paused, seen.reason) == ("lan", True, True, "ăn trưa")
    (seen,) = webhook('{"event":"presence","user":["lan"],"state":"unreachable"}').events
    assert isinstance(seen, MemberSeen) and seen.device is Device.UNREACHABLE and not seen.paused


@pytest.mark.parametrize(
    "body", ["", "[]", "{", '{"event":"newCall"}', '{"event":"dance","callId":"1"}', "\0", '{"callId":{"a":1}}']
)
def test_what_makes_no_sense_is_unreadable(body: str) -> None:
    with pytest.raises(UnreadableError):
        webhook(body)


@given(
    st.binary(max_size=200), st.sampled_from(sorted(CONNECTORS)), st.sampled_from(["application/json", "text/plain"])
)
def test_no_body_breaks_a_connector(body: bytes, key: str, kind: str) -> None:
    headers = {"Content-Type": kind, "X-Zorio-Signature": sign(body, "s"), "X-Zorio-Timestamp": f"{NOW.timestamp()}"}
    request = Request(method="POST", headers=headers, query="callid=1&event=hold&callId=2", body=body)
    try:
        read(key, request, {"secret": "s"} if key == "zorio" else {}, NOW)
    except UnreadableError:
        pass


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**14), 10**14) | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
KEYS = [
    "event",
    "callId",
    "user",
    "occurredAt",
    "call_status",
    "timestamp_ms",
    "from",
    "to",
    "callid",
    "data",
    "status",
]
WORDS = st.sampled_from(["newCall", "answer", "hangup", "ring", "presence", "started", "answered", "ended", "ABANDON"])


@given(st.dictionaries(st.sampled_from(KEYS), JSON | WORDS, max_size=8), st.sampled_from(sorted(CONNECTORS)))
def test_no_shape_of_json_breaks_a_connector(fields: dict[str, Any], key: str) -> None:
    body = json.dumps({"event": "pbx.call.hangup", "call_id": "1", **fields}).encode()
    headers = {"X-Zorio-Signature": sign(body, "s"), "X-Zorio-Timestamp": f"{NOW.timestamp()}"}
    request = Request(method="POST", headers=headers, query="", body=body)
    try:
        delivery = read(key, request, {"secret": "s"} if key == "zorio" else {}, NOW)
    except UnreadableError:
        return
    for call in fold(calls([delivery])).values():
        row(call)


def test_times_are_read_as_providers_write_them_and_are_vietnamese_where_they_name_no_zone() -> None:
    moments = ("2026-08-06T08:00:00+07:00", "2026-08-06T01:00:00Z", "2026-08-06 08:00:00", 1785978000, 1785978000000)
    assert {moment(value, NOW + timedelta(days=1)) for value in moments} == {NOW}
    assert moment("yesterday", NOW) == moment(None, NOW) == moment(1e30, NOW) == NOW

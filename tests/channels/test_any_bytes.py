"""Whatever bytes a provider signs: they are kept, and read or listed; nothing else is raised."""

import hmac
import json
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_contract import CALLS, account, of_kind, said

from caunoi.channels.base import ForgedError, Request, UnreadableError
from caunoi.channels.registry import channels

HOOKS = ["facebook", "sms", "zalo"]
BOXES = {key: account(CALLS / key / "forged.json") for key in HOOKS}
TIMES = ("0", "1764036000000", "", "-1", "9" * 30)


def signed(key: str, body: bytes) -> list[Request]:
    """The body as the provider would sign it; Zalo's timestamp may be any that stands in it."""
    secrets = BOXES[key].secrets
    if key == "zalo":
        macs = [sha256(b"1022" + body + at.encode() + secrets["oa_secret"].encode()).hexdigest() for at in TIMES]
        return [Request(headers={"x-zevent-signature": f"mac={mac}"}, body=body) for mac in macs]
    if key == "facebook":
        mac = hmac.digest(secrets["app_secret"].encode(), body, "sha256").hex()
        return [Request(headers={"x-hub-signature-256": f"sha256={mac}"}, body=body)]
    return [
        Request(headers={"x-secret": secrets["hook_secret"], "content-type": kind}, body=body)
        for kind in ("application/json", "application/x-www-form-urlencoded", "text/plain")
    ]


def texts(value):
    """Every text in it, keys too."""
    if isinstance(value, dict):
        return [text for key, each in value.items() for text in [key, *texts(each)]]
    if isinstance(value, list):
        return [text for each in value for text in texts(each)]
    return [value] if isinstance(value, str) else []


def survives(key: str, body: bytes) -> None:
    adapter, box = channels()[key], BOXES[key]
    for request in signed(key, body):
        try:
            parcels = adapter.receive(request, box)
        except ForgedError:
            continue
        for parcel in parcels:
            assert 0 < len(parcel.external_id) <= 200
            kept = json.dumps(parcel.raw, allow_nan=False)
            assert all("\0" not in text and text.encode() is not None for text in texts(parcel.raw))
            try:
                found = adapter.read(json.loads(kept), box)
            except UnreadableError:
                continue
            for one in found:
                assert one.at.tzinfo and len(one.sender) <= 200 and len(one.external_id) <= 200
                assert len(one.refers) <= 200 and len(one.thread) <= 200 and "\0" not in one.text


@pytest.mark.parametrize("key", HOOKS)
@given(body=st.binary(max_size=300))
def test_any_bytes(key, body):
    survives(key, body)


ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**25), 10**25),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from([*TIMES, "\0", "\ud800", "x" * 500, "123_456", "https://[", "nan", "1e999"]),
)
VALUES = st.recursive(
    ODD, lambda each: st.lists(each, max_size=3) | st.dictionaries(st.text(max_size=8), each, max_size=3)
)


def broken(value, draw):
    """A real event with something else in some places."""
    if draw(st.integers(0, 9)) == 0:
        return draw(VALUES)
    if isinstance(value, dict):
        return {key: broken(each, draw) for key, each in value.items() if draw(st.integers(0, 19))}
    return [broken(each, draw) for each in value] if isinstance(value, list) else value


REAL = {
    key: [
        json.loads(said(path)["request"]["body"])
        for path in of_kind("request")
        if path.parent.name == key and said(path)["request"].get("body", "x")[0] in "{["
    ]
    for key in HOOKS
}


@pytest.mark.parametrize("key", HOOKS)
@given(data=st.data())
def test_any_value_in_any_place_of_a_real_event(key, data):
    event = broken(data.draw(st.sampled_from(REAL[key])), data.draw)
    survives(key, json.dumps(event).encode())


@pytest.mark.parametrize("key", HOOKS)
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b"1" * 10_000,
        b"NaN",
        b'{"a": 1e999}',
        b'"\\ud800"',
        b"\xff\xfe{\x00}\x00",
        b'{"event_name":"user_send_text","timestamp":"0","message":"\\u0000"}',
        "{".encode("utf-16"),
    ],
)
def test_known_horrors(key, body):
    survives(key, body)

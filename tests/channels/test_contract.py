"""Each channel understands its provider's recorded calls and answers in the provider's words.

`calls/<key>/account.json` is the inbox; every other file there is one call, of one of three kinds. (`calls/` of a
channel that is no part of the product stands beside its file.)
  request   what the provider sends us, and what it must amount to: answer | parcels, inbound | unreadable | raises
  blob      a file beside it (a mail), and what reading it must amount to: inbound | unreadable
  outbound  what we say, how it must be asked of the provider, what that replies, and what it means: sent | raises
Values that are expected are compared field by field; a field that is not named may be anything.

Proves: Zalo, Facebook, SMS: signatures, windows, template → SMS → call-back, token pair by one process
Proves: a channel is one file: no enum, no second list; a scale of quality, checked and drawn into docs/channels.md
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, is_dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest
import time_machine

from caunoi.channels import adapters, base
from caunoi.channels.base import (
    Account,
    Channel,
    DeliveryError,
    ForgedError,
    Outbound,
    Request,
    UnreadableError,
    Window,
)
from caunoi.channels.registry import channels

CALLS = Path(__file__).parent / "calls"
FOLDERS = [CALLS, *(Path(folder) / "calls" for folder in adapters.__path__)]
FILES = sorted(path for folder in FOLDERS for path in folder.glob("*/*.json") if path.stem != "account")
NO_NETWORK = httpx.Client(transport=httpx.MockTransport(lambda request: httpx.Response(599)))


def said(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text("utf-8"))


def account(path: Path, http: httpx.Client = NO_NETWORK) -> Account:
    """The channel's inbox, with what this call changes in it."""
    own, call = path.parent / "account.json", said(path)
    inbox = said(own) if own.exists() else {}
    both = {part: {**inbox.get(part, {}), **call.get(part, {})} for part in ("config", "secrets")}
    return Account(name="demo", http=http, **both)


def request(call: Mapping[str, Any]) -> Request:
    asked = call["request"]
    return Request(
        method=asked.get("method", "POST"),
        query=asked.get("query", {}),
        headers=asked.get("headers", {}),
        body=asked.get("body", "").encode(),
    )


def of_kind(kind: str) -> list[Path]:
    return [path for path in FILES if kind in said(path)]


def named(path: Path) -> str:
    return f"{path.parent.name}-{path.stem}"


def plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if isinstance(value, Mapping):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, datetime):
        return value.isoformat()
    return [plain(each) for each in value] if isinstance(value, Sequence) and not isinstance(value, str) else value


def amounts(found: Any, wanted: Any) -> None:
    """What was found is what was wanted, as far as that says."""
    if isinstance(wanted, Mapping) and isinstance(found, Mapping):
        assert set(wanted) <= set(found), wanted
        for key, each in wanted.items():
            amounts(found[key], each)
    elif isinstance(wanted, list) and isinstance(found, list):
        assert len(found) == len(wanted), found
        for one, other in zip(found, wanted, strict=True):
            amounts(one, other)
    else:
        assert found == wanted


def understands(
    adapter: Channel, raws: Sequence[tuple[Any, bytes | None]], call: Mapping[str, Any], box: Account
) -> None:
    if "unreadable" in call:
        with pytest.raises(UnreadableError, match=call["unreadable"]):
            [adapter.read(raw, box, blob) for raw, blob in raws]
    else:
        found = [inbound for raw, blob in raws for inbound in adapter.read(raw, box, blob)]
        amounts(plain(found), call["inbound"])


@pytest.mark.parametrize("key", [key for key, one in channels().items() if one.reads or one.sends])
def test_a_channel_has_recorded_calls(key):
    assert any(path.parent.name == key for path in FILES), f"record calls of {key} in {CALLS / key}"


@pytest.mark.parametrize("path", of_kind("request"), ids=named)
def test_a_call_is_understood(path):
    call, box, adapter = said(path), account(path), channels()[path.parent.name]
    asked = request(call)
    if raises := call.get("raises"):
        with pytest.raises(getattr(base, raises)):
            adapter.answer(asked, box) or adapter.receive(asked, box)
        return
    answered = adapter.answer(asked, box)
    assert (answered is None) == ("answer" not in call)
    if answered:
        amounts(plain(answered), call["answer"])
        return
    parcels = adapter.receive(asked, box)
    if "parcels" in call:
        assert [parcel.external_id for parcel in parcels] == call["parcels"]
    raws = [(json.loads(json.dumps(parcel.raw)), parcel.blob) for parcel in parcels]
    understands(adapter, raws, call, box)


@pytest.mark.parametrize("path", of_kind("blob"), ids=named)
def test_a_file_is_understood(path):
    call = said(path)
    raws = [(call.get("raw"), (path.parent / call["blob"]).read_bytes())]
    understands(channels()[path.parent.name], raws, call, account(path))


@pytest.mark.parametrize("path", of_kind("outbound"), ids=named)
def test_an_answer_is_said_in_the_providers_words(path):
    call, adapter, asked = said(path), channels()[path.parent.name], []

    def provider(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        reply = call["reply"]
        return httpx.Response(reply["status"], headers=reply["headers"], content=reply["body"].encode())

    with httpx.Client(transport=httpx.MockTransport(provider)) as http:
        box = account(path, http)
        outbound = Outbound(**{**call["outbound"], "window": Window(call["outbound"].get("window", "free"))})
        if raises := call.get("raises"):
            with pytest.raises(DeliveryError) as caught:
                adapter.send(outbound, box)
            assert type(caught.value).__name__ == raises
            amounts(
                {name: getattr(caught.value, name) for name in ("retry", "wait", "code")},
                {name: call[name] for name in ("retry", "wait", "code") if name in call},
            )
            assert not [s for s in box.secrets.values() if s in str(caught.value)], "a secret is shown"
        else:
            assert adapter.send(outbound, box).external_id == call["sent"]
    if call["expects"] is None:
        assert not asked
        return
    (got,) = asked
    wanted = call["expects"]
    assert (got.method, str(got.url)) == (wanted["method"], wanted["url"])
    amounts(dict(got.headers), wanted.get("headers", {}))
    body = got.content.decode()
    assert "json" not in wanted or json.loads(body) == wanted["json"]
    assert "form" not in wanted or dict(parse_qsl(body)) == wanted["form"]
    assert all(part in body for part in wanted.get("contains", ()))


SIGNED = [
    path
    for path in of_kind("request")
    if said(path).get("signed", True) and {"inbound", "unreadable"} & set(said(path))
]


@pytest.mark.parametrize("path", SIGNED, ids=named)
def test_one_changed_byte_is_a_forgery(path):
    adapter, box, asked = channels()[path.parent.name], account(path), request(said(path))
    for at in (0, len(asked.body) // 3, len(asked.body) // 2, len(asked.body) - 1):
        body = bytearray(asked.body)
        body[at] ^= 1
        with pytest.raises(ForgedError):
            adapter.receive(Request(headers=asked.headers, body=bytes(body)), box)
    for secret in ("", "another"):
        other = Account(name="demo", config=box.config, secrets=dict.fromkeys(box.secrets, secret), http=NO_NETWORK)
        with pytest.raises(ForgedError):
            adapter.receive(asked, other)
    with pytest.raises(ForgedError):
        adapter.receive(Request(body=asked.body), box)


@pytest.mark.parametrize("path", SIGNED, ids=named)
def test_a_call_that_comes_again_days_later_has_the_same_name(path):
    adapter, box, asked = channels()[path.parent.name], account(path), request(said(path))
    first = [parcel.external_id for parcel in adapter.receive(asked, box)]
    with time_machine.travel(datetime.now(UTC) + timedelta(days=5)):
        assert [parcel.external_id for parcel in adapter.receive(asked, box)] == first
    assert len(set(first)) == len(first) and all(0 < len(name) <= 200 for name in first)

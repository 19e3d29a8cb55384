"""One harness for each reader of the bytes of strangers: it returns, or lets out what that reader may not raise.

`tools/fuzz.py` looks for bytes that make one fail; tests/fuzz/test_corpus.py replays those that are kept.
Open311's form needs a database: tests/api/test_generated.py makes its cases.
"""

import hmac
import json
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import httpx

from caunoi.channels.base import Account, ForgedError, Request, UnreadableError
from caunoi.channels.mail import reading
from caunoi.channels.registry import channels
from caunoi.files.pictures import BadPictureError
from caunoi.files.pictures import read as read_picture
from caunoi.lib.crypto.timestamps import StampError, token, verify
from caunoi.lib.numbers.phone import parse as parse_phone
from caunoi.lib.places.address import resolve
from caunoi.lib.privacy.redact import public
from caunoi.lib.tables.sheets import BadSheetError, lines
from caunoi.telephony.ami import parse as parse_packet
from caunoi.telephony.connectors.base import ForgedError as ForgedCallError
from caunoi.telephony.connectors.base import Request as Delivered
from caunoi.telephony.connectors.base import UnreadableError as UnreadableCallError
from caunoi.telephony.connectors.registry import CONNECTORS

CALLS = Path(__file__).parents[1] / "channels" / "calls"
RECEIVED = datetime(2026, 11, 29, 1, tzinfo=UTC)
LONGEST = 10_000  # characters of a report


def _refuse(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("a fuzzer has no network")


NO_NETWORK = httpx.Client(transport=httpx.MockTransport(_refuse))


def _account(channel: str) -> Account:
    inbox = json.loads((CALLS / channel / "account.json").read_text())
    return Account(name="fuzz", http=NO_NETWORK, config=inbox.get("config", {}), secrets=inbox.get("secrets", {}))


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")[:LONGEST]


def _hook(channel: str, sign: Callable[[bytes, Account], dict[str, str]]) -> Callable[[bytes], None]:
    adapter, box = channels()[channel], _account(channel)

    def harness(data: bytes) -> None:
        try:
            parcels = list(adapter.receive(Request(headers=sign(data, box), body=data), box))
        except ForgedError:
            return
        for parcel in parcels:
            raw = json.loads(json.dumps(parcel.raw, allow_nan=False))
            try:
                inbound = list(adapter.read(raw, box))
            except UnreadableError:
                continue
            for one in inbound:
                assert "\0" not in one.text and len(one.sender) <= 200 and len(one.external_id) <= 200

    return harness


def _zalo(body: bytes, box: Account) -> dict[str, str]:
    try:
        at = str(json.loads(body)["timestamp"])
    except (ValueError, KeyError, TypeError, RecursionError):
        at = ""
    signed = str(box.config.get("app_id", "1022")).encode() + body + at.encode("utf-8", "replace")
    return {"x-zevent-signature": "mac=" + sha256(signed + box.secrets["oa_secret"].encode()).hexdigest()}


def _facebook(body: bytes, box: Account) -> dict[str, str]:
    return {"x-hub-signature-256": "sha256=" + hmac.digest(box.secrets["app_secret"].encode(), body, "sha256").hex()}


def _sms(body: bytes, box: Account) -> dict[str, str]:
    kind = "application/json" if body.lstrip().startswith(b"{") else "application/x-www-form-urlencoded"
    return {"x-secret": box.secrets["hook_secret"], "content-type": kind}


def mail(data: bytes) -> None:
    try:
        inbound = list(reading.read({"uid": 7, "received": "2026-11-25T03:00:00+00:00"}, data, {}))
    except UnreadableError:
        return
    for one in inbound:
        assert "\0" not in one.text and one.text.encode("utf-8") is not None


def sheet(data: bytes) -> None:
    """As a workbook where the bytes begin like one, else as text."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / ("list.xlsx" if data.startswith(b"PK") else "list.csv")
        path.write_bytes(data)
        try:
            for _number, _line in zip(range(1000), lines(path), strict=False):
                pass
        except BadSheetError:
            pass


def picture(data: bytes) -> None:
    try:
        read_picture(data)
    except BadPictureError:
        pass


def packet(data: bytes) -> None:
    parse_packet(data.decode("utf-8", "replace"))


def address(data: bytes) -> None:
    resolve(_text(data))


def redact(data: bytes) -> None:
    text = _text(data)
    assert isinstance(public(text), str)


def phone(data: bytes) -> None:
    parse_phone(_text(data))


def cloud(data: bytes) -> None:
    """Each connector: the first line is the query, what follows the body."""
    query, _, body = data.partition(b"\n")
    kind = "application/json" if body.lstrip().startswith((b"{", b"[")) else "application/x-www-form-urlencoded"
    for connector in CONNECTORS.values():
        request = Delivered(method="POST", headers={"Content-Type": kind}, query=_text(query), body=body)
        try:
            connector.check(request, {"secret": "s"}, RECEIVED)
        except ForgedCallError:
            pass
        try:
            connector.translate(request, RECEIVED)
        except UnreadableCallError:
            pass


def stamp(data: bytes) -> None:
    try:
        verify(token(data), sha256(b"a head").digest(), "")
    except StampError:
        pass


HARNESSES: dict[str, Callable[[bytes], None]] = {
    "zalo": _hook("zalo", _zalo),
    "facebook": _hook("facebook", _facebook),
    "sms": _hook("sms", _sms),
    "mail": mail,
    "sheet": sheet,
    "picture": picture,
    "ami": packet,
    "cti": cloud,
    "stamp": stamp,
    "address": address,
    "redact": redact,
    "phone": phone,
}

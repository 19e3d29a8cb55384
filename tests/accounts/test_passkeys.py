"""Passkeys as a device makes them, and as an attacker would like to.

Proves: passkeys: origin, host, challenge, user verification, copies, closed accounts"""

import json
from dataclasses import dataclass, field
from hashlib import sha256
from types import SimpleNamespace
from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import bytes_to_base64url as text

from caunoi.accounts import passkeys
from caunoi.accounts.models import Passkey, User
from caunoi.accounts.passkeys import WrongPasskeyError

HOST, ORIGIN = "1022.example.vn", "https://1022.example.vn"


@dataclass
class Device:
    """An authenticator in software."""

    count: int = 0
    verified: bool = True
    host: str = HOST
    origin: str = ORIGIN
    key: Any = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    id: bytes = b"\x01" * 16

    def _client(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": f"webauthn.{kind}", "challenge": challenge, "origin": self.origin}).encode()

    def _data(self, extra: bytes = b"") -> bytes:
        self.count += 1
        flags = 1 | (4 if self.verified else 0) | (64 if extra else 0)
        return sha256(self.host.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big") + extra

    def create(self, challenge: str) -> str:
        point = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}
        data = self._data(bytes(16) + len(self.id).to_bytes(2, "big") + self.id + cbor2.dumps(cose))
        response = {
            "clientDataJSON": text(self._client("create", challenge)),
            "attestationObject": text(cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})),
        }
        return json.dumps({"id": text(self.id), "rawId": text(self.id), "type": "public-key", "response": response})

    def get(self, challenge: str) -> str:
        client, data = self._client("get", challenge), self._data()
        response = {
            "clientDataJSON": text(client),
            "authenticatorData": text(data),
            "signature": text(self.key.sign(data + sha256(client).digest(), ec.ECDSA(SHA256()))),
        }
        return json.dumps({"id": text(self.id), "rawId": text(self.id), "type": "public-key", "response": response})


def add(user: User, device: Device) -> Passkey:
    options, challenge = passkeys.creation(user, HOST, "1022")
    answer = device.create(challenge)
    handle = options["user"]["id"]
    return passkeys.add(user, answer, challenge=challenge, host=HOST, origins=[ORIGIN], handle=handle, name="x")


def show(device: Device, challenge: str = "") -> User:
    asked = passkeys.request(None, HOST)[1]
    return passkeys.owner(device.get(challenge or asked), challenge=asked, host=HOST, origins=[ORIGIN])


def test_a_device_signs_its_owner_in(town: SimpleNamespace) -> None:
    device, quan = Device(), town.users["quan"]
    row = add(quan, device)
    assert quan.username.encode().hex() not in row.handle and len(row.handle) >= 40, "the handle says nothing of them"
    assert show(device) == quan and show(device) == quan
    row.refresh_from_db()
    assert (row.sign_count, row.used is not None) == (device.count, True)
    options, _challenge = passkeys.creation(quan, HOST, "1022")
    assert options["user"]["id"] == row.handle and options["excludeCredentials"][0]["id"] == row.credential
    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert passkeys.usable(quan, HOST) and not passkeys.usable(quan, "other.example.vn")


@pytest.mark.parametrize(
    "wrong",
    [
        {"origin": "https://1022.example.vn.evil.example"},
        {"origin": "http://1022.example.vn"},
        {"host": "evil.example"},
        {"verified": False},
        {"id": b"\x02" * 16},
        {"key": ec.generate_private_key(ec.SECP256R1())},
    ],
    ids=" ".join,
)
def test_another_site_device_or_nobody_at_it_is_refused(town: SimpleNamespace, wrong: dict[str, Any]) -> None:
    device = Device()
    add(town.users["quan"], device)
    for name, value in wrong.items():
        setattr(device, name, value)
    with pytest.raises(WrongPasskeyError):
        show(device)


def test_an_answer_to_another_challenge_and_a_copy_of_the_key_are_refused(town: SimpleNamespace) -> None:
    device = Device()
    add(town.users["quan"], device)
    with pytest.raises(WrongPasskeyError):
        show(device, challenge=passkeys.request(None, HOST)[1])
    show(device)
    copy = Device(key=device.key, count=device.count - 2)
    with pytest.raises(WrongPasskeyError):
        show(copy)


def test_a_closed_account_and_one_that_was_opened_for_the_demo_stay_out(town: SimpleNamespace) -> None:
    device, quan = Device(), town.users["quan"]
    add(quan, device)
    User.objects.filter(pk=quan.pk).update(demo=True)
    with pytest.raises(WrongPasskeyError):
        show(device)
    User.objects.filter(pk=quan.pk).update(demo=False, is_active=False)
    with pytest.raises(WrongPasskeyError):
        show(device)


def test_a_key_belongs_to_one_person_and_is_made_with_its_owner_there(town: SimpleNamespace) -> None:
    device = Device()
    add(town.users["quan"], device)
    for user in (town.users["quan"], town.users["tam"]):
        with pytest.raises(WrongPasskeyError):
            add(user, device)
    with pytest.raises(WrongPasskeyError):
        add(town.users["tam"], Device(verified=False, id=b"\x05" * 16))
    with pytest.raises(WrongPasskeyError):
        add(town.users["tam"], Device(origin="https://evil.example", id=b"\x05" * 16))
    assert Passkey.objects.count() == 1


@pytest.mark.parametrize("answer", ["", "null", "[]", "{}", '{"id": []}', '{"id": "AQ", "rawId": "!", "response": 1}'])
def test_what_is_no_answer_is_refused_calmly(town: SimpleNamespace, answer: str) -> None:
    row = add(town.users["quan"], Device(id=b"\x01"))
    assert row.credential == "AQ"
    challenge = passkeys.request(None, HOST)[1]
    with pytest.raises(WrongPasskeyError):
        passkeys.owner(answer, challenge=challenge, host=HOST, origins=[ORIGIN])
    with pytest.raises(WrongPasskeyError):
        passkeys.add(town.users["tam"], answer, challenge=challenge, host=HOST, origins=[ORIGIN], handle="AA", name="x")


def test_sites_without_a_name_have_no_passkeys() -> None:
    for host in ("127.0.0.1", "10.0.0.5", "::1", "[::1]", ""):
        assert not passkeys.can_have(host), host
    assert passkeys.can_have("localhost") and passkeys.can_have("1022.dongthap.gov.vn")

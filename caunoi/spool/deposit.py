"""A report that was handed in while there was no primary, as it lies in the store: sealed by the installation's secret
key, which every host has at hand without the database."""

import hmac
import json
from base64 import b64decode, b64encode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from caunoi.lib.crypto import envelope
from caunoi.lib.crypto.envelope import SealError
from caunoi.vault.signing import secret_keys


@dataclass(frozen=True, kw_only=True)
class Deposit:
    """`token` is the secret by which its state is asked for; `once` makes a second sending of it the same ticket;
    `data` holds the fields as they were typed, `raw` what came in. `key`: the app's that sent it. `draft` and
    `browser`: the report that was begun in the usual form, and the secret of the browser in which."""

    token: str
    once: str
    at: datetime
    channel: str
    data: Mapping[str, Any]
    raw: Mapping[str, Any] = field(default_factory=dict)
    photos: Sequence[bytes] = ()
    key: int | None = None
    draft: str = ""
    browser: str = ""

    def to_bytes(self) -> bytes:
        plain = {**vars(self), "at": self.at.isoformat(), "photos": [b64encode(one).decode() for one in self.photos]}
        return json.dumps(plain, ensure_ascii=False).encode("utf-8", "replace")

    @classmethod
    def from_bytes(cls, data: bytes) -> "Deposit":
        """ValueError, KeyError, TypeError for what is no deposit."""
        plain = json.loads(data)
        at, photos = datetime.fromisoformat(plain.pop("at")), [b64decode(one) for one in plain.pop("photos")]
        return cls(at=at, photos=photos, **plain)


def token_of(once: str) -> str:
    """The token of what is sent with this `once`, the same each time; only we can make it."""
    return urlsafe_b64encode(hmac.digest(_key(secret_keys()[0]), once.encode(), "sha256")[:18]).decode()


def _key(secret: str) -> bytes:
    return HKDF(SHA256(), envelope.KEY, salt=None, info=b"caunoi.spool").derive(secret.encode())


def seal(plain: bytes, place: str) -> bytes:
    """Sealed for one place in the store, by the secret key of the moment."""
    return envelope.seal(plain, _key(secret_keys()[0]), 0, place)


def open_(sealed: bytes, place: str) -> bytes:
    """What any of the secret keys sealed that are still accepted. SealError."""
    for secret in secret_keys():
        try:
            return envelope.open_(sealed, _key(secret), place)
        except SealError as error:
            wrong = error
    raise wrong

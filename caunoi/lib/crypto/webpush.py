"""Web Push: a message sealed so that only one browser can read it (RFC 8291, RFC 8188), and who sends it (VAPID, RFC
8292)."""

import base64
import json
import os
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

CURVE = ec.SECP256R1()
RECORD = 4096  # bytes, with its seal
MOST = RECORD - 17 - 86  # bytes of a message
LIFE = timedelta(hours=12)


_BLOCK = re.compile("-----BEGIN [A-Z ]+-----.*?-----END [A-Z ]+-----\n?", re.DOTALL)


def new_key() -> str:
    """A key by which push services know us (VAPID), as PEM."""
    return ec.generate_private_key(CURVE).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def blocks(text: str) -> list[str]:
    """The keys of a file, PEM each."""
    return _BLOCK.findall(text)


def read_keys(text: str) -> list[ec.EllipticCurvePrivateKey]:
    """The keys of a file, the one in use first. ValueError when it holds none, or others than of P-256."""
    result = [load_pem_private_key(block.encode(), None) for block in blocks(text)]
    keys = [key for key in result if isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.name == CURVE.name]
    if not result or len(keys) != len(result):
        raise ValueError("push_key.pem: each key must be a P-256 key")
    return keys


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    """ValueError for anything else than base64url."""
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def public(key: ec.EllipticCurvePrivateKey) -> bytes:
    """The public half as browsers want it: an uncompressed point, 65 bytes."""
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def point(p256dh: str) -> ec.EllipticCurvePublicKey:
    """A browser's public key. ValueError for an invalid one."""
    return ec.EllipticCurvePublicKey.from_encoded_point(CURVE, unb64(p256dh))


def _expand(salt: bytes, secret: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=length, salt=salt, info=info).derive(secret)


def seal(
    message: bytes,
    p256dh: str,
    auth: str,
    *,
    key: Callable[[], ec.EllipticCurvePrivateKey] = lambda: ec.generate_private_key(CURVE),
    salt: Callable[[], bytes] = lambda: os.urandom(16),
) -> bytes:
    """The body of a push (Content-Encoding: aes128gcm) for a subscription's keys. ValueError for a message that is too
    long, or keys that are none."""
    if len(message) > MOST:
        raise ValueError(f"a push holds at most {MOST} bytes")
    secret, theirs, ours, grain = unb64(auth), point(p256dh), key(), salt()
    if len(secret) != 16:
        raise ValueError("auth must be 16 bytes")
    shared = ours.exchange(ec.ECDH(), theirs)
    info = b"WebPush: info\0" + unb64(p256dh) + public(ours)
    material = _expand(secret, shared, info, 32)
    content = _expand(grain, material, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _expand(grain, material, b"Content-Encoding: nonce\0", 12)
    sealed = AESGCM(content).encrypt(nonce, message + b"\x02", None)
    return grain + RECORD.to_bytes(4, "big") + bytes([65]) + public(ours) + sealed


def vapid(endpoint: str, key: ec.EllipticCurvePrivateKey, subject: str, at: datetime) -> str:
    """The Authorization header for an endpoint's push service; `subject` is a mailto: or https: address of ours."""
    place = urlsplit(endpoint)
    claims = {"aud": f"{place.scheme}://{place.netloc}", "exp": int((at + LIFE).timestamp()), "sub": subject}
    parts = [json.dumps(part, separators=(",", ":")).encode() for part in ({"typ": "JWT", "alg": "ES256"}, claims)]
    signing_input = ".".join(b64(part) for part in parts)
    r, s = decode_dss_signature(key.sign(signing_input.encode(), ec.ECDSA(hashes.SHA256())))
    return f"vapid t={signing_input}.{b64(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}, k={b64(public(key))}"

"""Facebook's data deletion callback: somebody removes our app and asks that what we have of them is deleted. A form
with one field, `signed_request`: the signature, a dot, and JSON, both in base64url (developers.facebook.com, Data
Deletion Request Callback)."""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs

from caunoi.channels import wire
from caunoi.channels.base import Does, ForgedError, Inbound, Request, UnreadableError

FORM = "application/x-www-form-urlencoded"
ALGORITHM = "HMAC-SHA256"


def demanded(request: Request, secret: str) -> Mapping[str, Any] | None:
    """{user_id, issued_at} of a call that asks for a deletion; None for any other. ForgedError."""
    if not request.headers.get("content-type", "").lower().startswith(FORM):
        return None
    words = parse_qs(request.body.decode("utf-8", "replace")).get("signed_request", [""])[0]
    signature, dot, payload = words.partition(".")
    if not dot:
        return None
    if not secret or not wire.same(_base64(hmac.digest(secret.encode(), payload.encode(), "sha256")), signature):
        raise ForgedError("wrong signature of a signed request")
    try:
        claims = wire.mapping(wire.parsed(urlsafe_b64decode(payload + "=" * (-len(payload) % 4))))
    except (ValueError, UnreadableError) as error:
        raise ForgedError("a signed request that is no JSON") from error
    if wire.text(claims.get("algorithm")).upper() != ALGORITHM or not wire.short(claims, "user_id"):
        raise ForgedError("a signed request of another kind")
    return {"user_id": wire.short(claims, "user_id"), "issued_at": wire.text(claims.get("issued_at"))}


def deletion_code(deletion: Mapping[str, Any], secret: str) -> str:
    """By which they find their request again: the same whenever the call comes again, and no guess for a stranger."""
    words = f"deletion {deletion.get('user_id')} {deletion.get('issued_at')}"
    return _base64(hmac.digest(secret.encode(), words.encode(), "sha256")[:18])


def erasures(deletion: Mapping[str, Any], secret: str) -> Sequence[Inbound]:
    """What a stored call means. UnreadableError."""
    sender = wire.short(deletion, "user_id")
    at = wire.moment(deletion.get("issued_at"))
    return [Inbound(does=Does.FORGET, sender=sender, at=at, extra={"code": deletion_code(deletion, secret)})]


def _base64(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")

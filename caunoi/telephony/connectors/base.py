"""What a connector is given, what it gives, and the few readings that all of them need."""

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from functools import cached_property
from typing import Any
from urllib.parse import parse_qs

from ..events import CallEvent, Direction, MemberSeen, Outcome, PickedUp, Rang, RingEnded, Started

VIETNAM = timezone(timedelta(hours=7))
# The citizen's side of an outgoing call; the operator's leg has the call's own id.
FAR = "far"
LONGEST_ID = 250


class ForgedError(ValueError):
    """The request is not signed with the connector's secret: answer 403, keep nothing."""


class UnreadableError(ValueError):
    """The request is the provider's but makes no sense to us: keep it and list it."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """A webhook call as it came. `query` without the `?`; header names in any case."""

    method: str
    headers: Mapping[str, str]
    query: str
    body: bytes

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers.items() if key.lower() == name.lower()), "")

    @cached_property
    def fields(self) -> Mapping[str, Any]:
        """The JSON object, or the form, over the query. A form's values are lists. Raises UnreadableError."""
        fields: dict[str, Any] = dict(parse_qs(self.query, keep_blank_values=True))
        if not self.body.strip():
            return fields
        try:
            text = self.body.decode()
            if "json" in self.header("Content-Type") or text.lstrip().startswith("{"):
                read = json.loads(text)
                if not isinstance(read, dict):
                    raise UnreadableError("the body is no JSON object")
                return {**fields, **read}
        except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
            raise UnreadableError(f"the body cannot be read: {error}") from None
        return {**fields, **parse_qs(text, keep_blank_values=True)}

    @property
    def digest(self) -> str:
        """Stands in for the id of a delivery that has none: SHA-256 of the raw body, or of the query where all is in
        that. The same bytes are the same delivery."""
        return hashlib.sha256(self.body or self.query.encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """The content of a request. `id`: to be acted on once only."""

    id: str
    events: tuple[CallEvent | MemberSeen, ...] = ()


def anybody(request: Request, settings: Mapping[str, str], received_at: datetime) -> None:
    """No signature: the token in the address is the only key."""


@dataclass(frozen=True, kw_only=True)
class Connector:
    """One provider. `check(request, settings, received_at)` raises ForgedError, `translate(request, received_at)`
    UnreadableError; a request is checked once, when it comes, and may be translated later."""

    key: str
    translate: Callable[[Request, datetime], Delivery]
    check: Callable[[Request, Mapping[str, str], datetime], None] = anybody


def check_signature(request: Request, header: str, secret: str) -> None:
    """`<header>: sha256=<HMAC-SHA256 of the raw body, hex>`; raises ForgedError."""
    expected = "sha256=" + hmac.new(secret.encode(), request.body, hashlib.sha256).hexdigest()
    signature = request.header(header).strip().lower()
    if not hmac.compare_digest(expected.encode(), signature.encode()):
        raise ForgedError(f"{header} is missing or wrong")


def text(fields: Mapping[str, Any], key: str) -> str | None:
    """One value as text; the first of a list; None where empty or absent."""
    value = fields.get(key)
    if isinstance(value, list):
        value = value[0] if value else None
    if value is None or isinstance(value, dict | bool):
        return None
    return str(value).strip() or None


def texts(fields: Mapping[str, Any], key: str) -> tuple[str, ...]:
    """Every value as text, whether sent as `key`, `key[]` or a list."""
    raw = fields.get(key, fields.get(f"{key}[]"))
    values = raw if isinstance(raw, list) else [raw]
    return tuple(str(value).strip() for value in values if isinstance(value, str | int) and str(value).strip())


def required(fields: Mapping[str, Any], key: str) -> str:
    value = text(fields, key)
    if value is None:
        raise UnreadableError(f"{key} is missing")
    if len(value) > LONGEST_ID:
        raise UnreadableError(f"{key} is too long")
    return value


def seconds(fields: Mapping[str, Any], key: str) -> float | None:
    """A duration; None where absent or no number."""
    try:
        value = float(text(fields, key) or "")
    except ValueError:
        return None
    return value if 0 <= value < 1e6 else None


def moment(value: object, default: datetime) -> datetime:
    """ISO 8601 (Vietnamese time where it names no zone) or a count of seconds or milliseconds; else `default`."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return datetime.fromtimestamp(value / 1000 if value > 1e11 else value, UTC)
        except (ValueError, OverflowError, OSError):
            return default
    try:
        read = datetime.fromisoformat(str(value))
    except ValueError:
        return default
    return read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=VIETNAM).astimezone(UTC)


def outgoing(
    call_id: str, at: datetime, *, operator: str | None, caller: str | None, dialled: str | None
) -> tuple[CallEvent, ...]:
    """An operator calls out: the own phone is lifted already, the citizen's rings."""
    started = Started(call_id=call_id, at=at, direction=Direction.OUT, caller=caller, dialled=dialled)
    lifted = PickedUp(call_id=call_id, at=at, leg=call_id, member=operator)
    return (started, lifted, Rang(call_id=call_id, at=at, leg=FAR, outside=dialled or FAR))


def unanswered(call_id: str, at: datetime, reason: Outcome | None) -> RingEnded:
    """An outgoing call ends: should the citizen's phone never have been lifted, it stopped ringing now."""
    return RingEnded(call_id=call_id, at=at, leg=FAR, reason=reason or Outcome.ABANDONED)


def sip_reason(code: object) -> Outcome | None:
    """What a SIP status says about a call that did not come about."""
    return {
        "486": Outcome.BUSY,
        "600": Outcome.BUSY,
        "408": Outcome.NO_ANSWER,
        "480": Outcome.NO_ANSWER,
        "487": Outcome.ABANDONED,
    }.get(str(code or "")[:3])

"""Calls to a provider, and what their failures mean: refused, perhaps accepted, asked to wait."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cached_property
from time import monotonic
from typing import Any

import httpx

from caunoi.channels import wire
from caunoi.channels.base import Account, DeliveryError, UncertainDeliveryError

MOST = 1_000_000  # bytes of an answer
LONGEST = 20.0  # seconds for all of it, however slowly it drips
LONGEST_WAIT = 3600.0
LIMIT_WAIT = 60.0
LONGEST_LIFE = 366 * 86400  # seconds; a token that claims more does not say
LONGEST_TEXT = 200  # characters of a provider's words in a trouble


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A provider's answer; `data` is its JSON object, {} when there is none."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""

    @cached_property
    def parsed(self) -> Any:
        """Its JSON; None when there is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None

    @property
    def data(self) -> Mapping[str, Any]:
        return self.parsed if isinstance(self.parsed, dict) else {}

    @property
    def cut_off(self) -> bool:
        """Whether it begins like JSON and ends before its end."""
        return self.parsed is None and self.body.lstrip().startswith(("{", "["))


def call(account: Account, method: str, url: str, **what: Any) -> Answer:
    """Call a provider. DeliveryError when the request certainly had no effect (unreachable, overloaded, a limit);
    UncertainDeliveryError when the connection broke after it may have had. Any other status is the caller's to
    judge."""
    until = monotonic() + LONGEST
    try:
        with account.http.stream(method, url, **what) as response:
            body = bytearray()
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > MOST or monotonic() > until:
                    raise UncertainDeliveryError("the answer was too long or too slow", code="network")
            answer = Answer(status=response.status_code, headers=response.headers, body=body.decode("utf-8", "replace"))
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError) as error:
        raise DeliveryError(f"not reached: {type(error).__name__}", retry=True, code="network") from error
    except (httpx.UnsupportedProtocol, httpx.InvalidURL, httpx.LocalProtocolError, UnicodeError) as error:
        raise DeliveryError(f"the call cannot be made: {type(error).__name__}", retry=True, code="setup") from error
    except httpx.RequestError as error:
        raise UncertainDeliveryError(f"no answer: {type(error).__name__}", code="network") from error
    if answer.status == 429:
        raise DeliveryError("asked to slow down (429)", retry=True, wait=waiting(answer) or LIMIT_WAIT, code="limit")
    if answer.status < 300 and answer.cut_off:
        raise UncertainDeliveryError("the answer broke off", code="network")
    if answer.status in (504, 524):
        raise UncertainDeliveryError(f"no answer behind the gateway ({answer.status})", code="network")
    if answer.status >= 500 and not answer.data:
        raise DeliveryError(f"out of order ({answer.status})", retry=True, wait=waiting(answer), code="network")
    return answer


def expiry(answer: Answer, now: datetime, *, otherwise: int) -> str:
    """When the token in an answer runs out (RFC 3339); `otherwise` seconds from now where it does not say."""
    seconds = wire.number(answer.data.get("expires_in"), otherwise)
    return (now + timedelta(seconds=seconds if 0 < seconds < LONGEST_LIFE else otherwise)).isoformat()


def waiting(answer: Answer) -> float | None:
    """Seconds the provider asks us to wait (Retry-After), at most an hour; None when it does not say."""
    retry_after = answer.headers.get("retry-after", "").strip()
    try:
        seconds = (
            float(retry_after)
            if retry_after.isdigit()
            else (parsedate_to_datetime(retry_after) - datetime.now(UTC)).total_seconds()
        )
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(seconds, 1.0), LONGEST_WAIT)


def error_text(account: Account, words: str) -> str:
    """A provider's words for an administrator: short, on one line, and without our secrets."""
    for secret in account.secrets.values():
        if isinstance(secret, str) and len(secret) > 3:
            words = words.replace(secret, "…")
    return " ".join(words.split())[:LONGEST_TEXT]

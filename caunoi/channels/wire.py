"""Reads what providers send us, with patience: any bytes, any shape, no exception but UnreadableError."""

import hmac
import json
import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from caunoi.channels.base import Place, UnreadableError
from caunoi.lib.vietnamese.writing import nfc

LONGEST_ID = 200
_SURROGATE = re.compile("[\ud800-\udfff]")
LAST = 4.1e12  # milliseconds: the year 2099


def _constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _number(text: str) -> float | str:
    number = float(text)
    return number if math.isfinite(number) else text


def parsed(body: bytes) -> Any:
    """A JSON body that PostgreSQL can store: no NUL, no half surrogates, no infinite numbers. UnreadableError."""
    try:
        return fit(json.loads(body.decode(), parse_constant=_constant, parse_float=_number))
    except (ValueError, RecursionError) as error:
        raise UnreadableError(f"no JSON: {type(error).__name__}") from error


def fit(value: Any) -> Any:
    """The value without what PostgreSQL cannot store in JSON."""
    if isinstance(value, str):
        if "\0" not in value and (value.isascii() or not _SURROGATE.search(value)):
            return value
        return value.replace("\0", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [fit(each) for each in value]
    if isinstance(value, dict):
        return {fit(key): fit(each) for key, each in value.items()}
    return value


def mapping(value: Any) -> Mapping[str, Any]:
    """The value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def many(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else ()


def text(value: Any) -> str:
    """A text or number as NFC text; empty for anything else."""
    if isinstance(value, str):
        return nfc(value).strip()
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def short(holder: Mapping[str, Any], name: str) -> str:
    """An id or name in an object, cut to what we can store."""
    return text(holder.get(name))[:LONGEST_ID]


def moment(value: Any) -> datetime:
    """Seconds or milliseconds since 1970, as number or text. UnreadableError."""
    try:
        number = float(value)
        if not 0 <= number < LAST:
            raise ValueError(value)
        return datetime.fromtimestamp(number / 1000 if number > 1e11 else number, UTC)
    except (TypeError, ValueError, OverflowError, OSError) as error:
        raise UnreadableError(f"no time: {str(value)[:40]!r}") from error


def place(latitude: Any, longitude: Any, label: str = "") -> Place | None:
    """A point on the globe; None when it is invalid."""
    try:
        north, east = float(latitude), float(longitude)
    except (TypeError, ValueError):
        return None
    if not (-90 <= north <= 90 and -180 <= east <= 180):
        return None
    return Place(latitude=north, longitude=east, label=label)


def digest(body: bytes) -> str:
    """An id for something the provider gave none."""
    return sha256(body).hexdigest()


def identity(provider_id: str, otherwise: bytes) -> str:
    """The provider's id if it fits, else the digest of the whole."""
    return (
        provider_id
        if provider_id and len(provider_id) <= LONGEST_ID and provider_id.isprintable()
        else digest(otherwise)
    )


def same(one: str, other: str) -> bool:
    """Compare secrets and signatures in constant time."""
    return hmac.compare_digest(one.encode("utf-8", "replace"), other.encode("utf-8", "replace"))


def signed(body: bytes, secret: str, signature: str) -> bool:
    """Whether `signature` is "sha256=" and the HMAC-SHA256 of the raw body."""
    return same("sha256=" + hmac.digest(secret.encode(), body, "sha256").hex(), signature.strip().lower())


def reference(name: str) -> str:
    """Outbound.id as providers take it: 32 characters, always the same."""
    return sha256(name.encode()).hexdigest()[:32]


def parts(words: str, longest: int) -> list[str]:
    """A text in pieces of at most `longest` characters, cut at line ends or spaces where possible."""
    words, pieces = unicodedata.normalize("NFC", words).strip(), []
    while len(words) > longest:
        head = words[: longest + 1]
        line, space = head.rfind("\n"), head.rfind(" ")
        at = line if line > longest // 2 else space if space > 0 else longest
        pieces.append(words[:at].rstrip())
        words = words[at:].lstrip()
    return [piece for piece in [*pieces, words] if piece]


def lines(value: Any) -> dict[str, str]:
    """Settings written as lines of `name = value` (or `name: value`), or a mapping already."""
    if isinstance(value, dict):
        return {str(name): str(each) for name, each in value.items()}
    table = {}
    for line in str(value or "").splitlines():
        at = min((line.find(mark) for mark in "=:" if mark in line), default=-1)
        if at > 0:
            table[line[:at].strip()] = line[at + 1 :].strip()
    return table


def on(value: Any) -> bool:
    """Whether a switch of a form is on."""
    return str(value).strip().lower() in ("1", "true", "on", "yes")


def number(value: Any, otherwise: int) -> int:
    """A whole number of a form."""
    try:
        return int(str(value).strip())
    except ValueError:
        return otherwise

"""Header fields as people and programs write them: encoded words, parameters, addresses, ids. Never raises."""

import binascii
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import unquote_to_bytes

from caunoi.channels.mail.charset import clean, text

LONGEST, STRUCTURED = 16_000, 4_000  # bytes of one field that are looked at
LONGEST_ID = 200  # as the tables hold it
_ENCODED = re.compile(r"=\?([^?\s*]{1,40})(?:\*[^?\s]{0,20})?\?([bBqQ])\?([^?]*)\?=")
_NOT_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"))
_SPACE = re.compile(r"\s+")
_PARAMETER = re.compile(r';\s*([^\s=;"]{1,80})\s*=\s*(?:"((?:[^"\\]|\\.)*+)"?|([^;]*))')
_PIECE = re.compile(r"(.+?)(?:\*(\d{1,3}))?(\*)?")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*+)"')
_COMMENT = re.compile(r"\([^()]*\)")
_ANGLE = re.compile(r"<\s*([^<>\s@]{1,64}@[^<>\s@]{1,255})\s*>")
_BARE = re.compile(r"[^\s<>,;:()\[\]\"@]{1,64}@[^\s<>,;:()\[\]\"@]{1,255}")
_DOMAIN = re.compile(r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)*[^\W_](?:[\w-]{0,61}[^\W_])?")
_ID = re.compile(r"<([^<>\s]{1,990})>")


def words(value: bytes | str) -> str:
    """One line of clean text; encoded words stay encoded."""
    value = text(value[:LONGEST]) if isinstance(value, bytes) else value[:LONGEST]
    return _SPACE.sub(" ", clean(value)).strip()


def _unencoded(encoding: str, data: str) -> bytes:
    raw = data.encode("ascii", "replace")
    if encoding in "qQ":
        return binascii.a2b_qp(raw.replace(b"_", b" "), header=True)
    return base64(raw)


def base64(data: bytes) -> bytes:
    """Decoded, ignoring foreign characters and a missing end."""
    data = data.translate(None, _NOT_BASE64)
    data = data[: len(data) - (len(data) % 4 == 1)]
    return binascii.a2b_base64(data + b"=" * (-len(data) % 4))


def decode(value: bytes | str) -> str:
    """A field as one line of text, encoded words (RFC 2047) decoded; words that follow each other in one charset are
    put together first, since some programs cut letters in two."""
    line = text(value[:LONGEST]) if isinstance(value, bytes) else value[:LONGEST]
    out: list[str] = []
    pending, charset, at = b"", "", 0
    for match in _ENCODED.finditer(line):
        between = line[at : match.start()]
        if pending and (between.strip() or match[1].lower() != charset):
            out.append(text(pending, charset))
            pending = b""
        if between.strip() or not at:
            out.append(between)
        charset, at = match[1].lower(), match.end()
        pending += _unencoded(match[2], match[3])
    out.append(text(pending, charset) if pending else "")
    out.append(line[at:])
    return words("".join(out))


def parameters(value: bytes) -> tuple[str, Mapping[str, str]]:
    """A structured field: its value in lower case, and its parameters with RFC 2231's pieces put together."""
    line = text(value[:STRUCTURED])
    head = line.partition(";")[0].strip().lower()
    plain: dict[str, str] = {}
    pieces: dict[str, dict[int, tuple[str, bool]]] = {}
    for match in _PARAMETER.finditer(line[len(line.partition(";")[0]) :]):
        content = re.sub(r"\\(.)", r"\1", match[2]) if match[2] is not None else match[3].strip()
        name = _PIECE.fullmatch(match[1].lower())
        if name is None:
            continue
        if name[2] is None and name[3] is None:
            plain.setdefault(name[1], content)
        else:
            pieces.setdefault(name[1], {}).setdefault(int(name[2] or 0), (content, bool(name[3])))
    for key, parts in pieces.items():
        plain[key] = _joined(parts)
    return head, {key: decode(content) if "=?" in content else words(content) for key, content in plain.items()}


def _joined(parts: Mapping[int, tuple[str, bool]]) -> str:
    charset, raw = "", b""
    for number in sorted(parts):
        piece, encoded = parts[number]
        if encoded and number == min(parts) and piece.count("'") >= 2:
            charset, _, piece = piece.split("'", 2)
        raw += unquote_to_bytes(piece) if encoded else piece.encode("utf-8", "replace")
    return text(raw, charset)


def address(value: bytes) -> tuple[str, str]:
    """Name and address of the first person in a From, Sender or Reply-To; both empty when there is none. The address is
    found before anything is decoded, outside names in quotes, so that a name cannot pretend to be one."""
    line = text(value[:STRUCTURED])
    bare = _COMMENT.sub(" ", _QUOTED.sub(" ", line))
    match = _ANGLE.search(bare) or _BARE.search(bare)
    if match is None:
        return "", ""
    addr_spec = match[1] if match.re is _ANGLE else match[0]
    quoted = _QUOTED.match(line.lstrip())
    name = re.sub(r"\\(.)", r"\1", quoted[1]) if quoted else bare[: match.start()]
    if not name.strip() and match.re is _BARE and (comment := _COMMENT.search(line)):
        name = comment[0][1:-1]
    return decode(name.strip(" \t'\",;:"))[:120], normal(addr_spec)


def normal(address: str) -> str:
    """An address in lower case with its domain in ASCII, so that equal ones compare equal; empty when it is invalid."""
    local, _, domain = words(address).strip("<> .").rpartition("@")
    try:
        domain = domain.rstrip(".").encode("idna").decode("ascii").lower()
    except UnicodeError:
        return ""
    if not local or not domain or not _DOMAIN.fullmatch(domain) or re.search(r'[\s<>,;:()\[\]"\\@]', local):
        return ""
    return f"{local.lower()}@{domain}"


def ids(value: bytes) -> list[str]:
    """The message ids in a field, without brackets, in order."""
    line = text(value[-LONGEST:])
    names = _ID.findall(line) or [word for word in line.split() if "@" in word]
    return [short(name) for name in names]


def short(name: str) -> str:
    """A message id as we store it: an overlong one loses its beginning, because its end holds the host."""
    name = words(name).strip("<> ")
    return name if len(name) <= LONGEST_ID else name[-LONGEST_ID:]


def moment(value: bytes) -> datetime | None:
    """The time in a Date field, UTC; None when it holds no possible time."""
    try:
        at = parsedate_to_datetime(text(value[:200]))
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (TypeError, ValueError, OverflowError, IndexError):
        return None

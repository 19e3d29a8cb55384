"""A mail taken apart into its tree of parts, in linear time and without ever raising.

Not the standard library's parser: that one looks at every line once for each level of nesting, so that a few megabytes
of short lines in nested parts keep it busy for hours. Here all parts are slices of one buffer.
"""

import binascii
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from caunoi.channels.mail import headers

DEPTH, PARTS = 12, 300  # deeper or more is no letter
HEADERS = 256 * 1024  # bytes of headers that are looked at
_FIELD = re.compile(rb"([!-9;-~]{1,200})[ \t]*:[ \t]*(.*)", re.S)


@dataclass(frozen=True, kw_only=True)
class Part:
    """One node: header fields in order, names in lower case; a leaf's bytes as they came; or its parts."""

    fields: Sequence[tuple[str, bytes]]
    raw: bytes = b""
    parts: Sequence["Part"] = ()

    def field(self, name: str) -> bytes:
        """The first field of this name, unfolded; empty without one."""
        return next((value for key, value in self.fields if key == name), b"")

    def all(self, name: str) -> list[bytes]:
        return [value for key, value in self.fields if key == name]

    def words(self, name: str) -> str:
        """The first field of this name as text."""
        return headers.decode(self.field(name))

    @cached_property
    def _type(self) -> tuple[str, Mapping[str, str]]:
        return headers.parameters(self.field("content-type"))

    @property
    def kind(self) -> str:
        """type/subtype in lower case; text/plain by default."""
        kind = self._type[0]
        return kind if kind.count("/") == 1 else "text/plain"

    @property
    def parameters(self) -> Mapping[str, str]:
        return self._type[1]

    @cached_property
    def disposition(self) -> tuple[str, Mapping[str, str]]:
        return headers.parameters(self.field("content-disposition"))

    @property
    def name(self) -> str:
        """Its file name, without folders."""
        name = self.disposition[1].get("filename") or self.parameters.get("name") or ""
        return re.split(r"[/\\]", headers.words(name))[-1].strip(" .")[:200]

    @property
    def cid(self) -> str:
        return headers.words(self.field("content-id")).strip(" <>")

    @cached_property
    def content(self) -> bytes:
        """Its bytes with the transfer encoding undone, as far as possible."""
        match headers.words(self.field("content-transfer-encoding")).strip().lower():
            case "base64":
                return headers.base64(self.raw)
            case "quoted-printable":
                return binascii.a2b_qp(self.raw)
            case "x-uuencode" | "uuencode" | "x-uue":
                return _uudecoded(self.raw)
            case _:
                return self.raw

    def walk(self) -> Iterator["Part"]:
        yield self
        for part in self.parts:
            yield from part.walk()


def _uudecoded(data: bytes) -> bytes:
    out = bytearray()
    for line in data.split(b"\n"):
        if line.startswith(b"begin ") or not line.strip():
            continue
        if line.startswith((b"end", b"`")):
            break
        try:
            out += binascii.a2b_uu(line)
        except binascii.Error:
            continue
    return bytes(out)


def parse(data: bytes) -> Part:
    """The tree of a whole mail."""
    data = data.replace(b"\r\n", b"\n")
    if b"\n" not in data[:4096]:
        data = data.replace(b"\r", b"\n")
    data = data.lstrip(b"\n")
    return _parse(data, 0, len(data), DEPTH, [PARTS])


def _fields(data: bytes, start: int, end: int) -> tuple[list[tuple[str, bytes]], int]:
    """The fields at `start`, and where the body begins. The first line that is no field ends them."""
    fields: list[list[bytes]] = []
    at, limit = start, min(end, start + HEADERS)
    while at < limit:
        stop = data.find(b"\n", at, end)
        stop = end if stop < 0 else stop
        line = data[at:stop]
        if not line.strip(b" \t\r"):
            return _named_fields(fields), min(stop + 1, end)
        if line[:1] in b" \t" and fields:
            fields[-1].append(line)
        elif _FIELD.fullmatch(line):
            fields.append([line])
        elif not line.startswith((b"From ", b">From ")):
            return _named_fields(fields), at
        at = stop + 1
    return _named_fields(fields), min(at, end)


def _named_fields(fields: Sequence[Sequence[bytes]]) -> list[tuple[str, bytes]]:
    matches = (_FIELD.fullmatch(b"".join(lines)) for lines in fields)
    return [(match[1].decode("ascii").lower(), match[2].strip()) for match in matches if match]


def _parse(data: bytes, start: int, end: int, depth: int, budget: list[int]) -> Part:
    budget[0] -= 1
    fields, body = _fields(data, start, end)
    part = Part(fields=fields, raw=data[body:end])
    if depth <= 0:
        return _plain(part)
    if part.kind in ("message/rfc822", "message/global"):
        return Part(fields=fields, parts=[_parse_inner(part.content, depth - 1, budget)])
    if not part.kind.startswith("multipart/"):
        return part
    boundary = part.parameters.get("boundary", "").encode("utf-8", "replace").rstrip()
    spans = _spans(data, body, end, boundary or _guessed(data, body, end), budget[0])
    if not spans:
        return _plain(part)
    parts = [_parse(data, first, last, depth - 1, budget) for first, last in spans if budget[0] > 0]
    return Part(fields=fields, parts=parts)


def _plain(part: Part) -> Part:
    """A multipart without parts, or with too many, is read as plain text."""
    if not part.kind.startswith(("multipart/", "message/")):
        return part
    return Part(fields=[(k, v) for k, v in part.fields if k != "content-type"], raw=part.raw)


def _parse_inner(data: bytes, depth: int, budget: list[int]) -> Part:
    data = data.replace(b"\r\n", b"\n").lstrip(b"\n")
    return _parse(data, 0, len(data), depth, budget)


def _guessed(data: bytes, start: int, end: int) -> bytes:
    """The boundary of a multipart that does not name it: its first line that looks like one."""
    match = re.compile(rb"\n--([^\s-][^\n]{0,80})").search(data, start - 1, min(end, start + 4096))
    return match[1].rstrip() if match else b""


def _spans(data: bytes, start: int, end: int, boundary: bytes, most: int) -> list[tuple[int, int]]:
    """The parts' positions between the boundary lines; what precedes the first is no part."""
    if not boundary:
        return []
    fence = b"--" + boundary
    spans: list[tuple[int, int]] = []
    begun, at = None, start
    while len(spans) < most:
        at = data.find(fence, at, end)
        if at < 0:
            break
        stop = data.find(b"\n", at, end)
        stop = end if stop < 0 else stop
        rest = data[at + len(fence) : min(stop, at + len(fence) + 80)].strip(b" \t\r")
        if (at == start or data[at - 1] == 10) and rest in (b"", b"--"):
            if begun is not None:
                spans.append((begun, max(begun, at - 1)))
            begun = min(stop + 1, end)
            if rest:
                return spans
        at = stop
    if begun is not None and begun < end and len(spans) < most:
        spans.append((begun, end))
    return spans

"""The content of a mail's parts: its text in reading order, and the files sent with it."""

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import puremagic
from PIL import Image

from caunoi.channels.base import Media
from caunoi.channels.mail import calendar, charset, hypertext, signed, tnef
from caunoi.channels.mail.mime import Part, parse

WORDS = 100_000  # letters of one text that are read
FILES = 10  # that are kept by content
FILE = 20 * 1024 * 1024  # bytes; a bigger one is only named
MOST_MEDIA = 50  # that are listed at all
OPENED = 3  # signatures within signatures
SMALL = 48  # pixels; no photo is smaller than this on its longer side: a counting pixel, a bullet, an icon of a network
COUNTING = ("GIF", "PNG", "JPEG", "WEBP", "BMP")
_WRITTEN = ("text/plain", "text/html", "text/enriched", "text/calendar", "application/ms-tnef")
_POOR = re.compile(r"html|trình duyệt|không (?:hiển thị|hỗ trợ)|view this (?:e?mail|message)", re.I)


@dataclass(kw_only=True)
class Body:
    """`words` as written, quoted lines with ">"; `below` letters that were attached; `cut` when not all was read."""

    words: list[str] = field(default_factory=list)
    below: list[str] = field(default_factory=list)
    media: list[Media] = field(default_factory=list)
    file_count: int = 0
    opened: int = 0  # signatures around each other
    encrypted: bool = False
    cut: bool = False

    @property
    def text(self) -> str:
        return "\n\n".join(words for words in self.words if words.strip())

    @property
    def attached(self) -> str:
        return "\n\n".join(self.below)


def read(root: Part) -> Body:
    """Walk the MIME tree and collect text, files and signatures."""
    body = Body()
    _read(root, body, inline=False)
    return body


def _read(part: Part, body: Body, *, inline: bool) -> None:
    kind = part.kind
    if kind in ("message/rfc822", "message/global"):
        _attach_letter(part, body)
    elif kind == "multipart/alternative" and part.parts:
        _choose(part.parts, body)
    elif kind == "multipart/related" and part.parts:
        for number, inner in enumerate(part.parts):
            _read(inner, body, inline=number > 0)
    elif kind == "multipart/signed" and part.parts:
        _read(part.parts[0], body, inline=inline)
    elif kind == "multipart/encrypted":
        body.encrypted = True
        body.media.append(Media(kind="file", name="encrypted.asc", content_type=kind))
    elif part.parts:
        for inner in part.parts:
            _read(inner, body, inline=inline)
    elif kind in ("application/pkcs7-mime", "application/x-pkcs7-mime"):
        _open_signed(part, body)
    elif kind == "application/ms-tnef" or part.name.lower() == "winmail.dat":
        words, wrapped = tnef.unwrap(part.content)
        if words and not body.text:
            body.words.append(words[:WORDS])
        for one in wrapped:
            _keep(body, one.content, one.name, "application/octet-stream", inline=False)
    elif kind in _WRITTEN and part.disposition[0] != "attachment" and not (inline and kind != "text/html"):
        _say(part, body)
    elif kind not in ("application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature"):
        _keep(body, part.content, part.name, kind, inline=inline or bool(part.cid))


def _say(part: Part, body: Body) -> None:
    if part.kind == "text/calendar":
        if not body.text:
            body.words.append(calendar.words(_text(part, body)))
        body.media.append(Media(kind="file", name=part.name or "invitation.ics", content_type=part.kind))
    elif words := _written(part, body):
        body.words.append(words)


def _text(part: Part, body: Body) -> str:
    content = part.content
    most = 30 * 1024 * 1024 if part.kind == "text/html" else 4 * WORDS
    label = part.parameters.get("charset", "")
    if part.kind == "text/html" and charset.codec(label) is None:
        meta = re.search(rb"<meta[^>]{0,200}charset=[\"']?([\w-]{1,40})", content[:4000], re.I)
        label = meta[1].decode("ascii", "replace") if meta else label
    words = charset.text(content[:most], label)
    body.cut = body.cut or len(content) > most
    return words


def _written(part: Part, body: Body) -> str:
    """The text of a text part, shortened to the limit."""
    words = _text(part, body)
    if part.kind == "text/html":
        words = charset.clean(hypertext.text(words).replace(hypertext.FOLD, "\ue01f")).replace("\ue01f", hypertext.FOLD)
    elif part.kind == "text/enriched":
        words = charset.clean(hypertext.text(words.replace("\n\n", "<br>")))
    else:
        words = charset.clean(words)
        if part.parameters.get("format", "").lower() == "flowed":
            words = unflowed(words[: 2 * WORDS], joined=part.parameters.get("delsp", "").lower() == "yes")
    body.cut = body.cut or len(words) > WORDS
    return words[:WORDS].strip("\n")


def unflowed(words: str, *, joined: bool) -> str:
    """Undo a mail program's line wrapping (RFC 3676); with `joined` the space that marks a wrapped line goes too."""
    lines: list[str] = []
    flowing, before = False, 0
    for line in words.split("\n"):
        depth = len(line) - len(line.lstrip(">"))
        rest = line[depth:].removeprefix(" ")
        if flowing and depth == before and rest != "-- ":
            lines.append(rest)
        else:
            lines.append(f"\n{'>' * depth}{' ' if depth else ''}{rest}")
        before, flowing = depth, rest.endswith(" ") and rest != "-- "
        if flowing and joined:
            lines[-1] = lines[-1][:-1]
    return "".join(lines).removeprefix("\n")


def _choose(parts: Sequence[Part], body: Body) -> None:
    """Of several forms of the same text the plain one, unless it is empty; the parts inside the others stay too."""
    first = len(body.media)
    readings = []
    for part in parts:
        reading = Body(file_count=body.file_count, opened=body.opened)
        _read(part, reading, inline=False)
        readings.append((part, reading))
    plain = next((r for p, r in readings if p.kind == "text/plain" and r.text.strip()), None)
    rich = next((r for p, r in reversed(readings) if p.kind != "text/plain" and r.text.strip()), None)
    chosen = plain or rich
    if (
        plain
        and rich
        and len(plain.text) < 200
        and len(rich.text) > 2 * len(plain.text) + 80
        and _POOR.search(plain.text)
    ):
        chosen = rich
    if chosen:
        body.words.append(chosen.text)
        body.below += chosen.below
    for _, reading in readings:
        body.media += reading.media
        body.file_count = max(body.file_count, reading.file_count)
        body.cut, body.encrypted = body.cut or reading.cut, body.encrypted or reading.encrypted
    del body.media[first + MOST_MEDIA :]


def _attach_letter(part: Part, body: Body) -> None:
    """An attached letter: its text goes below, its files are only named."""
    for inner in part.parts:
        reading = read(inner)
        head = [f"{label}: {value}" for label in ("From", "Date", "Subject") if (value := inner.words(label.lower()))]
        body.below.append("\n".join([*head, "", reading.text or reading.attached]).strip())
        body.media.append(
            Media(kind="file", name=f"{inner.words('subject')[:190] or 'mail'}.eml", content_type=part.kind)
        )
        for one in reading.media:
            if one.content is not None and body.file_count < FILES:
                body.file_count += 1
                body.media.append(one)


def _open_signed(part: Part, body: Body) -> None:
    body.opened += 1
    inner = signed.letter(part.content) if body.opened <= OPENED else b""
    if inner:
        _read(parse(inner), body, inline=False)
    else:
        body.encrypted = True
        body.media.append(Media(kind="file", name=part.name or "smime.p7m", content_type=part.kind))


def _keep(body: Body, content: bytes, name: str, declared: str, *, inline: bool) -> None:
    """A file, whose type its content decides. Pictures come along as bytes, of all else the name."""
    if (not content and not name) or len(body.media) >= MOST_MEDIA:
        return
    content_type = kind_of(content)
    kind = content_type.partition("/")[0] if content_type.startswith(("image/", "video/", "audio/")) else "file"
    if kind == "image" and inline and _tiny(content):
        return
    picture = kind == "image" and len(content) <= FILE and body.file_count < FILES
    body.file_count += picture
    body.cut = body.cut or (kind == "image" and not picture)
    body.media.append(
        Media(
            kind=kind,
            content=content if picture else None,
            name=charset.clean(name)[:200],
            content_type=content_type or declared[:100],
        )
    )


def kind_of(content: bytes) -> str:
    """The type of its content, as type/subtype; empty where it is unclear."""
    try:
        matches = puremagic.magic_string(content[: 64 * 1024])
    except (puremagic.PureError, ValueError, OverflowError):
        return ""
    return next((match.mime_type for match in matches if match.mime_type), "")


def _tiny(content: bytes) -> bool:
    try:
        with Image.open(io.BytesIO(content), formats=COUNTING) as picture:
            return max(picture.size) <= SMALL
    except Exception:  # whatever a library says about rubbish: it is not a small picture
        return False

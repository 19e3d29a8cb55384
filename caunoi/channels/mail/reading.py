"""A mail as it came in → its message, in our words."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from caunoi.channels.base import Inbound, UnreadableError
from caunoi.channels.mail import body, charset, headers, origin, quoting, reports
from caunoi.channels.mail.mime import Part, parse
from caunoi.channels.mail.origin import Origin
from caunoi.lib.numbers import codes

TEXT = 20_000  # letters of somebody's words that are kept; all of it stays in the receipt
MENTIONS = 30
EARLY, LATE = timedelta(days=7), timedelta(hours=1)
_CODE = re.compile(r"(?<!\d)\d{2}[-. ]?\d{6}[-. ]?\d(?!\d)")
_NO_REPLY = re.compile(r"(?:no|do-?not|khong)[-_.]?(?:reply|traloi)(?:[+=-].*)?")


def read(raw: Any, data: bytes, config: Mapping[str, Any]) -> Sequence[Inbound]:
    """The mail's message; nothing when a program sent it. `raw` holds "received" (RFC 3339), when the server got it.
    UnreadableError when it names no sender or is no mail at all."""
    raw = raw if isinstance(raw, Mapping) else {}
    if raw.get("trouble"):
        raise UnreadableError(str(raw["trouble"]))
    mail = parse(data)
    if not mail.fields:
        raise UnreadableError("no mail: it has no headers")
    received = _received(raw.get("received"))
    match origin.origin(mail, config):
        case Origin.REPORT:
            return reports.read(mail, received)
        case Origin.PERSON:
            return [_inbound(raw, mail, received)]
    return ()


def _received(value: object) -> datetime:
    try:
        return datetime.fromisoformat(str(value)).astimezone(UTC)
    except ValueError:
        return datetime.now(UTC)


def _inbound(raw: Mapping[str, Any], mail: Part, received: datetime) -> Inbound:
    name, sender = _sender(mail)
    if not sender:
        raise UnreadableError("no sender: From names no address")
    if len(sender) > 200:
        raise UnreadableError("the sender's address is too long")
    content = body.read(mail)
    letter = quoting.fold(content.text)
    text, attached = letter.text, content.attached
    if not text and attached:
        text, attached = attached, ""
    quoted = "\n\n".join(words for words in (letter.quoted, attached) if words)
    subject = mail.words("subject")[:300]
    answers = headers.ids(mail.field("in-reply-to"))
    mentions = dict.fromkeys([*headers.ids(mail.field("references")), *answers])
    extra: dict[str, Any] = {}
    if quotes := _codes(f"{subject}\n{text[:TEXT]}\n{quoted[:TEXT]}"):
        extra["quotes"] = quotes
    if "cut" in raw or content.cut or len(text) > TEXT or len(quoted) > TEXT:
        extra["cut"] = True
    if content.encrypted:
        extra["encrypted"] = True
    if origin.doubtful(mail):  # then what it answers proves nothing
        extra["doubtful"] = True
        answers, mentions = [], {}
    return Inbound(
        external_id=next(iter(headers.ids(mail.field("message-id"))), ""),
        sender=sender,
        name=name,
        email=sender,
        at=_when(mail, received),
        subject=subject,
        text=_shortened(text),
        quoted=_shortened(quoted),
        media=content.media,
        refers=answers[-1] if answers else "",
        mentions=list(mentions)[-MENTIONS:],
        extra=extra,
    )


def _sender(mail: Part) -> tuple[str, str]:
    """Name and address to answer to: From, or Reply-To where From takes no answers (a web form's mail)."""
    name, sender = headers.address(mail.field("from"))
    if not sender:
        name, sender = headers.address(mail.field("sender"))
    if not sender or _NO_REPLY.fullmatch(sender.partition("@")[0]):
        other, reply = headers.address(mail.field("reply-to"))
        if reply:
            return other or name, reply
    return name, sender


def _when(mail: Part, received: datetime) -> datetime:
    """When it was written, if its clock can be believed: not long before it came, not after."""
    written = headers.moment(mail.field("date"))
    return written if written and received - EARLY <= written <= received + LATE else received


def _codes(words: str) -> list[str]:
    parsed = (codes.parse(match[0]) for match in _CODE.finditer(words))
    return list(dict.fromkeys(code for code in parsed if code))[:5]


def _shortened(words: str) -> str:
    words = charset.clean(words).strip("\n")
    return words if len(words) <= TEXT else words[: TEXT - 1] + "…"

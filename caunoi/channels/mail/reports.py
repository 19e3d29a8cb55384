"""What servers and mail programs report on a mail of ours: not delivered (RFC 3464), delivered, read (RFC 8098)."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from caunoi.channels.base import Does, Inbound
from caunoi.channels.mail import charset, headers
from caunoi.channels.mail.letter import OURS
from caunoi.channels.mail.mime import Part, parse

LOOKED = 200_000  # bytes of a report that is only words
_OURS = re.compile(OURS)
_GAP = re.compile(rb"\n[ \t]*\n")
_ADDRESS = re.compile(r"[^\s<>;:,()\"]{1,64}@[^\s<>;:,()\"]{1,255}")
_DOES = {"failed": Does.BOUNCED, "delivered": Does.DELIVERED, "relayed": None, "expanded": None, "delayed": None}


def read(mail: Part, at: datetime) -> Sequence[Inbound]:
    """One Inbound for each recipient with a final status whose mail was ours; else nothing."""
    refers = _original(mail)
    if not refers:
        return ()
    if any(part.kind == "message/disposition-notification" for part in mail.walk()):
        return _read_by(mail, refers, at)
    statuses = [one for part in mail.walk() if part.kind == "message/delivery-status" for one in _recipients(part)]
    if not statuses:
        return _in_words(mail, refers, at)
    return [
        Inbound(does=does, sender=address, at=at, refers=refers, text=why)
        for address, does, why in statuses
        if does is not None and address
    ]


def _original(mail: Part) -> str:
    """The id of our mail that the report is about."""
    for part in mail.walk():
        if part.kind == "message/rfc822":
            names = [name for inner in part.parts for name in headers.ids(inner.field("message-id"))]
        elif part.kind in ("text/rfc822-headers", "message/rfc822-headers"):
            names = headers.ids(parse(part.content).field("message-id"))
        elif part.kind == "message/disposition-notification":
            names = headers.ids(_header_block(part.content).field("original-message-id"))
        else:
            continue
        if ours := [name for name in names if _OURS.fullmatch(name)]:
            return ours[0]
    for name in [*headers.ids(mail.field("in-reply-to")), *headers.ids(mail.field("references"))]:
        if _OURS.fullmatch(name):
            return name
    for part in mail.walk():
        if not part.parts and (match := _OURS.search(charset.text(part.content[:LOOKED]))):
            return match[0]
    return ""


def _header_block(data: bytes) -> Part:
    return parse(data.strip() + b"\n\n")


def _recipients(part: Part) -> Iterator[tuple[str, Does | None, str]]:
    """Address, what happened, why, for each group of fields of a delivery status."""
    content = part.content or b"".join(inner.content for inner in part.parts)
    for group in _GAP.split(content.replace(b"\r\n", b"\n"))[:100]:
        fields = _header_block(group)
        action = fields.words("action").lower()
        if action not in _DOES:
            continue
        recipient = fields.words("original-recipient") or fields.words("final-recipient")
        why = fields.words("diagnostic-code") or fields.words("status")
        yield headers.normal(recipient.rpartition(";")[2]), _DOES[action], why[:300]


def _read_by(mail: Part, refers: str, at: datetime) -> Sequence[Inbound]:
    for part in mail.walk():
        if part.kind != "message/disposition-notification":
            continue
        fields = _header_block(part.content)
        who = (
            headers.normal(fields.words("final-recipient").rpartition(";")[2]) or headers.address(mail.field("from"))[1]
        )
        if "displayed" in fields.words("disposition").lower() and who:
            return [Inbound(does=Does.READ, sender=who, at=at, refers=refers)]
    return ()


_FINAL = re.compile(
    r"\b5\d\d[ -]|\b5\.\d\.\d|permanent|does(?:n't| not) exist|user unknown|no such user|mailbox (?:is "
    r")?full|undeliver|failed"
    r"|could not be delivered|không tồn tại|không gửi được|không thể gửi|thất bại",
    re.I,
)
_PASSING = re.compile(
    r"will (?:continue|keep|be) (?:to )?tr|delayed|not yet been delivered|warning message|sẽ tiếp tục", re.I
)


def _in_words(mail: Part, refers: str, at: datetime) -> Sequence[Inbound]:
    """An old server's report, which is only text."""
    words = "\n".join(charset.text(part.content[:LOOKED]) for part in mail.walk() if part.kind == "text/plain")
    words = f"{words[:20_000]}\n{mail.words('subject')}"
    if _PASSING.search(words) or not _FINAL.search(words):
        return ()
    failed = mail.words("x-failed-recipients").partition(",")[0]
    match = _ADDRESS.search(failed) or _ADDRESS.search(words)
    sender = headers.normal(match[0].strip("'.")) if match else ""
    why = next((line for line in words.split("\n") if _FINAL.search(line)), "")
    return [
        Inbound(
            does=Does.BOUNCED, sender=sender or "unknown@invalid", at=at, refers=refers, text=headers.words(why)[:300]
        )
    ]

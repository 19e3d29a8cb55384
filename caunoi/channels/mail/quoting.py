"""Separates a letter's own words from quotations and signatures.

Knows how the clients common here introduce an earlier letter, in Vietnamese and English: Gmail, Outlook, iPhone, Yahoo,
Thunderbird, Zimbra. Works line by line on bounded lines, so that the time is linear."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from caunoi.channels.mail.hypertext import FOLD

LINE = 1000  # letters of a line that are looked at
_BARS = r"[-_=*—–\s]{0,60}"
_ORIGINAL = re.compile(
    rf"^{_BARS}(?:original (?:message|appointment)|thư gốc|tin nhắn gốc|tin nhắn ban đầu|thư ban đầu|forwarded message"
    rf"|begin forwarded message|thư (?:được )?chuyển tiếp|tin nhắn (?:được )?chuyển tiếp|email chuyển tiếp"
    rf"|bắt đầu thư được chuyển tiếp|tin nhắn đã chuyển tiếp|reply message|nội dung thư gốc){_BARS}:?\s*$",
    re.I,
)
_BARRED = re.compile(r"^\s*(?:[-_=*—–]{2}|begin|bắt đầu)", re.I)
_FROM = re.compile(r"^\W{0,4}(?:từ|from|người gửi|gửi từ|de|von)\W{0,3}:\W{0,3}\S", re.I)
_FIELD = re.compile(
    r"^\W{0,4}(?:đã gửi|gửi lúc|sent|ngày(?: gửi)?|thời gian|date|đến|tới|gửi (?:đến|tới)|người nhận|to|cc|đồng gửi"
    r"|chủ đề|tiêu đề|về việc|subject|reply-to|importance)\W{0,3}:",
    re.I,
)
_BEGINS = re.compile(r"^\W{0,3}(?:vào|on|lúc|ngày|am|le|\d{1,2}:\d\d|\d{4}-\d\d|thứ|th \d|cn\b|chủ nhật)", re.I)
_WROTE = re.compile(r"(?:đã viết|viết|wrote|writes|đã ghi|schrieb|a écrit)\s*:?\s*$", re.I)
_DATED = re.compile(r"\d[^@]{0,200}@[^\s@]|\b(?:19|20)\d\d\b|\d{1,2}:\d\d|\d{1,2}[/.-]\d{1,2}[/.-]\d\d")
_IN_ONE = re.compile(r"^\W{0,3}(?:vào|on|lúc|ngày)\b.{10,300}@[^\s>]{3,200}>?\s{1,3}(?:đã viết|wrote)\s?:", re.I)
_BAR = re.compile(r"^[-_=*—–]{5,}$")
_OLD_GMAIL = re.compile(r"^\d{4}-\d\d-\d\d \d{1,2}:\d\d (?:GMT|UTC)[+-]\d\d:\d\d .{0,200}@.{0,200}:$")
_DEVICE = re.compile(
    r"^\W{0,3}(?:(?:được |đã )?gửi (?:từ|bằng) (?:\w+ "
    r"){0,4}(?:iphone|ipad|android|samsung|galaxy|oppo|xiaomi|vivo|huawei"
    r"|outlook|yahoo|gmail|mail|thiết bị|điện thoại|máy)|sent (?:from|with) (?:my |a |the )?(?:\w+ ){0,3}(?:iphone|ipad"
    r"|android|samsung|galaxy|blackberry|huawei|outlook|yahoo|mail|phone|device|proton)|(?:lấy|tải|nhận) outlook cho"
    r"|get outlook for|tải xuống (?:từ )?outlook)",
    re.I,
)
_PGP = re.compile(r"^-----(BEGIN|END) PGP (SIGNED MESSAGE|SIGNATURE|PUBLIC KEY BLOCK)-----\s*$")


@dataclass(frozen=True, kw_only=True)
class Letter:
    """The writer's own words, and what was folded away."""

    text: str
    quoted: str


def fold(letter: str) -> Letter:
    """Take a letter apart. One in which everything would be folded (a bare forward) keeps its words."""
    lines = _unarmoured([line.rstrip() for line in letter.split("\n")])
    own = _own(lines)
    text = _joined([line for line, mine in zip(lines, own, strict=True) if mine])
    quoted = _joined([line.removeprefix(FOLD) for line, mine in zip(lines, own, strict=True) if not mine])
    if text:
        return Letter(text=text, quoted=quoted)
    return Letter(text=_joined([re.sub(r"^(?:> ?)+", "", line.removeprefix(FOLD)) for line in lines]), quoted="")


def _joined(lines: Sequence[str]) -> str:
    last = next((at for at in range(len(lines), 0, -1) if lines[at - 1].strip("> ")), 0)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines[:last])).strip("\n")


def _unarmoured(lines: list[str]) -> list[str]:
    """Without the armour of an OpenPGP signature around the words."""
    if not any(line.startswith("-----BEGIN PGP SIGNED") for line in lines[:200]):
        return lines
    body, inside = [], ""
    for line in lines:
        if match := _PGP.match(line):
            inside = match[2] if match[1] == "BEGIN" else ""
        elif inside in ("SIGNATURE", "PUBLIC KEY BLOCK") or (inside and line.startswith("Hash: ")):
            continue
        else:
            body.append(line.removeprefix("- "))
    return body


def _own(lines: Sequence[str]) -> list[bool]:
    """For each line whether it is the writer's own."""
    own = [not line.startswith((">", FOLD)) for line in lines]
    for at, line in enumerate(lines):
        if not own[at] or not line:
            continue
        head = line[:LINE]
        length = _introduction(lines, at)
        if length:
            own[at : at + length] = [False] * length
            if not _marked_after(lines, at + length):
                own[at:] = [False] * (len(lines) - at)
                break
        elif (
            (_ORIGINAL.match(head) and _BARRED.match(head))
            or _is_header(lines, at)
            or _IN_ONE.match(head)
            or _OLD_GMAIL.match(head)
        ):
            own[at:] = [False] * (len(lines) - at)
            break
    _sign(lines, own)
    return own


def _introduction(lines: Sequence[str], at: int) -> int:
    """How many lines at `at` say who wrote when: "Vào …, … đã viết:", which clients wrap; 0 when they do not."""
    if not _BEGINS.match(lines[at][:LINE]):
        return 0
    words = ""
    for count, line in enumerate(lines[at : at + 4], 1):
        if not line or line.startswith((">", FOLD)):
            return 0
        words = f"{words} {line[:LINE]}"
        if _WROTE.search(words[-60:]) and (line.endswith(":") or "@" in words):
            return count if _DATED.search(words[:LINE]) else 0
    return 0


def _marked_after(lines: Sequence[str], at: int) -> bool:
    """Whether the quoted lines that follow are marked with ">", so that others may be the writer's again."""
    return any(line.startswith(">") for line in lines[at : at + 3])


def _is_header(lines: Sequence[str], at: int) -> bool:
    """An earlier letter's header as Outlook writes it: From, and two more of its fields close by."""
    if not _FROM.match(lines[at][:LINE]):
        return False
    return sum(bool(_FIELD.match(line[:LINE])) for line in lines[at + 1 : at + 8]) >= 2


def _sign(lines: Sequence[str], own: list[bool]) -> None:
    """Fold the signature at the end of the writer's own words."""
    mine = [at for at, yes in enumerate(own) if yes and lines[at].strip()]
    for place, at in enumerate(mine):
        left = len(mine) - place - 1
        if (lines[at] == "--" and left <= 12) or (lines[at][:LINE].rstrip() == "—" and left <= 6):
            own[at:] = [False] * (len(own) - at)
            return
    if mine and _BAR.match(lines[mine[-1]]):
        own[mine.pop()] = False
    for at in mine[-3:]:
        if _DEVICE.match(lines[at][:LINE]) and len(lines[at]) < 120:
            own[at] = False

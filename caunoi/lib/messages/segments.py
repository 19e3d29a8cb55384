"""How long a text message is: the GSM 03.38 alphabet or UCS-2, in segments that are paid one by one (3GPP TS 23.038,
23.040)."""

import re
import unicodedata

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
ESCAPED = frozenset("^{}\\[~]|€\f")
"""Letters of the extension table: two septets each."""

GSM, UCS2 = (160, 153), (70, 67)
"""Septets or UTF-16 units of a single message, and of each part of a longer one."""

_LOOKS = str.maketrans(
    {
        "–": "-",
        "—": "-",
        "−": "-",
        "‐": "-",
        "‑": "-",
        "“": '"',
        "”": '"',
        "„": '"',
        "«": '"',
        "»": '"',
        "‘": "'",
        "’": "'",
        "…": "...",
        "•": "-",
        "·": "-",
        "→": "->",
        "\u00a0": " ",
        "₫": "d",
        "đ": "d",
        "Đ": "D",
        "ð": "d",
        "Ð": "D",
        "`": "'",
    }
)
_LINK = re.compile(r"(?:https?://|www\.)\S+|\b[\w-]+(?:\.[\w-]+)+/\S+")


def plain(text: str) -> str:
    """The text without marks: Vietnamese letters as a e i o u y d, quotes and dashes as typed on a phone, and nothing
    that is not in the GSM alphabet."""
    text = unicodedata.normalize("NFC", text).translate(_LOOKS)
    text = "".join(c if c in BASIC and c.isascii() else _bare(c) for c in text)
    return "".join(c for c in text if c in BASIC or c in ESCAPED)


def _bare(letter: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", letter) if not unicodedata.combining(c))


def gsm(text: str) -> bool:
    """Whether it can go in the GSM alphabet."""
    return all(c in BASIC or c in ESCAPED for c in text)


def count(text: str) -> int:
    """How many messages are paid for it. No letter or pair of units is split between two parts."""
    if gsm(text):
        sizes, (single, part) = [2 if c in ESCAPED else 1 for c in text], GSM
    else:
        sizes, (single, part) = [2 if ord(c) > 0xFFFF else 1 for c in text], UCS2
    if sum(sizes) <= single:
        return 1
    parts, filled = 1, 0
    for size in sizes:
        if filled + size > part:
            parts, filled = parts + 1, 0
        filled += size
    return parts


def shorten(text: str, most: int) -> str:
    """The text in at most `most` segments: cut between words, with "..." and its last link whole. A link that is alone
    too long stays."""
    if count(text) <= most:
        return text
    links = _LINK.findall(text)
    tail = "..." + (f" {links[-1]}" if links else "")
    words = re.split(r"(?<=\s)", text)
    low, high = 0, len(words)  # the most words that fit
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if count(_with(words[:middle], tail, links)) <= most else (low, middle - 1)
    fitting = words[:low]
    if not fitting and not links:  # one endless word
        letters = next(n for n in range(len(text), -1, -1) if count(text[:n] + tail) <= most)
        return text[:letters] + tail
    return _with(fitting, tail, links)


def _with(words: list[str], tail: str, links: list[str]) -> str:
    head = "".join(words)
    if links:
        head = head.replace(links[-1], "")
    head = head.rstrip(" \t\n.,;:-(")
    return f"{head}{tail}" if head else (links[-1] if links else tail)

"""What had better not be published at all, and how precisely a place may be given: pure rules over words."""

import re
import unicodedata
from functools import lru_cache

from caunoi.lib.privacy import redact
from caunoi.lib.vietnamese.writing import fold, norm

GRID = 3  # decimals of a degree: about 110 m

_WORD = re.compile(r"\w+")
_LEAD = re.compile(
    r"(?:\b(?:số\s+nhà|nhà\s+số|căn\s+hộ(?:\s+số)?|phòng(?:\s+trọ)?(?:\s+số)?|lô(?:\s+đất)?(?:\s+số)?|nhà|căn|sn|số))?[\s:.]*\Z",
    re.I,
)
_FIRST = re.compile(
    r"\A\s*(?:(?:số\s+nhà|nhà\s+số|số)[\s:.]*)?\d{1,4}[a-z]?(?:/\d{1,4}[a-z]?)*\s*,?\s+(?=[^\W\d])", re.I
)


def _joined(words: str, *, marks: bool) -> str:
    """Words between single spaces, also around them, to look a phrase up in."""
    text = unicodedata.normalize("NFC", words)
    tokens = _WORD.findall(text.lower())
    return f" {' '.join(norm(t) if marks else fold(t) for t in tokens)} "


@lru_cache(maxsize=64)
def _phrases(listed: str, marks: bool) -> tuple[str, ...]:
    return tuple(_joined(phrase, marks=marks) for phrase in listed.split(",") if phrase.strip())


@lru_cache(maxsize=4)  # one text is looked through for several lists
def _folded_words(text: str) -> tuple[str, bool]:
    """The words of a text to look phrases up in, and whether it has any marks."""
    marks = fold(text) != " ".join(unicodedata.normalize("NFC", text).lower().split())
    return _joined(text, marks=marks), marks


def speaks_of(text: str, listed: str) -> bool:
    """Whether a text has one of the phrases of a list with commas. Marks count where the text has any."""
    words, marks = _folded_words(text)
    return any(phrase in words for phrase in _phrases(listed, marks))


_CALLED = re.compile(r"(?:\b(?:bé|cháu)|(?:\A|[.!?:;,\n(–-]\s*)(?:Bé|Cháu)) +(?:(?:tên là|tên|là) +)?([^\W\d_])")
_CLASS = re.compile(
    r"\b(?:(?:học|hoc) +(?:sinh +)?(?:lớp|lop) *(?:1[0-2]|[1-9])\b|(?:lớp|lop) *(?:1[0-2]|[1-9]) ?[a-h][0-9]?\b)", re.I
)


def names_a_child(text: str) -> bool:
    """Whether a text tells of one child: by name (bé Na, cháu Nam), or by the class (học lớp 5, lớp 3A)."""
    text = unicodedata.normalize("NFC", text)
    return any(match[1].isupper() for match in _CALLED.finditer(text)) or _CLASS.search(text) is not None


def street(address: str) -> str:
    """An address without the number of the house: "12/3 đường Lê Lợi" → "đường Lê Lợi"."""
    text = unicodedata.normalize("NFC", address)
    rest, at = "", 0
    for span in redact.find(text):
        if span.kind == "house_number":
            rest += _LEAD.sub(" ", text[at : span.start])
            at = span.end
    text = _FIRST.sub("", rest + text[at:])
    text = re.sub(r"\s*,(?:\s*,)+", ",", " ".join(text.split()))
    return text.strip(" ,;")


def snapped(degrees: float | None, *, exact: bool) -> float | None:
    """A coordinate as the public sees it: on a grid of GRID decimals, or as exact as a map needs (1 m)."""
    return None if degrees is None else round(degrees, 5 if exact else GRID)

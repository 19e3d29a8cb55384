"""A text with its hidden parts: the program's proposals as a person accepted, changed or withdrew them. Pure."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from caunoi.lib.privacy import redact
from caunoi.lib.privacy.spans import KINDS, Kind, Span


@dataclass(frozen=True, kw_only=True, slots=True)
class Piece:
    """A part of a text: plain, or a datum of a kind that is hidden, or was proposed and stays visible."""

    text: str
    start: int
    end: int
    kind: str = ""
    hidden: bool = False


@dataclass(frozen=True, kw_only=True)
class Marked:
    """Words (NFC) and the spans of them that are hidden, in order, without overlaps."""

    words: str
    spans: tuple[Span, ...] = ()

    @property
    def public(self) -> str:
        """The public version: each hidden datum as its kind, `[phone]`."""
        return redact.masked(self.words, list(self.spans))

    def plain(self) -> dict[str, Any]:
        """As JSON holds it: {words, spans: [[start, end, kind]]}."""
        return {"words": self.words, "spans": [[s.start, s.end, s.kind] for s in self.spans]}


def proposed(text: str) -> Marked:
    """A text with all hidden that the rules find."""
    words = unicodedata.normalize("NFC", text)
    return Marked(words=words, spans=tuple(redact.find(words)))


def chosen(text: str, places: Iterable[tuple[int, int, str]]) -> Marked:
    """A text with these places hidden, (start, end, kind) of its NFC form; what lies outside the text or is of no kind
    is left out, what overlaps becomes one."""
    words = unicodedata.normalize("NFC", text)
    ranges: list[tuple[int, int, str]] = []
    for start, end, kind in sorted(p for p in places if p[2] in KINDS and 0 <= p[0] < p[1] <= len(words)):
        if ranges and start < ranges[-1][1]:
            ranges[-1] = (ranges[-1][0], max(end, ranges[-1][1]), ranges[-1][2])
        else:
            ranges.append((start, end, kind))
    spans = (Span(kind=cast(Kind, kind), start=start, end=end, text=words[start:end]) for start, end, kind in ranges)
    return Marked(words=words, spans=tuple(spans))


def read(stored: Mapping[str, Any]) -> Marked:
    """A marked text from the JSON that `plain` wrote."""
    return chosen(stored["words"], [(start, end, kind) for start, end, kind in stored["spans"]])


def pieces(marked: Marked) -> list[Piece]:
    """The text cut up for a person to look at: what is hidden, and what the rules would hide but stays visible."""
    visible = [
        s for s in redact.find(marked.words) if not any(s.start < h.end and h.start < s.end for h in marked.spans)
    ]
    every = sorted([(s, True) for s in marked.spans] + [(s, False) for s in visible], key=lambda pair: pair[0].start)
    result, at = [], 0
    for span, hidden in every:
        result.append(_plain(marked.words, at, span.start))
        result.append(Piece(text=span.text, start=span.start, end=span.end, kind=span.kind, hidden=hidden))
        at = span.end
    return [piece for piece in [*result, _plain(marked.words, at, len(marked.words))] if piece.text]


def hiding(marked: Marked, phrase: str, kind: Kind) -> Marked:
    """A copy with a phrase hidden wherever it occurs as whole words."""
    phrase = unicodedata.normalize("NFC", phrase).strip()
    if not phrase:
        return marked
    pattern = re.compile(rf"(?<!\w){re.escape(phrase)}(?!\w)", re.IGNORECASE)
    there = [(s.start, s.end, s.kind) for s in marked.spans]
    more = [(*match.span(), kind) for match in pattern.finditer(marked.words)]
    return chosen(marked.words, [*there, *more])


def carried(marked: Marked, text: str) -> Marked:
    """A person's choices carried over to an edited text: what was hidden stays hidden wherever it stands, what the
    rules newly find is hidden too, and what was visible stays visible."""
    visible_texts = {piece.text for piece in pieces(marked) if piece.kind and not piece.hidden}
    fresh = chosen(text, [(s.start, s.end, s.kind) for s in proposed(text).spans if s.text not in visible_texts])
    for span in marked.spans:
        fresh = hiding(fresh, span.text, span.kind)
    return fresh


def has(text: str, kinds: Collection[str]) -> bool:
    """Whether the rules find a datum of one of these kinds."""
    return any(span.kind in kinds for span in redact.find(text))


def _plain(words: str, start: int, end: int) -> Piece:
    return Piece(text=words[start:end], start=start, end=end)

"""Finds and masks people's data in a text: what goes public has no names, numbers or doors in it.

Rules, not a model: each mask can be explained, nothing leaves the machine. The bars and the letters they are measured
on are in `bench/redact.py` and `tests/lib/redact/cases.jsonl`.
"""

import unicodedata
from functools import lru_cache
from itertools import chain

from caunoi.lib.privacy import doors, letter, names, numbered, profiles, tagger
from caunoi.lib.privacy.spans import Span, settled, united
from caunoi.lib.vietnamese.writing import shape


def find(text: str) -> list[Span]:
    """The people's data in a text, in order, without overlaps; offsets are code points of the NFC text."""
    return list(_spans(unicodedata.normalize("NFC", text)))


@lru_cache(maxsize=8)  # a ticket's few texts are read several times in a row
def _spans(text: str) -> tuple[Span, ...]:
    folded = shape(text)
    candidates = [*names.find(text, folded), *names.listed(text, folded)]
    tagged = tagger.find(text, folded, tuple(candidates))
    candidates += (one for one in tagged if not names.on_a_screen(text, one))
    candidates += names.again(letter.read(text, folded), candidates)
    candidates += names.prolonged(letter.read(text, folded), candidates)
    people = list(united([*candidates, *names.quoted(text, candidates)]))
    readings = [numbered.find(text, folded), doors.find(text, folded), people, profiles.find(folded)]
    places = [(one.start, one.end) for one in people]
    readings += [numbered.of_people(folded, places), doors.of_people(folded, places)]
    return tuple(settled(chain.from_iterable(readings), text))


def public(text: str) -> str:
    """The NFC text with each datum replaced by its kind: `[phone]`."""
    return masked(text, find(text))


def masked(text: str, spans: list[Span]) -> str:
    """The NFC text with these spans of it replaced by their kinds."""
    text = unicodedata.normalize("NFC", text)
    parts, start = [], 0
    for span in spans:
        parts += [text[start : span.start], f"[{span.kind}]"]
        start = span.end
    return "".join([*parts, text[start:]])

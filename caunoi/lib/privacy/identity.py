"""A person's marks: what they are called and reached by, struck out of what others wrote about them. Pure."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from caunoi.lib.privacy.discreet import mask

ERASED = "[…]"
"""What stands where somebody's words were: the same in every language."""
LEAST = 6  # letters of a mark that is looked for everywhere

_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def _digits(phone: str) -> str:
    """A number without what countries and trunks put before it, as it stands within every way to write it."""
    return re.sub(r"\D", "", phone).removeprefix("84").removeprefix("0")


@dataclass(frozen=True, kw_only=True)
class Identity:
    """`phones` in E.164; `others` are the ids that providers know the person by; `words` were added by somebody, who
    cannot know that they are nobody else's: they are struck out of the person's own rows only."""

    names: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()
    emails: frozenset[str] = frozenset()
    addresses: frozenset[str] = frozenset()
    others: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()

    @cached_property
    def _marks(self) -> re.Pattern[str] | None:
        words = sorted({*self.emails, *self.addresses, *self.others, *self.words} - {""}, key=len, reverse=True)
        parts = [re.escape(unicodedata.normalize("NFC", word)) for word in words]
        for phone in sorted(self.phones):
            if len(digits := _digits(phone)) >= LEAST:
                parts.append(r"(?:\+?84|0)?[\s.\-]*" + r"[\s.\-]*".join(digits))
        return re.compile("|".join(parts), re.IGNORECASE) if parts else None

    def blot(self, text: str) -> str:
        """The text without the numbers, addresses and ids of this person."""
        pattern = self._marks
        return pattern.sub(ERASED, text) if pattern and text else text

    def strike(self, text: str) -> str:
        """The text without this person, and without whatever else could lead to them: other names and numbers too."""
        if not text:
            return text
        text = self.blot(unicodedata.normalize("NFC", text))
        for name in sorted(self.names) or [""]:
            text = mask(text, name)
        return text

    def blot_all(self, value: Any) -> Any:
        """JSON with `blot` done to every text in it, keys aside."""
        if isinstance(value, str):
            return self.blot(value)
        if isinstance(value, list):
            return [self.blot_all(one) for one in value]
        if isinstance(value, dict):
            return {key: self.blot_all(one) for key, one in value.items()}
        return value

    @cached_property
    def sure(self) -> tuple[str, ...]:
        """What is theirs alone, as it stands in whatever holds it: names, streets and half an address are others'
        too."""
        emails = {email for email in self.emails if _ADDRESS.fullmatch(email)}
        marks = {*(_digits(phone) for phone in self.phones), *emails, *self.others}
        return tuple(sorted(mark for mark in marks if len(mark) >= LEAST))

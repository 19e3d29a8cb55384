"""What a file of each kind may hold: its fields, how their columns are called, and the words for our codes. Pure."""

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from caunoi.channels.registry import channels
from caunoi.lib.tables.nearest import Names

TABLE = Path(__file__).with_name("data") / "words.toml"
KINDS = ("agencies", "people", "tickets")
REQUIRED = {"agencies": ("name",), "people": ("full_name",), "tickets": ("received", "text")}
SEVERAL = {"note"}  # fields that several columns may feed
WORDED = {
    "agencies": ("kind", "calendar"),
    "people": ("agency", "role"),
    "tickets": ("state", "category", "agency", "channel", "kind", "urgency", "reason"),
}
"""Fields whose words become codes; a mapping may say which."""


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(TABLE.read_text("utf-8"))


def headings(kind: str) -> Mapping[str, tuple[str, ...]]:
    """By field, how its column may be called, our own heading first. KeyError for an unknown kind."""
    return {field: tuple(words) for field, words in _table()[kind]["headings"].items()}


def _words(kind: str, field: str) -> Mapping[str, Sequence[str]]:
    """By code, the words that old systems have for it, our own first."""
    if (kind, field) == ("tickets", "channel"):
        return {key: (*one.aliases, one.label) for key, one in channels().items()}
    words: Mapping[str, Sequence[str]] = _table()[kind].get("words", {}).get(field, {})
    return words


@cache
def codes(kind: str, field: str) -> Names:
    """The words that stand for a field's codes, and the codes themselves; none for fields whose codes are rows."""
    return Names({code: (code, *words) for code, words in _words(kind, field).items()})


def first_word(kind: str, field: str, code: str) -> str:
    """The word that our own files have for a code."""
    words = _words(kind, field).get(code)
    return words[0] if words else code

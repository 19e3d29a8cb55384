"""Addresses that are themselves a right: whoever reads one may open it, so none belongs in a log or on another's
page."""

import re

_PATH = r"(?:/|%2F)"
_TOKEN = r"[^/\s?#&%\"'<>\\,;)]+"  # noqa: S105
# one's own ticket, a rating, following another's, an agency's one-time link, an invitation, a forgotten password, an
# exchange's, a draft
_OPENS = re.compile(rf"({_PATH}(?:f|r|j|l|invite|recover|cti|report|mine|confirm){_PATH}){_TOKEN}", re.I)
_READERS = re.compile(r"(/(?:f|r|j|invite|recover)/)[A-Za-z0-9_:.~-]{8,}")
_QUERY = re.compile(
    r"((?:[?&;]|%3F|%26)(?:f|l|c|follow|once|proof|sig|signature|(?:[\w.]*[_.])?(?:token|key|secret|password))"
    r"(?:=|%3D))[^&\s#\"'<>\\]+",
    re.I,
)
_BEARER = re.compile(r"((?:Bearer|Basic|api_key[=:])\s*)[A-Za-z0-9._~+/=-]+", re.I)
_ROW = re.compile(r"(Key \((?:follow|token|digest|nonce|session_key)\)=\()[^)]*")


def hide(text: str) -> str:
    """A line of a log without any secret address, key or token in it."""
    for pattern in (_OPENS, _QUERY, _BEARER, _ROW):
        text = pattern.sub(r"\1…", text)
    return text


def hide_citizens(text: str) -> str:
    """Words to somebody as the rest of the staff may read them: without the addresses by which a citizen reads, rates,
    closes, or a colleague chooses a password (where a mail of ours came back, or was answered)."""
    return _READERS.sub(r"\1…", text)

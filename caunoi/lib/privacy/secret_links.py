"""Addresses that are themselves a right: whoever reads one may open it, so none belongs in a log or on another's
page."""

import re

_PATH = r"(?:/|%2F)"
_TOKEN = r"[^/\s?#&%\"'<>\\,;)]+"  # noqa: S105
BEFORE_SECRETS = (
    "f",  # one's own ticket
    "r",  # a rating
    "j",  # following another's
    "s",  # a report that waits for its number
    "k",  # what one told in confidence
    "confirm",  # … by mail
    "l",  # an agency's one-time link
    "first",  # the first run
    "invite",
    "recover",  # a forgotten password
    "cti",  # a telephone exchange's
    "report",  # a draft
    "mine",  # one's own ticket, for apps
    "tokens",  # a report's, for apps
)
"""The part of a path after which a secret stands. tests/web/test_secret_links.py compares it with all addresses."""
_OPENS = re.compile(rf"({_PATH}(?:{'|'.join(BEFORE_SECRETS)}){_PATH}){_TOKEN}", re.I)
_READERS = re.compile(r"(/(?:f|r|j|k|s|invite|recover)/)[A-Za-z0-9_:.~-]{8,}")
_QUERY = re.compile(
    r"((?:[?&;]|%3F|%26)(?:f|l|c|follow|once|proof|sig|signature|(?:[\w.]*[_.])?(?:token|key|secret|password))"
    r"(?:=|%3D))[^&\s#\"'<>\\]+",
    re.I,
)
_BEARER = re.compile(r"((?:Bearer|Basic|api_key[=:])\s*)[A-Za-z0-9._~+/=-]+", re.I)
_ANSWER = re.compile(r"(/(?:account|directory)/back\?)[^\s\"'<>\\]+", re.I)  # what a provider sends back
_ROW = re.compile(r"(Key \((?:follow|token|digest|nonce|session_key)\)=\()[^)]*")


def hide(text: str) -> str:
    """A line of a log without any secret address, key or token in it."""
    for pattern in (_OPENS, _QUERY, _ANSWER, _BEARER, _ROW):
        text = pattern.sub(r"\1…", text)
    return text


def hide_citizens(text: str) -> str:
    """Words to somebody as the rest of the staff may read them: without the addresses by which a citizen reads, rates,
    closes, or a colleague chooses a password (where a mail of ours came back, or was answered)."""
    return _READERS.sub(r"\1…", text)

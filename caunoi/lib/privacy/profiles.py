"""People's own pages in social networks, and the handles by which they are found there."""

import re
from collections.abc import Iterator

from caunoi.lib.privacy.spans import Candidate

_HOSTS = (
    r"(?:facebook\.com|fb\.com|fb\.me|fb\.watch|m\.me|messenger\.com|zalo\.me|zaloapp\.com|instagram\.com|tiktok\.com"
    r"|youtube\.com|youtu\.be|twitter\.com|x\.com|threads\.net|threads\.com|t\.me|linkedin\.com|locket\.cam)"
)
_LINK = re.compile(
    rf"(?<![a-z0-9_.@-])(?:https?://)?(?:[a-z]{{1,6}}\.)?{_HOSTS}/[^\s<>()\"']{{0,300}}[^\s<>()\"'.,;:!?]"
)
_NICK = re.compile(
    r"\b(?:zalo|fb|facebook|face|nick(?:name)?|tik ?tok|insta(?:gram)?|tele(?:gram)?|viber|skype)"
    r"(?: ten| la| id| nick| tiktok| zalo){0,2}"
    r"(?: ?: ?| )((?=[a-z0-9._]{0,30}[._0-9])[a-z][a-z0-9._]{2,29}[a-z0-9])(?![a-z0-9_@/])(?!\.[a-z])"
)
"""A handle with a sign or a digit in it, after the network's name: zalo bachue_59."""
_HANDLE = re.compile(r"(?<![a-z0-9_.+%@/-])@[a-z_][a-z0-9_.]{2,38}[a-z0-9_](?![a-z0-9_])")


def find(shape: str) -> Iterator[Candidate]:
    """Every such link and handle; `shape` is the shape of the text."""
    for match in _LINK.finditer(shape):
        yield Candidate("person", match.start(), match.end())
    for match in _NICK.finditer(shape):
        yield Candidate("person", *match.span(1), backed=False)
    for match in _HANDLE.finditer(shape):
        yield Candidate("person", match.start(), match.end(), backed=False)

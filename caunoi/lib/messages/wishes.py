"""Chat messages that ask to follow a ticket, or to stop. Pure."""

import re
from enum import StrEnum

from caunoi.lib.numbers import codes
from caunoi.lib.vietnamese.writing import fold


class Wish(StrEnum):
    FOLLOW = "follow"
    JOIN = "join"  # and has the same trouble
    STOP = "stop"


_WISH = re.compile(
    r"""^\W*(?: (?P<stop>(?:thoi|ngung|dung|bo|huy)(?:\ theo\ doi)?|stop|unfollow)
      | (?P<join>(?:toi\ |em\ |minh\ )?cung\ (?:gap|bi)(?:\ (?:viec|chuyen)\ nay)?|join)
      | (?P<follow>(?:xin\ )?theo\ doi|follow) )
    (?:\ phieu)?\ (?P<code>\d{2}[-. ]?\d{6}[-. ]?\d)\W*$""",
    re.VERBOSE,
)


def wish(text: str) -> tuple[Wish, str] | None:
    """What a message wishes, and of which ticket (its code); None for anything else, which is a report or a reply."""
    match = _WISH.match(fold(text))
    code = codes.parse(match["code"]) if match else None
    if match is None or code is None:
        return None
    kind = Wish.STOP if match["stop"] else Wish.JOIN if match["join"] else Wish.FOLLOW
    return kind, code

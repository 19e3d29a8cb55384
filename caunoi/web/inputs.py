"""Words that people type into fields which no form of Django's checks."""

from django.http import QueryDict
from django.utils.translation import gettext as _

LONGEST = 4000  # characters of a message to or from a citizen


def text_in(params: QueryDict, name: str, most: int | None = None) -> str:
    """What was typed, as PostgreSQL can hold it; at most so many characters of it."""
    return params.get(name, "").replace("\0", "").strip()[:most]


def too_long(text: str, limit: int = LONGEST) -> str:
    """The error for a text that is too long; nothing is cut off silently."""
    return _("Please shorten this to %(limit)s characters.") % {"limit": limit} if len(text) > limit else ""


def message_error(text: str) -> str:
    """Why a message cannot be sent; empty when it can."""
    return too_long(text) if text else _("Please write something first.")

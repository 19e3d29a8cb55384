"""The channels' names, in the reader's language. A ticket's channel may be one whose file was removed: then its key is
its name."""

from django.utils.translation import get_language, gettext

from caunoi.channels.base import Channel
from caunoi.channels.registry import channel, channels

UNKNOWN_ICON = "inbox"


def in_language(adapter: Channel, english: str) -> str:
    """A text of a channel's declaration: by its own translations, else by those of caunoi/locale."""
    own = adapter.words.get(english) if get_language() == "vi" else None
    return own or gettext(english)


def channel_name(key: str) -> str:
    adapter = channel(key)
    return in_language(adapter, adapter.label) if adapter else key


def channel_names() -> dict[str, str]:
    """Key → name, in the order of lists."""
    return {key: in_language(adapter, adapter.label) for key, adapter in channels().items()}


def channel_icon(key: str) -> str:
    adapter = channel(key)
    return adapter.icon if adapter else UNKNOWN_ICON

"""Mails and texts to the staff, with files, and codes to citizens: the same queue as what we say to citizens, but no
thread shows them."""

from collections.abc import Sequence

from django.core.files.storage import default_storage

from caunoi.channels.base import Media
from caunoi.conversations.models import Conversation, Inbox, Outgoing


def post(
    box: Inbox,
    address: str,
    text: str,
    *,
    once: str,
    title: str,
    files: Sequence[dict[str, str]] = (),
    secret: str = "",
    thread: Conversation | None = None,
) -> Outgoing | None:
    """Queue a mail or text; None when `once` was queued before. `files`: [{name, type, path}]; `secret`: inserted into
    the text when it is handed over (accounts/letters.py); `thread`: the chat in which it is sent."""
    row, made = Outgoing.objects.get_or_create(
        once=once,
        defaults={
            "inbox": box,
            "conversation": thread,
            "address": address,
            "text": text,
            "title": title,
            "files": list(files),
            "secret": secret,
        },
    )
    return row if made else None


def enclosed(row: Outgoing) -> list[Media]:
    """The files of a row, with their bytes; missing ones are left out."""
    result = []
    for file in row.files:
        if default_storage.exists(file["path"]):
            with default_storage.open(file["path"]) as opened:
                result.append(Media(kind="file", name=file["name"], content_type=file["type"], content=opened.read()))
    return result

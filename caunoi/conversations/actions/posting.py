"""Mails and texts to the staff, with files: the same queue as what we say to citizens, without a thread."""

from collections.abc import Sequence

from django.core.files.storage import default_storage

from caunoi.channels.base import Media
from caunoi.conversations.models import Inbox, Outgoing


def post(
    box: Inbox,
    address: str,
    text: str,
    *,
    once: str,
    title: str,
    files: Sequence[dict[str, str]] = (),
    secret: str = "",
) -> Outgoing | None:
    """Queue a mail or text; None when `once` was queued before. `files`: [{name, type, path}]; `secret`: inserted into
    the text when it is handed over (accounts/letters.py)."""
    row, made = Outgoing.objects.get_or_create(
        once=once,
        defaults={
            "inbox": box,
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

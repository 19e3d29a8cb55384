import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.timezone import localdate, now

from caunoi.events.actor import Actor
from caunoi.files import brush, pictures
from caunoi.files.darkroom import darkroom
from caunoi.files.models import Attachment
from caunoi.files.queries import content, orphans, unused

ORPHAN = timedelta(days=9)  # longer than a draft, or a page with a claim in it, lives
SLICE = 200


def check(data: bytes) -> None:
    """BadPictureError unless `store` would take these bytes."""
    darkroom.develop(data)


def store(data: bytes, *, by: Actor, wait: float | None = None) -> Attachment:
    """Store a picture that somebody sent, re-encoded in two sizes. BadPictureError when it is none, or when no darkroom
    was free within `wait` seconds."""
    return _stored(darkroom.develop(data, wait=wait), by)


def paint(original: Attachment, shapes: Sequence[Mapping[str, Any]], *, by: Actor) -> Attachment:
    """A new picture: this one with the shapes (brush.py) painted over for good. The original stays as it is."""
    with content(original) as file:
        return _stored(brush.paint(file.read(), shapes), by)


def _stored(picture: pictures.Picture, by: Actor) -> Attachment:
    name = f"{localdate():%Y/%m}/{secrets.token_urlsafe(16)}"
    default_storage.save(f"{name}.webp", ContentFile(picture.large))
    default_storage.save(f"{name}-small.webp", ContentFile(picture.small))
    return Attachment.objects.create(
        name=name,
        digest=picture.digest,
        width=picture.width,
        height=picture.height,
        size=len(picture.large),
        by=by.name,
    )


def forget_orphans() -> int:
    """Remove the pictures unused after ORPHAN: those of drafts that nobody sent. Returns their number."""
    done = 0
    while rows := orphans(now() - ORPHAN, SLICE):
        with transaction.atomic():
            for row in rows:
                remove(row)
        done += len(rows)
    return done


def remove_unused(ids: Collection[int]) -> int:
    """Of these pictures, remove those that no row of any stage uses any more. How many."""
    rows = unused().filter(pk__in=ids)
    for row in rows:
        remove(row)
    return len(rows)


def remove(attachment: Attachment) -> None:
    """Remove a picture that nothing uses any more, its files after the commit. ProtectedError when something does."""
    name = attachment.name
    attachment.delete()
    for ending in (".webp", "-small.webp"):
        transaction.on_commit(partial(default_storage.delete, f"{name}{ending}"))

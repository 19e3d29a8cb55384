import secrets
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import timedelta
from functools import partial
from itertools import batched
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.timezone import localdate, now

from caunoi.directory.queries import option
from caunoi.events.actor import Actor
from caunoi.files import brush, pictures
from caunoi.files.darkroom import darkroom
from caunoi.files.models import Attachment
from caunoi.files.queries import content, orphans, strays, unfinished, unused

SLICE = 200
GIGABYTE = 1 << 30


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
        by_user=by.user_id,
    )


def forget_orphans() -> int:
    """Remove the pictures that nothing uses after `orphan_days` (a claim to one is valid for a day): those of reports
    that nobody sent. Returns their number."""
    before, done = now() - timedelta(days=option("orphan_days")), 0
    while rows := orphans(before, SLICE):
        _remove(rows)
        done += len(rows)
    return done


def remove_unused(ids: Collection[int]) -> int:
    """Of these pictures, remove those that no row of any stage uses any more. How many."""
    rows = unused().filter(pk__in=ids)
    for row in rows:
        remove(row)
    return len(rows)


def trim_orphans() -> int:
    """Where unused pictures take more than `upload_gigabytes`, remove the oldest until they do not. Returns their
    number."""
    done, excess = 0, unfinished().total - option("upload_gigabytes") * GIGABYTE
    while excess > 0 and (rows := orphans(now(), SLICE)):
        first = list(_oldest(rows, excess))
        _remove(first)
        excess -= sum(row.size for row in first)
        done += len(first)
    return done


def _oldest(rows: Sequence[Attachment], size: int) -> Iterator[Attachment]:
    """As many of them as have so many bytes together."""
    for row in rows:
        if size <= 0:
            return
        size -= row.size
        yield row


def forget_strays() -> int:
    """Remove the files of this month and the last that no picture names, a day after they were written: of uploads that
    broke off. Returns their number."""
    done, today = 0, localdate()
    for month in {today.strftime("%Y/%m"), (today.replace(day=1) - timedelta(days=1)).strftime("%Y/%m")}:
        try:
            names = default_storage.listdir(month)[1]
        except FileNotFoundError:
            continue
        for slice_ in batched(sorted(names), 1000):
            stems = {f"{month}/{name.removesuffix('.webp').removesuffix('-small')}" for name in slice_}
            for name in strays(stems):
                done += _remove_stray(name)
    return done


def _remove_stray(name: str) -> int:
    files = [path for path in (f"{name}.webp", f"{name}-small.webp") if default_storage.exists(path)]
    old = [path for path in files if default_storage.get_modified_time(path) < now() - timedelta(days=1)]
    for path in old:
        default_storage.delete(path)
    return len(old)


def _remove(rows: Sequence[Attachment]) -> None:
    with transaction.atomic():
        for row in rows:
            remove(row)


def remove(attachment: Attachment) -> None:
    """Remove a picture that nothing uses any more, its files after the commit. ProtectedError when something does."""
    name = attachment.name
    attachment.delete()
    for ending in (".webp", "-small.webp"):
        transaction.on_commit(partial(default_storage.delete, f"{name}{ending}"))

from collections.abc import Sequence
from datetime import datetime

from django.core import signing
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db.models import QuerySet

from caunoi.files.models import Attachment

SALT = "caunoi.files"
DAY = 24 * 3600


def attachment(name: str) -> Attachment | None:
    return Attachment.objects.filter(name=name).first()


def content(attachment: Attachment, *, small: bool = False) -> "File[bytes]":
    """The bytes of a picture, to stream."""
    return default_storage.open(f"{attachment.name}{'-small' if small else ''}.webp")


def unused() -> QuerySet[Attachment]:
    """Pictures that no row of any stage uses."""
    return Attachment.objects.filter(**{f"{one.name}__isnull": True for one in Attachment._meta.related_objects})


def orphans(before: datetime, size: int) -> list[Attachment]:
    """Those of them that were made before then."""
    return list(unused().filter(created__lt=before).order_by("pk")[:size])


def claim(attachment: Attachment) -> str:
    """A token by which a form names the picture it uploaded when it is sent again; valid for a day."""
    return signing.dumps(attachment.pk, salt=SALT)


def claimed(tokens: Sequence[str]) -> list[Attachment]:
    """The pictures of such tokens, in order; forged and old tokens are ignored."""
    ids = []
    for token in tokens:
        try:
            ids.append(signing.loads(token, salt=SALT, max_age=DAY))
        except signing.BadSignature:
            continue
    rows = Attachment.objects.in_bulk(ids)
    return [rows[pk] for pk in dict.fromkeys(ids) if pk in rows]

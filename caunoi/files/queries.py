from collections.abc import Sequence
from datetime import datetime

from django.core import signing
from django.core.files.base import File
from django.core.files.storage import default_storage

from caunoi.files.models import Attachment

SALT = "caunoi.files"
DAY = 24 * 3600


def attachment(name: str) -> Attachment | None:
    return Attachment.objects.filter(name=name).first()


def content(attachment: Attachment, *, small: bool = False) -> "File[bytes]":
    """The bytes of a picture, to stream."""
    return default_storage.open(f"{attachment.name}{'-small' if small else ''}.webp")


def orphans(before: datetime, size: int) -> list[Attachment]:
    """Pictures made before then that no row of any stage shows."""
    unused = {f"{relation.name}__isnull": True for relation in Attachment._meta.related_objects}
    return list(Attachment.objects.filter(created__lt=before, **unused).order_by("pk")[:size])


def claim(attachment: Attachment) -> str:
    """A token by which the form that uploaded a picture names it when it is sent again; good for a day."""
    return signing.dumps(attachment.pk, salt=SALT)


def claimed(tokens: Sequence[str]) -> list[Attachment]:
    """The pictures of such tokens, in order; forged or old tokens count for nothing."""
    found = []
    for token in tokens:
        try:
            found.append(signing.loads(token, salt=SALT, max_age=DAY))
        except signing.BadSignature:
            continue
    rows = Attachment.objects.in_bulk(found)
    return [rows[pk] for pk in dict.fromkeys(found) if pk in rows]

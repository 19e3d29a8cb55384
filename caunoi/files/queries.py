from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core import signing
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db.models import Count, QuerySet, Sum

from caunoi.files.models import Attachment


@dataclass(frozen=True, kw_only=True)
class Unused:
    """How many pictures nothing uses, and their bytes."""

    count: int
    total: int


SALT = "caunoi.files"
DAY = 24 * 3600
NEWEST = 20_000  # pictures, of which those without use are counted


def attachment(name: str) -> Attachment | None:
    return None if "\0" in name else Attachment.objects.filter(name=name).first()


def content(attachment: Attachment, *, small: bool = False) -> "File[bytes]":
    """The bytes of a picture, to stream."""
    return default_storage.open(f"{attachment.name}{'-small' if small else ''}.webp")


def unused() -> QuerySet[Attachment]:
    """Pictures that no row of any stage uses."""
    return Attachment.objects.filter(**{f"{one.name}__isnull": True for one in Attachment._meta.related_objects})


def orphans(before: datetime, size: int) -> list[Attachment]:
    """Pictures made before then that no row of any stage uses."""
    return list(unused().filter(created__lt=before).order_by("pk")[:size])


def unfinished() -> Unused:
    """The pictures of reports that were not sent (yet), among the NEWEST."""
    last = Attachment.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    row = unused().filter(pk__gt=last - NEWEST).aggregate(count=Count("pk"), total=Sum("size"))
    return Unused(count=row["count"], total=row["total"] or 0)


def strays(names: set[str]) -> set[str]:
    """Those of these names that no picture has."""
    return names - set(Attachment.objects.filter(name__in=names).values_list("name", flat=True))


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

import secrets

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.timezone import localdate

from caunoi.events.actor import Actor
from caunoi.files import pictures
from caunoi.files.models import Attachment


def check(data: bytes) -> None:
    """BadPicture when these bytes are no picture that `store` would take."""
    pictures.read(data)


def store(data: bytes, *, by: Actor) -> Attachment:
    """Keep a picture that somebody sent, re-encoded in two sizes. BadPicture when it is none."""
    picture = pictures.read(data)
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

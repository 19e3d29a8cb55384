"""Photos from citizens: each is checked and kept as it comes, the good ones even when another is refused."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from caunoi.directory.queries import option
from caunoi.events.actor import Actor
from caunoi.files import actions as files
from caunoi.files import queries as pictures
from caunoi.files.models import Attachment
from caunoi.files.pictures import BadPictureError
from caunoi.store.places import StoreError
from caunoi.web.moves import trouble
from caunoi.web.story import PictureLinks, picture

WAIT = 3.0  # seconds for others' photos: a thread that waits answers nobody


@dataclass(frozen=True)
class DraftPhoto(PictureLinks):
    """With the claim that names it."""

    claim: str = ""


def keep(uploads: Iterable["UploadedFile[Any]"], room: int, *, by: Actor) -> tuple[list[Attachment], list[str]]:
    """Store the photos for which there is room; and the errors of those that were refused."""
    attachments: list[Attachment] = []
    refused: list[str] = []
    limit = option("photo_megabytes")
    for upload in uploads:
        name = {"name": upload.name}
        if len(attachments) >= room:
            refused.append(_("We can take %(most)s photos; the rest was left out.") % {"most": option("photo_limit")})
            break
        if (upload.size or 0) > limit * 1024 * 1024:
            refused.append(_("%(name)s is larger than %(limit)s MB.") % {**name, "limit": limit})
            continue
        try:
            attachments.append(files.store(upload.read(), by=by, wait=WAIT))
        except BadPictureError as error:
            refused.append(trouble(error) % name)
        except StoreError:
            refused.append(_("Photos cannot be taken just now. Send your report without them; you can add them later."))
            break
    return attachments, refused


def draft_photos(claims: Sequence[str]) -> list[DraftPhoto]:
    return [
        DraftPhoto(**vars(picture(attachment, query=f"c={claim}")), claim=claim)
        for claim in claims
        for attachment in pictures.claimed([claim])
    ]

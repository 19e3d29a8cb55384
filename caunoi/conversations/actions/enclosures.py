"""Files sent with a message are fetched at once, because providers offer them only for a short time: pictures are
checked and re-encoded; of anything else only its name and type are kept. Failures are retried while that makes
sense."""

import logging
from collections.abc import Sequence
from datetime import timedelta
from pathlib import PurePath

import httpx
from django.db import OperationalError, transaction
from django.utils.timezone import now

from caunoi.channels.base import DeliveryError, Media, UnreadableError
from caunoi.channels.registry import channel
from caunoi.conversations import queries
from caunoi.conversations.actions.hearing import CITIZEN
from caunoi.conversations.models import Enclosure
from caunoi.conversations.queries.raw import content
from caunoi.directory.queries import option
from caunoi.events import outbox
from caunoi.events.actions import record
from caunoi.files.actions import store
from caunoi.files.models import Attachment
from caunoi.files.pictures import BadPictureError

log = logging.getLogger(__name__)

BATCH = 8
LEASE = timedelta(minutes=3)
TRIES, FIRST_WAIT = 7, 10.0  # seconds, doubling: about twenty minutes, after which such addresses are dead
DISK_WAIT = 60.0
PICTURES = {".jpg", ".jpeg", ".png", ".webp", ".heic", ".heif"}
MEGABYTE = 1024 * 1024
KEPT_NO_FILE = "not kept: only pictures are"


class StorageError(Exception):
    """Our own storage refused it."""


def pictures(row: Enclosure) -> bool:
    """Whether it may be a picture; its content decides."""
    if row.kind == "image":
        return True
    return row.kind == "file" and (
        row.content_type.startswith("image/") or PurePath(row.name.lower()).suffix in PICTURES
    )


def claim_enclosures(limit: int = BATCH) -> Sequence[Enclosure]:
    """Claim the newest waiting ones for LEASE."""
    with transaction.atomic():
        due = Enclosure.objects.filter(state=Enclosure.State.WAITING, due__lte=now()).order_by("-id")
        ids = [row.pk for row in due.select_for_update(skip_locked=True)[:limit]]
        Enclosure.objects.filter(pk__in=ids).update(due=now() + LEASE)
    rows = Enclosure.objects.filter(pk__in=ids).select_related("message__conversation__inbox", "message__receipt")
    return list(rows)


def fetch(row: Enclosure, http: httpx.Client) -> None:
    """Fetch and store one of them."""
    if not pictures(row):
        _settle(row, Enclosure.State.KEPT, KEPT_NO_FILE)
        return
    try:
        data = _bytes(row, http)
        row.attachment = _stored(data)
    except OperationalError:
        raise
    except StorageError as error:
        log.error("an enclosure cannot be stored: %s", error)
        _later(row, DISK_WAIT, f"cannot be stored: {error}", counted=False)
    except DeliveryError as error:
        if error.retry and row.attempts + 1 < TRIES:
            _later(row, error.wait or FIRST_WAIT * 2**row.attempts, str(error))
        else:
            _settle(row, Enclosure.State.LOST, str(error))
    except BadPictureError as error:
        _settle(row, Enclosure.State.LOST if row.kind == "image" else Enclosure.State.KEPT, f"no picture: {error.code}")
    except UnreadableError as error:
        _settle(row, Enclosure.State.LOST, str(error))
    except Exception as error:
        log.exception("enclosure %s", row.pk)
        if row.attempts + 1 < TRIES:
            _later(row, FIRST_WAIT * 2**row.attempts, f"{type(error).__name__}: {error}")
        else:
            _settle(row, Enclosure.State.LOST, f"{type(error).__name__}: {error}")
    else:
        _settle(row, Enclosure.State.KEPT, "")


def _bytes(row: Enclosure, http: httpx.Client) -> bytes:
    box = row.message.conversation.inbox
    adapter = channel(box.channel)
    if adapter is None:
        raise UnreadableError(f"there is no channel {box.channel}")
    account, most = queries.account(box, http), option("photo_megabytes") * MEGABYTE
    if row.url:
        media = Media(kind=row.kind, url=row.url, name=row.name, content_type=row.content_type)
        return adapter.fetch(media, account, most=most)
    receipt = row.message.receipt
    inbounds = adapter.read(receipt.raw, account, content(receipt)) if receipt else []
    for one in inbounds:
        if row.number < len(one.media) and (data := one.media[row.number].content) is not None:
            if len(data) > most:
                raise UnreadableError(f"larger than {most // MEGABYTE} MB")
            return data
    raise UnreadableError("it is not in what came in")


def _stored(data: bytes) -> Attachment:
    try:
        return store(data, by=CITIZEN)
    except OSError as error:
        raise StorageError(error.strerror or str(error)) from error


@transaction.atomic
def _settle(row: Enclosure, state: str, trouble: str) -> None:
    row.state, row.trouble = state, trouble[:300]
    row.attempts += 1
    row.save(update_fields=["state", "trouble", "attempts", "attachment"])
    if row.attachment:
        record("enclosure.keep", row, by=CITIZEN)
        transaction.on_commit(outbox.wake)


def _later(row: Enclosure, wait: float, trouble: str, *, counted: bool = True) -> None:
    row.due, row.trouble = now() + timedelta(seconds=wait), trouble[:300]
    row.attempts += counted
    row.save(update_fields=["due", "trouble", "attempts"])

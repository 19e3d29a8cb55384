"""The files of what came in and is no JSON are stored, each sealed by a key of its own (queries/raw.py)."""

import logging
import os
from contextlib import suppress
from hashlib import sha256
from time import monotonic

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from caunoi.conversations.models import Receipt, short_id
from caunoi.conversations.queries.raw import bound, content, unsealed_files
from caunoi.lib.crypto import envelope
from caunoi.vault.queries import Purpose, settled

log = logging.getLogger(__name__)

BATCH = 50


def place(inbox: int, external_id: str, data: bytes) -> tuple[str, bytes]:
    """Under which name the file of a receipt is to be stored, and by which key it is sealed. Both stay the same
    whichever try succeeds where nothing is sealed yet, and the name does where it is: what fails leaves nothing that
    the next one does not use."""
    if not settled(Purpose.IDENTITIES):  # older processes read it
        return _path(data), b""
    return _path(f"{inbox}/{short_id(external_id)}".encode()), os.urandom(envelope.KEY)


def store(name: str, data: bytes, key: bytes) -> None:
    """Durable before the receipt refers to it. A file of this name left by a crash may be half written, or sealed
    by a key that nobody has. OSError."""
    lying = envelope.seal(data, key, 0, bound(name)) if key else data
    if default_storage.exists(name):
        if not key and default_storage.size(name) == len(data):
            return
        default_storage.delete(name)
    try:
        default_storage.save(name, ContentFile(lying))
    except OSError:
        with suppress(OSError):
            default_storage.delete(name)
        raise


def seal_files(seconds: float = 60.0) -> int:
    """Seals, for at most so long, the files that are not yet; how many. The new file is whole before its row names it,
    and the old one goes when that is committed: whatever dies leaves at most a file that nobody reads."""
    count, after, ends = 0, 0, monotonic() + seconds
    while settled(Purpose.IDENTITIES) and monotonic() < ends:
        ids = list(unsealed_files().filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:BATCH])
        if not ids:
            break
        count += sum(_seal_file(pk) for pk in ids)
        after = ids[-1]
    return count


@transaction.atomic
def _seal_file(pk: int) -> bool:
    row = unsealed_files().select_for_update(skip_locked=True).filter(pk=pk).first()
    if row is None:
        return False
    before = row.blob
    try:
        data = content(row) or b""
        row.blob, row.blob_key = place(row.inbox_id, row.external_id, data)
        store(row.blob, data, row.blob_key)
    except OSError as error:
        log.error("the file of receipt %s cannot be sealed: %s", pk, error)
        return False
    row.save(update_fields=["blob", "blob_key"])
    if not Receipt.objects.filter(blob=before).exists():
        transaction.on_commit(lambda: default_storage.delete(before))
    return True


def _path(data: bytes) -> str:
    digest = sha256(data).hexdigest()
    return f"receipts/{digest[:2]}/{digest}"

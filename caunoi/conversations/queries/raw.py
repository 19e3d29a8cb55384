"""What came in raw, as it was. What is no JSON, which are mails, lies in a file that is sealed by a key of its own, and
that key sealed in the receipt: no file is written anew when keys are changed, and without its row none opens, in no
backup."""

import json
import logging

from django.core.files.storage import default_storage
from django.db.models import Q, QuerySet

from caunoi.conversations.models import Receipt
from caunoi.lib.crypto import envelope
from caunoi.lib.privacy.identity import Identity

log = logging.getLogger(__name__)

SLICE = 500


def content(receipt: Receipt) -> bytes | None:
    """What came in, where it is no JSON. OSError, SealError, MasterKeyError."""
    if not receipt.blob:
        return None
    with default_storage.open(receipt.blob) as file:
        data: bytes = file.read()
    key: bytes = receipt.blob_key
    return envelope.open_(data, key, bound(receipt.blob)) if key else data


def bound(name: str) -> str:
    """What is authenticated with a file: one that is laid under another name does not open."""
    return f"{Receipt._meta.db_table}.blob:{name}"


def unsealed_files() -> QuerySet[Receipt]:
    """The receipts whose file is not sealed yet."""
    return Receipt.objects.filter(~Q(blob=""), blob_key__isnull=True)


def naming(rows: QuerySet[Receipt], identity: Identity) -> list[int]:
    """Which of these receipts hold something, in themselves or in their file, that is this person's alone. Opens every
    one."""
    marks = [mark.lower() for mark in identity.sure]
    return [row.pk for row in rows.iterator(SLICE) if any(mark in _words(row) for mark in marks)] if marks else []


def _words(row: Receipt) -> str:
    """All that came in, as text in small letters."""
    try:
        text, file = json.dumps(row.raw, ensure_ascii=False), content(row) or b""
    except (OSError, envelope.SealError) as error:
        log.error("receipt %s cannot be searched: %s", row.pk, error)
        return ""
    return f"{text}\n{file.decode(errors='replace')}".lower()

"""The files themselves: stored until they are carried out or dropped, and read from a disk."""

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

from django.core.files import File
from django.core.files.storage import default_storage

from caunoi.imports.models import Batch
from caunoi.store.queries import fetch

PIECE = 1 << 20


def digest(file: IO[bytes]) -> str:
    """SHA-256 of a file, read in pieces."""
    checksum = hashlib.sha256()
    while piece := file.read(PIECE):
        checksum.update(piece)
    return checksum.hexdigest()


def keep(file: IO[bytes]) -> str:
    """Store a file under a name that nobody can guess; no page serves it."""
    file.seek(0)
    return default_storage.save(f"imports/{secrets.token_urlsafe(16)}", File(file))


@contextmanager
def local(row: Batch) -> Iterator[Path]:
    """The file on this machine's disk. FileNotFoundError when it was deleted."""
    if not row.stored or not default_storage.exists(row.stored):
        raise FileNotFoundError(row.file_name)
    try:
        yield Path(default_storage.path(row.stored))
    except NotImplementedError:
        with TemporaryDirectory() as room:
            copy = Path(room) / "file"
            fetch(row.stored, copy)
            yield copy


def forget(row: Batch) -> None:
    """Delete the file."""
    if row.stored:
        default_storage.delete(row.stored)
    Batch.objects.filter(pk=row.pk).update(stored="")
    row.stored = ""

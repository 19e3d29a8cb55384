"""The files themselves: stored until they are carried out or dropped, and read from a disk."""

import hashlib
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any

from django.core.files import File
from django.core.files.storage import default_storage

from caunoi.imports.models import Batch

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
        with default_storage.open(row.stored) as stored, NamedTemporaryFile() as copy:
            source: Any = stored
            shutil.copyfileobj(source, copy, PIECE)
            copy.flush()
            yield Path(copy.name)


def forget(row: Batch) -> None:
    """Delete the file."""
    if row.stored:
        default_storage.delete(row.stored)
    Batch.objects.filter(pk=row.pk).update(stored="")
    row.stored = ""

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any, cast

from django.core.files.storage import default_storage

from caunoi.store.models import StoredFile
from caunoi.store.places import PIECE, StoreError, digest
from caunoi.store.store import Store


def store() -> Store:
    """The one that is in use."""
    return cast(Store, default_storage)  # lazily made, and from then on it is one


def fetch(name: str, path: Path) -> None:
    """Writes a stored file to a place on this machine's disk, whole or not at all. FileNotFoundError; StoreError where
    it is not what was written."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, part = tempfile.mkstemp(prefix=".part-", dir=path.parent)
    try:
        with default_storage.open(name) as source, open(handle, "wb+") as copy:
            opened: Any = source
            shutil.copyfileobj(opened, copy, PIECE)
            copy.seek(0)
            checksum = digest(copy)
        row = StoredFile.objects.filter(name=name).first()
        if row and bytes(row.digest) != checksum:
            raise StoreError(f"{name} is not what was written")
        os.replace(part, path)
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise

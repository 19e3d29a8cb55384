"""The store: `default_storage`. It lies in one place, and is read from a second one while files move.

What it takes is written down with size and SHA-256 in the transaction of the row that names it: a file that is not
written down is one whose transaction was undone, or older than the store.
"""

import os
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from importlib import import_module
from pathlib import Path

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import Storage

from caunoi.store.models import StoredFile
from caunoi.store.places import Folder, Place, StoreError, digest

EXTRA = 'the packages for S3 are not installed: pip install "caunoi[s3]"'


def bucket(environ: Mapping[str, str] = os.environ) -> Place | None:
    """The bucket that the environment names (S3_BUCKET, S3_ENDPOINT, S3_REGION, S3_ACCESS_KEY, S3_SECRET_KEY).
    StoreError where it cannot be used."""
    names = ("bucket", "endpoint", "region", "access_key", "secret_key")
    values = {name: environ.get(f"S3_{name.upper()}", "").strip() for name in names}
    if not values["bucket"]:
        return None
    try:
        made: Place = import_module("caunoi.store.bucket").Bucket(**values)
    except ImportError:
        raise StoreError(EXTRA) from None
    return made


def folder() -> Folder:
    """The folder of files in the home."""
    return Folder()


class Store(Storage):
    """One place for all files. With a bucket, the home's folder is read too, for as long as there is one with files
    that have not moved yet."""

    def __init__(self) -> None:
        elsewhere = bucket()
        self.main: Place = elsewhere or folder()
        self.former: Folder | None = folder() if elsewhere and Path(settings.MEDIA_ROOT).is_dir() else None

    def _save(self, name: str, content: "File[bytes]") -> str:
        content.seek(0)
        checksum = digest(content)
        size = content.tell()
        content.seek(0)
        saved = self.main.put(name, content, checksum)
        row = StoredFile(name=saved, size=size, digest=checksum)
        changed = ["size", "digest", "at"]
        StoredFile.objects.bulk_create([row], update_conflicts=True, unique_fields=["name"], update_fields=changed)
        return saved

    def _open(self, name: str, mode: str = "rb") -> "File[bytes]":
        if mode != "rb":
            raise ValueError("files are read, or saved whole")
        return self._place(name).take(name)

    def _place(self, name: str) -> Place:
        """Where a file lies; where it does not, the place that says so."""
        return self.former if self.former and self.former.exists(name) else self.main

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        """Names are nobody's to guess, so none is there twice."""
        return name

    def path(self, name: str) -> str:
        if isinstance(self.main, Folder):
            return self.main.path(name)
        return super().path(name)  # NotImplementedError

    def exists(self, name: str) -> bool:
        return bool(self.former and self.former.exists(name)) or self.main.exists(name)

    def delete(self, name: str) -> None:
        for place in filter(None, (self.former, self.main)):
            place.delete(name)
        StoredFile.objects.filter(name=name).delete()

    def size(self, name: str) -> int:
        return self._place(name).size(name)

    def get_modified_time(self, name: str) -> datetime:
        return self._place(name).get_modified_time(name)

    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        """FileNotFoundError where nothing lies there."""
        folders, files = set[str](), set[str]()
        for place in filter(None, (self.former, self.main)):
            with suppress(FileNotFoundError):
                some = place.listdir(path)
                folders |= set(some[0])
                files |= set(some[1])
        if not folders and not files:
            raise FileNotFoundError(path)
        return sorted(folders), sorted(files)

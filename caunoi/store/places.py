"""The kinds of places where files can lie. A bucket needs optional packages, and has a module of its own."""

import os
from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import IO, Any, Protocol

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage

PIECE = 1 << 20


class StoreError(OSError):
    """The store cannot be reached, or refuses; the message says which and why."""


class Place(Protocol):
    """Names are as of Django's storages. FileNotFoundError, StoreError and other OSErrors."""

    @property
    def label(self) -> str:
        """What people call it: a folder's path, or the server's address with the bucket's name."""

    def put(self, name: str, content: "File[bytes]", checksum: bytes) -> str:
        """Durable when it returns; the name under which it lies. `checksum`: SHA-256 of the content."""

    def take(self, name: str) -> "File[bytes]":
        """To be read, and closed. What can fail has failed before it returns."""

    def checksum(self, name: str) -> bytes:
        """SHA-256 of what lies there, read whole."""

    def stamp(self, name: str) -> bytes:
        """`checksum`, as the place itself keeps it where it does."""

    def names(self) -> Iterator[str]:
        """All that lies there."""

    def exists(self, name: str) -> bool: ...

    def delete(self, name: str) -> None: ...

    def size(self, name: str) -> int: ...

    def listdir(self, path: str) -> tuple[list[str], list[str]]: ...

    def get_modified_time(self, name: str) -> datetime: ...


class Folder(FileSystemStorage):
    """A folder."""

    @property
    def label(self) -> str:
        return str(self.location)

    def put(self, name: str, content: "File[bytes]", checksum: bytes) -> str:
        try:
            saved = str(self.save(name, content))
            path = self.path(saved)
            for part in (path, os.path.dirname(path)):
                handle = os.open(part, os.O_RDONLY)
                try:
                    os.fsync(handle)
                finally:
                    os.close(handle)
        except OSError as error:  # the disk is full, or not there
            raise StoreError(error.strerror or str(error)) from error
        return saved

    def take(self, name: str) -> "File[bytes]":
        return self.open(name)

    def checksum(self, name: str) -> bytes:
        with self.take(name) as file:
            return digest(file)

    stamp = checksum

    def names(self) -> Iterator[str]:
        root = Path(self.location)
        for folder, folders, files in os.walk(root):
            folders.sort()
            for name in sorted(files):
                yield (Path(folder) / name).relative_to(root).as_posix()


def digest(file: IO[bytes] | Any) -> bytes:
    """SHA-256 of what is left to read."""
    result = sha256()
    while piece := file.read(PIECE):
        result.update(piece)
    return result.digest()

"""The kinds of places where files can lie. A bucket needs optional packages, and has a module of its own."""

import os
import tempfile
from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import IO, Any, Protocol

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage

PIECE = 1 << 20
PART = ".part-"  # with which the name of a file begins that is not whole yet
SPOOL = "spool/"  # the folder of what is not written down: reports while there is no primary (caunoi/spool)


class StoreError(OSError):
    """The store cannot be reached, or refuses; the message says which and why."""


class Place(Protocol):
    """Names are as of Django's storages. FileNotFoundError, StoreError and other OSErrors."""

    @property
    def label(self) -> str:
        """What people call it: a folder's path, or the server's address with the bucket's name."""

    def put(self, name: str, content: "File[bytes]", checksum: bytes) -> str:
        """Durable when it returns; the name under which it lies. `checksum`: SHA-256 of the content."""

    def keep(self, name: str, data: bytes) -> None:
        """Whole or not at all, durable when it returns; what lay there is replaced. Nothing is written down of it."""

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
                _sync(part)
        except OSError as error:  # the disk is full, or not there
            raise StoreError(error.strerror or str(error)) from error
        return saved

    def keep(self, name: str, data: bytes) -> None:
        path = Path(self.path(name))
        try:
            for folder in reversed([one for one in path.parents if not one.exists()]):
                folder.mkdir(exist_ok=True)
                _sync(folder.parent)
            handle, part = tempfile.mkstemp(prefix=PART, dir=path.parent)
            try:
                with open(handle, "wb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(handle)
                os.replace(part, path)
            except BaseException:
                Path(part).unlink(missing_ok=True)
                raise
            _sync(path.parent)
        except OSError as error:
            raise StoreError(error.strerror or str(error)) from error

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


def _sync(path: str | Path) -> None:
    """What was written to a file, or which names a folder has, outlives a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def digest(file: IO[bytes] | Any) -> bytes:
    """SHA-256 of what is left to read."""
    result = sha256()
    while piece := file.read(PIECE):
        result.update(piece)
    return result.digest()

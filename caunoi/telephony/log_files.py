"""Logs that grow and are rotated, read from a kept place on; nothing is ever written to them.

A place is a file's identity (its inode) and how far it had come. Where the file has been renamed meanwhile, its rest is
read under the new name, then what came after it; where it is gone, compressed or begun anew, time says where to begin.
"""

import gzip
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import IO

type Place = tuple[int, int]
type MomentOf = Callable[[str], datetime | None]


def place(path: Path) -> Place | None:
    """Where a log ends now; None where there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return (status.st_ino, status.st_size)


def lines(path: Path, mark: Place | None, since: datetime, moment_of: MomentOf) -> Iterator[str]:
    """The whole lines of a log and of what it was rotated to, from a kept place on, else from about `since` on.
    `moment_of` tells when a line was written, None where it does not say. OSError."""
    files = sorted(path.parent.glob(f"{path.name}*"), key=lambda file: (file.stat().st_mtime, file == path))
    begun = next((file for file in files if mark and _holds(file, mark)), None)
    if mark and begun:
        with begun.open("rb") as log:
            log.seek(mark[1])
            yield from _whole(log)
        files = files[files.index(begun) + 1 :]
    for file in files:
        if file.stat().st_mtime < since.timestamp():
            continue
        if file.suffix == ".gz":
            with gzip.open(file, "rb") as packed:
                yield from _whole(packed)
        else:
            with file.open("rb") as log:
                _seek(log, file.stat().st_size, since, moment_of)
                yield from _whole(log)


def _holds(file: Path, mark: Place) -> bool:
    status = file.stat()
    return status.st_ino == mark[0] and status.st_size >= mark[1]


def _whole(log: Iterable[bytes]) -> Iterator[str]:
    for line in log:
        if line.endswith(b"\n"):  # else it is being written
            yield _text(line)


def _text(line: bytes) -> str:
    return line.decode("utf-8", "replace").rstrip("\r\n")


def _seek(log: IO[bytes], size: int, since: datetime, moment_of: MomentOf) -> None:
    """Stand before the first line of `since` or later. The lines are in order of time, so half of a file says which
    half to look in."""
    low, high = 0, size
    while high - low > 4096:
        middle = (low + high) // 2
        log.seek(middle)
        log.readline()  # the rest of a line
        at = next((at for line in iter(log.readline, b"") if (at := moment_of(_text(line)))), None)
        low, high = (middle, high) if at and at < since else (low, middle)
    log.seek(low)
    if low:
        log.readline()

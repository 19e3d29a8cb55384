"""Whether the product runs with a home, and where: `up` holds the home's lock for as long as it lives."""

import fcntl
import json
import os
import time
from pathlib import Path
from typing import IO, Any


def running(folder: Path) -> dict[str, Any] | None:
    """What the home's `up` says about itself: pid, address, version, when it began, whether it serves; None where none
    runs. One before release 0.2 gives pid and address only."""
    try:
        with open(folder / "up.lock") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return holder_data(lock)
    except OSError:
        pass
    return None


def running_at(folder: Path) -> str:
    """The address of the product that runs with this home; empty where none does."""
    holder = running(folder)
    return str(holder["address"]) if holder else ""


def holder_data(lock: IO[str]) -> dict[str, Any]:
    """What the lock's holder wrote into the file."""
    lock.seek(0)
    try:
        return {"pid": "?", "address": "?", **json.loads(lock.read() or "{}")}
    except ValueError:  # it is just being written
        return {"pid": "?", "address": "?"}


def lock(folder: Path, descriptor: int | None = None) -> IO[str]:
    """The home's lock, opened, or by the descriptor that was handed over. OSError."""
    if descriptor is None:
        descriptor = os.open(folder / "up.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    return os.fdopen(descriptor, "r+")


def claim(lock: IO[str], *, patience: float = 0, **who: object) -> bool:
    """Takes the lock and writes who holds it; False where another process does, after so many seconds of `patience`."""
    end = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            if time.monotonic() >= end:
                return False
            time.sleep(0.05)
    say(lock, **who)
    return True


def say(lock: IO[str], **who: object) -> None:
    """Writes who holds the lock."""
    text = json.dumps(who).encode()
    os.pwrite(lock.fileno(), text, 0)
    os.ftruncate(lock.fileno(), len(text))

"""Files are looked through, and carried from one place to another, while everything runs."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from caunoi.jobs import direct
from caunoi.lib import locks
from caunoi.store.models import StoredFile
from caunoi.store.places import SPOOL, Place, digest


@dataclass(kw_only=True)
class Round:
    """What a look at every file came to: how many, their bytes, how many were not written down before, how many were
    carried over, and what is wrong, a sentence each."""

    files: int = 0
    size: int = 0
    fresh: int = 0
    carried: int = 0
    faults: list[str] = field(default_factory=list)


type Progress = Callable[[Round], None]


def _silent(so_far: Round) -> None:
    pass


def check(main: Place, former: Place | None = None, progress: Progress = _silent) -> Round:
    """Reads every file and compares it with what was written; what was not written down is now. StoreError where a
    place is away."""
    result = Round()
    for place in filter(None, (former, main)):
        for name in _files(place):
            if place is main and former and former.exists(name):
                continue
            try:
                checksum, size = place.checksum(name), place.size(name)
            except FileNotFoundError:
                continue  # removed meanwhile
            except OSError as error:
                result.faults.append(f"{name} cannot be read: {error}")
                continue
            _compare(name, size, checksum, result)
            progress(result)
    for row in StoredFile.objects.order_by("name").iterator():
        there = main.exists(row.name) or bool(former and former.exists(row.name))
        if not there and StoredFile.objects.filter(pk=row.pk).exists():
            result.faults.append(f"{row.name} is missing")
    return result


def move(source: Place, target: Place, *, remove: bool = False, progress: Progress = _silent) -> Round:
    """Carries over every file that is not there yet, and compares it there; with `remove` it leaves the source then. A
    file that is not what was written stays where it is, one that is erased meanwhile is erased there too. Can be broken
    off and run again, but not beside another (`alone`). StoreError where a place is away."""
    result = Round()
    for name in _files(source):
        try:
            file = source.take(name)
        except FileNotFoundError:
            continue  # removed meanwhile
        with file:
            checksum = digest(file)
            size = file.tell()
            if not _compare(name, size, checksum, result):
                continue
            if not _lies(target, name, size, checksum):
                file.seek(0)
                target.put(name, file, checksum)
                if not _lies(target, name, size, checksum):
                    result.faults.append(f"{name} did not arrive whole at {target.label}")
                    continue
                result.carried += 1
        if not source.exists(name):  # erased while it was carried
            target.delete(name)
            StoredFile.objects.filter(name=name).delete()
            continue
        if remove:
            source.delete(name)
        progress(result)
    return result


@contextmanager
def alone() -> Iterator[bool]:
    """Whether nobody else moves files while the block runs: to each, what the other took away would be erased."""
    with direct.session() as own:
        yield own.execute("SELECT pg_try_advisory_lock(%s)", [locks.MOVES_FILES]).fetchone() == (True,)


def _files(place: Place) -> Iterator[str]:
    """All that lies there and is written down. A spool is emptied where it lies, by whoever numbers what is in it."""
    return (name for name in place.names() if not name.startswith(SPOOL))


def _lies(place: Place, name: str, size: int, checksum: bytes) -> bool:
    """Whether this very file lies there; another one of its name, which was broken off, goes."""
    if not place.exists(name):
        return False
    if place.size(name) == size and place.stamp(name) == checksum:
        return True
    place.delete(name)
    return False


def _compare(name: str, size: int, checksum: bytes, result: Round) -> bool:
    """Whether a file is what was written."""
    row, made = StoredFile.objects.get_or_create(name=name, defaults={"size": size, "digest": checksum})
    result.files += 1
    result.size += size
    result.fresh += made
    if same := bytes(row.digest) == checksum:
        return same
    result.faults.append(f"{name} is not what was written: {row.size} bytes then, {size} now")
    return False

"""Backups side by side in one folder, named by their time: when the next is due, and which to remove."""

import datetime as dt
import fcntl
import re
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from caunoi.host import backup
from caunoi.host.finding import _
from caunoi.host.home import prepare

HERE = ZoneInfo("Asia/Ho_Chi_Minh")
NAME = "%Y-%m-%dT%H-%M-%S"
SHAPE = re.compile(r"\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d")
UPGRADES = 3  # this many backups made by upgrades stay
BEFORE = re.compile(r"before-.+-(\d{8}-\d{6})")


@dataclass(frozen=True, kw_only=True)
class Keep:
    """The newest backup of each of so many last days, weeks and months that have one."""

    days: int = 7
    weeks: int = 5
    months: int = 12


def name(now: dt.datetime) -> str:
    """The name of a backup of this moment, in Vietnamese time."""
    return now.astimezone(HERE).strftime(NAME)


def dated(folder: Path) -> dict[Path, dt.datetime]:
    """The whole backups that `name` named, oldest first."""
    paths = [path for path in folder.glob("*/") if SHAPE.fullmatch(path.name) and (path / backup.MANIFEST).is_file()]
    return {path: dt.datetime.strptime(path.name, NAME).replace(tzinfo=HERE) for path in sorted(paths)}


def due(folder: Path, hour: str, now: dt.datetime) -> bool:
    """Whether there is no backup since the last time that it was `hour` ("02:00")."""
    hours, minutes = map(int, hour.split(":"))
    last = now.astimezone(HERE).replace(hour=hours, minute=minutes, second=0, microsecond=0)
    if last > now:
        last -= dt.timedelta(days=1)
    return max(dated(folder).values(), default=None) is None or max(dated(folder).values()) < last


def superfluous(made: Collection[dt.datetime], keep: Keep) -> set[dt.datetime]:
    """Which of these to remove. Never the newest."""
    needed = set(sorted(made)[-1:])
    for count, shape in ((keep.days, "%Y-%m-%d"), (keep.weeks, "%G-%V"), (keep.months, "%Y-%m")):
        newest = {at.astimezone(HERE).strftime(shape): at for at in sorted(made)}
        needed |= set(list(newest.values())[-count:]) if count else set()
    return set(made) - needed


def prune(folder: Path, keep: Keep) -> list[Path]:
    """Removes the surplus backups and returns them. Other files in the folder are left alone."""
    made = dated(folder)
    surplus = superfluous(made.values(), keep)
    return _remove([path for path, at in made.items() if at in surplus])


def before(version: str, now: dt.datetime) -> str:
    """The name of the backup that an upgrade to this version makes."""
    return f"before-{version}-{now.astimezone(HERE):%Y%m%d-%H%M%S}"


def prune_upgrades(folder: Path) -> list[Path]:
    """Removes the whole backups of all upgrades but the last few; returns them."""
    shaped = {path: BEFORE.fullmatch(path.name) for path in folder.glob("before-*/")}
    made = {path: shape[1] for path, shape in shaped.items() if shape and (path / backup.MANIFEST).is_file()}
    return _remove(sorted(made, key=made.__getitem__)[:-UPGRADES])


def _remove(backups: list[Path]) -> list[Path]:
    for path in backups:
        hidden = path.rename(path.with_name(f".{path.name}.{backup.PART}"))  # half removed it is no backup
        shutil.rmtree(hidden)
    return backups


@contextmanager
def one_at_a_time(folder: Path) -> Iterator[None]:
    """The folder for ourselves; what broken off backups left is removed. Refused while another one writes."""
    prepare(folder)
    with open(folder / ".lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise backup.BackupError(_("another backup is being written into %(folder)s", folder=folder)) from None
        for left in folder.glob(f".*.{backup.PART}"):
            shutil.rmtree(left, ignore_errors=True)
        yield

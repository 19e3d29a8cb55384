"""Backups by the clock, in a process of their own each; and a look whether the way back to any moment is open."""

import os
import subprocess
from datetime import timedelta
from pathlib import Path

from django.utils.timezone import now

from caunoi.directory.queries import option_now
from caunoi.host import archive, home, schedule
from caunoi.host.lifeline import tie
from caunoi.jobs.queue import every

NEVER = "-"
STARTED, GRACE = now(), timedelta(minutes=3)  # what was off over night catches up first


class BackupFailedError(Exception):
    """What the command said of why there is no backup."""


@every("*/5 * * * *")
def make(timestamp: int) -> None:
    """Write the day's backup into CAUNOI_BACKUP_DIR once its hour has come, and remove the surplus ones."""
    folder, hour = os.environ.get("CAUNOI_BACKUP_DIR"), str(option_now("backup_hour"))
    if not folder or hour == NEVER or not schedule.due(Path(folder), hour, now()):
        return
    keep = [str(option_now(f"backup_{name}")) for name in ("days", "weeks", "months")]
    done = subprocess.run(
        home.command("backup", "--keep", *keep),
        env=os.environ | home.python(),
        capture_output=True,
        text=True,
        preexec_fn=tie(),
    )
    if done.returncode:
        raise BackupFailedError(done.stderr.strip().rpartition("\n")[2].removeprefix("caunoi backup: "))


@every("* * * * *")
def watch_archive(timestamp: int) -> None:
    """Fails while no restore to this moment would succeed."""
    if now() - STARTED < GRACE:
        return
    if (place := archive.folder()) and (why := archive.fault(place, now())):
        raise archive.NotArchivedError(why)

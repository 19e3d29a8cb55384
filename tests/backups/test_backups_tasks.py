"""The day's backup is made when its hour has come, by a process of its own, and a failure is the task's."""

import subprocess
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils.timezone import now

from caunoi.backups import tasks
from caunoi.directory.models import Option
from caunoi.host import archive, backup, schedule

pytestmark = pytest.mark.django_db


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[list[str]]:
    """What was run of `caunoi`; the worker's folder is `tmp_path`."""
    result: list[list[str]] = []

    def begin(command: list[str], **more: Any) -> Any:
        result.append(command[command.index("caunoi.cli") + 1 :])
        return SimpleNamespace(returncode=0, stderr="")

    monkeypatch.setattr(subprocess, "run", begin)
    monkeypatch.setenv("CAUNOI_BACKUP_DIR", str(tmp_path))
    return result


def run(task: Any) -> None:
    task.func.__wrapped__.__wrapped__(0)  # without the queue's own connections and account


def test_the_provinces_own_numbers_say_what_is_kept(commands: list[list[str]]) -> None:
    Option.objects.create(name="backup_weeks", value=9)
    run(tasks.make)
    assert commands == [["backup", "--keep", "7", "9", "12"]]


def test_nothing_is_made_twice_a_day_nor_where_nobody_wants_it(
    commands: list[list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = tmp_path / schedule.name(now())
    made.mkdir()
    (made / backup.MANIFEST).write_text("{}")
    run(tasks.make)
    (made / backup.MANIFEST).unlink()
    Option.objects.create(name="backup_hour", value="-")
    run(tasks.make)
    Option.objects.all().delete()
    monkeypatch.delenv("CAUNOI_BACKUP_DIR")
    run(tasks.make)
    assert commands == []


def test_a_failure_says_why(commands: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    said = SimpleNamespace(returncode=1, stderr="caunoi backup: [Errno 28] No space left on device\n")
    monkeypatch.setattr(subprocess, "run", lambda *rest, **more: said)
    with pytest.raises(tasks.BackupFailedError, match=r"\A\[Errno 28\] No space left on device\Z"):
        run(tasks.make)


def test_an_archive_that_stands_still_fails_every_minute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "STARTED", now() - timedelta(hours=1))
    run(tasks.watch_archive)  # nobody asked for one
    monkeypatch.setenv("CAUNOI_BACKUP_DIR", str(tmp_path))
    with pytest.raises(archive.NotArchivedError, match="holds no base backup yet"):
        run(tasks.watch_archive)

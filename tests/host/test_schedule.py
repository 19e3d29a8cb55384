"""When a backup is due, and which are kept."""

import datetime as dt
from pathlib import Path

import pytest

from caunoi.host import backup, schedule
from caunoi.host.schedule import HERE, Keep

NIGHTS = [dt.datetime(2026, 1, 1, 2, tzinfo=HERE) + dt.timedelta(days=n) for n in range(400)]


def made(folder: Path, at: dt.datetime) -> Path:
    path = folder / schedule.name(at)
    path.mkdir()
    (path / backup.MANIFEST).write_text("{}")
    return path


def test_of_a_year_of_nights_the_last_days_weeks_and_months_are_kept() -> None:
    kept = sorted(set(NIGHTS) - schedule.superfluous(NIGHTS, Keep(days=7, weeks=5, months=12)))
    assert kept[-7:] == NIGHTS[-7:]
    assert len(kept) == 7 + 3 + 10  # two weeks and two months end among the days
    assert {at.month for at in kept} == set(range(1, 13))
    assert all((at + dt.timedelta(days=1)).day == 1 or at >= NIGHTS[-35] for at in kept)


def test_the_newest_is_kept_whatever_is_asked() -> None:
    assert schedule.superfluous(NIGHTS[:1], Keep(days=0, weeks=0, months=0)) == set()
    assert schedule.superfluous([], Keep()) == set()


@pytest.mark.parametrize(
    ("last", "now", "due"),
    [
        (None, "2026-11-28T01:00", True),
        ("2026-11-27T02:10", "2026-11-28T01:59", False),
        ("2026-11-27T02:10", "2026-11-28T02:00", True),
        ("2026-11-28T02:00", "2026-11-28T23:00", False),
        ("2026-11-20T02:00", "2026-11-28T01:00", True),
    ],
)
def test_it_is_due_once_a_day_when_its_hour_has_come(last: str | None, now: str, due: bool, tmp_path: Path) -> None:
    if last:
        made(tmp_path, dt.datetime.fromisoformat(f"{last}+07:00"))
    (tmp_path / "2026-11-28T22-00-00").mkdir()  # broken off: it has no manifest
    assert schedule.due(tmp_path, "2:00", dt.datetime.fromisoformat(f"{now}+07:00")) is due


def test_what_others_put_into_the_folder_stays(tmp_path: Path) -> None:
    for night in NIGHTS[:3]:
        made(tmp_path, night)
    (tmp_path / "by-hand").mkdir()
    (tmp_path / ".2026-01-01T00-00-00.part").mkdir()
    with schedule.one_at_a_time(tmp_path):
        with pytest.raises(backup.BackupError, match="another backup is being written"):
            schedule.one_at_a_time(tmp_path).__enter__()
        removed = schedule.prune(tmp_path, Keep(days=1, weeks=0, months=0))
    assert [path.name for path in removed] == ["2026-01-01T02-00-00", "2026-01-02T02-00-00"]
    assert sorted(p.name for p in tmp_path.iterdir()) == [".lock", "2026-01-03T02-00-00", "by-hand"]


def test_of_the_backups_that_upgrades_made_the_last_three_are_kept(tmp_path: Path) -> None:
    for number, night in enumerate(NIGHTS[:5]):
        path = tmp_path / schedule.before(f"0.{9 + number}.0", night)
        path.mkdir()
        (path / backup.MANIFEST).write_text("{}")
    for other in ("before-the-move", "before-Tet-20260101-120000"):  # nobody's upgrade made these
        (tmp_path / other).mkdir()
    assert [path.name[:12] for path in schedule.prune_upgrades(tmp_path)] == ["before-0.9.0", "before-0.10."]
    assert len(list(tmp_path.iterdir())) == 5

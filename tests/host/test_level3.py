"""The checklist of level 3: no row is met by what nobody looked at, and each that is open says what to do."""

import io
import os
from dataclasses import replace
from pathlib import Path

import docx
import pytest
from django.utils.timezone import now

from caunoi.accounts.models import User
from caunoi.checks import annex, level3
from caunoi.checks.level3 import Answer, Standing
from caunoi.directory.options import OPTIONS
from caunoi.events import seals
from caunoi.host import archive, machine, rehearsal, schedule

Patch = pytest.MonkeyPatch


@pytest.fixture
def home(db: None, tmp_path: Path, settings: object, monkeypatch: Patch) -> Path:
    """An empty installation that is no demo and has no backups."""
    settings.HOME, settings.DEMO = str(tmp_path), False  # type: ignore[attr-defined]
    for name in ("CAUNOI_BACKUP_DIR", "CAUNOI_DEMO", "DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def administrator(name: str) -> User:
    return User.objects.create(username=name, full_name=name, role="admin", last_login=now())


def set_option(monkeypatch: Patch, name: str, value: object) -> None:
    monkeypatch.setitem(OPTIONS, name, replace(OPTIONS[name], default=value))  # type: ignore[arg-type]


def is_open(answer: Answer, word: str) -> bool:
    assert answer.mend.in_("vi") and answer.mend.in_("en"), "it says what to do"
    return answer.standing == Standing.OPEN and word in answer.text.in_("en")


def test_the_clock_is_asked_of_the_kernel(home: Path, monkeypatch: Patch) -> None:
    for kernel, standing in ((True, Standing.MET), (False, Standing.OPEN), (None, Standing.PEOPLE)):
        monkeypatch.setattr(machine, "clock_sync", lambda kernel=kernel: kernel)
        assert level3.clock().standing == standing
    monkeypatch.undo()
    assert machine.clock_sync() in (True, False, None)


def test_two_pairs_of_eyes_are_two_people(home: Path, monkeypatch: Patch) -> None:
    set_option(monkeypatch, "factor_roles", "admin")
    assert is_open(level3.four_eyes(), "0")
    assert is_open(level3.administrators_factors(), "signed in yet")
    administrator("an")
    assert is_open(level3.four_eyes(), "1")
    administrator("binh")
    assert level3.four_eyes().standing == Standing.MET


def test_whoever_runs_it_as_root_is_not_of_least_rights(home: Path, monkeypatch: Patch) -> None:
    monkeypatch.setattr(level3.stored, "rights", lambda: iter(()))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert level3.least_privilege().standing == Standing.MET
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert is_open(level3.least_privilege(), "root")


def test_the_embedded_database_says_whether_an_archive_is_written(home: Path, monkeypatch: Patch) -> None:
    assert is_open(level3.standby(), "no archive of moments")
    monkeypatch.setattr(archive, "folder", lambda environ: home)
    assert is_open(level3.standby(), "seconds behind")


def test_backups_are_met_when_a_restore_was_tried(home: Path, monkeypatch: Patch) -> None:
    place = home / "backups"
    place.mkdir(mode=0o700)
    monkeypatch.setenv("CAUNOI_BACKUP_DIR", str(place))
    monkeypatch.setattr(schedule, "dated", lambda folder: {place / "one": now()})
    monkeypatch.setattr(machine, "backups", lambda *places: iter(()))
    assert is_open(level3.backups(), "was not tried")
    rehearsal.remember(home)
    assert level3.backups().standing == Standing.MET
    long_ago = (now() - level3.REHEARSAL * 2).timestamp()
    os.utime(home / rehearsal.MARK, (long_ago, long_ago))
    assert is_open(level3.backups(), "more than a year ago")


def test_days_without_a_factor_and_people_without_one_are_open(home: Path, monkeypatch: Patch) -> None:
    set_option(monkeypatch, "factor_roles", "admin supervisor reviewer operator officer lead leader")
    assert level3.outside_factors().standing == Standing.MET
    administrator("an")
    assert is_open(level3.outside_factors(), "an")
    set_option(monkeypatch, "factor_days", 7)
    assert is_open(level3.outside_factors(), "7 days")


def test_roles_are_told_by_what_people_call_them(home: Path, monkeypatch: Patch) -> None:
    set_option(monkeypatch, "factor_roles", "admin supervisor reviewer officer lead")
    assert "Tổng đài viên, Lãnh đạo." in level3.outside_factors().text.in_("vi")
    assert "Operator, Leader." in level3.classes().text.in_("en")


def test_nothing_sealed_is_no_evidence(home: Path, monkeypatch: Patch) -> None:
    monkeypatch.setattr(seals, "newest", lambda: None)
    assert is_open(level3.evidence(), "sealed")


def test_what_the_organisation_decides_is_not_called_unmet_and_options_have_their_label(home: Path) -> None:
    for look in (level3.rotation, level3.sealed, level3.classes):
        assert look().standing == Standing.PEOPLE and look().mend.in_("vi")
    assert "Roles that must sign in" in level3.classes().mend.in_("en")


def test_the_annex_says_what_to_do_what_was_not_read_and_how_many(home: Path) -> None:
    rows = level3.answers()
    assert all(answer.mend.in_("vi") for _row, answer in rows if answer.standing == Standing.OPEN)
    paper = docx.Document(io.BytesIO(annex.write(rows, "en")))
    (table,) = paper.tables
    cells = [[cell.text for cell in line.cells] for line in table.rows][1:]
    assert [line[6] for line in cells] == [answer.mend.in_("en") for _row, answer in rows]
    assert [line[2].endswith("(not read in the original)") for line in cells] == [
        not row.source.read_in_original for row, _answer in rows
    ]
    assert paper.paragraphs[-1].text == level3.counts(rows).in_("en") and str(len(rows)) in paper.paragraphs[-1].text

"""A backup can be restored, whole, and nothing is overwritten by accident."""

from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from caunoi.host import backup, home, postgres

type Connect = Callable[[Path], psycopg.Connection]


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a row, a picture and a key."""
    folder = tmp_path_factory.mktemp("một nhà")
    with (
        postgres.serving(folder),
        psycopg.connect(**postgres.parameters(folder), autocommit=True) as connection,
    ):
        connection.execute("CREATE TABLE word (said text)")
        connection.execute("INSERT INTO word VALUES ('đèn đường hỏng')")
    (folder / "files" / "2026").mkdir(parents=True)
    (folder / "files" / "2026" / "a.webp").write_bytes(b"picture")
    home.secret_key(folder, {})
    return folder


@pytest.fixture(scope="module")
def kept(lived: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kept") / "backup"
    backup.make(lived, folder, {})
    return folder


def test_what_was_backed_up_comes_back_in_another_home(
    lived: Path, kept: Path, tmp_path: Path, connect: Connect
) -> None:
    fresh = tmp_path / "fresh"
    assert backup.restore(fresh, kept, environ={}) is None
    with postgres.serving(fresh), connect(fresh) as connection:
        assert connection.execute("SELECT said FROM word").fetchone() == ("đèn đường hỏng",)
    assert (fresh / "files" / "2026" / "a.webp").read_bytes() == b"picture"
    assert home.secret_key(fresh, {}) == home.secret_key(lived, {})


def test_a_home_that_holds_something_is_left_alone_unless_forced_and_then_moved_aside(
    kept: Path, tmp_path: Path, connect: Connect
) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "mine").write_text("old")
    with pytest.raises(backup.Refused, match="already holds files; --force"):
        backup.restore(tmp_path, kept, environ={})
    aside = backup.restore(tmp_path, kept, force=True, environ={})
    assert aside
    assert (aside / "files" / "mine").read_text() == "old"
    assert (tmp_path / "files" / "2026" / "a.webp").exists()


def test_a_running_home_is_not_restored_over(lived: Path, kept: Path) -> None:
    with postgres.serving(lived), pytest.raises(backup.Refused, match="running"):
        backup.restore(lived, kept, force=True, environ={})


def test_a_spoilt_or_broken_off_backup_is_refused_before_anything_is_touched(kept: Path, tmp_path: Path) -> None:
    picture = kept / "files" / "2026" / "a.webp"
    picture.write_bytes(b"spoilt")
    with pytest.raises(backup.Refused, match=r"a\.webp is missing or is not what was backed up"):
        backup.restore(tmp_path / "fresh", kept, environ={})
    picture.write_bytes(b"picture")
    with pytest.raises(backup.Refused, match="no backup"):
        backup.restore(tmp_path / "fresh", tmp_path, environ={})
    assert not (tmp_path / "fresh").exists()


def test_a_backup_goes_into_a_new_folder_that_only_its_owner_reads(kept: Path, lived: Path) -> None:
    assert kept.stat().st_mode & 0o77 == 0
    with pytest.raises(backup.Refused, match="not empty"):
        backup.make(lived, kept, {})

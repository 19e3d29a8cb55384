"""A backup can be restored, whole, and nothing is overwritten by accident."""

import errno
import json
import os
import re
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from caunoi.host import backup, binaries, clients, home, postgres, schedule, seal

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
    with pytest.raises(backup.BackupError, match="already holds files; --force"):
        backup.restore(tmp_path, kept, environ={})
    aside = backup.restore(tmp_path, kept, force=True, environ={})
    assert aside
    assert (aside / "files" / "mine").read_text() == "old"
    assert (tmp_path / "files" / "2026" / "a.webp").exists()


def test_a_running_home_is_not_restored_over(lived: Path, kept: Path) -> None:
    with postgres.serving(lived), pytest.raises(backup.BackupError, match="running"):
        backup.restore(lived, kept, force=True, environ={})


def test_a_spoilt_or_broken_off_backup_is_refused_before_anything_is_touched(kept: Path, tmp_path: Path) -> None:
    picture = kept / "files" / "2026" / "a.webp"
    picture.write_bytes(b"spoilt")
    with pytest.raises(backup.BackupError, match=r"a\.webp is missing or is not what was backed up"):
        backup.restore(tmp_path / "fresh", kept, environ={})
    picture.write_bytes(b"picture")
    with pytest.raises(backup.BackupError, match="no backup"):
        backup.restore(tmp_path / "fresh", tmp_path, environ={})
    assert not (tmp_path / "fresh").exists()


def test_a_backup_goes_into_a_new_folder_that_only_its_owner_reads(kept: Path, lived: Path) -> None:
    assert kept.stat().st_mode & 0o77 == 0
    with pytest.raises(backup.BackupError, match="not empty"):
        backup.make(lived, kept, {})


@pytest.fixture
def spoilable(kept: Path, tmp_path: Path) -> Path:
    return shutil.copytree(kept, tmp_path / "spoilable")


def told(folder: Path, **values: object) -> None:
    """Writes other values into a backup's manifest."""
    file = folder / "manifest.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | values))


def test_a_whole_backup_is_found_whole(kept: Path) -> None:
    assert list(backup.verify(kept)) == []


@pytest.mark.parametrize(
    ("spoil", "line"),
    [
        (lambda folder: (folder / "manifest.json").unlink(), "is no backup, or was copied in part: it has no manifest"),
        (
            lambda folder: os.truncate(folder / "manifest.json", 200),
            r"is no whole backup: manifest\.json cannot be read",
        ),
        (
            lambda folder: (folder / "database.dump").unlink(),
            r"database\.dump is missing: the backup was copied in part",
        ),
        (lambda folder: os.truncate(folder / "database.dump", 500), r"database\.dump is not what was backed up"),
        (lambda folder: told(folder, version="9.1.0"), r"made by version 9\.1\.0 of the product, this is"),
        (lambda folder: told(folder, migrations={"tickets": "9999_later"}), r"a newer .* \(tickets 9999_later\)"),
        (lambda folder: told(folder, tools="99.1"), r"made by PostgreSQL 99\.1, the newest pg_restore here is"),
        (lambda folder: told(folder, files={"../../etc/passwd": "0"}), r"is not ours"),
    ],
)
def test_what_is_wrong_with_a_backup_is_one_line_and_nothing_is_changed(
    spoil: Callable[[Path], object], line: str, spoilable: Path, tmp_path: Path
) -> None:
    spoil(spoilable)
    with pytest.raises(backup.BackupError, match=r"\A.*\Z"):
        backup.restore(tmp_path / "fresh", spoilable, environ={})
    assert not (tmp_path / "fresh").exists()
    assert re.search(line, next(backup.verify(spoilable)).in_("en"))


def test_the_next_backup_links_what_the_one_before_has_and_each_stays_whole(lived: Path, tmp_path: Path) -> None:
    first = backup.make(lived, tmp_path / "1", {})
    (lived / "files" / "2026" / "b.webp").write_bytes(b"new")
    second = backup.make(lived, tmp_path / "2", {})
    (lived / "files" / "2026" / "b.webp").write_bytes(b"other")
    third = backup.make(lived, tmp_path / "3", {})
    assert [(one.copied, one.linked) for one in (first, second, third)] == [(7, 0), (3, 7), (5, 7)]
    same = [(tmp_path / n / "files" / "2026" / "a.webp").stat() for n in "123"]
    assert len({one.st_ino for one in same}) == 1
    shutil.rmtree(tmp_path / "1")
    assert list(backup.verify(tmp_path / "2")) == list(backup.verify(tmp_path / "3")) == []
    assert (tmp_path / "2" / "files" / "2026" / "b.webp").read_bytes() == b"new"
    backup.restore(tmp_path / "fresh", tmp_path / "3", environ={})
    again = backup.make(tmp_path / "fresh", tmp_path / "4", {})
    assert (again.copied, again.linked) == (0, 12), "what was restored is as old as it was"
    (lived / "files" / "2026" / "b.webp").unlink()


def test_a_sealed_backup_opens_with_its_own_key_alone(lived: Path, tmp_path: Path, connect: Connect) -> None:
    mine, others, place = tmp_path / "mine.txt", tmp_path / "others.txt", tmp_path / "kept"
    public = seal.new(mine)
    seal.new(others)
    assert stat.S_IMODE(mine.stat().st_mode) == 0o600
    with pytest.raises(FileExistsError):
        seal.new(mine)
    backup.make(lived, place / "1", {}, recipient=public)
    manifest = backup.make(lived, place / "2", {}, recipient=public)
    assert (manifest.copied, manifest.linked, manifest.recipient) == (0, len(b"picture"), public)
    assert {path.suffix for path in (place / "2").rglob("*") if path.is_file()} == {".age", ".json"}
    assert not any(b"picture" in path.read_bytes() for path in (place / "2").rglob("*.age"))
    keys = seal.identities(mine)
    assert list(backup.verify(place / "2")) == list(backup.verify(place / "2", keys)) == []
    with pytest.raises(backup.BackupError, match=f"is sealed to {public}: give its private key with --identity FILE"):
        backup.restore(tmp_path / "fresh", place / "2", environ={})
    with pytest.raises(seal.BadKeyError, match="does not open this backup"):
        backup.restore(tmp_path / "fresh", place / "2", keys=seal.identities(others), environ={})
    assert not (tmp_path / "fresh").exists()
    backup.restore(tmp_path / "fresh", place / "2", keys=keys, environ={})
    with postgres.serving(tmp_path / "fresh"), connect(tmp_path / "fresh") as connection:
        assert connection.execute("SELECT said FROM word").fetchone() == ("đèn đường hỏng",)
    assert (tmp_path / "fresh" / "files" / "2026" / "a.webp").read_bytes() == b"picture"
    assert not (tmp_path / "fresh" / "restoring").exists()


@pytest.mark.parametrize("text", ["", "age1nonsense", "AGE-SECRET-KEY-1NONSENSE"])
def test_what_is_no_key_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(seal.BadKeyError, match="is no public key"):
        seal.recipient(text)
    (tmp_path / "key").write_text(text)
    with pytest.raises(seal.BadKeyError, match="holds no private key"):
        seal.identities(tmp_path / "key")
    with pytest.raises(seal.BadKeyError, match="holds no private key"):
        seal.identities(tmp_path / "nowhere")


def test_of_a_backup_that_finds_no_room_nothing_is_left(
    lived: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*rest: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(backup, "_entry", full)
    with pytest.raises(OSError, match="No space left"):
        backup.make(lived, tmp_path / "kept" / "1", {})
    assert list((tmp_path / "kept").iterdir()) == []
    (tmp_path / "mine").mkdir()
    with pytest.raises(OSError, match="No space left"):
        backup.make(lived, tmp_path / "mine", {})
    assert list((tmp_path / "mine").iterdir()) == []


def test_what_a_killed_backup_left_is_no_backup_and_goes_with_the_next(kept: Path, tmp_path: Path) -> None:
    left = shutil.copytree(kept, tmp_path / ".2026-11-28T02-00-00.part")
    assert backup.manifests(tmp_path) == {} and schedule.dated(tmp_path) == {}
    with schedule.one_at_a_time(tmp_path):
        assert not left.exists()


def test_a_restore_over_a_reader_gives_up_and_leaves_all_as_it_was(
    kept: Path, tmp_path: Path, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clients, "PATIENCE", "200ms")
    other = tmp_path / "other"
    with postgres.serving(other), connect(other) as server, connect(other) as reader:
        server.execute("CREATE TABLE word AS SELECT 'cũ' AS said")
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM word")
        where = postgres.parameters(other)
        environ = {"DATABASE_URL": f"postgresql://{where['user']}@/{where['dbname']}?host={where['host']}"}
        with pytest.raises(backup.BackupError, match=r"the database was not filled, and is as it was: .*lock timeout"):
            backup.restore(tmp_path / "fresh", kept, force=True, environ=environ)
        assert server.execute("SELECT said FROM word").fetchone() == ("cũ",)


OLD = Path("/usr/lib/postgresql/15/bin")


@pytest.mark.skipif(not OLD.exists(), reason="PostgreSQL 15 is not installed")
def test_from_embedded_to_an_older_server_of_ones_own_and_back(
    kept: Path, tmp_path: Path, connect: Connect, own_server: str
) -> None:
    environ = {"DATABASE_URL": own_server}
    backup.restore(tmp_path / "beside", kept, environ=environ)
    with psycopg.connect(own_server, autocommit=True) as server:
        assert server.info.server_version < 160000
        server.execute("INSERT INTO word VALUES ('nước bẩn')")
    manifest = backup.make(tmp_path / "beside", tmp_path / "grown", environ)
    assert (manifest.postgres[:2], binaries.version_of(binaries.tools(), "pg_dump")) == ("15", manifest.tools)
    backup.restore(tmp_path / "again", tmp_path / "grown", environ={})
    with postgres.serving(tmp_path / "again"), connect(tmp_path / "again") as server:
        assert server.execute("SELECT count(*) FROM word").fetchone() == (2,)
    assert (tmp_path / "again" / "files" / "2026" / "a.webp").read_bytes() == b"picture"

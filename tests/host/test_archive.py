"""The embedded server's log, files and keys go into the archive as they are written, and any moment comes back."""

import datetime as dt
import errno
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from caunoi.host import archive, home, postgres

type Connect = Callable[[Path], psycopg.Connection]
type Until = Callable[..., bool]


@contextmanager
def kept(folder: Path, place: Path) -> Iterator[archive.Archivist]:
    keeper = archive.Archivist(folder, place, {})
    thread = threading.Thread(target=keeper.run)
    thread.start()
    try:
        yield keeper
    finally:
        keeper.ending.set()
        thread.join(20)
        assert not thread.is_alive()


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def caught_up(place: Path) -> Callable[[], bool]:
    """Whether everything of this moment is in the archive."""
    since = now()
    return lambda: any((archive.reaches(line) or since) > since for line in place.glob("line-*"))


@pytest.mark.long
def test_a_moment_a_deleted_home_and_a_second_life(tmp_path: Path, connect: Connect, until: Until) -> None:
    lived, place, fresh = tmp_path / "lived", tmp_path / "archive", tmp_path / "fresh"
    picture, erased = lived / "files" / "2026" / "a.webp", lived / "files" / "2026" / "b.webp"
    picture.parent.mkdir(parents=True)
    with postgres.serving(lived), connect(lived) as server:
        server.execute("CREATE TABLE word (said text)")
        home.secret_key(lived, {})
        with kept(lived, place) as keeper:
            assert until(lambda: archive.bases(place), 30)
            with pytest.raises(OSError, match="is kept by another process; each home needs an archive of its own"):
                archive.Archivist(tmp_path / "other", place, {}).run()
            server.execute("INSERT INTO word VALUES ('một')")
            erased.write_bytes(b"soon erased")
            assert until(caught_up(place))
            moment = now()
            erased.unlink()
            picture.write_bytes(b"pic")
            assert until(lambda: (place / "files" / "2026" / "a.webp").exists())
            picture.write_bytes(b"picture")  # it was not whole yet
            server.execute("INSERT INTO word VALUES ('hai')")
            server.execute("SELECT pg_switch_wal()")
            server.execute("INSERT INTO word VALUES ('ba')")
            assert until(caught_up(place))
            keeper.mirror.sweep()
            keeper._tidy(keeper.line)
            assert archive.fault(place, now()) is None
            key = home.secret_key(lived, {})
    assert {path.stat().st_mode & 0o77 for path in place.glob("line-*/*")} == {0} | {
        path.stat().st_mode & 0o77 for path in place.glob("line-*/alive")
    }
    assert list(place.glob("line-*/wal/*.gz"))

    archive.restore(fresh, place, None)
    with postgres.serving(fresh), connect(fresh) as server:
        assert [row[0] for row in server.execute("SELECT said FROM word")] == ["một", "hai", "ba"]
        with kept(fresh, place):  # a second life: a line of its own
            assert until(lambda: len({path.parent for path, _ in archive.bases(place)}) == 2, 30)
            server.execute("INSERT INTO word VALUES ('bốn')")
            assert until(caught_up(place))
    assert (fresh / "files" / "2026" / "a.webp").read_bytes() == b"picture"
    assert not (fresh / "files" / "2026" / "b.webp").exists()
    assert home.secret_key(fresh, {}) == key

    earlier = tmp_path / "earlier"
    archive.restore(earlier, place, moment)
    with postgres.serving(earlier), connect(earlier) as server:
        assert [row[0] for row in server.execute("SELECT said FROM word")] == ["một"]
    assert (earlier / "files" / "2026" / "b.webp").read_bytes() == b"soon erased"

    latest = tmp_path / "latest"
    archive.restore(latest, place, None)
    with postgres.serving(latest), connect(latest) as server:
        assert [row[0] for row in server.execute("SELECT said FROM word")][-1] == "bốn"

    with pytest.raises(archive.NotArchivedError, match="the archive begins at"):
        archive.restore(tmp_path / "no", place, moment - dt.timedelta(days=1))
    with pytest.raises(archive.NotArchivedError, match="the archive is whole until"):
        archive.restore(tmp_path / "no", place, now())
    with pytest.raises(archive.NotArchivedError, match="holds no whole base backup"):
        archive.restore(tmp_path / "no", tmp_path, None)
    assert not (tmp_path / "no").exists()


def test_a_quiet_moment_after_the_last_word_is_reached(tmp_path: Path, connect: Connect, until: Until) -> None:
    lived, place = tmp_path / "lived", tmp_path / "archive"
    with postgres.serving(lived), connect(lived) as server, kept(lived, place):
        assert until(lambda: archive.bases(place), 30)
        server.execute("CREATE TABLE word AS SELECT 'một' AS said")
        assert until(caught_up(place))
    line = next(place.glob("line-*"))
    reached = archive.reaches(line)
    assert reached
    archive.restore(tmp_path / "fresh", place, reached)
    with postgres.serving(tmp_path / "fresh"), connect(tmp_path / "fresh") as server:
        assert server.execute("SELECT said FROM word").fetchone() == ("một",)


def test_a_log_that_was_not_kept_begins_a_new_line(tmp_path: Path, connect: Connect, until: Until) -> None:
    lived, place = tmp_path / "lived", tmp_path / "archive"
    with postgres.serving(lived), connect(lived) as server:
        with kept(lived, place):
            assert until(lambda: archive.bases(place), 30)
        with kept(lived, place):  # started again: the same line goes on
            assert until(caught_up(place))
        assert len(list(place.glob("line-*"))) == 1
        archive.forget(lived)
        assert server.execute("SELECT count(*) FROM pg_replication_slots").fetchone() == (0,)
        with kept(lived, place):
            assert until(lambda: len(archive.bases(place)) == 2, 30)
        assert len(list(place.glob("line-*"))) == 2


def test_what_no_moment_needs_goes(tmp_path: Path) -> None:
    at = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
    old, new = tmp_path / "line-1", tmp_path / "line-2"
    for day, line, first in ((0, old, "A"), (1, old, "C"), (5, new, "1"), (6, new, "4")):
        folder = line / f"base-{day}"
        folder.mkdir(parents=True)
        ended = (at + dt.timedelta(days=day)).isoformat()
        base = archive.Base(began=ended, ended=ended, wal=f"{first:0>24}", postgres="18.6", version="0.2.0", size=1)
        (folder / "base.json").write_text(archive.json.dumps(vars(base)))
    for line, names in ((old, "ABCD"), (new, "12345")):
        (line / "wal").mkdir()
        for name in names:
            (line / "wal" / f"{name:0>24}.gz").touch()
    for day in ("2026-10-30", "2026-11-20"):
        (tmp_path / "erased" / day).mkdir(parents=True)

    archive.prune(tmp_path, at + dt.timedelta(days=2), living=new)
    assert [path.name for path, _ in archive.bases(tmp_path)] == ["base-1", "base-5", "base-6"], (
        "2 Nov is restored from 1"
    )
    assert sorted(path.name[23] for path in (old / "wal").iterdir()) == ["C", "D"]
    assert [path.name for path in (tmp_path / "erased").iterdir()] == ["2026-11-20"]
    archive.prune(tmp_path, at + dt.timedelta(days=30), living=new)
    assert [path.name for path, _ in archive.bases(tmp_path)] == ["base-6"]
    assert sorted(path.name[23] for path in (new / "wal").iterdir()) == ["4", "5"]
    assert not old.exists()


def test_where_it_lies_and_where_not() -> None:
    assert archive.folder({}) is None
    assert archive.folder({"CAUNOI_BACKUP_DIR": "/b"}) == Path("/b/moments")
    assert archive.folder({"CAUNOI_BACKUP_DIR": "/b", "CAUNOI_BACKUP_RECIPIENT": "age1"}) is None
    assert archive.folder({"CAUNOI_BACKUP_RECIPIENT": "age1", "CAUNOI_WAL_ARCHIVE": "/w"}) == Path("/w")
    assert archive.folder({"CAUNOI_BACKUP_DIR": "/b", "DATABASE_URL": "postgresql://h/d"}) is None
    for wrong in ("0", "-1", "many"):
        with pytest.raises(ValueError, match=r"CAUNOI_WAL_DAYS|invalid literal"):
            archive.days({"CAUNOI_WAL_DAYS": wrong})


def test_a_full_disk_is_complained_of_and_gone_on_with_when_there_is_room(
    tmp_path: Path, until: Until, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    lived, place = tmp_path / "lived", tmp_path / "archive"
    (lived / "files").mkdir(parents=True)
    whole, full = archive._copy_file, threading.Event()

    def copy(*rest: object) -> None:
        if full.is_set():
            raise OSError(errno.ENOSPC, "No space left on device")
        whole(*rest)  # type: ignore[arg-type]

    monkeypatch.setattr(archive, "_copy_file", copy)
    with postgres.serving(lived), kept(lived, place):
        assert until(lambda: archive.bases(place), 30)
        assert until(caught_up(place))
        full.set()
        (lived / "files" / "a").write_text("a")
        assert until(lambda: "No space left" in caplog.text)
        line = next(place.glob("line-*"))
        reached = archive.reaches(line)
        time.sleep(2.5)
        assert archive.reaches(line) == reached, "no moment is promised"
        full.clear()
        assert until(lambda: (place / "files" / "a").exists())
    assert archive.fault(place, now() + dt.timedelta(minutes=5)).in_("en").startswith("the log is archived until")
    (line / "alive").unlink()
    assert "was never archived" in archive.fault(place, now()).in_("en")
    assert archive.fault(tmp_path, now()).in_("en").endswith("holds no base backup yet")

"""Proves: files lie in a folder or in a bucket alike, are written down with their sum, and move while people work"""

import hashlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.exceptions import SuspiciousOperation
from django.core.files.base import ContentFile
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from caunoi.store import actions, queries
from caunoi.store.models import StoredFile
from caunoi.store.places import Folder, StoreError
from caunoi.store.store import Store, folder
from tests.providers import s3
from tests.providers.s3 import S3

DATA = "Biên bản: đèn hẻm 3 đã sửa.".encode() * 1000


pytestmark = [
    pytest.mark.usefixtures("server"),
    pytest.mark.parametrize("server", s3.SERVERS, indirect=True, scope="module"),
]


@pytest.fixture(scope="module")
def server(request: pytest.FixtureRequest) -> Iterator[S3]:
    with s3.SERVERS[request.param]() as one:
        yield one


@pytest.fixture
def media(tmp_path: Path, settings) -> Path:
    settings.MEDIA_ROOT = tmp_path / "files"
    return settings.MEDIA_ROOT


@pytest.fixture
def elsewhere(server: S3, media: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A store in a bucket that is empty, without a folder of before."""
    for name, value in server.environ.items():
        monkeypatch.setenv(name, value)
    for name in server.names():
        server.client().delete_object(Bucket=server.bucket, Key=name)
    return Store()


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, media: Path) -> Store:
    return Store() if request.param == "folder" else request.getfixturevalue("elsewhere")


def save(store: Store, name: str, data: bytes = DATA) -> str:
    return store.save(name, ContentFile(data))


def test_what_is_saved_is_read_again_wherever_it_lies(db: None, store: Store):
    name = save(store, "2026/11/a.webp")
    assert name == "2026/11/a.webp" and store.exists(name) and store.size(name) == len(DATA)
    with store.open(name) as file:
        assert file.read(7) == DATA[:7] and file.size == len(DATA)
        file.seek(20)
        assert file.read() == DATA[20:], "players ask for parts"
    assert store.listdir("2026/11") == ([], ["a.webp"]) and store.listdir("2026") == (["11"], [])
    row = StoredFile.objects.get(name=name)
    assert (row.size, bytes(row.digest)) == (len(DATA), hashlib.sha256(DATA).digest())
    store.delete(name)
    assert not store.exists(name) and not StoredFile.objects.exists()
    for ask in (store.open, store.size, store.get_modified_time):
        with pytest.raises(FileNotFoundError):
            ask(name)
    with pytest.raises(FileNotFoundError):
        store.listdir("nothing")
    store.delete(name)  # twice is once


def test_a_file_whose_transaction_is_undone_is_not_written_down(db: None, store: Store):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        save(store, "imports/undone")
        1 / 0  # noqa: B018
    assert store.exists("imports/undone") and not StoredFile.objects.exists()
    save(store, "imports/undone.2")
    assert actions.check(store.main).fresh == 1, "it is now"


def test_a_name_is_never_led_out_of_the_store(db: None, store: Store):
    for name in ("../secret_key", "/etc/passwd", "a/../../b"):
        with pytest.raises((SuspiciousOperation, FileNotFoundError)):
            store.open(name)
        with pytest.raises(SuspiciousOperation):
            save(store, name)


def test_a_look_through_all_files_says_which_is_not_what_was_written(db: None, store: Store, server: S3, media: Path):
    for name in ("a", "b", "c", "d/e"):
        save(store, name, name.encode() * 9)
    assert (actions.check(store.main).files, actions.check(store.main).faults) == (4, [])
    if isinstance(store.main, Folder):
        (media / "b").write_bytes(b"spoilt")
        (media / "c").unlink()
    else:
        server.write("b", b"spoilt")
        server.client().delete_object(Bucket=server.bucket, Key="c")
    assert actions.check(store.main).faults == ["b is not what was written: 9 bytes then, 6 now", "c is missing"]


def test_files_move_into_a_bucket_and_are_read_meanwhile(db: None, media: Path, request: pytest.FixtureRequest):
    here = Store()
    for name in ("2026/11/a.webp", "receipts/aa/b"):
        save(here, name, name.encode())
    (media / "old").write_bytes(b"older than the sums")
    there: Store = request.getfixturevalue("elsewhere")
    server: S3 = request.getfixturevalue("server")
    assert there.former, "the folder is read too"
    with there.open("receipts/aa/b") as file:
        assert file.read() == b"receipts/aa/b"
    save(there, "new")
    assert server.names() == {"new"} and not (media / "new").exists()
    assert there.listdir("2026/11") == ([], ["a.webp"])
    (media / "2026/11/a.webp").write_bytes(b"spoilt")
    done = actions.move(folder(), there.main, remove=True)
    assert (done.files, done.carried, done.fresh) == (3, 2, 1)
    assert done.faults == ["2026/11/a.webp is not what was written: 14 bytes then, 6 now"]
    assert server.names() == {"new", "old", "receipts/aa/b"} and server.read("old") == b"older than the sums"
    assert {path.name for path in media.rglob("*") if path.is_file()} == {"a.webp"}, "what is spoilt stays"
    again = actions.move(folder(), there.main)
    assert again.carried == 0 and len(again.faults) == 1
    back = actions.move(there.main, Folder(location=media.parent / "back"))
    assert (back.carried, back.faults) == (3, [])
    assert (media.parent / "back/receipts/aa/b").read_bytes() == b"receipts/aa/b"


def test_what_is_erased_while_it_is_carried_is_erased_at_the_other_place_too(
    db: None, media: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
):
    save(Store(), "photo")
    there: Store = request.getfixturevalue("elsewhere")
    put = there.main.put

    def erased_meanwhile(name, content, checksum):
        there.delete(name)
        return put(name, content, checksum)

    monkeypatch.setattr(there.main, "put", erased_meanwhile)
    assert actions.move(folder(), there.main, remove=True).faults == []
    assert not there.exists("photo") and not StoredFile.objects.exists()


def test_files_are_moved_by_one_at_a_time(transactional_db: None):
    with actions.alone() as first, actions.alone() as second:
        assert first and not second
    with actions.alone() as again:
        assert again


def test_half_a_file_of_a_move_that_broke_off_is_carried_again(db: None, media: Path, elsewhere: Store, server: S3):
    save(elsewhere, "whole")
    source = Folder(location=media)
    media.mkdir(exist_ok=True)
    (media / "half").write_bytes(DATA)
    server.write("half", DATA[:-9])
    assert actions.move(source, elsewhere.main).carried == 1
    assert server.read("half") == DATA
    assert actions.move(source, elsewhere.main).carried == 0


def test_a_copy_on_this_disk_is_whole_or_not_there(db: None, elsewhere: Store, server: S3, tmp_path: Path, monkeypatch):
    save(elsewhere, "edition.csv")
    monkeypatch.setattr(queries, "default_storage", elsewhere)
    queries.fetch("edition.csv", tmp_path / "x" / "edition.csv")
    assert (tmp_path / "x" / "edition.csv").read_bytes() == DATA
    server.write("edition.csv", DATA[:-1])
    with pytest.raises(StoreError, match="not what was written"):
        queries.fetch("edition.csv", tmp_path / "y" / "edition.csv")
    with pytest.raises(FileNotFoundError):
        queries.fetch("nothing", tmp_path / "y" / "nothing")
    assert list((tmp_path / "y").iterdir()) == []


def test_a_store_that_is_away_or_refuses_says_which_and_soon(db: None, media: Path, server: S3, monkeypatch):
    for name, value in server.environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("S3_ENDPOINT", "http://127.0.0.1:9")
    away, begun = Store(), time.monotonic()
    for ask in (lambda: save(away, "a"), lambda: away.open("a"), lambda: away.exists("a"), lambda: away.size("a")):
        with pytest.raises(StoreError, match=r"127\.0\.0\.1:9/caunoi-files"):
            ask()
    assert time.monotonic() - begun < 20 and not StoredFile.objects.exists()
    monkeypatch.setenv("S3_ENDPOINT", server.endpoint)
    monkeypatch.setenv("S3_BUCKET", "not-there")
    with pytest.raises(StoreError, match="NoSuchBucket"):
        save(Store(), "a")


def test_saving_asks_the_database_once(db: None, store: Store):
    save(store, "warm")
    with CaptureQueriesContext(connection) as asked:
        save(store, "a")
    assert len([one for one in asked.captured_queries if "SAVEPOINT" not in one["sql"]]) == 1, asked.captured_queries


def test_what_was_saved_survives_a_power_cut(db: None, media: Path, monkeypatch):
    settled = []
    monkeypatch.setattr(os, "fsync", lambda handle: settled.append(os.readlink(f"/proc/self/fd/{handle}")))
    save(Store(), "2026/11/a")
    assert settled[-2:] == [str(media / "2026/11/a"), str(media / "2026/11")]

import csv
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, suppress
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import connection
from django.utils.timezone import localtime, now
from isal import igzip

from caunoi.jobs import replica
from caunoi.opendata import boundaries, dictionary, queries, shapes
from caunoi.opendata.fields import AREA_FIELDS
from caunoi.opendata.models import Edition
from caunoi.publication.queries import recalls

PIECE = 1024 * 1024
COMPRESSIBLE = (".csv", ".geojson")  # served compressed to whoever can unpack


def _raw(target: Path) -> None:
    """The published rows as PostgreSQL writes them, piece by piece."""
    sql, params = queries.everything().query.sql_with_params()
    with (
        connection.cursor() as cursor,
        target.open("wb") as out,
        cursor.copy(f"COPY ({sql}) TO STDOUT (FORMAT csv)", params) as copy,
    ):
        for piece in copy:
            out.write(piece)


def _areas(target: Path) -> list[tuple[str | None, ...]]:
    """Write areas.csv; returns each area's code with its columns, for joining."""
    columns, seen = [], set()
    with target.open("w", encoding="utf-8", newline="") as out:
        table = csv.writer(out, lineterminator="\n")
        table.writerow(field.name for field in AREA_FIELDS)
        for code, name, boundaries_now in queries.areas():
            columns.append((code, *boundaries_now.columns(code, name).values()))
            for unit in boundaries_now.now:
                if unit.code not in seen:
                    seen.add(unit.code)
                    table.writerows(boundaries.crosswalk(unit.code))
    return columns


def _finish(path: Path) -> dict[str, Any]:
    """Write the compressed twin of a file; returns its name, size and checksum."""
    digest = sha256()
    with ExitStack() as open_files:
        file = open_files.enter_context(path.open("rb"))
        packed = path.suffix in COMPRESSIBLE
        twin = open_files.enter_context(igzip.open(f"{path}.gz", "wb", compresslevel=1)) if packed else None  # type: ignore[no-untyped-call]
        while piece := file.read(PIECE):
            digest.update(piece)
            if twin:
                twin.write(piece)
    return {"name": path.name, "bytes": path.stat().st_size, "sha256": digest.hexdigest()}


def _settle(paths: Iterable[Path]) -> None:
    for path in paths:
        with path.open("rb") as file:
            os.fsync(file.fileno())


def build(folder: Path) -> Edition:
    """Write a whole edition into an empty folder; its row is not saved. Only what `published()` returns is read."""
    begun, at, recalled = time.monotonic(), now(), recalls()  # any recall from here on makes the edition stale
    raw = folder / "raw"
    _raw(raw)
    later: list[Future[dict[str, Any]]] = []
    with ThreadPoolExecutor(1) as second:

        def done(path: Path) -> None:
            later.append(second.submit(_finish, path))

        areas = _areas(folder / "areas.csv")
        base = queries.address("-").removesuffix("-")
        rows = shapes.write(raw, folder, areas, base, done)
        raw.unlink()
        done(folder / "areas.csv")
    (folder / "LICENSE.txt").write_text(dictionary.licence_text(), "utf-8")
    files = sorted([*(one.result() for one in later), _finish(folder / "LICENSE.txt")], key=lambda file: file["name"])
    package = dictionary.package(localtime(at).isoformat(timespec="seconds"), rows, files)
    (folder / "datapackage.json").write_text(json.dumps(package, ensure_ascii=False, indent=1) + "\n", "utf-8")
    files.append(_finish(folder / "datapackage.json"))
    sums = "".join(f"{file['sha256']}  {file['name']}\n" for file in files)
    (folder / "SHA256SUMS").write_text(sums, "utf-8")
    files.append(_finish(folder / "SHA256SUMS"))
    _settle(folder.iterdir())
    return Edition(at=at, recalls=recalled, rows=rows, files=files, seconds=round(time.monotonic() - begun, 2))


def export(folder: Path) -> Edition:
    """Write an edition into any folder: each file replaces its predecessor whole. OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    room = Path(tempfile.mkdtemp(prefix=".part-", dir=folder))
    try:
        part, edition = replica.read(lambda: _build_anew(room))
        for file in edition.files:  # the dictionary and the checksums last
            os.replace(part / file["name"], folder / file["name"])
    finally:
        shutil.rmtree(room, ignore_errors=True)
    return edition


def _build_anew(room: Path) -> tuple[Path, Edition]:
    part = Path(tempfile.mkdtemp(dir=room))
    return part, build(part)


def issue() -> Edition:
    """Make the edition that is served from now on, and remove those before. OSError."""
    with tempfile.TemporaryDirectory(prefix="edition-") as room:
        part, edition = replica.read(lambda: _build_anew(Path(room)))
        edition.folder = f"{edition.at:%Y%m%d-%H%M%S}-{os.urandom(4).hex()}"
        for path in sorted(part.iterdir(), key=lambda path: path.name == queries.LAST):
            with path.open("rb") as file:
                default_storage.save(queries.stored(edition.folder, path.name), File(file))
    edition.save()
    for old in Edition.objects.exclude(pk=edition.pk).filter(pk__lt=edition.pk):
        _remove(old.folder)
        old.delete()
    _sweep()
    return edition


def _sweep() -> None:
    """Removes what editions left that broke off a day ago."""
    try:
        folders = default_storage.listdir(queries.STORED)[0]
    except FileNotFoundError:
        return
    editions = set(Edition.objects.values_list("folder", flat=True))
    before = f"{now() - timedelta(days=1):%Y%m%d-%H%M%S}"
    for folder in folders:
        if folder not in editions and folder < before:
            _remove(folder)


def _remove(folder: str) -> None:
    """Who is reading it keeps the open file."""
    shutil.rmtree(queries.copies() / folder, ignore_errors=True)
    with suppress(FileNotFoundError):
        for name in default_storage.listdir(f"{queries.STORED}/{folder}")[1]:
            default_storage.delete(queries.stored(folder, name))
        default_storage.delete(f"{queries.STORED}/{folder}")

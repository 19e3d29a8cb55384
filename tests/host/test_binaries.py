"""Which PostgreSQL becomes the embedded server."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from caunoi.host import binaries


def install(folder: Path, version: str) -> Path:
    """A pretended PostgreSQL that only knows its version."""
    folder.mkdir(parents=True)
    for name in ("postgres", "initdb"):
        (folder / name).write_text(f"#!/bin/sh\necho '{name} (PostgreSQL) {version}'\n")
        (folder / name).chmod(0o755)
    return folder


def test_the_named_folder_alone_decides(tmp_path: Path) -> None:
    folder = install(tmp_path / "bin", "19.1")
    found = binaries.find(environ={"CAUNOI_PG_BIN": str(folder)})
    assert (found.folder, found.version, found.major) == (folder, "19.1", 19)


def test_a_version_without_the_builtin_locales_is_refused_by_name(tmp_path: Path) -> None:
    folder = install(tmp_path / "bin", "15.7")
    with pytest.raises(binaries.NoServerError, match=r"PostgreSQL 17 or newer found; looked at: .*bin \(15\.7\)"):
        binaries.find(environ={"CAUNOI_PG_BIN": str(folder)})


def test_a_folder_without_a_server_is_said_not_to_run(tmp_path: Path) -> None:
    with pytest.raises(binaries.NoServerError, match="does not run"):
        binaries.find(environ={"CAUNOI_PG_BIN": str(tmp_path)})


def test_without_a_name_the_wheel_is_found() -> None:
    assert binaries.find(environ={}).major >= binaries.OLDEST


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as someone else")
def test_programs_in_a_closed_folder_are_copied_to_where_another_user_can_run_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = install(tmp_path / "closed" / "wheel" / "pginstall" / "bin", "18.0")
    (tmp_path / "closed" / "wheel.libs").mkdir()
    (tmp_path / "closed").chmod(0o700)
    open_to_all = Path("/var/lib") / f"caunoi-test-{os.getpid()}"
    monkeypatch.setattr(binaries, "REACHABLE", open_to_all)
    try:
        for _ in range(2):
            copy = binaries.reachable(binaries.Binaries(folder=closed, version="18.0"), 65534)
            ran = subprocess.run([copy.folder / "postgres"], user=65534, cwd="/", capture_output=True)
            assert b"18.0" in ran.stdout
        assert (copy.folder.parents[2] / "wheel.libs").is_dir()
    finally:
        shutil.rmtree(open_to_all)

"""The home folder and the key in it."""

import os
from pathlib import Path

import pytest

from caunoi.host import home


def test_state_is_in_the_named_folder_or_beside_the_code(tmp_path: Path) -> None:
    assert home.home({"CAUNOI_HOME": str(tmp_path)}) == tmp_path
    assert home.home({}) == home.CHECKOUT / "var"
    assert home.home({"CAUNOI_HOME": "relative"}) == Path.cwd() / "relative"


def test_an_installation_has_its_home_with_the_service_or_with_the_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(home, "INSTALLED", True)
    monkeypatch.setattr(home, "SERVICE", tmp_path)
    if os.geteuid() == 0:
        assert home.home({}) != tmp_path
        os.chown(tmp_path, 4321, -1)
        monkeypatch.setattr("os.geteuid", lambda: 4321)
    assert home.home({}) == tmp_path
    monkeypatch.setattr(home, "SERVICE", tmp_path / "none")
    assert home.home({"XDG_DATA_HOME": "/data"}) == Path("/data/caunoi")
    assert home.home({"XDG_DATA_HOME": "data"}) == home.home({}) == Path.home() / ".local/share/caunoi"
    monkeypatch.setattr(home, "SERVICE", Path("/"))
    monkeypatch.setattr("os.geteuid", lambda: 4322)
    assert home.home({}) == Path.home() / ".local/share/caunoi", "not into a folder that is another's"
    assert home.home({"CAUNOI_HOME": str(tmp_path)}) == tmp_path
    assert "PYTHONPATH" not in home.python()


def test_the_key_is_made_once_and_is_for_its_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "fresh"
    key = home.secret_key(folder, {})
    assert len(key) >= 50
    assert home.secret_key(folder, {}) == key
    assert (folder / "secret_key").stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700
    assert [path.name for path in folder.iterdir()] == ["secret_key"]


def test_a_given_key_is_used_and_none_is_made(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from a file\n")
    assert home.secret_key(tmp_path, {"CAUNOI_SECRET_KEY": "given"}) == "given"
    assert home.secret_key(tmp_path, {"CAUNOI_SECRET_KEY_FILE": str(tmp_path / "key")}) == "from a file"
    assert not (tmp_path / "secret_key").exists()


def test_a_key_of_several_lines_from_before_is_accepted_whole_at_last(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("first\nsecond==\n")
    environ = {"CAUNOI_SECRET_KEY_FILE": str(tmp_path / "key")}
    assert [one.key for one in home.secret_keys(tmp_path, environ)] == ["first", "second==", "first\nsecond=="]
    home.write_keys(tmp_path / "key", ["new  # made 2026-11-28T00:00:00Z", "first", "second=="])
    assert [one.key for one in home.secret_keys(tmp_path, environ)] == ["new", "first", "second=="]


def test_what_a_killed_process_of_the_same_id_left_is_in_nobodys_way(tmp_path: Path) -> None:
    for name in ("secret_key", "key"):
        (tmp_path / f".{name}.{os.getpid()}").write_text("half")
    assert home.secret_key(tmp_path, {})
    home.write_keys(tmp_path / "key", ["new"])
    assert (tmp_path / "key").read_text() == "new\n" and (tmp_path / "key").stat().st_mode & 0o777 == 0o600


def test_an_empty_key_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("\n")
    with pytest.raises(ValueError, match="is empty"):
        home.secret_key(tmp_path, {"CAUNOI_SECRET_KEY_FILE": str(tmp_path / "key")})


def test_a_folder_that_is_there_keeps_its_permissions(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    home.prepare(tmp_path)
    assert tmp_path.stat().st_mode & 0o777 == 0o755

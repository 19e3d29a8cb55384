"""What the check-up finds, and that each finding says what to do."""

import resource
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from caunoi.cli.main import main
from caunoi.host import configuration, machine
from caunoi.host.finding import Finding, Level

SOUND = {
    "CAUNOI_PUBLIC_URL": "https://1022.example.gov.vn",
    "CAUNOI_TRUSTED_PROXIES": "127.0.0.1, 10.0.0.0/24",
    "CAUNOI_ALLOWED_HOSTS": "1022.example.gov.vn,[::1]",
    "PORT": "8022",
    "HOME": "/root",
}


def found(changes: dict[str, str]) -> list[tuple[str, Level]]:
    return [(one.subject, one.level) for one in configuration.check(SOUND | changes)]


def test_a_sound_configuration_has_no_findings() -> None:
    assert found({}) == []


@pytest.mark.parametrize(
    ("changes", "subject", "level"),
    [
        ({"CAUNOI_PUBLIC_URL": ""}, "CAUNOI_PUBLIC_URL", "warning"),
        ({"CAUNOI_PUBLIC_URL": "1022.example.gov.vn"}, "CAUNOI_PUBLIC_URL", "broken"),
        ({"CAUNOI_PUBLIC_URL": "https://example.gov.vn/1022"}, "CAUNOI_PUBLIC_URL", "broken"),
        ({"CAUNOI_PUBLIC_URL": "http://1022.example.gov.vn"}, "CAUNOI_PUBLIC_URL", "warning"),
        ({"CAUNOI_TRUSTED_PROXIES": ""}, "CAUNOI_TRUSTED_PROXIES", "warning"),
        ({"CAUNOI_TRUSTED_PROXIES": "nginx"}, "CAUNOI_TRUSTED_PROXIES", "broken"),
        ({"CAUNOI_ALLOWED_HOSTS": "https://1022.example.gov.vn"}, "CAUNOI_ALLOWED_HOSTS", "broken"),
        ({"CAUNOI_ALLOWED_HOSTS": "1022.example.gov.vn:443"}, "CAUNOI_ALLOWED_HOSTS", "broken"),
        ({"CAUNOI_ALLOWED_HOSTS": "*"}, "CAUNOI_ALLOWED_HOSTS", "warning"),
        ({"CAUNOI_DEMO": "1"}, "CAUNOI_DEMO", "broken"),
        ({"CAUNOI_SECRET_KEY": "short"}, "CAUNOI_SECRET_KEY", "broken"),
        ({"CAUNOI_SECRET_KEY_FILE": "/nowhere"}, "CAUNOI_SECRET_KEY_FILE", "broken"),
        ({"PORT": "http"}, "PORT", "broken"),
        ({"CAUNOI_ALOWED_HOSTS": "x"}, "CAUNOI_ALOWED_HOSTS", "warning"),
    ],
)
def test_a_mistake_is_found_under_its_name(changes: dict[str, str], subject: str, level: str) -> None:
    assert found(changes) == [(subject, Level(level))]


def test_a_mistyped_name_is_answered_with_the_name_that_was_meant() -> None:
    (finding,) = configuration.names({"CAUNOI_ALOWED_HOSTS": "x"})
    assert finding.do.en == "Was CAUNOI_ALLOWED_HOSTS meant?"


def only(findings: object) -> Finding:
    (finding,) = findings  # type: ignore[misc]
    assert isinstance(finding, Finding)
    assert all(text.vi and text.en for text in (finding.what, finding.why, finding.do))
    return finding


def test_a_database_that_cannot_be_reached_is_named_with_the_reason(tmp_path: Path) -> None:
    finding = only(machine.database(tmp_path, {"DATABASE_URL": "postgresql://a@127.0.0.1:1/x"}))
    assert (finding.subject, finding.level) == ("DATABASE_URL", Level.BROKEN)
    assert "refused" in finding.what.en


def test_a_postgresql_that_is_too_old_or_absent_is_named(tmp_path: Path) -> None:
    environ = {"CAUNOI_PG_BIN": str(tmp_path), "CAUNOI_DEMO": "1"}
    assert only(machine.database(tmp_path, environ)).subject == "CAUNOI_PG_BIN"
    assert list(machine.database(tmp_path, {"CAUNOI_DEMO": "1"})) == []


def test_a_home_that_others_can_enter_and_a_key_that_they_can_read(tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_text("k" * 50)
    (tmp_path / "secret_key").chmod(0o644)
    tmp_path.chmod(0o755)
    assert [one.subject for one in machine.home_folder(tmp_path, {})] == ["CAUNOI_HOME", "secret_key"]
    (tmp_path / "secret_key").chmod(0o600)
    tmp_path.chmod(0o700)
    assert list(machine.home_folder(tmp_path, {})) == []


def test_a_home_that_is_a_file_is_broken(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert only(machine.home_folder(tmp_path / "file", {})).level == Level.BROKEN


@pytest.mark.parametrize(("free", "levels"), [(100e9, []), (3e9, [Level.WARNING]), (0.1e9, [Level.BROKEN])])
def test_a_disk_that_fills_up(
    free: float, levels: list[Level], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=free))
    assert [one.level for one in machine.disk(tmp_path, {})] == levels


def test_a_low_limit_of_open_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda which: (1024, 4096))
    assert "ulimit -n 4096" in only(machine.open_files(tmp_path, {})).do.en


def test_the_command_says_what_is_broken_and_exits_with_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CAUNOI_HOME", str(tmp_path))
    monkeypatch.setenv("PORT", "many")
    assert main(["doctor"]) == 1
    assert "HỎNG  PORT: PORT=many không phải số cổng." in capsys.readouterr().out
    assert main(["doctor", "--json", "--lang", "en"]) == 1
    assert '"subject": "PORT", "what": "PORT=many is no port number."' in capsys.readouterr().out

"""What the check-up finds, and that each finding says what to do."""

import os
import resource
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.db import connection

from caunoi.cli.main import main
from caunoi.host import configuration, machine
from caunoi.host.finding import Finding, State, run

SOUND = {
    "CAUNOI_PUBLIC_URL": "https://1022.example.gov.vn",
    "CAUNOI_TRUSTED_PROXIES": "127.0.0.1, 10.0.0.0/24",
    "CAUNOI_ALLOWED_HOSTS": "1022.example.gov.vn,[::1]",
    "PORT": "8022",
    "HOME": "/root",
}


def found(changes: dict[str, str]) -> list[tuple[str, State]]:
    every = run(configuration.CHECKS, SOUND | changes)
    return [(one.check, one.state) for one in every if one.state != State.OK]


def test_a_sound_configuration_has_no_findings() -> None:
    assert found({}) == []


@pytest.mark.parametrize(
    ("changes", "check", "state"),
    [
        ({"CAUNOI_PUBLIC_URL": ""}, "public_url", "warn"),
        ({"CAUNOI_PUBLIC_URL": "1022.example.gov.vn"}, "public_url", "broken"),
        ({"CAUNOI_PUBLIC_URL": "https://example.gov.vn/1022"}, "public_url", "broken"),
        ({"CAUNOI_PUBLIC_URL": "http://1022.example.gov.vn"}, "public_url", "warn"),
        ({"CAUNOI_TRUSTED_PROXIES": ""}, "trusted_proxies", "warn"),
        ({"CAUNOI_TRUSTED_PROXIES": "nginx"}, "trusted_proxies", "broken"),
        ({"CAUNOI_ALLOWED_HOSTS": "https://1022.example.gov.vn"}, "allowed_hosts", "broken"),
        ({"CAUNOI_ALLOWED_HOSTS": "1022.example.gov.vn:443"}, "allowed_hosts", "broken"),
        ({"CAUNOI_ALLOWED_HOSTS": "*"}, "allowed_hosts", "warn"),
        ({"CAUNOI_DEMO": "1"}, "public_url", "broken"),
        ({"CAUNOI_SECRET_KEY": "short"}, "secret_key", "broken"),
        ({"CAUNOI_SECRET_KEY_FILE": "/nowhere"}, "secret_key", "broken"),
        ({"PORT": "http"}, "port", "broken"),
        ({"CAUNOI_ALOWED_HOSTS": "x"}, "names", "warn"),
        ({"CAUNOI_LOG_KEY_FILE": "/nowhere"}, "log_key", "broken"),
        ({"CAUNOI_LOG_KEY_FILE": __file__}, "log_key", "broken"),
        ({"CAUNOI_MASTER_KEY_PKCS11": "libsofthsm2.so"}, "master_key", "broken"),
        ({"CAUNOI_ASSIST_SECONDS": "zz"}, "numbers", "broken"),
        ({"CAUNOI_HOLD_SECONDS": "-1"}, "numbers", "broken"),
        ({"CAUNOI_ASSIST_URL": "foo"}, "addresses", "broken"),
        ({"CAUNOI_TILE_HOSTS": "https://tiles.example.vn/{z}"}, "addresses", "broken"),
        ({"CAUNOI_LOG_LEVEL": "LOUD"}, "choices", "broken"),
        ({"CAUNOI_PROVINCE": "99"}, "choices", "broken"),
        ({"CAUNOI_DEMO_DAY": "yesterday"}, "choices", "broken"),
        ({"CAUNOI_SEARCH_MEANING": "maybe"}, "choices", "warn"),
        ({"CAUNOI_DEBUG": "1"}, "debug", "broken"),
        ({"CAUNOI_METRICS_TOKEN": "short"}, "metrics_token", "warn"),
    ],
)
def test_a_mistake_is_found_under_its_name(changes: dict[str, str], check: str, state: str) -> None:
    assert found(changes) == [(check, State(state))]


def test_a_mistyped_name_is_answered_with_the_name_that_was_meant() -> None:
    (finding,) = configuration.names({"CAUNOI_ALOWED_HOSTS": "x"})
    assert finding.mend.in_("en") == "Was CAUNOI_ALLOWED_HOSTS meant?"


def only(findings: object) -> Finding:
    (finding,) = findings  # type: ignore[misc]
    assert isinstance(finding, Finding)
    assert all(text.in_("vi") and text.in_("en") for text in (finding.what, finding.why, finding.mend))
    return finding


def test_what_is_read_from_is_a_standby_of_this_database(transactional_db: None, tmp_path: Path) -> None:
    """Tried where there is none: the same server, another database of it, nobody."""
    own = connection.settings_dict
    where = f"postgresql://{own['USER']}@/{{}}?host={own['HOST']}&port={own['PORT'] or 5432}"
    environ = {"DATABASE_URL": where.format(own["NAME"])}
    assert list(machine.standbys(tmp_path, environ)) == []
    for address, state, words in (
        (where.format(own["NAME"]), State.WARN, "is no standby"),
        (where.format("postgres"), State.BROKEN, "is another database than DATABASE_URL"),
        ("postgresql://a@127.0.0.1:1/x", State.WARN, "The standby 127.0.0.1:1 cannot be reached"),
        ("mysql://geheim@a/x", State.BROKEN, "DATABASE_READ_URL: does not begin with postgresql://"),
    ):
        finding = only(machine.standbys(tmp_path, {**environ, "DATABASE_READ_URL": address}))
        assert (finding.state, words in finding.what.in_("en")) == (state, True), finding.what.in_("en")
        assert "geheim" not in finding.what.in_("vi")
    assert "has no effect" in only(machine.standbys(tmp_path, {"DATABASE_READ_URL": "x"})).why.in_("en")


def test_a_database_that_cannot_be_reached_is_named_with_the_reason(tmp_path: Path) -> None:
    finding = only(machine.database(tmp_path, {"DATABASE_URL": "postgresql://a@127.0.0.1:1/x"}))
    assert finding.state == State.BROKEN
    assert "refused" in finding.what.in_("en")


def test_a_postgresql_that_is_too_old_or_absent_is_named(tmp_path: Path) -> None:
    environ = {"CAUNOI_PG_BIN": str(tmp_path), "CAUNOI_DEMO": "1"}
    assert only(machine.database(tmp_path, environ)).state == State.BROKEN
    assert list(machine.database(tmp_path, {"CAUNOI_DEMO": "1"})) == []


def test_a_home_that_others_can_enter_and_a_key_that_they_can_read(tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_text("k" * 50)
    (tmp_path / "secret_key").chmod(0o644)
    tmp_path.chmod(0o755)
    assert [one.state for one in machine.home_folder(tmp_path, {})] == [State.WARN, State.BROKEN]
    (tmp_path / "secret_key").chmod(0o600)
    tmp_path.chmod(0o700)
    assert list(machine.home_folder(tmp_path, {})) == []


def test_a_home_that_is_a_file_is_broken(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert only(machine.home_folder(tmp_path / "file", {})).state == State.BROKEN


@pytest.mark.parametrize(("free", "levels"), [(100e9, []), (3e9, [State.WARN]), (0.1e9, [State.BROKEN])])
def test_a_disk_that_fills_up(
    free: float, levels: list[State], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = SimpleNamespace(f_bavail=free, f_frsize=1, f_files=100, f_favail=50)
    monkeypatch.setattr(os, "statvfs", lambda path: room)
    assert [one.state for one in machine.disk(tmp_path, {})] == levels


def test_a_low_limit_of_open_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda which: (1024, 4096))
    assert "ulimit -n 4096" in only(machine.open_files(tmp_path, {})).mend.in_("en")


def test_the_command_says_what_is_broken_and_exits_with_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CAUNOI_HOME", str(tmp_path))
    monkeypatch.setenv("PORT", "many")
    assert main(["doctor"]) == 1
    assert "HỎNG  port: PORT=many không phải số cổng." in capsys.readouterr().out
    assert main(["doctor", "--json", "--lang", "en"]) == 1
    assert '"check": "port", "state": "broken", "why": "PORT=many is no port number.' in capsys.readouterr().out

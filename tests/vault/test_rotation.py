"""The secret key changes without a moment in which something that was signed is refused."""

import json

import pytest
from django.core import signing

from caunoi.cli import keys as command
from caunoi.cli.main import Parser
from caunoi.events.actor import SYSTEM
from caunoi.events.models import Event
from caunoi.host import home
from caunoi.vault import queries, rotation, secret_key, shared_keys
from caunoi.vault.signing import Signer, TimestampSigner, secret_keys

pytestmark = pytest.mark.django_db


@pytest.fixture
def file(tmp_path, monkeypatch, settings):
    path = tmp_path / "secret"
    path.write_text(settings.SECRET_KEY + "\n")
    monkeypatch.setenv("CAUNOI_SECRET_KEY_FILE", str(path))
    monkeypatch.delenv("CAUNOI_SECRET_KEY", raising=False)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = settings.SECRET_KEY, []
    yield path
    queries.forget()


def run(*words: str) -> int:
    parser = Parser(prog="caunoi keys")
    command.arguments(parser)
    return command.run(parser.parse_args(words))


def test_what_was_signed_stays_valid_through_four_rotations(file, settings, monkeypatch):
    signer, stamps, steps = Signer(salt="x"), TimestampSigner(salt="y"), []
    monkeypatch.setattr(rotation, "_wait", lambda seconds: steps.append(file.read_text().splitlines()))
    link, stamp, old = signer.sign("12"), stamps.sign("a"), settings.SECRET_KEY
    for _ in range(4):
        rotation.rotate("secret", by=SYSTEM)
        assert signer.unsign(link) == "12" and stamps.unsign(stamp, max_age=60) == "a"
    assert old != settings.SECRET_KEY and old in settings.SECRET_KEY_FALLBACKS and len(secret_keys()) == 5
    assert steps[0][0].startswith(old) and len(steps[0]) == 2, "first it is only accepted"
    assert steps[1][1].startswith(old), "then it signs"
    rotation.rotate("secret", by=SYSTEM)
    with pytest.raises(signing.BadSignature):
        signer.unsign(link)
    assert Event.objects.filter(kind="vault.rotate").count() == 5


def test_a_process_takes_over_what_the_file_says(file, settings):
    before = settings.SECRET_KEY
    assert not secret_key.refresh()
    file.write_text(f"{'n' * 50}  # made 2026-11-28T00:00:00Z\n{before}\n")
    assert secret_key.refresh()
    assert ("n" * 50, [before]) == (settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS)


def test_a_key_of_the_environment_is_not_ours_to_change(file, monkeypatch, capsys):
    monkeypatch.setenv("CAUNOI_SECRET_KEY", "k" * 50)
    assert run("rotate", "secret") == 1
    assert "CAUNOI_SECRET_KEY_FILE" in capsys.readouterr().err


def test_the_list_names_keys_and_shows_none(file, capsys):
    shared_keys.settle(make=True)
    assert run("--json") == 0
    out = capsys.readouterr().out
    rows = [json.loads(line) for line in out.splitlines()]
    assert {row["key"] for row in rows} - {"log"} == set(rotation.NAMES)
    assert file.read_text().strip() not in out and home.master_line(home.master_keys()[0]) not in out
    assert run() == 0 and "IN USE" in capsys.readouterr().out
    assert run("rotate") == 2


def test_a_data_key_is_rotated_from_the_shell(file, monkeypatch, capsys):
    monkeypatch.setattr(rotation, "_wait", lambda seconds: queries.forget())
    before = queries.sealing("links")[0]
    assert run("rotate", "links", "--json") == 0
    assert json.loads(capsys.readouterr().out)["id"] == str(queries.sealing("links")[0]) != str(before)


def test_a_master_key_elsewhere_is_changed_by_whoever_keeps_it(file, tmp_path, monkeypatch, capsys):
    path = tmp_path / "master"
    path.write_text(home.master_line(home.master_keys()[0]) + "\n")
    monkeypatch.setenv("CAUNOI_MASTER_KEY_FILE", str(path))
    assert run("rotate", "master") == 1 and "put a new line above" in capsys.readouterr().err
    path.write_text(home.new_master() + path.read_text())
    assert run("rotate", "master") == 0
    queries.forget()
    assert queries.sealing("links")


def test_a_master_key_that_backups_of_before_need_is_kept_apart(file, tmp_path, monkeypatch, capsys):
    first = home.master_line(home.master_keys()[0])
    monkeypatch.setenv("CAUNOI_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("CAUNOI_MASTER_KEY_FILE", raising=False)
    home.prepare(tmp_path / "home").joinpath("master_key").write_text(first + "\n")
    assert run("rotate", "master") == 0
    [apart] = (tmp_path / "home").glob("master_key.until-*")
    assert str(apart) in capsys.readouterr().err and apart.read_text() == first + "\n"
    assert apart.stat().st_mode & 0o777 == 0o600
    second = home.master_file().read_text().strip()
    assert run("rotate", "master", "--json") == 0 and json.loads(capsys.readouterr().out)["key"] == "master"
    assert apart.read_text().split() == [second, first], "a second one of the same day loses none"
    assert first not in home.master_file().read_text() and second not in home.master_file().read_text()

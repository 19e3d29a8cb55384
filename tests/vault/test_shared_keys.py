"""The key files of a host become what the database has, and what it has not yet goes there."""

import os

import psycopg
import pytest
from django.db import connection

from caunoi.cli import keys as command
from caunoi.cli.main import Parser
from caunoi.events.actor import SYSTEM
from caunoi.host import home
from caunoi.lib.crypto import envelope, succession, webpush
from caunoi.publication.actions import log_keys, log_rotation
from caunoi.vault import queries, rotation, shared_keys
from caunoi.vault.models import SharedKey

pytestmark = pytest.mark.django_db


@pytest.fixture
def host(tmp_path, monkeypatch, settings):
    """Makes this process another host's, by name; the database stays."""
    monkeypatch.setenv("CAUNOI_MASTER_KEY_FILE", str(home.master_file()))
    for name in ("CAUNOI_SECRET_KEY", "CAUNOI_SECRET_KEY_FILE", "CAUNOI_LOG_KEY_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(rotation, "_wait", lambda seconds: None)

    def become(name: str):
        monkeypatch.setenv("CAUNOI_HOME", str(tmp_path / name))
        return tmp_path / name

    yield become
    queries.forget()


def texts(folder):
    return {name: (folder / name).read_text() for name in shared_keys.KINDS if (folder / name).exists()}


def test_a_second_host_has_what_the_first_made(host):
    first = host("first")
    shared_keys.settle(make=True)
    made = texts(first)
    assert set(made) == set(shared_keys.KINDS) and all((first / name).stat().st_mode & 0o777 == 0o600 for name in made)
    second = host("second")
    assert shared_keys.settle(make=True) == [] and texts(second) == made
    assert SharedKey.objects.count() == len(made)


def test_what_lay_in_the_home_before_goes_into_the_database_as_old_as_it_is(host):
    folder = host("first")
    folder.mkdir()
    (folder / "secret_key").write_text("s" * 50)
    os.utime(folder / "secret_key", (1_700_000_000, 1_700_000_000))
    shared_keys.settle()
    row = SharedKey.objects.get()
    assert (row.name, row.text, int(row.changed.timestamp())) == ("secret_key", "s" * 50, 1_700_000_000)
    assert texts(folder) == {"secret_key": "s" * 50}, "nothing is made that nobody needs yet"


def test_what_a_host_made_for_itself_gives_way_and_is_not_lost(host, caplog):
    host("first")
    shared_keys.settle(make=True)
    second = host("second")
    second.mkdir()
    (second / "secret_key").write_text("s" * 50)
    assert shared_keys.settle() == ["secret_key"] and "gave way" in caplog.text
    [aside] = second.glob("secret_key.until-*")
    assert aside.read_text() == "s" * 50 != (second / "secret_key").read_text()
    assert shared_keys.settle() == [], "and that is that"


def test_a_lost_file_comes_back_when_it_is_read(host):
    folder = host("first")
    shared_keys.settle(make=True)
    text = (folder / "push_key.pem").read_text()
    (folder / "push_key.pem").unlink()
    assert shared_keys.read(shared_keys.PUSH) == text


def test_a_key_in_other_hands_is_left_alone(host, tmp_path, monkeypatch):
    first = host("first")
    (tmp_path / "log.pem").write_text(succession.new_key())
    monkeypatch.setenv("CAUNOI_LOG_KEY_FILE", str(tmp_path / "log.pem"))
    monkeypatch.setenv("CAUNOI_SECRET_KEY", "k" * 50)
    shared_keys.settle(make=True)
    assert set(texts(first)) == {"push_key.pem", "cell_key.pem"} == {row.name for row in SharedKey.objects.all()}
    assert shared_keys.read(shared_keys.LOG) == (tmp_path / "log.pem").read_text()


def test_every_rotation_reaches_another_host(host):
    first = host("first")
    shared_keys.settle(make=True)
    second = host("second")
    shared_keys.settle()
    host("first")
    for name in ("secret", "push", "cell"):
        rotation.rotate(name, by=SYSTEM)
    log_rotation.rotate(by=SYSTEM)
    host("second")
    assert shared_keys.settle() == [*shared_keys.KINDS] and texts(second) == texts(first)
    assert log_keys.current().public_key() and len(webpush.blocks(texts(second)["push_key.pem"])) == 2


def test_two_hosts_do_not_change_one_key_at_once(host):
    host("first")
    shared_keys.settle(make=True)
    before = shared_keys.read(shared_keys.PUSH)
    shared_keys.write(shared_keys.PUSH, webpush.new_key(), before)
    with pytest.raises(shared_keys.ChangedError):
        shared_keys.write(shared_keys.PUSH, webpush.new_key(), before)


def test_two_changes_within_a_second_are_two(host):
    folder = host("first")
    shared_keys.settle(make=True)
    seen = set()
    for _ in range(3):
        shared_keys.write(shared_keys.PUSH, webpush.new_key(), shared_keys.read(shared_keys.PUSH))
        seen.add(int((folder / "push_key.pem").stat().st_mtime))
    assert len(seen) == 3


def test_a_process_looks_by_one_statement_and_settles_where_it_must(host, monkeypatch, django_assert_num_queries):
    folder = host("first")
    shared_keys.settle(make=True)
    server = connection.connection
    with django_assert_num_queries(0):
        shared_keys.look(server)
    text = (folder / "push_key.pem").read_text()
    (folder / "push_key.pem").write_text(webpush.new_key())
    os.utime(folder / "push_key.pem", (1_700_000_000, 1_700_000_000))
    shared_keys.look(server)
    assert (folder / "push_key.pem").read_text() == text

    class Older:
        def execute(self, query):
            raise psycopg.errors.UndefinedTable

    shared_keys.look(Older())


def test_what_does_not_open_changes_nothing_and_is_said_once(host, caplog):
    folder = host("first")
    shared_keys.settle(make=True)
    before = texts(folder)
    row = SharedKey.objects.get(name="push_key.pem")
    other = SharedKey.objects.get(name="log_key.pem")
    SharedKey.objects.filter(pk=row.pk).update(text=other.__dict__["text"])  # a row that somebody copied
    (folder / "push_key.pem").unlink()
    for _ in range(3):
        shared_keys.look(connection.connection)
    assert caplog.text.count("cannot be made the installation's") == 1
    assert not (folder / "push_key.pem").exists() and (folder / "secret_key").read_text() == before["secret_key"]
    with pytest.raises(envelope.SealError):
        shared_keys.read(shared_keys.PUSH)


def run(*words: str) -> int:
    parser = Parser(prog="caunoi keys")
    command.arguments(parser)
    return command.run(parser.parse_args(words))


def test_a_key_of_a_backup_is_adopted_if_it_is_one(host, tmp_path, monkeypatch, capsys):
    folder = host("first")
    shared_keys.settle(make=True)
    before, kept = (folder / "log_key.pem").read_text(), tmp_path / "kept.pem"
    kept.write_text("no key")
    assert run("adopt", "log", str(kept)) == 1 and "Ed25519" in capsys.readouterr().err
    assert run("adopt", "log", str(tmp_path / "nowhere")) == 1 and "nowhere" in capsys.readouterr().err
    assert run("adopt", "master", str(kept)) == 2 and run("adopt", "log") == 2 and run("rotate", "log", "x") == 2
    kept.write_text(succession.new_key())
    assert run("adopt", "log", str(kept)) == 0
    assert (folder / "log_key.pem").read_text() == kept.read_text() == SharedKey.objects.get(name="log_key.pem").text
    [aside] = folder.glob("log_key.pem.until-*")
    assert aside.read_text() == before
    monkeypatch.setenv("CAUNOI_LOG_KEY_FILE", str(kept))
    assert run("adopt", "log", str(kept)) == 1

"""What lies in the database lies sealed; in Python it is itself; and keys change while everything goes on."""

from collections.abc import Iterator
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from threading import Timer

import pytest
from django.core.exceptions import FieldError
from django.db import connection
from django.db.migrations import RunPython
from django.test.utils import CaptureQueriesContext

from caunoi.conversations.actions import make_inbox
from caunoi.conversations.models import Inbox
from caunoi.events.actor import SYSTEM
from caunoi.host import home
from caunoi.jobs import direct
from caunoi.lib.crypto.envelope import SealError, fingerprint
from caunoi.tickets import actions as tickets
from caunoi.tickets import queries as tickets_queries
from caunoi.tickets.models import Ticket
from caunoi.tickets.report import Report
from caunoi.vault import actions, queries
from caunoi.vault.models import DataKey

pytestmark = pytest.mark.django_db
SECRET = "mật-khẩu-của-OA"


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    queries.forget()
    yield
    queries.forget()


def raw(table: str, column: str) -> list[bytes]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {table} ORDER BY id")
        return [bytes(value) if value is not None else b"" for (value,) in cursor.fetchall()]


def box(**secrets: str) -> Inbox:
    make_inbox("oa", "zalo", secrets=secrets or {"access_token": SECRET})
    return Inbox.objects.get(name="oa")


def ticket(town: object, once: str = "v1") -> Ticket:
    return tickets.take(Report(text="Đèn hỏng", channel="web", once=once), by=SYSTEM)


def test_a_secret_lies_sealed_and_reads_as_itself() -> None:
    row = box()
    (lying,) = [value for value in raw("conversations_inbox", "secrets_sealed") if value]
    assert SECRET.encode() not in lying and b"access_token" not in lying
    assert row.secrets == {"access_token": SECRET}
    row.secrets["more"] = "x"
    row.save(update_fields=["secrets"])
    assert Inbox.objects.get(pk=row.pk).secrets == {"access_token": SECRET, "more": "x"}
    assert Inbox.objects.get(name="web").secrets == {} if Inbox.objects.filter(name="web") else True


def test_what_is_not_read_is_not_opened_and_saves_as_it_lies() -> None:
    row = box()
    before = raw("conversations_inbox", "secrets_sealed")
    row = Inbox.objects.get(pk=row.pk)
    row.save()
    assert raw("conversations_inbox", "secrets_sealed") == before
    with CaptureQueriesContext(connection) as context:
        _ = row.secrets, row.secrets
    assert len(context) <= 1  # the key, once


def test_a_value_copied_to_another_row_does_not_open() -> None:
    row = box()
    make_inbox("other", "zalo", secrets={"access_token": "mine"})
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE conversations_inbox SET secrets_sealed ="
            " (SELECT secrets_sealed FROM conversations_inbox WHERE id = %s) WHERE name = 'other'",
            [row.pk],
        )
    with pytest.raises(SealError):
        _ = Inbox.objects.get(name="other").secrets


def test_it_is_not_looked_up_by_its_value_nor_updated_without_its_row() -> None:
    box()
    with pytest.raises(FieldError):
        Inbox.objects.filter(secrets={"access_token": SECRET}).exists()
    with pytest.raises(TypeError):
        Inbox.objects.update(secrets={"a": "b"})


def test_a_follow_link_is_looked_up_by_its_digest(town: object) -> None:
    row = ticket(town)
    token = row.follow
    assert len(token) == 20
    assert raw("tickets_ticket", "follow") == [b""]
    assert token.encode() not in b"".join(
        raw("tickets_ticket", "follow_sealed") + raw("tickets_ticket", "follow_index")
    )
    again = tickets_queries.of_follow(token)
    assert again is not None and (again.pk, again.follow) == (row.pk, token)
    assert tickets_queries.of_follow(token[:-1]) is None
    again.summary = "x"
    again.save()
    assert tickets_queries.of_follow(token) == row


def test_older_rows_open_as_before_and_are_sealed_by_the_task(town: object) -> None:
    row = ticket(town)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE tickets_ticket SET follow = 'OldTokenOfThisOne_', follow_sealed = NULL, follow_index = NULL"
        )
    older = tickets_queries.of_follow("OldTokenOfThisOne_")
    assert older is not None and older.follow == "OldTokenOfThisOne_"
    assert actions.seal_older() >= 1
    assert raw("tickets_ticket", "follow") == [b""]
    sealed = tickets_queries.of_follow("OldTokenOfThisOne_")
    assert sealed is not None and sealed.pk == row.pk and sealed.follow == "OldTokenOfThisOne_"
    assert actions.seal_older() == 0


def test_what_the_release_before_still_writes_is_read_and_sealed_too() -> None:
    actions.seal_older()
    row = box()
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE conversations_inbox SET secrets = '{"access_token": "newer"}' WHERE id = %s""", [row.pk]
        )
    assert Inbox.objects.get(pk=row.pk).secrets == {"access_token": "newer"}
    assert actions.seal_older() == 1 and raw("conversations_inbox", "secrets")[-1:] == [b""]
    assert Inbox.objects.get(pk=row.pk).secrets == {"access_token": "newer"}


def test_secrets_that_were_taken_away_do_not_come_back_from_where_they_lay() -> None:
    actions.seal_older()
    row = box()
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE conversations_inbox SET secrets = '{"a": "b"}', secrets_sealed = NULL WHERE id = %s""", [row.pk]
        )
    assert Inbox.objects.get(pk=row.pk).secrets == {"a": "b"}
    make_inbox("oa", "zalo", secrets={})
    assert actions.seal_older() == 0 and Inbox.objects.get(pk=row.pk).secrets == {}


def test_migrations_leave_what_the_release_before_reads() -> None:
    for name in (
        "conversations.migrations.0015_sealed_secrets",
        "notifications.migrations.0005_sealed_subscriptions",
        "followers.migrations.0002_sealed_tokens",
    ):
        operations = import_module(f"caunoi.{name}").Migration.operations
        assert not [one for one in operations if isinstance(one, RunPython)], name


def test_a_data_key_is_rotated_and_everything_sealed_anew(town: object) -> None:
    row, link = box(), ticket(town).follow
    old = queries.sealing("secrets")[0]
    fresh = actions.rotate("secrets").pk
    queries.forget()
    assert Inbox.objects.get(pk=row.pk).secrets == {"access_token": SECRET}  # by the old key
    assert actions.drop_retired("secrets") == 0
    assert actions.reseal("secrets") == 1 and actions.reseal("secrets") == 0
    queries.forget()
    assert Inbox.objects.get(pk=row.pk).secrets == {"access_token": SECRET}
    assert actions.drop_retired("secrets") == 0  # sessions may need it
    assert actions.drop_retired("secrets", after=timedelta(0)) == 1 and not DataKey.objects.filter(pk=old).exists()
    assert queries.sealing("secrets")[0] == fresh
    actions.rotate("links")
    queries.forget()
    assert actions.reseal("links") >= 1
    found = tickets_queries.of_follow(link)
    assert found is not None and found.follow == link


@pytest.mark.django_db(transaction=True)
def test_a_row_that_somebody_writes_at_this_moment_is_looked_at_again() -> None:
    row = box()
    actions.rotate("secrets")
    queries.forget()
    with direct.session() as other:
        other.autocommit = False
        other.execute("SELECT FROM conversations_inbox WHERE id = %s FOR UPDATE", [row.pk])
        ends = Timer(actions.PAUSE / 2, other.rollback)
        ends.start()
        assert actions.reseal("secrets") == 1
        ends.join()


def test_a_row_that_does_not_open_stops_no_other_and_is_named() -> None:
    box()
    make_inbox("broken", "zalo", secrets={"a": "b"})
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE conversations_inbox SET secrets_sealed = set_byte(secrets_sealed, 20, 7) WHERE name = 'broken'"
        )
    actions.rotate("secrets")
    queries.forget()
    with pytest.raises(SealError, match=r"conversations_inbox\.secrets_sealed do not open"):
        actions.reseal("secrets")
    assert Inbox.objects.get(name="oa").secrets == {"access_token": SECRET}
    assert actions.drop_retired("secrets") == 0


def test_an_older_row_that_cannot_be_sealed_stops_no_other_and_is_named(town: object) -> None:
    actions.seal_older()
    rows = [ticket(town, once=f"older {n}") for n in range(3)]
    links = [row.follow for row in rows]
    with connection.cursor() as cursor:
        for row, link in zip(rows[:2], [links[2], links[1]], strict=True):  # the first has the link of the third
            cursor.execute(
                "UPDATE tickets_ticket SET follow = %s, follow_sealed = NULL, follow_index = NULL WHERE id = %s",
                [link, row.pk],
            )
    with pytest.raises(
        SealError, match=rf"1 rows of tickets_ticket\.follow_sealed cannot be sealed, first {rows[0].pk}"
    ):
        actions.seal_older()
    found = tickets_queries.of_follow(links[1])
    assert found is not None and found.follow_plain is None


def test_nothing_is_read_by_night_where_no_key_is_retired(town: object) -> None:
    ticket(town)
    with CaptureQueriesContext(connection) as asked:
        actions.tidy()
    assert len(asked) <= 2 * len(queries.Purpose.values)
    assert not [query["sql"] for query in asked if "vault_datakey" not in query["sql"]]


def test_every_row_that_does_not_open_is_named_and_other_purposes_go_on(town: object) -> None:
    box()
    link = ticket(town).follow
    with connection.cursor() as cursor:
        cursor.execute("UPDATE conversations_inbox SET secrets_sealed = set_byte(secrets_sealed, 20, 7)")
    for purpose in ("secrets", "links"):
        actions.rotate(purpose)
    queries.forget()
    with pytest.raises(SealError, match=r"conversations_inbox\.secrets_sealed do not open"):
        actions.tidy()
    assert actions.reseal("links") == 0 and tickets_queries.of_follow(link)


def test_the_master_key_is_changed_by_a_new_first_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    row = box()
    old = home.master_keys()[0]
    file = tmp_path / "master"
    file.write_text(home.new_master() + (home.home() / home.MASTER).read_text())
    monkeypatch.setenv("CAUNOI_MASTER_KEY_FILE", str(file))
    assert actions.rewrap() == DataKey.objects.count() and actions.rewrap() == 0
    file.write_text(file.read_text().splitlines()[0])
    queries.forget()
    assert Inbox.objects.get(pk=row.pk).secrets == {"access_token": SECRET}
    assert fingerprint(old) not in DataKey.objects.values_list("master", flat=True)


def test_whether_the_keys_open_is_asked_of_tables_as_an_older_release_left_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    box()
    with connection.cursor() as cursor:
        for name in ("settled", "created", "retired"):
            cursor.execute(f"ALTER TABLE vault_datakey DROP COLUMN {name} CASCADE")
    assert queries.unopened() == ""
    file = tmp_path / "master"
    file.write_text(home.new_master())
    monkeypatch.setenv("CAUNOI_MASTER_KEY_FILE", str(file))
    queries.forget()
    assert fingerprint(home.master_keys()[0]) in queries.unopened()


def test_without_the_master_key_it_says_which_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    box()
    queries.forget()
    file = tmp_path / "master"
    file.write_text(home.new_master())
    monkeypatch.setenv("CAUNOI_MASTER_KEY_FILE", str(file))
    with pytest.raises(queries.MasterKeyError, match=fingerprint(home.master_keys()[0])):
        _ = Inbox.objects.get(name="oa").secrets
    with pytest.raises(queries.MasterKeyError):
        actions.make_keys()


def test_a_master_key_that_is_none_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "master"
    monkeypatch.setenv("CAUNOI_MASTER_KEY_FILE", str(file))
    for wrong in ("short", "!" * 44, "QUJD"):
        file.write_text(wrong)
        with pytest.raises(ValueError, match="32 random bytes"):
            home.master_keys()
    file.unlink()
    with pytest.raises(OSError, match="master"):
        home.master_keys()


def test_every_sealed_table_stands_in_the_page_of_the_keys() -> None:
    page = (Path(__file__).parents[2] / "docs/security/keys.md").read_text("utf-8")
    tables = {field.model._meta.db_table for field in actions.sealed_fields()}
    assert not {name for name in tables if f"| `{name}` |" not in page}

"""Which code may serve the database: what newer releases left there says so."""

from typing import Any

import psycopg
import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from caunoi import __version__
from caunoi.host import releases


@pytest.fixture
def server(db: None) -> psycopg.Connection[Any]:
    connection.ensure_connection()
    own: psycopg.Connection[Any] = connection.connection
    own.execute("DELETE FROM jobs_release")
    return own


def left(server: psycopg.Connection[Any], version: str, serves_from: str) -> None:
    server.execute("INSERT INTO jobs_release (version, serves_from) VALUES (%s, %s)", [version, serves_from])


def test_code_serves_what_it_migrated_itself(server: psycopg.Connection[Any]) -> None:
    releases.record(server)
    releases.record(server)
    assert releases.newer(server) is None
    assert server.execute("SELECT version, serves_from FROM jobs_release").fetchall() == [
        (__version__, releases.SERVES_FROM)
    ]


def test_a_newer_release_says_who_may_serve_and_versions_are_numbers(server: psycopg.Connection[Any]) -> None:
    server.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('jobs', '0900_to_come', now())")
    found = releases.newer(server)
    assert found and "jobs.0900_to_come" in found.why.in_("en")
    left(server, "0.10.0", __version__)
    assert releases.newer(server) is None, "it allows us, though we do not know its migrations"
    left(server, "0.9.0", "0.9.0")
    assert releases.newer(server) is None, "0.10 came after 0.9"
    left(server, "0.11.0", "0.11.0")
    found = releases.newer(server)
    assert (
        found
        and "0.11.0" in found.why.in_("en")
        and "0.11.0" in found.why.in_("vi")
        and __version__ in found.why.in_("en")
    )


def test_once_it_wrote_what_only_it_understands_the_way_back_is_closed(server: psycopg.Connection[Any]) -> None:
    releases.record(server)
    releases.raise_to(server, "7.0.0")
    releases.record(server)
    assert server.execute("SELECT serves_from FROM jobs_release").fetchall() == [("7.0.0",)]


def test_a_release_is_announced_where_the_one_before_goes_on_serving(
    server: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def known() -> list[Any]:
        return server.execute("SELECT version, serves_from FROM jobs_release ORDER BY at").fetchall()

    releases.announce(server)
    assert known() == [], "nobody was here before"
    left(server, "0.2.0", "0.2.0")
    for version, least, there in (("8.0.0", "8.0.0", 1), ("0.3.0", "0.2.0", 2)):
        monkeypatch.setattr(releases, "__version__", version)
        monkeypatch.setattr(releases, "SERVES_FROM", least)
        releases.announce(server)
        assert len(known()) == there
    monkeypatch.setattr(releases, "__version__", "0.2.0")
    server.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('jobs', '0900_to_come', now())")
    assert releases.newer(server) is None, "the one before is ready in the middle of it"


def test_another_packages_migrations_are_not_ours_to_know(server: psycopg.Connection[Any]) -> None:
    server.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('procrastinate', '9999_x', now())")
    assert releases.newer(server) is None


REPEATED = {
    ("tickets", "0014_links_index"): ["one_ticket_a_link", "ticket_plain_link"],
    ("conversations", "0016_still_plain"): ["outgoing_plain_text", "outgoing_plain_values"],
    ("ratings", "0007_flagged"): ["one_rating_that_stands", "rating_flagged"],
    ("conversations", "0020_plain_receipts"): ["receipt_plain", "receipt_plain_file"],
    ("conversations", "0022_address_indexes"): ["outgoing_straight_to", "outgoing_plain_address"],
    ("conversations", "0024_callback_indexes"): ["one_open_callback_of", "callback_number_end", "callback_plain"],
    ("calls", "0005_sealed_calls_indexes"): ["call_phone_index", "call_plain", "dial_plain", "leg_numbered"],
}
"""Migrations that are no transaction, as they make indexes while people work."""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("key", REPEATED, ids=str)
def test_a_migration_that_was_killed_is_run_again_and_leaves_no_broken_index(key: tuple[str, str]) -> None:
    loader = MigrationLoader(connection)
    migration = loader.graph.nodes[key]
    state = loader.project_state(migration.dependencies)
    with connection.cursor() as cursor:
        breaking = "UPDATE pg_index SET indisvalid = false WHERE indexrelid = ANY(%s::text[]::regclass[])"
        cursor.execute(breaking, [REPEATED[key]])
        with connection.schema_editor(atomic=False) as editor:
            migration.apply(state, editor)
        cursor.execute("SELECT count(*) FROM pg_index WHERE NOT indisvalid")
        assert cursor.fetchone() == (0,)

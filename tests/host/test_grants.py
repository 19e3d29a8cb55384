"""Proves: the product's role in the database: what it may do is declared for every table, and no more"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import ProgrammingError, connection, transaction
from django.utils.module_loading import import_string
from django.utils.timezone import now
from psycopg import sql

from caunoi.events import actions as events
from caunoi.events.models import Event
from caunoi.host import grants, postgres
from caunoi.host.home import home
from caunoi.jobs import direct
from caunoi.publication.models import Head, Statement
from caunoi.routing import actions as routing
from caunoi.routing.models import Handover, Opening
from caunoi.tickets import actions as tickets
from caunoi.tickets.models import Ticket
from caunoi.tickets.report import Report
from tests import test_the_way
from tests.test_the_way import clock

__all__ = ["clock"]

FORBIDDEN = (
    "UPDATE events_event SET kind = 'x'",
    "DELETE FROM events_event",
    "TRUNCATE events_event",
    "TRUNCATE tickets_ticket CASCADE",
    "ALTER TABLE events_event DISABLE TRIGGER ALL",
    "DROP TRIGGER append_only ON events_event",
    "SET session_replication_role = replica",
    "SET LOCAL caunoi.erase = 'yes'; DELETE FROM events_event",
    "INSERT INTO events_event (id, at, kind, subject, subject_id, by, data, pending)"
    " VALUES (1, now(), 'x', 'x', 1, 'x', '{}', false)",
    "UPDATE publication_statement SET leaf = 'x'",
    "DELETE FROM publication_statement",
    "UPDATE publication_head SET root = 'x'",
    "DELETE FROM publication_head",
    "DELETE FROM publication_node",
    "UPDATE routing_opening SET reason = 'x'",
    "COPY (SELECT 1) TO PROGRAM 'id'",
    "SELECT pg_read_file('/etc/passwd')",
    "CREATE TABLE mine (a int)",
    "CREATE ROLE mine SUPERUSER",
    "SET ROLE caunoi",
    "ALTER ROLE caunoi_product SUPERUSER",
    "UPDATE django_migrations SET app = 'x'",
)


def test_every_table_is_declared_once(db: None):
    """A new table stands in OPEN, or with a rule in RULES: caunoi/host/grants.py."""
    with connection.cursor() as cursor:
        tables = {*connection.introspection.table_names(cursor)}
    assert tables == grants.OPEN | grants.READ | grants.RULES.keys()
    assert not grants.OPEN & grants.RULES.keys()
    assert import_string(settings.ROW_VIEWS).keys() == grants.VIEWS


@pytest.fixture
def product_role(transactional_db: None) -> Iterator[psycopg.Connection[Any]]:
    """The product's role on the tables of the test, and a connection of it."""
    with direct.session() as own:
        grants.create(own)
        grants.apply(own)
    values = {**direct.parameters(), "user": grants.PRODUCT}
    with psycopg.connect(**values, autocommit=True) as theirs:
        yield theirs


@contextmanager
def as_product() -> Iterator[None]:
    """What Django does inside is done as the product's role."""
    owner = connection.settings_dict["USER"]
    connection.close()
    connection.settings_dict["USER"] = grants.PRODUCT
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["USER"] = owner


def test_the_role_has_exactly_what_is_declared(product_role: psycopg.Connection[Any]):
    assert grants.lacking(product_role, grants.PRODUCT) == []
    with direct.session() as own:
        own.execute(sql.SQL("GRANT TRUNCATE ON sla_due TO {}").format(sql.Identifier(grants.PRODUCT)))
        assert [one.table for one in grants.lacking(own, grants.PRODUCT) if one.excess] == ["sla_due"]
        grants.apply(own)  # again, and nothing happens twice
        assert grants.lacking(own, grants.PRODUCT) == []


@pytest.mark.parametrize("role", [grants.PRODUCT, grants.READER])
def test_the_views_of_the_doors_are_given_in_the_same_moment(product_role: psycopg.Connection[Any], role: str):
    with direct.session() as own:
        grants.apply(own, role)
        for name in sorted(grants.VIEWS):
            query = sql.SQL("SELECT has_table_privilege({}, {}, 'SELECT')").format(role, name)
            assert own.execute(query).fetchone() == (True,), name
        own.execute(sql.SQL("REVOKE ALL ON tickets_talk FROM {}").format(sql.Identifier(role)))
        assert grants.lacking(own, role) == [grants.Lack(table="tickets_talk", privilege="SELECT")]
        grants.apply(own, role)


def test_two_installations_of_one_server_may_be_upgraded_at_the_same_time(product_role: psycopg.Connection[Any]):
    def upgraded(_: int) -> None:
        with direct.session() as own:
            for _round in range(50):
                grants.create(own)

    with ThreadPoolExecutor() as both:
        assert list(both.map(upgraded, range(2))) == [None, None]


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_what_the_product_may_not_do(product_role: psycopg.Connection[Any], statement: str):
    with pytest.raises(psycopg.errors.InsufficientPrivilege), product_role.transaction():
        product_role.execute(statement)


@pytest.fixture
def routed(product_role: psycopg.Connection[Any], town: SimpleNamespace) -> Handover:
    """A leg that its agency has accepted."""
    report = Report(text="Đèn đường hỏng ở đầu hẻm 12", channel="web", once="grants", category_id=town.lamps.pk)
    ticket = tickets.take(report, by=town.lan)
    tickets.move(ticket, "accept", by=town.lan, category=town.lamps)
    routing.route(ticket, town.works, by=town.lan)
    return routing.accept(ticket, by=town.minh)


def test_the_story_of_the_guard_is_lived_as_the_product(
    product_role: psycopg.Connection[Any],
    town: SimpleNamespace,
    work: Callable[[], None],
    clock: Callable[..., None],
    photo: Callable[..., int],
):
    with as_product():
        test_the_way.test_the_guard_and_the_dead_lamps(town, work, clock, photo)


def test_custody_is_not_rewritten(routed: Handover, town: SimpleNamespace):
    legs = Handover.objects.filter(pk=routed.pk)
    with as_product():
        for values in ({"agency_id": town.power.pk}, {"sent": now() - timedelta(days=9)}, {"by": "x"}):
            with pytest.raises(ProgrammingError, match="evidence"), transaction.atomic():
                legs.update(**values)
        for rows in (legs, Ticket.objects.filter(pk=routed.ticket_id)):
            with pytest.raises(ProgrammingError, match="evidence"), transaction.atomic():
                rows.delete()
        assert legs.update(state="done", ended=now()) == 1


def test_an_opening_stays(routed: Handover, town: SimpleNamespace):
    values = {"user_id": town.minh.user_id, "by": "minh", "reason": "Hỏi lại vị trí", "at": now(), "until": now()}
    with as_product():
        row = Opening.objects.create(ticket=routed.ticket, **values)
        with pytest.raises(ProgrammingError, match="evidence"), transaction.atomic():
            row.delete()


def test_what_the_law_wants_erased_goes_by_the_owners_function_and_is_recorded(
    product_role: psycopg.Connection[Any], town: SimpleNamespace
):
    with as_product():
        row = Statement.objects.create(code="x", kind="publish", at=now(), leaf="{}", said={"title": "a"}, salt="00")
        with pytest.raises(ProgrammingError), transaction.atomic():
            Statement.objects.filter(pk=row.pk).update(said=None)
        assert events.erase("statement", [row.pk], by=town.quan) == 1
        assert events.erase("statement", [row.pk], by=town.quan) == 0
        row.refresh_from_db()
        assert (row.said, row.salt, row.leaf) == (None, "", "{}")
        event = Event.objects.get(kind="evidence.erase")
        assert (event.by, event.by_user, event.data) == ("quan", town.quan.user_id, {"ids": [row.pk], "count": 1})


def test_a_leaf_of_the_log_is_numbered_once(product_role: psycopg.Connection[Any]):
    with as_product():
        row = Statement.objects.create(code="26-000001-0", kind="publish", at=now(), leaf="{}")
        assert Statement.objects.filter(pk=row.pk).update(number=0) == 1
        with pytest.raises(ProgrammingError, match="evidence"), transaction.atomic():
            Statement.objects.filter(pk=row.pk).update(number=1)
        Head.objects.create(size=1, root="0" * 64, at=now(), signature="", key="")


def test_the_embedded_server_parts_them():
    assert postgres.parameters(home())["user"] == postgres.OWNER
    assert postgres.product(home())["user"] == grants.PRODUCT


def test_the_script_for_a_server_of_ones_own():
    script = grants.script("hotline", "web1022")
    assert "CREATE ROLE web1022" in script and "NOBYPASSRLS" in script and "DATABASE_OWNER_URL" in script

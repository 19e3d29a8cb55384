"""The views for a BI tool: all figures, nobody's words, and a login that can read them and nothing else.

Proves: BI: schema `bi` of 12 read-only views, `caunoi bi --role/--remove/--sql`; the login reads the views and
nothing else, cannot write even when it unsets read-only; no words, names, numbers; restricted tickets in none;
grades in groups ≥ 5; `caunoi migrate` keeps views and readers"""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from caunoi.bi import actions
from caunoi.bi.views import GROUP, SCHEMA, VIEWS
from caunoi.cli import migrate
from caunoi.conversations.models import Callback
from caunoi.directives import actions as directives
from caunoi.events.actor import citizen
from caunoi.ratings import actions as ratings
from caunoi.ratings.models import Rating
from caunoi.routing import actions as routing
from caunoi.tickets import actions as tickets
from caunoi.tickets.models import Ticket
from caunoi.tickets.report import Report, Reporter

pytestmark = pytest.mark.django_db(transaction=True)
DUE = datetime(2100, 1, 1, tzinfo=UTC)
SECRETS = ("Trần Thị Bí Mật", "912345678", "nhà tôi", "mat@example.vn", "chỉ đạo kín", "lan", "minh", "phong")


def rows(name):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {SCHEMA}.{name}")
        return [dict(zip([c.name for c in cursor.description], row, strict=True)) for row in cursor.fetchall()]


@pytest.fixture
def ticket(town):
    who = Reporter(name="Trần Thị Bí Mật", phone="+84912345678", email="mat@example.vn")
    report = Report(text="Đèn trước nhà tôi tắt", channel="web", once="a", reporter=who, area_id=town.ward.pk)
    ticket = tickets.take(report, by=citizen())
    tickets.move(ticket, "accept", by=town.lan, category=town.lamps)
    routing.route(ticket, town.works, by=town.lan)
    return ticket


@pytest.fixture
def login(ticket):
    """A BI tool's connection to the test's own database."""
    role = f"bi_{connection.settings_dict['NAME']}"
    password = actions.admit(role)
    known = connection.get_connection_params()
    open_ = {key: known[key] for key in ("host", "port", "dbname") if key in known}
    with psycopg.connect(**open_, user=role, password=password, autocommit=True) as tool:
        yield tool
    actions.drop()
    actions.expel(role)


def test_every_view_says_what_its_rows_are_and_can_be_read(login):
    for view in VIEWS:
        login.execute(f"SELECT * FROM {view.name} LIMIT 1")
    told = dict(
        login.execute(
            "SELECT relname, obj_description(oid) FROM pg_class WHERE relnamespace = 'bi'::regnamespace"
        ).fetchall()
    )
    assert told == {view.name: view.meaning for view in VIEWS}


def test_the_login_reads_the_views_and_nothing_else(login):
    readable = login.execute(
        "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE c.relkind IN ('r', 'v', 'm', 'p', 'S', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema') "
        "AND n.nspname NOT LIKE 'pg_%' AND has_schema_privilege(n.oid, 'USAGE') "
        "AND has_table_privilege(c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')"
    ).fetchall()
    assert sorted(readable) == sorted((SCHEMA, view.name) for view in VIEWS)
    for statement in ("SELECT text FROM public.tickets_ticket", "SELECT * FROM public.conversations_contact"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            login.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM tickets",
        "UPDATE areas SET name = ''",
        "CREATE TABLE mine (x int)",
        "CREATE VIEW bi.mine AS SELECT 1",
        "DROP VIEW tickets",
        "CREATE SCHEMA mine",
        "SELECT pg_read_file('/etc/passwd')",
        "CREATE ROLE more LOGIN",
    ],
)
def test_the_login_changes_nothing_even_when_it_asks_to_write(login, statement):
    login.execute("SET default_transaction_read_only = off")
    with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.ObjectNotInPrerequisiteState)):
        login.execute(statement)


def test_no_words_no_names_no_numbers_are_in_any_view(town, ticket):
    directives.give("chỉ đạo kín: làm ngay", ticket=ticket, due=DUE, by=town.phong)
    Callback.objects.create(reason="missed_call", phone="+84912345678", text="nhà tôi", operator="lan")
    actions.make()
    for view in VIEWS:
        found = json.dumps(rows(view.name), default=str, ensure_ascii=False)
        words = set(re.findall(r"[\w@.+]+", found))
        for secret in SECRETS:
            assert secret not in words and (" " not in secret or secret not in found), (view.name, secret)
        assert "912345678" not in found


def test_restricted_tickets_are_in_no_view(town, ticket):
    Ticket.objects.filter(pk=ticket.pk).update(restricted=True)
    directives.give("Làm ngay", ticket=ticket, due=DUE, by=town.phong)
    actions.make()
    for name in ("tickets", "moves", "handovers", "deadlines", "directives", "grades"):
        assert rows(name) == [], name


def test_a_ticket_is_counted_with_its_codes_and_its_part(town, ticket):
    actions.make()
    (row,) = rows("tickets")
    assert (row["code"], row["category_code"], row["area_code"], row["agency_code"], row["part"]) == (
        ticket.code,
        "lamps",
        "25195",
        "xncongtrinh",
        "open_within",
    )
    assert [m["to_state"] for m in rows("moves") if m["to_state"]] == ["new", "accepted", "routed"]
    assert rows("handovers")[0]["to_agency"] == "xncongtrinh"


@pytest.mark.parametrize("given", [GROUP - 1, GROUP, GROUP + 1])
def test_grades_are_shown_in_groups_only(town, ticket, given):
    for turn in range(given):
        Rating.objects.create(ticket=ticket, round=turn, agency=town.works, grade="satisfied")
        ratings.gather(town.works.pk)
    actions.make()
    assert [row["given"] for row in rows("grades")] == ([GROUP] if given >= GROUP else [])


def test_bringing_tables_up_to_date_keeps_the_views_and_who_reads_them(login):
    before = actions.readers()
    assert before and migrate.run(type("Args", (), {"quiet": True})()) == 0
    assert actions.readers() == before
    login.execute("SELECT count(*) FROM tickets")


def test_the_document_tells_of_every_view():
    told = (Path(__file__).parents[2] / "docs" / "bi.md").read_text("utf-8")
    assert re.findall(r"^\| `bi\.(\w+)` \|", told, re.M) == [view.name for view in VIEWS]

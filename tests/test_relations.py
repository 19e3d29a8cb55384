"""Who reads whose tables: SQL names the tables of its own stage only, and reads others by what their owner declares."""

import ast
from itertools import chain
from pathlib import Path

import pytest
from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import connection

from caunoi.events.relations import relation
from caunoi.host.backup import COUNTED
from caunoi.host.machine import SIGNED
from caunoi.sla.queries import DEADLINES
from caunoi.tickets.models import Ticket

ROOT = Path(__file__).parents[1] / "caunoi"
CONDITIONS = "rowdoors.py"  # of row-level security: of a stage's tables, and of those before it
BELOW = {"host"}  # asks without Django how many rows there are, and holds a list of names


def tables():
    return {model._meta.db_table for model in apps.get_models() if model.__module__.startswith("caunoi.")}


def words(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from set(node.value.translate(str.maketrans(".(),", "    ")).split())


def test_sql_names_the_tables_of_its_own_stage_only():
    known, foreign = tables(), []
    for path in sorted(ROOT.rglob("*.py")):
        stage = path.relative_to(ROOT).parts[0]
        if stage not in BELOW and "migrations" not in path.parts and path.name != CONDITIONS:
            there = [word for word in words(path) if word in known and word.split("_")[0] != stage]
            foreign += [f"{path.relative_to(ROOT)}: {word}" for word in there]
    assert not foreign


def test_the_database_is_asked_for_tables_that_there_are():
    assert {*COUNTED.values(), *chain(*SIGNED.values())} <= tables()


def test_a_relation_has_the_names_of_the_model_and_none_that_it_has_not():
    assert relation(Ticket, "id agency code") == '(SELECT "id", "agency_id", "code" FROM tickets_ticket)'
    assert '"due_first" AS "first_due"' in DEADLINES
    with pytest.raises(FieldDoesNotExist):
        relation(Ticket, "id colour")


@pytest.mark.django_db
def test_a_relation_is_planned_as_its_table():
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN SELECT max(id) FROM {DEADLINES} d")
        assert "Index Only Scan" in str(cursor.fetchall()), "the last row is read, not all of them"


@pytest.mark.django_db
def test_no_index_only_begins_another():
    """The longer one serves for both, and each costs every write."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT short.indexrelid::regclass::text, long.indexrelid::regclass::text
            FROM pg_index short JOIN pg_index long ON long.indrelid = short.indrelid
            JOIN pg_class a ON a.oid = short.indexrelid JOIN pg_class b ON b.oid = long.indexrelid AND b.relam = a.relam
            JOIN pg_am ON pg_am.oid = a.relam AND amname = 'btree'
            WHERE NOT short.indisunique AND short.indexrelid <> long.indexrelid
            AND num_nulls(short.indpred, long.indpred, short.indexprs, long.indexprs) = 4
            AND long.indkey::text || ' ' LIKE short.indkey::text || ' %%'
            AND long.indclass::text || ' ' LIKE short.indclass::text || ' %%'
            AND short.indrelid::regclass::text = ANY(%s) ORDER BY 1
        """,
            [[*tables()]],
        )
        assert cursor.fetchall() == []

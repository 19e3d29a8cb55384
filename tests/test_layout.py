"""Habits that a tool can keep for us."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FILES = [p.relative_to(ROOT) for p in (ROOT / "caunoi").rglob("*.py") if "migrations" not in p.parts]
DUMPS = {"utils", "util", "helpers", "helper", "common", "misc", "managers", "base_classes"}


@pytest.mark.parametrize("path", FILES, ids=str)
def test_file_is_well_named(path):
    assert path.stem not in DUMPS
    assert path.stem != "services" or "open311" in path.parts  # GeoReport has a resource of that name


@pytest.mark.parametrize("path", FILES, ids=str)
def test_our_own_code_is_imported_at_the_top(path):
    tree = ast.parse((ROOT / path).read_text())
    inner = [
        node
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("caunoi")
    ]
    assert not inner


def test_only_one_file_writes_a_tickets_state():
    writers = {
        path.as_posix()
        for path in FILES
        for node in ast.walk(ast.parse((ROOT / path).read_text()))
        if isinstance(node, ast.Assign)
        for target in [t for t in node.targets for t in ast.walk(t)]
        if isinstance(target, ast.Attribute) and target.attr == "state"
        and isinstance(target.value, ast.Name) and target.value.id == "ticket"
    }  # fmt: skip
    assert writers == {"caunoi/tickets/actions.py"}


@pytest.mark.parametrize("path", [p for p in FILES if {"web", "api"} & set(p.parts[:2])], ids=str)
def test_pages_reach_tickets_only_through_the_doors(path):
    """Use tickets.queries.visible_to(by) inside and publication.queries.published() outside, never Ticket.objects."""
    names = {
        node.attr
        for node in ast.walk(ast.parse((ROOT / path).read_text()))
        if isinstance(node, ast.Attribute) and node.attr in ("objects", "_default_manager", "_base_manager")
    }
    assert not names

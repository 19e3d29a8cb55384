"""The suite itself: it knows the product only from outside."""

import ast
from pathlib import Path

import pytest

HERE = Path(__file__).parent
BARRED = {"caunoi", "django", "psycopg", "procrastinate"}


def modules(path: Path) -> set[str]:
    """What a file imports, also by a string given to importlib."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in {
            "import_module",
            "__import__",
        }:
            names |= {arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)}
    return names


def ours(names: set[str]) -> set[str]:
    return {name for name in names if name.split(".")[0] in BARRED}


@pytest.mark.parametrize("path", sorted(HERE.rglob("*.py")), ids=lambda path: path.name)
def test_a_story_imports_nothing_of_the_product_and_speaks_to_no_table(path: Path) -> None:
    assert ours(modules(path)) == set()
    shared = {name for name in modules(path) if name.startswith("tests.")}
    assert shared <= {name for name in shared if name.startswith("tests.providers")}


@pytest.mark.parametrize("path", sorted((HERE.parent / "providers").glob("*.py")), ids=lambda path: path.name)
def test_the_providers_import_nothing_of_the_product(path: Path) -> None:
    assert ours(modules(path)) == set()


def test_an_import_of_the_product_is_seen(tmp_path: Path) -> None:
    story = tmp_path / "test_story.py"
    story.write_text("import importlib\nfrom caunoi.tickets import models\nimportlib.import_module('django.db')\n")
    assert ours(modules(story)) == {"caunoi.tickets", "django.db"}

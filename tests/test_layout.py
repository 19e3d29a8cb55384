"""Habits that a tool can keep for us. Each test names every file that breaks its rule.

Proves: layers, no cycles, pure files
Proves: 120 columns in code and templates, one element a line, complexity ≤ 15, the formatter switched off in 19
places (993 before); live parts that ask for themselves"""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tools.mutate.areas import AREAS

ROOT = Path(__file__).parent.parent
FILES = [p.relative_to(ROOT) for p in (ROOT / "caunoi").rglob("*.py") if "migrations" not in p.parts]
DUMPS = {"utils", "util", "helpers", "helper", "common", "misc", "managers", "base_classes"}
FORMATTER_OFF_MAX = 30


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse((ROOT / path).read_text())


def own_imports_in_functions(path: Path) -> Iterator[int]:
    for function in ast.walk(tree(path)):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            for node in ast.walk(function):
                if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("caunoi"):
                    yield node.lineno


def test_files_are_well_named():
    assert not [path for path in FILES if path.stem in DUMPS]
    services = [path for path in FILES if path.stem == "services"]
    assert all("open311" in path.parts for path in services), "GeoReport has a resource of that name, nobody else"


def test_our_own_code_is_imported_at_the_top():
    assert not [f"{path}:{line}" for path in FILES for line in own_imports_in_functions(path)]


def test_only_one_file_writes_a_tickets_state():
    writers = {
        path.as_posix()
        for path in FILES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Assign)
        for target in [t for t in node.targets for t in ast.walk(t)]
        if isinstance(target, ast.Attribute)
        and target.attr == "state"
        and isinstance(target.value, ast.Name)
        and target.value.id == "ticket"
    }
    assert writers == {"caunoi/tickets/actions.py"}


def test_pages_reach_tickets_only_through_the_doors():
    """Use tickets.queries.visible_to(by) inside and publication.queries.published() outside, never Ticket.objects."""
    assert not [
        f"{path}:{node.lineno}"
        for path in FILES
        if {"web", "api"} & set(path.parts[:2])
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and node.attr in ("objects", "_default_manager", "_base_manager")
    ]


def test_the_formatter_is_rarely_switched_off():
    """Only where a packed table reads better than one value a line."""
    folders = ("caunoi", "tests", "bench", "tools")
    switched_off = [
        p for folder in folders for p in (ROOT / folder).rglob("*.py") if "# fmt: " + "skip" in p.read_text()
    ]
    count = sum(path.read_text().count("# fmt: " + "skip") for path in switched_off)
    assert count <= FORMATTER_OFF_MAX, switched_off


def test_what_mutants_are_made_of_is_there():
    """tools/mutate/areas.py: a file or a name of it that was renamed is renamed there too."""
    lacking = [test for area in AREAS.values() for test in area.tests if not (ROOT / test.split("::")[0]).exists()]
    for file, names in [each for area in AREAS.values() for each in area.files.items()]:
        if not (ROOT / file).exists():
            lacking.append(file)
        else:
            defined = {n.name for n in tree(Path(file)).body if isinstance(n, ast.FunctionDef | ast.ClassDef)}
            lacking += [f"{file}: {name}" for name in names if name.split(".")[0] not in defined]
    assert not lacking

"""The words of docs/lexicon.md, kept: no participle is a name, an exception ends in Error, a class has its name to
itself in its stage."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FILES = [p for p in sorted((ROOT / "caunoi").rglob("*.py")) if "migrations" not in p.parts]
BANNED = set(
    re.findall(r"`(\w+)`", (ROOT / "docs" / "lexicon.md").read_text().split("\nBanned")[1].split(":")[1].split(".")[0])
)
COLUMNS = {  # what mirrors a column, a stored key or a key of CONTRACT.md
    "host/rehearsal.py: found",
    "imports/histories.py: known",
    "statistics/story.py: known",
}


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def named(path: Path) -> Iterator[tuple[int, str]]:
    """Functions, classes, parameters and attributes; the columns of a model aside."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.lineno, node.name
        elif isinstance(node, ast.arg):
            yield node.lineno, node.arg
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and ast.unparse(node.value) == "self":
            yield node.lineno, node.attr
        if isinstance(node, ast.ClassDef):
            for line in node.body:
                if isinstance(line, ast.Assign | ast.AnnAssign) and not _is_column(line.value):
                    for target in line.targets if isinstance(line, ast.Assign) else [line.target]:
                        if isinstance(target, ast.Name) and not target.id.isupper():  # values of a column
                            yield line.lineno, target.id


def bound(path: Path) -> Iterator[tuple[int, str]]:
    """Locals, loop variables, constants and import aliases; what a class declares aside."""
    classes = [node for node in ast.walk(tree(path)) if isinstance(node, ast.ClassDef)]
    declared = {id(name) for node in classes for line in node.body for name in ast.iter_child_nodes(line)}
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and id(node) not in declared:
            yield node.lineno, node.id
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
            yield node.lineno, node.name
        elif isinstance(node, ast.alias) and node.asname:
            yield node.lineno, node.asname


def _is_column(value: ast.expr | None) -> bool:
    return isinstance(value, ast.Call) and re.search(r"Field$", ast.unparse(value.func)) is not None


def classes() -> dict[str, list[tuple[Path, ast.ClassDef]]]:
    """Every class that stands in a module, by name."""
    every = defaultdict(list)
    for path in FILES:
        for node in tree(path).body:
            if isinstance(node, ast.ClassDef):
                every[node.name].append((path, node))
    return every


def test_the_lexicon_names_what_is_banned():
    assert len(BANNED) > 10 and {"told", "said", "known"} <= BANNED


@pytest.mark.parametrize(("names", "excepted"), [(named, COLUMNS), (bound, set())])
def test_no_participle_is_a_name(names, excepted):
    """docs/lexicon.md says what to write instead: what the thing is."""
    there = {
        f"{path.relative_to(ROOT / 'caunoi')}: {name}:{line}"
        for path in FILES
        for line, name in names(path)
        if name.strip("_").lower() in BANNED
    }
    assert sorted(one for one in there if one.rpartition(":")[0] not in excepted) == []


def test_exceptions_end_in_error():
    known = {"Exception", "BaseException"}
    raised: set[str] = set()
    every = [(name, node) for name, rows in classes().items() for _, node in rows]
    while True:
        more = {
            name
            for name, node in every
            for base in node.bases
            if (last := ast.unparse(base).rpartition(".")[2]) in known | raised or last.endswith("Error")
        }
        if more <= raised:
            break
        raised |= more
    assert len(raised) > 50 and sorted(name for name in raised if not name.endswith("Error")) == []


def test_a_class_has_its_name_to_itself_in_its_stage():
    stages = defaultdict(list)
    for name, rows in classes().items():
        for path, _ in rows:
            parts = path.relative_to(ROOT / "caunoi").parts
            stage = "/".join(parts[:2]) if parts[0] == "lib" else parts[0]
            if not name.startswith("_"):
                stages[stage, name].append(path.name)
    assert {f"{stage}: {name}": paths for (stage, name), paths in stages.items() if len(paths) > 1} == {}

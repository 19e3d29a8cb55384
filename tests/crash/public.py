"""Every public action of the product, found in its code: so that a new one cannot be forgotten."""

import ast
import inspect
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from pathlib import Path
from types import CodeType

import caunoi

ROOT = Path(caunoi.__file__).parent
ELSEWHERE = {"demo", "web", "cli", "api"}  # they call actions
TOOL = 4  # of sys.monitoring


def _names(path: Path) -> Iterator[str]:
    """The functions of a module that others may call and that act: all of what is named actions, elsewhere those that
    are told who does it."""
    acts = path.name == "actions.py" or path.parent.name == "actions" or path == ROOT / "moves.py"
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            told = "by" in [each.arg for each in node.args.kwonlyargs]
            yield from [node.name] if acts or told else []


@cache
def actions() -> dict[str, CodeType]:
    """By name, "tickets.actions.take", with the code that runs."""
    found = {}
    for path in sorted(ROOT.rglob("*.py")):
        way = path.relative_to(ROOT).with_suffix("").parts
        if way[0] not in ELSEWHERE and "migrations" not in way:
            module = ".".join(part for part in way if part != "__init__")
            for name in _names(path):
                function = inspect.unwrap(getattr(import_module(f"caunoi.{module}"), name))
                found[f"{module}.{name}"] = function.__code__
    return found


@contextmanager
def watched(codes: Mapping[str, CodeType]) -> Iterator[set[str]]:
    """The names of what is called meanwhile, wherever it is called from."""
    names, reached = {code: name for name, code in codes.items()}, set[str]()
    monitoring = sys.monitoring
    monitoring.use_tool_id(TOOL, "crash")
    monitoring.register_callback(TOOL, monitoring.events.PY_START, lambda code, _: reached.add(names[code]))
    try:
        for code in names:
            monitoring.set_local_events(TOOL, code, monitoring.events.PY_START)
        yield reached
    finally:
        for code in names:
            monitoring.set_local_events(TOOL, code, 0)
        monitoring.register_callback(TOOL, monitoring.events.PY_START, None)
        monitoring.free_tool_id(TOOL)

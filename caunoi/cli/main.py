"""Finds the command that is wanted and runs it.

A command is a module in this folder with `NAME`, `HELP`, `arguments(parser)` and `run(args) -> exit code`. Its file is
called like the command, with `_` for `-` and a trailing `_` where the name is a Python keyword (`import_.py`). Only the
wanted module is imported, so that a small question is not kept waiting by Django. A command that imports
`caunoi.cli.product` has Django ready and the database running.
"""

import argparse
import ast
import contextlib
import importlib
import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

FOLDER = Path(__file__).parent


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command line; returns its exit code. Usage errors exit with 2."""
    argv = sys.argv[1:] if argv is None else list(argv)
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8")  # whatever LANG says: Vietnamese goes in and comes out
    name = argv[0] if argv else "--help"
    if name in {"-h", "--help", "help"}:
        print(_overview())
        return 0
    command = _command(name)
    if command is None:
        print(f"caunoi: no command {name!r}\n\n{_overview()}", file=sys.stderr)
        return 2
    parser = argparse.ArgumentParser(prog=f"caunoi {name}", description=command.HELP)
    command.arguments(parser)
    try:
        args = parser.parse_args(argv[1:])
        product = sys.modules.get("caunoi.cli.product")  # a command that imports it runs with the database up
        with product.database() if product else contextlib.nullcontext():
            return int(command.run(args))
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader has left; nothing more to say
        return 141


def _command(name: str) -> ModuleType | None:
    stem = name.replace("-", "_")
    for candidate in (stem, f"{stem}_"):
        path = FOLDER / f"{candidate}.py"
        if path.exists() and _said(path).get("NAME") == name:
            return importlib.import_module(f"caunoi.cli.{candidate}")
    return None


def _overview() -> str:
    commands = [said for path in sorted(FOLDER.glob("*.py")) if "NAME" in (said := _said(path))]
    lines = [f"  {said['NAME']:<10} {said.get('HELP', '')}" for said in commands]
    return "\n".join(["usage: caunoi COMMAND …      (caunoi COMMAND --help says more)", "", *lines])


def _said(path: Path) -> dict[str, str]:
    """The module's string constants NAME and HELP, read without importing it."""
    return {
        node.targets[0].id: node.value.value
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and node.targets[0].id in {"NAME", "HELP"}
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    }

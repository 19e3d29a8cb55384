"""Finds the command and runs it.

A command is a module in this folder with `NAME`, `HELP`, `arguments(parser)` and `run(args) -> exit code`. Its file is
called like the command, with `_` for `-` and a trailing `_` where the name is a Python keyword (`import_.py`). Only
that one module is imported, so that a small question does not wait for Django.

A command that works with the product's rows says `NEEDS = "database"`: Django is then ready before the module is
imported, whatever the order of its imports, and the database runs while it does. `NEEDS = "settings"`: Django only.
`NEEDS = "owner"` is the same as the owner of the tables instead of the product's own role (host/grants.py).
`args.wait`: a database that is not there yet is waited for; `args.reads`: or a standby of it; `args.any_release`: a
newer release's is touched too.
"""

import argparse
import ast
import contextlib
import difflib
import importlib
import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import NoReturn

from caunoi import __version__

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
    if name in {"-V", "--version", "version"}:
        print(__version__)
        return 0
    path = _file(name)
    if path is None:
        near = difflib.get_close_matches(name, [constants["NAME"] for constants in _commands()], 1)
        hint = f"is {near[0]!r} meant?" if near else "`caunoi --help` lists them"
        print(f"caunoi: no command {name!r}; {hint}", file=sys.stderr)
        return 2
    needs = _constants(path).get("NEEDS", "")
    try:
        product = importlib.import_module("caunoi.cli.product") if needs else None
    except (OSError, ValueError) as error:  # a setting that cannot be read
        print(f"caunoi {name}: {error}; `caunoi doctor` says more", file=sys.stderr)
        return 2
    command = importlib.import_module(f"caunoi.cli.{path.stem}")
    parser = Parser(prog=f"caunoi {name}", description=command.HELP)
    command.arguments(parser)
    try:
        args = parser.parse_args(argv[1:])
        with (
            _database(product, name, args, owner=needs == "owner")
            if product and needs != "settings"
            else contextlib.nullcontext()
        ):
            return int(command.run(args))
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader has left; nothing more to say
        return 141


def _database(
    product: ModuleType, name: str, args: argparse.Namespace, *, owner: bool
) -> contextlib.AbstractContextManager[None]:
    how = {word: bool(getattr(args, word, False)) for word in ("wait", "reads", "any_release")}
    context: contextlib.AbstractContextManager[None] = product.database(name, owner=owner, **how)
    return context


class Parser(argparse.ArgumentParser):
    """Says in one line what is wrong with a command line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}; `{self.prog} --help` says more\n")


def _file(name: str) -> Path | None:
    stem = name.replace("-", "_")
    candidates = [FOLDER / f"{candidate}.py" for candidate in (stem, f"{stem}_")]
    return next((path for path in candidates if path.exists() and _constants(path).get("NAME") == name), None)


def _commands() -> list[dict[str, str]]:
    return [constants for path in sorted(FOLDER.glob("*.py")) if "NAME" in (constants := _constants(path))]


def _overview() -> str:
    lines = [f"  {constants['NAME']:<10} {constants.get('HELP', '')}" for constants in _commands()]
    return "\n".join(
        ["usage: caunoi COMMAND …      (caunoi COMMAND --help says more)", f"version {__version__}", "", *lines]
    )


def _constants(path: Path) -> dict[str, str]:
    """The module's string constants NAME, HELP and NEEDS, read without importing it."""
    return {
        node.targets[0].id: node.value.value
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and node.targets[0].id in {"NAME", "HELP", "NEEDS"}
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    }

"""Renames things as tools/renames.toml says: `python tools/rename.py [--area caunoi.web] [--dry]`.

Made to be run again: on a tree where all is renamed it changes nothing, and after a merge it renames what came with
the merge. It works on syntax, never on text: a name is followed through scopes and imports (ast), an attribute and a
keyword through the type of what they belong to (mypy). What it cannot decide it says and leaves. Before a file is
written its syntax tree is compared with the one before: they may differ in names only, and every name must still be
bound where it was.

The table's keys are the names as they were, under their module: ["caunoi.sla.clocks"] and then
  told = "…"             a function, class or global
  "Reading.told" = "…"   an attribute or method, and what overrides it
  "late(told)" = "…"     a parameter or local of a function
[modules] moves files: "caunoi.lib.address" = "caunoi.lib.places.address".
[[here]] file, name, class: of which class an attribute is where mypy cannot know.
[[templates]] files, old, new: an attribute or variable inside the tags of templates.
"""

import argparse
import ast
import builtins
import fnmatch
import hashlib
import os
import pickle
import re
import subprocess
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import zip_longest
from pathlib import Path
from typing import Any, cast

from mypy import build, nodes
from mypy import main as main_of_mypy
from mypy.fscache import FileSystemCache
from mypy.server.subexpr import get_subexpressions
from mypy.types import (
    CallableType,
    FunctionLike,
    Instance,
    LiteralType,
    NoneType,
    Overloaded,
    TupleType,
    TypeType,
    TypeVarType,
    UnionType,
    get_proper_type,
)

ROOT = Path(__file__).resolve().parent.parent
TREES = ("caunoi", "tests", "bench", "tools", "deploy")
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


@dataclass
class Scope:
    kind: str  # module, class, function or comprehension
    path: str  # dotted
    parent: "Scope | None"
    bound: dict[str, str | None] = field(default_factory=dict)  # name → what it was imported from
    outer: set[str] = field(default_factory=set)  # global and nonlocal names

    def find(self, name: str) -> "Scope | None":
        scope: Scope | None = self
        while scope is not None:
            if name in scope.bound and name not in scope.outer and (scope is self or scope.kind != "class"):
                return scope
            scope = scope.parent
        return None

    def key(self, name: str) -> str:
        """The table's key of a name bound here."""
        if imported := self.bound.get(name):
            return imported
        return f"{self.path}({name})" if self.kind in ("function", "comprehension") else f"{self.path}.{name}"


class Reader(ast.NodeVisitor):
    """One file: its scopes, and the scope of each node that names something."""

    def __init__(self, path: Path, module: str, source: bytes) -> None:
        self.path, self.module, self.source = path, module, source
        self.lines = source.splitlines(keepends=True)
        self.tree = ast.parse(source, filename=str(path))
        self.top = Scope("module", module, None)
        self.scope = self.top
        self.places: list[tuple[ast.AST, Scope]] = []
        self.generic_visit(self.tree)

    def visit(self, node: ast.AST) -> None:
        self.places.append((node, self.scope))
        super().visit(node)

    def _into(self, kind: str, name: str, nodes: Iterable[ast.AST]) -> Scope:
        self.scope = Scope(kind, f"{self.scope.path}.{name}" if name else self.scope.path, self.scope)
        for node in nodes:
            self.visit(node)
        done, self.scope = self.scope, self.scope.parent or self.top
        return done

    def _bind(self, name: str, imported: str | None = None) -> None:
        scope = self.scope
        while scope.kind == "comprehension" and scope.parent is not None and imported is None and self._walrus:
            scope = scope.parent
        scope.bound.setdefault(name, imported)

    _walrus = False

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> None:
        a = node.args
        for outside in [*a.defaults, *filter(None, a.kw_defaults)]:
            self.visit(outside)
        every = [*a.posonlyargs, *a.args, *a.kwonlyargs, *filter(None, [a.vararg, a.kwarg])]
        if isinstance(node, ast.Lambda):
            self._into("function", f"<lambda {node.lineno}:{node.col_offset}>", [*every, node.body])
            return
        self._bind(node.name)
        for outside in [*node.decorator_list, *filter(None, [node.returns, *(x.annotation for x in every)])]:
            self.visit(outside)
        self._into("function", node.name, [*every, *node.body])

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self._function(node)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self._function(node)

    def visit_arg(self, node: ast.arg) -> None:
        self._bind(node.arg)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._bind(node.name)
        for outside in [*node.decorator_list, *node.bases, *node.keywords]:
            self.visit(outside)
        self._into("class", node.name, node.body)

    def _comprehension(self, node: Any) -> None:
        first, *others = node.generators
        self.visit(first.iter)
        inner = [first.target, *first.ifs]
        inner += [part for g in others for part in (g.target, g.iter, *g.ifs)]
        inner += [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        self._into("comprehension", "", inner)

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _comprehension

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self.visit(node.value)
        self._walrus = True
        self.visit(node.target)
        self._walrus = False

    def visit_Name(self, node: ast.Name) -> None:
        if not isinstance(node.ctx, ast.Load):
            self._bind(node.id)

    def visit_Global(self, node: ast.Global | ast.Nonlocal) -> None:
        self.scope.outer.update(node.names)

    visit_Nonlocal = visit_Global  # type: ignore[assignment]

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        if node.name:
            self._bind(node.name)
        self.generic_visit(node)

    def visit_MatchAs(self, node: ast.MatchAs) -> None:
        if node.name:
            self._bind(node.name)
        self.generic_visit(node)

    def visit_MatchStar(self, node: ast.MatchStar) -> None:
        if node.name:
            self._bind(node.name)

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            self.scope.bound[alias.asname or alias.name.split(".")[0]] = (
                alias.name if alias.asname else alias.name.split(".")[0]
            )

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            self.scope.bound[alias.asname or alias.name] = f"{self.source_of(node)}.{alias.name}"

    def source_of(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        package = self.module if self.path.name == "__init__.py" else self.module.rpartition(".")[0]
        for _ in range(node.level - 1):
            package = package.rpartition(".")[0]
        return f"{package}.{node.module}" if node.module else package


@dataclass
class Types:
    """What mypy knows: by file and place, the classes of an attribute's owner, and what a call calls."""

    owners: dict[str, dict[tuple[int, int, int, int], tuple[str, ...] | None]] = field(default_factory=dict)
    calls: dict[str, dict[tuple[int, int, int, int], str]] = field(default_factory=dict)
    lineage: dict[str, list[str]] = field(default_factory=dict)  # class → itself and its bases
    members: dict[str, set[str]] = field(default_factory=dict)


def modules() -> dict[Path, str]:
    """Every file of ours and its dotted name."""
    found = {}
    for top in TREES:
        for path in sorted((ROOT / top).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            if all(part.isidentifier() for part in parts) and "dist" not in parts and path != Path(__file__).resolve():
                found[path] = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    return found


def ask(files: dict[Path, str]) -> Any:
    """mypy's whole build, with the type of every expression: about a minute."""
    os.environ.setdefault("CAUNOI_HOME", str(ROOT / "var" / "test"))
    cache = FileSystemCache()
    flags = ["--config-file", str(ROOT / "pyproject.toml"), "--check-untyped-defs", "--no-incremental"]
    flags += ["--allow-untyped-defs", "--explicit-package-bases", "--namespace-packages", "-p", "caunoi"]
    _, options = main_of_mypy.process_options(flags, fscache=cache)
    options.preserve_asts = options.export_types = True
    options.cache_dir = os.devnull
    return build.build([build.BuildSource(str(p), m, None) for p, m in files.items()], options, fscache=cache)


class Asker:
    """What of mypy's build this script needs."""

    def __init__(self, built: Any, ours: set[str]) -> None:
        self.built, self.types = built, Types()
        for state in built.graph.values():
            if state.tree is not None and state.path and state.tree.fullname in ours:
                self._file(str(Path(state.path).resolve()), state.tree)

    def _file(self, path: str, tree: nodes.MypyFile) -> None:
        owners, calls = self.types.owners.setdefault(path, {}), self.types.calls.setdefault(path, {})
        for symbol in tree.names.values():
            if isinstance(symbol.node, nodes.TypeInfo):
                self._learn(symbol.node)
        for o in get_subexpressions(tree):
            place = (o.line, o.column, o.end_line or 0, o.end_column or 0)
            if isinstance(o, nodes.CallExpr):
                if name := self._called(o.callee):
                    calls[place] = name
            elif isinstance(o, nodes.MemberExpr):
                of = o.expr.node if isinstance(o.expr, nodes.RefExpr) else None
                if isinstance(of, nodes.TypeInfo):
                    owners[place] = (self._learn(of),)
                elif not isinstance(of, nodes.MypyFile):
                    names = self._classes(self.built.types.get(o.expr))
                    owners[place] = None if names is None else tuple(names)

    def _classes(self, kind: Any) -> list[str] | None:
        """The classes a value may be of; None where mypy does not know."""
        kind = get_proper_type(kind)
        if isinstance(kind, UnionType):
            parts = [self._classes(item) for item in kind.items]
            return None if not parts or None in parts else [name for part in parts for name in part or []]
        if isinstance(kind, FunctionLike):
            return [self._learn(kind.type_object())] if kind.is_type_obj() else []
        if isinstance(kind, Instance):
            return [self._learn(kind.type)]
        for inner in ("item", "partial_fallback", "upper_bound", "fallback"):  # type[…], tuples, variables, literals
            if isinstance(kind, TypeType | TupleType | TypeVarType | LiteralType) and hasattr(kind, inner):
                return self._classes(getattr(kind, inner))
        return [] if isinstance(kind, NoneType) else None

    def _learn(self, info: nodes.TypeInfo) -> str:
        if info.fullname not in self.types.lineage:
            self.types.lineage[info.fullname] = [base.fullname for base in info.mro]
            for base in info.mro:
                self.types.members.setdefault(base.fullname, set(base.names))
        return info.fullname

    def _called(self, node: Any) -> str | None:
        target = getattr(node, "node", None)
        if isinstance(target, nodes.TypeInfo):
            return self._learn(target)
        if isinstance(target, nodes.Decorator):
            return target.func.fullname
        if isinstance(target, nodes.FuncBase):
            return target.fullname
        kind = get_proper_type(self.built.types.get(node))
        if isinstance(kind, Overloaded):
            kind = kind.items[0]
        if not isinstance(kind, CallableType):
            return None
        return self._learn(kind.type_object()) if kind.is_type_obj() else getattr(kind.definition, "fullname", None)


def remembered(readers: dict[Path, Reader], files: dict[Path, str]) -> Types:
    """What mypy said of this very tree, if it was asked before."""
    digest = hashlib.sha256(b"".join(reader.source for reader in readers.values())).hexdigest()
    cache = ROOT / ".mypy_cache" / f"rename-{digest[:16]}.pickle"
    if cache.exists():
        return cast(Types, pickle.loads(cache.read_bytes()))  # noqa: S301 — written below
    cache.parent.mkdir(exist_ok=True)
    cache.write_bytes(pickle.dumps(known := Asker(ask(files), set(files.values())).types))
    return known


class Table:
    def __init__(self, source: dict[str, Any], area: str) -> None:
        every: dict[str, str] = {}
        for module, names in source.items():
            if isinstance(names, dict) and module != "modules":
                every |= {f"{module}.{key}": new for key, new in names.items()}
        self.modules: dict[str, str] = source.get("modules", {}) if not area else {}
        self.templates: list[dict[str, str]] = source.get("templates", [])
        self.here: list[dict[str, str]] = source.get("here", [])
        self.names = {key: new for key, new in every.items() if not area or key.startswith(tuple(area.split(",")))}
        self.locals: dict[str, str] = {}  # by rule
        self.back: dict[str, str] = {}  # what a dotted path is now → what the table calls it
        for key, new in every.items():
            if "(" not in key:
                self.back[f"{key.rpartition('.')[0]}.{new}"] = key
        clash = {now for now in self.back if now in every}
        if clash:
            sys.exit(f"a new name that is also an old one: {sorted(clash)}")
        self.attributes: dict[str, set[str]] = defaultdict(set)  # old → new ones, of classes
        for key, new in self.names.items():
            owner, _, name = key.rpartition(".")
            if "(" not in key and owner.rpartition(".")[2][:1].isupper():
                self.attributes[name].add(new)
        self.parameters: dict[tuple[str, str], set[str]] = defaultdict(set)
        for key, new in self.names.items():
            if "(" in key:
                function, _, name = key[:-1].rpartition("(")
                self.parameters[function.rpartition(".")[2], name].add(new)
        self.back_modules = {new: old for old, new in source.get("modules", {}).items()}

    def was(self, dotted: str) -> str:
        """A path as the table calls it: of what it was before anything was renamed."""
        path = ""
        for part in dotted.split("."):
            path = f"{path}.{part}" if path else part
            path = self.back_modules.get(path, path)
            path = self.back.get(path, path)
        return path


def name_of(node: ast.AST) -> str | None:
    """`a.b.c` as written, if it is only that."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (head := name_of(node.value)):
        return f"{head}.{node.attr}"
    return None


class Renamer:
    """The edits of one file: (line, byte, old, new)."""

    def __init__(self, reader: Reader, table: Table, known: Types, reexports: dict[str, dict[str, str | None]]) -> None:
        self.r, self.table, self.known, self.reexports = reader, table, known, reexports
        self.owners = known.owners.get(str(reader.path), {})
        self.calls = known.calls.get(str(reader.path), {})
        self.edits: set[tuple[int, int, str, str]] = set()
        self.strings: list[ast.Constant] = []
        self._listed_in_all = {
            id(part)
            for node in reader.tree.body
            if isinstance(node, ast.Assign) and name_of(node.targets[0]) == "__all__"
            for part in ast.walk(node.value)
        }
        self.unsure: list[str] = []
        self.clashes: list[str] = []

    def _edit(self, line: int, byte: int, old: str, new: str) -> None:
        if old == new:
            return
        if not self.r.lines[line - 1][byte:].startswith(old.encode()):
            sys.exit(f"{self.r.path}:{line}: {old!r} is not at byte {byte}")
        self.edits.add((line, byte, old, new))

    def _after(self, node: Any, before: str, old: str, new: str) -> None:
        """Edit the first `old` that follows `before` from the node's begin."""
        text = self.r.lines[node.lineno - 1]
        match = re.compile(rf"(?:{before})\b({old})\b".encode()).search(text, node.col_offset)
        if match is None:
            sys.exit(f"{self.r.path}:{node.lineno}: {old!r} is not here")
        self._edit(node.lineno, match.start(1), old, new)

    def canonical(self, dotted: str) -> str:
        """A dotted path followed through what modules import from one another."""
        for _ in range(9):
            module, rest = dotted, ""
            while module not in self.reexports and "." in module:
                module, _, part = module.rpartition(".")
                rest = f"{part}.{rest}" if rest else part
            first, _, more = rest.partition(".")
            target = self.reexports.get(module, {}).get(first) or self._passed_on(module, first)
            if not target or not first or target == f"{module}.{first}":
                return dotted
            dotted = f"{target}.{more}" if more else target
        return dotted

    def _passed_on(self, module: str, old: str) -> str | None:
        """What a module imports under its new name, by the old one."""
        bound = self.reexports.get(module, {})
        if not old or old in bound:
            return None
        for target in filter(None, bound.values()):
            name = target.rpartition(".")[2]
            if name != old and self.table.was(target).rpartition(".")[2] == old:
                return target
        return None

    def _new(self, dotted: str) -> str | None:
        dotted = self.table.was(self.canonical(dotted))
        if (new := self.table.names.get(dotted)) is not None:
            return new
        owner, _, name = dotted.rpartition(".")
        return self._member(owner, name) if owner in self.known.lineage else None

    def _member(self, cls: str, name: str) -> str | None:
        for base in self.known.lineage.get(cls, [cls]):
            if new := self.table.names.get(f"{self.table.was(base)}.{name}"):
                return new
        return None

    def _argument(self, called: str, name: str) -> str | None:
        if called in self.known.lineage:
            for base in self.known.lineage[called]:
                was = self.table.was(base)
                if new := self.table.names.get(f"{was}.__init__({name})") or self.table.names.get(f"{was}.{name}"):
                    return new
            return None
        was = self.table.was(called)
        field_of_class = f"{was}.{name}" if was.rpartition(".")[2][:1].isupper() else ""
        return self.table.names.get(f"{was}({name})") or self.table.names.get(field_of_class)

    def _bound(self, scope: Scope, name: str) -> tuple[Scope | None, str | None]:
        home = scope.find(name)
        if home is None:
            return self._lost(scope, name)
        if home.bound.get(name):
            return home, self._new(home.key(name)) if home.key(name).rpartition(".")[2] == name else None
        if home.kind == "class":
            return home, self._member(home.path, name)
        key = home.key(name)
        if "(" in key:
            function = key.rpartition("(")[0]
            key = f"{self.table.was(function)}({name})"
            return home, self.table.names.get(key) or self.table.locals.get(key)
        return home, self.table.names.get(self.table.was(key))

    def _lost(self, scope: Scope, name: str) -> tuple[Scope | None, str | None]:
        """A name that is bound nowhere any more, since a merge brought it beside what it was renamed to."""
        there: Scope | None = scope
        while there is not None:
            new = self.table.names.get(f"{self.table.was(there.path)}({name})")
            if there.kind == "module":
                new = self.table.names.get(f"{self.table.was(there.path)}.{name}")
                passed_on = self._passed_on(there.path, name)
                new = new or next((b for b, target in there.bound.items() if target and target == passed_on), None)
            if new and new in there.bound:
                return there, new
            there = there.parent
        return None, None

    def _name(self, scope: Scope, name: str) -> str | None:
        home, new = self._bound(scope, name)
        if new is None or home is None or new == name:
            return None
        if name not in home.bound:
            return new  # lost by a merge
        there: Scope | None = scope
        while there is not None:
            hides = new in there.bound and (there.kind != "class" or there in (scope, home))
            if hides and not (there is home and self._same(there.bound[new], home.key(name))):
                self.clashes.append(f"{self.r.path}: {home.key(name)}: {new} is already bound in {there.path}")
                return None
            if there is home:
                break
            there = there.parent
        return new

    def _same(self, imported: str | None, other: str) -> bool:
        """Whether an import already brings the very thing under its new name."""
        return bool(imported) and self.table.was(self.canonical(imported or "")) == self.table.was(
            self.canonical(other)
        )

    def run(self) -> None:
        for node, scope in self.r.places:
            method = getattr(self, f"_{type(node).__name__}", None)
            if method:
                method(node, scope)

    # --- what each kind of node names ---

    def _Name(self, node: ast.Name, scope: Scope) -> None:
        if new := self._name(scope, node.id):
            self._edit(node.lineno, node.col_offset, node.id, new)

    def _arg(self, node: ast.arg, scope: Scope) -> None:
        if new := self._name(scope, node.arg):
            self._edit(node.lineno, node.col_offset, node.arg, new)

    def _FunctionDef(self, node: Any, scope: Scope) -> None:
        if new := self._name(scope, node.name):
            self._after(node, r"(?:async\s+)?(?:def|class)\s+", node.name, new)

    _AsyncFunctionDef = _ClassDef = _FunctionDef

    def _ExceptHandler(self, node: ast.ExceptHandler, scope: Scope) -> None:
        if node.name and (new := self._name(scope, node.name)):
            self._after(node, r"as\s+", node.name, new)

    def _Global(self, node: Any, scope: Scope) -> None:
        for name in node.names:
            if new := self._name(scope, name):
                self._after(node, r"[ ,]", name, new)

    _Nonlocal = _Global

    def _MatchAs(self, node: ast.MatchAs, scope: Scope) -> None:
        if node.name and (new := self._name(scope, node.name)):
            self._edit(node.end_lineno or 0, (node.end_col_offset or 0) - len(node.name), node.name, new)

    def _MatchClass(self, node: ast.MatchClass, scope: Scope) -> None:
        for name in node.kwd_attrs:
            if name in self.table.attributes:
                self.unsure.append(f"{self.r.path}:{node.lineno}: a pattern with {name}")

    def _ImportFrom(self, node: ast.ImportFrom, scope: Scope) -> None:
        for alias in node.names:
            new = self._new(f"{self.r.source_of(node)}.{alias.name}")
            if new is None:
                continue
            if alias.asname in (None, alias.name) and self._name(scope, alias.name) is None:
                continue
            if alias.asname == alias.name:
                self._edit(alias.lineno, (alias.end_col_offset or 0) - len(alias.name), alias.name, new)
            self._edit(alias.lineno, alias.col_offset, alias.name, new)

    def _dotted(self, node: ast.AST, scope: Scope) -> str | None:
        """What `a.b` means, where `a` is imported or a global of this file."""
        name = name_of(node)
        if name is None:
            return None
        head, _, rest = name.partition(".")
        home = scope.find(head)
        if home is None or (home.kind in ("function", "comprehension") and not home.bound.get(head)):
            return None
        key = home.key(head)
        return self.canonical(f"{key}.{rest}" if rest else key)

    def _Attribute(self, node: ast.Attribute, scope: Scope) -> None:
        new = self._attribute(node, scope)
        if new:
            assert node.end_lineno and node.end_col_offset
            self._edit(node.end_lineno, node.end_col_offset - len(node.attr.encode()), node.attr, new)

    def _attribute(self, node: ast.Attribute, scope: Scope) -> str | None:
        place = (node.lineno, node.col_offset, node.end_lineno or 0, node.end_col_offset or 0)
        owners = self.owners.get(place, ())
        if owners:
            found = {self._member(owner, node.attr) for owner in owners if owner != "builtins.object"}
            if len(found) == 1:
                return found.pop()
            if found - {None}:
                self.unsure.append(f"{self.r.path}:{node.lineno}: .{node.attr} of one of {owners}")
            return None
        if (dotted := self._dotted(node.value, scope)) and dotted.partition(".")[0] in TREES:
            return self._new(f"{dotted}.{node.attr}")
        if node.attr in self.table.attributes and (owners is None or place not in self.owners):
            return self._guess(
                node,
                node.attr,
                self.table.attributes[node.attr],
                {
                    cls
                    for cls, names in self.known.members.items()
                    if node.attr in names and cls.partition(".")[0] in TREES and self._member(cls, node.attr) is None
                },
            )
        return None

    def _guess(self, node: Any, old: str, news: set[str], others: set[str]) -> str | None:
        """Of an owner whose type nobody knows: as the table says of this file, else if it can be only one thing."""
        if not self.known.lineage:
            return None
        file = str(self.r.path.relative_to(ROOT))
        for row in self.table.here:
            if row["file"] == file and row["name"] == old:
                return self._member(row["class"], old)
        if len(news) == 1 and not others:
            return next(iter(news))
        self.unsure.append(f"{self.r.path}:{node.lineno}: {old}: {sorted(news)}, or of {len(others)} others")
        return None

    def _Call(self, node: ast.Call, scope: Scope) -> None:
        self._by_text(node, scope)
        called = self._called(node, scope)
        for keyword in node.keywords:
            if keyword.arg is None:
                continue
            new = None
            if isinstance(called, tuple):
                found = {self._member(owner, keyword.arg) for owner in called}
                new = found.pop() if len(found) == 1 else None
            elif called:
                new = self._argument(called, keyword.arg)
            else:
                name = (name_of(node.func) or getattr(node.func, "attr", "")).rpartition(".")[2]
                if (name, keyword.arg) in self.table.parameters:
                    self.unsure.append(f"{self.r.path}:{node.lineno}: {name}({keyword.arg}=…)")
            if new:
                self._edit(keyword.lineno, keyword.col_offset, keyword.arg, new)

    def _called(self, node: ast.Call, scope: Scope) -> str | tuple[str, ...] | None:
        """What is called: a function or class, or the classes whose fields the keywords are."""
        name = (name_of(node.func) or "").rpartition(".")[2] or getattr(node.func, "attr", "")
        if name == "_replace" and isinstance(node.func, ast.Attribute):
            f = node.func
            return self.owners.get((f.lineno, f.col_offset, f.end_lineno or 0, f.end_col_offset or 0)) or None
        if name == "partial" and node.args:
            return self._dotted(node.args[0], scope)
        place = (node.lineno, node.col_offset, node.end_lineno or 0, node.end_col_offset or 0)
        dotted = self._dotted(node.func, scope)
        if name == "replace" and node.args and dotted in ("dataclasses.replace", "replace", "copy.replace"):
            return self._replaced(node, scope)
        home = scope.find(node.func.id) if isinstance(node.func, ast.Name) else None
        if home is not None and home.kind == "function" and not home.bound.get(name):
            return f"{home.path}.{name}"
        return self.calls.get(place) or dotted

    def _replaced(self, node: ast.Call, scope: Scope) -> str | tuple[str, ...] | None:
        """dataclasses.replace gives what it was given: its type is asked of mypy where an attribute of it is read."""
        first = node.args[0]
        if isinstance(first, ast.Attribute | ast.Name):
            for place, owners in self.owners.items():
                line = self.r.lines[place[0] - 1]
                text = ast.unparse(first).encode()
                if owners and line[place[1] :].startswith(text + b".") and abs(place[0] - node.lineno) < 40:
                    return owners
        fields = {keyword.arg for keyword in node.keywords if keyword.arg}
        fits = {cls for cls, names in self.known.members.items() if cls.partition(".")[0] in TREES and fields <= names}
        return tuple(fits) if fits else None

    def _by_text(self, node: ast.Call, scope: Scope) -> None:
        """getattr(x, "told"), monkeypatch.setattr(module, "told", …)."""
        name = (name_of(node.func) or "").rpartition(".")[2]
        if name not in ("getattr", "setattr", "hasattr", "delattr", "object") or len(node.args) < 2:
            return
        second = node.args[1]
        if not (isinstance(second, ast.Constant) and isinstance(second.value, str)):
            return
        new = None
        if dotted := self._dotted(node.args[0], scope):
            new = self._new(f"{dotted}.{second.value}")
        elif second.value in self.table.attributes:
            self.unsure.append(f"{self.r.path}:{node.lineno}: {name}(…, {second.value!r})")
        if new:
            self._text(second, second.value, new)

    def _text(self, node: ast.Constant, old: str, new: str) -> None:
        line = self.r.lines[node.lineno - 1]
        at = line.find(old.encode(), node.col_offset)
        if at < 0 or node.end_lineno != node.lineno:
            self.unsure.append(f"{self.r.path}:{node.lineno}: the text {old!r}")
            return
        self.strings.append(node)
        self._edit(node.lineno, at, old, new)

    def _Constant(self, node: ast.Constant, scope: Scope) -> None:
        if not isinstance(node.value, str):
            return
        if re.fullmatch(r"(?:caunoi|tests|bench)(?:\.\w+)+", node.value):
            parts = self.renamed(node.value)
            if parts != node.value:
                self._text(node, node.value, parts)
        elif id(node) in self._listed_in_all and (new := self._name(scope, node.value)):
            self._text(node, node.value, new)
        elif node.value.isidentifier() and scope.kind == "class" and node.value in self.table.attributes:
            slots = self.r.lines[node.lineno - 1]
            if b"__slots__" in slots and (new := self._member(scope.path, node.value)):
                self._text(node, node.value, new)
        elif re.fullmatch(r"[\w\[\], |.]+", node.value) and self._annotates(node):
            for match in re.finditer(r"(?<![\w.])\w+", node.value):
                if new := self._name(scope, match[0]):
                    self.strings.append(node)
                    self._edit(node.lineno, node.col_offset + 1 + match.start(), match[0], new)

    def _annotates(self, node: ast.Constant) -> bool:
        if not hasattr(self, "_annotations"):
            self._annotations: set[int] = set()
            for other in ast.walk(self.r.tree):
                parts: list[ast.AST | None] = [getattr(other, "annotation", None), getattr(other, "returns", None)]
                if isinstance(other, ast.Call) and (name_of(other.func) or "").rpartition(".")[2] == "cast":
                    parts.append(other.args[0])
                for part in filter(None, parts):
                    self._annotations |= {id(child) for child in ast.walk(part)}
        return id(node) in self._annotations

    def renamed(self, dotted: str) -> str:
        """A dotted path in a text, part by part."""
        done, was = "", ""
        for part in dotted.split("."):
            was = f"{was}.{part}" if was else part
            new = self._new(was) if was.count(".") > 1 else None
            done = f"{done}.{new or part}" if done else part
        return done

    def written(self) -> bytes:
        lines = list(self.r.lines)
        for line, byte, old, new in sorted(self.edits, reverse=True):
            text = lines[line - 1]
            lines[line - 1] = text[:byte] + new.encode() + text[byte + len(old.encode()) :]
        return b"".join(lines)


def shape(reader: Reader, texts: set[int]) -> Iterator[Any]:
    """The tree without its names; each name as the order in which its scope first bound or met it."""
    numbers: dict[tuple[int, str], int] = {}
    for node, scope in reader.places:
        if isinstance(node, ast.Import | ast.ImportFrom | ast.alias):
            continue  # what they bind is seen where it is used
        yield type(node).__name__
        for name, value in ast.iter_fields(node):
            if isinstance(value, (int, float, complex, bytes)) or value is None:
                yield value
            elif isinstance(value, str) and isinstance(node, ast.Constant):
                yield "text" if node.lineno in texts else value
            elif name in ("id", "arg") and not isinstance(node, ast.keyword):
                home = scope.find(value)
                yield numbers.setdefault((id(home), value), len(numbers)) if home else value


def proved(before: Reader, after: bytes, strings: list[ast.Constant]) -> str:
    """What differs other than names, or is bound elsewhere; empty when nothing does, or when the file was broken by a
    merge (names that are bound nowhere), which the renames may mend."""
    variables = {part.name for node, _ in before.places for part in getattr(node, "type_params", ())}
    names = [(node.id, scope) for node, scope in before.places if isinstance(node, ast.Name)]
    if any(not (scope.find(n) or hasattr(builtins, n) or n in variables or n[:2] == "__") for n, scope in names):
        return ""
    lines = {node.lineno for node in strings}
    pairs = zip_longest(shape(before, lines), shape(Reader(before.path, before.module, after), lines))
    return next((f"{old!r} {new!r} at {n}" for n, (old, new) in enumerate(pairs) if old != new), "")


class Mover:
    """Where the modules of the table moved to: files, imports, the names they bring, dotted paths in texts."""

    def __init__(self, moves: dict[str, str]) -> None:
        self.moves, self.there = moves, set(moves.values())

    def new(self, dotted: str) -> str:
        """A dotted path after the moves: that of the longest module which moved."""
        parts = dotted.split(".")
        heads = [".".join(parts[:n]) for n in range(len(parts), 0, -1)]
        if any(head in self.there for head in heads):
            return dotted
        old = next((head for head in heads if head in self.moves), None)
        return self.moves[old] + dotted[len(old) :] if old else dotted

    def files(self) -> list[str]:
        moved = []
        for old, new in self.moves.items():
            before, after = (ROOT / f"{dotted.replace('.', '/')}.py" for dotted in (old, new))
            if before.exists():
                after.parent.mkdir(exist_ok=True)
                before.rename(after)
                moved.append(new)
        return moved

    def source(self, reader: Reader) -> bytes:
        texts: list[ast.Constant] = []
        edits: list[tuple[int, int, int, int, str]] = []
        for node, scope in reader.places:
            if isinstance(node, ast.ImportFrom):
                if node.level:
                    continue
                if (text := self._imports(node)) == ast.unparse(node):
                    continue
                edits.append((node.lineno, node.col_offset, node.end_lineno or 0, node.end_col_offset or 0, text))
            elif isinstance(node, ast.Name):
                if (new := self._local(reader, scope, node.id)) != node.id:
                    edits.append((node.lineno, node.col_offset, node.lineno, node.col_offset + len(node.id), new))
            elif isinstance(node, ast.Constant) and (new := self._text(node)):
                at = reader.lines[node.lineno - 1].index(str(node.value).encode(), node.col_offset)
                edits.append((node.lineno, at, node.lineno, at + len(str(node.value)), new))
                texts.append(node)
        starts = [0]
        for line in reader.lines:
            starts.append(starts[-1] + len(line))
        text = reader.source
        for line, byte, end, end_byte, new in sorted(edits, reverse=True):
            text = text[: starts[line - 1] + byte] + new.encode() + text[starts[end - 1] + end_byte :]
        if edits and (difference := proved(reader, text, texts)):
            sys.exit(f"{reader.path}: more than names would change: {difference}")
        return text

    def _text(self, node: ast.Constant) -> str:
        """A dotted path in a text, where it moved."""
        dotted = node.value if isinstance(node.value, str) and re.fullmatch(r"caunoi(?:\.\w+)+", node.value) else ""
        return new if (new := self.new(dotted)) != dotted else ""

    def _imports(self, node: ast.ImportFrom) -> str:
        """The statement as one for each module that what it brings stands in now."""
        groups: dict[str, list[str]] = {}
        for alias in node.names:
            dotted = f"{node.module}.{alias.name}"
            module, _, name = self.new(dotted).rpartition(".")
            kept = alias.asname and (alias.asname != alias.name or name == alias.name)
            groups.setdefault(module, []).append(f"{name} as {alias.asname}" if kept else name)
        between = "\n" + " " * node.col_offset
        return between.join(f"from {module} import {', '.join(names)}" for module, names in groups.items())

    def _local(self, reader: Reader, scope: Scope, name: str) -> str:
        home = scope.find(name)
        imported = home.bound.get(name) if home else None
        if not imported or imported.rpartition(".")[2] != name or self.new(imported) == imported:
            return name
        new = self.new(imported).rpartition(".")[2]
        if new != name and scope.find(new) is not None:
            sys.exit(f"{reader.path}: {new} is already bound where {name} is used")
        return new

    def run(self, dry: bool) -> list[Path]:
        changed = []
        for path, module in modules().items():
            reader = Reader(path, module, path.read_bytes())
            after = self.source(reader)
            if after != reader.source:
                changed.append(path)
                if not dry:
                    path.write_bytes(after)
        if not dry:
            self.files()
            self._texts()
        return changed

    def _texts(self) -> None:
        """`lib/address.py` in documents, comments and templates."""
        for top, kind in (("docs", "md"), ("caunoi", "py"), ("caunoi", "html"), ("assets", "js"), (".", "md")):
            for path in (ROOT / top).glob(f"*.{kind}" if top == "." else f"**/*.{kind}"):
                text = path.read_text()
                if "migrations" in path.parts or "dist" in path.parts:
                    continue
                new = re.sub(r"(?<![\w./])(caunoi/)?((?:\w+/)+\w+)\.py\b", self._path, text)
                if new != text:
                    path.write_text(new)

    def _path(self, match: re.Match[str]) -> str:
        new = self.new("caunoi." + match[2].replace("/", "."))
        return f"{match[1] or ''}{new.removeprefix('caunoi.').replace('.', '/')}.py"


MATCHES = {"match", "search", "fullmatch"}
QUERIES = {"filter", "exclude", "order_by", "select_related", "prefetch_related", "annotate", "values_list"}
COLLECTIONS = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)


def by_rule(reader: Reader) -> dict[str, str]:
    """Locals whose value says what they are: `found` of a pattern is a `match`, `found` that is gathered and returned a
    `result`. Only where it is bound to one such value and the new name is free."""
    values: dict[int, list[ast.AST | None]] = defaultdict(list)
    returned: set[int] = set()
    scopes: dict[int, Scope] = {}
    for node, scope in reader.places:
        targets, value = _bound_by(node)
        for target in targets:
            home = scope.find("found") if target == "found" else None
            if home is not None and home.kind == "function":
                values[id(home)].append(value)
                scopes[id(home)] = home
        if isinstance(node, ast.Return) and isinstance(node.value, ast.Name) and node.value.id == "found":
            returned.add(id(scope.find("found")))
    new = {}
    for number, home in scopes.items():
        names = _rule(values[number], number in returned)
        if free := [name for name in names if not _taken(reader, home, name)]:
            new[home.key("found")] = free[0]
    return new


def _bound_by(node: ast.AST) -> tuple[list[str], ast.AST | None]:
    """The names that a node binds, and the value if it binds one name to it."""
    if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
        return [node.targets[0].id], node.value
    if isinstance(node, ast.AnnAssign | ast.NamedExpr) and isinstance(node.target, ast.Name):
        return [node.target.id], node.value
    if isinstance(node, ast.arg):
        return [node.arg], None
    if isinstance(node, ast.Assign | ast.For | ast.comprehension | ast.AugAssign | ast.withitem):
        names = [
            child.id for child in ast.walk(node) if isinstance(child, ast.Name) and isinstance(child.ctx, ast.Store)
        ]
        return [] if isinstance(node, ast.AugAssign) else names, None
    return [], None


def _rule(values: list[ast.AST | None], returned: bool) -> list[str]:
    """What `found` may be called, the best first; empty where no rule says."""
    if all(isinstance(v, ast.Call) and isinstance(v.func, ast.Attribute) and v.func.attr in MATCHES for v in values):
        return ["match"]
    models = [_model(value) for value in values]
    if all(model is not None for model in models):
        every = {model for model in models if model and model != "found"}
        return [*(_plural(model) for model in every if len(every) == 1), "rows"]
    return ["result"] if returned and len(values) == 1 and _empty(values[0]) else []


def _model(value: ast.AST | None) -> str | None:
    """Of `Model.objects.filter(…)` the model, of another query "" or what it goes on from; None of what is no query."""
    if not (isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr in QUERIES):
        return None
    inner: ast.AST = value
    while isinstance(inner, ast.Call | ast.Attribute):
        inner = inner.func if isinstance(inner, ast.Call) else inner.value
        if isinstance(inner, ast.Attribute) and inner.attr == "objects" and isinstance(inner.value, ast.Name):
            return inner.value.id
    return "found" if isinstance(inner, ast.Name) and inner.id == "found" else ""


def _plural(model: str) -> str:
    name = re.sub(r"(?<!^)(?=[A-Z])", "_", model).lower()
    return f"{name[:-1]}ies" if name.endswith("y") else f"{name}{'es' if name.endswith(('s', 'x', 'ch')) else 's'}"


def _empty(value: ast.AST | None) -> bool:
    if isinstance(value, ast.Call):
        return ast.unparse(value.func).partition("[")[0] in ("list", "dict", "set", "defaultdict", "Counter")
    return isinstance(value, COLLECTIONS)


def _taken(reader: Reader, home: Scope, name: str) -> bool:
    """Whether a name is bound where `home` is, around it or within it."""
    if home.find(name) is not None:
        return True
    for node, scope in reader.places:
        if isinstance(node, ast.Name) and node.id == name:
            inner: Scope | None = scope
            while inner is not None and inner is not home:
                inner = inner.parent
            if inner is home:
                return True
    return False


def templates(table: Table, dry: bool) -> int:
    """Attributes and variables in templates, inside tags only; how many templates changed."""
    folder, changed = ROOT / "caunoi" / "web" / "templates", 0
    for path in sorted(folder.rglob("*.html")):
        new = text = path.read_text()
        for row in table.templates:
            if fnmatch.fnmatch(str(path.relative_to(folder)), row["files"]):
                old = re.compile(rf"(?<![\w\"'-]){re.escape(row['old'])}(?![\w\"'-])")
                new = re.sub(r"(?s)\{\{.*?\}\}|\{%.*?%\}", partial(_in_tag, old, row["new"]), new)
        if new != text:
            changed += 1
            if not dry:
                path.write_text(new)
    return changed


def _in_tag(old: re.Pattern[str], new: str, tag: re.Match[str]) -> str:
    return old.sub(new, tag[0])


def renamed(table: Table, known: Types | None, files: dict[Path, str], dry: bool) -> tuple[set[Path], int]:
    """Renames in every file; the files that changed, and how many names did. Without types only what scopes tell."""
    readers = {path: Reader(path, module, path.read_bytes()) for path, module in files.items()}
    reexports = {reader.module: reader.top.bound for reader in readers.values()}
    known = remembered(readers, files) if known is None else known
    renamers = {path: Renamer(reader, table, known, reexports) for path, reader in readers.items()}
    for renamer in renamers.values():
        renamer.run()
    if clashes := [line for renamer in renamers.values() for line in dict.fromkeys(renamer.clashes)]:
        sys.exit("\n".join(clashes).replace(f"{ROOT}/", ""))
    changed = {path for path, renamer in renamers.items() if renamer.edits}
    written = {path: renamers[path].written() for path in changed}
    for path, after in written.items():
        if difference := proved(readers[path], after, renamers[path].strings):
            sys.exit(f"{path}: more than names would change: {difference}")
    for path, after in written.items():
        if not dry:
            path.write_bytes(after)
    if known.lineage:
        for renamer in renamers.values():
            for line in dict.fromkeys(renamer.unsure):
                print("?", line.replace(f"{ROOT}/", ""))
    return changed, sum(len(renamers[path].edits) for path in changed)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--area", default="", help="only the table's keys that begin so")
    parser.add_argument("--dry", action="store_true", help="say what would change")
    options = parser.parse_args()
    source = tomllib.loads((ROOT / "tools" / "renames.toml").read_text())
    moved = Mover(source.get("modules", {})).run(options.dry) if not options.area else []
    table = Table(source, options.area)
    files = modules()
    # A merged tree cannot be imported, and so not be asked about, before its imports name what there is.
    changed, first = renamed(table, Types(), files, options.dry)
    for path, module in files.items():
        if not options.area:
            table.locals |= {
                table.was(key.rpartition("(")[0]) + "(found)": new
                for key, new in by_rule(Reader(path, module, path.read_bytes())).items()
            }
    also, second = renamed(table, None, files, options.dry)
    pages = templates(table, options.dry)
    changed |= also | (set(files) if moved else set())
    print(f"{first + second} names in {len(changed)} files, {pages} templates")
    if changed and not options.dry:
        paths = [str(path) for path in changed]
        subprocess.run([sys.executable, "-m", "ruff", "check", "-q", "--fix", "--select", "I,F401", *paths], cwd=ROOT)
        subprocess.run([sys.executable, "-m", "ruff", "format", "-q", *paths], cwd=ROOT, check=True)


if __name__ == "__main__":
    main()

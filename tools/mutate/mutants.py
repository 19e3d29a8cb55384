"""What may be wrong with a file: each mutant is one small change of its meaning.

mutmut's operators, and four of our own for what decides here: conditions, statements dropped, a filter's only
argument, and words of SQL. mutmut's runner is not used: it leaves out decorated functions and tables at module level,
which are most of our actions, and the lifecycle.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import libcst as cst
import libcst.matchers as m
from mutmut.mutation import mutators

SHOWN = 30  # characters around a change
PARTS = (cst.Arg, cst.Attribute, cst.BinaryOperation, cst.BooleanOperation, cst.Comparison, cst.ComparisonTarget)
_CODE = cst.Module(body=[])
type Kinds = type[cst.CSTNode] | tuple[type[cst.CSTNode], ...]
type Operator = tuple[Kinds, Callable[..., Iterable[cst.CSTNode]]]

SILENT = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "cast"}  # words for people, and for mypy
SQL = re.compile(r"\b(SELECT|INSERT|UPDATE|DELETE|WHERE|FILTER|BETWEEN)\b|\b(count|sum|min|max|coalesce)\(", re.I)
TOKENS = {
    "AND": "OR",
    "OR": "AND",
    "NOT ": "",
    "<>": "=",
    "<=": "<",
    ">=": ">",
    "<": "<=",
    ">": ">=",
    "=": "<>",
    "+": "-",
    "-": "+",
    "*": "+",
    "min": "max",
    "max": "min",
    "least": "greatest",
    "greatest": "least",
    "sum": "max",
    "true": "false",
    "false": "true",
    "ASC": "DESC",
    "DESC": "ASC",
}
TOKEN = re.compile(
    r"\b(?:AND|OR|min|max|least|greatest|sum|true|false|ASC|DESC)\b|\bNOT |<>|<=|>=|(?<= )[<>=+*-](?= )", re.I
)


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """One change of a file: `place` is the function or class it is in, `change` says it in a line, and both together
    name it for as long as the code stays. `warm`: it is inside a function, which a running process can exchange."""

    file: str
    place: str
    change: str
    warm: bool
    source: Callable[[], str]

    @property
    def name(self) -> tuple[str, str, str]:
        return self.file, self.place, self.change


def dropped_arguments(node: cst.Call) -> Iterator[cst.Call]:
    """A call without one of its arguments; a filter also without its only one."""
    if len(node.args) > 1 or m.matches(node.func, m.Attribute(attr=m.Name("filter") | m.Name("exclude"))):
        for i in range(len(node.args)):
            yield node.with_changes(args=[*node.args[:i], *node.args[i + 1 :]])


def conditions(node: cst.If | cst.IfExp | cst.CompIf) -> Iterator[cst.CSTNode]:
    """A condition that always holds, and one that never does."""
    for value in ("True", "False"):
        yield node.with_changes(test=cst.Name(value))


def dropped_statements(node: cst.SimpleStatementLine) -> Iterator[cst.SimpleStatementLine]:
    """A call whose result nobody takes is not made; a refusal is not raised."""
    if len(node.body) == 1 and m.matches(node.body[0], m.Expr(value=m.Call()) | m.Raise()):
        yield node.with_changes(body=[cst.Pass()])


def first_string(node: cst.SimpleString) -> Iterator[cst.CSTNode]:
    if node.prefix == "" and len(node.quote) == 1 and node.raw_value.strip() and not SQL.search(node.raw_value):
        yield next(iter(mutators.operator_string(node)))


def sql(node: cst.SimpleString | cst.FormattedStringText) -> Iterator[cst.CSTNode]:
    """A statement with one of its words exchanged."""
    if not SQL.search(node.value):
        return
    for found in TOKEN.finditer(node.value):
        word = found.group()
        other = TOKENS.get(word) if word in TOKENS else TOKENS.get(word.upper(), TOKENS.get(word.lower()))
        if other is not None:
            yield node.with_changes(value=node.value[: found.start()] + other + node.value[found.end() :])


OPERATORS: tuple[Operator, ...] = (
    (cst.BaseNumber, mutators.operator_number),
    (cst.SimpleString, first_string),
    (cst.Name, mutators.operator_name),
    (cst.AugAssign, mutators.operator_augmented_assignment),
    (cst.UnaryOperation, mutators.operator_remove_unary_ops),
    (cst.Call, mutators.operator_symmetric_string_methods_swap),
    (cst.Call, mutators.operator_unsymmetrical_string_methods_swap),
    (cst.CSTNode, mutators.operator_keywords),
    (cst.CSTNode, mutators.operator_swap_op),
    (cst.Match, mutators.operator_match),
    (cst.Call, dropped_arguments),
    ((cst.If, cst.IfExp, cst.CompIf), conditions),
    (cst.SimpleStatementLine, dropped_statements),
    ((cst.SimpleString, cst.FormattedStringText), sql),
)


class _Finder(cst.CSTVisitor):
    def __init__(self, wanted: frozenset[str]) -> None:
        self.wanted, self.functions, self.defaults, self.raising = wanted, 0, 0, 0
        self.path: list[str] = []
        self.above: list[cst.CSTNode] = []
        self.found: list[tuple[str, bool, cst.CSTNode, cst.CSTNode, cst.CSTNode]] = []

    def on_visit(self, node: cst.CSTNode) -> bool:
        if isinstance(node, cst.Import | cst.ImportFrom | cst.Annotation | cst.Decorator | cst.TypeAlias):
            return False
        if m.matches(node, m.SimpleStatementLine(body=[m.Expr(value=m.SimpleString())])):
            return False  # a docstring
        if isinstance(node, cst.Call) and isinstance(node.func, cst.Name) and node.func.value in SILENT:
            return False
        if not self.path or self.chosen():
            self._try(node)
        self._enter(node, 1)
        self.above.append(node)
        return True

    def on_leave(self, node: cst.CSTNode) -> None:
        if self.above and self.above[-1] is node:
            self.above.pop()
            self._enter(node, -1)

    def chosen(self) -> bool:
        return not self.wanted or bool(self.wanted & {self.path[0], ".".join(self.path[:2])})

    def _enter(self, node: cst.CSTNode, step: int) -> None:
        if isinstance(node, cst.FunctionDef | cst.ClassDef):
            self.path = [*self.path, node.name.value] if step > 0 else self.path[:-1]
            self.functions += step * isinstance(node, cst.FunctionDef)
        self.defaults += step * (isinstance(node, cst.Parameters) and self.functions == 1)
        self.raising += step * isinstance(node, cst.Raise)

    def _try(self, node: cst.CSTNode) -> None:
        if self.wanted and not self.path:
            return
        if self.raising and isinstance(node, cst.BaseString):
            return
        warm = self.functions > 0 and not self.defaults
        for kind, operator in OPERATORS:
            if isinstance(node, kind):
                where = self._around(node)
                self.found += [(".".join(self.path), warm, node, changed, where) for changed in operator(node)]

    def _around(self, node: cst.CSTNode) -> cst.CSTNode:
        """What is shown of a small thing: an expression that one recognises."""
        for above in reversed(self.above):
            small = isinstance(above, PARTS) or (isinstance(above, cst.Call) and len(above.args) < 4)
            if not small or len(_CODE.code_for_node(node)) > SHOWN:
                break
            node = above
        return node


def mutants(root: Path, file: str, wanted: Iterable[str] = ()) -> list[Mutant]:
    """All mutants of a file, or of the functions, classes and methods (`Class.method`) of it that are wanted."""
    module = cst.parse_module((root / file).read_text())
    finder = _Finder(frozenset(wanted))
    module.visit(finder)
    if lacking := frozenset(wanted) - {".".join(p.split(".")[:n]) for p, *_ in finder.found for n in (1, 2)}:
        raise LookupError(f"{file} has no {', '.join(sorted(lacking))}, or nothing in it can be changed")

    def source(old: cst.CSTNode, new: cst.CSTNode) -> Callable[[], str]:
        return lambda: _CODE.code_for_node(cast(cst.Module, module.deep_replace(old, new)))

    return [
        Mutant(
            file=file,
            place=place or "the module",
            change=_change(old, new, where),
            warm=warm,
            source=source(old, new),
        )
        for place, warm, old, new, where in finder.found
    ]


def _change(old: cst.CSTNode, new: cst.CSTNode, where: cst.CSTNode) -> str:
    """What is exchanged, with a little of what stands before and after it."""
    if isinstance(old, cst.If | cst.IfExp | cst.CompIf) and isinstance(new, type(old)):
        return f"if {_text(old.test)} → if {_text(new.test)}"
    before, after = _text(where), _text(where.deep_replace(old, new) if where is not old else new)
    least = min(len(before), len(after))
    start = next((i for i in range(least) if before[i] != after[i]), least)
    same = next((i for i in range(least - start) if before[-1 - i] != after[-1 - i]), least - start)
    head, tail = max(0, start - SHOWN), max(0, same - SHOWN)
    before, after = (text[head : len(text) - tail].strip() for text in (before, after))
    return f"{before} → {after or 'nothing'}"


def _text(node: cst.CSTNode) -> str:
    return " ".join(_CODE.code_for_node(node).split())

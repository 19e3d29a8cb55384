"""What a template asks of its context: every variable by name and path, with the types of the page that it is given.

`unknown(template, types)` walks the compiled nodes with the names that are bound there. Types come from annotations:
a field of a dataclass, a property, what a list holds. Where the type is not known (Any, a form, a dict) nothing is
asked of it."""

import dataclasses
import re
import types
import typing
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, get_args, get_origin, get_type_hints

from django.db.models import Model
from django.forms import BaseForm, BoundField
from django.template import Node, NodeList
from django.template.base import FilterExpression, TokenType, Variable
from django.template.base import Template as Source
from django.template.defaulttags import ForNode, IfNode, WithNode
from django.template.loader import get_template
from django.template.loader_tags import ExtendsNode, IncludeNode
from django.templatetags.i18n import BlockTranslateNode

type Names = dict[str, Any]  # what a name is bound to: a type
ENGINE = {"True", "False", "None", "forloop", "block"}
TAKES = re.compile(r"\{# takes (.*?)#\}", re.DOTALL)
REMARK = re.compile(r"\([^()]*\)")
ASSIGNED = ("asvar", "target_var", "var_name", "variable", "variable_name")


def source(name: str) -> Source:
    """A template by its file, or `file#partial`."""
    return get_template(name).template  # type: ignore[no-any-return]


def _hints(kind: Any) -> dict[str, Any]:
    try:
        return get_type_hints(kind)
    except (NameError, TypeError):
        return {}


def _unions(kind: Any) -> Iterator[Any]:
    """The types that a value may have, but for None; TypeAliasType and Annotated unwrapped."""
    if isinstance(kind, typing.TypeAliasType):
        yield from _unions(kind.__value__)
    elif get_origin(kind) in (types.UnionType, typing.Union):
        for one in get_args(kind):
            yield from _unions(one)
    elif kind is not type(None):
        yield kind


def attribute(kind: Any, name: str) -> Any:
    """The type of `value.name` for a value of this type; Any where it cannot be known; AttributeError when no such
    value has it."""
    several = list(_unions(kind))
    for one in several:
        if one is Any or not isinstance(get_origin(one) or one, type):
            return Any
        base = get_origin(one) or one
        if issubclass(base, Mapping | BaseForm | BoundField) or name.isdecimal():
            arguments = get_args(one)
            return arguments[-1] if arguments and base is not tuple else Any
        if issubclass(base, Model) or not (dataclasses.is_dataclass(base) or base in (str, int, bool, float)):
            if not (hasattr(base, name) or name in _hints(base) or issubclass(base, Model)):
                continue
            return Any
        if name in (hints := _hints(base)):
            return hints[name]
        if (found := getattr(base, name, None)) is not None:
            getter = found.fget if isinstance(found, property) else found
            return _hints(getter).get("return", Any)
    raise AttributeError(name)


def held(kind: Any) -> Any:
    """What one goes through when going through a value of this type."""
    for one in _unions(kind):
        base, arguments = get_origin(one) or one, get_args(one)
        if isinstance(base, type) and arguments and issubclass(base, Iterable):
            return arguments[0]
    return Any


class Reading:
    """One walk through a template and all that it includes."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self.unknown: list[str] = []
        self.read: set[str] = set()
        self._given = given

    def variable(self, path: str, names: Names) -> Any:
        head, *rest = path.split(".")
        if head in ENGINE:
            return Any
        if head not in names:
            self.unknown.append(path)
            return Any
        if head in self._given and names[head] is self._given[head]:
            self.read.add(head)
        kind = names[head]
        for name in rest:
            try:
                kind = attribute(kind, name)
            except AttributeError:
                self.unknown.append(path)
                return Any
        return kind

    def value(self, thing: Any, names: Names) -> Any:
        """Reads every variable in an expression, an operator, a list of them; the type of a plain variable."""
        if isinstance(thing, FilterExpression):
            for _filter, arguments in thing.filters:
                for is_variable, argument in arguments:
                    if is_variable:
                        self.value(argument, names)
            kind = self.value(thing.var, names)
            return Any if thing.filters else kind
        if isinstance(thing, Variable):
            return self.variable(".".join(thing.lookups), names) if thing.lookups else type(thing.literal)
        if isinstance(thing, list | tuple):
            for one in thing:
                self.value(one, names)
        elif isinstance(thing, dict):
            self.value(list(thing.values()), names)
        elif hasattr(thing, "lbp"):  # an operator of {% if %}
            self.value([getattr(thing, part, None) for part in ("first", "second", "value")], names)
        return Any

    def nodes(self, nodes: Iterable[Any], names: Names) -> None:
        for node in nodes:
            self.node(node, names)

    def node(self, node: Any, names: Names) -> None:
        if isinstance(node, ForNode):
            kind = held(self.value(node.sequence, names))
            pieces = get_args(kind) if get_origin(kind) is tuple else ()
            several = len(node.loopvars) > 1
            bound = {
                name: (pieces[i] if i < len(pieces) and pieces[-1] is not ... else Any) if several else kind
                for i, name in enumerate(node.loopvars)
            }
            self.nodes(node.nodelist_loop, names | bound)
            self.nodes(node.nodelist_empty, dict(names))
        elif isinstance(node, IfNode):
            branches = []
            for condition, nodelist in node.conditions_nodelists:
                self.value(condition, names)
                self.nodes(nodelist, branch := dict(names))
                branches.append(branch)
            for branch in branches:
                names.update({name: kind for name, kind in branch.items() if name not in names})
        elif isinstance(node, WithNode):
            bound = {name: self.value(value, names) for name, value in node.extra_context.items()}
            self.nodes(node.nodelist, names | bound)
        elif isinstance(node, IncludeNode):
            self._include(node, names)
        elif isinstance(node, ExtendsNode):
            self.nodes(node.nodelist, names)
            if isinstance(parent := node.parent_name.var, str):
                self.nodes(source(parent).nodelist, _optional(parent) | names)
        elif isinstance(node, BlockTranslateNode):
            extra = {name: self.value(value, names) for name, value in node.extra_context.items()}
            self.value(node.counter, names)
            extra |= {node.countervar: Any} if node.countervar else {}
            for token in [*node.singular, *node.plural]:
                if token.token_type == TokenType.VAR:
                    self.variable(token.contents.split("|")[0].strip(), names | extra)
            if node.asvar:
                names[node.asvar] = str
        else:
            self._other(node, names)

    def _other(self, node: Node, names: Names) -> None:
        for name, value in vars(node).items():
            if name in ASSIGNED and isinstance(value, str):
                names[value] = Any
            elif isinstance(value, NodeList):
                self.nodes(value, names)
            elif not name.startswith("_") and name not in ("origin", "token", "blocks", "parser"):
                self.value(value, names)

    def _include(self, node: IncludeNode, names: Names) -> None:
        self.value(node.template, names)
        bound = {name: self.value(value, names) for name, value in node.extra_context.items()}
        if not isinstance(file := node.template.var, str):
            return
        arguments = declared(file)
        if file.startswith("components/") and arguments is not None:
            self._component(file, bound, arguments, isolated=node.isolated_context)
            return
        self.nodes(source(file).nodelist, _optional(file) | (bound if node.isolated_context else names | bound))

    def _component(self, file: str, bound: Names, arguments: dict[str, bool], *, isolated: bool) -> None:
        if not isolated:
            self.unknown.append(f"{file}: included without `only`")
        self.unknown += [f"{file}: takes no {name}" for name in bound if name not in arguments]
        self.unknown += [f"{file}: needs {name}" for name, needed in arguments.items() if needed and name not in bound]


def declared(file: str) -> dict[str, bool] | None:
    """The arguments that a template declares, `{# takes label, icon? (a remark), … #}`, each with whether it is
    needed; None when it declares nothing."""
    comment = TAKES.search(source(file).source)
    if comment is None:
        return None
    text = comment[1]
    while REMARK.search(text):  # one in another
        text = REMARK.sub("", text)
    names = [name.strip() for name in text.split(",")]
    return {name.rstrip("?"): not name.endswith("?") for name in names if name not in ("", "nothing")}


def _optional(file: str) -> Names:
    """What a template can do without, bound to anything."""
    return {name: Any for name, needed in (declared(file) or {}).items() if not needed}


def reading(template: str, given: Mapping[str, Any], common: Mapping[str, Any] | None = None) -> Reading:
    """A template read with what its page gives (types by name); and with what is `common` to all pages."""
    result = Reading(given)
    result.nodes(source(template).nodelist, {**(common or {}), **given})
    return result

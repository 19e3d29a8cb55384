"""How a form's text asks for measures, by their names. Pure.

{value handling} {before handling} {year_before handling}    in a sentence: this period, the one before, a year ago
{say handling returns}          alone on a line: sentences about them
{compare handling returns}      a table: this period, the one before, a year ago
{table handling agency}         a table by group
{definitions}                   the definitions of the measures that the text names
"""

from collections.abc import Container, Iterator
from dataclasses import dataclass

from caunoi.reports import markup
from caunoi.statistics.measures import FLOOR, MEASURES

VALUES = ("value", "before", "year_before")
LISTS = ("say", "compare")
WHOLE = tuple(m.name for m in MEASURES.values() if "" in m.groups)


@dataclass(frozen=True)
class Words(Container[str]):
    """The names that a sentence may have."""

    plain: tuple[str, ...]

    def __contains__(self, text: object) -> bool:
        first, *rest = str(text).split() or [""]
        return text in self.plain or (first in VALUES and len(rest) == 1 and rest[0] in WHOLE)


def report_groups(name: str) -> list[str]:
    """By what a text may ask for a measure."""
    return [by for by in MEASURES[name].groups if by not in FLOOR]


@dataclass(frozen=True)
class Blocks(Container[str]):
    """The names that may be alone on a line."""

    plain: tuple[str, ...]

    def __contains__(self, text: object) -> bool:
        first, *rest = str(text).split() or [""]
        if first in LISTS:
            return bool(rest) and set(rest) <= set(WHOLE)
        if first == "table":
            return len(rest) == 2 and rest[0] in MEASURES and rest[1] in report_groups(rest[0])
        return text in self.plain


def _measures(text: str) -> Iterator[tuple[str, str]]:
    """Each measure that a text names, with the group it names it by ("": the whole), in order."""
    for name in markup.names(text):
        first, *rest = name.split()
        if first == "table" and name in Blocks(()):
            yield rest[0], rest[1]
        elif name in Blocks(()) or name in Words(()):
            yield from ((one, "") for one in rest)


def measures(text: str) -> dict[str, list[str]]:
    """The measures that a text names, in order, and by which groups each; the whole of one that has a whole always."""
    result: dict[str, list[str]] = {}
    for name, by in _measures(text):
        groups = result.setdefault(name, [""] if name in WHOLE else [])
        if by not in groups:
            groups.append(by)
    return result


def codes(name: str) -> list[str]:
    """Every way in which a text may ask for a measure."""
    first = [f"value {name}", f"say {name}", f"compare {name}"] if name in WHOLE else []
    return [*first, *(f"table {name} {by}" for by in report_groups(name) if by)]

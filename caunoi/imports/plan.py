"""What a list would change, before it does: new rows, existing ones field by field, and its oddities. Pure."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from caunoi.imports.mapping import LEAVE, ColumnMapping
from caunoi.imports.table import Entry
from caunoi.imports.vocabulary import codes
from caunoi.lib.tables import cells
from caunoi.lib.tables.nearest import Names

MOST_WORDS = 500


@dataclass(frozen=True, kw_only=True)
class Odd:
    """Something strange in a line: `problem` is a word of oddities.py, `text` the cell's, `suggest` a code that may be
    meant; `out`: the line is not imported."""

    line: int
    problem: str
    field: str = ""
    text: str = ""
    suggest: str = ""
    out: bool = False


@dataclass(frozen=True, kw_only=True)
class Step:
    """A row that is created (`before` is empty) or changed, with the changed values only, as JSON holds them."""

    line: int
    key: str
    name: str
    before: Mapping[str, str]
    after: Mapping[str, str]


@dataclass
class Words:
    """What the words of a file mean to us: by field, word → how often, which code, how we know (told, same, guess,
    none), and the nearest where we do not."""

    seen: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)

    def note(self, name: str, word: str, code: str, how: str, suggest: str = "") -> None:
        table = self.seen.setdefault(name, {})
        if word in table:
            table[word]["count"] += 1
        elif len(table) < MOST_WORDS:
            table[word] = {"count": 1, "code": code, "how": how, "suggest": suggest}


@dataclass
class Plan:
    """`left` counts the lines that are not imported."""

    fresh: list[Step] = field(default_factory=list)
    changed: list[Step] = field(default_factory=list)
    same: int = 0
    odd: list[Odd] = field(default_factory=list)
    words: Words = field(default_factory=Words)

    @property
    def left(self) -> int:
        return len({odd.line for odd in self.odd if odd.out})

    def as_json(self) -> dict[str, Any]:
        """As JSON, without the oddities."""
        return {
            "fresh": [asdict(step) for step in self.fresh],
            "changed": [asdict(step) for step in self.changed],
            "same": self.same,
            "left": self.left,
            "words": self.words.seen,
        }


def outline(plan: Mapping[str, Any]) -> tuple[Any, Any]:
    """What must stay the same between showing a plan and carrying it out."""
    return plan.get("fresh"), plan.get("changed")


class Line:
    """One entry being read: its words, and what was odd about them."""

    def __init__(self, entry: Entry, plan: Plan) -> None:
        self.entry, self.plan, self.out = entry, plan, False

    def odd(self, problem: str, name: str = "", text: str = "", *, out: bool = False, suggest: str = "") -> None:
        self.out = self.out or out
        self.plan.odd.append(
            Odd(line=self.entry.line, problem=problem, field=name, text=text[:200], suggest=suggest, out=out)
        )

    def words(self, name: str, most: int = 0, *, needed: bool = False) -> str:
        """A cell as one line of words; a cell that holds Excel's trouble is odd and empty."""
        cell = self.entry.cells.get(name)
        if flaw := cells.flawed(cell):
            self.odd(flaw, name, str(cell), out=needed)
            return ""
        text = " ".join(cells.text(cell).split())
        if most and len(text) > most:
            self.odd("too_long", name, text, out=needed)
            return ""
        return text

    def phone(self, name: str = "phone", *, anywhere: bool = False) -> str:
        """The first number of a cell; the others, and what is no number, become oddities. `anywhere`: short codes count
        too."""
        numbers, bad = cells.phones(self.entry.cells.get(name))
        for text in bad:
            self.odd("phone_unreadable", name, text)
        good = [number for number in numbers if anywhere or number.startswith("+")]
        if len(good) > 1:
            self.odd("second_phone", name, ", ".join(good[1:]))
        return good[0] if good else ""

    def code(self, kind: str, name: str, word: str, names: Names, mapping: ColumnMapping) -> str:
        """What a word means: by the mapping, by its name, or as everybody uses it; "" for nothing."""
        if not word:
            return ""
        meaning = mapping.code(name, word)
        if meaning is not None:
            code = "" if meaning == LEAVE else meaning
            self.plan.words.note(name, word, meaning, "told")
            return code
        code = names.same(word) or codes(kind, name).same(word)
        suggest = "" if code else names.nearest(word) or codes(kind, name).nearest(word)
        self.plan.words.note(name, word, code, "same" if code else "none", suggest)
        return code

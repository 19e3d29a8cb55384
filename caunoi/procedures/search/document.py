"""A procedure for the search: the texts that are searched and the values of its filters."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from caunoi.procedures.record import Record
from caunoi.procedures.search import tales

# "(thực hiện tại cấp tỉnh)", "(cấp TW)", "( 1.010727 )": where, not what; the level has a column of its own.
_WHERE = re.compile(
    r"\((?:[^()]*\bcấp (?:trung ương|tw|bộ|tỉnh|tinh|huyện|xã)[^()]*|\s*\d\.\d{6}\s*)\)"
    r"|\s[-–]?\s*(?:thực hiện )?tại cấp (?:trung ương|tỉnh|huyện|xã)(?:, cấp (?:trung ương|tỉnh|huyện|xã))*"
    r"|\btại (?:công an cấp tỉnh|cục quản lý xuất nhập cảnh[^()]*|phòng quản lý xuất nhập cảnh.*)",
    re.IGNORECASE,
)
_FROM = re.compile(r"\b(?:từ|đủ|trên) (\d{1,2}) tuổi", re.IGNORECASE)
_BELOW = re.compile(r"\bdưới (\d{1,2}) tuổi", re.IGNORECASE)
OLDEST = 150
_OPENING = re.compile(r"^\s*(?:thủ tục|quy trình thực hiện)\b:?", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class FormerName:
    """What a procedure was called before, without where it is done; `law`: the decision that gave it its next name."""

    name: str
    law: str = ""


@dataclass(frozen=True, kw_only=True)
class Document:
    """A procedure for the index. `levels` of ministry province commune other; the other tuples as imported;
    `former`: its names in earlier editions (histories.py); `tale`: how people tell of it, `stories`: whole
    stories of those who needed it (tales.py)."""

    code: str
    name: str
    version: int = 1
    field: str = ""
    levels: tuple[str, ...] = ()
    audience: tuple[str, ...] = ()
    agencies: tuple[str, ...] = ()
    former: tuple[FormerName, ...] = ()
    tale: str = ""
    stories: tuple[str, ...] = ()
    keywords: str = ""
    results: str = ""
    papers: str = ""
    conditions: str = ""
    steps: str = ""

    def bare(self) -> "Document":
        """Without the texts that only the index needs."""
        return replace(self, tale="", stories=(), keywords="", results="", papers="", conditions="", steps="")

    def values(self) -> list[Any]:
        """What is left of it when it is bare, as JSON holds it."""
        former = [(old.name, old.law) for old in self.former]
        return [self.code, self.name, self.version, self.field, self.levels, self.audience, self.agencies, former]

    @classmethod
    def of(cls, values: Sequence[Any]) -> "Document":
        """What `values` gave."""
        code, name, version, field, levels, audience, agencies, former = values
        return cls(
            code=code,
            name=name,
            version=version,
            field=field,
            levels=tuple(levels),
            audience=tuple(audience),
            agencies=tuple(agencies),
            former=tuple(FormerName(name=old, law=law) for old, law in former),
        )

    def ages(self) -> tuple[int, int]:
        """The range of ages in its name, both included."""
        low, high = _FROM.search(self.name), _BELOW.search(self.name)
        return int(low[1]) if low else 0, int(high[1]) - 1 if high else OLDEST

    def core(self) -> str:
        """The name without "Thủ tục" and without where it is done: what distinguishes it."""
        return core_of(self.name)


def core_of(name: str) -> str:
    """What distinguishes a procedure in its name."""
    return _OPENING.sub("", _WHERE.sub(" ", name)).strip() or name


def without_place(name: str) -> str:
    """A procedure's name without where it is done, which stands beside it."""
    return " ".join(_WHERE.sub(" ", name).split()) or name


MATTER = "@"
"""The beginning of the codes of what other offices do (elsewhere.py), which no procedure's has."""


def is_matter(document: Document) -> bool:
    """Whether this is no procedure, but what another office does."""
    return document.code.startswith(MATTER)


LEVELS = {"bộ": "ministry", "tỉnh": "province", "xã": "commune"}


def document_of(
    record: Record, version: int = 1, former: tuple[FormerName, ...] = (), dropped: Iterable[str] = ()
) -> Document:
    """A record as a document of the search. `former` and `dropped`: the names and the papers of its earlier editions
    that it no longer has."""
    papers = [paper.name for case in record.cases for paper in case.papers]
    return Document(
        code=record.code,
        name=record.name,
        version=version,
        field=record.field,
        audience=record.audience,
        levels=tuple(LEVELS.get(level.lower().removeprefix("cấp "), "other") for level in record.levels),
        agencies=tuple(part for part in (record.agency, record.authority) if part),
        former=former,
        tale=tales.text(record.code),
        stories=tales.stories(record.code),
        keywords=" . ".join(record.keywords),
        results=" . ".join(record.results)[:300],
        papers=" . ".join([*papers, *dropped]),
        conditions=record.conditions,
        steps=record.steps,
    )

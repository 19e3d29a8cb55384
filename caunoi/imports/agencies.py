"""A list of agencies, against those that are there. Pure."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from caunoi.imports.mapping import ColumnMapping
from caunoi.imports.plan import Line, Plan, Step
from caunoi.imports.table import Entry
from caunoi.lib.tables.nearest import Names, key

FIELDS = ("name", "name_en", "short", "kind", "area", "phone", "email", "address", "calendar")
LENGTHS = {"code": 40, "name": 200, "name_en": 200, "short": 60, "address": 300, "email": 254}
EMAIL = re.compile(r"[^@\s,;]+@[^@\s,;]+\.[^@\s,;.]+")
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
# By how a name begins or what it holds, folded and in full words; the first that fits.
KINDS = (
    ("centre", re.compile(r"(?:trung tam|tong dai|to) .*1022|trung tam ioc")),
    ("police", re.compile(r"cong an|phong canh sat")),
    ("commune", re.compile(r"(?:uy ban nhan dan|ubnd|dang uy|van phong hdnd ubnd) (?:xa|phuong|thi tran|dac khu) ")),
    (
        "utility",
        re.compile(r".*\b(?:cong ty|xi nghiep|dien luc|cap nuoc|buu dien|vnpt|viettel|mobifone|moi truong do thi)\b"),
    ),
    ("department", re.compile(r"(?:so|ban|van phong|chi cuc|cuc|thanh tra|kho bac|bao hiem|uy ban nhan dan) ")),
)


@dataclass(frozen=True, kw_only=True)
class Agency:
    """An existing agency: values by field as JSON holds them."""

    code: str
    values: Mapping[str, str]
    retired: bool = False


@dataclass(frozen=True, kw_only=True)
class AgencyGround:
    """What a list is checked against: agencies, the calendars' names, and how to find a commune of today in words (""
    for none)."""

    agencies: tuple[Agency, ...]
    calendars: Names
    area_of: Callable[[str], str]


def plan(
    entries: Iterable[Entry], mapping: ColumnMapping, ground: AgencyGround, progress: Callable[[int], None]
) -> Plan:
    """What the list would change. An empty cell leaves what is there."""
    made = Plan()
    by_code = {a.code: a for a in ground.agencies}
    names = Names({a.code: (a.values["name"], a.values["short"], a.values["name_en"]) for a in ground.agencies})
    lines: dict[str, int] = {}
    fresh: dict[str, str] = {}
    for count, entry in enumerate(entries, 1):
        progress(count)
        line = Line(entry, made)
        values = _values(line, mapping, ground)
        if line.out:
            continue
        code = line.words("code", LENGTHS["code"])
        if code and not CODE.fullmatch(code):
            line.odd("bad_code", "code", code, out=True)
            continue
        called = values.get("name", "")
        agency = by_code.get(code) if code else by_code.get(names.same(called) or names.same(values.get("short", "")))
        if agency is None and not called:
            line.odd("no_name", "name", out=True)
            continue
        mark = agency.code if agency else code or fresh.get(key(called), "")
        if mark in lines:
            line.odd("twice", "name", str(lines[mark]), out=True)
            continue
        if agency and agency.retired:
            line.odd("agency_retired", "name", called or agency.code, out=True)
            continue
        if agency is None:
            mark = code or _code(values, by_code.keys() | lines.keys())
            fresh[key(called)] = mark
            if like := names.nearest(called):
                line.odd("like_another", "name", called, suggest=like)
            made.fresh.append(Step(line=entry.line, key=mark, name=called, before={}, after=_whole(values, ground)))
        else:
            step = compare(entry.line, agency.code, values, agency.values, called or agency.values["name"])
            if step:
                made.changed.append(step)
            else:
                made.same += 1
        lines[mark] = entry.line
    return made


def compare(line: int, mark: str, values: Mapping[str, str], old: Mapping[str, str], name: str) -> Step | None:
    """What a line changes in an existing row; None for nothing."""
    after = {field: value for field, value in values.items() if value and value != old.get(field, "")}
    if not after:
        return None
    return Step(line=line, key=mark, name=name, before={f: old.get(f, "") for f in after}, after=after)


def _values(line: Line, mapping: ColumnMapping, ground: AgencyGround) -> dict[str, str]:
    values = {
        name: line.words(name, LENGTHS[name], needed=name == "name") for name in ("name", "name_en", "short", "address")
    }
    values["phone"] = line.phone(anywhere=True)
    values["email"] = email(line)
    for name, rows in (("kind", Names({})), ("calendar", ground.calendars)):
        word = line.words(name)
        values[name] = line.code("agencies", name, word, rows, mapping) or mapping.defaults.get(name, "")
        if word and not values[name]:
            line.odd(f"{name}_unknown", name, word)
    place = line.words("area")
    values["area"] = ground.area_of(place) if place else ""
    if place and not values["area"]:
        line.odd("area_unclear", "area", place)
    return {name: value for name, value in values.items() if value}


def email(line: Line) -> str:
    """The first address of a cell; an invalid one is odd."""
    cell = line.words("email", LENGTHS["email"])
    addresses = EMAIL.findall(cell)
    if cell and not addresses:
        line.odd("email_unreadable", "email", cell)
    if len(addresses) > 1:
        line.odd("second_email", "email", ", ".join(addresses[1:]))
    return addresses[0].lower() if addresses else ""


def kind_of(name: str) -> str:
    """What an agency of this name most likely is."""
    words = f"{key(name)} "
    return next((kind for kind, pattern in KINDS if pattern.match(words)), "other")


def _whole(values: Mapping[str, str], ground: AgencyGround) -> dict[str, str]:
    """A new agency with what follows from its name."""
    kind = values.get("kind") or kind_of(values["name"])
    result = {"kind": kind, "calendar": "office", **values}
    if kind in ("commune", "police") and "area" not in result and (area := ground.area_of(values["name"])):
        result["area"] = area
    return result


def _code(values: Mapping[str, str], used: Iterable[str]) -> str:
    """A short word that no other agency has, from its (short) name; it never changes afterwards."""
    called = key(values.get("short") or values["name"])
    stem = "-".join(called.replace("uy ban nhan dan", "ubnd").split())[:36].strip("-") or "don-vi"
    options = [stem, *(f"{stem}-{number}" for number in range(2, 1000))]
    return next(option for option in options if option not in used)

"""An act of the state as changes: what its own list says ended on a day and what followed, with the committees.
Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from caunoi.lib.places import lineage
from caunoi.lib.places.gazetteer import Unit as Listed
from caunoi.lib.places.succession import NewUnit
from caunoi.reorganisation.plan import Change


@dataclass(frozen=True, kw_only=True)
class Office:
    """An agency that is there for one area (its id)."""

    id: int
    code: str
    name: str
    kind: str
    area: int
    short: str = ""


@dataclass(frozen=True, kw_only=True)
class Ground:
    """An area in force, by id, code and name."""

    id: int
    code: str
    name: str


def of_day(province: str, on: date, areas: Iterable[Ground]) -> tuple[list[Change], list[NewUnit]]:
    """The changes of areas in force on a day, by the state's list, as far as these are in it."""
    by_code = {a.code: a for a in areas}
    ended = [u for u in lineage.past(province) if u.valid_to == on and u.code in by_code]
    begins: dict[str, NewUnit] = {}
    whole: dict[tuple[str, bool], list[Listed]] = {}
    changes = []
    for unit in lineage.levels(ended):
        heirs = lineage.heirs(unit)
        for heir in heirs:
            begins.setdefault(heir.code, _begins(heir, by_code[unit.code].id if heir.level == unit.level else None))
        if len(heirs) == 1:
            whole.setdefault((heirs[0].code, unit.level == "district"), []).append(unit)
        else:
            kind = "abolish" if unit.level == "district" else "split"
            codes = tuple(h.code for h in heirs)
            changes.append(Change(kind=kind, what="area", ends=(by_code[unit.code].id,), heirs=codes))
    parts = {code for change in changes if change.kind == "split" for code in change.heirs}
    for (code, district), units in whole.items():
        alone = len(units) == 1 and code not in parts
        kind = "abolish" if district else "rename" if alone else "merge"
        ends = tuple(by_code[u.code].id for u in units)
        changes.append(Change(kind=kind, what="area", ends=ends, heirs=(code,)))
    return changes, list(begins.values())


def _begins(heir: Listed, like: int | None) -> NewUnit:
    return NewUnit(
        what="area",
        code=heir.code,
        name=heir.name,
        kind=heir.kind,
        like=like,
        latitude=heir.lat,
        longitude=heir.lon,
        area_km2=heir.area_km2,
        within="" if heir.level == "province" else heir.province,
    )


def offices(
    changes: Collection[Change],
    begins: Collection[NewUnit],
    there: Sequence[Office],
    areas: Mapping[int, Ground],
    used_codes: Collection[str],
) -> tuple[list[Change], list[NewUnit]]:
    """The committees (and police …) follow their areas: each ends with its area, and goes on as that of what follows;
    `used_codes` are all codes of agencies there ever were."""
    names = {a.code: a.name for a in areas.values()} | {u.code: u.name for u in begins if u.what == "area"}
    ended = {pk for c in changes if c.what == "area" for pk in c.ends}
    new = {u.code for u in begins if u.what == "area"}
    stays = {(o.kind, areas[o.area].code): o.code for o in there if o.area not in ended and o.area in areas}
    made: dict[tuple[str, str], NewUnit] = {}
    used, result = set(used_codes), []
    for change in (c for c in changes if c.what == "area"):
        by_kind: dict[str, list[Office]] = {}
        for office in there:
            if office.area in change.ends:
                by_kind.setdefault(office.kind, []).append(office)
        for kind, mine in by_kind.items():
            heirs = []
            for code in change.heirs:
                if code not in new and (kind, code) in stays:
                    heirs.append(stays[kind, code])
                    continue
                if (kind, code) not in made:
                    made[kind, code] = unit = _follower(mine[0], areas[mine[0].area], code, names[code], used)
                    used.add(unit.code)
                heirs.append(made[kind, code].code)
            line = "merge" if change.kind == "rename" and len(mine) > 1 else change.kind
            result.append(Change(kind=line, what="agency", ends=tuple(o.id for o in mine), heirs=tuple(heirs)))
    return result, list(made.values())


def _follower(office: Office, area: Ground, code: str, name: str, used: Collection[str]) -> NewUnit:
    """The office of the new area: named like the old one, with a code that nobody ever had."""
    stem = office.code.removesuffix(area.code).strip("-") or "ubnd"
    fresh, number = f"{stem}-{code}", 2
    while fresh in used:
        fresh, number = f"{stem}-{code}-{number}", number + 1
    return NewUnit(
        what="agency",
        code=fresh,
        name=renamed(office.name, area.name, name),
        kind=office.kind,
        like=office.id,
        within=code,
        short=renamed(office.short, area.name, name, or_else=""),
    )


def renamed(name: str, old: str, new: str, or_else: str | None = None) -> str:
    """The name of an office with the name of its area replaced, in the case it had there: "UBND xã Phú Riềng"."""
    at = name.casefold().find(old.casefold())
    if at < 0:
        return f"UBND {new[:1].lower()}{new[1:]}" if or_else is None else or_else
    first = new[:1].upper() if name[at].isupper() else new[:1].lower()
    return f"{name[:at]}{first}{new[1:]}{name[at + len(old) :]}"

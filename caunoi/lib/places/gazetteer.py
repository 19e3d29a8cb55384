"""Administrative units of Vietnam as values that know when they were in force.

The base is the data of the PyPI package `vietnamadminunits` (MIT): the three-level units as they stood on
30 June 2025, the two-level units of 1 July 2025, and which old ward went where. The package itself is never
imported (its dependencies are not installed); only its data files are read. Later changes are rows of our own in
`data/changes_2026.csv`; a row dated like the unit itself corrects it.

The list is of the release; what an installation's own acts changed since is laid over it (`with_rows`).

A code alone names no unit: 25270 was Thị trấn, then Xã, then Phường Lộc Ninh. Code and day together do.
"""

import csv
import json
import sqlite3
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

Level = Literal["province", "district", "commune"]

type _Row = tuple[Any, ...]

REFORM = date(2025, 7, 1)
"""The day the district level ended; every unit of the base ends or begins here."""

KINDS = ("Thành phố", "Thị trấn", "Đặc khu", "Thị xã", "Phường", "Quận", "Huyện", "Tỉnh", "Xã")


@dataclass(frozen=True, kw_only=True, slots=True)
class Unit:
    """One unit under one name for one stretch of time.

    `name` is the full name ("Phường Bình Phước"), `kind` its first words, `short` the rest. `province` and
    `district` are the codes of the units it lay in (`province` of a province: its own code). In force from
    `valid_from` (None: from before our records) up to but not including `valid_to` (None: still). `successors` are
    the codes that follow on `valid_to`, several when it was split. `lat`, `lon` (degrees, WGS 84) are a point
    inside, `area_km2` is known for communes since the reform. `aliases` are folded, glued former names.
    """

    code: str
    name: str
    kind: str
    short: str
    level: Level
    province: str
    district: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    successors: tuple[str, ...] = ()
    lat: float | None = None
    lon: float | None = None
    area_km2: float | None = None
    aliases: tuple[str, ...] = ()

    def in_force(self, on: date) -> bool:
        """Whether the unit existed under this name on that day."""
        return (self.valid_from is None or self.valid_from <= on) and (self.valid_to is None or on < self.valid_to)


def today() -> date:
    """Today's date in Vietnam."""
    return datetime.now(ZoneInfo("Asia/Ho_Chi_Minh")).date()


class Geography:
    """All units of all times as one whole; made once and then only read."""

    def __init__(self, units: Iterable[Unit]) -> None:
        self.units = tuple(sorted(units, key=lambda unit: (unit.code, unit.valid_from or date.min)))
        self._by_code: dict[str, list[Unit]] = {}
        for one in self.units:
            self._by_code.setdefault(one.code, []).append(one)
        self._changes = [
            date.min,
            *sorted({day for one in self.units for day in (one.valid_from, one.valid_to) if day}),
        ]
        self._there: dict[tuple[Level, date], tuple[Unit, ...]] = {}
        self._before: dict[date, dict[str, list[Unit]]] = {}

    def __contains__(self, code: object) -> bool:
        """Whether a unit of any time bears this code."""
        return code in self._by_code

    def era(self, on: date | None = None) -> date:
        """The day of the last change of any unit up to that day: all units are the same from then till then."""
        return self._changes[bisect_right(self._changes, on or today()) - 1]

    def provinces(self, on: date | None = None) -> list[Unit]:
        """The provinces in force on that day (today: 34; before the reform: 63), by code."""
        return list(self._in_force("province", self.era(on)))

    def districts(self, province: str, on: date | None = None) -> list[Unit]:
        """The districts of a province on that day, by code; none since the reform."""
        return [unit for unit in self._in_force("district", self.era(on)) if unit.province == province]

    def communes(self, province: str, on: date | None = None) -> list[Unit]:
        """The communes (xã, phường, thị trấn, đặc khu) of a province on that day, by code; none for an unknown code."""
        return [unit for unit in self._in_force("commune", self.era(on)) if unit.province == province]

    def unit(self, code: str, on: date | None = None) -> Unit | None:
        """The unit that bears this code on that day, or None."""
        day = on or today()
        return next((unit for unit in self._by_code.get(code, ()) if unit.in_force(day)), None)

    def successors(self, old: Unit, on: date | None = None) -> list[Unit]:
        """What stands on that day where `old` stood, by code: itself while in force, several after a split."""
        day = on or today()
        if old.valid_to is None or day < old.valid_to:
            return [old]
        follow = [self.unit(code, old.valid_to) for code in old.successors]
        heirs = {last for heir in follow if heir for last in self.successors(heir, day)}
        return sorted(heirs, key=lambda last: last.code)

    def followers(self, old: Unit) -> set[Unit]:
        """Every unit that ever followed this one, at one remove or several."""
        heirs = {heir for code in old.successors if old.valid_to and (heir := self.unit(code, old.valid_to))}
        return heirs.union(*(self.followers(heir) for heir in heirs))

    def predecessors(self, new: Unit) -> list[Unit]:
        """The communes before the reform that this commune of today was made of, or parts of them, by code."""
        on = self.era()
        if on not in self._before:
            origins: dict[str, list[Unit]] = {}
            for old in self._in_force("commune", self.era(REFORM - timedelta(days=1))):
                for heir in self.successors(old, on):
                    origins.setdefault(heir.code, []).append(old)
            self._before[on] = origins
        return self._before[on].get(new.code, [])

    def _in_force(self, level: Level, on: date) -> tuple[Unit, ...]:
        if (level, on) not in self._there:
            self._there[level, on] = tuple(one for one in self.units if one.level == level and one.in_force(on))
        return self._there[level, on]


def _data() -> Path:
    """The package's files: in a release they lie within it (deploy/wheel.py)."""
    inside = Path(__file__).parent / "data" / "units"
    if inside.exists():
        return inside
    located = find_spec("vietnamadminunits")
    if located is None or not located.submodule_search_locations:
        raise FileNotFoundError("the data package vietnamadminunits is not installed")
    return Path(located.submodule_search_locations[0]) / "data"


@cache
def official() -> Geography:
    """The state's own list, as this release has it."""
    base = _base(_data())
    table = files("caunoi.lib.places").joinpath("data/changes_2026.csv").read_text(encoding="utf-8")
    return Geography(_changed(base, list(csv.DictReader(table.splitlines()))))


@lru_cache(2)
def with_rows(rows: tuple[Unit, ...]) -> Geography:
    """The list with an installation's own `rows` of communes over it: where both have a unit the row counts, and what
    only the list says follows it does not begin. No rows: the list itself."""
    if not rows:
        return official()
    units = list(official().units)
    places: dict[str, list[int]] = {}
    for place, unit in enumerate(units):
        places.setdefault(unit.code, []).append(place)
    for row in sorted(rows, key=lambda row: (row.valid_to or date.max, row.code)):
        alike = [place for place in places.get(row.code, ()) if _same_unit(units[place], row)]
        if alike:
            same = units[alike[-1]]
            units[alike[-1]] = replace(row, aliases=same.aliases, district=same.district, valid_from=same.valid_from)
        else:
            places.setdefault(row.code, []).append(len(units))
            units.append(row)
    before, after = _followers(official().units), _followers(units)
    own = {(row.code, row.valid_from) for row in rows}
    return Geography(
        unit for unit in units if (key := (unit.code, unit.valid_from)) in own or key in after or key not in before
    )


def _same_unit(unit: Unit, row: Unit) -> bool:
    """Whether a listed unit is that of a row: the same first day or, where none is on record, in force on its last."""
    if row.valid_from is not None:
        return unit.valid_from == row.valid_from
    return unit.in_force(row.valid_to - timedelta(days=1) if row.valid_to else today())


def _followers(units: Iterable[Unit]) -> set[tuple[str, date | None]]:
    """Code and first day of whatever follows one of these."""
    return {(code, unit.valid_to) for unit in units if unit.valid_to for code in unit.successors}


def era(on: date | None = None) -> date:
    return official().era(on)


def provinces(on: date | None = None) -> list[Unit]:
    return official().provinces(on)


def communes(province: str, on: date | None = None) -> list[Unit]:
    return official().communes(province, on)


def unit(code: str, on: date | None = None) -> Unit | None:
    return official().unit(code, on)


def successors(old: Unit, on: date | None = None) -> list[Unit]:
    return official().successors(old, on)


def everything() -> tuple[Unit, ...]:
    """Every unit of every time, by code and then by time."""
    return official().units


def _changed(base: list[Unit], rows: list[dict[str, str]]) -> list[Unit]:
    """The base with each row's rename (or correction) applied, rows in order of time."""
    units = list(base)
    for row in rows:
        day = date.fromisoformat(row["valid_from"])
        index = next(i for i, u in enumerate(units) if u.code == row["code"] and u.in_force(day))
        before = units[index]
        kind, short = _parts(row["name"])
        code = row["new_code"] or before.code
        after = replace(before, code=code, name=row["name"], kind=kind, short=short, valid_from=day)
        if before.valid_from == day:
            units[index] = after
            if code != before.code:
                units = [_following(u, before.code, code) if u.valid_to == day else u for u in units]
        else:
            units[index] = replace(before, valid_to=day, successors=(code,))
            units.append(after)
    return units


def _following(old: Unit, code: str, corrected: str) -> Unit:
    if code not in old.successors:
        return old
    return replace(old, successors=tuple(corrected if c == code else c for c in old.successors))


def _parts(name: str) -> tuple[str, str]:
    kind = next(kind for kind in KINDS if name.lower().startswith(kind.lower() + " "))
    return kind, name[len(kind) + 1 :]


def _make(code: str, name: str, level: Level, province: str, **more: Any) -> Unit:
    kind, short = _parts(name)
    return Unit(code=code, name=f"{kind} {short}", kind=kind, short=short, level=level, province=province, **more)


def _base(folder: Path) -> list[Unit]:
    """The package's rows as units: those up to the reform, and those from it."""
    store = sqlite3.connect(f"{(folder / 'dataset.db').as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        new_rows = store.execute(
            "SELECT provinceCode, province, provinceKey, provinceLat, provinceLon,"
            " wardCode, ward, wardKey, wardLat, wardLon, wardAreaKm2 FROM admin_units"
        ).fetchall()
        old_rows = store.execute(
            "SELECT provinceCode, province, provinceKey, provinceLat, provinceLon,"
            " districtCode, district, districtKey, districtLat, districtLon, districtAlias,"
            " wardCode, ward, wardKey, wardLat, wardLon, wardAlias FROM admin_units_legacy"
        ).fetchall()
    finally:
        store.close()
    province_of = {row[5]: row[0] for row in new_rows}
    return _new_units(new_rows) + _old_units(old_rows, _conversion(folder, new_rows), province_of)


def _conversion(folder: Path, new_rows: list[_Row]) -> dict[str, tuple[str, ...]]:
    """`province_district_ward` in the package's keys → codes of the communes that followed it, the main one first."""
    code_of = {(row[2], row[7]): row[5] for row in new_rows}
    table = json.loads((folder / "converter_2025.json").read_text(encoding="utf-8"))
    follow: dict[str, tuple[str, ...]] = {}
    for province, wards in table["DICT_PROVINCE_WARD_NO_DIVIDED"].items():
        for ward, olds in wards.items():
            follow.update(dict.fromkeys(olds, (code_of[province, ward],)))
    for province, split in table["DICT_PROVINCE_WARD_DIVIDED"].items():
        for old, parts in split.items():
            ranked = sorted(parts, key=lambda part: not part["isDefaultNewWard"])
            follow[old] = tuple(code_of[province, part["newWardKey"]] for part in ranked)
    return follow


def _new_units(rows: list[_Row]) -> list[Unit]:
    units: dict[str, Unit] = {}
    for pcode, pname, _, plat, plon, code, name, _, lat, lon, area in rows:
        if pcode not in units:
            units[pcode] = _make(pcode, pname, "province", pcode, valid_from=REFORM, lat=plat, lon=plon)
        units[code] = _make(code, name, "commune", pcode, valid_from=REFORM, lat=lat, lon=lon, area_km2=area)
    return list(units.values())


def _old_units(rows: list[_Row], follow: dict[str, tuple[str, ...]], province_of: dict[str, str]) -> list[Unit]:
    """Wards and districts are followed by communes, provinces by provinces."""
    units: dict[str, Unit] = {}
    after: dict[str, dict[str, None]] = {}
    for (
        pcode,
        pname,
        pkey,
        plat,
        plon,
        dcode,
        dname,
        dkey,
        dlat,
        dlon,
        dalias,
        code,
        name,
        key,
        lat,
        lon,
        alias,
    ) in rows:
        codes = follow[f"{pkey}_{dkey}_{key or ''}"]
        after.setdefault(pcode, {}).update({province_of[c]: None for c in codes})
        after.setdefault(dcode, {}).update(dict.fromkeys(codes))
        if pcode not in units:
            units[pcode] = _make(pcode, pname, "province", pcode, valid_to=REFORM, lat=plat, lon=plon)
        if dcode not in units:
            aliases = tuple(json.loads(dalias or "[]"))
            place = {"lat": dlat, "lon": dlon, "aliases": aliases}
            units[dcode] = _make(dcode, dname, "district", pcode, district=dcode, valid_to=REFORM, **place)
        if code:
            aliases = tuple(json.loads(alias or "[]"))
            place = {"lat": lat, "lon": lon, "aliases": aliases, "successors": codes}
            units[code] = _make(code, name, "commune", pcode, district=dcode, valid_to=REFORM, **place)
    return [replace(one, successors=tuple(after[code])) if code in after else one for code, one in units.items()]

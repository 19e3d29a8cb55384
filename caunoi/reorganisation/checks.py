"""Whether an act is possible: what is wrong with its changes, before anything is planned. Pure."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from caunoi.lib.places.succession import NewUnit, Stretch
from caunoi.reorganisation.plan import Change


@dataclass(frozen=True, kw_only=True)
class ExistingUnit(Stretch):
    """A unit as other acts leave it; `until` also by one that is scheduled, whose document is `by`."""

    code: str
    by: str = ""


@dataclass(frozen=True, kw_only=True)
class Problem:
    """What is wrong, as a code; with which unit (its code), and because of which other document."""

    code: str
    unit: str = ""
    document: str = ""


def problems(
    on: date, changes: Collection[Change], units: Collection[NewUnit], existing: Mapping[str, Collection[ExistingUnit]]
) -> list[Problem]:
    """What keeps an act from coming into force on a day; `existing` by what (area, agency): every row there is."""
    result = [] if changes else [Problem(code="nothing")]
    begins = {(unit.what, unit.code) for unit in units}
    ended: set[tuple[str, int]] = set()
    goes_on = {(c.what, code) for c in changes for code in c.heirs}
    for change in changes:
        rows = {row.id: row for row in existing[change.what]}
        shared = any(set(c.heirs) & set(change.heirs) for c in changes if c is not change and c.what == change.what)
        result += _shape(change, begins, shared=shared)
        for pk in change.ends:
            row = rows.get(pk)
            if row is None or not row.in_force(on):
                result.append(
                    Problem(code="not_in_force", unit=row.code if row else "", document=row.by if row else "")
                )
            elif (change.what, pk) in ended:
                result.append(Problem(code="ends_twice", unit=row.code))
            ended.add((change.what, pk))
        for code in change.heirs:
            if (change.what, code) not in begins:
                result += _heir(on, code, change, [r for r in rows.values() if r.code == code], changes)
    result += [Problem(code="code_taken", unit=unit.code) for unit in units if _code_in_use(unit, on, existing, ended)]
    result += [Problem(code="unused", unit=unit.code) for unit in units if (unit.what, unit.code) not in goes_on]
    return result


def _shape(change: Change, begins: Collection[tuple[str, str]], *, shared: bool) -> Iterable[Problem]:
    """As many units as the kind of change has; a new one may also be put together of a whole and a part (`shared`)."""
    new = [code for code in change.heirs if (change.what, code) in begins]
    ends, heirs = len(change.ends), len(change.heirs)
    fits = {
        "rename": ends == 1 and heirs == 1 and len(new) == 1,
        "merge": heirs == 1 and ends >= (2 if new and not shared else 1),
        "split": ends == 1 and heirs >= 2,
        "abolish": ends >= 1 and heirs >= 1,
    }
    return [] if fits[change.kind] else [Problem(code=f"shape_{change.kind}")]


def _heir(
    on: date, code: str, change: Change, rows: Collection[ExistingUnit], changes: Collection[Change]
) -> Iterable[Problem]:
    """Who follows must be there on the day, and not end by the same act unless it goes on beside another."""
    there = [row for row in rows if row.in_force(on)]
    if not there:
        by = next((row.by for row in rows if row.by), "")
        return [Problem(code="heir_not_in_force", unit=code, document=by)]
    row = there[0]
    lost = any(row.id in c.ends and code not in c.heirs for c in changes if c.what == change.what)
    return [Problem(code="heir_ends", unit=code)] if lost else []


def _code_in_use(
    unit: NewUnit, on: date, existing: Mapping[str, Collection[ExistingUnit]], ended: Collection[tuple[str, int]]
) -> bool:
    """Whether a new unit's code is another's: an agency's code is never used again, a commune's only after it ended."""
    same = [row for row in existing[unit.what] if row.code == unit.code]
    if unit.what == "agency":
        return bool(same)
    return any((row.until is None or row.until > on) and (unit.what, row.id) not in ended for row in same)

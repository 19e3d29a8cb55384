"""What an act of reorganisation asks of every stage, as ids; and what stands where another unit stood on another day.
Pure."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime


@dataclass(frozen=True, kw_only=True)
class NewUnit:
    """A unit that begins with the act. `what` is agency or area, `within` the code of the area it lies in or is for,
    `like` the id of the row whose other columns (parent, calendar, telephone …) it takes over."""

    what: str
    code: str
    name: str
    kind: str
    like: int | None = None
    within: str = ""
    name_en: str = ""
    short: str = ""
    latitude: float | None = None
    longitude: float | None = None
    area_km2: float | None = None


@dataclass(frozen=True, kw_only=True)
class Copy:
    """A row of a table with validity (a rule, a target) that goes on for these units; None where it names none."""

    row: int
    agency: int | None = None
    area: int | None = None


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Which rows go where. Ids of units that begin are negative until directory made them: see `with_ids`.

    `renames`: agencies that are called otherwise and stay who they are.

    `ends_*`: units that end → those that follow, the main one first. Everything else by row. `tickets` → commune;
    `leads`: tickets → agency; `legs` → agency (None: the ticket lies there by another leg); `shares`: (ticket, agency
    that had to do with it, the one that has now); `records`: agency that ends → whose its old tickets are to look up;
    `agency_areas` and `parents`: agencies → the commune they are for, what they belong to; `people`, `programs` and
    `orders` → agency; `people_areas`, `program_areas`, `notes` (of procedures) → communes; `closed_programs` (ids) end
    with their agency; rules and targets end (`ended_*`) and go on as copies.
    """

    act: int
    number: str
    on: date
    at: datetime
    begins: Mapping[int, NewUnit] = field(default_factory=dict)
    renames: Mapping[int, NewUnit] = field(default_factory=dict)
    ends_areas: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    ends_agencies: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    tickets: Mapping[int, int] = field(default_factory=dict)
    legs: Mapping[int, int | None] = field(default_factory=dict)
    leads: Mapping[int, int] = field(default_factory=dict)
    shares: tuple[tuple[int, int, int], ...] = ()
    records: Mapping[int, int] = field(default_factory=dict)
    agency_areas: Mapping[int, int] = field(default_factory=dict)
    parents: Mapping[int, int] = field(default_factory=dict)
    area_parents: Mapping[int, int] = field(default_factory=dict)
    people: Mapping[int, int] = field(default_factory=dict)
    people_areas: Mapping[int, int] = field(default_factory=dict)
    programs: Mapping[int, int] = field(default_factory=dict)
    program_areas: Mapping[int, int] = field(default_factory=dict)
    closed_programs: Collection[int] = ()
    notes: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    orders: Mapping[int, int] = field(default_factory=dict)
    ended_rules: Collection[int] = ()
    rules: tuple[Copy, ...] = ()
    ended_targets: Collection[int] = ()
    targets: tuple[Copy, ...] = ()

    def with_ids(self, made: Mapping[int, int]) -> "Plan":
        """The same, with the real ids of the units that begin. KeyError when one is missing."""

        def one(pk: int) -> int:
            return made[pk] if pk < 0 else pk

        def row(of: Mapping[int, int]) -> dict[int, int]:
            return {pk: one(to) for pk, to in of.items()}

        def many(of: Mapping[int, tuple[int, ...]]) -> dict[int, tuple[int, ...]]:
            return {pk: tuple(one(to) for to in every) for pk, every in of.items()}

        def copies(of: Iterable[Copy]) -> tuple[Copy, ...]:
            return tuple(replace(c, agency=c.agency and one(c.agency), area=c.area and one(c.area)) for c in of)

        return replace(
            self,
            ends_areas=many(self.ends_areas),
            ends_agencies=many(self.ends_agencies),
            tickets=row(self.tickets),
            legs={pk: None if to is None else one(to) for pk, to in self.legs.items()},
            leads=row(self.leads),
            shares=tuple((ticket, was, one(to)) for ticket, was, to in self.shares),
            records=row(self.records),
            agency_areas=row(self.agency_areas),
            parents=row(self.parents),
            area_parents=row(self.area_parents),
            people=row(self.people),
            people_areas=row(self.people_areas),
            programs=row(self.programs),
            program_areas=row(self.program_areas),
            notes=many(self.notes),
            orders=row(self.orders),
            rules=copies(self.rules),
            targets=copies(self.targets),
        )


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """A unit as it is in force on [since, until); None = from before our records, or still."""

    id: int
    since: date | None = None
    until: date | None = None

    def in_force(self, on: date) -> bool:
        return (self.since is None or self.since <= on) and (self.until is None or on < self.until)


def standing(rows: Iterable[Stretch], follows: Iterable[tuple[int, int]], on: date) -> dict[int, int]:
    """For each row, the one that stood on a day where it stands: itself when it was in force, else what followed it (or
    came before it), if that is one and the whole of it; a row that was divided, or put together from several, stands
    for itself. `follows` are (old, new)."""
    by_id = {row.id: row for row in rows}
    after: dict[int, set[int]] = {}
    before: dict[int, set[int]] = {}
    for old, new in follows:
        if old in by_id and new in by_id:
            after.setdefault(old, set()).add(new)
            before.setdefault(new, set()).add(old)
    return {pk: _stood(pk, by_id, after, before, on) for pk in by_id}


def _stood(
    pk: int, stretches: Mapping[int, Stretch], after: Mapping[int, set[int]], before: Mapping[int, set[int]], on: date
) -> int:
    at, seen = pk, {pk}
    while not stretches[at].in_force(on):
        until = stretches[at].until
        ended = until is not None and until <= on
        follow = (after if ended else before).get(at, set())
        if len(follow) != 1:
            return pk
        (other,) = follow
        back = set() if ended else after.get(other, set())
        if other in seen or len(back) > 1:  # only a part of what was before
            return pk
        seen.add(other)
        at = other
    return at

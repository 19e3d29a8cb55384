"""Which rows an act of reorganisation moves where, and what a person must decide. Pure: rows in, plan and questions
out.

A row that belongs to a unit that ends goes to that unit's successor. With several successors a ticket goes by its place
and its agency by the ticket's commune; what that does not settle becomes a question, and goes to the first unless
somebody decides.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from caunoi.lib.places.succession import Copy, NewUnit, Plan

KINDS = ("rename", "merge", "split", "abolish")


@dataclass(frozen=True, kw_only=True)
class Change:
    """One line of an act: these units (ids of `what`: area or agency) end, those (codes, the main one first) follow.
    One that is among its own followers goes on."""

    kind: str
    what: str
    ends: tuple[int, ...]
    heirs: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Place:
    """An area in force, or an agency with the area it is for. `parent`: what it belongs to."""

    id: int
    code: str
    area: int | None = None
    parent: int | None = None


@dataclass(frozen=True, kw_only=True)
class Open:
    """An open ticket. `at` is the code of the commune that its pin or address means for sure after the act, `near` the
    likeliest; empty = unknown."""

    id: int
    area: int | None
    agency: int | None
    at: str = ""
    near: str = ""


@dataclass(frozen=True, kw_only=True)
class Leg:
    id: int
    ticket: int
    agency: int
    lead: bool = True


@dataclass(frozen=True, kw_only=True)
class Decisions:
    """A rule or target: which units it names, `same` = whatever else it is for, `amount` = what it allows (a target's
    length, the shorter sorts first)."""

    id: int
    agency: int | None
    area: int | None = None
    same: tuple[object, ...] = ()
    amount: int = 0


@dataclass(frozen=True, kw_only=True)
class Belongs:
    """A person, a program, an order or a note, and the units it belongs to."""

    id: int
    agency: int | None = None
    area: int | None = None
    ticket: int | None = None


@dataclass(frozen=True, kw_only=True)
class Rows:
    """The province as it is: units in force, and every open row that names one."""

    areas: tuple[Place, ...] = ()
    agencies: tuple[Place, ...] = ()
    tickets: tuple[Open, ...] = ()
    legs: tuple[Leg, ...] = ()
    rules: tuple[Decisions, ...] = ()
    targets: tuple[Decisions, ...] = ()
    people: tuple[Belongs, ...] = ()
    programs: tuple[Belongs, ...] = ()
    orders: tuple[Belongs, ...] = ()
    notes: tuple[Belongs, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Question:
    """What a person decides: of row `row` (of table `kind`), which of `options` (ids); `default` counts until then."""

    kind: str
    row: int
    options: tuple[int, ...]
    default: int

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.row}"


class _Heirs:
    """Who follows whom, by id; what begins has a negative one."""

    def __init__(self, changes: Iterable[Change], units: Collection[NewUnit], rows: Rows) -> None:
        self.begins = {-number: unit for number, unit in enumerate(units, 1)}
        self.ids: dict[tuple[str, str], int] = {("area", a.code): a.id for a in rows.areas}
        self.ids |= {("agency", a.code): a.id for a in rows.agencies}
        self.ids |= {(unit.what, unit.code): pk for pk, unit in self.begins.items()}
        self.of: dict[str, dict[int, tuple[int, ...]]] = {"area": {}, "agency": {}}
        self.renames: dict[int, NewUnit] = {}
        for change in changes:
            if change.what == "agency" and change.kind == "rename":
                self._rename(change)
        for change in changes:
            if change.kind == "rename" and self.ids.get((change.what, change.heirs[0])) in change.ends:
                continue  # the same agency under another name: nothing that is its own goes anywhere
            heirs = tuple(dict.fromkeys(self.ids[change.what, code] for code in change.heirs))
            for pk in change.ends:
                self.of[change.what][pk] = heirs
        abolished = [c for c in changes if c.what == "agency" and c.kind == "abolish"]
        self.dissolved = {pk for c in abolished for pk in c.ends if pk not in self.of["agency"][pk]}
        self.codes = {pk: code for (what, code), pk in self.ids.items() if what == "area"}

    def _rename(self, change: Change) -> None:
        """The new name's code stands for the agency itself, unless it was given to a row of its own (before
        2026-11-28)."""
        (pk,), code = change.ends, change.heirs[0]
        if self.ids.get(("agency", code), -1) > 0:
            return
        self.ids["agency", code] = pk
        begins = next((n for n, unit in self.begins.items() if (unit.what, unit.code) == ("agency", code)), None)
        if begins is not None:
            self.renames[pk] = self.begins.pop(begins)

    def ended(self, what: str) -> dict[int, tuple[int, ...]]:
        """Those that really end, without those that go on beside a new one."""
        return {pk: heirs for pk, heirs in self.of[what].items() if pk not in heirs}


@dataclass(kw_only=True)
class _Maker:
    """Builds the plan, and collects its questions."""

    heirs: _Heirs
    rows: Rows
    choices: Mapping[str, int | str]
    questions: list[Question] = field(default_factory=list)

    def one(self, kind: str, row: int, options: tuple[int, ...], guess: int | None = None) -> int:
        """The only option, or the one somebody chose, or the default with a question."""
        if len(options) == 1:
            return options[0]
        default = guess if guess in options else options[0]
        assert default is not None
        question = Question(kind=kind, row=row, options=options, default=default)
        self.questions.append(question)
        chosen = int(self.choices.get(question.key, default))
        return chosen if chosen in options else default

    def area(self, ticket: Open) -> int | None:
        """The commune of an open ticket after the act."""
        options = self.heirs.of["area"].get(ticket.area or 0, ())
        if not options:
            return ticket.area
        sure = [pk for pk in options if ticket.at and self.heirs.codes[pk] == ticket.at]
        if len(sure) == 1:
            return sure[0]
        near = next((pk for pk in options if ticket.near and self.heirs.codes[pk] == ticket.near), None)
        return self.one("ticket_area", ticket.id, options, near)


def _sites(make: _Maker) -> dict[int, int]:
    """Agencies that go on: the commune they are for after the act."""
    ended, areas = make.heirs.ended("agency"), make.heirs.of["area"]
    return {
        a.id: make.one("site", a.id, areas[a.area]) for a in make.rows.agencies if a.id not in ended and a.area in areas
    }


def _agency_areas(make: _Maker, sites: Mapping[int, int]) -> dict[int, int | None]:
    """The commune of every agency that there is after the act."""
    result: dict[int, int | None] = {a.id: sites.get(a.id, a.area) for a in make.rows.agencies}
    for pk, unit in make.heirs.begins.items():
        if unit.what == "agency":
            result[pk] = make.heirs.ids.get(("area", unit.within)) if unit.within else None
    return result


def _dest(make: _Maker, sites: Mapping[int, int | None], agency: int, ticket: int, area: int | None) -> int:
    """Which of an agency's followers a ticket goes to: the one for its commune, else who was chosen."""
    options = make.heirs.of["agency"][agency]
    local = [pk for pk in options if area is not None and sites.get(pk) == area]
    return local[0] if len(local) == 1 else make.one("ticket_agency", ticket, options)


def _legs(make: _Maker, to: Mapping[tuple[int, int], int]) -> dict[int, int | None]:
    """Open legs → agency; of two that would lie with one agency, the leading one stays, else the one that was there."""
    result: dict[int, int | None] = {}
    claims: dict[tuple[int, int], list[tuple[bool, bool, int]]] = {}
    for leg in make.rows.legs:
        goes = to.get((leg.ticket, leg.agency), leg.agency)
        if goes != leg.agency:
            result[leg.id] = goes
        claims.setdefault((leg.ticket, goes), []).append((not leg.lead, goes != leg.agency, leg.id))
    for same in claims.values():
        for *_, pk in sorted(same)[1:]:
            result[pk] = None
    return result


def _rules(make: _Maker, sites: Mapping[int, int | None]) -> tuple[list[int], list[Copy]]:
    agencies, areas = make.heirs.of["agency"], make.heirs.of["area"]
    touched = [r for r in make.rows.rules if r.agency in agencies or r.area in areas]
    existing = {(r.same, r.agency, r.area) for r in make.rows.rules} - {(r.same, r.agency, r.area) for r in touched}
    copies: list[Copy] = []
    for rule in touched:
        options = agencies.get(rule.agency or 0, (rule.agency,) if rule.agency else ())
        chosen: int | None = None
        for area in areas.get(rule.area or 0, (rule.area,)):
            local = [pk for pk in options if area is not None and sites.get(pk) == area]
            if len(options) > 1 and len(local) != 1 and chosen is None:
                chosen = make.one("rule", rule.id, options)
            agency = local[0] if len(local) == 1 else options[0] if len(options) == 1 else chosen
            if (rule.same, agency, area) not in existing:
                existing.add((rule.same, agency, area))
                copies.append(Copy(row=rule.id, agency=agency, area=area))
    return [r.id for r in touched], copies


def _targets(make: _Maker) -> tuple[list[int], list[Copy]]:
    """One target for the same tickets of an agency; of several, the shortest unless somebody chose."""
    agencies = make.heirs.of["agency"]
    touched = [t for t in make.rows.targets if t.agency in agencies]
    untouched = {(t.same, t.agency): t for t in make.rows.targets if t not in touched}
    candidates: dict[tuple[tuple[object, ...], int], list[Decisions]] = {}
    for target in touched:
        for heir in agencies[target.agency or 0]:
            candidates.setdefault((target.same, heir), []).append(target)
    ended, copies = [t.id for t in touched], []
    for (same, heir), rivals in candidates.items():
        own = untouched.get((same, heir))
        every = sorted([*([own] if own else []), *rivals], key=lambda t: (t.amount, t is not own, t.id))
        best = every[0].id
        if len({t.amount for t in every}) > 1:
            best = make.one("target", every[0].id, tuple(t.id for t in every))
        if own is not None and best == own.id:
            continue
        if own is not None:
            ended.append(own.id)
        copies.append(Copy(row=best, agency=heir))
    return ended, copies


def plan(
    head: Plan,
    changes: Collection[Change],
    units: Collection[NewUnit],
    rows: Rows,
    choices: Mapping[str, int | str] | None = None,
) -> tuple[Plan, list[Question]]:
    """What an act (`head`: its id, document, day, moment) asks of every stage, and what a person decides; `choices` are
    the decisions by key. KeyError for a follower that neither is in force nor begins."""
    heirs = _Heirs(changes, units, rows)
    make = _Maker(heirs=heirs, rows=rows, choices=choices or {})
    areas, agencies = heirs.of["area"], heirs.of["agency"]
    moved_sites = _sites(make)
    sites = _agency_areas(make, moved_sites)
    lies = {t.id: make.area(t) for t in rows.tickets}
    legs_of: dict[int, set[int]] = {}
    for leg in rows.legs:
        legs_of.setdefault(leg.ticket, set()).add(leg.agency)
    to: dict[tuple[int, int], int] = {}
    leads: dict[int, int] = {}
    for ticket in rows.tickets:
        holders = legs_of.get(ticket.id, set()) | ({ticket.agency} if ticket.agency else set())
        for agency in sorted(holders & agencies.keys()):
            to[ticket.id, agency] = _dest(make, sites, agency, ticket.id, lies[ticket.id])
        if ticket.agency in agencies and to[ticket.id, ticket.agency] != ticket.agency:
            leads[ticket.id] = to[ticket.id, ticket.agency]
    ended_rules, rules = _rules(make, sites)
    ended_targets, targets = _targets(make)
    orders = {
        o.id: to.get((o.ticket or 0, o.agency)) or make.one("order", o.id, agencies[o.agency])
        for o in rows.orders
        if o.agency in agencies
    }
    ends = heirs.ended("agency")
    result = Plan(
        act=head.act,
        number=head.number,
        on=head.on,
        at=head.at,
        begins=heirs.begins,
        renames=heirs.renames,
        ends_areas=heirs.ended("area"),
        ends_agencies=ends,
        tickets={t.id: to_ for t in rows.tickets if (to_ := lies[t.id]) is not None and to_ != t.area},
        legs=_legs(make, to),
        leads=leads,
        shares=tuple((ticket, was, goes) for (ticket, was), goes in to.items() if goes != was),
        records={pk: every[0] for pk, every in ends.items()},
        agency_areas=moved_sites,
        parents={
            a.id: make.one("parent", a.id, ends[a.parent])
            for a in rows.agencies
            if a.parent in ends and a.id not in ends
        },
        area_parents={a.id: areas[a.parent][0] for a in rows.areas if a.parent in areas and a.id not in areas},
        people={p.id: make.one("person", p.id, agencies[p.agency]) for p in rows.people if p.agency in agencies},
        people_areas={p.id: make.one("person_area", p.id, areas[p.area]) for p in rows.people if p.area in areas},
        programs={
            p.id: make.one("program", p.id, agencies[p.agency])
            for p in rows.programs
            if p.agency in agencies and p.agency not in heirs.dissolved
        },
        program_areas={p.id: make.one("program_area", p.id, areas[p.area]) for p in rows.programs if p.area in areas},
        closed_programs=tuple(p.id for p in rows.programs if p.agency in heirs.dissolved),
        notes={n.id: areas[n.area] for n in rows.notes if n.area in areas},
        orders=orders,
        ended_rules=ended_rules,
        rules=tuple(rules),
        ended_targets=ended_targets,
        targets=tuple(targets),
    )
    return result, make.questions

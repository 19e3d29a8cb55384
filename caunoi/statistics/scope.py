"""Which tickets a figure counts, as one piece of SQL that every figure and the list behind it share."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from caunoi.directory.boundaries import Boundaries
from caunoi.directory.queries import AGENCIES
from caunoi.events.actor import Actor, Role
from caunoi.sla.lateness import over_sql
from caunoi.statistics.periods import INSTANT, VIETNAM
from caunoi.tickets.queries import TICKETS

NONE = "-"  # the code of "without one"
FOUR = ("on_time", "late", "open_within", "open_overdue")
HERE = "'Asia/Ho_Chi_Minh'"

# What may be grouped by → its code as SQL; "" for those without one. A reporting month is named by where it ends.
GROUPS = {
    "": "''",
    "agency": "s.agency",
    "branch": "coalesce(b.code, s.agency)",
    "area": "s.area",
    "category": "s.category",
    "channel": "s.channel",
    "day": f"to_char(s.received AT TIME ZONE {HERE}, 'YYYY-MM-DD')",
    "week": f"to_char(s.received AT TIME ZONE {HERE}, 'IYYY-\"W\"IW')",
    "month": f"to_char(s.received AT TIME ZONE {HERE}, 'YYYY-MM')",
    "report_month": f"to_char((s.received AT TIME ZONE {HERE}) - %(turn)s::interval + interval '1 month', 'YYYY-MM')",
}
TIMES = ("day", "week", "month", "report_month")
NARROW = ("agency", "category", "area", "channel")

FORMER = "SELECT f.former FROM unnest(%(former)s::text[], %(heirs)s::text[]) AS f(former, heir)"
_OVERDUE = over_sql("s.due", "%(at)s")
# The four numbers: every counted ticket is in exactly one part. `late` also holds what had to be handled again.
PARTS = {
    "on_time": "(s.phase = 1 AND NOT s.late)",
    "late": "(s.phase = 1 AND s.late)",
    "open_within": f"(s.phase = 0 AND NOT {_OVERDUE})",
    "open_overdue": f"(s.phase = 0 AND {_OVERDUE})",
}
# The agency at the top of each agency's branch of the tree.
BRANCH = f"""
    LEFT JOIN (
        WITH RECURSIVE tree(id, top) AS (
            SELECT id, code FROM {AGENCIES} root WHERE parent_id IS NULL
            UNION ALL SELECT a.id, tree.top FROM {AGENCIES} a JOIN tree ON a.parent_id = tree.id
        ) SELECT a.code AS member, tree.top AS code FROM tree JOIN {AGENCIES} a USING (id)
    ) b ON b.member = s.agency
"""

# Few of all tickets are open: they are read by their own index, whatever the other conditions (OFFSET 0 keeps the
# planner from the index of `received`).
OPEN = "(SELECT * FROM statistics_span WHERE until IS NULL AND phase = 0 OFFSET 0)"

# The spans by the communes of another day: for a ticket that an act has moved, its former commune comes first, if that
# is certain (directory/boundaries.py); else its present one. Spans without a place take it from the ticket.
_COLUMNS = """p.ticket, p.received, p.since, p.until, p.phase, p.late, p.restricted, p.channel, p.kind, p.category,
    p.agency, p.due, p.answered, p.handled, p.reason, p.reopened, p.returns, p.extensions, p.contacts"""
_HISTORY = f"""
    SELECT {_COLUMNS}, coalesce(was.key, now.key, '') AS area FROM {{spans}}
    LEFT JOIN unnest(%(areas)s::bigint[], %(keys)s::text[], %(there)s::boolean[]) AS was(id, key, there)
         ON was.id = {{then}} AND was.there
    LEFT JOIN unnest(%(areas)s::bigint[], %(keys)s::text[]) AS now(id, key) ON now.id = {{now}}
"""
_WITH_PLACE = _HISTORY.format(
    spans="{spans} p",
    then="nullif(split_part(p.place, '>', 1), '')::bigint",
    now="nullif(split_part(p.place, '>', 2), '')::bigint",
)
_WITHOUT_PLACE = _HISTORY.format(
    spans=f"{{spans}} p JOIN {TICKETS} t ON t.id = p.ticket", then="t.area_then_id", now="t.area_id"
)
ELSEWHERE = f"({_WITH_PLACE} WHERE p.place <> '' UNION ALL {_WITHOUT_PLACE} WHERE p.place = '') s"


def sees_own_agency_only(by: Actor) -> bool:
    """Whether somebody sees the figures of one agency and no others."""
    return by.has(Role.LEAD)


def sees_operators(by: Actor) -> bool:
    """Whether somebody sees the figures of each operator: who leads them, and nobody else."""
    return by.has(Role.SUPERVISOR)


@dataclass(frozen=True, kw_only=True)
class Scope:
    """Tickets received in [since, until) and neither refused nor merged (`outside`: those too), narrowed by codes
    (NONE: those without one), by one of the four parts as of `at`, by what somebody may see, and to unrestricted ones
    unless `restricted`. `as_of`: as they were known at that moment, to the hour; None: as they are. `boundaries`: by
    the communes of another day; None: by the codes as recorded. `heirs`: agencies that count as another one, by code
    (directory/boundaries.py: organised). `exact`: lengths to the second, however many there are."""

    since: datetime
    until: datetime
    at: datetime
    as_of: datetime | None = None
    agency: str = ""
    category: str = ""
    area: str = ""
    channel: str = ""
    part: str = ""
    only_agency: int | None = None
    only_area: int | None = None
    restricted: bool = True
    outside: bool = False
    boundaries: Boundaries | None = None
    heirs: Mapping[str, str] = field(default_factory=dict)
    exact: bool = False

    def readable_by(self, by: Actor) -> "Scope":
        """A copy of this scope with nothing that `by` may not read: a lead has the figures of the own agency and none
        of restricted tickets, whoever works for a commune has that commune's."""
        own = sees_own_agency_only(by)
        return replace(
            self,
            only_agency=(by.agency_id or -1) if own else None,
            only_area=by.area_id,
            restricted=self.restricted and not own,
        )

    def within(self, since: datetime, until: datetime) -> "Scope":
        """A copy of this scope for another period."""
        return replace(self, since=since, until=until)

    def with_outside(self) -> "Scope":
        """A copy of this scope that includes refused and merged tickets."""
        return replace(self, outside=True)

    def narrowed(self, codes: Mapping[str, str]) -> "Scope":
        """A copy of this scope narrowed to codes of NARROW."""
        return replace(self, **codes)  # type: ignore[arg-type]

    @property
    def codes(self) -> dict[str, str]:
        """What it is narrowed by: the codes of NARROW, "" for those without one."""
        chosen = {name: getattr(self, name) for name in NARROW}
        return {name: "" if value == NONE else value for name, value in chosen.items() if value}

    @property
    def members(self) -> list[str]:
        """The agencies that count as the scope's agency, itself first; empty where it has none."""
        if not (code := self.codes.get("agency")):
            return []
        one = self.heirs.get(code, code)
        return [one, *(old for old, heir in self.heirs.items() if heir == one)]

    @property
    def moment(self) -> datetime | None:
        """`as_of` to the hour."""
        return self.as_of and self.as_of.replace(minute=0, second=0, microsecond=0)

    @property
    def evening(self) -> date | None:
        """The past day at whose end it is asked; None where that is no midnight."""
        if self.moment is None or self.at < self.moment - INSTANT:
            return None
        local = self.moment.astimezone(VIETNAM)
        return (local - timedelta(days=1)).date() if local.time() == time() else None

    @property
    def is_tallied(self) -> bool:
        """Whether the tallies cover it: narrowed by time and at most two codes, on a past evening by one; in other
        boundaries by time only."""
        plain = not self.part and self.restricted and not self.outside and (not self.as_of or self.evening is not None)
        whole = (self.only_agency, self.only_area) == (None, None)
        most = 0 if self.boundaries is not None else 1 if self.as_of else 2
        return plain and whole and len(self.members) <= 1 and len(self.codes) <= most

    @property
    def rated(self) -> bool:
        """Whether ratings cover it: narrowed by time and at most one agency, as their batches are."""
        narrowed = (self.category, self.area, self.channel, self.part, self.only_area is not None)
        return not any(narrowed) and not (self.agency and self.only_agency is not None)

    def tables(self, *, branch: bool = False, still: bool = False) -> str:
        """The tables of the condition; `still`: only open tickets."""
        still = still or self.part in ("open_within", "open_overdue")
        spans = OPEN if still and self.as_of is None else "statistics_span"
        spans = f"{spans} s" if self.boundaries is None else ELSEWHERE.replace("{spans}", spans)
        return spans + (BRANCH if branch else "")

    def where(self) -> tuple[str, dict[str, Any]]:
        """The condition over the tables, and its parameters."""
        words = ["s.received >= %(since)s", "s.received < %(until)s"]
        params: dict[str, Any] = {"since": self.since, "until": self.until, "at": self.at}
        if not self.outside:
            words.append("s.phase <> 2")
        if self.moment is None:
            words.append("s.until IS NULL")
        else:
            params |= {"as_of": self.moment, "at": min(self.at, self.moment)}
            words.append("s.since <= %(as_of)s AND (s.until IS NULL OR s.until > %(as_of)s)")
        words += [f"s.{name} = %({name})s" for name in self.codes if name != "agency" or not self.members]
        params |= self.codes
        if members := self.members:
            words.append("s.agency = ANY(%(members)s)")
            params["members"] = members
        for column in ("agency", "area"):
            if (value := getattr(self, f"only_{column}")) is not None:
                own = f"(SELECT code FROM directory_{column} WHERE id = %(only_{column})s)"
                words.append(f"s.{column} = {own}")
                params[f"only_{column}"] = value
                if column == "agency" and self.heirs:
                    words[-1] = f"(s.agency = {own} OR s.agency IN ({FORMER} WHERE f.heir = {own}))"
                    params |= {"former": list(self.heirs), "heirs": list(self.heirs.values())}
        if self.part:
            words.append(PARTS[self.part])
        if self.boundaries is not None:
            columns = zip(*self.boundaries) if self.boundaries else ([], [], [])
            params |= {name: list(column) for name, column in zip(("areas", "keys", "there"), columns)}
        if not self.restricted:
            words.append("NOT s.restricted")
        return " AND ".join(words), params

"""Which tickets a figure counts, as one piece of SQL that every figure and every list below it shares."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

NONE = "-"  # the code of "without one"
FOUR = ("on_time", "late", "open_within", "open_overdue")

# What may be grouped by → its code as SQL; "" for those without one.
GROUPS = {
    "": "''",
    "agency": "coalesce(a.code, '')",
    "area": "coalesce(ar.code, '')",
    "category": "coalesce(c.code, '')",
    "channel": "t.channel",
    "day": "to_char(t.received AT TIME ZONE 'Asia/Ho_Chi_Minh', 'YYYY-MM-DD')",
    "month": "to_char(t.received AT TIME ZONE 'Asia/Ho_Chi_Minh', 'YYYY-MM')",
}
NARROW = ("agency", "category", "area", "channel")

_HANDLED = "t.state IN ('answered', 'closed')"
_LATE = "(t.reopened > 0 OR coalesce(d.late, false))"
_OVERDUE = "coalesce(d.late OR d.due < %(at)s, false)"
# The four numbers: every counted ticket is in exactly one part.
PARTS = {
    "on_time": f"({_HANDLED} AND NOT {_LATE})",
    "late": f"({_HANDLED} AND {_LATE})",
    "open_within": f"(NOT {_HANDLED} AND NOT {_OVERDUE})",
    "open_overdue": f"(NOT {_HANDLED} AND {_OVERDUE})",
}
TABLES = """
    tickets_ticket t
    LEFT JOIN directory_agency a ON a.id = t.agency_id
    LEFT JOIN directory_area ar ON ar.id = t.area_id
    LEFT JOIN directory_category c ON c.id = t.category_id
"""
# One look into the index for each ticket: a plain join would read every deadline there is for a month's tickets.
DEADLINE = """
    LEFT JOIN LATERAL (
        SELECT due, late FROM sla_deadline WHERE ticket_id = t.id AND clock = 'handle' AND leg_id IS NULL LIMIT 1
    ) d ON true
"""


@dataclass(frozen=True, kw_only=True)
class Scope:
    """Tickets received in [since, until) and neither refused nor merged, narrowed by codes (NONE: those without one), by
    one of the four parts as of `at`, by the ids of what somebody may see, and without restricted ones where asked."""

    since: datetime
    until: datetime
    at: datetime
    agency: str = ""
    category: str = ""
    area: str = ""
    channel: str = ""
    part: str = ""
    only_agency: int | None = None
    only_area: int | None = None
    restricted: bool = True

    def within(self, since: datetime, until: datetime) -> "Scope":
        """The same, of another time."""
        return replace(self, since=since, until=until)

    def tables(self, *, deadline: bool = False) -> str:
        """What the condition is over, with the handling deadline `d` where it is needed."""
        return TABLES + (DEADLINE if deadline or self.part else "")

    def where(self) -> tuple[str, dict[str, Any]]:
        """The condition over the tables, and its parameters."""
        words = ["t.received >= %(since)s", "t.received < %(until)s", "t.state NOT IN ('refused', 'merged')"]
        given: dict[str, Any] = {"since": self.since, "until": self.until, "at": self.at}
        for name in NARROW:
            if value := getattr(self, name):
                words.append(f"{GROUPS[name]} = %({name})s")
                given[name] = "" if value == NONE else value
        for column in ("agency", "area"):
            if (value := getattr(self, f"only_{column}")) is not None:
                words.append(f"t.{column}_id = %(only_{column})s")
                given[f"only_{column}"] = value
        if self.part:
            words.append(PARTS[self.part])
        if not self.restricted:
            words.append("NOT t.restricted")
        return " AND ".join(words), given

"""Who is there to answer the phone, as the desk sees it."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from caunoi.calls import queries
from caunoi.calls.actions.presence import NO_ANSWER
from caunoi.calls.models import Presence
from caunoi.lib.vietnamese.writing import sort_key
from caunoi.web.labels import PAUSES, PRESENCE, word

MARK = {
    "available": "on-time",
    "break": "due-soon",
    "off": "refused",
    "on_call": "on-call",
    "unreachable": "overdue",
}


@dataclass(frozen=True, kw_only=True)
class PresenceLabel:
    """One's state in words, with its mark. `rung_in_vain`: the exchange does not ring it again until its owner is
    back."""

    state: str
    label: str
    mark: str
    since: datetime | None
    rung_in_vain: bool


@dataclass(frozen=True, kw_only=True)
class OnDuty(PresenceLabel):
    name: str
    username: str


@dataclass(frozen=True, kw_only=True)
class LineHealth:
    """Whether the PBX is linked, None where none is set up; and what to say about it."""

    ok: bool | None
    text: str = ""
    since: datetime | None = None


def presence_label(row: Presence | None, *, talking: bool) -> PresenceLabel:
    """Somebody's state; off duty where they have set none. A phone that cannot be rung overrides what its owner set."""
    state = "on_call" if talking else row.state if row else "off"
    since = row.since if row else None
    if row and row.unreachable and state in ("available", "break"):
        state, since = "unreachable", row.unreachable
    reason = word(PAUSES, row.reason) if row and state == "break" and row.reason else ""
    return PresenceLabel(
        state=state,
        label=word(PRESENCE, state) + (f": {reason}" if reason else ""),
        mark=MARK[state],
        since=since,
        rung_in_vain=row is not None and row.reason == NO_ANSWER,
    )


def on_duty() -> list[OnDuty]:
    """Everybody who is available, on a call or on a break, by name."""
    rows = {pk: row for pk, row in queries.presences().items() if row.state != "off"}
    talking = queries.talking(rows)
    people = [
        OnDuty(**vars(presence_label(row, talking=pk in talking)), name=str(row.user), username=row.user.username)
        for pk, row in rows.items()
    ]
    return sorted(people, key=lambda one: sort_key(one.name))


def line_health() -> LineHealth:
    links = queries.links()
    if not links:
        return LineHealth(ok=None)
    dead = next((link for link in links if not queries.holds(link)), None)
    if dead is None:
        return LineHealth(ok=True, text=_("The telephone exchange is connected"))
    return LineHealth(ok=False, text=_("No connection to the telephone exchange"), since=dead.down_since or dead.seen)

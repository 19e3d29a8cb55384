"""Who is there to answer the phone, as the desk sees it."""

from typing import Any

from django.utils.translation import gettext as _

from caunoi.calls import queries
from caunoi.calls.actions.presence import NO_ANSWER
from caunoi.calls.models import Presence
from caunoi.web.labels import PAUSES, PRESENCE, word

MARK = {
    "available": "on-time",
    "break": "due-soon",
    "off": "refused",
    "on_call": "on-call",
    "unreachable": "overdue",
}


def presence_label(row: Presence | None, *, talking: bool) -> dict[str, Any]:
    """One's state as a label with its mark; who has said nothing is off duty. A phone that cannot be rung comes before
    what its owner said. `rung_in_vain`: the exchange rings no more until its owner is back."""
    state = "on_call" if talking else row.state if row else "off"
    since = row.since if row else None
    if row and row.unreachable and state in ("available", "break"):
        state, since = "unreachable", row.unreachable
    reason = word(PAUSES, row.reason) if row and state == "break" and row.reason else ""
    return {
        "state": state,
        "label": word(PRESENCE, state) + (f": {reason}" if reason else ""),
        "mark": MARK[state],
        "since": since,
        "rung_in_vain": row is not None and row.reason == NO_ANSWER,
    }


def on_duty() -> list[dict[str, Any]]:
    """Everybody who is available, on a call or on a break, by name."""
    rows = {pk: row for pk, row in queries.presences().items() if row.state != "off"}
    talking = queries.talking(rows)
    found = [
        presence_label(row, talking=pk in talking) | {"name": str(row.user), "username": row.user.username}
        for pk, row in rows.items()
    ]
    return sorted(found, key=lambda one: str(one["name"]))


def line_health() -> dict[str, Any]:
    """Whether the PBX is linked: `ok` True, False or None where none is set up, and what to say about it."""
    links = queries.links()
    if not links:
        return {"ok": None, "text": ""}
    dead = next((link for link in links if not queries.holds(link)), None)
    if dead is None:
        return {"ok": True, "text": _("The telephone exchange is connected")}
    since = dead.down_since or dead.seen
    return {"ok": False, "text": _("No connection to the telephone exchange"), "since": since}

"""Lines of the corpora of alike reports (tests/triage/alike), for the tool that teaches and the bench that asks."""

from datetime import datetime
from hashlib import sha256
from typing import Any

from caunoi.lib.places import spoken
from caunoi.triage.alike import Report

TAUGHT = frozenset({"AE", "AF", "K", "M", "Y"})
LEFT = 8
"""Of so many events of a hand one is not taught."""


def is_taught(row: dict[str, Any]) -> bool:
    """Whether its event is of what the scale was made of."""
    return row["hand"] in TAUGHT and sha256(row["event"].encode()).digest()[0] % LEFT != 0


def report(row: dict[str, Any], *, chosen: bool) -> Report:
    """A line of a corpus; `chosen`: with the commune that somebody chose, else with the one that its words name."""
    named = spoken.commune(row["text"])
    return Report(
        text=row["text"],
        at=datetime.fromisoformat(row["at"]),
        lat=row.get("lat"),
        long=row.get("long"),
        category=row.get("category") or "",
        area=(chosen and row.get("area")) or (named.code if named else ""),
    )

"""Made-up figures for the preview of a form, where no report has been made yet. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from caunoi.statistics.measures import CONTACTS, COUNT, HOURS, MEASURES, SECONDS, SHARE, TICKETS


def _row(code: str, name: str, *four: int) -> dict[str, Any]:
    parts = dict(zip(("on_time", "late", "open_within", "open_overdue"), four, strict=True))
    return {"code": code, "name": name, **parts, "total": sum(four), "before": sum(four)}


VALUES = {
    TICKETS: (145, 116, 92),
    SHARE: (0.87, 0.84, 0.8),
    HOURS: (26.0, 31.0, 40.0),
    CONTACTS: (1.2, 1.3, 1.3),
    COUNT: (145, 116, 92),
    SECONDS: (18.0, 24.0, 31.0),
}
KEYS = {
    "day": "2026-01-01",
    "week": "2026-W01",
    "month": "2026-01",
    "report_month": "2026-01",
    "hop": "1",
    "reason": "outside",
    "channel": "web",
}


def _measured(name: str, groups: Sequence[str], a: str, b: str) -> dict[str, Any]:
    now, before, ago = ({"value": value, "of": 145} for value in VALUES[MEASURES[name].unit])
    figures = {"now": now, "before": before, "year_before": ago}
    return {
        by: [{"key": "", "name": ""} | figures]
        if not by
        else [{"key": KEYS[by], "name": ""} | figures]
        if by in KEYS
        else [{"key": word, "name": word} | figures for word in (a, b)]
        for by in groups
    }


def reading(at: str, code: str, a: str, b: str, measures: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """A reading with two groups of each kind, called `a` and `b`, and of `measures` (named.wanted) measures."""
    both = [_row("a", a, 80, 6, 9, 3), _row("b", b, 40, 2, 5, 0)]
    whole = _row("", "", 120, 8, 14, 3)
    slow = {"code": "00-000000-0", "part": "open_overdue", "agency": a, "category": b, "area": ""}
    return {
        "at": at,
        "whole": whole,
        "half": 93_600.0,
        "content": None,
        "cases": 145,
        "before": {"code": code, "whole": _row("", "", 100, 12, 0, 2), "half": None},
        "year_before": {"code": code, "whole": _row("", "", 0, 0, 0, 0)},
        "groups": dict.fromkeys(("agency", "category", "area", "channel"), both),
        "slow": [{**slow, "received": at, "due": at, "answered": None}],
        "asked": dict.fromkeys(("asked", "on_time", "late", "open", "overdue"), 0),
        "explained": [],
        "escalated": {},
        "measured": {name: _measured(name, groups, a, b) for name, groups in measures.items()},
    }

"""Figures to look at a form with, where no report has been made yet. Pure; plainly made up."""

from typing import Any


def _row(code: str, name: str, *four: int) -> dict[str, Any]:
    parts = dict(zip(("on_time", "late", "open_within", "open_overdue"), four, strict=True))
    return {"code": code, "name": name, **parts, "total": sum(four), "before": sum(four)}


def reading(at: str, code: str, a: str, b: str) -> dict[str, Any]:
    """A reading with two groups of each kind, called `a` and `b`."""
    both = [_row("a", a, 80, 6, 9, 3), _row("b", b, 40, 2, 5, 0)]
    whole = _row("", "", 120, 8, 14, 3)
    slow = {
        "code": "00-000000-0", "received": at, "part": "open_overdue", "agency": a, "category": b, "area": "",
        "due": at, "answered": None,
    }  # fmt: skip
    return {
        "at": at, "whole": whole, "half": 93_600.0, "content": None, "cases": 145,
        "before": {"code": code, "whole": _row("", "", 100, 12, 0, 2), "half": None},
        "year_before": {"code": code, "whole": _row("", "", 0, 0, 0, 0)},
        "groups": dict.fromkeys(("agency", "category", "area", "channel"), both), "slow": [slow],
        "asked": dict.fromkeys(("asked", "on_time", "late", "open", "overdue"), 0), "explained": [], "escalated": {},
    }  # fmt: skip

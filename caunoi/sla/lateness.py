"""Lateness as a condition of queries: the same as clocks.over and clocks.missed for one deadline. Pure.

A deadline is marked `late` once it was met too late or was opened again, and from the minute in which the sweep marks
it; an open one is late from its due on."""

from django.db.models import Q
from django.utils.timezone import now


def late(deadline: str = "") -> Q:
    """Of a deadline, or of the relation to one."""
    name = f"{deadline}__" if deadline else ""
    return Q(**{f"{name}late": True}) | Q(**{f"{name}met": None, f"{name}due__lt": now()})


def late_sql(deadline: str) -> str:
    """Of the deadline with this alias, which may be missing (NULL)."""
    return f"coalesce({deadline}.late OR {deadline}.met IS NULL AND {over_sql(f'{deadline}.due', 'now()')}, false)"


def over_sql(due: str, at: str) -> str:
    """Whether an open deadline is late at a moment."""
    return f"coalesce({due} < {at}, false)"

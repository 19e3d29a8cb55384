"""Every number, named once: what it is called, what it means, how it is counted."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.timezone import now

from caunoi.statistics.figures import grouped
from caunoi.statistics.scope import FOUR, Scope


@dataclass(frozen=True, kw_only=True)
class Measure:
    """`rows(since, until, by, area_id)` counts what was received in [since, until), in one area where given."""

    name: str
    definition: str
    rows: Callable[[datetime, datetime, str, int | None], list[dict[str, Any]]]


def four_numbers(
    since: datetime, until: datetime, by: str = "", *, area_id: int | None = None, at: datetime | None = None
) -> list[dict[str, Any]]:
    """Tickets received in [since, until): handled on time, handled late, open within and past the deadline of the
    `handle` clock; the four always sum to the total. Refused and merged tickets are outside. A ticket that was reopened
    is open against its first due until it is handled again, and late from then on."""
    scope = Scope(since=since, until=until, at=at or now(), only_area=area_id)
    rows = grouped(scope, [by])[by]
    return [{"key": r.key, **{part: getattr(r, part) for part in FOUR}, "total": r.total} for r in rows]


def _grouped(since: datetime, until: datetime, by: str, area_id: int | None) -> list[dict[str, Any]]:
    return [
        {**({by: r["key"]} if by else {}), **{k: r[k] for k in (*FOUR, "total")}}
        for r in four_numbers(since, until, by, area_id=area_id)
    ]


MEASURES: Mapping[str, Measure] = {
    m.name: m
    for m in (
        Measure(
            name="tickets",
            definition="Tickets received in the period: handled on time, handled late, open within the deadline, open past it; "
            "refused and merged tickets are not counted.",
            rows=_grouped,
        ),
    )
}

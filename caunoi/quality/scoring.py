"""A scorecard and the scores by it. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

LEVELS = (0, 1, 2)  # not met, partly, met
TOP = LEVELS[-1]


@dataclass(frozen=True, kw_only=True)
class Criterion:
    """One criterion. `fatal`: failing it fails the whole; `optional`: may not apply. An empty `text` is the product's
    own for this key."""

    key: str
    text: str = ""
    text_en: str = ""
    weight: int = 1
    fatal: bool = False
    optional: bool = False

    def row(self) -> dict[str, Any]:
        return asdict(self)


DEFAULT = (
    Criterion(key="understood", weight=2),
    Criterion(key="right", weight=4, fatal=True),
    Criterion(key="clear", weight=2),
    Criterion(key="polite", weight=1),
    Criterion(key="sorted", weight=2, optional=True),
    Criterion(key="prompt", weight=1, optional=True),
    Criterion(key="discreet", weight=2, fatal=True),
)

type Points = Mapping[str, int | None]  # criterion's key → level; None where it does not apply


def card(rows: Iterable[Mapping[str, Any]]) -> tuple[Criterion, ...]:
    """The criteria of a stored card."""
    return tuple(Criterion(**row) for row in rows)


def lacking(criteria: Iterable[Criterion], points: Points) -> set[str]:
    """The keys without a valid level."""
    return {
        one.key
        for one in criteria
        if one.key not in points
        or (points[one.key] is None and not one.optional)
        or (points[one.key] is not None and points[one.key] not in LEVELS)
    }


def failed(criteria: Iterable[Criterion], points: Points) -> list[str]:
    """The fatal criteria that were not met at all."""
    return [one.key for one in criteria if one.fatal and points.get(one.key) == 0]


def total(criteria: Iterable[Criterion], points: Points) -> float | None:
    """0 to 100: the weighted mean of what applies; 0 when something fatal was not met; None when nothing applies."""
    criteria = tuple(criteria)
    if failed(criteria, points):
        return 0.0
    judged = [(one.weight, level) for one in criteria if (level := points.get(one.key)) is not None]
    weight = sum(weight for weight, _ in judged)
    return 100 * sum(weight * level for weight, level in judged) / (weight * TOP) if weight else None

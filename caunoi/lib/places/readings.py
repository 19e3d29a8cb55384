"""What each mention of an address may mean, weighed by the mentions beside it.

An old district or province beside a name means the old unit of that name, otherwise the unit in force when the address
was written is meant.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from caunoi.lib.places import gazetteer
from caunoi.lib.places.gazetteer import Geography, Unit
from caunoi.lib.places.mentions import Mention, Strength
from caunoi.lib.places.toponyms import Toponym, Toponyms, elsewhere

NONE, SAME, PROVINCE, OLD_PROVINCE, DISTRICT = range(5)
"""How much a mention says for a commune: nothing, the same area, its province …"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """One commune that one mention may mean. `vague`: not enough to answer by; `against`: mentions that contradict."""

    mention: Mention
    unit: Unit
    score: float
    vague: bool
    against: int
    confidence: float


def read_as(mention: Mention, context: list[Mention], names: Toponyms, on: date, today: date) -> Iterator[Reading]:
    """The communes the mention may mean, written on that day among the other mentions of `context`."""
    for toponym in _communes(mention):
        unit = toponym.unit
        beside = [(m, speaks_for(m, unit, names, on, today)) for m in context if m is not mention]
        support = max((level for _, level in beside), default=NONE)
        against = sum(level == NONE and not _is_detail(m, mention) for m, level in beside)
        mismatch = bool(mention.kind) and toponym.kind != mention.kind
        vague = (
            (unit.valid_from is not None and unit.valid_from > on)
            or not _fills_its_level(mention, beside)
            or (support == NONE and (mismatch or mention.clash or mention.slips > 1 or toponym.former))
            or (support == NONE and mention.slips > 0 and not _is_plain_slip(mention, names, today))
            or (mention.slips > 1 and support < DISTRICT)
            or (mention.strength == Strength.LOOSE and not _is_carried(mention, beside))
        )
        ended = unit.valid_to is not None and unit.valid_to <= on
        score = 0.0 if ended else 3.0
        score += {SAME: 1, DISTRICT: 8 if ended else 4, OLD_PROVINCE: 4 if ended else 0.5, PROVINCE: 0.5}.get(
            support, 0
        )
        score += 6 if mention.old and ended else 0
        score += 0 if mismatch else 2
        score -= 2 * mention.slips + (1 if toponym.former else 0)
        confidence = 0.98 - 0.15 * mention.slips - 0.08 * mention.clash - 0.1 * mismatch - 0.1 * toponym.former
        confidence -= (0 if mention.kind else 0.12) + (0 if support else 0.08)
        yield Reading(
            mention=mention,
            unit=unit,
            score=score,
            vague=vague,
            against=against,
            confidence=confidence,
        )


def _communes(mention: Mention) -> list[Toponym]:
    """The communes it may mean: those of the kind named, others only if there are none such."""
    communes = [t for t in mention.names if t.home and t.unit.level == "commune"]
    alike = [t for t in communes if t.kind == mention.kind]
    return [t for t in alike if not t.former] or alike or [t for t in communes if t.marked]


def speaks_for(mention: Mention, unit: Unit, names: Toponyms, on: date, today: date) -> int:
    """How the mention speaks for the commune: as the same area, its old district, old province or province."""
    return max((_relation(t, unit, names, on, today) for t in mention.names), default=NONE)


def _relation(toponym: Toponym, unit: Unit, names: Toponyms, on: date, today: date) -> int:
    above = toponym.unit
    if not toponym.home:
        return NONE
    if above.level == "commune":
        return SAME if areas_of([above], names, today).keys() & areas_of([unit], names, today).keys() else NONE
    old = unit.valid_to == gazetteer.REFORM
    within = {unit.district, unit.province} if old else names.origins.get(unit.code, set())
    if above.level == "district":
        return DISTRICT if above.code in within else NONE
    if above.code != names.home:
        return OLD_PROVINCE if above.code in within else NONE
    return PROVINCE if not old or on >= gazetteer.REFORM or above.code in within else NONE


def _fills_its_level(mention: Mention, beside: list[tuple[Mention, int]]) -> bool:
    """A bare name that is a district's or province's too is a commune's only where another takes that place."""
    if mention.kind:
        return True
    levels = {t.unit.level for t in mention.names if t.home}
    if "district" in levels and not any(level in (DISTRICT, SAME) for _, level in beside):
        return False
    return "province" not in levels or any(level in (PROVINCE, OLD_PROVINCE) for _, level in beside)


def _is_carried(mention: Mention, beside: list[tuple[Mention, int]]) -> bool:
    return any(level == DISTRICT or (level and m.start == mention.end) for m, level in beside)


def _is_detail(other: Mention, mention: Mention) -> bool:
    """A bare commune's name before the commune is a hamlet's or a street's."""
    return not other.kind and _commune_only(other) and other.start < mention.start


def _commune_only(mention: Mention) -> bool:
    return all(t.unit.level == "commune" for t in mention.names if t.home)


def _is_plain_slip(mention: Mention, names: Toponyms, today: date) -> bool:
    """Whether a misspelt name can mean one commune only."""
    areas = areas_of((t.unit for t in _communes(mention)), names, today)
    return bool(mention.kind) and len(areas) == 1 and not is_named_elsewhere(mention)


def is_named_elsewhere(mention: Mention) -> bool:
    """Whether the very words, more than one if there are more, name a commune of another province."""
    level = elsewhere("commune")
    return any(key in level for key in mention.typed[: max(len(mention.typed) - 1, 1)])


def areas_of(units: Iterable[Unit], names: Toponyms, today: date) -> dict[str, Unit]:
    """The communes in force today where these units were, by code."""
    return {after.code: after for unit in units for after in _after(unit, names.geography, today)}


@lru_cache(5000)
def _after(unit: Unit, geography: Geography, today: date) -> tuple[Unit, ...]:
    return tuple(geography.successors(unit, today))

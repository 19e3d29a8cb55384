"""Which administrative unit of today an address in words means, or that one must ask.

Every commune the words may name is weighed by what stands beside it: an old district or province means the old unit
of that name, otherwise the unit in force when it was written is meant. A wrong answer is worse than a question.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from caunoi.lib import gazetteer, landmarks
from caunoi.lib.gazetteer import Unit
from caunoi.lib.mentions import Mention, Strength, mentions
from caunoi.lib.phrases import words
from caunoi.lib.toponyms import Toponym, Toponyms, elsewhere, vocabulary

HOME = "75"
"""Thành phố Đồng Nai."""

MOST_CANDIDATES = 50
NONE, SAME, PROVINCE, OLD_PROVINCE, DISTRICT = range(5)


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """A commune in force today; `confidence` 0–1."""

    area_code: str
    area: str
    confidence: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """`area_code`, `area`: the commune in force today, None to ask or where the place is `outside` the province.

    `then_code`: the code of the unit in force there when the text was written, where that is one. `confidence` 0–1,
    `candidates` the surest first.
    """

    text: str
    area_code: str | None
    area: str | None
    then_code: str | None
    outside: bool
    confidence: float
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Reading:
    """One commune that one mention may mean. `vague`: not enough to answer by; `against`: mentions that contradict."""

    mention: Mention
    unit: Unit
    score: float
    support: int
    vague: bool
    against: int
    confidence: float


def resolve(text: str, *, on: date | None = None, home: str = HOME) -> Answer:
    """The commune of the province `home` that `text`, written `on` that day (default today), means.

    Raises ValueError where `home` is no province in force today.
    """
    return _resolve(text, on or gazetteer.today(), home, gazetteer.today())


@lru_cache(1000)
def _resolve(text: str, on: date, home: str, today: date) -> Answer:
    names = vocabulary(home)
    found = words(text, names.names)
    marks = landmarks.found_in([word.plain for word in found], home)
    taken = {at for mark in marks for at in range(mark.start, mark.end)}
    read = [m for m in mentions(found, names) if not taken & set(range(m.start, m.end))]
    context = [m for m in read if m.strength > Strength.WEAK]
    away = [m for m in context if _is_away(m)]
    at_home = [m for m in context if any(t.home for t in m.names) and not m.slips and m not in away]
    readings = [r for m in context for r in _readings(m, context, names, on, today)]
    sure = [r for r in readings if not r.vague and not r.against]
    if away and not any(_speaks_against(m, away) for m in at_home):
        return _answer(text, outside=True, confidence=0.95)
    best = max((r.score for r in sure), default=0.0)
    top = [r for r in sure if r.score > best - 1]
    areas = _areas((r.unit for r in top), today)
    if len(areas) > 1:
        said = {mark.code for mark in marks} | _said_otherwise(top, sure, today)
        areas = {code: areas[code] for code in areas if code in said} or areas
    then = _then((r.unit for r in top), on)
    if len(areas) == 1 and not away:
        (area,) = areas.values()
        surest = max(r.confidence for r in top)
        rivals = [r for r in sure if area.code not in _areas([r.unit], today)]
        surest -= 0.12 if rivals else 0
        others = _areas((r.unit for r in rivals), today)
        return _answer(text, area=area, then=then, confidence=surest, others=list(others.values()), on=on)
    if not areas and not away:
        landmark = _at_landmark(marks, context, names, on, today)
        if landmark:
            return _answer(text, area=landmark, then=_then([landmark], on), confidence=0.8, on=on)
        if _known_only_elsewhere(context, at_home):
            return _answer(text, outside=True, confidence=0.6)
    likely = list(areas.values()) or _likely(readings, read, names, today)
    return _answer(text, then=then if areas else None, others=likely)


def _said_otherwise(top: list[_Reading], sure: list[_Reading], today: date) -> set[str]:
    """The communes of today that others than the best mention name and call so: "xã Xuân Hòa (xã Xuân Tâm cũ)"."""
    best = {r.mention for r in top}
    others = (_areas([r.unit], today) for r in sure if r.mention.kind and r.mention not in best)
    return {code for areas in others if len(areas) == 1 for code in areas}


def _answer(
    text: str,
    *,
    area: Unit | None = None,
    then: str | None = None,
    outside: bool = False,
    confidence: float = 0.0,
    others: Iterable[Unit] = (),
    on: date | None = None,
) -> Answer:
    others = [unit for unit in others if unit != area][:MOST_CANDIDATES]
    share = round((1 - confidence if area else 0.9) / max(len(others), 1), 2)
    sure = round(max(confidence, 0.0), 2)
    first = (Candidate(area_code=area.code, area=area.name, confidence=sure),) if area else ()
    rest = (Candidate(area_code=unit.code, area=unit.name, confidence=share) for unit in others)
    return Answer(
        text=text,
        area_code=area.code if area else None,
        area=area.name if area else None,
        then_code=then,
        outside=outside,
        confidence=sure if area or outside else share if others else 0.0,
        candidates=(*first, *rest),
    )


def _readings(mention: Mention, context: list[Mention], names: Toponyms, on: date, today: date) -> Iterable[_Reading]:
    for toponym in _communes(mention):
        unit = toponym.unit
        beside = [(m, _support(m, unit, names, on, today)) for m in context if m is not mention]
        support = max((level for _, level in beside), default=NONE)
        against = sum(level == NONE and not _is_detail(m, mention) for m, level in beside)
        mismatch = bool(mention.kind) and toponym.kind != mention.kind
        vague = (
            (unit.valid_from is not None and unit.valid_from > on)
            or not _fills_its_level(mention, beside)
            or (support == NONE and (mismatch or mention.clash or mention.slips > 1 or toponym.former))
            or (support == NONE and mention.slips > 0 and (not mention.kind or _is_named_elsewhere(mention)))
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
        yield _Reading(
            mention=mention,
            unit=unit,
            score=score,
            support=support,
            vague=vague,
            against=against,
            confidence=confidence,
        )


def _communes(mention: Mention) -> list[Toponym]:
    """The communes it may mean: those of the kind said, others only if there are none such."""
    communes = [t for t in mention.names if t.home and t.unit.level == "commune"]
    alike = [t for t in communes if t.kind == mention.kind]
    return [t for t in alike if not t.former] or alike or [t for t in communes if t.marked]


def _support(mention: Mention, unit: Unit, names: Toponyms, on: date, today: date) -> int:
    """How the mention speaks for the commune: as the same area, its old district, old province or province."""
    return max((_relation(t, unit, names, on, today) for t in mention.names), default=NONE)


def _relation(toponym: Toponym, unit: Unit, names: Toponyms, on: date, today: date) -> int:
    above = toponym.unit
    if not toponym.home:
        return NONE
    if above.level == "commune":
        return SAME if _areas([above], today).keys() & _areas([unit], today).keys() else NONE
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


def _speaks_against(mention: Mention, away: list[Mention]) -> bool:
    """Whether a home's name forbids to believe the other province's: communes' names and bare ones are everywhere."""
    provinces = any(t.unit.level == "province" for m in away for t in m.names)
    levels = {t.unit.level for t in mention.names if t.home}
    return "province" in levels or ("district" in levels and (bool(mention.kind) or not provinces))


def _is_away(mention: Mention) -> bool:
    """Whether the mention can only be of another province: its name, its city's, its quận's."""
    if any(t.home and (mention.kind != "quan" or t.kind == "quan") for t in mention.names):
        return False
    if mention.kind:
        return bool(mention.names)
    return mention.strength >= Strength.CLEAR and any(
        t.unit.level == "province" or t.unit.kind == "Thành phố" for t in mention.names
    )


def _is_named_elsewhere(mention: Mention) -> bool:
    level = elsewhere("commune")
    return any(key in level for key in mention.typed)


def _known_only_elsewhere(context: list[Mention], at_home: list[Mention]) -> bool:
    unknown = [m for m in context if m.kind in ("phuong", "xa", "thitran", "dackhu") and (not m.names or m.slips)]
    return not at_home and any(not m.slips and _is_named_elsewhere(m) for m in unknown)


def _areas(units: Iterable[Unit], today: date) -> dict[str, Unit]:
    return {after.code: after for unit in units for after in _after(unit, today)}


@lru_cache(5000)
def _after(unit: Unit, today: date) -> tuple[Unit, ...]:
    return tuple(gazetteer.successors(unit, today))


def _then(units: Iterable[Unit], on: date) -> str | None:
    """The one code these units had or have on that day."""
    codes: set[str] = set()
    for unit in units:
        if unit.valid_from is None or unit.valid_from <= on:
            codes |= {after.code for after in gazetteer.successors(unit, on)}
        else:
            return None
    return codes.pop() if len(codes) == 1 else None


def _at_landmark(
    marks: list[landmarks.Mark], context: list[Mention], names: Toponyms, on: date, today: date
) -> Unit | None:
    """The commune of the landmarks, if it is one and no other mention contradicts it."""
    codes = {mark.code for mark in marks}
    unit = gazetteer.unit(codes.pop(), today) if len(codes) == 1 else None
    if unit and all(_support(m, unit, names, on, today) for m in context):
        return unit
    return None


def _likely(readings: list[_Reading], read: list[Mention], names: Toponyms, today: date) -> list[Unit]:
    """What to offer when one must ask: communes named, then those of the district named, then of the province."""
    fewest = min((r.against for r in readings), default=0)
    named = sorted((r for r in readings if r.against == fewest), key=lambda r: -r.score)
    found = _areas((r.unit for r in named), today)
    for level in ("district", "province"):
        above = {t.unit.code for m in read for t in m.names if t.home and t.unit.level == level} - {names.home}
        for code, origin in names.origins.items():
            unit = gazetteer.unit(code, today)
            if unit and origin & above:
                found.setdefault(code, unit)
        if above:
            break
    if not found:
        weak = (t.unit for m in read for t in m.names if t.home and t.unit.level == "commune")
        found = _areas(weak, today)
    return list(found.values())

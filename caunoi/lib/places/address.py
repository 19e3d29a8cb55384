"""Which administrative unit of today an address in words means, or that one must ask.

Every commune the words may name is weighed by what stands beside it: an old district or province means the old unit
of that name, otherwise the unit in force when it was written is meant. A wrong answer is worse than a question.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from caunoi.lib.places import gazetteer, landmarks
from caunoi.lib.places.gazetteer import Geography, Unit
from caunoi.lib.places.mentions import Mention, Strength, mentions
from caunoi.lib.places.phrases import words
from caunoi.lib.places.readings import Reading, areas_of, is_named_elsewhere, read_as, speaks_for
from caunoi.lib.places.toponyms import Toponyms, vocabulary

HOME = "75"
"""Thành phố Đồng Nai."""

MOST_CANDIDATES = 50


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


def resolve(text: str, *, on: date | None = None, home: str = HOME, geography: Geography | None = None) -> Answer:
    """The commune of the province `home` that `text`, written `on` that day (default today), means; `geography` is the
    list with an installation's own units over it (default: the list).

    Raises ValueError where `home` is no province in force today.
    """
    today = gazetteer.today()
    on = on or today
    names = vocabulary(home, geography or gazetteer.official())
    text_words = words(text, names.names)
    marks = landmarks.found_in([word.plain for word in text_words], home, names.geography)
    landmark_places = {at for mark in marks for at in range(mark.start, mark.end)}
    read = [m for m in mentions(text_words, names) if not landmark_places & set(range(m.start, m.end))]
    context = [m for m in read if m.strength > Strength.WEAK]
    away = [m for m in context if _is_away(m)]
    at_home = [m for m in context if any(t.home for t in m.names) and not m.slips and m not in away]
    readings = [r for m in context for r in read_as(m, context, names, on, today)]
    sure = [r for r in readings if not r.vague and not r.against]
    if away and not any(_speaks_against(m, away) for m in at_home):
        return _answer(text, outside=True, confidence=0.95)
    best = max((r.score for r in sure), default=0.0)
    top = [r for r in sure if r.score > best - 1]
    areas = areas_of((r.unit for r in top), names, today)
    if len(areas) > 1:
        codes = {mark.code for mark in marks} | _said_otherwise(top, sure, names, today)
        areas = {code: areas[code] for code in areas if code in codes} or areas
    then = _then((r.unit for r in top), names, on)
    if len(areas) == 1 and not away:
        (area,) = areas.values()
        surest = max(r.confidence for r in top)
        rivals = [r for r in sure if area.code not in areas_of([r.unit], names, today)]
        surest -= 0.12 if rivals else 0
        others = areas_of((r.unit for r in rivals), names, today)
        return _answer(text, area=area, then=then, confidence=surest, others=list(others.values()))
    if not areas and not away:
        landmark = _at_landmark(marks, context, names, on, today)
        if landmark:
            return _answer(text, area=landmark, then=_then([landmark], names, on), confidence=0.8)
        if _known_only_elsewhere(context, at_home):
            return _answer(text, outside=True, confidence=0.6)
    likely = list(areas.values()) or _likely(readings, read, names, today)
    return _answer(text, then=then if areas else None, others=likely)


def _said_otherwise(top: list[Reading], sure: list[Reading], names: Toponyms, today: date) -> set[str]:
    """The communes of today that others than the best mention name and call so: "xã Xuân Hòa (xã Xuân Tâm cũ)"."""
    best = {r.mention for r in top}
    others = (areas_of([r.unit], names, today) for r in sure if r.mention.kind and r.mention not in best)
    return {code for areas in others if len(areas) == 1 for code in areas}


def _answer(
    text: str,
    *,
    area: Unit | None = None,
    then: str | None = None,
    outside: bool = False,
    confidence: float = 0.0,
    others: Iterable[Unit] = (),
) -> Answer:
    others = [unit for unit in others if unit != area][:MOST_CANDIDATES]
    share = round(min(0.5, (1 - confidence if area else 0.9) / max(len(others), 1)), 2)
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
    return (mention.strength >= Strength.CLEAR and not mention.clash) and any(
        t.unit.level == "province" or t.unit.kind == "Thành phố" for t in mention.names
    )


def _known_only_elsewhere(context: list[Mention], at_home: list[Mention]) -> bool:
    unknown = [m for m in context if m.kind in ("phuong", "xa", "thitran", "dackhu") and (not m.names or m.slips)]
    return not at_home and any(not m.slips and is_named_elsewhere(m) for m in unknown)


def _then(units: Iterable[Unit], names: Toponyms, on: date) -> str | None:
    """The one code these units had or have on that day."""
    codes: set[str] = set()
    for unit in units:
        if unit.valid_from is None or unit.valid_from <= on:
            codes |= {after.code for after in names.geography.successors(unit, on)}
        else:
            return None
    return codes.pop() if len(codes) == 1 else None


def _at_landmark(
    marks: list[landmarks.Mark], context: list[Mention], names: Toponyms, on: date, today: date
) -> Unit | None:
    """The commune of the landmarks, if it is one and no other mention contradicts it."""
    codes = {mark.code for mark in marks}
    unit = names.geography.unit(codes.pop(), today) if len(codes) == 1 else None
    if unit and all(speaks_for(m, unit, names, on, today) for m in context):
        return unit
    return None


def _likely(readings: list[Reading], read: list[Mention], names: Toponyms, today: date) -> list[Unit]:
    """What to offer when one must ask: communes named, then those of the district named, then of the province."""
    fewest = min((r.against for r in readings), default=0)
    ranked = sorted((r for r in readings if r.against == fewest), key=lambda r: -r.score)
    areas = areas_of((r.unit for r in ranked), names, today)
    for level in ("district", "province"):
        above = {t.unit.code for m in read for t in m.names if t.home and t.unit.level == level} - {names.home}
        for code, origin in names.origins.items():
            unit = names.geography.unit(code, today)
            if unit and origin & above:
                areas.setdefault(code, unit)
        if above:
            break
    if not areas:
        weak = (t.unit for m in read for t in m.names if t.home and t.unit.level == "commune")
        areas = areas_of(weak, names, today)
    return list(areas.values())

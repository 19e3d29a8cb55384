"""What others report near a place, and what seems to be the same as a report that is being written. The place is never
stored."""

from dataclasses import dataclass
from datetime import datetime
from math import cos, hypot, radians

from caunoi.lib.places.streets import Street, agreement, streets
from caunoi.lib.vietnamese.likeness import likeness, pairs, words
from caunoi.publication.models import Publication
from caunoi.publication.queries.door import of_ids
from caunoi.publication.queries.entries import RegisterFilter, condition, read_ids
from caunoi.tickets.lifecycle import OPEN
from caunoi.triage import alike as scale_of
from caunoi.triage.alike import Reasons, Report

DEGREE = 111_200.0
"""Metres of a degree of latitude."""
CLOSE = 400.0
"""Metres within which the same words are the same thing; places that concern a person are rounded to about a
hundred."""
ANY = RegisterFilter()
LOOKED_AT = 60
NEARBY = """
SELECT publication_id FROM publication_entry WHERE {where} AND latitude IS NOT NULL
ORDER BY point(longitude, latitude) <-> point(%s, %s) LIMIT %s
"""
ALIKE = """
SELECT publication_id FROM publication_entry WHERE {where} AND vector @@ %s::tsquery
ORDER BY publication_id + 0 DESC LIMIT %s
"""
SEARCHED = 12
SURE, SURE_CLOSE = 0.45, 0.28
"""How alike two texts must be, in one commune, and close to each other."""
ROAD = 0.15
"""What it adds that both name the same road, and takes away that they name different ones."""


@dataclass(frozen=True, kw_only=True)
class Near:
    """A published ticket and how far away it is, in metres; None where one of the places is missing."""

    publication: Publication
    metres: float | None
    like: float = 0.0


def metres(longitude: float, latitude: float, publication: Publication) -> float | None:
    """How far a publication is from a place."""
    if publication.latitude is None or publication.longitude is None:
        return None
    across = (publication.longitude - longitude) * cos(radians(latitude))
    return hypot(across, publication.latitude - latitude) * DEGREE


def near(
    longitude: float, latitude: float, filters: RegisterFilter = ANY, *, size: int = 20, reach: float = 5_000
) -> list[Near]:
    """The nearest published tickets, at most `reach` metres away."""
    narrowed = condition(filters)
    if narrowed is None:
        return []
    where, values = narrowed
    ids = read_ids(NEARBY.format(where=where), [*values, longitude, latitude, size])
    places = [Near(publication=p, metres=metres(longitude, latitude, p)) for p in of_ids(ids)]
    return [one for one in places if one.metres is not None and one.metres <= reach]


def similar(
    text: str,
    *,
    place: tuple[float, float] | None = None,
    area: str = "",
    category: str = "",
    address: str = "",
    size: int = 4,
) -> list[Near]:
    """Open published tickets that seem to be about the same: close by where the place (longitude, latitude) is known,
    else in the same commune, rather of the same road as `address` or the text name; the most alike first. Nothing
    without words."""
    typed = words(text)
    if len(typed) < 2:
        return []
    candidates: list[Near] = []
    roads = streets(f"{address}, {text}")
    if place:
        candidates = near(*place, RegisterFilter(status="open"), size=LOOKED_AT, reach=CLOSE)
    elif area:
        near_by = {pair for kind, name in roads for pair in pairs(words(f"{kind} {name}")) - pairs(words(kind))}
        looked_for = [*sorted(pairs(typed))[:40], *sorted(near_by)[:10]]
        terms = " | ".join(f"'{pair}'" for pair in looked_for if pair.replace("_", "").isalnum())
        narrowed = condition(RegisterFilter(status="open", area=area))
        if narrowed and terms:
            ids = read_ids(ALIKE.format(where=narrowed[0]), [*narrowed[1], terms, LOOKED_AT])
            candidates = [Near(publication=p, metres=None) for p in of_ids(ids)]
    rated = [
        Near(publication=n.publication, metres=n.metres, like=_like(text, category, roads, n.publication))
        for n in candidates
        if n.publication.ticket.state in OPEN  # what was refused or merged is not answered either
    ]
    sure = SURE_CLOSE if place else SURE
    return sorted((n for n in rated if n.like >= sure), key=lambda n: -n.like)[:size]


@dataclass(frozen=True, kw_only=True)
class Same:
    """A published ticket that may tell of the same thing: `p` is the probability, `because` why."""

    publication: Publication
    p: float
    because: Reasons


def alike(
    text: str,
    *,
    at: datetime | None = None,
    lat: float | None = None,
    long: float | None = None,
    category: str = "",
    area: str = "",
    least: float = 0.25,
) -> list[Same]:
    """The three open published tickets that are most likely the same as what is being written, best first, none less
    likely than `least`: by their public words, with the codes of the field and the commune. Nothing of it is stored.
    ValueError for what is no point on earth."""
    own = scale_of.read(Report(text=text, at=at, lat=lat, long=long, category=category, area=area))
    ids: list[int] = []
    narrowed = condition(RegisterFilter(status="open"))
    if narrowed and long is not None and lat is not None:
        ids += read_ids(NEARBY.format(where=narrowed[0]), [*narrowed[1], long, lat, LOOKED_AT // 2])
    narrower = condition(RegisterFilter(status="open", area=area))
    terms = " | ".join("'" + term.replace("'", "''") + "'" for term in scale_of.terms(own)[:SEARCHED])
    if narrower and terms:
        ids += read_ids(ALIKE.format(where=narrower[0]), [*narrower[1], terms, LOOKED_AT // 2])
    rows = [p for p in of_ids([*dict.fromkeys(ids)]) if p.ticket.state in OPEN]
    readings = [scale_of.read(_public(p)) for p in rows]
    return [
        Same(publication=rows[one.at], p=one.p, because=scale_of.reasons(own, readings[one.at]))
        for one in scale_of.among(own, readings)
        if one.p >= least
    ]


def _public(publication: Publication) -> Report:
    """What anybody may know of a ticket."""
    ticket = publication.ticket
    return Report(
        text=f"{publication.title}. {publication.text}",
        at=ticket.received,
        lat=publication.latitude,
        long=publication.longitude,
        category=ticket.category.code if ticket.category else "",
        area=ticket.area.code if ticket.area else "",
    )


def _like(text: str, category: str, roads: frozenset[Street], publication: Publication) -> float:
    """The likeness of two tickets; the same category adds a little, the same road more, and another one takes away."""
    words = f"{publication.title}. {publication.text}"
    field, theirs = publication.ticket.category, streets(f"{publication.place}, {words}")
    same = 0.1 if category and field and field.code == category else 0.0
    return likeness(text, words) + same + ROAD * agreement(roads, theirs)

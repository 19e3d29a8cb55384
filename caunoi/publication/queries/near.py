"""What others report near a place, and what may tell of the same thing as a report that is being written. Nothing of it
is stored."""

from dataclasses import dataclass, replace
from functools import lru_cache
from math import cos, hypot, radians
from typing import Any

from caunoi.directory import queries as directory
from caunoi.publication.models import Publication
from caunoi.publication.queries.door import of_ids, published
from caunoi.publication.queries.entries import RegisterFilter, condition, read_ids
from caunoi.tickets.lifecycle import OPEN
from caunoi.tickets.queries import TICKETS
from caunoi.triage import alike as comparison
from caunoi.triage.alike import Gist, Report
from caunoi.triage.likes import COMPARED, WORTH, worth_values

DEGREE = 111_200.0
"""Metres of a degree of latitude."""
ANY = RegisterFilter()
LEAST_WORDS = 2
"""Words that say something, without which nothing is alike."""
LIKELY = 0.5
"""From which probability on one is offered. Whoever joins reports nothing of their own, so rather the same than not."""
POOL = 200
"""Open entries that are looked at: the nearest, and the newest of the commune."""
REACH = 2_000.0
"""Metres from where somebody points, beyond which nothing is the same, whatever the words say."""
PUBLIC = "pk title text place latitude longitude ticket__received ticket__category__code ticket__area__code".split()
"""What is read of each that is compared."""
READINGS = 500
"""Public texts whose reading is kept: whoever writes is offered from the same ones at each key."""
NEARBY = """
SELECT publication_id FROM publication_entry WHERE {where} AND latitude IS NOT NULL
ORDER BY point(longitude, latitude) <-> point(%s, %s) LIMIT %s
"""
NEWEST = "SELECT publication_id FROM publication_entry WHERE {where} ORDER BY publication_id DESC LIMIT %s"
# What was refused or merged is not done in the register, and yet over.
ALIKE = f"""
SELECT publication_id FROM (
    SELECT publication_id, e.category_id, e.area_id, e.latitude, e.longitude, strip(e.vector) AS vector
    FROM ({{pools}}) AS pool JOIN publication_entry e USING (publication_id)
    JOIN publication_publication p ON p.id = publication_id JOIN {TICKETS} t ON t.id = p.ticket_id AND t.state = ANY(%s)
    OFFSET 0
) AS each ORDER BY {WORTH} DESC, publication_id DESC LIMIT {COMPARED}
"""  # noqa: S608  our own conditions
_read = lru_cache(READINGS)(comparison.read)


@dataclass(frozen=True, kw_only=True)
class Near:
    """A published ticket and how far away it is, in metres; None where one of the places is missing."""

    publication: Publication
    metres: float | None


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


def alike(report: Report, address: str = "") -> list[Near]:
    """The open published tickets that may tell of the same thing as a report and the address of it, by their public
    words, the likeliest first. Nothing without words that say something, without a place or a commune, or while this
    helper is off. ValueError for what is no point on earth."""
    is_placed = bool(report.area) or report.lat is not None
    if not is_placed or not directory.is_helping("alike") or len(comparison.parts(report.text)[1]) < LEAST_WORDS:
        return []
    own = comparison.read(replace(report, text=f"{report.text}\n{address}"))
    ids = _candidates(own)
    public = {row.pk: row for row in published().filter(pk__in=ids).values_list(*PUBLIC, named=True)}
    rows = [public[pk] for pk in ids if pk in public and (_apart(report, public[pk]) or 0) <= REACH]
    likely = comparison.among(own, [_read(_public(row)) for row in rows])
    joinable = of_ids([rows[one.at].pk for one in likely if one.p >= LIKELY])
    return [Near(publication=p, metres=_apart(report, p)) for p in joinable]


def _candidates(own: Gist) -> list[int]:
    """The ids of open entries worth a comparison: of the nearest, and the newest in the commune, those that share
    most."""
    report = own.report
    pools, values = [], list[Any]()
    if report.long is not None and (narrowed := condition(RegisterFilter(status="open"))):
        pools.append(NEARBY.format(where=narrowed[0]))
        values += [*narrowed[1], report.long, report.lat, POOL]
    if report.area and (narrowed := condition(RegisterFilter(status="open", area=report.area))):
        pools.append(NEWEST.format(where=narrowed[0]))
        values += [*narrowed[1], POOL]
    if not pools:
        return []
    sql = ALIKE.format(pools=" UNION ".join(f"({pool})" for pool in pools))
    return read_ids(sql, [*values, sorted(OPEN), *worth_values(own)])


def _apart(report: Report, public: Any) -> float | None:
    if report.long is None or report.lat is None:
        return None
    return metres(report.long, report.lat, public)


def _public(row: Any) -> Report:
    """What anybody may know of a ticket, of a row of PUBLIC."""
    return Report(
        text="\n".join(filter(None, (row.title, row.text, row.place))),
        at=row.ticket__received,
        lat=row.latitude,
        long=row.longitude,
        category=row.ticket__category__code or "",
        area=row.ticket__area__code or "",
    )

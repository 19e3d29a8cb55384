"""What a part of the map shows: squares with their numbers from afar, single places from near. Never a scan of
tickets."""

from dataclasses import dataclass
from typing import Any

from django.db import connection

from caunoi.lib.places.squares import NEAR, NEAREST, Box, blocks, level, square
from caunoi.publication.queries.entries import RegisterFilter, condition, ids_of, matches, narrowed_to

MATCHES = 1000
"""How many of the newest that hold the words are put on the map."""
FEW = 80
"""So few are shown each by itself, unless they would hide each other."""
SPOTS = 800


@dataclass(frozen=True, kw_only=True)
class Spot:
    """Entries that lie together: their middle, how many, how many of them done, the newest publication's id where the
    spot is one place (rounded to about a hundred metres where a person is concerned)."""

    longitude: float
    latitude: float
    count: int
    done: int
    newest: int | None = None


def spots(filters: RegisterFilter, box: Box, zoom: float) -> list[Spot]:
    """What lies in a part of the map at a zoom."""
    squares = _squares(filters, box, level(zoom)) if zoom < NEAREST and not filters.text else []
    if sum(spot.count for spot in squares) > FEW:
        return squares
    places = _matching(filters, box) if filters.text else _near(filters, box)
    return places if zoom >= NEAR else _together(places, level(zoom))


def _squares(filters: RegisterFilter, box: Box, at: int) -> list[Spot]:
    ids = ids_of(filters)
    if ids is None:
        return []
    left, top = square(at, box.west, box.north)
    right, bottom = square(at, box.east, box.south)
    conditions, values = narrowed_to(ids)
    parts = "".join(f" AND {one}" for one in conditions)
    parts += {"done": " AND done", "open": " AND NOT done"}.get(filters.status, "")
    sql = f"""
    SELECT sum(east) / sum(count), sum(north) / sum(count), sum(count), coalesce(sum(count) FILTER (WHERE done), 0)
    FROM publication_square
    WHERE level = %s AND block = ANY(%s) AND x BETWEEN %s AND %s AND y BETWEEN %s AND %s {parts}
    GROUP BY x, y HAVING sum(count) > 0 LIMIT {SPOTS}
    """  # noqa: S608
    return _spots(sql, [at, list(blocks(at, box)), left, right, top, bottom, *values])


PLACES = """
SELECT longitude, latitude, count(*), count(*) FILTER (WHERE done), max(publication_id)
FROM publication_entry WHERE {where} AND {inside} GROUP BY longitude, latitude
ORDER BY max(publication_id) DESC LIMIT {spots}
"""
INSIDE = "latitude IS NOT NULL AND point(longitude, latitude) <@ box(point(%s, %s), point(%s, %s))"


def _near(filters: RegisterFilter, box: Box) -> list[Spot]:
    narrowed = condition(filters)
    if narrowed is None:
        return []
    where, values = narrowed
    sql = PLACES.format(where=where, inside=INSIDE, spots=SPOTS)
    return _spots(sql, [*values, box.west, box.south, box.east, box.north])


def _matching(filters: RegisterFilter, box: Box) -> list[Spot]:
    """The newest that hold the words."""
    sql = PLACES.format(where="publication_id = ANY(%s) AND shown", inside=INSIDE, spots=MATCHES)
    return _spots(sql, [matches(filters, MATCHES), box.west, box.south, box.east, box.north])


def _together(places: list[Spot], at: int) -> list[Spot]:
    """Places of one square as one spot."""
    squares: dict[tuple[int, int], list[Spot]] = {}
    for spot in places:
        squares.setdefault(square(at, spot.longitude, spot.latitude), []).append(spot)
    return [_middle(spots) for spots in squares.values()]


def _middle(spots: list[Spot]) -> Spot:
    if len(spots) == 1:
        return spots[0]
    count = sum(spot.count for spot in spots)
    return Spot(
        longitude=sum(s.longitude * s.count for s in spots) / count,
        count=count,
        latitude=sum(s.latitude * s.count for s in spots) / count,
        done=sum(s.done for s in spots),
    )


def _spots(sql: str, values: list[Any]) -> list[Spot]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [
            Spot(longitude=east, latitude=north, count=int(count), done=int(done), newest=newest[0] if newest else None)
            for east, north, count, done, *newest in cursor.fetchall()
        ]

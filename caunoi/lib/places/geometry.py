"""Where a point on the map lies: in which commune's polygon or, without polygons, near which commune's middle.

Degrees WGS 84 everywhere; polygons are GeoJSON coordinates, [longitude, latitude], as RFC 7946 has them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import asin, cos, pi, radians, sin, sqrt
from typing import Any

from caunoi.lib.places.gazetteer import Unit

EARTH = 6_371_008.8
"""Mean radius, metres."""

REACH = 2.0
"""A commune is plausible for a point within this many radii of the circle of its area."""

type Ring = Sequence[Sequence[float]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Point:
    """A place on the map. Raises ValueError for what is no latitude or longitude."""

    lat: float
    lon: float

    def __post_init__(self) -> None:
        if not (-90 <= self.lat <= 90 and -180 <= self.lon <= 180):
            raise ValueError(f"no point on earth: lat {self.lat}, lon {self.lon}")


@dataclass(frozen=True, slots=True)
class Shape:
    """The outline of one area: polygons of rings, the first ring the outside, the others holes."""

    polygons: tuple[tuple[Ring, ...], ...]
    west: float
    south: float
    east: float
    north: float

    @classmethod
    def of(cls, geometry: dict[str, Any]) -> "Shape":
        """From a GeoJSON Polygon or MultiPolygon; ValueError for another or an empty one."""
        kind = geometry.get("type")
        if kind not in ("Polygon", "MultiPolygon"):
            raise ValueError(f"neither Polygon nor MultiPolygon: {kind!r}")
        parts = [geometry["coordinates"]] if kind == "Polygon" else geometry["coordinates"]
        polygons = tuple(tuple(part) for part in parts)
        outside = [position for polygon in polygons for position in polygon[0]]
        if not outside:
            raise ValueError("a shape without positions")
        lons, lats = [p[0] for p in outside], [p[1] for p in outside]
        return cls(polygons, min(lons), min(lats), max(lons), max(lats))

    def contains(self, point: Point) -> bool:
        """Whether the point lies inside; of a point on the very border, only one of two neighbours says so."""
        if not (self.west <= point.lon <= self.east and self.south <= point.lat <= self.north):
            return False
        return any(
            _within(point, polygon[0]) and not any(_within(point, hole) for hole in polygon[1:])
            for polygon in self.polygons
        )


def inside[Key](point: Point, shapes: Iterable[tuple[Key, Shape]]) -> Key | None:
    """The first whose shape contains the point."""
    return next((key for key, shape in shapes if shape.contains(point)), None)


def nearest(point: Point, units: Iterable[Unit]) -> Unit | None:
    """The commune whose middle is nearest for its size; None where the point is implausibly far from all.

    Distances are weighed by the radius of the circle of the commune's area, so that a large rural commune reaches
    further than a small ward. A guess, right for four points of five: where polygons are known, `inside` knows better.
    """
    weighed = [(distance(point, Point(lat=u.lat, lon=u.lon)) / _radius(u), u) for u in units if u.lat and u.lon]
    reach, unit = min(weighed, key=lambda pair: pair[0], default=(REACH, None))
    return unit if reach < REACH else None


def distance(one: Point, other: Point) -> float:
    """Metres along the surface, on a round earth (haversine)."""
    lat1, lat2 = radians(one.lat), radians(other.lat)
    half = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin(radians(other.lon - one.lon) / 2) ** 2
    return 2 * EARTH * asin(min(1.0, sqrt(half)))


def _within(point: Point, ring: Ring) -> bool:
    """Ray casting to the east; a closed ring or an open one."""
    odd = False
    x1, y1 = ring[-1][:2]
    for position in ring:
        x2, y2 = position[:2]
        if (y1 > point.lat) != (y2 > point.lat) and point.lon < (x2 - x1) * (point.lat - y1) / (y2 - y1) + x1:
            odd = not odd
        x1, y1 = x2, y2
    return odd


def _radius(unit: Unit) -> float:
    return sqrt((unit.area_km2 or 30.0) * 1e6 / pi)

"""Where things happen in the demo: a commune, a road that runs through it, a quarter, a landmark and a point inside."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import cos, radians, sqrt
from random import Random

from caunoi.demo.matters import places
from caunoi.directory.models import Area
from caunoi.lib.places import geometry

KM = 1 / 111.0  # degrees of latitude
TRIES = 6


@dataclass(frozen=True, kw_only=True)
class Place:
    """A place as people tell it; `latitude` and `longitude` lie within the area."""

    area: Area
    road: str
    quarter: str
    landmark: str
    latitude: float
    longitude: float

    @property
    def commune(self) -> str:
        """The area's name within a sentence: phường Trấn Biên."""
        return self.area.name[0].lower() + self.area.name[1:]

    @property
    def whole(self) -> str:
        return f"{self.road}, {self.quarter}, {self.commune}"

    @property
    def address(self) -> str:
        return f"{self.road}, {self.quarter}, {self.area.name}"


class Map:
    """The communes of the province, each as busy as it is."""

    def __init__(self, areas: Sequence[Area], shapes: Mapping[str, geometry.Shape]) -> None:
        self.areas, self.shapes, data = areas, shapes, places()
        busy = data["busy"]
        self.weights = [busy.get(a.code, 3 if a.kind == "Phường" else 1) for a in areas]
        self.main = {a.code: [road for road, codes in data["roads"].items() if a.code in codes] for a in areas}

    def somewhere(self, r: Random, kind: str = "") -> Place:
        """A place in a commune (of a kind where given), the busy ones more often."""
        area = r.choices(self.areas, self.weights)[0]
        while kind and area.kind != kind:
            area = r.choices(self.areas, self.weights)[0]
        return self.within(area, r)

    def within(self, area: Area, r: Random) -> Place:
        data, side = places(), "ward" if area.kind == "Phường" else "commune"
        road = r.choice([*self.main[area.code] * 3, *data[f"{side}_roads"]])
        if side == "ward":
            quarter = f"khu phố {r.randint(1, 12)}"
        else:
            quarter = f"{'thôn' if area.code < '25451' and r.random() < 0.5 else 'ấp'} {r.randint(1, 9)}"
        latitude, longitude = self._point(area, r)
        return Place(
            area=area,
            road=road,
            quarter=quarter,
            landmark=r.choice(data[f"{side}_landmarks"]),
            latitude=latitude,
            longitude=longitude,
        )

    def _point(self, area: Area, r: Random) -> tuple[float, float]:
        middle, across = area.latitude or 0.0, area.longitude or 0.0
        spread = 0.2 * sqrt(area.area_km2 or 20.0) * KM
        shape = self.shapes.get(area.code)
        for _ in range(TRIES if shape else 0):
            point = geometry.Point(
                lat=middle + r.gauss(0, spread), lon=across + r.gauss(0, spread) / cos(radians(middle))
            )
            if shape and shape.contains(point):
                return round(point.lat, 5), round(point.lon, 5)
        return round(middle + r.uniform(-0.002, 0.002), 5), round(across + r.uniform(-0.002, 0.002), 5)

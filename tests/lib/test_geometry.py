"""Points, distances and shapes, by properties and by the polygons of the demo's province.

Proves: commune from pin (polygon, else nearest) or address, old or new"""

import json
from datetime import date
from math import isclose
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from caunoi.lib.places import gazetteer
from caunoi.lib.places.geometry import Point, Shape, distance, inside, nearest

AREAS = Path(__file__).resolve().parents[3] / "shared" / "data" / "areas"
TODAY = date(2026, 8, 1)
HERE = st.builds(Point, lat=st.floats(8.0, 23.0), lon=st.floats(102.5, 117.0))


def square(west: float, south: float, side: float, *holes: list[list[float]]) -> Shape:
    east, north = west + side, south + side
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return Shape.of({"type": "Polygon", "coordinates": [ring, *holes]})


@given(HERE, HERE)
def test_the_way_there_is_as_long_as_the_way_back(one: Point, other: Point) -> None:
    assert isclose(distance(one, other), distance(other, one))


@given(HERE, HERE, HERE)
def test_a_detour_is_never_shorter(one: Point, other: Point, via: Point) -> None:
    assert distance(one, other) <= distance(one, via) + distance(via, other) + 1e-3


def test_a_degree_of_latitude_is_some_111_kilometres() -> None:
    assert distance(Point(lat=11, lon=107), Point(lat=12, lon=107)) == pytest.approx(111_195, abs=1)
    assert distance(Point(lat=11.5, lon=106.9), Point(lat=11.5, lon=106.9)) == 0


@given(HERE, st.floats(0.01, 2))
def test_a_square_contains_what_lies_between_its_sides(point: Point, side: float) -> None:
    assert square(point.lon - side / 3, point.lat - side / 3, side).contains(point)
    assert not square(point.lon + side / 3, point.lat - side / 3, side).contains(point)
    assert not square(point.lon - side / 3, point.lat + side / 3, side).contains(point)


@given(HERE, st.integers(0, 40), st.integers(0, 40))
def test_neighbours_share_no_point_and_leave_none_out(point: Point, column: int, row: int) -> None:
    """A grid of squares covers its area once, points on the common sides included."""
    at = Point(lat=8 + row * 0.25, lon=103 + column * 0.25) if column % 2 else point
    cells = [((x, y), square(102 + x, 7 + y, 1)) for x in range(16) for y in range(17)]
    assert sum(shape.contains(at) for _, shape in cells) == 1
    assert inside(at, cells) == (int(at.lon - 102), int(at.lat - 7))


def test_a_hole_is_outside_and_every_part_is_inside() -> None:
    hole = [[107.4, 11.4], [107.6, 11.4], [107.6, 11.6], [107.4, 11.6]]
    ring = square(107, 11, 1, hole)
    assert not ring.contains(Point(lat=11.5, lon=107.5))
    assert ring.contains(Point(lat=11.2, lon=107.2))
    parts = [
        [[[106, 11], [106.1, 11], [106.1, 11.1], [106, 11.1]]],
        [[[108, 12], [108.1, 12], [108.1, 12.1], [108, 12.1]]],
    ]
    islands = Shape.of({"type": "MultiPolygon", "coordinates": parts})
    assert islands.contains(Point(lat=11.05, lon=106.05)) and islands.contains(Point(lat=12.05, lon=108.05))
    assert not islands.contains(Point(lat=11.5, lon=107))


@pytest.mark.parametrize(
    "geometry", [{"type": "Point", "coordinates": [1, 2]}, {"type": "MultiPolygon", "coordinates": []}, {}]
)
def test_what_is_no_area_is_refused(geometry: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"Polygon|positions"):
        Shape.of(geometry)


@pytest.mark.parametrize(("lat", "lon"), [(91, 0), (0, 181), (float("nan"), 107)])
def test_what_is_no_point_is_refused(lat: float, lon: float) -> None:
    with pytest.raises(ValueError, match="no point on earth"):
        Point(lat=lat, lon=lon)


@given(st.sampled_from(gazetteer.communes("75", TODAY)))
def test_the_middle_of_a_commune_is_nearest_to_itself(unit: gazetteer.Unit) -> None:
    assume(unit.lat and unit.lon)
    assert nearest(Point(lat=unit.lat or 0, lon=unit.lon or 0), gazetteer.communes("75", TODAY)) == unit


def test_a_point_far_from_every_commune_is_in_none() -> None:
    communes = gazetteer.communes("75", TODAY)
    assert nearest(Point(lat=21.03, lon=105.85), communes) is None
    assert nearest(Point(lat=21.03, lon=105.85), []) is None


def test_the_provinces_polygons_contain_their_own_points() -> None:
    path = AREAS / "dong_nai_wards_simplified.geojson"
    if not path.exists():
        pytest.skip(f"{path} is absent")
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    shapes = [(f["properties"]["code"], Shape.of(f["geometry"])) for f in features]
    communes = gazetteer.communes("75", TODAY)
    guessed = 0
    for feature in features:
        code = feature["properties"]["code"]
        point = Point(lat=feature["properties"]["rep_lat"], lon=feature["properties"]["rep_lon"])
        assert inside(point, shapes) == code
        guess = nearest(point, communes)
        guessed += guess is not None and guess.code == code
    assert len(features) == 95
    assert guessed >= 90

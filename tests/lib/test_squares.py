from math import atan, degrees, pi, sinh

from hypothesis import given
from hypothesis import strategies as st

from caunoi.lib.places import squares
from caunoi.lib.places.squares import Box

LONG, LAT = st.floats(-180, 180), st.floats(-85, 85)


def corner(level: int, x: int, y: int) -> tuple[float, float]:
    """The north-western corner of a square: (longitude, latitude)."""
    size = 2**level
    return x / size * 360 - 180, degrees(atan(sinh(pi * (1 - 2 * y / size))))


@given(LONG, LAT, st.sampled_from(squares.LEVELS))
def test_a_place_lies_in_its_square(longitude: float, latitude: float, level: int) -> None:
    x, y = squares.square(level, longitude, latitude)
    west, north = corner(level, x, y)
    east, south = corner(level, x + 1, y + 1)
    assert west - 1e-6 <= longitude <= east + 1e-6
    assert south - 1e-6 <= latitude <= north + 1e-6


@given(LONG, LAT, st.floats(0, 0.5), st.floats(0, 0.5), st.sampled_from(squares.LEVELS[:3]))
def test_the_blocks_of_a_part_of_the_map_hold_every_place_in_it(
    longitude: float, latitude: float, wide: float, high: float, level: int
) -> None:
    box = Box(longitude, latitude, min(180, longitude + wide), min(85, latitude + high))
    found = set(squares.blocks(level, box))
    for east in (box.west, box.east):
        for north in (box.south, box.north):
            assert squares.block(*squares.square(level, east, north)) in found


def test_nobody_can_ask_for_more_than_a_screen_shows() -> None:
    assert len(list(squares.blocks(16, Box(-180, -85, 180, 85)))) == squares.MOST


def test_a_zoom_has_squares_that_a_finger_can_touch() -> None:
    for zoom in range(5, 16):
        points = 512 * 2**zoom / 2 ** squares.level(zoom)
        assert 64 <= points <= 128, zoom

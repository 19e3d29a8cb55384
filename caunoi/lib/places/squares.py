"""The map divided into squares, each level twice as fine in both directions, as web maps do it. Pure; degrees WGS
84."""

from collections.abc import Iterator
from math import asinh, pi, radians, tan
from typing import NamedTuple

LEVELS = (8, 10, 12, 14, 16, 18)
"""The levels that are counted: squares of 64 to 128 points of a screen at the zoom that shows them."""
NEAR = 15
"""From this zoom on single places are shown, no squares, but where many lie."""
NEAREST = 18
"""From this zoom on always: a press on a spot leads no nearer."""
LIMIT = 85.0511
"""No web map shows more of the north and south."""
BLOCK = 4
"""2 ** BLOCK squares a side are found together."""
MOST = 64
"""No screen shows more blocks than these."""


class Box(NamedTuple):
    """A part of the map."""

    west: float
    south: float
    east: float
    north: float


def square(level: int, longitude: float, latitude: float) -> tuple[int, int]:
    """The square of a place: (x, y) from the north-west."""
    size = 2**level
    north = radians(max(-LIMIT, min(LIMIT, latitude)))
    x, y = (longitude + 180) / 360 * size, (1 - asinh(tan(north)) / pi) / 2 * size
    return max(0, min(size - 1, int(x))), max(0, min(size - 1, int(y)))


def block(x: int, y: int) -> int:
    """The number of the block that a square lies in."""
    return (x >> BLOCK) << 32 | (y >> BLOCK)


def level(zoom: float) -> int:
    """The level of squares for a zoom (of tiles of 512 points)."""
    return max([number for number in LEVELS if number <= zoom + 3], default=LEVELS[0])


def blocks(level: int, box: Box) -> Iterator[int]:
    """The blocks that a part of the map touches, MOST at the most."""
    left, top = square(level, box.west, box.north)
    right, bottom = square(level, box.east, box.south)
    count = 0
    for x in range(left >> BLOCK, (right >> BLOCK) + 1):
        for y in range(top >> BLOCK, (bottom >> BLOCK) + 1):
            if (count := count + 1) > MOST:
                return
            yield x << 32 | y

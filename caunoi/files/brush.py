"""Painting over parts of a picture for good: nothing of what was under them is in the new file. No Django.

A shape is a rectangle {"x", "y", "w", "h"} or a stroke {"r", "points": [[x, y], …]}, in thousandths of the picture's
width and height (`r`, the brush's radius, of its width)."""

import io
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from PIL import Image, ImageDraw, ImageStat

from caunoi.files.pictures import SMALL, Picture, encoded

WHOLE = 1000
SHAPES, POINTS = 200, 2000  # the most of a picture, and of a stroke
RADIUS = 300


class BadShapeError(ValueError):
    """No shape that we paint."""


def _number(value: Any, least: float, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise BadShapeError
    return round(float(value), 1)


def checked(shapes: Any) -> list[dict[str, Any]]:
    """Shapes as they came from outside, with nothing else in them. BadShapeError."""
    if not isinstance(shapes, list) or len(shapes) > SHAPES:
        raise BadShapeError
    return [_checked(shape) for shape in shapes]


def _checked(shape: Any) -> dict[str, Any]:
    if not isinstance(shape, dict):
        raise BadShapeError
    if "points" in shape:
        points = shape["points"]
        if not isinstance(points, list) or not 0 < len(points) <= POINTS:
            raise BadShapeError
        if not all(isinstance(p, list | tuple) and len(p) == 2 for p in points):
            raise BadShapeError
        edge = (-WHOLE, 2 * WHOLE)  # a stroke may leave the picture
        return {
            "r": _number(shape.get("r"), 1, RADIUS),
            "points": [[_number(x, *edge), _number(y, *edge)] for x, y in points],
        }
    result = {name: _number(shape.get(name), 0, WHOLE) for name in ("x", "y", "w", "h")}
    if not result["w"] or not result["h"]:
        raise BadShapeError
    return result


def _mask(size: tuple[int, int], shape: Mapping[str, Any]) -> Image.Image:
    width, height = size
    mask = Image.new("1", size)
    draw = ImageDraw.Draw(mask)
    if "points" not in shape:
        left, top = shape["x"] * width / WHOLE, shape["y"] * height / WHOLE
        right, bottom = left + shape["w"] * width / WHOLE, top + shape["h"] * height / WHOLE
        draw.rectangle((int(left), int(top), int(right) + 1, int(bottom) + 1), fill=1)
        return mask
    radius = max(2.0, shape["r"] * width / WHOLE)
    points = [(x * width / WHOLE, y * height / WHOLE) for x, y in shape["points"]]
    for (ax, ay), (bx, by) in zip(points, points[1:] or points, strict=False):
        steps = int(max(abs(bx - ax), abs(by - ay)) / max(1.0, radius / 2)) + 1
        for step in range(steps + 1):
            x, y = ax + (bx - ax) * step / steps, ay + (by - ay) * step / steps
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=1)
    return mask


def paint(data: bytes, shapes: Sequence[Mapping[str, Any]]) -> Picture:
    """A picture of ours (WebP) with each shape filled by the mean colour of what it hides; `digest` is of the large
    size."""
    with Image.open(io.BytesIO(data)) as source:
        image = source.convert("RGB")
    for shape in shapes:
        mask = _mask(image.size, shape)
        if mask.getbbox() is None:
            continue  # a stroke outside the picture
        mean = tuple(round(value) for value in ImageStat.Stat(image, mask).mean)
        image.paste(Image.new("RGB", image.size, mean), mask=mask)
    large, _ = encoded(image, max(image.size), 82)
    small, _ = encoded(image, SMALL, 72)
    return Picture(digest=sha256(large).hexdigest(), width=image.width, height=image.height, large=large, small=small)

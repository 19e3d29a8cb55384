"""Outlines of communes from a GeoJSON file: read and checked, not yet compared with our rows. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from caunoi.lib.places import gazetteer

SHAPES = {"Polygon", "MultiPolygon"}


class BadOutlinesError(ValueError):
    """A file that cannot be read; the message says which feature and what to do about it."""


@dataclass(frozen=True, kw_only=True)
class Outline:
    """A commune's code and GeoJSON geometry, with the point inside and the size (km²) where the file gives them."""

    code: str
    geometry: Mapping[str, Any]
    latitude: float | None = None
    longitude: float | None = None
    area_km2: float | None = None


def read(path: Path, province: str) -> list[Outline]:
    """The outlines of a GeoJSON FeatureCollection whose features carry `properties.code` (and perhaps rep_lat, rep_lon,
    areaKm2). BadOutlinesError for any other file, and for a code that is no commune of the province today or stands
    twice."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadOutlinesError(f"{path}: {error.strerror}") from None
    return parse(content, str(path), province)


def parse(content: bytes, path: str, province: str) -> list[Outline]:
    """The same of a file's content; `path` is what the file is called."""
    try:
        whole = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise BadOutlinesError(f"{path}: not JSON: {error}") from None
    if not isinstance(whole, dict) or whole.get("type") != "FeatureCollection" or not whole.get("features"):
        raise BadOutlinesError(f"{path}: not a GeoJSON FeatureCollection with features")
    codes = {unit.code for unit in gazetteer.communes(province)}
    outlines: dict[str, Outline] = {}
    for number, feature in enumerate(whole["features"], 1):
        try:
            outline = _outline(feature)
            if outline.code not in codes:
                raise BadOutlinesError(f"code {outline.code} is no commune of province {province} today")
            if outline.code in outlines:
                raise BadOutlinesError(f"code {outline.code} stands twice")
        except BadOutlinesError as error:
            raise BadOutlinesError(f"{path}: feature {number}: {error}") from None
        outlines[outline.code] = outline
    return list(outlines.values())


def _outline(feature: Any) -> Outline:
    if not isinstance(feature, dict):
        raise BadOutlinesError("not an object")
    properties, geometry = feature.get("properties") or {}, feature.get("geometry") or {}
    if not str(properties.get("code") or "").isdigit():
        raise BadOutlinesError("properties.code is missing; it must be the state's 5-digit code")
    if geometry.get("type") not in SHAPES or not geometry.get("coordinates"):
        raise BadOutlinesError(f"geometry {geometry.get('type')!r} is not a Polygon or MultiPolygon")
    for longitude, latitude in _corners(geometry["coordinates"]):
        if not (-180 <= longitude <= 180 and -90 <= latitude <= 90):
            raise BadOutlinesError("coordinates are not longitude and latitude in degrees (WGS 84)")
    return Outline(
        code=str(properties["code"]).zfill(5),
        geometry={"type": geometry["type"], "coordinates": geometry["coordinates"]},
        latitude=properties.get("rep_lat"),
        longitude=properties.get("rep_lon"),
        area_km2=properties.get("areaKm2"),
    )


def _corners(coordinates: Any) -> list[tuple[float, float]]:
    """Every corner of a ring, a polygon or several, however deep they lie."""
    if not isinstance(coordinates, list) or not coordinates:
        raise BadOutlinesError("coordinates are damaged")
    if not isinstance(coordinates[0], int | float):
        return [corner for part in coordinates for corner in _corners(part)]
    if len(coordinates) < 2 or not isinstance(coordinates[1], int | float):
        raise BadOutlinesError("coordinates are damaged")
    return [(coordinates[0], coordinates[1])]

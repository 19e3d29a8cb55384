"""What maps are drawn from."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse

from caunoi.directory.queries import Fresh, shaped
from caunoi.lib.places.squares import Box
from caunoi.publication import queries
from caunoi.web.citizen.cacheable import cacheable
from caunoi.web.citizen.register import items, narrowing, register_filter

PROVINCE = 8.0  # a zoom that shows a province
WORLD = Box(-180, -85, 180, 85)
ITEMS = 12

outlined: Fresh[dict[str, Any]] = Fresh(shaped)


def outlines(request: HttpRequest) -> JsonResponse:
    """The communes as GeoJSON: outlines where they were imported, else their points."""
    response = JsonResponse(outlined())
    response["Cache-Control"] = "public, max-age=3600"
    return response


def _box(text: str) -> Box:
    """ "west,south,east,north" of an address; the whole world for what is none."""
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        return WORLD
    whole = -360 <= west < east <= 360 and -90 <= south < north <= 90
    return Box(max(west, -180), south, min(east, 180), north) if whole else WORLD


def _zoom(text: str) -> float:
    try:
        return max(0.0, min(22.0, float(text)))
    except ValueError:
        return PROVINCE


@cacheable
def points(request: HttpRequest) -> HttpResponse:
    """What lies in a part of the map (`box`, `zoom`), narrowed as the register is, as GeoJSON: single tickets, and
    spots of several with how many they are and where their list is."""
    filters = register_filter(request)
    spots = queries.spots(filters, _box(request.GET.get("box", "")), _zoom(request.GET.get("zoom", "")))
    rows = queries.of_ids([spot.newest for spot in spots if spot.count == 1 and spot.newest])
    lines = {p.pk: line for p, line in zip(rows, items(rows))}
    features = []
    for spot in spots:
        properties: dict[str, Any] = {"count": spot.count, "open": spot.count - spot.done}
        row = lines.get(spot.newest or 0)
        if row:
            mark = "due-soon" if row.mark == "paused" else row.mark
            properties = {"code": row.code, "title": row.title, "state": row.state, "mark": mark}
            properties |= {"url": f"/p/{row.code}", "meta": row.area}
        elif spot.newest:
            at = f"{spot.longitude:.4f},{spot.latitude:.4f}"
            properties |= {"at": at, "url": f"/register?{narrowing(filters, at=at)}"}
        geometry = {"type": "Point", "coordinates": [round(spot.longitude, 5), round(spot.latitude, 5)]}
        features.append({"type": "Feature", "geometry": geometry, "properties": properties})
    response = JsonResponse(
        {"type": "FeatureCollection", "features": features}, json_dumps_params={"ensure_ascii": False}
    )
    response["Cache-Control"] = "public, no-cache"
    return response

"""What maps are drawn from."""

from typing import Any

from django.http import HttpRequest, JsonResponse

from caunoi.directory.queries import Fresh, shaped
from caunoi.publication.queries import placed
from caunoi.sla.queries import handles
from caunoi.web.citizen.register import asked
from caunoi.web.lines import line
from caunoi.web.masks import in_words

POINTS = 1000

outlined: Fresh[dict[str, Any]] = Fresh(shaped)


def outlines(request: HttpRequest) -> JsonResponse:
    """The communes as GeoJSON: outlines where they were imported, else their points."""
    response = JsonResponse(outlined())
    response["Cache-Control"] = "public, max-age=3600"
    return response


def points(request: HttpRequest) -> JsonResponse:
    """The newest published tickets that have a place, as GeoJSON; narrowed as the register is."""
    found = placed(POINTS, **asked(request))
    deadlines = handles([p.ticket for p in found])
    features = []
    for p in found:
        row = line(p.ticket, deadlines.get(p.ticket_id))
        properties = {
            "code": row["code"],
            "title": in_words(p.title),
            "url": f"/p/{row['code']}",
            "state": row["state"],
        }
        properties |= {"mark": "due-soon" if row["mark"] == "paused" else row["mark"], "meta": row["area"]}
        geometry = {"type": "Point", "coordinates": [p.longitude, p.latitude]}
        features.append({"type": "Feature", "geometry": geometry, "properties": properties})
    response = JsonResponse({"type": "FeatureCollection", "features": features})
    response["Cache-Control"] = "public, max-age=60"
    return response

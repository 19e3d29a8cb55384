"""What maps are drawn from."""

from typing import Any

from django.http import HttpRequest, JsonResponse

from caunoi.directory.queries import Fresh, shaped
from caunoi.publication.queries import placed

outlined: Fresh[dict[str, Any]] = Fresh(shaped)


def outlines(request: HttpRequest) -> JsonResponse:
    """The communes as GeoJSON: outlines where they were imported, else their points."""
    response = JsonResponse(outlined())
    response["Cache-Control"] = "public, max-age=3600"
    return response


def points(request: HttpRequest) -> JsonResponse:
    """The newest published tickets that have a place, as GeoJSON."""
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [p.longitude, p.latitude]},
            "properties": {
                "code": p.ticket.code,
                "title": p.title,
                "url": f"/p/{p.ticket.code}",
                "state": p.ticket.state,
            },
        }
        for p in placed(1000)
    ]
    response = JsonResponse({"type": "FeatureCollection", "features": features})
    response["Cache-Control"] = "public, max-age=60"
    return response

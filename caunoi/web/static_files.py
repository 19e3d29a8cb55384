"""Static files straight from the checkout: hashed names are kept by browsers for a year. (A proxy may do this
instead.)"""

import json
import mimetypes
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django_htmx
from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponseNotFound
from django.http.response import HttpResponseBase

from caunoi.web.errors import or_404

ROOTS = (Path(__file__).parent / "static", Path(django_htmx.__file__).parent / "static")
YEAR = "public, max-age=31536000, immutable"
mimetypes.add_type("text/javascript", ".js")
mimetypes.add_type("font/woff2", ".woff2")


def manifest() -> dict[str, Any]:
    """What was built, by its source."""
    path = settings.STATIC_DIST / "manifest.json"
    return json.loads(path.read_text("utf-8")) if path.exists() else {}


def built(source: str) -> str:
    """The text of what was built of it; Http404 where nothing was."""
    name = str(or_404(manifest().get(source))["file"])
    return (settings.STATIC_DIST / name).read_text("utf-8")


class StaticFiles:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(settings.STATIC_URL):
            return self.get_response(request)
        name = request.path_info.removeprefix(settings.STATIC_URL)
        for root in ROOTS:
            path = (root / name).resolve()
            if path.is_relative_to(root.resolve()) and path.is_file():
                kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
                packed = path.with_name(path.name + ".gz")
                if "gzip" in request.headers.get("Accept-Encoding", "") and packed.is_file():
                    response = FileResponse(packed.open("rb"), content_type=kind)
                    response["Content-Encoding"] = "gzip"
                else:
                    response = FileResponse(path.open("rb"), content_type=kind)
                response["Vary"] = "Accept-Encoding"
                response["Cache-Control"] = YEAR if name.startswith("dist/") else "public, max-age=3600"
                return response
        return HttpResponseNotFound("Not found", content_type="text/plain")

"""Sound files for the browser's player, which asks for parts of them."""

import re
from collections.abc import Iterator

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from caunoi.calls.actions.recordings import ENDINGS

PIECE = 64 * 1024
RANGE = re.compile(r"bytes=(\d{0,12})-(\d{0,12})$")


def sound(request: HttpRequest, name: str) -> HttpResponseBase:
    """A stored sound file, whole (200) or the part that is asked for (206, 416). Http404 when it is gone."""
    kind = ENDINGS.get(name.rpartition(".")[2], "application/octet-stream")
    if not default_storage.exists(name):
        raise Http404
    size = default_storage.size(name)
    asked = RANGE.match(request.headers.get("Range", ""))
    if asked and asked[0] != "bytes=-":
        first = int(asked[1]) if asked[1] else max(0, size - int(asked[2]))
        last = min(int(asked[2]), size - 1) if asked[1] and asked[2] else size - 1
        if first > last:
            return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
        answer: HttpResponseBase = StreamingHttpResponse(_part(name, first, last), status=206, content_type=kind)
        answer["Content-Range"] = f"bytes {first}-{last}/{size}"
        answer["Content-Length"] = str(last - first + 1)
    else:
        answer = FileResponse(default_storage.open(name), content_type=kind)
    answer["Accept-Ranges"] = "bytes"
    answer["Cache-Control"] = "private, max-age=300"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def _part(name: str, first: int, last: int) -> Iterator[bytes]:
    with default_storage.open(name) as file:
        file.seek(first)
        left = last - first + 1
        while left > 0 and (piece := file.read(min(PIECE, left))):
            left -= len(piece)
            yield piece

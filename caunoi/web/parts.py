"""Files that are sent whole or from where a broken download left off (RFC 9110, ranges of one part)."""

import re
from collections.abc import Callable, Iterator
from typing import IO, Any

from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

PIECE = 64 * 1024
RANGE = re.compile(r"bytes=(\d{0,12})-(\d{0,12})$")


def sent(
    request: HttpRequest, source: Callable[[], IO[Any]], size: int, kind: str, *, tag: str = "", modified: str = ""
) -> HttpResponseBase:
    """A file of `size` bytes whole (200), or the part that is asked for (206, 416). With `tag` or `modified` (as the
    headers ETag and Last-Modified have them) a part is given only of the very file that the client began with."""
    range_match = RANGE.match(request.headers.get("Range", ""))
    begun = request.headers.get("If-Range", "")
    if begun and begun not in (tag, modified):
        range_match = None
    if range_match and range_match[0] != "bytes=-":
        first = int(range_match[1]) if range_match[1] else max(0, size - int(range_match[2]))
        last = min(int(range_match[2]), size - 1) if range_match[1] and range_match[2] else size - 1
        if first > last:
            return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
        answer: HttpResponseBase = StreamingHttpResponse(_part(source, first, last), status=206, content_type=kind)
        answer["Content-Range"] = f"bytes {first}-{last}/{size}"
        answer["Content-Length"] = str(last - first + 1)
    else:
        answer = FileResponse(source(), content_type=kind)
    answer["Accept-Ranges"] = "bytes"
    for name, value in (("ETag", tag), ("Last-Modified", modified)):
        if value:
            answer[name] = value
    return answer


def _part(source: Callable[[], IO[Any]], first: int, last: int) -> Iterator[bytes]:
    with source() as file:
        file.seek(first)
        left = last - first + 1
        while left > 0 and (piece := file.read(min(PIECE, left))):
            left -= len(piece)
            yield piece

"""Sound files for the browser's player, which asks for parts of them."""

from functools import partial

from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

from caunoi.calls.actions.recordings import ENDINGS
from caunoi.web.parts import sent


def sound(request: HttpRequest, name: str) -> HttpResponseBase:
    """A stored sound file, whole (200) or the part that is asked for (206, 416). Http404 when it is gone."""
    kind = ENDINGS.get(name.rpartition(".")[2], "application/octet-stream")
    if not default_storage.exists(name):
        raise Http404
    answer = sent(request, partial(default_storage.open, name), default_storage.size(name), kind)
    answer["Cache-Control"] = "private, max-age=300"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer

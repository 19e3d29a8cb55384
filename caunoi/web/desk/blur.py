"""A photo before a reviewer's brush: what is painted over is gone from the public picture, not only covered."""

import json
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from caunoi.files import brush
from caunoi.publication import actions, readings
from caunoi.tickets import queries as tickets
from caunoi.tickets.lifecycle import MissingDataError, NotPossibleError
from caunoi.tickets.models import Ticket
from caunoi.web.desk.review import publication_of
from caunoi.web.page import Page, render_page
from caunoi.web.story import PictureLinks, picture
from caunoi.web.who import actor

EDGES = ("x", "y", "w", "h")


@dataclass(frozen=True, kw_only=True)
class PaintPage(Page):
    """The photo as it is painted over so far (`blur`: at all), the `at`-th of `many`, with the ids of those beside it
    and the edges of a rectangle to be typed."""

    template = "desk/publish_photo.html"

    ticket: Ticket
    photo: PictureLinks
    width: int
    height: int
    blur: bool
    error: str
    at: int
    many: int
    before: int | None
    after: int | None
    edges: list[tuple[str, str]]


def _shapes(request: HttpRequest) -> list[dict[str, Any]]:
    """The strokes that were drawn, and the rectangle that was typed in per cent. BadShapeError."""
    try:
        drawn = json.loads(request.POST.get("strokes") or "[]")
    except (ValueError, RecursionError):
        raise brush.BadShapeError from None
    shapes = drawn if isinstance(drawn, list) else [drawn]
    typed = [request.POST.get(name, "").strip().replace(",", ".") for name in EDGES]
    if any(typed):
        try:
            numbers = [float(value) * 10 for value in typed]
        except ValueError:
            raise brush.BadShapeError from None
        shapes = [*shapes, dict(zip(EDGES, numbers, strict=True))]
    return brush.checked(shapes)


def paint(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    publication, by = publication_of(request, code), actor(request)
    photos = [photo.attachment_id for photo in tickets.photos(publication.ticket)]
    if pk not in photos:
        raise Http404
    error = ""
    if request.method == "POST":
        try:
            if request.POST.get("do") == "undo":
                actions.unblur(publication, pk, by=by)
                messages.success(request, _("The last step is taken back."))
            else:
                actions.blur(publication, pk, _shapes(request), by=by)
                messages.success(request, _("Painted over. Nothing of it is left in the public picture."))
            if request.POST.get("do") == "done":
                return redirect("desk:publish-one", code)
            return redirect("desk:publish-photo", code, pk)
        except MissingDataError:
            if request.POST.get("do") == "done":
                return redirect("desk:publish-one", code)
            error = _("Paint over something first, or type a rectangle.")
        except brush.BadShapeError:
            error = _("The four numbers of a rectangle lie between 0 and 100, width and height above 0.")
        except NotPossibleError:
            error = _("This picture is already public; what is painted over stays so.")
    original = next(p.attachment for p in tickets.photos(publication.ticket) if p.attachment_id == pk)
    blur = readings.blurs(publication).get(pk)
    current = blur.result if blur else original
    at = photos.index(pk)
    page = PaintPage(
        ticket=publication.ticket,
        photo=picture(current),
        width=current.width,
        height=current.height,
        blur=blur is not None,
        error=error,
        at=at + 1,
        many=len(photos),
        before=photos[at - 1] if at else None,
        after=photos[at + 1] if at + 1 < len(photos) else None,
        edges=[("x", _("From the left")), ("y", _("From the top")), ("w", _("Width")), ("h", _("Height"))],
    )
    return render_page(request, page, status=422 if error else 200)

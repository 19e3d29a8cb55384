"""What people near a place report. The place is sent in the body of the request, never in its address, and kept
nowhere."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from caunoi.directory import queries as directory
from caunoi.directory.geography import resolve
from caunoi.directory.models import Area
from caunoi.publication import queries
from caunoi.publication.queries import Near, RegisterFilter
from caunoi.web.citizen.forms import Where
from caunoi.web.citizen.register import items
from caunoi.web.lines import Line
from caunoi.web.page import Page, render_page

SIZE = 20


@dataclass(frozen=True, kw_only=True)
class NearLine(Line):
    """A published ticket and how far away it is, where that is known."""

    metres: int | None = None


@dataclass(frozen=True, kw_only=True)
class NearPage(Page):
    """`trouble` is what is wrong with the place that was asked for."""

    template = "citizen/near.html"

    form: Where
    trouble: str = ""
    searched: bool = False
    rows: Sequence[NearLine] = ()
    area: Area | None = None


def lines(results: list[Near]) -> list[NearLine]:
    """Found tickets as lines of a list, with how far away they are, in hundreds of metres."""
    rows = items([one.publication for one in results])
    return [NearLine(**vars(row), metres=_rough(one.metres)) for row, one in zip(rows, results)]


def _rough(metres: float | None) -> int | None:
    return None if metres is None else max(100, round(metres / 100) * 100)


@csrf_exempt  # it changes nothing, reads no session, and must work without cookies
def show(request: HttpRequest) -> HttpResponse:
    """A place pointed at, typed, or a commune chosen → what is published around it."""
    sent = request.method == "POST"
    form = Where(request.POST if sent else None)
    page = _results(form, form.cleaned_data) if sent and form.is_valid() else NearPage(form=form)
    response = render_page(request, page, status=422 if form.errors else 200)
    if sent:
        response["Cache-Control"] = "no-store"
    return response


def _results(form: Where, typed: Mapping[str, Any]) -> NearPage:
    if typed["lat"] is not None:
        rows = lines(queries.near(typed["long"], typed["lat"], size=SIZE))
        return NearPage(form=form, searched=True, rows=rows, area=directory.area_at(typed["lat"], typed["long"]))
    area = directory.area(typed["area"])
    if area is None and typed["address"]:
        place = resolve(typed["address"])
        area = directory.area(place.area_code) if place.area_code else None
    if area is None and not typed["address"]:
        return NearPage(form=form, trouble=_("Please write an address, choose a commune, or point at the map."))
    if area is None:
        trouble = _("Please choose your commune: we cannot tell from these words where it is.")
        return NearPage(form=form, trouble=trouble)
    page = queries.listed(RegisterFilter(area=area.code), size=SIZE)
    rows = [NearLine(**vars(row)) for row in items(page.rows)]
    return NearPage(form=form, searched=True, rows=rows, area=area)

"""What people near a place report. The place is sent in the body of the request, never in its address, and kept
nowhere."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from caunoi.directory import queries as directory
from caunoi.directory.geography import resolve
from caunoi.publication import queries
from caunoi.publication.queries import Near, RegisterFilter
from caunoi.web.citizen.forms import Where
from caunoi.web.citizen.register import items

SIZE = 20


def lines(results: list[Near]) -> list[dict[str, Any]]:
    """Found tickets as lines of a list, with how far away they are, in hundreds of metres."""
    rows = items([one.publication for one in results])
    return [row | {"metres": _rough(one.metres)} for row, one in zip(rows, results)]


def _rough(metres: float | None) -> int | None:
    return None if metres is None else max(100, round(metres / 100) * 100)


@csrf_exempt  # it changes nothing, reads no session, and must work without cookies
def show(request: HttpRequest) -> HttpResponse:
    """A place pointed at, typed, or a commune chosen → what is published around it."""
    sent = request.method == "POST"
    form = Where(request.POST if sent else None)
    context: dict[str, Any] = {"form": form, "searched": False, "rows": [], "area": None}
    if sent and form.is_valid():
        context |= _results(form.cleaned_data)
    elif sent:
        context["status"] = 422
    response = render(request, "citizen/near.html", context, status=context.pop("status", 200))
    if sent:
        response["Cache-Control"] = "no-store"
    return response


def _results(typed: dict[str, Any]) -> dict[str, Any]:
    if typed["lat"] is not None:
        found = lines(queries.near(typed["long"], typed["lat"], size=SIZE))
        return {"rows": found, "searched": True, "area": directory.area_at(typed["lat"], typed["long"])}
    area = directory.area(typed["area"])
    if area is None and typed["address"]:
        known = resolve(typed["address"])
        area = directory.area(known.area_code) if known.area_code else None
    if area is None and not typed["address"]:
        return {"trouble": _("Please write an address, choose a commune, or point at the map.")}
    if area is None:
        return {"trouble": _("Please choose your commune: we cannot tell from these words where it is.")}
    page = queries.listed(RegisterFilter(area=area.code), size=SIZE)
    return {"rows": items(page.rows), "searched": True, "area": area}

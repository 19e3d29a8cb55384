from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import localtime, now

from caunoi.directory.queries import Fresh
from caunoi.publication import queries
from caunoi.sla.queries import handles
from caunoi.statistics.measures import FOUR, four_numbers
from caunoi.web.citizen.register import item
from caunoi.web.labels import emergency


def month() -> dict[str, int]:
    """The four numbers of the last thirty days."""
    until = now()
    return {k: v for k, v in four_numbers(until - timedelta(days=30), until)[0].items() if k in (*FOUR, "total")}


figures: Fresh[dict[str, int]] = Fresh(month)


def show(request: HttpRequest) -> HttpResponse:
    solved = queries.solved(6)
    deadlines = handles([p.ticket for p in solved])
    context = {
        "solved": [item(p, deadlines) for p in solved],
        "figures": figures(),
        "emergency": emergency(),
        "today": localtime(),
    }
    return render(request, "citizen/home.html", context)

"""What leaders ordered of this agency."""

from functools import partial

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from caunoi.web import orders, sheets
from caunoi.web.orders import AgencyOrdersPage


def listing(request: HttpRequest) -> HttpResponseBase:
    return orders.listing(request, partial(AgencyOrdersPage, sheets=sheets.links(request)), kind="")


def act(request: HttpRequest, pk: int) -> HttpResponse:
    return orders.act(request, pk, "agency:directives")

"""What leaders ordered of this agency."""

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from caunoi.web import orders


def listing(request: HttpRequest) -> HttpResponseBase:
    return orders.listing(request, "agency/directives.html", kind="")


def act(request: HttpRequest, pk: int) -> HttpResponse:
    return orders.act(request, pk, "agency:directives")

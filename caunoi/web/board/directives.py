"""Leaders' orders: all of them, and a new one."""

from dataclasses import dataclass
from functools import partial

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse

from caunoi.tickets.queries import find
from caunoi.web import orders, sheets
from caunoi.web.access import may_open
from caunoi.web.errors import or_404
from caunoi.web.orders import OrdersPage
from caunoi.web.who import actor


@dataclass(frozen=True, kw_only=True)
class DirectivesPage(OrdersPage):
    """`gives` says whether this reader orders anything."""

    template = "board/directives.html"

    gives: bool
    sheets: list[dict[str, str]]


def listing(request: HttpRequest) -> HttpResponseBase:
    gives = may_open(actor(request), "board:directive-new")
    return orders.listing(request, partial(DirectivesPage, gives=gives, sheets=sheets.links(request)))


def act(request: HttpRequest, pk: int) -> HttpResponse:
    return orders.act(request, pk, "board:directives")


def new(request: HttpRequest) -> HttpResponse:
    """An order about the ticket `?ticket=`, else to an agency."""
    if code := request.GET.get("ticket", ""):
        ticket = or_404(find(actor(request), code))
        return orders.new(request, ticket, reverse("board:ticket", args=[ticket.code]))
    return orders.new(request, None, reverse("board:directives"))

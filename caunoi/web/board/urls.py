from django.urls import path

from caunoi.web.board import directives, overview, ticket, tickets

app_name = "board"
urlpatterns = [
    path("", overview.show, name="overview"),
    path("directives", directives.listing, name="directives"),
    path("directives/new", directives.new, name="directive-new"),
    path("directives/<int:pk>", directives.act, name="directive"),
    path("tickets", tickets.show, name="tickets"),
    path("tickets/<code>", ticket.show, name="ticket"),
    path("tickets/<code>/why", ticket.why, name="why"),
    path("tickets/<code>/grant", ticket.grant, name="grant"),
]

from django.urls import path

from caunoi.web.board import overview, ticket, tickets

app_name = "board"
urlpatterns = [
    path("", overview.show, name="overview"),
    path("tickets", tickets.show, name="tickets"),
    path("tickets/<code>", ticket.show, name="ticket"),
    path("tickets/<code>/grant", ticket.grant, name="grant"),
]

from django.urls import path

from caunoi.web import help, why
from caunoi.web.agency import directives, moves, note, ticket, work

app_name = "agency"
urlpatterns = [
    path("", work.show, name="list"),
    path("directives", directives.listing, name="directives"),
    path("directives/<int:pk>", directives.act, name="directive"),
    path("<code>/", ticket.show, name="ticket"),
    path("<code>/why", why.show, {"back": "agency:ticket"}, name="why"),
    path("<code>/help", help.ask, {"back": "agency:ticket"}, name="help"),
    path("<code>/identity", ticket.identity, name="identity"),
    path("<code>/note", note.write, name="note"),
    path("<code>/move/<move>", moves.make, name="move"),
]

from django.urls import path

from caunoi.web.agency import moves, note, ticket, work

app_name = "agency"
urlpatterns = [
    path("", work.show, name="list"),
    path("<code>/", ticket.show, name="ticket"),
    path("<code>/note", note.write, name="note"),
    path("<code>/move/<move>", moves.make, name="move"),
]

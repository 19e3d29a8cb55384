from django.urls import path

from caunoi.web.desk import entry, find, procedures, publish, queue, ticket

app_name = "desk"
urlpatterns = [
    path("", queue.show, name="queue"),
    path("new", entry.write, name="new"),
    path("hints", entry.hints, name="hints"),
    path("find", find.items, name="find"),
    path("publish/", publish.waiting, name="publish"),
    path("publish/<code>/", publish.one, name="publish-one"),
    path("<code>/", ticket.show, name="ticket"),
    path("<code>/procedures", procedures.beside, name="procedures"),
    path("<code>/details", ticket.details, name="details"),
    path("<code>/remark", ticket.remark, name="remark"),
    path("<code>/undo", ticket.undo, name="undo"),
    path("<code>/move/<move>", ticket.move, name="move"),
]

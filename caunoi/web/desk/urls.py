from django.urls import path

from caunoi.web.desk import callbacks, calls, custody, draft, entry, find, phone, procedures, publish, queue, ticket

app_name = "desk"
urlpatterns = [
    path("", queue.show, name="queue"),
    path("new", entry.write, name="new"),
    path("hints", entry.hints, name="hints"),
    path("find", find.items, name="find"),
    path("calls/", calls.log, name="calls"),
    path("calls.csv", calls.table, name="calls-csv"),
    path("calls/<int:pk>/", calls.show, name="call"),
    path("calls/<int:pk>/link", calls.link, name="call-link"),
    path("calls/<int:pk>/recording", calls.recording, name="recording"),
    path("callbacks/", callbacks.listing, name="callbacks"),
    path("callbacks/<int:pk>/", callbacks.show, name="callback"),
    path("callbacks/<int:pk>/<act>", callbacks.act, name="callback-act"),
    path("phone/", phone.bar, name="phone"),
    path("phone/presence", phone.presence, name="presence"),
    path("phone/dial", phone.dial, name="dial"),
    path("phone/dial/<int:pk>", phone.dialled, name="dialled"),
    path("publish/", publish.waiting, name="publish"),
    path("publish/<code>/", publish.one, name="publish-one"),
    path("decide", custody.decide, name="decide"),
    path("openings", custody.openings, name="openings"),
    path("<code>/", ticket.show, name="ticket"),
    path("<code>/procedures", procedures.beside, name="procedures"),
    path("<code>/draft", draft.write, name="draft"),
    path("<code>/details", ticket.details, name="details"),
    path("<code>/remark", ticket.remark, name="remark"),
    path("<code>/why", custody.why, name="why"),
    path("<code>/help", custody.help, name="help"),
    path("<code>/link", custody.link, name="link"),
    path("<code>/link/<int:pk>/revoke", custody.revoke, name="link-revoke"),
    path("<code>/undo", ticket.undo, name="undo"),
    path("<code>/move/<move>", ticket.move, name="move"),
]

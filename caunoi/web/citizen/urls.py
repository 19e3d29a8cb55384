from django.urls import path

from caunoi.web.citizen import areas, follow, home, lookup, register, report

app_name = "citizen"
urlpatterns = [
    path("", home.show, name="home"),
    path("report", report.begin, name="report"),
    path("report/<token>/<step>", report.step, name="report-step"),
    path("lookup", lookup.ask, name="lookup"),
    path("register", register.listing, name="register"),
    path("p/<code>", register.ticket, name="ticket"),
    path("f/<token>", follow.show, name="follow"),
    path("f/<token>/reply", follow.reply, name="reply"),
    path("f/<token>/rate", follow.rate, name="rate"),
    path("f/<token>/reopen", follow.reopen, name="reopen"),
    path("f/<token>/close", follow.close, name="close"),
    path("areas.json", areas.outlines, name="areas"),
    path("points.json", areas.points, name="points"),
]

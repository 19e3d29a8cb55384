from django.urls import path
from django.views.i18n import set_language

from caunoi.web import away, drafts, first_run, forgotten, invitation, link, notices, sessions, sign_in

urlpatterns = [
    path("login", sign_in.login, name="login"),
    path("login/forgotten", forgotten.ask, name="forgotten"),
    path("login/code", forgotten.code, name="forgotten-code"),
    path("recover/<str:token>", forgotten.choose, name="recover"),
    path("logout", sign_in.logout, name="logout"),
    path("after-login", sign_in.after, name="after-login"),
    path("password", sign_in.password, name="password"),
    path("sessions", sessions.listing, name="sessions"),
    path("sessions/<int:pk>/end", sessions.end, name="session-end"),
    path("sessions/end", sessions.end_others, name="sessions-end"),
    path("sessions/here", sessions.here, name="session-here"),
    path("sessions/lock", sessions.lock, name="session-lock"),
    path("sessions/unlocked", sessions.unlocked, name="session-unlocked"),
    path("notices/", notices.listing, name="notices"),
    path("notices/bell", notices.bell, name="notices-bell"),
    path("notices/seen", notices.seen, name="notices-seen"),
    path("notices/acts/<int:pk>", notices.act, name="notices-act"),
    path("notices/<int:pk>", notices.go, name="notice"),
    path("away/", away.page, name="away"),
    path("away/<int:pk>/end", away.end, name="away-end"),
    path("away/<int:pk>/act", away.act, name="act"),
    path("drafts", drafts.save, name="drafts"),
    path("drafts/drop", drafts.drop, name="draft-drop"),
    path("l/<str:token>", link.show, name="link"),
    path("first/<str:token>", first_run.show, name="first-run"),
    path("invite/<str:token>", invitation.show, name="invitation"),
    path("language", set_language, name="set_language"),
]

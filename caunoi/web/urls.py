from django.urls import path
from django.views.i18n import set_language

from caunoi.web import sign_in

urlpatterns = [
    path("login", sign_in.login, name="login"),
    path("logout", sign_in.logout, name="logout"),
    path("after-login", sign_in.after, name="after-login"),
    path("password", sign_in.password, name="password"),
    path("language", set_language, name="set_language"),
]

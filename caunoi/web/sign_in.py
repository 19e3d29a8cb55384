from typing import Any

from django.contrib.auth import views
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from caunoi.events.actor import Role
from caunoi.web.who import actor

HOME = {
    Role.OPERATOR: "desk:queue",
    Role.SUPERVISOR: "desk:queue",
    Role.OFFICER: "agency:list",
    Role.LEAD: "agency:list",
    Role.REVIEWER: "desk:publish",
    Role.LEADER: "board:overview",
    Role.ADMIN: "setup:home",
}


class Login(views.LoginView):
    template_name = "web/login.html"
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Without Django's own `site`, which would hide whose hotline it is."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        del context["site"], context["site_name"]
        return context


login = Login.as_view()
logout = views.LogoutView.as_view()


def after(request: HttpRequest) -> HttpResponse:
    """Where each role's day begins."""
    (role,) = actor(request).roles
    return redirect(HOME[role])


def locked_out(request: HttpRequest, response: HttpResponse | None = None, credentials: Any = None) -> HttpResponse:
    """Too many wrong passwords: wait a quarter of an hour."""
    return render(request, "web/locked.html", status=429)

from typing import Any

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash, views
from django.contrib.auth.forms import PasswordChangeForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from caunoi.accounts.actions import choose_password
from caunoi.accounts.models import User
from caunoi.calls.actions import sign_off
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


class Logout(views.LogoutView):
    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Whoever signs out answers the phone no more, and leaves no page behind."""
        if isinstance(request.user, User):
            sign_off(request.user, by=request.user.as_actor())
        response: HttpResponse = super().post(request, *args, **kwargs)
        response["Clear-Site-Data"] = '"cache"'  # the pages themselves say no-store; this is for what lies behind them
        return response


logout = Logout.as_view()


def after(request: HttpRequest) -> HttpResponse:
    """Where each role's day begins."""
    (role,) = actor(request).roles
    return redirect(HOME[role])


def password(request: HttpRequest) -> HttpResponse:
    """One's own new password; who was handed a one-time one comes here first."""
    user = request.user
    assert isinstance(user, User)
    form = PasswordChangeForm(user, request.POST or None)
    form.fields["new_password1"].help_text = _("At least 8 characters: no common word, and not like your name.")
    if request.method == "POST" and form.is_valid():
        choose_password(user, form.cleaned_data["new_password1"], by=actor(request))
        update_session_auth_hash(request, user)
        messages.success(request, _("Your new password counts from now on."))
        return redirect("after-login")
    return render(request, "web/password.html", {"form": form}, status=422 if form.errors else 200)


def locked_out(request: HttpRequest, response: HttpResponse | None = None, credentials: Any = None) -> HttpResponse:
    """Too many wrong passwords: wait a quarter of an hour."""
    return render(request, "web/locked.html", status=429)

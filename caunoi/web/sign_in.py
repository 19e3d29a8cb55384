from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash, views
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from caunoi.accounts import attempts, factors, oidc, passkeys, passwords, sessions
from caunoi.accounts.actions import choose_password
from caunoi.accounts.models import User
from caunoi.accounts.queries import known_to_all, refused, run_out
from caunoi.directory.queries import option
from caunoi.events.actor import Role
from caunoi.web import directory_sign_in, second_factor
from caunoi.web.citizen.limits import address
from caunoi.web.page import Page, render_page
from caunoi.web.passkeys import host
from caunoi.web.signed_in import MARK, locked_session, session_of
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


RUN_OUT = gettext_noop(
    "This one-time password has expired: it is valid for %(hours)s hours. Ask your administrator for a new one, or use "
    "“Forgot the password?”."
)


class SignIn(AuthenticationForm):
    def confirm_login_allowed(self, user: Any) -> None:
        super().confirm_login_allowed(user)
        if known_to_all(self.cleaned_data["password"]) or refused(user):
            raise self.get_invalid_login_error()
        if run_out(user):
            raise ValidationError(_(RUN_OUT) % {"hours": option("one_time_hours")}, "run_out")

    def run_out(self) -> str:
        """Why a correct one-time password no longer works; else empty."""
        errors = [error for error in self.non_field_errors().as_data() if error.code == "run_out"]
        return str(errors[0].message) if errors else ""


@dataclass(frozen=True)
class LockedPage(Page):
    """No password is tried now: too many wrong ones, or, `busy`, too many at once."""

    template = "web/locked.html"

    busy: bool = False


@dataclass(frozen=True)
class PasswordPage(Page):
    template = "web/password.html"

    form: PasswordChangeForm


class Login(views.LoginView):
    template_name = "web/login.html"
    form_class = SignIn
    redirect_authenticated_user = True

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Tries a password, as often as it may be tried."""
        name, mark = request.POST.get("username", ""), request.COOKIES.get(MARK, "")
        if not name.strip() or not request.POST.get("password"):
            return super().post(request, *args, **kwargs)
        tries = attempts.begin(name, address(request), mark)
        if tries is None:
            return render_page(request, LockedPage(), status=429)
        try:
            with attempts.turn():
                response = super().post(request, *args, **kwargs)
        except attempts.OverloadedError:
            attempts.take_back(tries)
            return crowded(request)
        if response.status_code != 302:
            return response
        attempts.succeed(tries)
        user = request.user
        return second_factor.mark_browser(request, response, user) if isinstance(user, User) else response

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """Whoever has a second factor is asked for it now."""
        user = form.get_user()
        if isinstance(user, User) and factors.has_factor(user):
            return second_factor.begin(self.request, user, self.get_redirect_url())
        return super().form_valid(form)

    def get_initial(self) -> dict[str, Any]:
        """Of a locked session it is known whose it is."""
        locked = locked_session(self.request)
        return {"username": locked.user.username} if locked else {}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Without Django's own `site`, which would hide whose hotline it is."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        del context["site"], context["site_name"]
        context["passkeys"] = passkeys.can_have(host(self.request))
        context["directory"] = directory_sign_in.name() if oidc.is_set_up() else ""
        return context


login = Login.as_view()


def crowded(request: HttpRequest) -> HttpResponse:
    """Too many passwords are being checked just now."""
    response = render_page(request, LockedPage(busy=True), status=429)
    response["Retry-After"] = "5"
    return response


class Logout(views.LogoutView):
    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Signing out also clears the browser's cache."""
        response: HttpResponse = super().post(request, *args, **kwargs)
        response["Clear-Site-Data"] = '"cache"'  # the pages themselves say no-store; this is for what lies behind them
        return response


logout = Logout.as_view()


def after(request: HttpRequest) -> HttpResponse:
    """Where each role's day begins."""
    (role,) = actor(request).roles
    return redirect(HOME[role])


def _check_old(request: HttpRequest, user: User, form: PasswordChangeForm) -> HttpResponse | None:
    """Compares the old password, as often as it may be tried: whoever sits before somebody's open session guesses it
    nowhere. The page that says no."""
    tries = attempts.begin_factor(user, address(request), request.COOKIES.get(MARK, ""))
    if tries is None:
        sessions.refuse(user.username)
        return render_page(request, LockedPage(), status=429)
    try:
        with attempts.turn():
            wrong = "old_password" in form.errors
    except attempts.OverloadedError:
        attempts.take_back(tries)
        return crowded(request)
    if wrong:
        sessions.refuse(user.username)
    else:
        attempts.take_back(tries)
    return None


def password(request: HttpRequest) -> HttpResponse:
    """Choose a new password; somebody with a one-time password is sent here first."""
    user = request.user
    assert isinstance(user, User)
    form = PasswordChangeForm(user, request.POST or None)
    form.fields["new_password1"].help_text = passwords.rule(user.role)
    if request.method == "POST" and (refusal := _check_old(request, user, form)) is not None:
        return refusal
    if form.is_valid() and form.cleaned_data["new_password1"] == form.cleaned_data["old_password"]:
        form.add_error("new_password1", _("Choose another one than the password you were given."))
    if request.method == "POST" and form.is_valid():
        session = session_of(request)
        choose_password(
            user, form.cleaned_data["new_password1"], by=actor(request), session=session.pk if session else None
        )
        update_session_auth_hash(request, user)
        messages.success(request, _("Your new password counts from now on."))
        return redirect("after-login")
    return render_page(request, PasswordPage(form), status=422 if form.errors else 200)

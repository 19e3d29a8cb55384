"""The second step of signing in, and signing in with a passkey alone."""

from dataclasses import dataclass
from time import time

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login as auth_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from caunoi.accounts import attempts, factors
from caunoi.accounts.models import User
from caunoi.accounts.queries import mark
from caunoi.web import proof, proved
from caunoi.web.invitation import LinkOverPage
from caunoi.web.page import Page, render_page
from caunoi.web.passkeys import shown_by
from caunoi.web.signed_in import MARK, METHOD

HALF, LIFE = "half", 600  # in the session: whose password was right, until when (seconds)
BACKEND = settings.AUTHENTICATION_BACKENDS[0]


@dataclass(frozen=True, kw_only=True)
class SecondFactorPage(Page):
    template = "web/second_factor.html"

    ways: proof.Ways
    error: str


def begin(request: HttpRequest, user: User, onward: str) -> HttpResponse:
    """The password was right: now to the second step, and then `onward`."""
    request.session.cycle_key()
    request.session[HALF] = {"pk": user.pk, "mark": mark(user), "until": int(time()) + LIFE, "next": onward}
    return redirect("second-factor")


def half_in(request: HttpRequest) -> User | None:
    """Whose password was right in this browser, while that counts."""
    half = request.session.get(HALF)
    if not half or half["until"] < time():
        return None
    return factors.unchanged(half["pk"], half["mark"])


METHODS = {"app": "totp"}  # as a session names it, where that is another word


def enter(request: HttpRequest, user: User, way: str, onward: str, *, method: str = "") -> HttpResponse:
    """Signed in, by a password or what is better than one; `method`: as the session names it, where `way` does not say
    that."""
    request.session.pop(HALF, None)
    setattr(request, METHOD, method or METHODS.get(way, way))
    auth_login(request, user, BACKEND)
    proved.stamp(request, way)
    if way == "recovery":
        left = factors.codes_left(user)
        words = ngettext(
            "You used a recovery code; %(count)s is left. Set up your new phone here.",
            "You used a recovery code; %(count)s are left. Set up your new phone here.",
            left,
        )
        messages.warning(request, words % {"count": left})
        onward = resolve_url("factors")
    safe = url_has_allowed_host_and_scheme(onward, {request.get_host()}, require_https=request.is_secure())
    return mark_browser(request, redirect(onward if safe else "after-login"), user)


def mark_browser(request: HttpRequest, response: HttpResponse, user: User) -> HttpResponse:
    """Somebody has signed in with this browser: strangers' tries elsewhere do not count for it."""
    response.set_cookie(
        MARK,
        attempts.remember(user, request.COOKIES.get(MARK, "")),
        max_age=attempts.YEAR,
        path="/login",
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
    return response


@sensitive_post_parameters()
def step(request: HttpRequest) -> HttpResponse:
    """Show a passkey or type a code, after the password."""
    user = half_in(request)
    if user is None:
        if request.user.is_authenticated:
            return redirect("after-login")
        return render_page(request, LinkOverPage(_("Ten minutes are over. Please sign in again.")))
    error = ""
    if request.method == "POST":
        fields = {name: request.POST.get(name, "") for name in (proved.PASSKEY, proved.CODE)}
        result = proof.check(request, user, fields)
        if result.way:
            return enter(request, user, result.way, request.session[HALF]["next"])
        if result.locked:
            request.session.pop(HALF, None)
            return render_page(request, TooManyPage(), status=429)
        error = result.error
    page = SecondFactorPage(ways=proof.ways(request, user), error=error)
    return render_page(request, page, status=422 if error else 200)


@dataclass(frozen=True)
class TooManyPage(Page):
    """Too many second factors were wrong."""

    template = "web/too_many_factors.html"


@require_POST
def passkey(request: HttpRequest) -> HttpResponse:
    """Sign in with a passkey alone: whose it is, it says itself."""
    user = shown_by(request, request.POST.get(proved.PASSKEY, ""))
    if user is None:
        messages.error(request, _("That passkey did not work. Please try again, or use your password."))
        return redirect("login")
    return enter(request, user, "passkey", request.POST.get("next", ""))

"""Somebody who forgot their password: their user name, the code that was sent to them, a new password.

Whatever is typed, the pages say the same, as fast, whether anybody has that user name or not.
"""

import secrets
from dataclasses import dataclass

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.debug import sensitive_post_parameters

from caunoi.accounts import attempts, recovery
from caunoi.accounts.models import User
from caunoi.accounts.queries import digest
from caunoi.notifications import enrolment, tasks
from caunoi.web.citizen.limits import address
from caunoi.web.invitation import Choice, LinkOverPage, private
from caunoi.web.page import Page, render_page
from caunoi.web.proof import MARK
from caunoi.web.sign_in import crowded

BROWSER = "recovery"  # the cookie by which only the browser that asked may type the code
LONGEST = 150  # of a user name
OVER = gettext_noop(
    "It was used already, is older than 15 minutes, or was not copied whole. Ask for a new one under “Forgot the "
    "password?”."
)


@dataclass(frozen=True)
class ForgottenPage(Page):
    """`able`: the product can send a code; `missing`: the user name was left out."""

    template = "web/forgotten.html"

    able: bool
    missing: bool = False


@dataclass(frozen=True)
class CodePage(Page):
    template = "web/forgotten_code.html"

    wrong: str


@dataclass(frozen=True)
class RecoverPage(Page):
    template = "web/recover.html"

    form: Choice
    person: User


def ask(request: HttpRequest) -> HttpResponse:
    """Ask for the user name, and send its owner a code."""
    name, able = request.POST.get("username", "").strip()[:LONGEST].replace("\x00", ""), enrolment.can_send()
    if request.method != "POST" or not name or not able:
        missing = request.method == "POST" and able
        return render_page(request, ForgottenPage(able, missing), status=422 if missing else 200)
    if not attempts.may_ask(name, address(request), request.COOKIES.get(MARK, "")):
        return render(request, "web/too_many_codes.html", status=429)
    browser = request.COOKIES.get(BROWSER) or secrets.token_urlsafe(18)
    tasks.send_code.defer(username=name, browser=digest(browser))
    response = redirect("forgotten-code")
    response.set_cookie(
        BROWSER,
        browser,
        max_age=int(recovery.LIFE.total_seconds()),
        path="/login",
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
    return response


def code(request: HttpRequest) -> HttpResponse:
    """The code, in the browser that asked for it."""
    browser, typed = request.COOKIES.get(BROWSER, ""), request.POST.get("code", "").strip()
    if not browser:
        return render_page(request, ForgottenPage(enrolment.can_send()))
    wrong = ""
    if request.method == "POST" and not typed:
        wrong = _("Type the code that was sent to you.")
    elif request.method == "POST":
        if not attempts.may_try_code(address(request)):
            return render(request, "web/too_many_codes.html", status=429)
        token = recovery.redeem(typed, browser)
        if token is not None:
            return private(redirect("recover", token))
        wrong = _("This code is not valid. Use the newest one; after five wrong attempts, ask for another.")
    return private(render_page(request, CodePage(wrong), status=422 if wrong else 200))


@sensitive_post_parameters()
def choose(request: HttpRequest, token: str) -> HttpResponse:
    """The page where a new password is chosen."""
    row = recovery.recovering(token)
    if row is None:
        return _over(request)
    form = Choice(row.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            with attempts.turn():
                user = recovery.finish(token, form.cleaned_data["password"])
        except attempts.OverloadedError:
            return crowded(request)
        if user is None:
            return _over(request)
        messages.success(request, _("Your password is set. Now sign in as %(name)s.") % {"name": user.username})
        response = redirect("login")
        response.delete_cookie(BROWSER, path="/login")
        return response
    return private(render_page(request, RecoverPage(form, row.user), status=422 if form.errors else 200))


def _over(request: HttpRequest) -> HttpResponse:
    return private(render_page(request, LinkOverPage(_(OVER)), status=404))

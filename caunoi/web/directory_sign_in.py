"""Signing in with the province's directory: out to it, and back."""

import logging
from dataclasses import dataclass
from time import time

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from caunoi.accounts import factors, oidc
from caunoi.accounts.models import User
from caunoi.accounts.openid import LEEWAY, ProviderError
from caunoi.web import proved, second_factor
from caunoi.web.page import Page, render_page

ERRAND, LIFE = "directory", 600  # in the session; seconds
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class UnknownPage(Page):
    """The directory knows the person, and we do not."""

    template = "web/directory_unknown.html"

    name: str


def name() -> str:
    """What people call the directory."""
    return settings.OIDC_NAME or _("the province's directory")


def _back(request: HttpRequest) -> str:
    return request.build_absolute_uri(reverse("directory-back"))


def _leave(request: HttpRequest, why: str, onward: str, *, again: bool = False) -> HttpResponse:
    if not oidc.is_set_up():
        raise Http404
    try:
        address, expected = oidc.begin(_back(request), again=again)
    except ProviderError as error:
        return _failed(request, error)
    request.session[ERRAND] = {**expected, "why": why, "next": onward, "until": int(time()) + LIFE}
    return redirect(address)


def _failed(request: HttpRequest, error: Exception) -> HttpResponse:
    log.warning("directory: %s", error)
    messages.error(
        request, _("%(name)s could not be reached, or did not recognise you. Please try again.") % {"name": name()}
    )
    return redirect("factors" if request.user.is_authenticated else "login")


def begin(request: HttpRequest) -> HttpResponse:
    """To the directory, to sign in, or with `again` to prove there anew who one is."""
    return _leave(request, "enter", request.GET.get("next", ""), again="again" in request.GET)


def link(request: HttpRequest) -> HttpResponse:
    """To the directory, so that it signs one in from now on."""
    return _leave(request, "link", reverse("factors"), again=True)


def back(request: HttpRequest) -> HttpResponse:
    """Back from the directory."""
    if not oidc.is_set_up():
        raise Http404
    expected = request.session.pop(ERRAND, None) or {}
    if not expected or expected["until"] < time():
        return _failed(request, TimeoutError("nobody was sent there, or long ago"))
    try:
        who = oidc.finish(_back(request), request.GET.dict(), expected)
    except ProviderError as error:
        return _failed(request, error)
    user = request.user
    if expected["why"] == "link":
        return _link(request, who)
    owner = oidc.owner(who)
    if owner is None or (isinstance(user, User) and user != owner):
        return render_page(request, UnknownPage(name()), status=403)
    if factors.has_factor(owner) and not who.strong:
        return second_factor.begin(request, owner, expected["next"])
    way = "directory" if who.strong else "password"
    response = second_factor.enter(request, owner, way, expected["next"], method="oidc")
    if who.at < time() - LEEWAY - LIFE:  # signed in there long ago: the way in, but no proof for dangerous acts
        request.session.pop(proved.AT, None)
    return response


def _link(request: HttpRequest, who: oidc.Identity) -> HttpResponse:
    user = request.user
    if not isinstance(user, User):
        return redirect("login")
    if oidc.link_person(user, who, way="own"):
        messages.success(request, _("From now on %(name)s signs you in.") % {"name": name()})
    else:
        messages.error(request, _("This account of %(name)s is somebody else's here.") % {"name": name()})
    return redirect("factors")

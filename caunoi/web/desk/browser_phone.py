"""The telephone in the browser: a page of its own, which one tab has; what it asks for and tells."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.request import RawPostDataException
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_POST

from caunoi.accounts.models import User
from caunoi.calls import actions, queries
from caunoi.calls.pbx import words
from caunoi.calls.sound_quality import sound
from caunoi.telephony.browser_phone import ECHO, REALM, turn
from caunoi.web.desk.phone import NO_PHONE
from caunoi.web.page import Page, render_page
from caunoi.web.who import actor

LONGEST = 4000  # bytes
MARK = 40


@dataclass(frozen=True, kw_only=True)
class BrowserPhonePage(Page):
    """`no`: why there is no phone for this person."""

    template = "desk/browser_phone.html"

    extension: str
    echo: str = ECHO
    no: str = ""


def page(request: HttpRequest) -> HttpResponse:
    """The page that is a telephone. It alone may use the microphone and reach the exchange."""
    user = _user(request)
    box = queries.browser_phone_box(user)
    if box is None:
        why = NO_PHONE["no_browser_phone" if user.extension else "no_extension"]
        return render_page(request, BrowserPhonePage(extension=user.extension, no=_(why)))
    address = urlsplit(str(queries.settings(box)["wss"]))
    reach = [*settings.SECURE_CSP["connect-src"], f"{address.scheme}://{address.netloc}"]
    show = csp_override({**settings.SECURE_CSP, "connect-src": reach})(render_page)
    response: HttpResponse = show(request, BrowserPhonePage(extension=user.extension))
    response["Permissions-Policy"] = settings.PERMISSIONS_POLICY.replace("microphone=()", "microphone=(self)")
    return response


@require_POST
def key(request: HttpRequest) -> JsonResponse:
    """A password for the page that asks, and how it reaches the exchange; the page before has none any more."""
    user = _user(request)
    try:
        made = actions.open_phone(user, by=actor(request))
    except actions.NoPhoneError as refused:
        return JsonResponse({"no": _(NO_PHONE[refused.code])}, status=409)
    box = queries.browser_phone_box(user)
    assert box, "it was asked for an Asterisk"
    setup = queries.settings(box)
    ice: list[Mapping[str, Any]] = []
    if (servers := words(setup.get("turn"))) and (secret := setup.get("turn_secret")):
        name, credential = turn(str(secret), made.page[:12], now())
        ice.append({"urls": servers, "username": name, "credential": credential})
    return _kept_nowhere(
        {
            "page": made.page,
            "extension": made.extension,
            "password": made.password,
            "realm": REALM,
            "wss": str(setup["wss"]),
            "host": urlsplit(str(setup["wss"])).hostname,
            "ice": ice,
        }
    )


@require_POST
def here(request: HttpRequest) -> JsonResponse:
    """A page that has the phone is there, or is `gone`; what the exchange knows of it."""
    sent = _sent(request)
    mark = str(sent.get("page") or "")
    if sent.get("gone"):
        if mark:
            actions.close_phone(_user(request), page=mark)
        return _kept_nowhere({"state": "gone"})
    row = actions.keep_phone(_user(request), mark)
    return _kept_nowhere({"state": row.state, "trouble": row.trouble} if row else {"state": "gone"})


@require_POST
def quality(request: HttpRequest) -> JsonResponse:
    """How a call was heard at its end. 404 for a call that is not (yet) theirs, 422 for figures that cannot be."""
    sent = _sent(request)
    mark = str(sent.get("mark") or "")
    try:
        if not 8 <= len(mark) <= MARK:
            raise ValueError("mark")
        figures = sound(sent)
    except ValueError:
        return JsonResponse({"error": "figures"}, status=422)
    user = _user(request)
    row = actions.keep_quality(user, str(sent.get("call") or ""), mark, figures, by=actor(request))
    return JsonResponse({"kept": row is not None}, status=200 if row else 404)


def _user(request: HttpRequest) -> User:
    assert request.user.is_authenticated
    return request.user


def _sent(request: HttpRequest) -> Mapping[str, Any]:
    try:
        sent = json.loads(request.body[:LONGEST])
    except (ValueError, RawPostDataException):
        return {}
    return sent if isinstance(sent, dict) else {}


def _kept_nowhere(data: Mapping[str, Any]) -> JsonResponse:
    return JsonResponse(data, headers={"Cache-Control": "no-store"})

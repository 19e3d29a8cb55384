"""Opening one's own reports with an account elsewhere that has verified the number or address that they name: out to
it, and back. It is a proof and no sign-in: nobody has an account here by it."""

import logging
from dataclasses import dataclass

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from caunoi.accounts import citizen_account
from caunoi.accounts.openid import ProviderError
from caunoi.directory.queries import option
from caunoi.tickets import account_proofs
from caunoi.web.citizen.follow import StaffRefusedPage, citizens_only, secret
from caunoi.web.citizen.limits import count, often, retry_after
from caunoi.web.citizen.own import COOKIE, account_name, browser_of, keep_secret
from caunoi.web.citizen.proof import SECONDS, AskedOftenPage, from_agency
from caunoi.web.lines import Line, lines
from caunoi.web.page import Page, render_page

log = logging.getLogger(__name__)

TRIPS = 60  # to the account, of one address: a commune's own computer serves many people


@dataclass(frozen=True, kw_only=True)
class OwnReportsPage(Page):
    """What an account has opened in this browser for `minutes`; `account` is what people call it, `missing`: not the
    report that was asked for."""

    template = "citizen/own_reports.html"

    account: str
    lines: list[Line]
    minutes: int
    missing: bool


@dataclass(frozen=True, kw_only=True)
class AccountRefusedPage(Page):
    template = "citizen/account_refused.html"

    account: str
    advice: str


def _refusal(request: HttpRequest) -> HttpResponse | None:
    """The answer to whoever has no business here."""
    if not citizen_account.is_open():
        raise Http404
    if request.user.is_authenticated:
        return secret(render_page(request, StaffRefusedPage(), status=403))
    return from_agency(request)


def _back() -> str:
    return settings.PUBLIC_URL + reverse("citizen:account-back")


@require_GET
def begin(request: HttpRequest) -> HttpResponse:
    """To the account, because of the report of a code, or to see one's own."""
    if refusal := _refusal(request):
        return refusal
    if often("account", request, TRIPS):
        return retry_after(request, secret(render_page(request, AskedOftenPage(), status=429)))
    count("account", request, seconds=SECONDS)
    browser = browser_of(request)
    expected = account_proofs.begin(browser, request.GET.get("code", "")[:40].replace("\x00", ""))
    try:
        response = redirect(citizen_account.begin(_back(), expected))
    except ProviderError as error:
        return _failed(request, error)
    keep_secret(response, browser, max(citizen_account.LIFE, option("opened_minutes") * 60))
    return secret(response)


def _not_proved(request: HttpRequest, advice: str) -> HttpResponse:
    name = account_name()
    page = AccountRefusedPage(account=name, advice=advice % {"account": name})
    return secret(render_page(request, page, status=403))


def _failed(request: HttpRequest, error: ProviderError) -> HttpResponse:
    log.warning("citizen account: %s", type(error.__cause__ or error).__name__)  # the words may be about the person
    return _not_proved(request, _("%(account)s could not be reached, or did not recognise you. Please try again."))


@require_GET
def back(request: HttpRequest) -> HttpResponse:
    """Back from the account."""
    if refusal := _refusal(request):
        return refusal
    browser = request.COOKIES.get(COOKIE, "")
    if not browser:
        return _not_proved(request, _("This browser keeps no cookies, so it cannot be known again."))
    trip = account_proofs.come_back(browser, request.GET.get("state", "")[:200])
    if trip is None:
        return _not_proved(request, _("That took too long, or it was done already. Please begin again."))
    try:
        who = citizen_account.finish(_back(), request.GET.dict(), trip.expected)
    except ProviderError as error:
        return _failed(request, error)
    if not (who.phone or who.email):
        return _not_proved(
            request, _("%(account)s has verified neither a phone number nor an e-mail address of yours.")
        )
    opened = account_proofs.open_own(trip.target, who, browser)
    if not opened.tickets:
        none = _("No report bears the phone number or e-mail address that %(account)s has verified, and your name.")
        return _not_proved(request, none)
    if trip.target in opened.tickets and trip.target:
        response = redirect("citizen:follow", trip.target.code)
    else:
        response = redirect("citizen:own-reports")
        response["Location"] += "?missing=1" if trip.target else ""
    keep_secret(response, opened.browser, option("opened_minutes") * 60)
    return secret(response)


@require_GET
def own_reports(request: HttpRequest) -> HttpResponse:
    """The reports that an account has opened in this browser."""
    if refusal := _refusal(request):
        return refusal
    page = OwnReportsPage(
        account=account_name(),
        lines=lines(account_proofs.opened(request.COOKIES.get(COOKIE, ""))),
        minutes=option("opened_minutes"),
        missing="missing" in request.GET,
    )
    return secret(render_page(request, page))


@csrf_exempt  # the cookie is sent by no other site (SameSite), and all that can be done is to shut one's reports
@require_POST
@citizens_only
def leave(request: HttpRequest) -> HttpResponse:
    """Whoever sits here is done: nothing stays open in this browser."""
    if browser := request.COOKIES.get(COOKIE, ""):
        account_proofs.leave(browser)
    response = redirect("citizen:lookup")
    response.delete_cookie(COOKIE, path="/", samesite="Lax")
    return secret(response)

"""Opening one's own ticket without its link: a one-time code by the way on file, or read out on the phone.

Whatever is typed, the pages say the same, as fast, whether or not code and number belong together."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from caunoi.directory.queries import option
from caunoi.notifications import tasks
from caunoi.tickets import proofs
from caunoi.tickets.traces import is_agency_network
from caunoi.web.citizen.follow import citizens_only, secret
from caunoi.web.citizen.limits import address, count, often
from caunoi.web.citizen.own import ASKED_FOR, COOKIE, browser_of, keep_secret
from caunoi.web.page import Page, render_page

ASKS, TRIES, SECONDS = 10, 30, 900  # an address, in so many seconds


@dataclass(frozen=True, kw_only=True)
class ProofCodePage(Page):
    """The code is typed here; `what` was asked for (code, call, link), `cookies`: this browser keeps them."""

    template = "citizen/proof_code.html"

    what: str
    wrong: str
    minutes: int
    tries: int
    cookies: bool


@dataclass(frozen=True)
class AskedOftenPage(Page):
    template = "citizen/proof_often.html"


@dataclass(frozen=True)
class AgencyNetworkPage(Page):
    template = "citizen/agency_network.html"


def from_agency(request: HttpRequest) -> HttpResponse | None:
    """The refusal, for whoever comes from an agency's network."""
    if not is_agency_network(address(request)):
        return None
    return secret(render_page(request, AgencyNetworkPage(), status=403))


@csrf_exempt  # it is asked from pages that work without cookies, and gives nothing to who asks
@require_POST
@citizens_only
def ask(request: HttpRequest) -> HttpResponse:
    """Ask for a code, a call or the link."""
    if refusal := from_agency(request):
        return refusal
    if often("proof", request, ASKS):
        return secret(render_page(request, AskedOftenPage(), status=429))
    count("proof", request, seconds=SECONDS)
    what = request.POST.get("what", proofs.CODE)
    what = what if what in proofs.WAYS else proofs.CODE
    browser = browser_of(request)
    code, number = (request.POST.get(name, "").strip()[:40].replace("\x00", "") for name in ("code", "phone"))
    row = proofs.ask(code, number, browser, what)
    tasks.answer_proof.defer(pk=row.pk, what=what)
    response = redirect("citizen:proof-code")
    response["Location"] += f"?what={what}"
    keep_secret(response, browser, ASKED_FOR)
    return secret(response)


@csrf_exempt  # the code is the whole authority, in the one browser that asked for it
@citizens_only
def code(request: HttpRequest) -> HttpResponse:
    """Type the code, in the browser that asked for it."""
    browser, typed = request.COOKIES.get(COOKIE, ""), request.POST.get("code", "").strip()[:40]
    wrong = ""
    if request.method == "POST" and not typed:
        wrong = _("Type the code that was sent to you.")
    elif request.method == "POST":
        if often("proof code", request, TRIES):
            return secret(render_page(request, AskedOftenPage(), status=429))
        count("proof code", request, seconds=SECONDS)
        opened = proofs.redeem(typed, browser) if browser else None
        if opened is not None:
            ticket, fresh = opened
            response = redirect("citizen:follow", ticket.code)
            keep_secret(response, fresh, option("opened_minutes") * 60)
            return secret(response)
        wrong = _("This code is not valid. Use the newest one, in the browser in which you asked for it.")
    what = request.GET.get("what", "")
    page = ProofCodePage(
        what=what if what in proofs.WAYS else proofs.CODE,
        wrong=wrong,
        minutes=option("code_minutes"),
        tries=option("code_tries"),
        cookies=bool(browser),
    )
    return secret(render_page(request, page, status=422 if wrong else 200))

"""Which address is open to whom: one table, one middleware, and a test that walks every address of the product."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import is_valid_path, reverse
from django.utils.translation import gettext as _

from caunoi.accounts import factors
from caunoi.accounts.models import User
from caunoi.accounts.queries import refused
from caunoi.events.actor import STAFF, Actor, Role
from caunoi.events.rowsecurity import Reading, read_as
from caunoi.web import proved
from caunoi.web.reads import Reader
from caunoi.web.signed_in import PASSIVE, has_ended, locked_session
from caunoi.web.who import actor, begin, deputyship_ended

SAFE = ("GET", "HEAD", "OPTIONS")
PUBLIC: frozenset[Role] = frozenset()  # anybody, signed in or not
TOKEN: frozenset[Role] = frozenset({Role.SYSTEM})  # the API, Open311 and webhooks check their own keys

DESK = frozenset({Role.OPERATOR, Role.SUPERVISOR})
SUPERVISOR = frozenset({Role.SUPERVISOR})
CENTRE = DESK | {Role.REVIEWER}
AGENCY = frozenset({Role.OFFICER, Role.LEAD})
OVERSIGHT = frozenset({Role.LEADER, Role.SUPERVISOR, Role.REVIEWER})
REPORTS = OVERSIGHT | {Role.ADMIN}
ALERTS = REPORTS | {Role.OPERATOR}
RINGS = DESK | {Role.LEADER, Role.ADMIN, Role.REVIEWER}  # a custodian's with any; with whom: triage/queries.py
BOARD = REPORTS | {Role.LEAD}
PUBLISH = frozenset({Role.REVIEWER, Role.SUPERVISOR})
CUSTODIANS = CENTRE | {Role.LEADER}  # of these who is one: confidential/queries.py
SETUP = frozenset({Role.ADMIN})
PROCEDURES = frozenset({Role.REVIEWER, Role.ADMIN})
ADMITTED = "X-Admitted"
"""How somebody was let in, `session` or `key`: in a request's META, and in the answer for lanes.py, which takes it
off."""
WHILE_LOCKED = frozenset({"board:wall"})  # figures on a screen before which nobody sits

# view name, or "namespace:*" for all of a namespace → who may come in; the page's own rows are behind the inner doors
ACCESS: dict[str, frozenset[Role]] = {
    "login": PUBLIC,
    "logout": PUBLIC,
    "forgotten": PUBLIC,
    "forgotten-code": PUBLIC,
    "recover": PUBLIC,  # the signed address is its own right
    "second-factor": PUBLIC,  # whose password was right in this browser
    "login-passkey": PUBLIC,
    "passkey-show": PUBLIC,
    "directory": PUBLIC,
    "directory-back": PUBLIC,
    "factors": STAFF,
    "factor-app": STAFF,
    "factor-passkey": STAFF,
    "factor-codes": STAFF,
    "factor-remove": STAFF,
    "factor-link": STAFF,
    "passkey-create": STAFF,
    "prove": STAFF,
    "set_language": PUBLIC,
    "after-login": STAFF,
    "password": STAFF,
    "sessions": STAFF,
    "session-end": STAFF,
    "sessions-end": STAFF,
    "session-here": STAFF,
    "session-lock": PUBLIC,  # it only takes the sender's own session away
    "session-unlocked": STAFF,
    "notices": STAFF,
    "notices-bell": STAFF,
    "notices-seen": STAFF,
    "notice": STAFF,
    "notices-act": STAFF,
    "away": STAFF,
    "away-end": STAFF,
    "act": STAFF,
    "drafts": PUBLIC,  # the signed name of a form is its own right, and lets write only
    "draft-drop": STAFF,
    "link": PUBLIC,  # the signed, one-time address of an agency without accounts is its own right
    "citizen:*": PUBLIC,
    "desk:*": CENTRE,
    "desk:find": STAFF,  # what is found, visible_to says
    "desk:phone": DESK,
    "desk:presence": DESK,
    "desk:presence-of": SUPERVISOR,
    "desk:browser-phone": DESK,
    "desk:browser-phone-key": DESK,
    "desk:browser-phone-here": DESK,
    "desk:call-quality": DESK,
    "desk:dial": DESK,
    "desk:call-note": DESK,
    "desk:call-earlier": DESK,
    "desk:dialled": DESK,
    "desk:steer": DESK,
    "desk:call-about": DESK,
    "desk:wrap-up": DESK,
    "desk:directory": DESK,
    "desk:calls-csv": PUBLISH,
    "desk:cockpit": SUPERVISOR,
    "desk:cockpit-act": SUPERVISOR,
    "desk:half-hours": SUPERVISOR,
    "desk:workload": SUPERVISOR,
    "desk:assign": DESK,
    "desk:snooze": DESK,
    "desk:roster": SUPERVISOR,
    "desk:survey": DESK,
    "desk:read-code": DESK,
    "desk:alarms": RINGS,
    "desk:alarms-ringing": RINGS,
    "desk:alarm-push": RINGS,
    "desk:alarm-worker": RINGS,
    "desk:alarm-acknowledge": RINGS,
    "desk:alarm-judge": RINGS,
    "desk:decide": SUPERVISOR,
    "desk:openings": SUPERVISOR,
    "desk:unfinished": SUPERVISOR | SETUP,
    "desk:unfinished-decide": SUPERVISOR | SETUP,
    "desk:help": DESK,
    "desk:link": DESK,
    "desk:link-revoke": DESK,
    "desk:publish": PUBLISH,
    "desk:publish-one": PUBLISH,
    "desk:publish-done": PUBLISH,
    "desk:publish-undo": PUBLISH,
    "desk:publish-photo": PUBLISH,
    "procedures:*": PROCEDURES,
    "agency:*": AGENCY,
    "board:*": BOARD,
    "board:directives": frozenset({Role.LEADER, Role.SUPERVISOR}),
    "board:directive": frozenset({Role.LEADER, Role.SUPERVISOR}),
    "board:directive-new": frozenset({Role.LEADER}),
    "board:alerts": ALERTS,
    "board:alert-test": ALERTS,
    "board:outlook": REPORTS,
    "board:ranking": REPORTS,
    "board:wall": REPORTS,
    "board:overdue": OVERSIGHT,
    "board:overdue-ask": OVERSIGHT,
    "board:overdue-file": OVERSIGHT,
    "board:explanations": OVERSIGHT,
    "board:explanation": OVERSIGHT,
    "board:reminders": OVERSIGHT,
    "board:reports": REPORTS,
    "board:report-new": REPORTS,
    "board:report": REPORTS,
    "board:report-edit": REPORTS,
    "board:report-act": REPORTS,
    "board:report-restore": REPORTS,
    "board:report-cases": REPORTS,
    "board:report-file": REPORTS,
    "confidential:*": CUSTODIANS,
    "quality:*": PUBLISH,
    "quality:home": PUBLISH | {Role.LEADER},
    "quality:comments": frozenset({Role.REVIEWER}),
    "quality:comment": frozenset({Role.REVIEWER}),
    "quality:case": CENTRE,  # an operator's own, once it is settled
    "quality:reply": DESK,
    "quality:mine": frozenset({Role.OPERATOR}),
    "quality:person": SUPERVISOR,
    "quality:coach": SUPERVISOR,
    "quality:decide": SUPERVISOR,
    "quality:card": PUBLISH | SETUP,
    "quality:card-new": PUBLISH | SETUP,
    "setup:*": SETUP,
    "setup:privacy-request-new": SETUP | DESK,
    "setup:privacy": SETUP | DESK,
    "setup:privacy-request": SETUP | SUPERVISOR,
    "setup:privacy-act": SETUP | SUPERVISOR,
    "setup:processing": SETUP | SUPERVISOR,
    "setup:retention": SETUP | SUPERVISOR,
    "setup:hold-new": SETUP | SUPERVISOR,
    "setup:hold-end": SETUP | SUPERVISOR,
    "setup:breaches": SETUP | SUPERVISOR,
    "setup:breach-new": SETUP | SUPERVISOR,
    "setup:breach": SETUP | SUPERVISOR,
    "setup:breach-print": SETUP | SUPERVISOR,
    "setup:breach-step": SETUP | SUPERVISOR,
    "setup:breach-told": SETUP | SUPERVISOR,
    "setup:skills": SETUP | SUPERVISOR,
    "setup:skills-of": SETUP | SUPERVISOR,
    "setup:voice": SETUP | SUPERVISOR,
    "setup:voice-notice": SETUP | SUPERVISOR,
    "setup:voice-notice-end": SETUP | SUPERVISOR,
    "setup:custodians": SETUP | SUPERVISOR,
    "setup:custodian-new": SETUP | SUPERVISOR,
    "setup:custodian-confirm": SETUP | SUPERVISOR,
    "setup:custodian-end": SETUP | SUPERVISOR,
    "voice-before": TOKEN,
    "voice-ticket": TOKEN,
    "voice-prompt": TOKEN,
    "voice-sound": PUBLIC,  # every caller hears it
    "cell-missives": TOKEN,  # what another cell has signed
    "open311:*": TOKEN,
    "api:*": TOKEN,
    "picture": PUBLIC,
    "first-run": PUBLIC,  # the signed address is its own right, until there is an administrator
    "invitation": PUBLIC,  # the signed address is its own right
    "cell": PUBLIC,
    "health": PUBLIC,
    "health-seen": PUBLIC,  # whoever shows what the installation's key signed
    "live": PUBLIC,
    "ready": PUBLIC,
    "reads": PUBLIC,
    "metrics": PUBLIC,
}


ANONYMOUS = frozenset({"citizen:short", "citizen:deposit"})
"""They ask no database: whoever comes is nobody, for who is signed in stands there."""


def allowed(view_name: str) -> frozenset[Role]:
    """The row for an address. KeyError when it has none."""
    if view_name in ACCESS:
        return ACCESS[view_name]
    return ACCESS[view_name.rsplit(":", 1)[0] + ":*"]


def may_open(by: Actor, view_name: str) -> bool:
    """Whether an address is open to somebody; what leads there is shown to nobody else."""
    return by.has(*allowed(view_name))


def _from_a_page(request: HttpRequest) -> bool:
    return bool(request.htmx) or request.method not in ("GET", "HEAD")  # type: ignore[attr-defined]


def page_of(request: HttpRequest) -> str:
    """The page that the person sees: of a part that it loads, the page around it; of a form that was sent, its page."""
    if request.htmx:  # type: ignore[attr-defined]
        return request.htmx.current_url_abs_path or "/"  # type: ignore[attr-defined]
    if not _from_a_page(request):
        return request.get_full_path()
    here, sender = request.build_absolute_uri("/"), request.headers.get("Referer", "")
    return sender[len(here) - 1 :] if sender.startswith(here) else "/after-login"


class AccessMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        reading = request.reading = Reading()  # type: ignore[attr-defined]
        reader = request.reads = Reader(request)  # type: ignore[attr-defined]
        try:
            response = self.get_response(request)
        finally:
            reading.end()
            reader.end()
        reader.finish(response)
        match = request.resolver_match
        if response.status_code == 405 and _by_hand(request):
            return redirect(_above(request.path))  # the address of a form, opened by a reload or after signing in again
        if by := request.META.get(ADMITTED):
            response[ADMITTED] = by
        response.setdefault("Permissions-Policy", settings.PERMISSIONS_POLICY)
        if match and allowed(match.view_name) not in (PUBLIC, TOKEN):
            response.setdefault("Cache-Control", "private, no-store")  # staff pages leave nothing on the machine
            response.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        match = request.resolver_match
        if match and match.view_name in ANONYMOUS:
            request._cached_user = AnonymousUser()  # type: ignore[attr-defined]  # before anybody asks
        roles = allowed(match.view_name if match else "")
        request.reads.begin()  # type: ignore[attr-defined]
        if roles in (PUBLIC, TOKEN):
            return None
        if match and match.view_name in WHILE_LOCKED and (locked := locked_session(request)):
            request.user = locked.user
        if not request.user.is_authenticated or refused(request.user):
            address = redirect_to_login(page_of(request)).url
            if PASSIVE in request.headers and locked_session(request):
                return HttpResponse(status=401)  # the page stays as it is, behind its lock
            over = _from_a_page(request) or has_ended(request)
            return _page(request, f"{address}&over=1" if over else address)
        if request.user.one_time and match and match.view_name != "password":
            return _page(request, reverse("password"))
        if match and match.view_name not in ENROLMENT and must_enrol(request):
            return _lead_to_enrol(request)
        if deputyship_ended(request) and match and match.view_name != "act" and (answer := _ended(request)):
            return answer
        if actor(request).has(*roles):
            request.META[ADMITTED] = "session"
            request.reads.remembers = True  # type: ignore[attr-defined]
            read_as(request, actor(request))
            return None
        return render(request, "web/forbidden.html", status=403)


ENROLMENT = frozenset(
    {"password", "factors", "factor-app", "factor-passkey", "factor-codes", "factor-link", "passkey-create", "prove"}
)
"""What somebody may open who must set up a second factor first."""
ONWARD = "onward"  # in the session: the page that they asked for


def must_enrol(request: HttpRequest) -> bool:
    """Whether whoever is signed in must set up a second factor before anything else."""
    user = request.user
    return not proved.has_factor(request) and isinstance(user, User) and factors.must_enrol(user)


def _lead_to_enrol(request: HttpRequest) -> HttpResponse:
    """To the page where it is set up; the one that was asked for opens afterwards."""
    if _by_hand(request):
        request.session[ONWARD] = request.get_full_path()
    return _page(request, reverse("factors"))


def _ended(request: HttpRequest) -> HttpResponse | None:
    """Notify somebody whose deputyship has just ended that they now work as themselves. What they sent from an earlier
    page is not carried out; it stays as a draft."""
    if request.method in SAFE:
        if _by_hand(request) and not request.htmx:  # type: ignore[attr-defined]
            begin(request, None)
            messages.warning(request, _("You are no longer a deputy: from now on you work as yourself."))
        return None  # a part that a page loads by itself tells nobody
    begin(request, None)
    messages.error(request, _("You are no longer a deputy: from now on you work as yourself. Nothing was done."))
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect(page_of(request))
    return HttpResponse(headers={"HX-Redirect": page_of(request)})


def _by_hand(request: HttpRequest) -> bool:
    """Whether a person opens a page in a browser, rather than a program calling an interface."""
    match = request.resolver_match
    pages = match is not None and allowed(match.view_name) != TOKEN
    return pages and request.method == "GET" and "text/html" in request.headers.get("accept", "")


def _above(path: str) -> str:
    """The nearest page that an address is a part of."""
    while path := path.rstrip("/").rpartition("/")[0]:
        for page in (path + "/", path):
            if is_valid_path(page):
                return page
    return "/"


def _page(request: HttpRequest, address: str) -> HttpResponse:
    """Send the whole window to another page: it never ends up inside a part of a page, and a page does not reload
    itself."""
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect(address)
    response = HttpResponse(status=401)
    if page_of(request).partition("?")[0] != address.partition("?")[0]:
        response["HX-Redirect"] = address
    return response

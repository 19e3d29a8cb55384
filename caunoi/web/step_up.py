"""Dangerous acts for which somebody proves again who they are, beside the table of who may come in (access.py).

The proof is asked for at the act itself: what was typed lies in the page that asks, and goes on with the proof. Signing
in is a proof too; it is good for ⚙ `proof_minutes`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import Resolver404, resolve, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from caunoi.accounts import attempts
from caunoi.accounts.models import User
from caunoi.directory.options import OPTIONS
from caunoi.web import proof, proved
from caunoi.web.page import Page, render_page

FORMATS = frozenset({"csv", "xlsx", "docx"})  # of lists as files (sheets.py, setup/processing.py)
ACT, FILE, TABLE, RULE = "act", "file", "table", "rule"
WATCHED = ("security", "plane", "helpers")  # groups of options
STEP_UP: Mapping[str, str] = {
    "agency:identity": ACT,  # opens a reporter's identity
    "setup:key-new": ACT,
    "setup:key-revoke": ACT,
    "setup:key-approve": ACT,
    "setup:service-account": ACT,  # a new key, or who answers for it
    "setup:person": ACT,  # rights, passwords, invitations, factors of others
    "setup:person-new": ACT,
    "setup:person-close": ACT,
    "setup:deputy": ACT,  # the rights of one person to another
    "setup:people-invite": ACT,
    "setup:people-review-table": FILE,
    "setup:inbox-add": ACT,  # secrets and hosts
    "setup:inbox-edit": ACT,
    "setup:inbox-switch": ACT,
    "setup:inbox-try": ACT,
    "setup:inbox-examine": ACT,  # it calls by the exchange
    "setup:import-whole": FILE,
    "setup:import-do": ACT,  # people with their rights
    "setup:import-invites": ACT,  # addresses that choose passwords
    "setup:option": RULE,
    "setup:helper-switch": ACT,  # what machines propose and write
    "setup:undo": ACT,  # of any of these
    "setup:custodian-new": ACT,
    "setup:custodian-confirm": ACT,
    "confidential:do": ACT,
    "confidential:file": FILE,
    "confidential:paper": FILE,
    "setup:witness-new": ACT,
    "setup:witness-switch": ACT,
    "setup:edition-decide": ACT,
    "setup:privacy-act": ACT,  # shows, hands over and erases somebody's data
    "setup:processing": TABLE,
    "setup:term": ACT,  # how long data lives
    "setup:hold-end": ACT,
    "setup:breach-step": ACT,
    "desk:read-code": ACT,
    "desk:calls-csv": FILE,
    "desk:openings": TABLE,
    "desk:queue": TABLE,
    "desk:callbacks": TABLE,
    "desk:half-hours": TABLE,
    "desk:roster": TABLE,
    "agency:list": TABLE,
    "agency:directives": TABLE,
    "board:directives": TABLE,
    "board:tickets": TABLE,
    "factor-app": ACT,
    "factor-passkey": ACT,
    "factor-codes": ACT,
    "factor-remove": ACT,
    "factor-link": FILE,
}
"""View name → when the proof is asked for: ACT, when something is sent; FILE, always; TABLE, when the list is taken as
a file; RULE, when an option about signing in, or whose data comes in, is changed."""


@dataclass(frozen=True, kw_only=True)
class ProvePage(Page):
    """`payload`: what was sent, and goes on with the proof to `address`; `again`: where somebody whose only proof is
    the province's directory goes."""

    template = "web/prove.html"

    ways: proof.Ways
    payload: list[tuple[str, str]]
    address: str
    again: str
    error: str


@dataclass(frozen=True, kw_only=True)
class ProvedPage(Page):
    """It is proved: the file at `address` can be fetched, and the page before it is `back`."""

    template = "web/proved.html"

    address: str
    back: str


def _is_dangerous(view_name: str, method: str, query: QueryDict, arguments: Mapping[str, Any]) -> bool:
    row, act = STEP_UP.get(view_name), method not in ("GET", "HEAD", "OPTIONS")
    if row == RULE:
        return act and (one := OPTIONS.get(arguments.get("name", ""))) is not None and one.group in WATCHED
    if row == TABLE:
        return act or query.get("format") in FORMATS
    return row == FILE or (row == ACT and act)


class StepUp:
    """After the doors (access.py): asks for the proof."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        return ask(request)


def ask(request: HttpRequest) -> HttpResponse | None:
    """The page that asks for a proof, before a dangerous act; None when it may go on."""
    match, user = request.resolver_match, request.user
    if match is None or not isinstance(user, User):
        return None
    if not _is_dangerous(match.view_name, request.method or "", request.GET, match.kwargs):
        return None
    fields = _take_fields(request)
    if proved.is_fresh(request):
        return None
    if request.htmx:  # type: ignore[attr-defined]
        return HttpResponse(status=401, headers={"HX-Redirect": _prove(request.htmx.current_url_abs_path or "/")})  # type: ignore[attr-defined]
    if request.method in ("GET", "HEAD"):
        return redirect(_prove(request.get_full_path(), request.headers.get("Referer", "")))
    result = _check(request, user, fields)
    if result.way:
        proved.stamp(request, result.way)
        return None
    payload = [(name, value) for name, values in request.POST.lists() for value in values if name not in NOT_KEPT]
    return _page(request, user, payload, request.get_full_path(), result)


NOT_KEPT = ("csrfmiddlewaretoken",)


def _take_fields(request: HttpRequest) -> dict[str, str]:
    """The fields of the proof; the view, and the draft of its form, never see them."""
    if request.method != "POST" or not any(name in request.POST for name in proved.FIELDS):
        return {}
    rest = request.POST.copy()
    fields = {name: str((rest.pop(name, None) or [""])[-1]) for name in proved.FIELDS}
    request.POST = rest  # type: ignore[assignment]
    return fields


def _check(request: HttpRequest, user: User, fields: Mapping[str, str]) -> proof.Result:
    if not fields:
        return proof.Result()
    try:
        return proof.check(request, user, fields)
    except attempts.OverloadedError:
        return proof.Result(error=_("Many people are signing in just now. Please try again in a few seconds."))


def _page(
    request: HttpRequest, user: User, payload: list[tuple[str, str]], address: str, result: proof.Result
) -> HttpResponse:
    ways = proof.ways(request, user)
    again = ""
    if not (ways.passkey or ways.code or ways.password):
        again = f"{reverse('directory')}?{urlencode({'again': 1, 'next': address})}"
    page = ProvePage(ways=ways, payload=payload, address=address, again=again, error=result.error)
    response = render_page(request, page, status=429 if result.locked else 200)
    response["Cache-Control"] = "no-store"
    return response


def _prove(address: str, referer: str = "") -> str:
    parts = urlsplit(referer)
    back = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return f"{reverse('prove')}?{urlencode({'next': address, **({'back': back} if back else {})})}"


def _own(request: HttpRequest, address: str) -> str:
    """An address of ours, else where the day begins."""
    safe = url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure())
    return address if safe else reverse("after-login")


def _is_file(address: str) -> bool:
    parts = urlsplit(address)
    try:
        match = resolve(parts.path)
    except Resolver404:
        return False
    return STEP_UP.get(match.view_name) in (FILE, TABLE) and match.view_name != "factor-link"


@sensitive_post_parameters()
def prove(request: HttpRequest) -> HttpResponse:
    """Prove it, and go on to the page or file that asked."""
    user = request.user
    assert isinstance(user, User)
    sent = request.POST if request.method == "POST" else request.GET
    onward, back = _own(request, sent.get("next", "")), _own(request, sent.get("back", ""))
    result = _check(request, user, _take_fields(request))
    if result.way:
        proved.stamp(request, result.way)
    if result.way or proved.is_fresh(request):
        if _is_file(onward):
            return render_page(request, ProvedPage(address=onward, back=back))
        return redirect(onward)
    return _page(request, user, [("next", onward), ("back", back)], reverse("prove"), result)

"""How I sign in: one's own passkeys, app, recovery codes, and the province's directory. Whoever must have a second
factor, and has none, sees nothing else before."""

from dataclasses import dataclass

import segno
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from caunoi.accounts import factors, oidc, passkeys
from caunoi.accounts.models import Passkey, User
from caunoi.web import directory_sign_in, proved
from caunoi.web.access import ONWARD
from caunoi.web.page import Page, render_page
from caunoi.web.passkeys import host, origins, site_name, take_challenge

SHOWN_ONCE = "recovery-codes"  # in the session: the new codes


@dataclass(frozen=True, kw_only=True)
class Directory:
    """The province's directory, and whether it signs this person in."""

    name: str
    linked: bool


@dataclass(frozen=True, kw_only=True)
class FactorsPage(Page):
    """`obliged`: nothing else opens before one is set up; `app`: an app's codes count; `able`: browsers make passkeys
    for this address; `host`: its name; `fresh`: who one is was proved just now; `codes`: recovery codes that are
    left."""

    template = "web/factors.html"

    rows: list[Passkey]
    app: bool
    codes: int
    obliged: bool
    any: bool
    able: bool
    host: str
    fresh: bool
    directory: Directory | None


@dataclass(frozen=True, kw_only=True)
class AppPage(Page):
    """An app is set up: the picture to scan, the same as letters, and the form for its first code."""

    template = "web/factor_app.html"

    picture: SafeString
    letters: str
    address: str
    form: "FirstCode"


@dataclass(frozen=True, kw_only=True)
class CodesPage(Page):
    """Recovery codes, shown once; then to `onward`."""

    template = "web/factor_codes.html"

    codes: list[str]
    username: str
    onward: str


class FirstCode(forms.Form):
    code = forms.CharField(
        label=gettext_lazy("The six digits that the app shows now"),
        max_length=12,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}),
    )


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def listing(request: HttpRequest) -> HttpResponse:
    user = _user(request)
    any_factor = factors.has_factor(user)
    directory = Directory(name=directory_sign_in.name(), linked=oidc.is_linked(user)) if oidc.is_set_up() else None
    page = FactorsPage(
        rows=list(factors.own_passkeys(user)),
        app=factors.code_app(user) is not None,
        codes=factors.codes_left(user),
        obliged=factors.must_enrol(user),
        any=any_factor,
        able=passkeys.can_have(host(request)),
        host=host(request),
        fresh=proved.is_fresh(request),
        directory=directory,
    )
    return render_page(request, page)


@sensitive_post_parameters()
def app(request: HttpRequest) -> HttpResponse:
    """Set up an app that makes codes; another one takes the place of the first."""
    user = _user(request)
    row, form = factors.begin_app(user), FirstCode(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if factors.confirm_app(user, form.cleaned_data["code"]):
            return _added(request, user, "app", _("The app is set up: from now on you sign in with its codes."))
        form.add_error("code", _("This code is not right. Wait for the next one; the phone's clock must be right."))
    address = factors.app_address(row, site_name())
    picture = mark_safe(segno.make(address, error="m").svg_inline(border=2, omitsize=True))  # noqa: S308  squares only
    letters = " ".join(row.pending[at : at + 4] for at in range(0, len(row.pending), 4))
    page = AppPage(picture=picture, letters=letters, address=address, form=form)
    response = render_page(request, page, status=422 if form.errors else 200)
    response["Cache-Control"] = "no-store"
    return response


@require_POST
def passkey(request: HttpRequest) -> HttpResponse:
    """The browser has made a passkey."""
    user, answer = _user(request), request.POST.get("passkey", "")
    challenge, handle = take_challenge(request, "create")
    name = request.POST.get("name", "").strip()[:60] or _("Passkey")
    try:
        passkeys.add(
            user, answer, challenge=challenge, host=host(request), origins=origins(request), handle=handle, name=name
        )
    except passkeys.WrongPasskeyError:
        messages.error(request, _("No passkey was made. Please try again."))
        return redirect("factors")
    return _added(request, user, "passkey", _("The passkey is set up: you can sign in with it alone."))


def _added(request: HttpRequest, user: User, way: str, words: str) -> HttpResponse:
    proved.stamp(request, way)
    messages.success(request, words)
    if factors.codes_left(user):
        return redirect("factors")
    request.session[SHOWN_ONCE] = factors.make_codes(user)
    return redirect("factor-codes")


def codes(request: HttpRequest) -> HttpResponse:
    """New recovery codes, shown this once."""
    user = _user(request)
    if request.method == "POST":
        if factors.has_factor(user):
            request.session[SHOWN_ONCE] = factors.make_codes(user)
        return redirect("factor-codes")
    new_codes = request.session.pop(SHOWN_ONCE, None)
    if new_codes is None:
        messages.info(request, _("Recovery codes are shown once and are not kept. If you noted none, make new ones."))
        return redirect("factors")
    onward = request.session.pop(ONWARD, "") or "/after-login"
    response = render_page(request, CodesPage(codes=new_codes, username=user.username, onward=onward))
    response["Cache-Control"] = "no-store"
    return response


@require_POST
def remove(request: HttpRequest) -> HttpResponse:
    """Take away one's own passkey, app or link to the directory."""
    user, what = _user(request), request.POST.get("what", "")
    if what == "directory":
        oidc.unlink(user)
        messages.success(request, _("Removed."))
        return redirect("factors")
    try:
        removed = factors.remove_factor(user, int(what) if what.isascii() and what.isdecimal() else None)
    except factors.LastFactorError:
        messages.error(request, _("Your role needs a second factor: set up another one first."))
    else:
        messages.success(request, _("Removed.") if removed else _("It was removed already."))
    return redirect("factors")

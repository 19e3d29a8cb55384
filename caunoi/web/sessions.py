"""Where one is signed in: one's devices, and the lock of a screen before which nobody sits."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from caunoi.accounts import sessions
from caunoi.accounts.models import Session, User
from caunoi.accounts.sessions import Ending
from caunoi.directory.queries import option
from caunoi.web.errors import or_404
from caunoi.web.labels import word
from caunoi.web.page import Page, render_page
from caunoi.web.signed_in import session_of
from caunoi.web.who import actor

PAST = 10
METHODS = {
    "password": gettext_noop("by password"),
    "passkey": gettext_noop("by passkey"),
    "totp": gettext_noop("by password and code"),
    "recovery": gettext_noop("by password and recovery code"),
    "oidc": gettext_noop("by the province's directory"),
}
ENDINGS: dict[str, str] = {
    Ending.SIGN_OUT: gettext_noop("signed out"),
    Ending.AGAIN: gettext_noop("locked, then signed in again"),
    Ending.AGE: gettext_noop("too long ago"),
    Ending.OWN: gettext_noop("ended from another device"),
    Ending.ADMIN: gettext_noop("ended by an administrator"),
    Ending.CLOSED: gettext_noop("the account was closed"),
    Ending.PASSWORD: gettext_noop("the password was changed"),
}


@dataclass(frozen=True, kw_only=True)
class SessionLine:
    """A session in words; `here`: the one that asks."""

    row: Session
    device: str
    method: str
    ending: str
    here: bool


@dataclass(frozen=True, kw_only=True)
class SessionsPage(Page):
    """One's devices: where one is signed in, and where one was."""

    template = "web/sessions.html"

    lines: list[SessionLine]
    past: list[SessionLine]
    others: bool
    minutes: int
    hours: int


@dataclass(frozen=True)
class UnlockedPage(Page):
    """In the small window in which somebody has signed in again: it tells the others, and closes."""

    template = "web/unlocked.html"


def lines(rows: Iterable[Session], here: Session | None = None) -> list[SessionLine]:
    return [
        SessionLine(
            row=row,
            device=row.device or _("unknown device"),
            method=word(METHODS, row.method),
            ending=word(ENDINGS, row.ending),
            here=here is not None and row.pk == here.pk,
        )
        for row in rows
    ]


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def listing(request: HttpRequest) -> HttpResponse:
    user, here = _user(request), session_of(request)
    now = lines(sessions.open_of(user), here)
    page = SessionsPage(
        lines=sorted(now, key=lambda line: not line.here),
        past=lines(sessions.past_of(user)[:PAST]),
        others=len(now) > 1,
        minutes=int(option("idle_minutes")),
        hours=int(option("session_hours")),
    )
    return render_page(request, page)


@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    row = or_404(sessions.open_of(_user(request)).filter(pk=pk).first())
    here = session_of(request)
    if here is not None and row.pk == here.pk:
        logout(request)
        return redirect("login")
    sessions.finish(row, by=_user(request).as_actor(), ending=Ending.OWN)
    messages.success(request, _("Signed out there."))
    return redirect("sessions")


@require_POST
def end_others(request: HttpRequest) -> HttpResponse:
    here = session_of(request)
    count = sessions.finish_all(_user(request), Ending.OWN, by=_user(request).as_actor(), but=here.pk if here else None)
    words = ngettext("Signed out on %(count)s device.", "Signed out on %(count)s devices.", count)
    messages.success(request, words % {"count": count})
    return redirect("sessions")


@require_POST
def here(request: HttpRequest) -> HttpResponse:
    """Somebody sits before the page and reads: asked with what they do, at most once a minute."""
    actor(request)
    return HttpResponse(status=204)


@csrf_exempt  # it only takes the sender's own session away, and is asked when the page may be hours old
@require_POST
def lock(request: HttpRequest) -> HttpResponse:
    """Nobody has done anything in any window of this browser for a while."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        return HttpResponse(status=403)
    row = session_of(request)
    if row is not None:
        sessions.lock(row)
    return HttpResponse(status=204)


def unlocked(request: HttpRequest) -> HttpResponse:
    return render_page(request, UnlockedPage())

"""Who is signed in, and whether still: every request asks the row of its session (accounts/sessions.py).

A part that a page loads by itself carries the header PASSIVE and keeps no session awake."""

from typing import Any

from django.conf import settings
from django.contrib.auth import get_user, user_logged_in, user_logged_out, user_login_failed
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from caunoi.accounts import attempts, sessions
from caunoi.accounts.devices import device
from caunoi.accounts.models import Session, User
from caunoi.accounts.sessions import Standing
from caunoi.calls.actions import close_phone, sign_off
from caunoi.web import proved

ROW = "row"  # in the browser's session: the id of its row
MARK = "browser"  # the cookie by which a browser says who has signed in with it before
METHOD = "sign_in_method"  # attribute of a request: how somebody signs in with it, where not by a password
PASSIVE = "X-Passive"


class Sessions(SessionMiddleware):
    """Django's, in which only a page that is opened takes the cookie of a session away that is over. What a page loads
    by itself may still carry the former key after signing in, or after a new password, has changed it: its answer would
    take the new one away."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        response = super().process_response(request, response)
        cookie = response.cookies.get(settings.SESSION_COOKIE_NAME)
        beside = request.headers.get("Sec-Fetch-Mode", "navigate") != "navigate"
        if cookie is not None and not cookie.value and beside:
            del response.cookies[settings.SESSION_COOKIE_NAME]
        return response


class Authentication(AuthenticationMiddleware):
    def process_request(self, request: HttpRequest) -> None:
        """`request.user` is whoever has an open session; asked only where a page wants to know."""
        request.user = SimpleLazyObject(lambda: _cached(request))  # type: ignore[assignment]  # as in Django's own


def _cached(request: HttpRequest) -> User | AnonymousUser:
    user: User | AnonymousUser | None = getattr(request, "_cached_user", None)
    if user is None:
        user = user_of(request)
        request._cached_user = user  # type: ignore[attr-defined]  # where Django keeps it, too
    return user


def user_of(request: HttpRequest, *, passive: bool = False) -> User | AnonymousUser:
    """The person of an open session, else nobody; of one that is locked, `locked_user(request)` says who it was."""
    user = get_user(request)
    if not isinstance(user, User):
        return AnonymousUser()
    row = _row(request, user)
    standing = sessions.standing(row)
    if standing is Standing.OPEN:
        request._session_row = row  # type: ignore[attr-defined]
        if not (passive or PASSIVE in request.headers):
            sessions.touch(row)
        return user
    if standing is Standing.LOCKED:
        request._locked = row  # type: ignore[attr-defined]
        row.user = user
    else:
        request.session.flush()
        request._over = True  # type: ignore[attr-defined]
    return AnonymousUser()


def user_while_away(request: HttpRequest) -> User | AnonymousUser:
    """The same where nothing can be written down: a session that stood when the primary went away goes on."""
    user, pk = get_user(request), request.session.get(ROW)
    row = sessions.current(pk, user) if isinstance(user, User) and isinstance(pk, int) else None
    if not isinstance(user, User) or row is None or sessions.standing(row) is not Standing.OPEN:
        return AnonymousUser()
    request._session_row = row  # type: ignore[attr-defined]
    return user


def _row(request: HttpRequest, user: User) -> Session:
    """The row of this session; one of a release before there were rows gets its own."""
    pk = request.session.get(ROW)
    row = sessions.current(pk, user) if isinstance(pk, int) else None
    return row or _begin(request, user, familiar=True)


def _begin(request: HttpRequest, user: User, *, familiar: bool) -> Session:
    row = sessions.begin(
        user,
        device=device(request.headers.get("User-Agent", "")),
        address=request.META.get("REMOTE_ADDR", ""),
        method=getattr(request, METHOD, "password"),
        familiar=familiar,
    )
    request.session[ROW] = row.pk
    return row


def session_of(request: HttpRequest) -> Session | None:
    """The row of the open session of a request."""
    return getattr(request, "_session_row", None) if request.user.is_authenticated else None


def locked_session(request: HttpRequest) -> Session | None:
    """The session that is locked, where there is one; its person must sign in again."""
    if request.user.is_authenticated:
        return None
    return getattr(request, "_locked", None)


def has_ended(request: HttpRequest) -> bool:
    """Whether somebody was signed in here until now."""
    return not request.user.is_authenticated and (hasattr(request, "_locked") or hasattr(request, "_over"))


def _signed_in(sender: Any, request: HttpRequest | None, user: User, **rest: Any) -> None:
    if request is None:
        return
    locked: Session | None = getattr(request, "_locked", None)
    before = request.session.pop(ROW, None)
    sessions.replace({before, locked.pk if locked else None})
    here_before = before is not None or (locked is not None and locked.user_id == user.pk)
    familiar = here_before or attempts.knows(request.COOKIES.get(MARK, ""), user)
    request._session_row = _begin(request, user, familiar=familiar)  # type: ignore[attr-defined]
    proved.stamp(request, "password")  # whoever has just signed in has proved themself


def _signed_out(sender: Any, request: HttpRequest, user: User | None, **rest: Any) -> None:
    """Off duty at the phone, which no page has any more, and the row ends; of a locked session too."""
    row: Session | None = getattr(request, "_locked", None)
    if row is None and user is not None:
        row = sessions.current(request.session.get(ROW, 0), user)
    person = row.user if row is not None else user
    if person is not None:
        sign_off(person, by=person.as_actor())
        close_phone(person)
    if row is not None:
        sessions.finish(row, by=row.user.as_actor())


def _failed(sender: Any, credentials: dict[str, Any], **rest: Any) -> None:
    sessions.refuse(str(credentials.get("username", "")))


def connect() -> None:
    """Every way to sign in begins a row: by a password, a passkey or a directory."""
    user_logged_in.connect(_signed_in, dispatch_uid="caunoi.session.begin")
    user_logged_out.connect(_signed_out, dispatch_uid="caunoi.session.end")
    user_login_failed.connect(_failed, dispatch_uid="caunoi.session.refuse")

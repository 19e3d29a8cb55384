"""How somebody proves who they are besides the password: the fields of a form, and what they prove."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.translation import gettext as _

from caunoi.accounts import attempts, factors, passkeys, sessions
from caunoi.accounts.models import User
from caunoi.web.citizen.limits import address
from caunoi.web.passkeys import host, shown_by
from caunoi.web.proved import CODE, PASSKEY, PASSWORD
from caunoi.web.signed_in import MARK


@dataclass(frozen=True, kw_only=True)
class Ways:
    """How somebody can prove themself here: by a `passkey`, a `code` of an app or for recovery, the `password`;
    `elsewhere`: they have passkeys, but not for this address."""

    passkey: bool
    code: bool
    password: bool
    elsewhere: bool = False


@dataclass(frozen=True, kw_only=True)
class Result:
    """`way` by which it was proved, or `error` that says why not; `locked`: too many were wrong."""

    way: str = ""
    error: str = ""
    locked: bool = False


def ways(request: HttpRequest, user: User) -> Ways:
    here = passkeys.can_have(host(request)) and passkeys.usable(user, host(request))
    able = factors.has_factor(user)
    return Ways(
        passkey=here,
        code=factors.code_app(user) is not None or factors.codes_left(user) > 0,
        password=not able and user.has_usable_password(),
        elsewhere=able and not here and user.passkeys.exists(),
    )


def check(request: HttpRequest, user: User, fields: Mapping[str, str]) -> Result:
    """What a form proves about somebody. OverloadedError where a password cannot be checked just now."""
    tries = attempts.begin_factor(user, address(request), request.COOKIES.get(MARK, ""))
    if tries is None:
        sessions.refuse(user.username)
        return Result(locked=True, error=_("Too many wrong attempts. Please wait a quarter of an hour."))
    way, error = "", ""
    if fields.get(PASSKEY):
        if shown_by(request, fields[PASSKEY]) == user:
            way = "passkey"
        error = _("That passkey did not work. Please try again, or use a code.")
    elif fields.get(CODE, "").strip():
        way = factors.accept_code(user, fields[CODE]) if factors.has_factor(user) else ""
        error = _("This code is not right, or was used already. Wait for the next one.")
    elif fields.get(PASSWORD):
        with attempts.turn():
            right = ways(request, user).password and user.check_password(fields[PASSWORD])
        way = "password" if right else ""
        error = _("The password is not right.")
    else:
        attempts.take_back(tries)
        return Result(error=_("Please fill this in."))
    if not way:
        sessions.refuse(user.username)
        return Result(error=error)
    attempts.take_back(tries)
    return Result(way=way)

"""A forgotten password: a code goes to the person's own mail or phone, and with it they choose a new one.

It works for LIFE, and until the password changes. TRIES count by the browser that asked for it, in which alone it can
be typed: a stranger's tries use up only a stranger's code. A mail also holds a link, which works in any browser.
Neither is stored: both are derived from the row and the installation's key."""

import secrets
from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.timezone import now

from caunoi.accounts import sessions
from caunoi.accounts.models import Recovery, User
from caunoi.accounts.queries import digest, mark, refused
from caunoi.events.actions import record
from caunoi.events.actor import SYSTEM
from caunoi.vault.signing import secret_keys

SALT = "caunoi.recovery"
LIFE, TRIES, DIGITS = timedelta(minutes=15), 5, 8
RETENTION = timedelta(days=1)


def recoverable(username: str) -> User | None:
    """The person of a user name, where the account is open."""
    user = User.objects.filter(username__iexact=username.strip(), is_active=True).first()
    return user if user is not None and not refused(user) else None


@transaction.atomic
def begin(user: User, browser: str, way: str) -> Recovery:
    """A code for somebody, to be sent by `way`, for the browser whose secret has this digest."""
    Recovery.objects.filter(at__lt=now() - RETENTION).delete()
    row = Recovery.objects.create(
        user=user, browser=browser, nonce=secrets.token_urlsafe(12), password=mark(user), way=way, at=now()
    )
    record("person.forgot", user, by=SYSTEM, username=user.username, way=way)
    return row


def code_and_link(pk: int) -> dict[str, str] | None:
    """What the letter says: {code, link}; None when they no longer work."""
    row = _open().filter(pk=pk).first()
    if row is None or mark(row.user) != row.password:
        return None
    return {"code": _code(row), "link": f"{settings.STAFF_URL}/recover/{_token(row)}"}


@transaction.atomic
def redeem(code: str, secret: str) -> str | None:
    """The token for a code that was typed in the browser with this secret; None for a wrong one, which counts."""
    rows = list(_open().select_for_update(of=("self",)).filter(browser=digest(secret), tries__lt=TRIES))
    digits = "".join(letter for letter in code if letter.isdecimal() and letter.isascii())
    right = [row for row in rows if _matches(row, digits) and mark(row.user) == row.password]
    if right:
        return _token(right[0])
    Recovery.objects.filter(pk__in=[row.pk for row in rows]).update(tries=F("tries") + 1)
    return None


def recovering(token: str) -> Recovery | None:
    """Whose password a token lets be chosen; None for a forged, used or old one."""
    try:
        pk = signing.loads(token, salt=SALT, max_age=LIFE)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    row = _open().filter(pk=pk).first()
    return row if row is not None and mark(row.user) == row.password else None


@transaction.atomic
def finish(token: str, password: str) -> User | None:
    """The person chooses a password: all their sessions and other codes end. None where the token no longer works."""
    row = recovering(token)
    if row is None:
        return None
    user = User.objects.select_for_update().get(pk=row.user_id)
    if mark(user) != row.password or not user.is_active:
        return None
    user.take_password(password)
    sessions.finish_all(user, sessions.Ending.PASSWORD, by=user.as_actor())
    record("person.recover", user, by=user.as_actor(), username=user.username, way=row.way)
    return user


def _open() -> QuerySet[Recovery]:
    return Recovery.objects.filter(at__gt=now() - LIFE, user__is_active=True).select_related("user").order_by("-pk")


def _matches(row: Recovery, digits: str) -> bool:
    """Also where the secret key was rotated since the code was sent."""
    return any(constant_time_compare(digits, _code(row, key)) for key in secret_keys())


def _code(row: Recovery, key: str | None = None) -> str:
    made = salted_hmac(SALT, f"{row.pk} {row.nonce}", secret=key, algorithm="sha256").digest()
    return f"{int.from_bytes(made) % 10**DIGITS:0{DIGITS}}"


def _token(row: Recovery) -> str:
    return signing.dumps(row.pk, salt=SALT)

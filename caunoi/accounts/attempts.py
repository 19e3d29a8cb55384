"""How often passwords may be tried. Nobody is locked out by a stranger: tries count for whoever makes them.

From one address a name may be tried TRIES times in SPAN, and all names together ADDRESS_TRIES times. A browser in which
somebody has signed in before keeps a signed mark of it: its tries for that person are counted separately, whatever
others do at the same address.
"""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from threading import BoundedSemaphore

from django.core import signing
from django.db import transaction
from django.utils.timezone import now

from caunoi.accounts.models import User, WrongPassword
from caunoi.accounts.queries import digest
from caunoi.events.turns import take_turn
from caunoi.lib.network import place as place_of

SPAN = timedelta(minutes=15)
TRIES, ADDRESS_TRIES = 5, 30  # five: what the checklist of level 3 asks for (checks/level3.py)
FACTOR_TRIES, ANYWHERE_FACTORS = 10, 40  # of second factors: from one address, and from everywhere
PASSKEYS = 600  # asked for from one address: nobody guesses one
NAME_CODES, ANYWHERE_CODES, ADDRESS_CODES = 3, 6, 20  # asked for in SPAN
SALT, YEAR = "caunoi.browser", 365 * 86_400
MOST = 20  # people of one browser: a shift's machine
AT_ONCE, PATIENCE = 4, 2.0  # passwords checked at once in a process, seconds that one more waits: checking is costly


class OverloadedError(Exception):
    """Too many passwords are being checked just now."""


@contextmanager
def turn() -> Iterator[None]:
    """A place among those who check passwords. OverloadedError when none becomes free."""
    if not _turns.acquire(timeout=PATIENCE):
        raise OverloadedError
    try:
        yield
    finally:
        _turns.release()


_turns = BoundedSemaphore(AT_ONCE)


def begin(username: str, address: str, mark: str) -> list[WrongPassword] | None:
    """Counts a try before it is made: rows to be given to `succeed`; None when there have been too many.

    `address`: where it comes from; `mark`: what `remember` gave this browser, else empty.
    """
    return _count(_sources(username.strip().casefold(), address, mark))


def may_ask(username: str, address: str, mark: str) -> bool:
    """Counts that somebody asks for a code (recovery.py); False when they asked too often. A name is also counted
    across all addresses, so that nobody is flooded with codes; but not for a browser in which that person signed in
    before."""
    name, (browser, people) = username.strip().casefold(), _read(mark)
    if browser and User.objects.filter(pk__in=people, username__iexact=name).exists():
        return _count({digest(f"ask browser {browser} {name}"): NAME_CODES}) is not None
    place = place_of(address)
    sources = {
        f"ask name {place} {name}": NAME_CODES,
        f"ask address {place}": ADDRESS_CODES,
        f"ask name {name}": ANYWHERE_CODES,
    }
    return _count({digest(source): most for source, most in sources.items()}) is not None


def may_try_code(address: str) -> bool:
    """Counts a try of a code; False when there have been too many from one address."""
    return _count({digest(f"code {place_of(address)}"): ADDRESS_TRIES}) is not None


def begin_factor(user: User, address: str, mark: str) -> list[WrongPassword] | None:
    """Counts a try of a second factor before it is made, by somebody whose password was right: rows for `take_back`;
    None when there have been too many. Whoever has the password tries from few addresses or from many; a browser in
    which the person signed in before counts by itself."""
    browser, people = _read(mark)
    if browser and user.pk in people:
        return _count({digest(f"factor browser {browser} {user.pk}"): FACTOR_TRIES})
    place = place_of(address)
    return _count(
        {
            digest(f"factor {place} {user.pk}"): FACTOR_TRIES,
            digest(f"factor anywhere {user.pk}"): ANYWHERE_FACTORS,
        }
    )


def may_ask_passkey(address: str) -> bool:
    """Counts that a browser asks to show a passkey; False when there have been too many from one address."""
    return _count({digest(f"passkey {place_of(address)}"): PASSKEYS}) is not None


@transaction.atomic
def _count(sources: Mapping[str, int]) -> list[WrongPassword] | None:
    take_turn(*sources)
    since = now() - SPAN
    for source, most in sources.items():
        if WrongPassword.objects.filter(source=source, at__gt=since).count() >= most:
            return None
    WrongPassword.objects.filter(at__lte=since).delete()
    return WrongPassword.objects.bulk_create(WrongPassword(source=source, at=now()) for source in sources)


def take_back(rows: list[WrongPassword]) -> None:
    """The try was not made after all."""
    WrongPassword.objects.filter(pk__in=[row.pk for row in rows]).delete()


def succeed(rows: list[WrongPassword]) -> None:
    """The password was right: this try no longer counts, nor do earlier ones for this name. Those for other names
    stay."""
    take_back(rows)
    WrongPassword.objects.filter(source=rows[0].source).delete()


def remember(user: User, mark: str) -> str:
    """The mark of this browser with this person in it, to be kept for a YEAR."""
    browser, people = _read(mark)
    people = [pk for pk in people if pk != user.pk][-MOST + 1 :]
    return signing.dumps([browser or secrets.token_urlsafe(9), [*people, user.pk]], salt=SALT)


def knows(mark: str, user: User) -> bool:
    """Whether this person has signed in with this browser before."""
    return user.pk in _read(mark)[1]


def _sources(username: str, address: str, mark: str) -> Mapping[str, int]:
    """What a try counts for, and how often it may: the name first."""
    browser, people = _read(mark)
    if browser and User.objects.filter(pk__in=people, username__iexact=username).exists():
        return {digest(f"browser {browser} {username}"): TRIES}
    place = place_of(address)
    return {digest(f"name {place} {username}"): TRIES, digest(f"address {place}"): ADDRESS_TRIES}


def _read(mark: str) -> tuple[str, list[int]]:
    try:
        browser, people = signing.loads(mark, salt=SALT, max_age=YEAR)
    except (signing.BadSignature, ValueError, TypeError):
        return "", []
    return browser, people

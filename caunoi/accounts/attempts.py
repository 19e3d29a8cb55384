"""How often passwords may be tried. Nobody is locked out by a stranger: what is counted is whoever tries.

From one address a name may be tried TRIES times in SPAN, and all names together ADDRESS_TRIES times. A browser in which
somebody has signed in before keeps a signed mark of it: its tries for that person are counted by themselves, whatever
others do at the same address.
"""

import ipaddress
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from threading import BoundedSemaphore

from django.core import signing
from django.utils.timezone import now

from caunoi.accounts.models import User, WrongPassword
from caunoi.accounts.queries import digest

SPAN = timedelta(minutes=15)
TRIES, ADDRESS_TRIES = 10, 30
SALT, YEAR = "caunoi.browser", 365 * 86_400
MOST = 20  # people of one browser: a shift's machine
AT_ONCE, PATIENCE = 4, 2.0  # passwords checked at once in a process, seconds that one more waits: checking is costly


class Busy(Exception):
    """Too many passwords are being checked just now."""


@contextmanager
def turn() -> Iterator[None]:
    """A place among those who check passwords. Busy when none becomes free."""
    if not _turns.acquire(timeout=PATIENCE):
        raise Busy
    try:
        yield
    finally:
        _turns.release()


_turns = BoundedSemaphore(AT_ONCE)


def begin(username: str, address: str, mark: str) -> list[WrongPassword] | None:
    """Counts a try before it is made: rows to be given to `succeed`; None when there have been too many.

    `address`: where it comes from; `mark`: what `remember` gave this browser, else empty.
    """
    since = now() - SPAN
    sources = _sources(username.strip().casefold(), address, mark)
    for source, most in sources.items():
        if WrongPassword.objects.filter(source=source, at__gt=since).count() >= most:
            return None
    WrongPassword.objects.filter(at__lte=since).delete()
    return WrongPassword.objects.bulk_create(WrongPassword(source=source, at=now()) for source in sources)


def take_back(rows: list[WrongPassword]) -> None:
    """The try was not made after all."""
    WrongPassword.objects.filter(pk__in=[row.pk for row in rows]).delete()


def succeed(rows: list[WrongPassword]) -> None:
    """The try was right: it counts no more, nor do the earlier ones for this name. Those for other names stay."""
    take_back(rows)
    WrongPassword.objects.filter(source=rows[0].source).delete()


def remember(user: User, mark: str) -> str:
    """The mark of this browser with this person in it, to be kept for a YEAR."""
    browser, people = _read(mark)
    people = [pk for pk in people if pk != user.pk][-MOST + 1 :]
    return signing.dumps([browser or secrets.token_urlsafe(9), [*people, user.pk]], salt=SALT)


def _sources(username: str, address: str, mark: str) -> Mapping[str, int]:
    """What a try counts for, and how often it may: the name first."""
    browser, people = _read(mark)
    if browser and User.objects.filter(pk__in=people, username__iexact=username).exists():
        return {digest(f"browser {browser} {username}"): TRIES}
    place = _place(address)
    return {digest(f"name {place} {username}"): TRIES, digest(f"address {place}"): ADDRESS_TRIES}


def _place(address: str) -> str:
    """An address as one who has it can change it: of IPv6 the network of a subscriber."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is None:
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)


def _read(mark: str) -> tuple[str, list[int]]:
    try:
        browser, people = signing.loads(mark, salt=SALT, max_age=YEAR)
    except (signing.BadSignature, ValueError, TypeError):
        return "", []
    return browser, people

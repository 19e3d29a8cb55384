"""The province's directory signs people in (OpenID Connect Core 1.0, code flow with PKCE, RFC 7636).

A person is found by the directory's own stable name for them (`sub`), which they linked themself, or, where the
province allows it (⚙ `directory_by_mail`), by the mail address that the directory has verified. Nobody gets an account
or a right by it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.timezone import now

from caunoi.accounts import openid
from caunoi.accounts.models import DirectoryLink, User
from caunoi.accounts.openid import Provider, secrets_of_a_trip
from caunoi.accounts.queries import refused
from caunoi.directory.queries import option
from caunoi.events.actions import record

STRONG = frozenset({"mfa", "otp", "hwk", "swk", "sc", "fpt", "pop"})  # RFC 8176: more than a password was shown


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Who the directory says that somebody is. `email` only where it has verified it; `strong`: they showed it more
    than a password; `at`: when, in seconds since 1970, or 0 where it does not say."""

    issuer: str
    sub: str
    email: str
    strong: bool
    at: int


def directory() -> Provider:
    return Provider(
        issuer=settings.OIDC_ISSUER,
        client=settings.OIDC_CLIENT,
        secret=settings.OIDC_SECRET,
        scope="openid profile email",
    )


def is_set_up() -> bool:
    return bool(directory())


def begin(back: str, *, again: bool) -> tuple[str, dict[str, str]]:
    """Where to send the browser, and what to keep of it until it comes to `back`: {state, nonce, verifier}. `again`:
    the person must sign in there anew. ProviderError when the directory does not answer."""
    expected = secrets_of_a_trip()
    return openid.begin(directory(), back, expected, again=again), expected


def finish(back: str, answer: Mapping[str, str], expected: Mapping[str, str]) -> Identity:
    """Who came back with this answer (the query of `back`). ProviderError when it is not the directory's answer to
    what was sent."""
    return identity(openid.finish(directory(), back, answer, expected))


def identity(claims: Mapping[str, Any]) -> Identity:
    """Who the claims of a token that was validated are about."""
    means = claims.get("amr")
    return Identity(
        issuer=settings.OIDC_ISSUER,
        sub=str(claims["sub"]),
        email=str(claims.get("email", "")) if claims.get("email_verified") is True else "",
        strong=isinstance(means, list) and not STRONG.isdisjoint(str(one) for one in means),
        at=openid.signed_in_at(claims),
    )


def owner(who: Identity) -> User | None:
    """Whose account it is; by a verified mail address only where the province allows it, one open account alone has it,
    and nobody has used that account: then it is linked. (An administrator who gives somebody's account their own
    address must not become that person.) None for nobody's."""
    link = DirectoryLink.objects.select_related("user").filter(issuer=who.issuer, sub=who.sub).first()
    if link is not None:
        return link.user if link.user.is_active and not refused(link.user) else None
    if not who.email or not option("directory_by_mail"):
        return None
    rows = list(User.objects.filter(email__iexact=who.email, is_active=True)[:2])
    if len(rows) != 1 or refused(rows[0]) or rows[0].last_login:
        return None
    return rows[0] if link_person(rows[0], who, way="mail") else None


def link_person(user: User, who: Identity, *, way: str) -> bool:
    """From now on this directory account signs this person in; False when it is another's, or theirs is another one."""
    if DirectoryLink.objects.filter(user=user, issuer=who.issuer, sub=who.sub).exists():
        return True
    try:
        with transaction.atomic():
            DirectoryLink.objects.create(user=user, issuer=who.issuer, sub=who.sub, linked=now())
            record("factor.link", user, by=user.as_actor(), username=user.username, way=way)
    except IntegrityError:
        return False
    return True


@transaction.atomic
def unlink(user: User) -> None:
    """The directory no longer signs this person in."""
    if DirectoryLink.objects.filter(user=user).delete()[0]:
        record("factor.unlink", user, by=user.as_actor(), username=user.username)


def is_linked(user: User) -> bool:
    return DirectoryLink.objects.filter(user=user, issuer=settings.OIDC_ISSUER).exists()

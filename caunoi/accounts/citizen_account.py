"""A citizen's own account elsewhere (the province's; VNeID speaks the same) says what it has verified of them.

Nobody gets an account here by it, nor a right of the staff: what it says is a proof (tickets/account_proofs.py), and
none of it is stored. It is another provider than the staff's directory, with an address of its own to come back to."""

from collections.abc import Mapping
from dataclasses import dataclass
from time import time

from django.conf import settings

from caunoi.accounts import openid
from caunoi.accounts.openid import LEEWAY, Provider, ProviderError
from caunoi.directory.queries import option_now
from caunoi.lib.numbers import phone

LIFE = 600  # seconds from leaving to coming back
CLAIM = "phone_number"


@dataclass(frozen=True, kw_only=True)
class Verified:
    """What the account has verified: a number in E.164, an address in lower case, each empty where it has none; and
    the name that it goes by."""

    phone: str
    email: str
    name: str


def provider() -> Provider:
    return Provider(
        issuer=settings.CITIZEN_OIDC_ISSUER,
        client=settings.CITIZEN_OIDC_CLIENT,
        secret=settings.CITIZEN_OIDC_SECRET,
        scope="openid profile phone email",
    )


def is_open() -> bool:
    """Whether citizens may prove by it who they are: it is set up, and ⚙citizen_account is on, now and in every
    process."""
    return bool(provider()) and bool(option_now("citizen_account"))


def begin(back: str, expected: Mapping[str, str]) -> str:
    """Where to send the browser; whoever sits there must sign in anew, as it may be anybody's computer."""
    return openid.begin(provider(), back, expected, again=True)


def finish(back: str, answer: Mapping[str, str], expected: Mapping[str, str]) -> Verified:
    """What is verified of whoever came back with this answer. ProviderError when it is not the provider's answer to
    what was sent, or of somebody who had signed in there before."""
    claims = openid.finish(provider(), back, answer, expected, more=CLAIM)
    if openid.signed_in_at(claims) < time() - LIFE - LEEWAY:
        raise ProviderError("not signed in anew")
    mail = _text(claims, "email") if claims.get("email_verified") is True else ""
    number = phone.parse(_text(claims, CLAIM)) if claims.get("phone_number_verified") is True else None
    return Verified(
        phone=(number.e164 or "") if number else "",
        email=mail.lower() if mail.isascii() else "",  # some other letters become one of ASCII, and another's address
        name=_text(claims, "name"),
    )


def _text(claims: Mapping[str, object], name: str) -> str:
    value = claims.get(name)
    return value.strip()[:254] if isinstance(value, str) else ""

"""The province's directory signs people in (OpenID Connect Core 1.0, code flow with PKCE, RFC 7636).

A person is found by the directory's own stable name for them (`sub`), which they linked themself, or, where the
province allows it (⚙ `directory_by_mail`), by the mail address that the directory has verified. Nobody gets an account
or a right by it."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import OAuth2Client
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.crypto import constant_time_compare
from django.utils.timezone import now
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from caunoi.accounts.models import DirectoryLink, User
from caunoi.accounts.queries import refused
from caunoi.directory.queries import Fresh, option
from caunoi.events.actions import record

ALGORITHMS = ["RS256", "PS256", "ES256", "RS384", "RS512", "ES384", "EdDSA", "Ed25519"]
TIMEOUT = 10.0  # seconds that the directory may take for an answer
LEEWAY = 60  # seconds that its clock may differ
STRONG = frozenset({"mfa", "otp", "hwk", "swk", "sc", "fpt", "pop"})  # RFC 8176: more than a password was shown


class DirectoryError(Exception):
    """The directory does not answer, or what came is not from it."""


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Who the directory says that somebody is. `email` only where it has verified it; `strong`: they showed it more
    than a password; `at`: when, in seconds since 1970, or 0 where it does not say."""

    issuer: str
    sub: str
    email: str
    strong: bool
    at: int


def is_set_up() -> bool:
    return bool(settings.OIDC_ISSUER and settings.OIDC_CLIENT)


def _fetch(url: str) -> dict[str, Any]:
    answer = httpx.get(url, timeout=TIMEOUT)
    answer.raise_for_status()
    data = answer.json()
    if not isinstance(data, dict):
        raise DirectoryError(f"{url} is no JSON object")
    return data


def _read_metadata() -> dict[str, Any]:
    data = _fetch(f"{settings.OIDC_ISSUER}/.well-known/openid-configuration")
    if str(data.get("issuer", "")).rstrip("/") != settings.OIDC_ISSUER:
        raise DirectoryError(f"its issuer is {data.get('issuer')}, not CAUNOI_OIDC_ISSUER")
    return data


metadata: Fresh[dict[str, Any]] = Fresh(_read_metadata, seconds=600)
"""What the directory says of itself (OpenID Connect Discovery 1.0)."""


def _client(back: str) -> OAuth2Client:
    method = "client_secret_basic" if settings.OIDC_SECRET else "none"
    return OAuth2Client(
        client_id=settings.OIDC_CLIENT,
        client_secret=settings.OIDC_SECRET or None,
        token_endpoint_auth_method=method,
        scope="openid profile email",
        redirect_uri=back,
        code_challenge_method="S256",
        timeout=TIMEOUT,
    )


def begin(back: str, *, again: bool) -> tuple[str, dict[str, str]]:
    """Where to send the browser, and what to keep of it until it comes to `back`: {state, nonce, verifier}. `again`:
    the person must sign in there anew. DirectoryError when the directory does not answer."""
    expected = {
        "state": secrets.token_urlsafe(24),
        "nonce": secrets.token_urlsafe(24),
        "verifier": secrets.token_urlsafe(48),
    }
    more = {"prompt": "login", "max_age": "0"} if again else {}
    try:
        endpoint = str(metadata()["authorization_endpoint"])
    except (httpx.HTTPError, ValueError, KeyError) as error:
        raise DirectoryError(str(error)) from error
    with _client(back) as client:
        address, _state = client.create_authorization_url(
            endpoint, state=expected["state"], nonce=expected["nonce"], code_verifier=expected["verifier"], **more
        )
    return str(address), expected


def finish(back: str, answer: Mapping[str, str], expected: Mapping[str, str]) -> Identity:
    """Who came back with this answer (the query of `back`). DirectoryError when it is not the directory's answer to
    what was sent."""
    if not expected or not constant_time_compare(answer.get("state", ""), expected["state"]):
        raise DirectoryError("another state")
    if answer.get("error") or not answer.get("code"):
        raise DirectoryError(answer.get("error", "") or "no code")
    if answer.get("iss", settings.OIDC_ISSUER).rstrip("/") != settings.OIDC_ISSUER:  # RFC 9207
        raise DirectoryError("another issuer")
    try:
        about = metadata()
        with _client(back) as client:
            token = client.fetch_token(
                str(about["token_endpoint"]), code=answer["code"], code_verifier=expected["verifier"], timeout=TIMEOUT
            )
        return _read(str(token["id_token"]), expected["nonce"], _fetch(str(about["jwks_uri"])))
    except (httpx.HTTPError, AuthlibBaseError, JoseError, ValueError, KeyError, TypeError) as error:
        raise DirectoryError(f"{type(error).__name__}: {error}") from error


def _read(id_token: str, nonce: str, keys: Any) -> Identity:
    """ID token validation, OpenID Connect Core 3.1.3.7."""
    token = jwt.decode(id_token, KeySet.import_key_set(keys), algorithms=ALGORITHMS)
    rules = jwt.JWTClaimsRegistry(
        leeway=LEEWAY,
        iss={"essential": True},
        sub={"essential": True},
        aud={"essential": True, "value": settings.OIDC_CLIENT},
        exp={"essential": True},
        iat={"essential": True},
        nonce={"essential": True, "value": nonce},
    )
    claims = token.claims
    rules.validate(claims)
    audience = claims["aud"]
    if str(claims["iss"]).rstrip("/") != settings.OIDC_ISSUER:
        raise DirectoryError("another issuer")
    if isinstance(audience, list) and len(audience) > 1 and claims.get("azp") != settings.OIDC_CLIENT:
        raise DirectoryError("for another party")
    means = claims.get("amr")
    return Identity(
        issuer=settings.OIDC_ISSUER,
        sub=str(claims["sub"]),
        email=str(claims.get("email", "")) if claims.get("email_verified") is True else "",
        strong=isinstance(means, list) and not STRONG.isdisjoint(str(one) for one in means),
        at=int(claims.get("auth_time") or 0),
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

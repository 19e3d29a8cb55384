"""OpenID Connect Core 1.0 as we speak it with any provider: code flow with PKCE (RFC 7636).

Each provider has its own address to come back to, and only what its own keys have signed for our client there is read:
what another one says is nobody's word (RFC 9700, 4.4)."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import httpx
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import OAuth2Client
from django.utils.crypto import constant_time_compare
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from caunoi.directory.queries import Fresh

ALGORITHMS = ["RS256", "PS256", "ES256", "RS384", "RS512", "ES384", "EdDSA", "Ed25519"]
TIMEOUT = 10.0  # seconds that a provider may take for an answer
LEEWAY = 60  # seconds that its clock may differ


class ProviderError(Exception):
    """The provider does not answer, or what came is not from it."""


@dataclass(frozen=True, kw_only=True)
class Provider:
    """Who signs people in: its issuer without a slash at the end, what we are called there, and what we ask for."""

    issuer: str
    client: str
    secret: str
    scope: str

    def __bool__(self) -> bool:
        return bool(self.issuer and self.client)


def secrets_of_a_trip() -> dict[str, str]:
    """What one way to a provider and back is known by: {state, nonce, verifier}."""
    return {
        "state": secrets.token_urlsafe(24),
        "nonce": secrets.token_urlsafe(24),
        "verifier": secrets.token_urlsafe(48),
    }


def _fetch(url: str, token: str = "") -> dict[str, Any]:
    answer = httpx.get(url, timeout=TIMEOUT, headers={"Authorization": f"Bearer {token}"} if token else {})
    answer.raise_for_status()
    data = answer.json()
    if not isinstance(data, dict):
        raise ProviderError(f"{url} is no JSON object")
    return data


@cache
def _metadata(issuer: str) -> Fresh[dict[str, Any]]:
    def read() -> dict[str, Any]:
        data = _fetch(f"{issuer}/.well-known/openid-configuration")
        if str(data.get("issuer", "")).rstrip("/") != issuer:
            raise ProviderError(f"its issuer is {data.get('issuer')}, not {issuer}")
        return data

    return Fresh(read, seconds=600)


def metadata(provider: Provider) -> dict[str, Any]:
    """What a provider says of itself (OpenID Connect Discovery 1.0)."""
    return _metadata(provider.issuer)()


def _client(provider: Provider, back: str) -> OAuth2Client:
    return OAuth2Client(
        client_id=provider.client,
        client_secret=provider.secret or None,
        token_endpoint_auth_method="client_secret_basic" if provider.secret else "none",
        scope=provider.scope,
        redirect_uri=back,
        code_challenge_method="S256",
        timeout=TIMEOUT,
    )


def begin(provider: Provider, back: str, expected: Mapping[str, str], *, again: bool) -> str:
    """Where to send the browser, which then comes to `back`. `again`: the person must sign in there anew. ProviderError
    when the provider does not answer."""
    more = {"prompt": "login", "max_age": "0"} if again else {}
    try:
        endpoint = str(metadata(provider)["authorization_endpoint"])
    except (httpx.HTTPError, ValueError, KeyError) as error:
        raise ProviderError(str(error)) from error
    with _client(provider, back) as client:
        address, _state = client.create_authorization_url(
            endpoint, state=expected["state"], nonce=expected["nonce"], code_verifier=expected["verifier"], **more
        )
    return str(address)


def finish(
    provider: Provider, back: str, answer: Mapping[str, str], expected: Mapping[str, str], *, more: str = ""
) -> dict[str, Any]:
    """The claims of whoever came back with this answer (the query of `back`); with `more`, what the provider's userinfo
    says too where the token has not the claim of that name. ProviderError when it is not the provider's answer to what
    was sent."""
    if not expected or not constant_time_compare(answer.get("state", ""), expected["state"]):
        raise ProviderError("another state")
    if answer.get("error") or not answer.get("code"):
        raise ProviderError(answer.get("error", "") or "no code")
    if answer.get("iss", provider.issuer).rstrip("/") != provider.issuer:  # RFC 9207
        raise ProviderError("another issuer")
    try:
        about = metadata(provider)
        with _client(provider, back) as client:
            token = client.fetch_token(
                str(about["token_endpoint"]), code=answer["code"], code_verifier=expected["verifier"], timeout=TIMEOUT
            )
        claims = read(provider, str(token["id_token"]), expected["nonce"], _fetch(str(about["jwks_uri"])))
        if more and more not in claims and "userinfo_endpoint" in about:
            claims = _userinfo(str(about["userinfo_endpoint"]), str(token["access_token"]), claims)
        return claims
    except (httpx.HTTPError, AuthlibBaseError, JoseError, ValueError, KeyError, TypeError) as error:
        raise ProviderError(f"{type(error).__name__}: {error}") from error


def signed_in_at(claims: Mapping[str, Any]) -> int:
    """When the person signed in there, in seconds since 1970; 0 where the provider does not say."""
    at = claims.get("auth_time")
    return at if isinstance(at, int) else 0


def _userinfo(url: str, token: str, claims: dict[str, Any]) -> dict[str, Any]:
    """The claims with those of the userinfo (OpenID Connect Core 5.3), which must be about the same person."""
    info = _fetch(url, token)
    if info.get("sub") != claims["sub"]:
        raise ProviderError("userinfo of another person")
    return info | claims


def read(provider: Provider, id_token: str, nonce: str, keys: Any) -> dict[str, Any]:
    """The claims of a token, validated by OpenID Connect Core 3.1.3.7."""
    token = jwt.decode(id_token, KeySet.import_key_set(keys), algorithms=ALGORITHMS)
    rules = jwt.JWTClaimsRegistry(
        leeway=LEEWAY,
        iss={"essential": True},
        sub={"essential": True},
        aud={"essential": True, "value": provider.client},
        exp={"essential": True},
        iat={"essential": True},
        nonce={"essential": True, "value": nonce},
    )
    claims: dict[str, Any] = token.claims
    rules.validate(claims)
    audience = claims["aud"]
    if str(claims["iss"]).rstrip("/") != provider.issuer:
        raise ProviderError("another issuer")
    if isinstance(audience, list) and len(audience) > 1 and claims.get("azp") != provider.client:
        raise ProviderError("for another party")
    return claims

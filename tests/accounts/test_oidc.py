"""What the province's directory says, and what somebody else would like it to have said.

Proves: OpenID Connect: state, nonce, audience, issuer, algorithm, time; nobody gets an account by it"""

import hmac
import json
import time
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.utils.timezone import now
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, RSAKey
from pytest_django import Settings
from webauthn.helpers import bytes_to_base64url

from caunoi.accounts import oidc, openid
from caunoi.accounts.models import DirectoryLink, Session, User
from caunoi.accounts.openid import ProviderError
from caunoi.directory.actions import set_option
from caunoi.events.actor import SYSTEM

ISSUER, NONCE = "https://danhba.example.vn", "the nonce of this browser"
KEY = RSAKey.generate_key(2048, parameters={"kid": "1"})


@pytest.fixture(autouse=True)
def directory(settings: Settings) -> None:
    settings.OIDC_ISSUER, settings.OIDC_CLIENT = ISSUER, "caunoi"


def claims(**more: Any) -> dict[str, Any]:
    at = int(time.time())
    base = {"iss": ISSUER, "sub": "uid-1", "aud": "caunoi", "exp": at + 300, "iat": at, "nonce": NONCE}
    return {name: value for name, value in (base | more).items() if value is not None}


def encoded(part: dict[str, Any]) -> str:
    return bytes_to_base64url(json.dumps(part).encode())


def read(header: dict[str, Any] | None = None, key: Any = KEY, **more: Any) -> oidc.Identity:
    header = header or {"alg": "RS256", "kid": "1"}
    token = jwt.encode(header, claims(**more), key, algorithms=[header["alg"]])
    keys = KeySet([KEY]).as_dict(private=False)
    try:
        return oidc.identity(openid.read(oidc.directory(), token, NONCE, keys))
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise ProviderError(str(error)) from error


def test_a_true_token_says_who_it_is() -> None:
    who = read(email="lan@tinh.example", email_verified=True, amr=["pwd", "otp"], auth_time=5)
    assert (who.sub, who.email, who.strong, who.at) == ("uid-1", "lan@tinh.example", True, 5)
    who = read(email="lan@tinh.example", amr=["pwd"])
    assert (who.email, who.strong, who.at) == ("", False, 0), "an address that nobody verified is none"
    assert read(email="x@y", email_verified="true").email == ""


@pytest.mark.parametrize(
    "wrong",
    [
        {"iss": "https://evil.example"},
        {"aud": "another"},
        {"aud": ["caunoi", "another"]},
        {"aud": ["caunoi", "another"], "azp": "another"},
        {"nonce": "another"},
        {"nonce": None},
        {"exp": int(time.time()) - 120},
        {"exp": None},
        {"sub": None},
        {"iat": int(time.time()) + 3600},
    ],
    ids=" ".join,
)
def test_a_token_for_another_from_another_or_of_another_time_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ProviderError):
        read(**wrong)


def test_a_token_that_the_directory_did_not_sign_is_refused() -> None:
    with pytest.raises(ProviderError):
        read(key=RSAKey.generate_key(2048, parameters={"kid": "1"}))
    parts = [encoded({"alg": "HS256", "kid": "1"}), encoded(claims())]
    signed = hmac.digest(KEY.as_pem(private=False), ".".join(parts).encode(), "sha256")
    forged = ".".join([*parts, bytes_to_base64url(signed)])  # with the public key as if it were a secret
    for token in (forged, f"{encoded({'alg': 'none'})}.{encoded(claims())}."):
        with pytest.raises((JoseError, ValueError)):
            openid.read(oidc.directory(), token, NONCE, KeySet([KEY]).as_dict(private=False))


def test_an_answer_nobody_asked_for_is_refused_before_anything_is_fetched() -> None:
    kept = {"state": "s" * 20, "nonce": NONCE, "verifier": "v" * 50}
    for answer in (
        {},
        {"code": "x"},
        {"code": "x", "state": "another"},
        {"code": "x", "state": "khác"},
        {"state": "s" * 20},
        {"state": "s" * 20, "error": "access_denied", "code": "x"},
        {"state": "s" * 20, "code": "x", "iss": "https://evil.example"},
    ):
        with pytest.raises(ProviderError):
            oidc.finish("https://1022.example.vn/login/directory/back", answer, kept)
    with pytest.raises(ProviderError):
        oidc.finish("https://1022.example.vn/login/directory/back", {"code": "x", "state": ""}, {})


def who(sub: str, email: str = "") -> oidc.Identity:
    return oidc.Identity(issuer=ISSUER, sub=sub, email=email, strong=False, at=0)


def test_nobody_is_signed_in_without_a_link_and_a_link_is_one_persons(town: SimpleNamespace) -> None:
    lan, tam = town.users["lan"], town.users["tam"]
    before = User.objects.count()
    assert oidc.owner(who("uid-1")) is None
    assert oidc.link_person(lan, who("uid-1"), way="own") and oidc.link_person(lan, who("uid-1"), way="own")
    assert not oidc.link_person(tam, who("uid-1"), way="own"), "it is another's"
    assert not oidc.link_person(lan, who("uid-2"), way="own"), "hers is another one"
    assert oidc.owner(who("uid-1")) == lan
    User.objects.filter(pk=lan.pk).update(is_active=False)
    assert oidc.owner(who("uid-1")) is None
    oidc.unlink(lan)
    assert not DirectoryLink.objects.exists() and User.objects.count() == before


def test_a_verified_address_links_only_where_the_province_says_so_and_one_alone_has_it(town: SimpleNamespace) -> None:
    User.objects.filter(username__in=("lan", "tam")).update(email="chung@tinh.example")
    User.objects.filter(username="minh").update(email="Minh@tinh.example")
    assert oidc.owner(who("uid-9", "minh@tinh.example")) is None
    set_option("directory_by_mail", True, by=SYSTEM)
    assert oidc.owner(who("uid-9")) is None
    assert oidc.owner(who("uid-9", "chung@tinh.example")) is None, "two have it"
    User.objects.filter(username="minh").update(last_login=now())
    assert oidc.owner(who("uid-9", "minh@tinh.example")) is None, "whoever changes an address does not become its owner"
    User.objects.filter(username="minh").update(last_login=None)
    assert oidc.owner(who("uid-9", "minh@tinh.example")) == town.users["minh"]
    assert oidc.owner(who("uid-10", "minh@tinh.example")) is None, "another account with the same address"
    assert oidc.owner(who("uid-9")) == town.users["minh"], "by the stable name from then on"


def test_whoever_the_directory_signs_in_by_its_password_is_recorded_as_signed_in_by_it(
    town: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    oidc.link_person(town.users["lan"], who("uid-1"), way="own")
    monkeypatch.setattr(oidc, "begin", lambda back, again: ("https://danhba.example.vn/", {}))
    monkeypatch.setattr(oidc, "finish", lambda back, answer, expected: who("uid-1"))
    client = Client()
    client.get("/login/directory")
    assert client.get("/login/directory/back").status_code == 302
    assert Session.objects.get().method == "oidc"


def test_userinfo_of_another_person_is_nobodys(monkeypatch: pytest.MonkeyPatch) -> None:
    said = {"sub": "uid-1", "phone_number": "+84900000001", "iss": "https://evil.example"}
    monkeypatch.setattr(openid, "_fetch", lambda url, token="": said)
    assert openid._userinfo("https://x", "t", {"sub": "uid-1", "iss": ISSUER}) == said | {"iss": ISSUER}
    with pytest.raises(ProviderError):
        openid._userinfo("https://x", "t", {"sub": "uid-2"})


def test_what_one_provider_signed_is_not_read_as_the_others() -> None:
    citizens = openid.Provider(issuer="https://taikhoan.example.vn", client="caunoi", secret="", scope="openid")
    token = jwt.encode({"alg": "RS256", "kid": "1"}, claims(), KEY, algorithms=["RS256"])
    keys = KeySet([KEY]).as_dict(private=False)
    assert openid.read(oidc.directory(), token, NONCE, keys)
    with pytest.raises((ProviderError, JoseError)):
        openid.read(citizens, token, NONCE, keys)
    theirs = KeySet([RSAKey.generate_key(2048, parameters={"kid": "1"})]).as_dict(private=False)
    with pytest.raises((ProviderError, JoseError)):
        openid.read(oidc.directory(), token, NONCE, theirs)

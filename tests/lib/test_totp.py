"""Proves: codes of apps by the vectors of RFC 4226 and RFC 6238"""

import pytest

from caunoi.lib.crypto import totp

SECRET = b"12345678901234567890"


CODES = ("755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489")


@pytest.mark.parametrize(("count", "code"), list(enumerate(CODES)))
def test_the_vectors_of_rfc_4226(count: int, code: str) -> None:
    assert totp.code(SECRET, count) == code


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "94287082"),
        (1_111_111_109, "07081804"),
        (1_111_111_111, "14050471"),
        (1_234_567_890, "89005924"),
        (2_000_000_000, "69279037"),
        (20_000_000_000, "65353130"),
    ],
)
def test_the_vectors_of_rfc_6238(seconds: int, code: str) -> None:
    assert totp.code(SECRET, totp.step_at(seconds), digits=8) == code
    assert totp.matching_step(SECRET, code[2:], seconds, 0) == totp.step_at(seconds)


def test_one_step_before_and_after_counts_and_a_used_one_does_not() -> None:
    at = 1_700_000_010
    here = totp.step_at(at)
    for step in range(here - 3, here + 4):
        expected = step if abs(step - here) <= 1 else None
        assert totp.matching_step(SECRET, totp.code(SECRET, step), at, 0) == expected
    assert totp.matching_step(SECRET, totp.code(SECRET, here), at, here) is None
    assert totp.matching_step(SECRET, totp.code(SECRET, here + 1), at, here) == here + 1
    assert totp.matching_step(SECRET, "", at, 0) is None
    assert totp.matching_step(SECRET, "12345678", at, 0) is None

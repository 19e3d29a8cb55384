"""Codes that change every half minute, as apps on phones make them (RFC 6238 with SHA-1 and six digits)."""

import hmac
from hashlib import sha1

STEP = 30  # seconds
DIGITS = 6
WINDOW = 1  # steps before and after, for clocks that differ


def step_at(seconds: float) -> int:
    """The step of a time, in seconds since 1970."""
    return int(seconds) // STEP


def code(secret: bytes, step: int, digits: int = DIGITS) -> str:
    """The code of one step (RFC 4226, 5.3)."""
    made = hmac.new(secret, step.to_bytes(8, "big"), sha1).digest()
    offset = made[-1] & 15
    number = int.from_bytes(made[offset : offset + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**digits:0{digits}}"


def matching_step(secret: bytes, typed: str, seconds: float, after: int) -> int | None:
    """The step whose code was typed, about now and after the step `after`; None for a wrong code, or a used one."""
    here, matching = step_at(seconds), None
    for step in range(here - WINDOW, here + WINDOW + 1):
        if hmac.compare_digest(code(secret, step).encode(), typed.encode()) and step > after:
            matching = step
    return matching

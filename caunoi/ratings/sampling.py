"""Whom the phone survey calls: a random draw that anybody can check afterwards, from a stored seed. Pure."""

from hashlib import sha256

WHOLE = 1 << 60


def drawn(seed: str, code: str, round_: int, percent: int) -> bool:
    """Whether this answer of a ticket falls into the sample. For one seed always the same; over many tickets `percent`
    of them; nobody who does not know the seed can tell which, and a larger share holds the smaller one."""
    digest = sha256(f"{seed}:{code}:{round_}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 4 < WHOLE * percent // 100

"""A fair sample of answers: stratified by operator, channel and field, drawn by a seed that anybody can repeat. Pure.

Every operator with answers gets at least `least` (fairness to people), the rest follows the amount of work; inside one
operator channels and fields have their shares (largest remainders). Inside a stratum the order is that of
SHA-256(seed:key), which neither a Python version nor the order of rows changes.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """An answer that may be drawn: `key` is the ticket's id, or "call-" and that of a call that became no ticket;
    operator a user name, channel and field codes."""

    key: int | str
    operator: str
    channel: str
    field: str


def _lot(seed: str, what: object) -> bytes:
    return sha256(f"{seed}:{what}".encode()).digest()


def apportion[K: Hashable](counts: Mapping[K, int], seats: int, seed: str) -> dict[K, int]:
    """`seats` shared out in proportion to `counts` and never more than those, by largest remainders; equal remainders
    are decided by the seed. All of them when there are more seats than counts."""
    total = sum(counts.values())
    if seats >= total:
        return dict(counts)
    if seats <= 0:
        return dict.fromkeys(counts, 0)
    result = {key: count * seats // total for key, count in counts.items()}
    order = sorted(counts, key=lambda key: (-(counts[key] * seats % total), _lot(seed, key)))
    for key in order[: seats - sum(result.values())]:
        result[key] += 1
    return result


def quotas(counts: Mapping[str, int], size: int, seed: str, least: int) -> dict[str, int]:
    """How many each operator gets: `least` (or all they have), and the rest by the amount of their work."""
    base = apportion({who: min(least, count) for who, count in counts.items()}, size, seed)
    rest = apportion({who: count - base[who] for who, count in counts.items()}, size - sum(base.values()), seed)
    return {who: base[who] + rest[who] for who in counts}


def draw(candidates: Iterable[Candidate], *, size: int, seed: str, least: int = 1) -> list[Candidate]:
    """`size` of the candidates (all, when there are fewer), in random order."""
    every = {one.key: one for one in candidates}.values()
    drawn: list[Candidate] = []
    for operator, quota in quotas(Counter(one.operator for one in every), size, seed, least).items():
        own = [one for one in every if one.operator == operator]
        shares = apportion(Counter((one.channel, one.field) for one in own), quota, seed)
        for stratum, share in shares.items():
            inside = (one for one in own if (one.channel, one.field) == stratum)
            drawn += sorted(inside, key=lambda one: _lot(seed, one.key))[:share]
    return sorted(drawn, key=lambda one: _lot(f"{seed}:order", one.key))


def doubles[K: Hashable](keys: Iterable[K], percent: int, seed: str) -> set[K]:
    """Which of a sample are scored by two people who do not see each other's: `percent` of them, rounded up."""
    every = sorted(keys, key=lambda key: _lot(f"{seed}:double", key))
    return set(every[: -(-len(every) * percent // 100)])

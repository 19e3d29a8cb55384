"""How much two short texts are about the same: shared words and pairs of neighbouring words, marks and courtesy left
out. Pure."""

from itertools import pairwise

from caunoi.lib.vietnamese.writing import expand, fold, tokens, without_courtesy

# Words that any report may hold.
COMMON = frozenset(
    "toi em minh chung anh chi ban ong ba co chu bac nguoi dan cua va hay hoac la thi ma de o tai tren duoi trong "
    "ngoai nay "
    "kia do day cac nhung mot hai ba nhieu rat qua lam bi duoc cho den tu voi khi nao gi da dang se con chua khong "
    "xin vui "
    "long giup nho gui kinh cam on ngay hom qua tuan thang nam lau roi nua cung moi".split()
)
LONGEST = 400
"""Words of a text that are compared."""


def words(text: str) -> list[str]:
    """The significant words of a text, folded, in order."""
    folded = [fold(word) for word in tokens(expand(without_courtesy(text)))]
    return [word for word in folded if word and word not in COMMON][:LONGEST]


def pairs(tokens: list[str]) -> set[str]:
    """Neighbouring words as the index of the register writes them."""
    return {f"{one}_{two}" for one, two in pairwise(tokens)}


def likeness(one: str, other: str) -> float:
    """0 = nothing in common, 1 = the shorter says nothing else. Symmetric."""
    first, second = words(one), words(other)
    if not first or not second:
        return 0.0
    single = _shared(set(first), set(second))
    double = _shared(pairs(first), pairs(second))
    return 0.5 * single + 0.5 * double


def _shared(one: set[str], other: set[str]) -> float:
    least = min(len(one), len(other))
    return len(one & other) / least if least else 0.0

"""Which of these? Where several procedures may be meant, the one question back that parts them best.

A facet is something that a person can say of their case without knowing procedures: whether it is the first time or
again, for a person or a company, at home or abroad, for a child or a grown-up, and else what it is about.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log

from caunoi.lib.vietnamese.writing import nfc
from caunoi.procedures.search.document import OLDEST, Document

FEWEST, MOST = 2, 4
"""How many answers a question back may have."""
LOOK_AT = 8
"""So many of the best are parted."""
NEAR = 0.78
"""The share of the best score from which a procedure may be meant as well."""
OWN = ("act", "age", "abroad", "reader")
"""What people can say of their own case."""
PLAIN = 0.75
"""What parting by the subject's name is worth beside that."""

_ACTS = (
    ("correct", r"cải chính|đính chính|bổ sung thông tin hộ tịch|xác định lại|sai sót"),
    ("end", r"\b(?:xóa|xoá|hủy|huỷ|thu hồi|chấm dứt|thôi|rút|trả lại|tạm ngừng)\b"),
    ("extend", r"gia hạn|xác nhận lại"),
    ("again", r"(?:cấp|đăng ký|làm) lại"),
    ("change", r"\b(?:đổi|thay đổi|điều chỉnh|sửa đổi|chuyển|sang tên)\b"),
    ("extract", r"trích lục|bản sao|cung cấp thông tin|xác nhận"),
)
_ACT = [(name, re.compile(pattern, re.IGNORECASE)) for name, pattern in _ACTS]
_ABROAD = re.compile(r"nước ngoài|biên giới|quốc tế|nước láng giềng", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Choice:
    """An answer to the question back: `facet` and `value` narrow the search to `codes`, the best first."""

    facet: str
    value: str
    codes: tuple[str, ...]


def act(document: Document) -> str:
    """What is done: new, again, change, extend, correct, end, extract."""
    name = nfc(document.core())
    return next((value for value, pattern in _ACT if pattern.search(name)), "new")


def reader(document: Document) -> str:
    """For whom: person, company, or both (empty)."""
    people = any("ông dân" in who or "ước ngoài" in who or "cá nhân" in who for who in document.audience)
    firms = any("oanh nghiệp" in who or "ổ chức" in who or "ợp tác xã" in who for who in document.audience)
    return "" if people == firms else "person" if people else "company"


def abroad(document: Document) -> str:
    return "abroad" if _ABROAD.search(document.core()) else "home"


def age(document: Document) -> str:
    """Whether it is for children, for grown-ups, or both (empty)."""
    low, high = document.ages()
    return "child" if high < OLDEST else "adult" if low else ""


FACETS: Mapping[str, Callable[[Document], str]] = {
    "act": act,
    "age": age,
    "abroad": abroad,
    "reader": reader,
    "field": lambda document: document.field,
    "code": lambda document: document.code,
}


def holds(document: Document, which: str) -> bool:
    """Whether a procedure is among those that an answer ("act:again") leaves; one that says nothing of it is."""
    facet, _, value = which.partition(":")
    return facet not in FACETS or FACETS[facet](document) in ("", value)


def choices(ranked: Sequence[tuple[Document, float]], *, names: bool = True) -> tuple[Choice, ...]:
    """The answers of the question that parts the best procedures best (score of each, best first); none where they are
    one. Where no facet gives FEWEST to MOST answers the procedures' names are asked, unless `names=False`, which asks
    only for OWN ones."""
    near = [(document, score) for document, score in ranked[:LOOK_AT] if score >= NEAR * ranked[0][1]]
    if len(near) < FEWEST:
        return ()
    worth, best = 0.0, tuple[Choice, ...]()
    for facet in (*OWN, "field") if names else OWN:
        parts = _parts(facet, near)
        value = _parting([sum(score for _, score in part) for part in parts.values()])
        value *= PLAIN if facet == "field" else 1.0
        if FEWEST <= len(parts) <= MOST and value > worth:
            worth, best = value, _choices(facet, parts)
    return best or (_choices("code", _parts("code", near[:MOST])) if names else ())


def _parts(facet: str, near: Iterable[tuple[Document, float]]) -> dict[str, list[tuple[Document, float]]]:
    parts: dict[str, list[tuple[Document, float]]] = {}
    for document, score in near:
        if value := FACETS[facet](document):
            parts.setdefault(value, []).append((document, score))
    return parts


def _parting(weights: Sequence[float]) -> float:
    """The entropy of parts, in nats."""
    total = sum(weights) or 1.0
    return -sum(weight / total * log(weight / total) for weight in weights)


def _choices(facet: str, parts: Mapping[str, Sequence[tuple[Document, float]]]) -> tuple[Choice, ...]:
    return tuple(
        Choice(facet=facet, value=value, codes=tuple(document.code for document, _ in part))
        for value, part in parts.items()
    )

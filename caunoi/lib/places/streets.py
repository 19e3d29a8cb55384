"""The roads, alleys, quarters and markets that a text names, so that two can be compared. Pure."""

import re

from caunoi.lib.vietnamese.writing import expand, fold

type Street = tuple[str, str]
"""Its kind and its number or name, folded: ("hem", "12"), ("duong", "hung vuong")."""

_KINDS = (
    "duong|hem|ngo|ngach|kiet|quoc lo|ql|tinh lo|tl|huong lo|duong tinh|dt|khu pho|kp|ap|thon|to dan pho|to|cho|cau|"
    "truong|benh vien|tram y te|cong vien|nga ba|nga tu|khu cong nghiep|kcn|chung cu"
)
_IN_FULL = {"ql": "quoc lo", "tl": "tinh lo", "dt": "duong tinh", "kp": "khu pho", "kcn": "khu cong nghiep"}
_NUMBER = re.compile(rf"(?<![a-z0-9])({_KINDS})\.? ?(?:so )?([a-z]{{0,2}}\d+[a-z]?(?:/\d+)*)(?![a-z0-9])")
_LETTER, _CAPITAL = "[A-Za-zÀ-ỹĐđ]", "[A-ZÀ-ỸĐ]"
_NAME = re.compile(
    rf"(?<!{_LETTER})({_LETTER}+(?: {_LETTER}+){{0,2}}?) ({_CAPITAL}{_LETTER}*(?: {_CAPITAL}{_LETTER}*){{1,3}})"
)


def streets(text: str) -> frozenset[Street]:
    """A number counts however it is written, a name where it is written with capitals."""
    places = {(_IN_FULL.get(kind, kind), number) for kind, number in _NUMBER.findall(fold(expand(text)))}
    for before, name in _NAME.findall(text):
        words = fold(before).split()
        kinds = (" ".join(words[at:]) for at in range(len(words)))
        if kind := next((kind for kind in kinds if re.fullmatch(_KINDS, kind)), ""):
            places.add((_IN_FULL.get(kind, kind), fold(name)))
    return frozenset(places)


def agreement(one: frozenset[Street], other: frozenset[Street]) -> int:
    """1 where both name the same, -1 where they name only different ones of a kind, 0 where nothing can be said."""
    if one & other:
        return 1
    return -1 if {kind for kind, _ in one} & {kind for kind, _ in other} else 0

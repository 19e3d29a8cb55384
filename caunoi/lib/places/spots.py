"""What a sentence names below the commune: lanes, hamlets and houses by their numbers, and roads, markets, schools by
their names. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from caunoi.lib.vietnamese.writing import fold

_KINDS = {
    "lane": "hem|ngo|kiet|ngach",
    "hamlet": "ap|thon|buon|bon|soc|khom|doi",
    "group": "to",
    "quarter": "khu pho|to dan pho",
    "house": "so nha|nha so|so",
    "route": "quoc lo|tinh lo|huong lo|duong tinh|duong",
    "code": "(?<![0-9/])(?=[0-9]{1,3}[abcd]\\b)",
    "part": "km|lo|block|toa|phong|lop|quay|cong|cay",
}
"""Words before a number, folded, and of what kind it then is."""
_NUMBER = re.compile(
    rf"\b(?:{'|'.join(f'(?P<{kind}>{words})' for kind, words in _KINDS.items())})"
    r" ?(?P<number>[0-9]{1,4}[a-z]?(?:/[0-9]{1,4}[a-z]?)*)\b"
)
_ROAD = re.compile(
    r"\b(?:(?:hem|ngo|kiet|ngach) [0-9/]+[a-z]? (?:duong |pho )?|duong (?!so\b)|pho )"
    r"(?P<name>(?!vo (?!thi|van|nguyen|duy|truong|chi))[a-z]+|[0-9]+[a-z]?)"
)
_NO_NAME = frozenset(
    "o va co bi la da rat cung lai thi ma cho tren duoi trong ra vao di den tu be dat nhua lang ap to day hu nay kia "
    "khu chinh truoc sau cut xe hat bao noi het mat tat qua truc phuong xa tp thanh tai ngap "
    "cong dang doan loa muon nuoc".split()
)
"""After a lane's number, or a road, the beginning of something else."""
_ONES = "mot hai ba bon nam sau bay tam chin".split()
_DIGITS = {
    **{word: str(at) for at, word in enumerate(_ONES, 1)},
    "muoi": "10",
    **{f"muoi {word}": str(10 + at) for at, word in enumerate([*_ONES[:4], "lam", *_ONES[5:]], 1)},
    **{f"{ten} muoi": str(10 * at) for at, ten in enumerate(_ONES[1:], 2)},
    **{
        f"{ten}{between}{word}": str(10 * tens + at)
        for tens, ten in enumerate(_ONES[1:], 2)
        for between in (" muoi ", " ")
        for at, word in enumerate(["mot", *_ONES[1:3], "bon", "lam", *_ONES[5:]], 1)
    },
}
_SPELT = re.compile(
    r"\b(ap|thon|to|khu pho|quay|lop|doi|hem|ngo|kiet|cong|cay so|cay|toa|lo|block|so) "
    rf"({'|'.join(sorted(_DIGITS, key=len, reverse=True))})\b"
)
_PART = re.compile(r"[^\W_]+|[^\w\s]")
_NAMING = frozenset(
    "duong pho hem ngo kiet ap thon buon soc cho cau truong chua dinh ho suoi song nui thac lang xa phuong khu cum "
    "tram ben ga quan san cong mo do rach kenh bau vien trang xom xu tho lo".split()
)
"""The last word, folded, before a name of a single word: chợ Đổ, cầu Rạt."""
_PLACES = frozenset(
    "duong pho ap thon buon soc cau cho truong chua dinh mieu ho suoi song nui thac lang ga kcn".split()
)
"""Words after which also the unwritten capital of a name is looked for."""
_STOPS = str.maketrans(",.;:!?()", "        ")
_plain = lru_cache(50_000)(fold)


@dataclass(frozen=True, kw_only=True, slots=True)
class Spots:
    """`numbers`: (kind, number); `names`: neighbouring words of names, folded ("bui van", "cho do"); `initials` of
    names ("bvh"); `roads`: the first word of what a road or the road of a lane is called; `called`: what follows the
    word for a place, in pairs ("cau rat", "rat lon"), whether it is a name or not."""

    numbers: frozenset[tuple[str, str]]
    names: frozenset[str]
    initials: frozenset[str]
    roads: frozenset[str]
    called: frozenset[str]


def spots(text: str) -> Spots:
    """Of a text in NFC whose abbreviations are in full (writing.expand); names only where they are written with
    capitals."""
    names: set[str] = set()
    initials: set[str] = set()
    for run in _runs(text):
        names.update(f"{one} {two}" for one, two in pairwise(run))
        if len(run) > 1:
            initials.add("".join(word[0] for word in run if word not in _NAMING))
    folded = _SPELT.sub(lambda one: f"{one[1]} {_DIGITS[one[2]]}", " ".join(fold(text).split()))
    return Spots(
        numbers=_numbers(folded),
        names=frozenset(names),
        initials=frozenset(initials - {""}),
        called=_called(folded),
        roads=frozenset(word for one in _ROAD.finditer(folded) if (word := one["name"]) not in _NO_NAME),
    )


def _called(folded: str) -> frozenset[str]:
    words = folded.translate(_STOPS).split()
    return frozenset(
        f"{words[at]} {words[at + 1]}"
        for start, word in enumerate(words)
        if word in _PLACES
        for at in range(start, min(start + 2, len(words) - 1))
    )


def _numbers(folded: str) -> frozenset[tuple[str, str]]:
    read = _NUMBER.finditer(folded)
    return frozenset((kind, one["number"]) for one in read for kind in _KINDS if one[kind])


def _runs(text: str) -> Iterator[list[str]]:
    """Words written with a capital, one after the other, with the word that says of what it is the name; folded."""
    run: list[str] = []
    before = ""
    for part in _PART.findall(text):
        if not part[0].isalnum():
            if run:
                yield run
            run, before = [], ""
            continue
        plain = _plain(part)
        if part[0].isupper() and not (len(part) > 1 and part.isupper()):
            if not run and before in _NAMING:
                run = [before]
            run.append(plain)
        else:
            if run:
                yield run
            run = []
        before = plain
    if run:
        yield run

"""The words of an address, and the phrases that announce what kind of name follows."""

import re
import unicodedata
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from caunoi.lib.places.gazetteer import Level
from caunoi.lib.vietnamese.writing import fold, norm

Phrase = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Word:
    """`text` with marks, the tone in one place; `plain` without; `gap` before it: 0 none, 1 a dash, 2 a comma."""

    text: str
    plain: str
    gap: int


@dataclass(frozen=True, slots=True)
class Kind:
    """What a word like "xã" says of the name after it: the folded kind and the levels such units have."""

    name: str
    levels: tuple[Level, ...]


class Phrases:
    """A set of phrases, found with their marks or with none at all: "cho" is a chợ, "chó" is not.

    `ambiguous` are folded ones that too often are other words: "den" is đến or đèn more than đền.
    """

    def __init__(self, listed: str, ambiguous: str = "") -> None:
        self.marked = {tuple(phrase.split()) for phrase in listed.split(",")}
        self.plain = {tuple(map(fold, phrase)) for phrase in self.marked} - {(word,) for word in ambiguous.split()}

    def at(self, words: Sequence[Word], at: int, length: int) -> bool:
        """Whether the words from `at` on are one of the phrases."""
        return marked_words(words, at, length) in self.marked or plain_words(words, at, length) in self.plain

    def before(self, words: Sequence[Word], at: int) -> bool:
        """Whether one of the phrases stands right before the word `at`."""
        return any(self.at(words, at - length, length) for length in (3, 2, 1))


NAMING = Phrases(
    "đường, đ, lộ, phố, hẻm, ngõ, kiệt, quốc lộ, đại lộ, tỉnh lộ, hương lộ, xa lộ, cao tốc, khu, khu dân cư, kdc,"
    "cụm, chợ, ngã ba, ngã tư, ngã năm, ngã 3, ngã 4, ngã 5, vòng xoay, bùng binh, cầu, trường, thpt, thcs, tiểu học,"
    "mầm non, mẫu giáo, bệnh viện, bv, đa khoa, trạm y tế, y tế, tyt, kcn, công nghiệp, ccn, chùa, nhà thờ, giáo xứ,"
    "giáo họ, sân bay, bến xe, hồ, suối, sông, công ty, cty, tnhh, nông trường, lâm trường, cây xăng, siêu thị,"
    "bách hóa xanh, du lịch, núi, thác, rừng, đại học, cao đẳng, nhà máy, trạm, sân vận động, công viên, nghĩa trang,"
    "hướng về, về hướng,"
    "đình, miếu, tiệm, quán, cao su, thủy điện, trại, chốt, bưu điện, bưu cục, công an, ubnd, điện lực, tượng đài,"
    "quảng trường, nhà hàng, cửa khẩu, đồn, hướng, hướng đi, đi, giáp, giáp ranh, từ, giáp với, tuyến, cafe, quốc "
    "gia, dự án,"
    "khách sạn, ks, ngân hàng, hội",
    ambiguous="den ho cau hoi tu quan song tram chot pho lo di",
)
"""Before the name of a road, a market, a school."""

HAMLETS = Phrases("ấp, thôn, khu phố, kp, khóm, tổ, tổ dân phố, tdp, buôn, bon, sóc, làng, khu, bàu, đội")

_KIND_NAMES: tuple[tuple[str, tuple[Level, ...], str], ...] = (
    ("phuong", ("commune",), "phường,p,f,phg"),
    ("xa", ("commune",), "xã,x"),
    ("thitran", ("commune",), "thị trấn,thitran,tt,t t"),
    ("dackhu", ("commune",), "đặc khu"),
    ("huyen", ("district",), "huyện,h"),
    ("quan", ("district",), "quận,q"),
    ("thixa", ("district",), "thị xã,thixa,tx,t x"),
    ("thanhpho", ("district", "province"), "thành phố,thanhpho,tp,t p"),
    ("tinh", ("province",), "tỉnh,t"),
)
_KINDS = {
    tuple(spelling.split()): Kind(name, levels)
    for name, levels, listed in _KIND_NAMES
    for spelling in listed.split(",")
}
_PLAIN_KINDS = {tuple(map(fold, spelling)): kind for spelling, kind in _KINDS.items()}
_TOGETHER = {"phuong", "xa", "huyen", "tinh", "quan", "thitran", "thixa", "thanhpho", "tp", "tx", "tt", "p", "x", "h"}
SHORTEST_TOGETHER, LONGEST_TOGETHER = 7, 80

_WORD = re.compile(r"[^\W_]+(?:/[0-9][^\W_]*)*")
_NUMBERED = re.compile(r"(phường|ấp|thôn|tổ|khóm|kp|tdp|to|ap|thon|p|q)([0-9]+[a-zđ]?)")
_COMMA = re.compile(r"[,;?!()\[\]\n|/]|\.\s*$|\.\s")
_DASH = re.compile("[-–—]")
_ABBREVIATED = {"p", "x", "h", "q", "t", "tp", "tx", "tt", "f", "kp", "d", "tdp", "ap", "thpt", "thcs", "ql"}


def words(text: str, names: Container[str]) -> list[Word]:
    """The text's words in lower case; those written together ("xaduclieu") apart where they can only be `names`."""
    text = "".join(_capitals_apart(unicodedata.normalize("NFC", text))).lower()
    result: list[Word] = []
    last = 0
    for match in _WORD.finditer(text):
        between, last = text[last : match.start()], match.end()
        gap = 2 if _COMMA.search(between) else 1 if _DASH.search(between) else 0
        if gap == 2 and between.strip() == "." and result and result[-1].plain in _ABBREVIATED:
            gap = 0
        numbered = _NUMBERED.fullmatch(match.group())
        pieces = list(numbered.groups()) if numbered else _apart(match.group(), names)
        for at, piece in enumerate(pieces):
            result.append(Word(norm(piece), fold(piece), gap if at == 0 else 0))
    return result


def kind_at(words: Sequence[Word], at: int, length: int) -> Kind | None:
    """The kind these words name, with its marks or without any: "quán" is no quận."""
    if any(word.gap for word in words[at + 1 : at + length]):
        return None
    return _KINDS.get(marked_words(words, at, length)) or _PLAIN_KINDS.get(plain_words(words, at, length))


def marked_words(words: Sequence[Word], at: int, length: int) -> Phrase:
    """`length` words with their marks; empty when the text ends before."""
    return tuple(word.text for word in words[at : at + length]) if 0 <= at <= len(words) - length else ()


def plain_words(words: Sequence[Word], at: int, length: int) -> Phrase:
    """`length` words if none of them has marks, else empty."""
    plain = tuple(word.plain for word in words[at : at + length]) if 0 <= at <= len(words) - length else ()
    return plain if plain == marked_words(words, at, length) else ()


def _capitals_apart(text: str) -> Iterator[str]:
    """TPĐồngXoài → TP Đồng Xoài."""
    for before, letter, after in zip(" " + text, text, text[1:] + " ", strict=False):
        if letter.isupper() and (before.islower() or (before.isupper() and after.islower())):
            yield " "
        yield letter


def _apart(word: str, names: Container[str]) -> list[str]:
    """The fewest kinds and names that the word is made of; itself, if it is not made so."""
    plain = fold(word)
    if not SHORTEST_TOGETHER <= len(plain) <= LONGEST_TOGETHER or len(plain) != len(word) or plain in names:
        return [word]
    cuts: dict[int, list[int]] = {0: [0]}
    for start in range(len(plain)):
        for end in range(start + 1, len(plain) + 1) if start in cuts else ():
            before, piece = plain[cuts[start][-2] : start] if start else "", plain[start:end]
            name = piece in names and len(piece) > (3 if before in _TOGETHER else 4)
            if (piece in _TOGETHER or name) and len(cuts[start]) + 1 < len(cuts.get(end, plain)):
                cuts[end] = [*cuts[start], end]
    ends = cuts.get(len(plain), [0, len(plain)])
    return [word[start:end] for start, end in pairwise(ends)]

"""What a sentence states that can be checked against its sources by counting: numbers, dates, times of day, telephone
numbers and names. Pure.

For words that a machine made: whatever of these no source has, the machine has made up. A number is the same in figures
and in words ("500.000", "500 nghìn", "năm trăm nghìn"), and of time, money and measure it keeps what it counts: five
days are not five months.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from caunoi.lib.vietnamese.writing import fold, nfc, norm

DIGITS = {
    "một": 1,
    "mốt": 1,
    "hai": 2,
    "ba": 3,
    "bốn": 4,
    "tư": 4,
    "năm": 5,
    "lăm": 5,
    "nhăm": 5,
    "sáu": 6,
    "bảy": 7,
    "tám": 8,
    "chín": 9,
}
TEN, TENS, HUNDRED, LINKS = "mười", frozenset({"mươi", "chục"}), "trăm", frozenset({"linh", "lẻ"})
GREAT = {"nghìn": 10**3, "ngàn": 10**3, "k": 10**3, "triệu": 10**6, "tr": 10**6, "tỷ": 10**9, "tỉ": 10**9}
VAGUE = frozenset({"một", "mốt"})
"""Alone they say no number: one of, a little."""
DOUBLE = frozenset({"ba", "năm", "tư"})
"""Alone they may mean something else, a father or a year: then the word itself must stand in a source."""
COUNTERS = frozenset("lần hộ căn chiếc cái cây hôm bữa đêm buổi người con nhà xe thửa phòng".split())
"""What is counted: before these even a word of DOUBLE is a number, and three people are not three of a lane."""
UNITS = frozenset("ngay thang nam tuan gio phut giay quy dong vnd usd km m cm met kg tan % ban".split())
PLACES = frozenset("ap hem to thon khom pho so ngo kiet lo tang quay buoc dieu khoan duong quoc tinh km".split())
"""What a number behind them names: house, lane, article. There 3 is no 4, though a 4 may stand elsewhere."""
_TOKEN = re.compile(r"\d[\d.,]*\d|\d|%|[^\W\d_]+")
_DATE = re.compile(r"(?<![\d/.-])(\d{1,2})[/-](\d{1,2})(?:[/-](\d{4}|\d{2}))?(?![\d/-])")
_DATE_IN_WORDS = re.compile(r"\bngày (\d{1,2}) tháng (\d{1,2})(?: năm (\d{4}))?\b", re.IGNORECASE)
_TIME = re.compile(r"(?<![\d:])([01]?\d|2[0-4])(?: ?(?:giờ|h|g) ?|:)([0-5]\d)(?!\d)(?: phút)?", re.IGNORECASE)
_LONG = re.compile(r"(?<![\d.])\+?\d(?:[ .-]?\d){7,}(?!\d)")
_GROUPED = re.compile(r"\d{1,3}(?:[.,]\d{3})+")
_MASK = re.compile(r"\[[a-z_]+\]")
_LETTERS = re.compile(r"[^\W\d_]+")
_WORDS = re.compile(r"[^\W_]+")
_BEGIN = re.compile(r"(?:^|[.!?:;\n“\"(–-]\s*)$")


@dataclass(frozen=True, order=True)
class Claim:
    """`kind` of number, measure (a value and what it counts), place (what a number names), date (day/month, and the
    year where it is written), time, long (a number of a telephone or an account), word (one of DOUBLE) and name;
    `value` in one spelling."""

    kind: str
    value: str


def claims(text: str) -> frozenset[Claim]:
    """What a text states that can be checked."""
    text = _MASK.sub(" . ", nfc(text))
    rest, others = _take(text)
    return frozenset({*(Claim("name", name) for name in _names(text)), *others, *_numbers(rest)})


def unfounded(text: str, sources: Iterable[str]) -> list[Claim]:
    """The claims of a text that its sources do not make; empty when it stands on them."""
    whole = "\n".join(_MASK.sub(" . ", nfc(source)) for source in sources)
    there, marked = claims(whole), {norm(word) for word in _LETTERS.findall(whole)}
    spelt = f" {_folded(whole)} "
    unmarked = marked == {fold(word) for word in marked}

    def stands(one: Claim) -> bool:
        if one.kind == "name":
            return f" {one.value} " in spelt
        if one.kind == "date":
            return any(other.kind == "date" and other.value.startswith(f"{one.value}/") for other in there)
        if one.kind == "word":
            return one.value in marked or (unmarked and fold(one.value) in marked) or _figure(one) in there
        return False

    return sorted(one for one in claims(text) if one not in there and not stands(one))


def _figure(word: Claim) -> Claim:
    return Claim("number", str(DIGITS[word.value]))


def _folded(text: str) -> str:
    return " ".join(_WORDS.findall(fold(text)))


def _take(text: str) -> tuple[str, set[Claim]]:
    """The dates, times and long numbers of a text, and what is left of it."""
    result: set[Claim] = set()

    def date(match: re.Match[str]) -> str:
        day, month, year = match.groups()
        if not (1 <= int(day) <= 31 and 1 <= int(month) <= 12):
            return match.group()
        value = f"{int(day)}/{int(month)}"
        if year:
            year = year if len(year) == 4 else f"20{year}"
            result.update({Claim("date", f"{value}/{year}"), Claim("number", year)})
        else:
            result.add(Claim("date", value))
        return " . "

    def time(match: re.Match[str]) -> str:
        result.add(Claim("time", f"{int(match[1])}:{match[2]}"))
        return " . "

    def long(match: re.Match[str]) -> str:
        if _GROUPED.fullmatch(match.group()):
            return match.group()
        digits = re.sub(r"\D", "", match.group())
        result.add(Claim("long", "0" + digits[2:] if digits.startswith("84") and len(digits) == 11 else digits))
        return " . "

    for pattern, take in ((_DATE_IN_WORDS, date), (_DATE, date), (_LONG, long), (_TIME, time)):
        text = pattern.sub(take, text)
    return text, result


def _names(text: str) -> Iterator[str]:
    """What is written like a name: words with capitals that follow one another; the first of a sentence is none."""
    name: list[str] = []
    end = 0
    for match in _LETTERS.finditer(text):
        if not match.group()[0].isupper():
            continue
        if name and text[end : match.start()] != " ":
            yield _folded(" ".join(name))
            name = []
        if name or not _BEGIN.search(text[: match.start()]):
            name.append(match.group())
            end = match.end()
    if name:
        yield _folded(" ".join(name))


def _value(figures: str) -> Decimal:
    if _GROUPED.fullmatch(figures):
        return Decimal(re.sub(r"\D", "", figures))
    whole, _mark, part = figures.replace(",", ".").partition(".")
    return Decimal(f"{int(whole)}.{part.replace('.', '')}") if part else Decimal(int(whole))


def _plain(value: Decimal) -> str:
    return format(value.normalize(), "f")


def _numbers(text: str) -> Iterator[Claim]:
    """The numbers of a text, each with what it counts, where that is one of UNITS."""
    words = [word if word[0].isdecimal() else norm(word) for word in _TOKEN.findall(text)]
    at = 0
    while at < len(words):
        value, end = _read(words, at)
        if value is None:
            at += 1
            continue
        unit = fold(words[end]) if end < len(words) else ""
        first, alone = words[at], end == at + 1
        place = fold(words[at - 1]) if at else ""
        if place in PLACES and first[0].isdecimal():
            yield Claim("place", f"{place} {_plain(value)}")
        counts = unit in UNITS or (end < len(words) and words[end] in COUNTERS)
        if counts and not (alone and first in VAGUE):
            yield Claim("measure", f"{_plain(value)} {unit}")
            yield Claim("number", _plain(value))
            end += 1
        elif alone and first in DOUBLE:
            if not (first == "năm" and end < len(words) and words[end][0].isdecimal()):  # of a year
                yield Claim("word", first)
        elif not (alone and first in VAGUE):
            yield Claim("number", _plain(value))
        at = end


def _read(words: list[str], at: int) -> tuple[Decimal | None, int]:
    """The number that begins there, and where it ends; None where none does."""
    total, part, end = Decimal(0), Decimal(0), at
    while end < len(words):
        word, begun = words[end], end > at
        if word[0].isdecimal():
            if begun:
                break
            part = _value(word)
        elif word in GREAT and begun:
            total, part = total + (part or 1) * GREAT[word], Decimal(0)
        elif word in LINKS and begun and part and part % 100 == 0:
            pass
        elif (more := _small(words, end, part, begun)) is not None:
            part = more
        else:
            break
        end += 1
    if end > at and words[end - 1] in LINKS:
        end -= 1
    return (total + part if end > at else None), end


def _small(words: list[str], at: int, part: Decimal, begun: bool) -> Decimal | None:
    """The number below a thousand with one more word of it; None where the word does not go on with it."""
    word = words[at]
    if word == TEN:
        return part + 10 if part % 100 == 0 else None
    if word in TENS:
        return part - part % 10 + part % 10 * 10 if begun and 0 < part % 100 < 10 else None
    if word == HUNDRED:
        return part * 100 if begun and 0 < part < 10 else None
    digit = DIGITS.get(word)
    if digit is None or part % 10 or (word == "năm" and part and words[at - 1] not in LINKS):
        return None  # "mười năm" is ten years
    return part + digit

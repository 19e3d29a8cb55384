"""People's numbers in a text: identity cards, insurance, phones, tax, bank, plates, e-mail, dates of birth.

All patterns have bounded repetition and start at the edge of a word, so that the time is linear in the text.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from operator import ne
from typing import cast

from caunoi.lib.numbers import phone
from caunoi.lib.privacy.context import BANKS, Context
from caunoi.lib.privacy.spans import Candidate, Kind, near

_ALONE = r"(?<![0-9a-z_+].)(?<![0-9][.,].)(?<!(?<![0-9]{7})[0-9][/-].)"
"""After a number's first sign: it is not inside a longer one, nor a part of 000.00.12.H10-240115-0007. Lists of long
numbers may use a slash. Put after the sign, for only then the search leaps from digit to digit."""
_TAIL = r"(?![0-9a-z_])(?![.,][0-9])(?!-[0-9])(?!/[0-9]{0,7}(?![0-9]))"

_JOIN = r"(?:[ ._*–-]| [.–-] |[ .-]?\n ?)?"
"""What people put between the digits of one number, the end of a line too."""
_O_FOR_ZERO = re.compile(r"(?<![a-z0-9])(?=o*[0-9])[0-9o]{3,}(?![a-z0-9])|(?<=[0-9])o(?=[0-9 ])")
_DIGITS = re.compile(rf"[0-9]{_ALONE}(?:{_JOIN}[0-9]){{5,18}}(?:-[0-9]{{3}})?{_TAIL}")
_PIECES = re.compile(r"[0-9]+")
_CUT = re.compile(r" [.–-] |[ .-]?\n ?")
_DIGITS_MISTAKEN = 3
"""So many digits may differ in two numbers of which one is the other as somebody mistook it …"""
_NEAR_ITS_LIKE = 400
"""… so many letters apart."""
_LONGEST_PHONE = 11
_OF_A_MOBILE = 9
"""Digits of a mobile's number without its 0."""
_WHOLE = 9
"""So many digits before a line's end are a number by themselves."""
_MONEY = re.compile(
    r" ?(?:(?:dong(?! a\b)|d|vnd|vn dong|k|tr|trieu|nghin|ngan(?! hang)|ty|usd|m2|m3|kwh|kg|tan|ha|con|nguoi"
    r"|ho|lit)\b|%)"
)
_SEVEN = re.compile(r"[0-9]{7,8}(?![0-9a-z_])")
_PASSPORT_LETTERS = re.compile(r"(?<![0-9a-z_.,/-])([a-z]{1,2})([ -]?)\Z")
_PASSPORT_APART = re.compile(
    r"[a-z](?<![0-9a-z_.,/-].)(?:[ -]?[0-9]){7,8}(?![0-9a-z_])"
    r"|(?=[0-9a-z]{6,10}(?![0-9a-z_]))(?<![0-9a-z_.,/-])[a-z]{1,2}[0-9]{5,8}[a-z]?"
)
_THIRTEEN = re.compile(r"[0-9](?:[ .-]{0,3}[0-9]){11,13}(?![0-9a-z_])")
_OF_HEALTH = 13
_HEALTH_LETTERS = re.compile(r"(?<![0-9a-z_])[a-z]{2}[ .-]?\Z")
_PLATE = re.compile(
    r"[1-9](?<![0-9a-z_].)(?<![0-9][.,/-].)[0-9]([ .-]?)([a-z]{1,2}[0-9]?)([ ._–/-]{0,3}|[ -]{0,2}\n ?)"
    r"([0-9]{3}[. -]?[0-9]{2}|[0-9]{2}[. -][0-9]{3}|[0-9]{4}|[0-9](?: [0-9]){3,4})(?![0-9a-z_])(?![.,][0-9])"
)
_HALF_READ_PLATE = re.compile(
    r"[1-9](?<![0-9a-z_].)(?<![0-9][.,/-].)[0-9][ .-]?[a-z][0-9a-z]?[ .-]?"
    r"(?=[0-9.]{0,5}[x*?_][0-9.]{0,5}(?![0-9a-z_*?]))"
    r"[0-9x*?_]{2,3}[.]?[0-9x*?_]{1,3}"
)
"""Of which somebody has not seen one digit: 51L-30x.19."""
_SMALL_PLATE = 6
"""Letters and digits after the province of one typed in one go: 60a12345."""
_ARMY_PLATE = re.compile(r"[0-9]{2}[ .-][0-9]{2}(?![0-9a-z_-])")
_ARMY_LETTERS = re.compile(r"(?<![0-9a-z_])[a-z]{2}[ -]\Z")
# SĐT0912…: the words for a phone may touch it.
_PHONE_ALONE = _ALONE.replace("0-9a-z_+", "0-9+") + r"(?:(?<![a-z].)|(?<=dt.)|(?<=el.)|(?<=lo.)|(?<=lh.)|(?<=kh.))"
_PHONE = re.compile(
    rf"(?:\+|8|\(|0|o(?=[0-9 .])){_PHONE_ALONE}(?:(?<=\+) ?84|(?<=8)4|(?<=\()(?:0|84(?=\)))|(?<=[0o]))"
    r"(?: ?\(0\))?(?:(?:[ .)_*/–-]{0,3}|[ .-]?\n ?)[0-9oil]){7,12}(?![0-9]|_[0-9])"
)
_PHONE_ABROAD = re.compile(
    r"(?:00[1-9](?<![0-9a-z_.,/-]...)|\+[1-9](?<![0-9a-z_.,/-]..))(?:[ .-]?[0-9]){8,12}(?![0-9a-z_])"
    r"|[(]\+?84[)] ?[0-9](?:[ .-]?[0-9]){8}(?![0-9])"
)
_LANDLINE = re.compile(r"[(]?02[0-9]")
_OFFICES = re.compile(
    r"\b(?:hotline|tong dai|duong day nong|co quan"
    r"|so (?:xd|tnmt|yt|gd|nn|tp|nv|lao dong|xay dung|y te|giao duc|tu phap)"
    r"|ubnd|uy ban|benh vien|tram y te|cong an"
    r"|ban quan ly|trung tam|dien luc|cap nuoc|buu dien|phu trach|tiep dan|truc ban|van thu)\b"
)
_SOMEBODY = re.compile(r"\b(?:nha toi|nha em|nha tui|so nha|nha rieng|may ban nha|cua toi|cua em)\b")
_PHONE_GOES_ON = re.compile(r"[0-9]|[_.,][0-9]")
_LOCAL_PHONE = re.compile(rf"[23678]{_ALONE}[0-9]{{2,3}}[ .-]?[0-9]{{2,3}}[ .-]?[0-9]{{2,3}}{_TAIL}")
_WORD_DIGIT = "(?:" + "|".join(phone.DIGIT_WORDS) + ")"
_SPOKEN_ONE = rf"(?:{_WORD_DIGIT}|[0-9]{{1,3}})"
_NEXT = "[ ,.…-]{1,2}"
_SPOKEN = re.compile(
    rf"\b{_SPOKEN_ONE}(?:{_NEXT}{_SPOKEN_ONE}){{2,5}}(?:{_NEXT}{_WORD_DIGIT}){{2}}(?:{_NEXT}{_SPOKEN_ONE}){{2,14}}\b"
)
_HALF_SPOKEN = re.compile(rf"\bkhong(?:{_NEXT}{_WORD_DIGIT}){{1,6}}(?:{_NEXT}[0-9]{{1,4}}){{1,4}}(?![0-9])")
_SPOKEN_WORD = re.compile("[a-z]+|[0-9]+")
_SPOKEN_AFTER = re.compile(
    r"\b(?:(?P<id_card>cccd|can cuoc|dinh danh)|(?P<old_id>cmnd|cmt|co mo no do|chung minh)"
    r"|(?P<bank>stk|so tk|tk|tai khoan)|(?P<tax>mst|ma so thue)|(?P<social_insurance>bhxh))\b[a-z :]{0,20}\Z"
)
_SPOKEN_FITS = {
    "id_card": range(12, 13),
    "old_id": range(9, 13, 3),
    "bank": range(8, 17),
    "tax": range(10, 14),
    "social_insurance": range(10, 11),
}
_LIKE_DIGITS = str.maketrans("oil", "011")
_DIGITS_AT_LEAST = 5
_AT = r"(?:@| ?[(\[] ?(?:at|a|a cong|a moc) ?[)\]] ?| (?:at|a cong|a moc) (?=[a-z0-9-]{1,40} ?(?:\.|dot|cham))| @ ?|@ )"
_DOT = r"(?:\.| ?[(\[] ?(?:dot|cham) ?[)\]] ?| (?:dot|cham) | \. )"
_AT_SIGN = re.compile(_AT)
_PROVIDER = re.compile("gmail|yahoo|hotmail|outlook|icloud")
_REACH_OF_MAIL = (66, 330)
_EMAIL = re.compile(
    rf"(?<![a-z0-9_.+%-])[a-z0-9_+%-](?:[a-z0-9_.+%-]{{0,63}}){_AT}[a-z0-9-]{{1,63}}(?:{_DOT}[a-z0-9-]{{1,63}}){{1,4}}"
)
_HALF_EMAIL = re.compile(
    r"(?<![a-z0-9_.+%-])[a-z0-9_+%-](?:[a-z0-9_.+%-]{2,63})(?:@(?:gmail|yahoo|hotmail|outlook|icloud)\b(?!\.)"
    r"| ?(?:gmail|yahoo|hotmail|outlook|icloud)\.com\b)"
)
"""What is left out: abc@gmail, abc gmail.com."""
_SPACED_LOCAL = re.compile(r"mail(?: [a-z]+){0,4}?(?: ?:| la) +((?:[a-z0-9_.+-]+ ){1,4})\Z")
_BANK_AFTER = re.compile(rf" ?[(,-]? ?(?:tai |cua )?(?:ngan hang |nh )?(?:{BANKS})\b")
_NUMBER = re.compile(rf"[0-9]{_ALONE}")
_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_DATE = re.compile(
    r"(?:[0-3]?[0-9] ?(?:(?:thang|thg) ?[01]?[0-9](?: nam ?|, ?)|([/.-]) ?[01]?[0-9] ?\1 ?)(?:[12][0-9]{3}|[0-9]{2})"
    r"|[0-3]?[0-9] [01]?[0-9] (?:19|20)[0-9]{2}|[0-3][0-9][01][0-9](?:19|20)?[0-9]{2}|[01]?[0-9] nam (?:19|20)[0-9]{2}"
    rf"|[0-3]?[0-9](?:st|nd|rd|th)? (?:{_MONTHS})[a-z]{{0,6}},? (?:19|20)[0-9]{{2}}"
    r"|[12][0-9]{3}([/.-])[01]?[0-9]\2[0-3]?[0-9]|[01]?[0-9][/.-][12][0-9]{3}|[12][0-9]{3}"
    r"|[0-9]{2})(?![0-9a-z_])(?![./-][0-9])"
)

_NUMBER_WORD = "(?:mot|hai|ba|bon|tu|nam|lam|sau|bay|tam|chin|muoi|linh|le|nghin|ngan|tram|khong|mung|mong|ram)"
_STEM = "(?:giap|at|binh|dinh|mau|ky|canh|tan|nham|quy)"
_BRANCH = "(?:ty|suu|dan|mao|meo|thin|ti|ngo|mui|than|dau|tuat|hoi)"
_MONTH_WORD = rf"(?:gieng|chap|muoi(?: mot| hai)?|1[0-2]|0?[1-9]|{_NUMBER_WORD})"
_IN_A_YEAR = (
    rf"(?: am lich| al| am)?,? (?:nam )?(?:{_STEM} {_BRANCH}|nay|ngoai|[12][0-9]{{3}}|(?<=nam ){_NUMBER_WORD}"
    rf"(?: {_NUMBER_WORD}){{0,7}})(?: am lich)?| am lich"
)
_BORN = (
    r"(?<![a-z0-9_])(?=[nscrld])(?:nam s[ia]nh|ngay s[ia]nh|ngay,? thang,? nam s[ia]nh"
    r"|(?<!hy )(?<!\bhi )(?<!hoc )(?<!ve )(?<!khai )(?<!tuyen )(?<!\bthi )(?<!giam )(?<!phat )s[ia]nh"
    r"(?: doi| vao| hoi| nham| dung| hom| trung| khoang){0,2}(?: ngay| nam| thang)"
    r"|(?<!hy )(?<!\bhi )(?<!hoc )(?<!ve )(?<!khai )(?<!phat )s[ia]nh"
    r"(?= (?:hom )?(?:mung|mong|ram|[0-9]{1,2} (?:tet|thang)|[0-3]?[0-9]/[01]?[0-9]\b))"
    r"|s[ia]nh nhat(?: cua)?(?: toi| em| con| be| chau| no| minh)?(?: la)?(?: ngay| vao| hom)?"
    r"|(?:chao|ra) doi(?: vao| hom)?(?: ngay| nam)?|lot long(?: ngay| nam)?|de (?:nam|ngay|hom)"
    r"|de(?= (?:mung|mong|ram))|s\.?n|n\.?s)"
)
_BORN_APART = re.compile(
    r"(?:\bn\.?s(?: [a-z]+){1,3}[ :]{1,2}|\b(?:toi|em|tui|chau|con|ong|ba|anh|chi)\b[^.;:\n0-9]{1,40}, )"
    r"((?:[0-3]?[0-9]([/.-])[01]?[0-9]\2)(?:19[3-9][0-9]|200[0-9])|(?<!, )(?:19[3-9]|20[01])[0-9])(?=[,;)])"
)
"""What stands between commas in what somebody says of themselves: tôi là giáo viên về hưu, 22/8/1957, …"""
_PAPER = r"(?:the|cccd|cmnd|can cuoc|khai sinh|giay|so|ho khau|bhyt|bhxh|bang|hoc ba)"
_OF_A_WRONG_YEAR = re.compile(
    rf"\b(?:sai|lech|nham|khac|khong khop) nam s[ia]nh[^.;\n0-9]{{1,25}}\b{_PAPER}(?: ghi| la)? ((?:19|20)[0-9]{{2}})"
    rf"[^.;\n0-9]{{1,15}}\b{_PAPER}(?: ghi| la)? ((?:19|20)[0-9]{{2}})(?![0-9a-z/-])"
)
_ONLY_THE_YEAR = re.compile(
    r"\bs[ia]nh[^.;\n0-9]{0,15} chi (?:co|ghi|nho) (?:moi )?nam ((?:19|20)[0-9]{2})(?![0-9a-z/-])"
)
_BY_ANIMAL = re.compile(rf"\btuoi (?:con )?({_STEM} {_BRANCH})\b")
"""Said by the calendar's signs: tuổi Nhâm Tý."""
_BIRTH_IN_WORDS = re.compile(
    rf"{_BORN}[ :]{{1,3}}(?:la |thi |nham |dung )?"
    rf"((?:ngay )?{_NUMBER_WORD}(?: {_NUMBER_WORD}){{0,2}} thang {_MONTH_WORD}(?:{_IN_A_YEAR})?"
    rf"|{_NUMBER_WORD}(?: {_NUMBER_WORD}){{1,7}}(?! (?:tuoi|dua|con|nguoi|thang|lan|ngay|chau|be|gio))"
    rf"|(?:(?:mung|mong|ram) )?[0-9]{{1,2}} (?:tet|(?:thang|/) ?{_MONTH_WORD})(?:{_IN_A_YEAR})?"
    rf"|(?:ram|tet)(?: nguyen dan| trung thu)?(?: thang {_MONTH_WORD})?(?:{_IN_A_YEAR})?"
    rf"|[0-3]?[0-9][/.-][01]?[0-9](?![/.-]?[0-9])(?! ?(?:tuoi|con|dua|nguoi|hang))"
    rf"|(?:con )?{_STEM} {_BRANCH}(?:,? [(]?(?:tuc )?(?:nam )?[12][0-9]{{3}})?)(?![a-z0-9])"
)
_BEFORE_BIRTH = re.compile(r",? (?:moi )?(?:la|dung la) (?:ngay|nam) s[ia]nh\b")
_COUNTED = re.compile(
    r" ?(?:ngay|thang|tuoi|con|dua|be|nguoi|tieng|gio|tuan|lan|chau)\b|,? (?:duong|hem|ngo|ngach|kiet|pho|to|kp|khu pho"
    r"|tdp)\b"
)
_NEXT_BIRTH = re.compile(
    r"[^\n.;0-9]{0,30}\b(?:ong|ba|anh|chi|em|con|vo|chong|chau|nguoi|dua|be|cha|me|bo|ma|kia|nay)"
    r",? (?:thi |la |sinh |sn |sinh nam |nam )?((?:19[2-9]|20[012])[0-9])(?![0-9a-z/-]|\.[0-9])"
    r"|(?:,| va| voi| &| -) ((?:(?:19[2-9]|20[012])[0-9]|[4-9][0-9]))"
    r"(?=[,.;)]|\Z|\n| (?:va|voi|deu|o|ngu|lam)\b)(?!\.[0-9])"
)
"""The year of another: một ông sinh 1950, một ông 1959."""
_OF_BIRTH = re.compile(r"\b(?:(?<!hy )(?<!\bhi )s[ia]nh(?! vien| hoat| thai)|ns|sn|tuoi)\b")
_CORRECTED = re.compile(
    r"\b(?:dung(?: ra)?(?: phai)? la|phai la|sua (?:lai )?(?:thanh|la)|thanh"
    r"|ghi(?: la| nham| sai)?|(?:khai sinh|the|giay|ho khau|cccd|cmnd) la|lai la|thuc ra|that ra la)"
    r"(?: ngay| nam| sinh)?[ :]{1,2}(?=[0-9])"
)
_PERHAPS_CORRECTED = re.compile(
    r"\b(?:dung(?: ra| la| phai)?|la|thanh|ra|sang|nham|lon|lai|con|tu|ma|that|goc|nhap|chep|ghi|in|va|hay)"
    r"(?: la| ghi| ngay){0,2}[ :]{1,2}(?=[0-9]{1,2}[/.-][0-9]{1,2}[/.-][0-9])"
)
"""A whole day, in a sentence that says of a birth that something is wrong with it."""
_WRONG = re.compile(
    r"\b(?:sai|nham|lon|lech|dung|sua|chinh|cai chinh|doi|khac|chung minh|khong khop|ko khop|thuc te|that)\b"
)
_OF_ANOTHER_DAY = re.compile(r"\b(?:cap|nop|hen|het han|ky|hop|gui|nhan|mat|cuoi|ket hon|ly hon|hom)[^.;\n0-9]{0,15}\Z")
FAR_BIRTH = 90
_TRADE = "(?:sinh vien|hoc sinh|cong nhan|giao vien|nong dan|huu tri|noi tro|bo doi|lam ruong|buon ban|tho [a-z]{1,5})"
_AFTER_PERSON = re.compile(
    rf"(?:,? {_TRADE})?"
    r"(?:, |,| [(]| - | – | |[(])(?:ns |sn )?"
    r"((?:[0-3]?[0-9]([/.-])[01]?[0-9]\2)?(?:19[2-9][0-9]|20[0-2][0-9]))(?=[,;)]|\.(?![0-9])| ?\n|\Z| - | – )"
    r"| (?=[0-3]?[0-9][/.-][01]?[0-9][/.-](?:19[2-9][0-9]|20[01][0-9]|202[0-5])(?![0-9]))([0-9/.-]{8,10})"
    r"|,? [(]([0-9]{2})(?=, tuoi)"
)
_SPELT_AFTER_PERSON = re.compile(
    rf",? [(]?((?:ngay )?{_NUMBER_WORD}(?: {_NUMBER_WORD}){{0,2}} thang {_NUMBER_WORD}(?: {_NUMBER_WORD})?"
    rf" nam(?: {_NUMBER_WORD}){{2,7}})\b"
)
_FITS: dict[Kind, range] = {
    "id_card": range(10, 14),
    "old_id": range(8, 10),
    "tax": range(10, 11),
    "social_insurance": range(10, 11),
    "health_insurance": range(10, 11),
    "bank": range(20),
    "passport": range(7, 10),
}
"""How many digits a word like CCCD may announce; a slip of the pen still is a person's number."""


def find(text: str, shape: str) -> Iterator[Candidate]:
    """Every reading of every number, mail address and date of birth; `text` NFC, `shape` its shape."""
    shape = _O_FOR_ZERO.sub(lambda match: match.group().replace("o", "0"), shape)
    context = Context(shape)
    of_digits = list(_of_digits(shape, context))
    yield from of_digits
    yield from _alike(shape, of_digits)
    yield from _phones(shape, context)
    yield from _of_letters_and_digits(text, shape, context)
    yield from _plates(text, shape, context)
    yield from _mails(shape)
    yield from _birth_dates(shape, context)


def _alike(shape: str, others: Sequence[Candidate]) -> Iterator[Candidate]:
    """Numbers that differ from one that is known in a few digits: what somebody corrects."""
    numbers = [(one.start, _digits_of(shape[one.start : one.end]), one.kind) for one in others if one.backed]
    for match in _DIGITS.finditer(shape) if numbers else ():
        digits = _digits_of(match.group())
        first = bisect_left(numbers, (match.start() - _NEAR_ITS_LIKE,))
        last = bisect_left(numbers, (match.end() + _NEAR_ITS_LIKE,), first)
        for _, other, kind in numbers[first:last]:
            if len(other) == len(digits) and sum(map(ne, other, digits)) <= _DIGITS_MISTAKEN:
                yield Candidate(kind, *match.span(), backed=False)
                break


def _digits_of(run: str) -> str:
    return "".join(_PIECES.findall(run))


def _of_digits(shape: str, context: Context) -> Iterator[Candidate]:
    for match in _DIGITS.finditer(shape):
        yield from _parts(shape, context, match.start(), match.end())


_INSTITUTION = re.compile(
    r"\b(?:tai khoan|stk|tk)(?: cua)? (?:ban cuu tro|uy ban|ubnd|mttq|mat tran|hoi chu thap do"
    r"|quy (?:vi|den|khuyen|bao|ho tro))\b[^.;,\n]*\Z"
    r"|\bkho bac\b(?:(?!\b(?:hay|hoac|va)\b)[^.;\n]){0,40}\Z"
)
"""Before an account's number: it is an institution's, which is no secret."""


_OF_A_FIRM = re.compile(
    r"\b(?:cong ty|cty|dntn|doanh nghiep|htx|hop tac xa|tnhh|xi nghiep)\b"
    r"(?:(?!\b(?:ca nhan|cua (?:toi|tui|em|minh|con|ba|ong|me|chong|vo)|toi|tui)\b)[^.;\n])*\Z"
)
"""Before a tax number: it is a firm's, which everybody may know."""


def _parts(shape: str, context: Context, start: int, end: int) -> Iterator[Candidate]:
    """The numbers in a run: one that goes on after a line's end or a dash with blanks, or each part by itself."""
    cut = _CUT.search(shape, start, end)
    if cut is not None:
        first = sum(map(len, _PIECES.findall(shape[start : cut.start()])))
        if first >= _WHOLE or context.before(start) in (None, "neutral"):
            yield from _number(shape, context, start, cut.start())
            yield from _parts(shape, context, cut.end(), end)
            return
    yield from _number(shape, context, start, end)


def _number(shape: str, context: Context, start: int, end: int) -> Iterator[Candidate]:
    run = shape[start:end]
    hint = context.before(start)
    branch = re.fullmatch(r"[0-9](?:[ .]?[0-9]){9}-[0-9]{3}", run) is not None
    count = sum(map(len, _PIECES.findall(run)))
    if hint == "bank" and _INSTITUTION.search(shape, max(0, start - 70), start):
        return
    if hint == "tax" and _OF_A_FIRM.search(shape, max(0, start - 110), start):
        return
    if hint == "tax" and branch:
        yield Candidate("tax", start, end)
    elif count == 12 and hint in ("id_card", "old_id", "tax"):
        yield Candidate("id_card", start, end)
    elif count == 9 and hint == "id_card":
        yield Candidate("old_id", start, end)
    elif hint == "passport" and shape[max(0, start - 4) : start].startswith("+84"):
        return
    elif hint in _FITS and count in _FITS[hint] and not _amount(shape, run, end, at_all=hint == "bank"):
        yield Candidate(hint, start, end)
    elif hint == "phone" and count == _OF_A_MOBILE and run[0] in "35789":
        yield Candidate("phone", start, end)
    elif hint in (None, "neutral") and _bank_follows(shape, end) and not _amount(shape, run, end, at_all=True):
        yield Candidate("bank", start, end, backed=True)
    elif hint != "neutral" and (kind := _bare(run, branch=branch)) and not _MONEY.match(shape, end):
        yield Candidate(kind, start, end)


def _amount(shape: str, run: str, end: int, *, at_all: bool) -> bool:
    """Whether a number is money or a date: written 20.000.000, with `at_all` any 1.234.567, or followed by đồng."""
    thousands = re.fullmatch(r"[1-9][0-9]{0,2}(?:\.[0-9]{3})+", run) is not None
    if thousands and (at_all or run.endswith(".000")):
        return True
    return (thousands or at_all) and (_MONEY.match(shape, end) is not None or _DATE.fullmatch(run) is not None)


def _bank_follows(shape: str, end: int) -> bool:
    return _BANK_AFTER.match(shape, end) is not None


_PROVINCES = frozenset(
    "001 002 004 006 008 010 011 012 014 015 017 019 020 022 024 025 026 027 030 031 033 034 035 036 037 038 040 042"
    " 044 045 046 048 049 051 052 054 056 058 060 062 064 066 067 068 070 072 074 075 077 079 080 082 083 084 086 087"
    " 089 091 092 093 094 095 096".split()
)
"""Where one was registered at birth: with what an identity card's number begins."""


def _bare(run: str, *, branch: bool) -> Kind | None:
    """What a number of digits is without a word before it, by its shape alone."""
    if branch:
        return "tax"
    groups = [len(piece) for piece in _PIECES.findall(run)]
    if sum(groups) == 12 and run[:3] in _PROVINCES:
        usual = groups[:2] == [3, 1] or groups in ([12], [3, 3, 3, 3], [4, 4, 4], [3, 3, 6], [3, 9])
        return "id_card" if usual or (groups[0] > 4 and len(groups) < 4) else None
    if _card(groups, run):
        return "bank"
    if groups == [9] or (groups == [3, 3, 3] and run[0] in "0123" and run.count(" ") > 1 and run[-3:] != "000"):
        return "old_id"
    return "social_insurance" if groups == [10] and run[0] != "0" and run[:4] not in ("1800", "1900") else None


def _card(groups: list[int], run: str) -> bool:
    """Whether a number is a bank card's: of a bank here (9704…, 16 or 19 digits), or with Luhn's check digit."""
    if set(groups[:-1]) - {4} or sum(groups) not in (16, 19):
        return False
    digits = [int(char) for char in run if char.isdigit()]
    check = sum(digits[-1::-2]) + sum(sum(divmod(2 * digit, 10)) for digit in digits[-2::-2])
    return digits[:4] == [9, 7, 0, 4] or (len(digits) == 16 and run[0] in "456" and check % 10 == 0)


def _of_an_office(shape: str, start: int, end: int) -> bool:
    """Whether a line of the town's net is an office's."""
    if _LANDLINE.match(shape, start) is None:
        return False
    around = shape[max(0, start - 60) : start] + "|" + shape[end : end + 40]
    return _OFFICES.search(around) is not None and _SOMEBODY.search(around) is None


def _phones(shape: str, context: Context) -> Iterator[Candidate]:
    at = 0
    while (match := _PHONE.search(shape, at)) is not None:
        start = match.start() + (match.group()[0] == "(" and ")" not in match.group())
        end = _end_of_phone(shape, start, match.end())
        kind = context.before(start)
        if end and kind != "tax" and not _of_an_office(shape, start, end):
            backed = shape.startswith("(0", start) or kind == "phone"
            yield Candidate("phone", start, end, backed=backed)
        at = max(end, match.start() + 1 if end else match.end())
    for match in _PHONE_ABROAD.finditer(shape):
        backed = context.before(match.start()) == "phone"
        if backed or match.group()[0] in "(+":
            yield Candidate("phone", *match.span(), backed=backed or match.group()[0] == "(")
    for match in _LOCAL_PHONE.finditer(shape):
        if context.before(match.start()) == "phone" and not _MONEY.match(shape, match.end()):
            yield Candidate("phone", match.start(), match.end())
    yield from _spoken(shape, context)


def _end_of_phone(shape: str, start: int, end: int) -> int:
    """Where the number that one can dial ends; 0 where there is none."""
    places = [at for at, char in enumerate(shape[start:end], start + 1) if char in "0123456789oil"]
    typed = "".join(shape[at - 1] for at in places)
    digits = typed.translate(_LIKE_DIGITS)
    for count in range(len(digits), 7, -1):
        after = places[count - 1]
        if _PHONE_GOES_ON.match(shape, after) or (typed[count - 1].isalpha() and shape[after : after + 1].isalpha()):
            continue
        if sum(map(str.isdigit, typed[:count])) < _DIGITS_AT_LEAST:
            continue
        number = phone.dialled(digits[:count])
        if number is not None and number.e164:
            return after
    return 0


def _spoken(shape: str, context: Context) -> Iterator[Candidate]:
    """Numbers written out in words, digit by digit: không chín không …"""
    for match in _SPOKEN.finditer(shape):
        count = sum(len(word) if word.isdigit() else 1 for word in _SPOKEN_WORD.findall(match.group()))
        before = _SPOKEN_AFTER.search(shape, max(0, match.start() - 30), match.start())
        hint = before.lastgroup if before else None
        if hint in _SPOKEN_FITS:
            if count in _SPOKEN_FITS[hint]:
                yield Candidate(cast(Kind, "id_card" if hint == "old_id" and count == 12 else hint), *match.span())
        elif count in (10, 11) and match.group().startswith(("khong", "0")):
            yield Candidate("phone", *match.span())
        elif count == _LONGEST_PHONE + 1 and match.group().startswith("khong") and match.group().endswith(" khong"):
            yield Candidate("phone", match.start(), match.end() - len(" khong"))  # … bốn năm không biết đủ chưa
    for match in _HALF_SPOKEN.finditer(shape):
        if sum(len(word) if word.isdigit() else 1 for word in _SPOKEN_WORD.findall(match.group())) == _OF_A_MOBILE + 1:
            yield Candidate("phone", *match.span())


def _of_letters_and_digits(text: str, shape: str, context: Context) -> Iterator[Candidate]:
    for match in _THIRTEEN.finditer(shape):
        letters = _HEALTH_LETTERS.search(shape, max(0, match.start() - 4), match.start())
        if letters is None:
            continue
        hint = context.before(letters.start())
        whole = sum(map(str.isdigit, match.group())) == _OF_HEALTH and text[letters.start() :][:2].isupper()
        if hint == "health_insurance" or whole:
            yield Candidate("health_insurance", letters.start(), match.end(), backed=hint == "health_insurance")
    for match in _SEVEN.finditer(shape):
        letters = _PASSPORT_LETTERS.search(shape, max(0, match.start() - 4), match.start())
        if letters is None:
            continue
        hint = context.before(letters.start())
        upper = len(letters.group()) == 1 and text[letters.start()].isupper()
        if hint == "passport" or (upper and hint != "neutral"):
            yield Candidate("passport", letters.start(), match.end(), backed=hint == "passport")
    for match in _PASSPORT_APART.finditer(shape):
        if context.before(match.start()) == "passport":
            yield Candidate("passport", match.start(), match.end(), backed=True)


def _plates(text: str, shape: str, context: Context) -> Iterator[Candidate]:
    for match in _PLATE.finditer(shape):
        said_plate = context.before(match.start(), plate=True) is not None
        first, series, middle, number = match.groups()
        spelled = text[match.start(2) : match.end(2)].isupper() and series not in ("m2", "m3", "k", "h", "tr")
        hyphen = any(dash in first + middle for dash in "-–")
        small = not first + middle and len(series + number) == _SMALL_PLATE and series[0] in "abcefg"
        if "/" in middle and not said_plate:
            continue
        if said_plate or small or (spelled and (hyphen or len(number) > 4)) or (hyphen and len(number) > 5):
            yield Candidate("plate", match.start(), match.end(), backed=said_plate)
    for match in _HALF_READ_PLATE.finditer(shape):
        if context.before(match.start(), plate=True):
            yield Candidate("plate", *match.span())
    for match in _ARMY_PLATE.finditer(shape):
        letters = _ARMY_LETTERS.search(shape, max(0, match.start() - 4), match.start())
        spelled = letters is not None and text[letters.start() : letters.start() + 2].isupper()
        if letters and spelled and context.before(letters.start(), plate=True):
            yield Candidate("plate", letters.start(), match.end())


def _mails(shape: str) -> Iterator[Candidate]:
    for match in near(_AT_SIGN, _EMAIL, shape, _REACH_OF_MAIL):
        start = match.start()
        if not match.group()[-1].isalpha():  # no domain ends so
            continue
        spaced = _SPACED_LOCAL.search(shape, max(0, start - 60), start)
        yield Candidate("email", spaced.start(1) if spaced else start, match.end())
    for match in near(_PROVIDER, _HALF_EMAIL, shape, _REACH_OF_MAIL):
        yield Candidate("email", match.start(), match.end(), backed=False)


def _birth_dates(shape: str, context: Context) -> Iterator[Candidate]:
    spans = [span for number in _NUMBER.finditer(shape) if (span := _birth_date(shape, context, number.start()))]
    for start, end in spans:
        yield Candidate("birth_date", start, end)
        if another := _NEXT_BIRTH.match(shape, end):
            yield Candidate("birth_date", *another.span(another.lastindex or 0), backed=False)
    for pattern in (_BORN_APART, _OF_A_WRONG_YEAR, _ONLY_THE_YEAR):
        for match in pattern.finditer(shape):
            yield from (Candidate("birth_date", *match.span(group), backed=False) for group in _years(match))
    for number in _NUMBER.finditer(shape):
        day = _DATE.match(shape, number.start())
        if day and _BEFORE_BIRTH.match(shape, day.end()):
            yield Candidate("birth_date", *day.span())
    for pattern in (_BIRTH_IN_WORDS, _BY_ANIMAL):
        for match in pattern.finditer(shape):
            yield Candidate("birth_date", *match.span(1))
    if spans or _OF_BIRTH.search(shape):
        for match in _CORRECTED.finditer(shape):
            start = match.end()
            day = _DATE.match(shape, start)
            of_birth = _OF_BIRTH.search(shape, max(0, start - FAR_BIRTH), start)
            if day and of_birth and (len(day.group()) > 4 or "1900" <= day.group() <= "2020"):
                yield Candidate("birth_date", start, day.end(), backed=False)
        for match in _PERHAPS_CORRECTED.finditer(shape):
            since = max(0, match.start() - 2 * FAR_BIRTH)
            sentence = max(shape.rfind("\n", since, match.start()), shape.rfind(". ", since, match.start()), since)
            day = _DATE.match(shape, match.end())
            mended = _OF_BIRTH.search(shape, sentence, match.start())
            mended = mended and _WRONG.search(shape, sentence, match.end() + 40)
            if day and mended and not _OF_ANOTHER_DAY.search(shape, sentence, match.start()):
                yield Candidate("birth_date", *day.span(), backed=False)


def _years(match: re.Match[str]) -> list[int]:
    """The groups of a match that are years or days."""
    return [group for group, part in enumerate(match.groups(), 1) if part and part[0].isdigit()]


def _birth_date(shape: str, context: Context, start: int) -> tuple[int, int] | None:
    """From where to where a date of birth goes, of which the first number stands there."""
    if context.before(start) != "birth_date":
        return None
    match = _DATE.match(shape, start)
    if match is None:
        return None
    run = match.group()
    gap = shape[max(0, start - 8) : start]
    if run.isdigit() and len(run) == 2 and not re.search(r"\b(?:s\.?n|n\.?s|nam|s[ia]nh)[ :]{1,2}'?\Z", gap):
        return None
    if run.isdigit() and len(run) == 2 and _COUNTED.match(shape, match.end()):
        return None
    if len(run) > 4 or not run.isdigit() or len(run) == 2 or "1900" <= run <= "2099":
        first = re.search(r"\b(?:mung|mong) \Z", gap)
        return (start - len(first.group()) if first else start), match.end()
    return None


def of_people(shape: str, people: Iterable[tuple[int, int]]) -> Iterator[Candidate]:
    """Years and days of birth that stand right after somebody's name: Cao Bá Đạt, 1961, hưu trí."""
    for _, end in people:
        match = _AFTER_PERSON.match(shape, end) or _SPELT_AFTER_PERSON.match(shape, end)
        if match:
            yield Candidate("birth_date", *match.span((_years(match) or [1])[0]), backed=False)

"""Which word before a number says what it is: "STK", "số CMND", "sinh ngày" …

Read on the text's `vietnamese.shape`, so that marks and capitals do not matter and places agree.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import Literal

from caunoi.lib.privacy.spans import Kind

Hint = Kind | Literal["neutral"]
"""What a word announces; neutral: a number that is nobody's (a bill, an amount, a date of issue)."""

BANKS = (
    "vietcombank|vcb|agribank|bidv|vietinbank|techcombank|tcb|mb "
    "?bank|mb|acb|sacombank|vpbank|tpbank|hdbank|shb|vib|ocb"
    "|msb|seabank|lpbank|lienvietpostbank|scb|eximbank|kienlongbank|namabank|vietabank|bacabank|dong a bank|timo"
    "|viettinbank|vietin|vietcom|techcom|sacom|agri|agri bank|lien viet|nam a bank|bac a bank|abbank|pvcombank|cake"
    "|vietbank|saigonbank|co-?opbank|shinhan|woori|vbsp|vp bank|tp bank|hd bank|bao viet bank"
)
"""Banks as people name them, folded."""

WORDS: dict[Hint | Literal["bank_name"], str] = {
    "id_card": r"c\.?c\.?c\.?d|can cuoc(?: cong dan)?|the cc|dinh danh(?: ca nhan)?|id card|id",
    "old_id": r"c\.?m\.?n\.?d|c\.?m\.?t(?:\.?n\.?d)?|so cm|giay cm|chung minh(?: thu| nhan dan| cu)?",
    "passport": r"ho chieu|(?:so|giay|the) thong hanh|passport(?: no| number)?|pp so|so hc|hc",
    "health_insurance": r"bhyt|bao hiem y te|the bao hiem|ma the|so the(?! atm)|the bh",
    "social_insurance": r"bhxh|bao hiem xa hoi|(?:so|ma)(?: so)? huu(?: tri)?"
    r"|(?:so|ma) bao hiem(?! y te)|vssid|bao hiem(?! y te)[a-z ,:]{0,20}"
    r" ma(?: so)?",
    "tax": r"mst|m\.s\.t|(?:ma so|ma|so) thue|ms ?thue|thue[a-z ]{0,12} ma(?: so)?|tax code|msdn|ma so doanh nghiep",
    "bank": r"stk|so tk|bank|chuyen(?: [a-z]+){0,2} tien(?: [a-z]+){0,5} (?:qua|vao|vo) so"
    r"|(?:ck|chuyen khoan)(?: vao| qua| den)? so|so nhan tien|ck (?:vo|vao|qua)(?: so)?"
    r"|(?:tien|phi|coc|trieu|tr|cu) (?:vo|vao|qua)(?= (?:so |stk |tk )?[0-9])|tai khoan|tk|(?:so )?the atm|the"
    r" ngan hang|the visa|ngan hang|kho bac|vao the",
    "bank_name": BANKS,
    "phone": r"s?dt(?:dd)?|dien thoai|di dong|(?:so|tat|nghe) may|may ban|hotline|zalo|alo|goi|lien he|lien lac|lh"
    r"|phone|tel|mobile|fax|momo|sim",
    "birth_date": r"ngay s[ia]nh|ngay,? ?thang,? ?nam s[ia]nh|nam s[ia]nh|sinh nhat|s[./]n|n[./]s|birthday|born"
    r" (?:on|in)"
    r"|(?<!hoc )(?<!hy )(?<!\bhi )(?<!tuyen )(?<!\bthi )(?<!giam )s[ia]nh"
    r" (?:doi |vao |hoi |ra |khoang |tam |chung |nham |dau |cuoi |hom |luc ){0,2}(?:ngay|nam|(?<=[a-z] )(?=[0-9]))"
    r"|(?:chao|ra) doi(?: vao| hom)?(?: ngay| nam|(?= [0-9]))"
    r"|de(?= (?:mung|mong) [0-9])"
    r"|de (?:ngay|nam)|sn|n\.?sinh|dob|d\.o\.b|date of "
    r"birth|born"
    r"|ns(?= ?:? ?[0-9])"
    r"|(?<!hoc )(?<!hy )(?<!\bhi )(?<!ve )(?<!khai )(?<!phat )(?<!chung )(?<!tuyen )(?<!\bthi )(?<!giam )"
    r"s[ia]nh(?= (?:thang )?[0-9]| ?: "
    r"?[0-9])",
    "plate": r"bien(?: so(?: xe)?| kiem soat)?(?! lai| ban| phap| dong)|bks|bsx|(?:chu |so )?xe(?: [a-z]+){0,2}|mo "
    r"?to|o ?to|wave|sirius|exciter|winner|vision|air ?blade|ab|sh|dream|vario|lead|honda|vios|innova|grab|container",
    "neutral": r"ma (?:khach hang|kh|ho so|sinh vien|giao dich|gd|don(?: hang)?|van don|so hang hoa|hang|vach|thu "
    r"tuc|loi"
    r"|buu kien|dat cho|so du an)|mssv"
    r"|(?<!trong )(?<!tren )(?<!theo )(?:ho so(?: so)?|hoa don|bien lai|bien ban|hop dong)"
    r"|giay (?:nop tien|bao|moi|hen|bien nhan)(?: so)?|so khung|cong to|quyet dinh"
    r"|cong van|van ban|so luong|dien tich|thua|thu tuc|otp|toa do|chi so|ve so|so tien|tong(?: so)?|gia(?! dinh| "
    r"han| tri)"
    r"|phi|(?:tu|den|cap) ngay|ngay cap|het han|so seri(?:al)?|so vao so|phieu",
}
"""Patterns of the words, on folded text; a bank's name announces less than the word account."""

NEAR = 45
"""How far a number may stand from its word."""
NEAR_BANK = 16
FAR = 140
"""How far, where only other numbers of the same kind stand between."""

# The letters that the words of a kind begin with: looked at first, which halves the time of the search.
FIRST: dict[Hint | Literal["bank_name"], str] = {
    "id_card": "cdit",
    "old_id": "cgs",
    "passport": "ghpst",
    "health_insurance": "bmst",
    "social_insurance": "bmsv",
    "tax": "mst",
    "bank": "bcknptsv",
    "bank_name": "abcdehklmnopstvw",
    "phone": "adfghlmnpstz",
    "birth_date": "bcdnrs",
    "plate": "abcdeghilmosvwx",
    "neutral": "bcdghmnopqtsv",
}
_KINDS = list(WORDS)
_WORD = re.compile(
    rf"(?<![0-9a-z_])(?=[a-z])(?:{'|'.join(f'(?=[{FIRST[kind]}])({words})' for kind, words in WORDS.items())})\b"
)
_DIGIT = re.compile("[0-9](?<![0-9].)")
_BREAK = re.compile(r"[?!;]|\.\s+(?=\w)|\n")
_NEXT_LINE = re.compile(r"[ :.\-]*\n[ ]*")
_NUMBERS = re.compile(r"[a-z]{0,2}[0-9](?:.*[0-9])?", re.DOTALL)
# What may join a number to one of the same kind before it: "BHXH 7012345678 và của vợ 7012345679".
_JOIN = re.compile(
    r"(?:[\s,;:/&()+–-]|(?:va|voi|cua|con|vo|chong|hoac|hay|roi|so|cu|moi|la|ba|ma|me|noi|ngoai|ong|bo|cha|anh"
    r"|chi|em|tk|xe"
    r"|giay to|ghi|nhung|bien|may|tai khoan|kho bac|gom|cho|ho chieu)(?![a-z0-9]))*"
)


class Context:
    """The announcing words of one text, found once."""

    def __init__(self, shape: str) -> None:
        self._shape = shape
        self._ends: dict[bool, list[int]] = {True: [], False: []}
        self._hints: dict[bool, list[Hint | Literal["bank_name"]]] = {True: [], False: []}
        for match in _words_before_numbers(shape):
            hint = _KINDS[(match.lastindex or 1) - 1]
            plate = hint == "plate"  # "chủ xe có CMND 285…": a vehicle announces nothing but its plate
            self._ends[plate].append(match.end())
            self._hints[plate].append(hint)

    def before(self, start: int, *, plate: bool = False) -> Hint | None:
        """What the last word before `start` announces, if it reaches so far; with `plate`, only of vehicles."""
        at = bisect_right(self._ends[plate], start) - 1
        if at < 0:
            return None
        end, hint = self._ends[plate][at], self._hints[plate][at]
        if start - end > FAR:
            return None
        if hint == "bank_name":
            return "bank" if start - end <= NEAR_BANK and _reaches(self._shape[end:start], strict=True) else None
        return hint if _reaches(self._shape[end:start], strict=hint in ("bank", "birth_date")) else None


def _words_before_numbers(shape: str) -> Iterator[re.Match[str]]:
    """The announcing words, sought only as far before numbers as they reach."""
    since = until = 0
    for number in _DIGIT.finditer(shape):
        if number.start() - FAR > until:
            yield from _WORD.finditer(shape, since, until + 2)
            since = number.start() - FAR
        until = number.start()
    yield from _WORD.finditer(shape, since, until + 2)


def _reaches(gap: str, *, strict: bool) -> bool:
    """Whether a word's meaning goes over a gap: in a sentence, and over numbers, where `strict` only if joined."""
    numbers = _NUMBERS.search(gap)
    if numbers is None:
        return len(gap) <= NEAR and not _breaks(gap)
    head, tail = gap[: numbers.start()], gap[numbers.end() :]
    if len(head) > NEAR or len(tail) > NEAR or _breaks(head):
        return False
    return _JOIN.fullmatch(tail) is not None if strict else not _breaks(tail)


def _breaks(gap: str) -> bool:
    return _BREAK.search(gap) is not None and _NEXT_LINE.fullmatch(gap) is None

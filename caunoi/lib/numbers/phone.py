"""Vietnamese phone numbers as people type, dictate and remember them, to E.164.

Numbers from before the renumberings still stand in old tickets and on old signs: area codes changed in 2017
(0651 → 0271), 11-digit mobiles in 2018 (0123 456 7890 → 083 456 7890). Where an old landline reads like a
mobile of today (HCM's 08 + 8 digits, 052 to 059), today's reading wins.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

import phonenumbers
from phonenumbers import PhoneNumberFormat

from caunoi.lib.vietnamese import writing

Kind = Literal["mobile", "landline", "foreign", "short", "service", "hidden"]


@dataclass(frozen=True, kw_only=True)
class Phone:
    """A number that was called or given.

    `number` is E.164 for mobile, landline and foreign; the digits as dialled for short codes (1022, 113) and
    service numbers (1800, 1900); empty for a hidden caller. Only the first three may be called back or get an SMS.
    """

    kind: Kind
    number: str

    @property
    def e164(self) -> str | None:
        """The number in E.164, None where there is none."""
        return self.number if self.number.startswith("+") else None


SHORT_CODES = frozenset(["111", "112", "113", "114", "115", "117", "119", "156", "1022", "1080"])
"""Helplines without an area code: child protection, rescue, police, fire, ambulance, sea, spam, the hotline itself."""

MOBILE_2018 = {
    "162": "32", "163": "33", "164": "34", "165": "35", "166": "36", "167": "37", "168": "38", "169": "39",
    "120": "70", "121": "79", "122": "77", "126": "76", "128": "78",
    "123": "83", "124": "84", "125": "85", "127": "81", "129": "82",
    "186": "56", "188": "58", "199": "59",
}  # fmt: skip
"""Prefixes of 11-digit mobiles until November 2018 and what they became, without the leading 0."""

AREA_2017 = {
    "20": "214", "22": "212", "29": "216", "230": "215", "231": "213", "25": "205", "26": "206", "27": "207",
    "240": "204", "241": "222", "280": "208", "281": "209", "30": "229", "31": "225", "320": "220", "321": "221",
    "33": "203", "350": "228", "351": "226", "36": "227", "37": "237", "38": "238", "39": "239",
    "4": "24", "500": "262", "501": "261", "510": "235", "511": "236", "52": "232", "53": "233", "54": "234",
    "55": "255", "56": "256", "57": "257", "58": "258", "59": "269", "60": "260", "61": "251", "62": "252",
    "63": "263", "64": "254", "650": "274", "651": "271", "66": "276", "67": "277", "68": "259",
    "70": "270", "710": "292", "711": "293", "72": "272", "73": "273", "74": "294", "75": "275", "76": "296",
    "77": "297", "780": "290", "781": "291", "79": "299", "8": "28",
}  # fmt: skip
"""Area codes until June 2017 and what they became, without the leading 0 (Ministry's plan 2036/QĐ-BTTTT, 2016)."""

DIGIT_WORDS = {
    "khong": "0", "mot": "1", "hai": "2", "ba": "3", "bon": "4", "tu": "4", "nam": "5", "lam": "5", "sau": "6",
    "bay": "7", "tam": "8", "chin": "9",
}  # fmt: skip
"""Digits as they are spoken, folded."""

_HIDDEN = re.compile(
    r"anonymous|unavailable|restricted|private|unknown|withheld|(?:so )?an(?: so)?|khong hien so|[*x]{4,}"
)
_LEAD = re.compile(r"(?:tel|sip|sdt|dt)[:. ]\s*")
_EXTENSION = re.compile(r"[\s,]*(?:\(?(?:ext|may le|so le|nhanh)\b|[;@#]).*", re.DOTALL)
_TYPED = re.compile(r"(\+?)([0-9o(][0-9o()\s.,/\-\u2010-\u2015_]{1,40})", re.ASCII)
_AREAS = {*AREA_2017.values(), "210", "211", "218", "219"}
# Wider than phonenumbers' ranges, which follow the operators' new ones only after a while.
_MOBILE = re.compile("(?:3[2-9]|5[25689]|7[06-9]|8[1-9]|9[0-9])[0-9]{7}")
_HOTLINE = re.compile("0?(?:2[0-9]{1,2}|6[0-9]{1,2})(1022)")
_SERVICE = re.compile("1[89]00(?:[0-9]{4}|[0-9]{6})")
_LONGEST = 80
SHAPE = (
    r"[0o](?!0)[\do]{9,10}|[1-9][\do]{8,9}|84[\do]{9,11}|(\+|[0o]{2})[\do]{7,15}|\D{9,}|(?=.*[^\do+])(\D*?[\do]){8}.*"
)
"""What is left without signs of anything in which `parse` finds a number to call: a page without a network asks it."""


def parse(text: str) -> Phone | None:
    """The number in a text that holds nothing else; None when there is none. Never raises.

    Understood besides digits: spaces and signs between them, o for 0, digits in words, an extension (dropped), and a
    switchboard's words for a hidden caller.
    """
    typed = writing.fold(unicodedata.normalize("NFKC", text[:_LONGEST]))
    if _HIDDEN.fullmatch(typed):
        return Phone(kind="hidden", number="")
    words = typed.replace(",", " ").split()
    if len(words) > 2 and all(word in DIGIT_WORDS for word in words):
        typed = "".join(DIGIT_WORDS[word] for word in words)
    match = _TYPED.fullmatch(_EXTENSION.sub("", _LEAD.sub("", typed, count=1), count=1).strip())
    if match is None:
        return None
    digits = re.sub("[^0-9]", "", match.group(2).replace("o", "0"))
    return _abroad(digits) if match.group(1) else dialled(digits)


def dialled(digits: str) -> Phone | None:
    """The number behind digits as they are dialled here, nothing between them and no +; None when it is invalid."""
    if digits in SHORT_CODES:
        return Phone(kind="short", number=digits)
    if _SERVICE.fullmatch(digits):
        return Phone(kind="service", number=digits)
    if hotline := _HOTLINE.fullmatch(digits):
        return Phone(kind="short", number=hotline.group(1))
    if digits.startswith("00"):
        return _abroad(digits[2:])
    if digits.startswith("0"):
        return _national(digits[1:])
    if digits.startswith("84") and len(digits) > 10:
        return _national(digits[2:].removeprefix("0"))
    return _valid(digits)  # its 0 lost, as in a spreadsheet


def display(number: str) -> str:
    """A number as people here write it: +84912345678 → `0912 345 678`; foreign ones with +; others as they are."""
    if not number.startswith("+"):
        return number
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    home = parsed.country_code == 84
    return phonenumbers.format_number(parsed, PhoneNumberFormat.NATIONAL if home else PhoneNumberFormat.INTERNATIONAL)


def _abroad(digits: str) -> Phone | None:
    if digits.startswith("84"):
        return _national(digits[2:].removeprefix("0"))
    try:
        parsed = phonenumbers.parse("+" + digits)
    except phonenumbers.NumberParseException:
        return None
    return Phone(kind="foreign", number="+" + digits) if phonenumbers.is_valid_number(parsed) else None


def _national(digits: str) -> Phone | None:
    """`digits` without the leading 0, as of today or from before the renumberings."""
    return _valid(digits) or _old_mobile(digits) or _old_landline(digits)


def _old_mobile(digits: str) -> Phone | None:
    prefix = MOBILE_2018.get(digits[:3])
    return _valid(prefix + digits[3:]) if prefix and len(digits) == 10 else None


def _old_landline(digits: str) -> Phone | None:
    for length in (3, 2, 1):
        area = AREA_2017.get(digits[:length])
        if area and len(digits) - length == (8 if length == 1 else 7):
            return _valid(area + digits[length:])
    return None


def _valid(digits: str) -> Phone | None:
    if _MOBILE.fullmatch(digits):
        return Phone(kind="mobile", number="+84" + digits)
    landline = len(digits) == 10 and (digits[:2] in _AREAS or digits[:3] in _AREAS) and digits[-7] not in "01"
    return Phone(kind="landline", number="+84" + digits) if landline else None

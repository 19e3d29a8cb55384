"""Ticket codes, `YY-NNNNNN-C`: digits only, so that they can be spoken, with a check digit against slips.

C is Damm's check digit over the eight digits before it: it catches every single wrong digit and every swap of
neighbours.
"""

import re
import unicodedata

from stdnum import damm

LAST_NUMBER = 999_999

_TYPED = re.compile(r"\s*#?\s*([0-9](?:[\s.\-\u2010-\u2015]{0,3}[0-9]){8})\s*", re.ASCII)

_HALF = re.compile(r"\s*#?\s*([0-9](?:[\s.\-\u2010-\u2015]{0,3}[0-9]){4,7})[\s.\-\u2010-\u2015]{0,3}", re.ASCII)


def make(year: int, number: int) -> str:
    """The code of a year's n-th ticket; `year` in full, `number` 1 to 999,999. ValueError outside these."""
    if not 2000 <= year <= 2099 or not 1 <= number <= LAST_NUMBER:
        raise ValueError(f"No ticket code for number {number} of {year}")
    digits = f"{year % 100:02}{number:06}"
    return _written(digits + damm.calc_check_digit(digits))


def parse(text: str) -> str | None:
    """The canonical code of one typed alone, with or without hyphens, dots and spaces; None for anything else."""
    typed = _TYPED.fullmatch(unicodedata.normalize("NFKC", text))
    if typed is None:
        return None
    digits = re.sub("[^0-9]", "", typed.group(1))
    return _written(digits) if damm.is_valid(digits) and int(digits[2:8]) else None


def begun(text: str) -> str | None:
    """The beginning of a code, as it is written, of one that is half typed: five to eight digits, `26001` →
    `26-001`."""
    typed = _HALF.fullmatch(unicodedata.normalize("NFKC", text))
    if typed is None:
        return None
    digits = re.sub("[^0-9]", "", typed.group(1))
    return f"{digits[:2]}-{digits[2:]}"


def mistyped(text: str) -> bool:
    """Whether it has the nine digits of a code, but not those of one: a digit is wrong, or two changed places."""
    return _TYPED.fullmatch(unicodedata.normalize("NFKC", text)) is not None and parse(text) is None


def spoken(code: str) -> str:
    """The code's digits one by one, in groups with a pause between: 26-000123-3 → `2 6, 0 0 0, 1 2 3, 3`."""
    year, number, check = code.split("-")
    return ", ".join(" ".join(group) for group in (year, number[:3], number[3:], check))


def _written(digits: str) -> str:
    return f"{digits[:2]}-{digits[2:8]}-{digits[8]}"

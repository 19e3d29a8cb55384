"""People's numbers in a text: identity cards, insurance, phones, tax, bank, plates, e-mail, dates of birth.

All patterns have bounded repetition and start at the edge of a word, so that the time is linear in the text.
"""

import re
from collections.abc import Iterator

from caunoi.lib.numbers import phone
from caunoi.lib.privacy.context import BANKS, Context
from caunoi.lib.privacy.spans import Candidate, Kind

_ALONE = r"(?<![0-9a-z_+].)(?<![0-9][.,].)(?<!(?<![0-9]{7})[0-9][/-].)"
"""After a number's first sign: it is not inside a longer one, nor a part of 000.00.12.H10-240115-0007. Lists of long
numbers may use a slash. Put after the sign, for only then the search leaps from digit to digit."""
_TAIL = r"(?![0-9a-z_])(?![.,][0-9])(?!-[0-9])(?!/[0-9]{0,7}(?![0-9]))"

_DIGITS = re.compile(rf"[0-9]{_ALONE}(?:[ .-]?[0-9]){{5,18}}(?:-[0-9]{{3}})?{_TAIL}")
_PIECES = re.compile(r"[0-9]+")
_MONEY = re.compile(
    r" ?(?:(?:dong|d|vnd|vn dong|k|tr|trieu|nghin|ngan(?! hang)|ty|usd|m2|m3|kwh|kg|tan|ha|con|nguoi|ho|lit)\b|%)"
)
_SEVEN = re.compile(r"[0-9]{7,8}(?![0-9a-z_])")
_PASSPORT_LETTERS = re.compile(r"(?<![0-9a-z_.,/-])([a-z]{1,2})([ -]?)\Z")
_PASSPORT_APART = re.compile(r"[a-z](?<![0-9a-z_.,/-].)(?:[ -]?[0-9]){7,8}(?![0-9a-z_])")
_THIRTEEN = re.compile(r"[0-9](?:[ .-]?[0-9]){12}(?![0-9a-z_])")
_HEALTH_LETTERS = re.compile(r"(?<![0-9a-z_])[a-z]{2}[ .-]?\Z")
_PLATE = re.compile(
    r"[1-9](?<![0-9a-z_].)(?<![0-9][.,/-].)[0-9]([ .-]?)([a-z]{1,2}[0-9]?)([ .–-]{0,3})"
    r"([0-9]{3}[. ]?[0-9]{2}|[0-9]{2}\.[0-9]{3}|[0-9]{4})(?![0-9a-z_])(?![.,][0-9])"
)
_ARMY_PLATE = re.compile(r"[0-9]{2}[ .-][0-9]{2}(?![0-9a-z_-])")
_ARMY_LETTERS = re.compile(r"(?<![0-9a-z_])[a-z]{2}[ -]\Z")
# SĐT0912…: the words for a phone may touch it.
_PHONE_ALONE = _ALONE.replace("0-9a-z_+", "0-9_+") + r"(?:(?<![a-z].)|(?<=dt.)|(?<=el.)|(?<=lo.)|(?<=lh.))"
_PHONE = re.compile(
    rf"(?:\+|8|\(|0|o(?=[0-9 .])){_PHONE_ALONE}(?:(?<=\+) ?84|(?<=8)4|(?<=\()0|(?<=[0o]))"
    r"(?: ?\(0\))?(?:[ .)_–-]{0,2}[0-9o]){7,12}(?![0-9_])"
)
_PHONE_GOES_ON = re.compile(r"[0-9_]|[.,][0-9]")
_LOCAL_PHONE = re.compile(rf"[23678]{_ALONE}[0-9]{{2,3}}[ .-]?[0-9]{{2,3}}[ .-]?[0-9]{{2,3}}{_TAIL}")
_WORD_DIGIT = "(?:" + "|".join(phone.DIGIT_WORDS) + ")"
_SPOKEN = re.compile(rf"\bkhong(?:[ ,.-]{{1,2}}{_WORD_DIGIT}){{9,10}}\b")
_AT = r"(?:@| ?[(\[] ?(?:at|a|a cong|a moc) ?[)\]] ?| (?:at|a cong|a moc) (?=[a-z0-9-]{1,40} ?(?:\.|dot|cham))| @ ?|@ )"
_DOT = r"(?:\.| ?[(\[] ?(?:dot|cham) ?[)\]] ?| (?:dot|cham) | \. )"
_EMAIL = re.compile(
    rf"(?<![a-z0-9_.+%-])[a-z0-9_+%-](?:[a-z0-9_.+%-]{{0,63}}){_AT}[a-z0-9-]{{1,63}}(?:{_DOT}[a-z0-9-]{{1,63}}){{1,4}}"
)
_SPACED_LOCAL = re.compile(r"mail(?: [a-z]+){0,4}?(?: ?:| la) +((?:[a-z0-9_.+-]+ ){1,4})\Z")
_BANK_AFTER = re.compile(rf" ?[(,-]? ?(?:tai |cua )?(?:ngan hang |nh )?(?:{BANKS})\b")
_NUMBER = re.compile(rf"[0-9]{_ALONE}")
_DATE = re.compile(
    r"(?:[0-3]?[0-9] ?(?:(?:thang|thg) ?[01]?[0-9](?: nam ?|, ?)|([/.-]) ?[01]?[0-9] ?\1 ?)(?:[12][0-9]{3}|[0-9]{2})"
    r"|[12][0-9]{3}([/.-])[01]?[0-9]\2[0-3]?[0-9]|[01]?[0-9][/.-][12][0-9]{3}|[12][0-9]{3}|[0-9]{2})(?![0-9a-z_])(?![./-][0-9])"
)

_FITS: dict[Kind, range] = {
    "id_card": range(10, 14),
    "old_id": range(8, 10),
    "tax": range(10, 11),
    "social_insurance": range(10, 11),
    "health_insurance": range(10, 11),
    "bank": range(20),
}
"""How many digits a word like CCCD may announce; a slip of the pen still is a person's number."""


def find(text: str, shape: str) -> Iterator[Candidate]:
    """Every reading of every number, mail address and date of birth; `text` NFC, `shape` its shape."""
    context = Context(shape)
    yield from _of_digits(shape, context)
    yield from _phones(shape, context)
    yield from _of_letters_and_digits(text, shape, context)
    yield from _mails(shape)
    yield from _birth_dates(shape, context)


def _of_digits(shape: str, context: Context) -> Iterator[Candidate]:
    for match in _DIGITS.finditer(shape):
        start, end, run = match.start(), match.end(), match.group()
        hint = context.before(start)
        branch = re.fullmatch(r"[0-9](?:[ .]?[0-9]){9}-[0-9]{3}", run) is not None
        count = sum(map(len, _PIECES.findall(run)))
        if hint == "tax" and branch:
            yield Candidate("tax", start, end)
        elif count == 12 and hint in ("id_card", "old_id", "tax"):
            yield Candidate("id_card", start, end)
        elif count == 9 and hint == "id_card":
            yield Candidate("old_id", start, end)
        elif hint in _FITS and count in _FITS[hint] and not _amount(shape, run, end, at_all=hint == "bank"):
            yield Candidate(hint, start, end)
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


def _bare(run: str, *, branch: bool) -> Kind | None:
    """What a number of digits is without a word before it, by its shape alone."""
    if branch:
        return "tax"
    groups = [len(piece) for piece in _PIECES.findall(run)]
    if sum(groups) == 12 and run[0] == "0" and "001" <= run[:3] <= "096":
        return "id_card" if groups in ([12], [3, 3, 3, 3], [4, 4, 4], [3, 3, 6], [3, 9]) else None
    if _card(groups, run):
        return "bank"
    if groups == [9]:
        return "old_id"
    return "social_insurance" if groups == [10] and run[0] != "0" else None


def _card(groups: list[int], run: str) -> bool:
    """Whether a number is a bank card's: of a bank here (9704…, 16 or 19 digits), or with Luhn's check digit."""
    if set(groups[:-1]) - {4} or sum(groups) not in (16, 19):
        return False
    digits = [int(char) for char in run if char.isdigit()]
    check = sum(digits[-1::-2]) + sum(sum(divmod(2 * digit, 10)) for digit in digits[-2::-2])
    return digits[:4] == [9, 7, 0, 4] or (len(digits) == 16 and run[0] in "456" and check % 10 == 0)


def _phones(shape: str, context: Context) -> Iterator[Candidate]:
    for match in _PHONE.finditer(shape):
        start = match.start() + (match.group()[0] == "(" and ")" not in match.group())
        places = [at for at, char in enumerate(shape[start : match.end()], start + 1) if char in "0123456789o"]
        digits = "".join(shape[at - 1] for at in places).replace("o", "0")
        for count in range(len(digits), 7, -1):
            end = places[count - 1]
            if _PHONE_GOES_ON.match(shape, end):
                continue
            number = phone.dialled(digits[:count])
            if number is not None and number.e164:
                yield Candidate("phone", start, end, backed=context.before(start) == "phone")
                break
    for match in _LOCAL_PHONE.finditer(shape):
        if context.before(match.start()) == "phone" and not _MONEY.match(shape, match.end()):
            yield Candidate("phone", match.start(), match.end())
    for match in _SPOKEN.finditer(shape):
        yield Candidate("phone", match.start(), match.end())


def _of_letters_and_digits(text: str, shape: str, context: Context) -> Iterator[Candidate]:
    for match in _THIRTEEN.finditer(shape):
        letters = _HEALTH_LETTERS.search(shape, max(0, match.start() - 4), match.start())
        if letters is None:
            continue
        hint = context.before(letters.start())
        if hint == "health_insurance" or text[letters.start() : letters.start() + 2].isupper():
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
    for match in _PLATE.finditer(shape):
        said_plate = context.before(match.start(), plate=True) is not None
        first, series, middle, number = match.groups()
        spelled = text[match.start(2) : match.end(2)].isupper() and series not in ("m2", "m3", "k", "h", "tr")
        hyphen = any(dash in first + middle for dash in "-–")
        if said_plate or (spelled and (hyphen or len(number) > 4)) or (hyphen and len(number) > 5):
            yield Candidate("plate", match.start(), match.end(), backed=said_plate)
    for match in _ARMY_PLATE.finditer(shape):
        letters = _ARMY_LETTERS.search(shape, max(0, match.start() - 4), match.start())
        if letters and context.before(letters.start(), plate=True):
            yield Candidate("plate", letters.start(), match.end())


def _mails(shape: str) -> Iterator[Candidate]:
    for match in _EMAIL.finditer(shape):
        start = match.start()
        spaced = _SPACED_LOCAL.search(shape, max(0, start - 60), start)
        yield Candidate("email", spaced.start(1) if spaced else start, match.end())


def _birth_dates(shape: str, context: Context) -> Iterator[Candidate]:
    for number in _NUMBER.finditer(shape):
        if context.before(number.start()) != "birth_date":
            continue
        match = _DATE.match(shape, number.start())
        if match is None:
            continue
        run = match.group()
        gap = shape[max(0, match.start() - 8) : match.start()]
        if run.isdigit() and len(run) == 2 and not re.search(r"\b(?:sn|nam|sinh)[ :]{1,2}\Z", gap):
            continue
        if len(run) > 4 or not run.isdigit() or len(run) == 2 or "1900" <= run <= "2099":
            yield Candidate("birth_date", match.start(), match.end())

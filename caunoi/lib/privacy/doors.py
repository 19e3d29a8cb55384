"""House, flat, lot and alley numbers in a text: where somebody lives, not how a road or an office is called."""

import re
from collections.abc import Iterable, Iterator
from itertools import chain

from caunoi.lib.privacy import names
from caunoi.lib.privacy.spans import Candidate

_EDGE = r"(?![0-9a-z_])(?![.,/-][0-9])"
_LETTER = "(?:[a-gln-su-z][0-9]?)?"  # 12m, 8h, 5k, 3t are amounts
_APART = r"(?: [a-d](?=,? (?:duong|hem|ngo|ngach|kiet|pho|to|ap|kp)\b))"
_NUMBER = rf"[0-9]{{1,4}}(?: ?(?:bis|ter)\b|{_APART}|{_LETTER})(?:/[0-9]{{1,4}}{_LETTER}){{0,4}}"
_NUMBERS = rf"{_NUMBER}(?: ?[-–] ?[0-9]{{1,4}}{_LETTER})?"
"""Also of a house with two: 24-26."""
_LETTERED = r"(?:[0-9]{1,4}(?: ?(?:bis|ter)\b|[a-gln-su-z])|[0-9]{1,4}[a-z]?(?:/[0-9]{1,4}[a-z]?){1,4})"
"""A number that is hardly an amount: with a letter, or parted."""
_UNIT = r"(?:[a-z]{1,2}[0-9]{0,2}[.-]?[0-9]{1,5}(?:[.-][0-9]{1,4})?|[0-9]{1,5}[a-z]?(?:[./-][0-9]{1,4}){0,2})"
_UNCOUNTED = (
    r"(?! ?(?:nguoi|ho|can|cai|tang|lau|lung|met|m2|m3|m|khoi|phan(?! (?:trung|chu|boi|dinh|dang|van|huy|ba)\b)"
    r"|ly|gian|phong|mat|trieu|tr|k|ty|ngan|nghin|dong|lan"
    r"|nam|thang"
    r"|ngay|gio|tieng|phut|tuoi|con|dua|be|the he|doi|chiec|xe|cay|khau|nhan khau|kg|tan|ta|lit|thanh vien|cong|sao"
    r"|ha|mau|chuc|tram|muoi|muoi|bua|dem|hom|tuan|buoi|chau|anh|chi|em|ong|ba|bo|vo|mieng|thua|lo|ap|lop|lan|dong"
    r" ho|cap|nha|ben|dau|phia|cua|bong|quat|may|mau|h|hay|hoac|den|toi|mot|hai|ba|bon|suat|thung|bao|kwh|so|va"
    r" [0-9]+ (?:nguoi|ho|can|tang))\b|%)"
)
"""After a number: it counts nothing."""
_SOMEONES = r"(?:nha|ho|gia dinh|ong|ba|anh|chi|co|chu|bac|em)"
_NO_DWELLING = r"(?:may|van|tho|tre|hang\b(?! xom)|nuoc|truong|thuoc|khach|xe|nghi|ve sinh|cap|bao|dau tu|thau)"
_OF_A_HOUSE = rf"nha(?! {_NO_DWELLING})(?: toi| em| minh| con| ngoai| noi| chau| tui| tao| ba| ong| me| me em)?"
_PART_OF_TOWN = r"(?:hem|ngo|ngach|kiet|to|ap|thon|kp|khu pho|xom|khu)\b"
_ADDRESS = r"(?:dia chi|d/c|dc|d\.c|noi o|cho o|noi cu tru|thuong tru|tam tru|cu tru|noi dang ky|ho khau)"
_LEADS_TO_SO = r"(?:la|tai|ghi|thanh|nhung|toi|em|minh|ve|doi|sua|nham|sai|nha|moi|cu|dung|lon|thanh|phai)"
_COUNTS_NOTHING = rf"{_NUMBER}(?![0-9a-z_]){_UNCOUNTED}"
# In English: a home is named, or a place given by a number in a street.
_NUMBERED = r"(?:number |no[. ]{1,2}|#)?"
_COUNTED = r"(?:days?|hours?|minutes?|weeks?|months?|years?|times|people|persons|floors?|m|met(?:er|re)s?|km|am|pm)\b"
_HOME = rf"(?:house|home|flat|apartment|address)(?: is| at)?[ :]{{1,3}}{_NUMBERED}(?![0-9]{{1,4}} ?{_COUNTED})"
_LIVES = rf"(?:live|lives|lived|living|stay|staying) (?:at|in (?:house|flat|apartment)) {_NUMBERED}"
_AT = rf"(?:at|near|behind|opposite|outside|beside|next to|of|across from) {_NUMBERED}"
_STREET_NAME = r"(?:(?!(?:am|pm|on|in|of|at|the|and|to|by|along|from)\b)[a-z]{1,8} ){1,4}"
_STREET = rf"(?=[^ ,]{{1,20}},? {_STREET_NAME}(?:street|st|road|rd|alley|lane|avenue|ave)\b)"
_WAY = (
    r"(?:duong|d\.|pho|hem|ngo|ngach|kiet|to(?= ?(?:dan pho )?(?:so )?[0-9])|ap|thon|kp|khu pho|tdp|dai lo|quoc lo|ql"
    r"|tinh lo|dt(?=[ .]?[0-9]{2,3}\b(?![ .][0-9]))|xom|buon|khu)\b"
)

# Each takes the number as its group. The search begins at edges of words alone, not at each letter.
_HOUSE = re.compile(
    "(?:(?<![0-9a-z])(?=[a-z#])|(?=[(,:]))(?:"
    + "|".join(
        rf"{before}({number}){_EDGE}"
        for before, number in (
            (r"(?:nha so|so nha) (?=[0-9]{1,4} [a-z][0-9]\b)", r"[0-9]{1,4} [a-z][0-9]"),
            (r"so nha(?: cua [a-z]+| cu| moi| la| toi| em| minh)?[ :]{1,3}(?:so )?", _NUMBERS),
            (r"so nha[^\n.;0-9]{1,20} (?:va|voi|,) ", _NUMBER),
            (rf"nha(?! {_NO_DWELLING})(?: [a-z]+){{0,3}} [\"“'(]?so[ :]{{1,3}}", _NUMBERS),
            (rf"{_SOMEONES}(?: [a-z]+){{1,4}} ?[(\[] ?(?={_LETTERED}[)\]])", _LETTERED),
            (r"sn[ :]{1,2}(?=[^ ]{1,9},? (?:duong|hem|ngo|ngach|kiet|pho|to|ap|kp|khu)\b)", _NUMBER),
            (r"can (?:so )?", r"(?:[a-z]{1,2}[0-9]?-[0-9]{2,4}|[0-9]{1,2}\.[0-9]{2}(?! ?(?:m2|trieu|tr|ty|m)\b))"),
            (r"nha (?:so )?", r"[a-z][0-9]?-[0-9]{1,3}"),
            (rf"nha(?! {_NO_DWELLING}) (?=[0-9]{{1,4}}[,.;] )", r"[0-9]{1,4}"),
            (r"(?:lien ke|biet thu|shophouse|nha pho)(?: so)? ", r"[a-z]{1,2}[0-9]{0,2}-[0-9]{1,3}"),
            (
                r"(?:hem|ngo|ngach|kiet)[ :][^\n.;]{1,20}, nha (?:so )?(?![0-9]{1,4} (?:nguoi|ho|can|tang|met)\b)",
                _NUMBER,
            ),
            (rf"{_SOMEONES}(?: [a-z]+){{1,6}} ?[(\[] ?(?:so nha|nha so|so)[ :]{{1,3}}", _NUMBER),
            (r"can(?: ho)(?: chung cu)?(?: so)?[ :]{1,3}", _UNIT),
            (r"can (?:so )?", r"[a-z]{1,2}[0-9]{1,2}[.-][0-9]{1,3}"),
            (r"(?:dia chi|d/c|dc|o|tai|ngu|nha)[ :]{1,3}(?:so )?", r"[a-z][0-9]{1,3}(?:/[0-9]{1,3}[a-z]?){1,3}"),
            (r"can (?:so )?(?![0-9]{3,4} ?(?:dong|k|tr|nguoi|m2|kg|cai))", "[a-z]?[0-9]{3,4}"),
            (r"can (?:ho )?(?:so )?(?=[0-9]{1,2}\.[0-9]{2} (?:chung cu|block|toa|thap))", _UNIT),
            (r"(?:day|nha|khu)(?: nha)? tro [^\n.;0-9]{0,30}phong (?:so )?", _UNIT),
            (r"phong tro (?:so )?", r"[a-z]?[0-9]{1,3}[a-z]?(?! ?(?:m2|nguoi|trieu|tr|k|minh|can|day|thang)\b)"),
            (r"(?:ktx|ky tuc xa)[^\n.;0-9]{0,20}phong (?:so )?", _UNIT),
            (
                r"(?:dia chi|d/c|dc|ngu|tru tai)[ :][^\n.;0-9]{0,12}(?:[0-9]{1,3}[^\n.;0-9]{0,20})?"
                r", (?:nha )?so[ :]{1,2}",
                _NUMBER,
            ),
            (r"phong(?: tro)? so[ :]{1,3}", _UNIT),
            (r"phong(?: tro)? (?=[0-9]{1,4}[a-z]? (?:nha tro|khu tro|day tro|chung cu|toa|tang))", _UNIT),
            (
                r"(?<!giao )(?<!dai )(?<!xa )(?<!tinh )(?<!huong )lo(?: dat)?(?: so)? ",
                "(?!(?:ql|dt|tl|hl|dh)[0-9])[a-z]{1,2}-?[0-9]{1,3}(?:[.-][0-9]{1,3})?",
            ),
            (r"(?:hem|ngo|ngach|kiet)[ :]{1,2}", "[0-9]{1,4}[a-z]?(?:/[0-9]{1,4}[a-z]?){1,4}"),
            (
                rf"(?:nha|tro)(?! {_NO_DWELLING})(?: toi| em| minh| con| ngoai| noi| chau| tui)?[ :]{{1,3}}(?:so )?",
                _LETTERED,
            ),
            (
                r"(?:dia chi|d/c|ngu|thuong tru|tam tru|cu tru|tru tai)"
                r"(?: tai| la| o| nha| hien tai)?[ :]{1,3}(?:so )?",
                _LETTERED,
            ),
            (r"dia chi[a-z ]{0,20}: ?(?:so )?", rf"(?:{_LETTERED}|[a-z][0-9]{{1,3}}/[0-9]{{1,3}}[a-z]?)"),
            (r"can ho (?:so )?", r"[0-9]{1,2}[a-z][0-9]{1,2}"),
            (r"(?:room|unit|apt|apartment) (?:no[. ]{1,2}|#)?", r"[a-z]?[0-9]{2,4}[a-z]?"),
            (r"(?:so|so nha)[ :]{1,2}", r"[0-9]{1,4} bis"),
            (
                r"(?:o|ngu|tai)(?: nha)? so[ :]{1,2}",
                r"[0-9]{1,4}[a-z]?(?:/[0-9]{1,4}[a-z]?){1,4}(?=[?,;)]|\.(?:\s|\Z))",
            ),
            (r"(?:ke|ben|canh|sat|doi dien) ", r"[0-9]{1,4}[a-z]?(?:/[0-9]{1,3}[a-z]?){2,3}"),
            (r"[,:(] ?(?:nha )?so[ :]{1,2}", r"[0-9]{1,4}[a-z]?(?:/[0-9]{1,4}[a-z]?){1,4}"),
            (r"[(] ?(?:nha )?so[ :]{1,2}(?=[0-9]{1,4}[a-z]?\))", _NUMBER),
            (r"phong(?: tro)?[ :]{1,3}(?:so )?(?=[a-z][0-9]|[0-9]{1,3}[a-z])", _UNIT),
            (r"(?:sau|truoc|canh|ben|doi dien) nha (?![0-9]{1,4} ?(?:nguoi|tang|m|met|ho)\b)", _NUMBER),
            (
                rf"{_OF_A_HOUSE}(?: so)?[ :]{{1,3}}(?=[0-9]{{2}}|[0-9][a-z/,.;)]|[0-9] (?:nay|do|kia|ben|ma)\b)",
                _COUNTS_NOTHING,
            ),
            (rf"{_OF_A_HOUSE} (?:so )?", r"[0-9]{1,2}[hkmt](?:/[0-9]{1,4})?"),
            (rf"{_PART_OF_TOWN}[. ]?[^\n.;,:]{{1,24}},? nha (?:so )?", _COUNTS_NOTHING),
            (rf"{_PART_OF_TOWN}[. ]?[^\n.;,:]{{1,24}}, so[ :]{{1,2}}", _COUNTS_NOTHING),
            (r"nha [a-z]{1,7}, so[ :]{1,2}", _COUNTS_NOTHING),
            (r"so (?:nha )?(?:cu|moi|nha)(?: la)?[ :]{1,3}(?:so )?", _COUNTS_NOTHING),
            (
                r"so nha (?:cua [a-z]+ |toi |em |minh |nay |do |cu |moi |hien tai )?(?:la|thi|ghi|thanh)[ :]{1,3}"
                r"(?:so )?",
                _NUMBER,
            ),
            (r"(?:hai|2|ke|canh) ben(?: canh| trai| phai| nha)? (?:la |so |nha )(?:so )?", _COUNTS_NOTHING),
            (rf"{_ADDRESS}[^\n.;]{{0,50}}(?:[,:(] ?|\b{_LEADS_TO_SO} )so[ :]{{1,2}}", _COUNTS_NOTHING),
            (rf"{_ADDRESS}(?: nha)?[ :]{{1,3}}(?=[0-9]{{1,4}}[a-z]?,? (?:to|ap|thon|kp|khu pho)\b)", _NUMBER),
            (r"(?:day [a-z0-9]{1,2}|tro|ktx|ky tuc xa)[, ]{1,2}phong (?:tro )?(?:so )?", rf"{_UNIT}{_UNCOUNTED}"),
            (r"(?=p[. ]{0,2}[0-9]{3})", rf"p[. ]{{0,2}}[0-9]{{3,4}}[a-z]?{_UNCOUNTED}"),
            (
                r"(?:p|phong)[. ]{0,2}(?=[a-z]?[0-9]{1,4}[a-z]?,? (?:nha tro|khu tro|day tro|chung cu|toa|ktx"
                r"|ky tuc|khu nha))",
                _UNIT,
            ),
            (r"(?:o|tai|ngu|chu|can|ho|nha|so|cua) (?:can )?", r"[a-z][0-9]{0,2}[.-][0-9]{1,2}[.-][0-9]{2,3}"),
            (r"lo [a-z]{1,2}[0-9]{1,2} ?[-–,] ?o (?:so )?", r"[0-9]{1,3}"),
            (_HOME, _NUMBER),
            (_LIVES, _NUMBER),
            (_AT + _STREET, _NUMBER),
        )
    )
    + ")"
)
_NUMBER_THEN_WORD = re.compile(
    rf"([0-9](?<![0-9a-z_].)(?<![0-9][.,/–-].)(?<![a-z]-.){_NUMBERS.replace('{1,4}', '{0,3}', 1)})(?:,? | ?- )(?=[a-z])"
)
_LETTER_THEN_NUMBER = re.compile(r"([a-z](?<![0-9a-z_./-].)[0-9]{1,3}/[0-9]{1,3}[a-z]?(?:/[0-9]{1,3})?),? (?=[a-z])")
_TWICE_PARTED = re.compile(
    r"[0-9](?<![0-9a-z_].)(?<![0-9][.,/-].)[0-9]{0,3}[a-z]?/[0-9]{1,3}[a-z]?/[0-9]{1,3}[a-z]?(?:/[0-9]{1,3}[a-z]?)?"
    r"(?=[,;)]|\.?(?:\s|\Z))"
)
"""87/14/2A, that is no day."""
_ITS_PLACE = re.compile(r"(?:\A(?: o| tai)|(?: dong| dat| nam| toa lac) (?:o|tai)(?: so)?|(?: o| tai) so) ?\Z")
_A_DAY = re.compile(r"[0-3]?[0-9]/[01]?[0-9]/(?:[0-9]{2})|[0-9]{2}/[0-3]?[0-9]/[0-3]?[0-9]")
_OF_A_PAPER = re.compile(
    r"\b(?:qd|quyet dinh|cong van|cv|don|so|hs|ho so|van ban|nghi dinh|hd|ty le|do|phan)[ :]{1,2}\Z"
)
_ANOTHER = re.compile(rf"(?:, | va | voi |/| & )(?:so |nha |nha so )?({_NUMBER}){_EDGE}{_UNCOUNTED}")
_WORD_NUMBER = "(?:mot|hai|ba|bon|tu|nam|lam|sau|bay|tam|chin|muoi|linh|le|tram|xet|xuyet|tren|sec)"
_IN_WORDS = re.compile(
    rf"\b(?:so nha|nha so|nha|so)[ :]{{1,3}}({_WORD_NUMBER}(?: {_WORD_NUMBER}){{1,6}}(?: (?:a|be|xe|ce|de|ka))?)"
    rf"(?=,? (?:duong|hem|ngo|ngach|kiet|pho)\b)"
)
"""Written out: sáu mươi tám bê."""
_ROOM_AFTER_PERSON = re.compile(
    rf",? [(]?(?:(?:phong|nha so|can|can ho) (?:so )?(?P<room>{_UNIT})"
    r"|(?P<house>[0-9]{1,4}[a-z]?/[0-9]{1,4}[a-z]?/[0-9]{1,3}[a-z]?|(?:[4-9][0-9]|[0-9]{3})[a-z]?/[0-9]{1,4}[a-z]?))"
    r"(?= |[.,;)]|\n|\Z)"
)
_WAY_THERE = re.compile(rf"{_WAY} ?[a-z0-9]|(?:kp|tdp|ql|dt)[0-9]")
_SO = re.compile(r"\bso[ :]{1,2}\Z")
# "số 5" of these is their name.
_NUMBERED_THING = re.compile(
    r"\b(?:duong|cau|dinh|lop|phong kham|truong|truong [a-z ]{1,20}|mam non|tieu hoc|quoc "
    r"lo|to|ap|thon|quay|tuyen|buyt|ky"
    r"|dieu|khoa|da khoa|benh vien|khu pho|hem|ngo|ho|thac|cua|xang dau|ban|tram|tru(?: den| dien)?|cot(?: den| "
    r"dien)?|den"
    r"|bong|chot|kho|doi|kenh|cang|ben|khu|bai"
    r"|thua|thua dat|to ban do|mau|dot|tram y te|phieu|giay|don|cong van|don vi|thon|ubnd|cum|lo|nga tu|nga ba|km"
    r"|ql|hai|moi|cac|(?:lo|thua|nen|manh|mieng) dat|thuong binh|benh binh|cong to|dong ho|cay xang) ?\Z"
)
_GRADE = re.compile(r"\b(?:thuong binh|benh binh|hang|muc|loai|bac|ty le)(?: hang| loai)? \Z")
_OF_AN_OFFICE = re.compile(
    r"[^\n.;,]{1,30}(?: la| ?\(|,)(?: nha| cai)? ?(?:tru so|ubnd|uy ban|sieu thi|truong|cong an|cong ty|benh vien|cho\b"
    r"|nha van hoa|nha hang|khach san|ngan hang|buu dien|tram y te"
    r"|cua hang|tiem|showroom|cay xang|kho bac|thu vien)"
)
_DWELLING = re.compile(
    r"(?:\b(?:o|tai|ngu|dia chi|dc|d/c|ve|nha|tru|ngu tai|o tai|song tai|hien o|thuong tru|tam "
    r"tru|qua|den|toi|sau|canh|vao|mat tien|doi dien|gan|ngay"
    r"|so)[ :]{1,3}"
    r"|[,:(–] ?| - |\A|\n ?|\b(?:ngo|hem|kiet) [0-9]{1,4},? (?:nha )?)\Z"
)
_OFFICE = re.compile(
    r"\b(?:tru so|ubnd|uy ban|van phong|trung tam|chi cuc|cuc|vu|bo|toa an|benh vien|truong|cong ty|kho bac"
    r"|buu dien|phong quan ly|nha thuoc|nha hang|khach san|sieu thi|cua hang|tiem|phong kham|tram can|thu vien"
    r"|bao tang|so (?:xay dung|y te|giao duc|noi vu|tu phap|tai chinh|cong thuong|nong nghiep|van hoa))\b"
    r"([^\n.;]{0,60})\Z"
)
_SOMEONE = re.compile(
    r"\b(?:toi|em|minh|nha|ho|ong|ba|anh|chi|(?<!long )chau|ngu|o|gan|(?<!nhap )canh|sau|truoc|doi dien|co|chu|bac)\b"
)
_AROUND_THE_CLOCK = re.compile("24/(?:7|24)|1/(?:500|2000|5000)|(?:19[5-9]|20[0-3])[0-9]|[2-5]g")
"""Also a plan's scale, and a year: cháy nhà 1992."""
_BY_THE_ROAD = re.compile(
    r"\b(?:trụ|tru dien|cột|cot dien|cọc|mốc|trạm|đèn|den duong|bóng|tủ|tu dien|hố ga|ho ga|nắp cống|nap cong|biển"
    r"|bảng|km|cây số|cay so|camera)"
    r"(?: điện| đèn| hạ thế| trung thế| cao thế| biến áp| tín hiệu| báo)?(?: số| so)? \Z"
)
"""What has its number beside the road."""
_UP_TO = re.compile(r"\btu (?:nha )?(?:so )?(?:nha )?[0-9]{1,4}[a-z]?(?:/[0-9]{1,4})? (?:den|toi) (?:nha )?(?:so )?\Z")
"""From one house to another: nobody's."""
_DAY = re.compile(r"\b(?:khoi nha|ngay|luc|hoi|dip|le|sang|chieu|toi|tu|mung) \Z")


def find(text: str, shape: str) -> Iterator[Candidate]:
    """The numbers of homes; `text` NFC, `shape` its shape."""
    for match in _HOUSE.finditer(shape):
        group = match.lastindex or 1
        if text[match.start() : match.start() + 3].lower() == "cần" or _AROUND_THE_CLOCK.fullmatch(match.group(group)):
            continue
        if not _of_an_office(shape, match.start()) and not _is_an_amount(text, *match.span(group)):
            yield Candidate("house_number", match.start(group), match.end(group))
            for other in _others(shape, match.start(), match.end()):
                yield Candidate("house_number", *other.span(1))
    for match in _IN_WORDS.finditer(shape):
        yield Candidate("house_number", *match.span(1))
    for match in chain(_NUMBER_THEN_WORD.finditer(shape), _LETTER_THEN_NUMBER.finditer(shape)):
        way = _WAY_THERE.match(shape, match.end()) is not None and text[match.end() : match.end() + 2].lower() != "tờ"
        if (way or names.street(text, shape, match.end())) and _of_a_home(text, shape, match):
            yield Candidate("house_number", match.start(1), match.end(1))
    for match in _TWICE_PARTED.finditer(shape):
        if not _A_DAY.fullmatch(match.group()) and not _OF_A_PAPER.search(
            shape, max(0, match.start() - 12), match.start()
        ):
            yield Candidate("house_number", *match.span())


def of_people(shape: str, people: Iterable[tuple[int, int]]) -> Iterator[Candidate]:
    """The rooms that stand right after somebody's name: Thị Hương phòng 6."""
    for _, end in people:
        if match := _ROOM_AFTER_PERSON.match(shape, end):
            yield Candidate("house_number", *match.span(match.lastgroup or 0), backed=False)


def _is_an_amount(text: str, start: int, end: int) -> bool:
    """Whether a number ends with a small k, m, t or h: 16k is money, 16K may be a door."""
    return text[end - 1] in "kmth" and text[start:end].count("/") == 0


def _others(shape: str, start: int, end: int) -> Iterator[re.Match[str]]:
    """The numbers of more houses after one that is called so: số nhà 5, 7 và 9A."""
    while ("so" in shape[start:end] or "ben" in shape[start:end]) and (match := _ANOTHER.match(shape, end)) is not None:
        yield match
        end = match.end()


def _of_a_home(text: str, shape: str, match: re.Match[str]) -> bool:
    """Whether a number before a street is a house's: said so, or written 12/3 or 12B where an address stands."""
    start = match.start()
    window = max(0, start - 70)
    if _of_an_office(shape, start) or _DAY.search(shape, window, start) or _GRADE.search(shape, window, start):
        return False
    if _OF_AN_OFFICE.match(shape, match.end()):
        return False
    number = match.group(1)
    if _BY_THE_ROAD.search(text[window:start].lower()) or _BY_THE_ROAD.search(shape, window, start):
        return False
    if _AROUND_THE_CLOCK.fullmatch(number) or _UP_TO.search(shape, window, start):
        return False
    so = _SO.search(shape, window, start)
    if so is not None:
        culvert = text[max(0, so.start() - 5) : so.start()].strip().lower() == "cống"
        return not culvert and _NUMBERED_THING.search(shape, window, so.start()) is None
    if re.search(r"\b(?:duong|hem|ngo|kiet|to|ap|thon|kp|khu pho|pho|quan|phuong|lop|km) \Z", shape[window:start]):
        return False
    return not number.isdigit() or _DWELLING.search(shape, window, start) is not None


def _of_an_office(shape: str, start: int) -> bool:
    """Whether an office is named before, and nobody between."""
    office = _OFFICE.search(shape, max(0, start - 80), start)
    return office is not None and _SOMEONE.search(_ITS_PLACE.sub("", office.group(1))) is None

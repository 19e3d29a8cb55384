"""People's names in a letter: after a form of address or an introduction, or by their family name.

Streets, schools and wards are called after people too: a name after such a word, or one that streets bear all over the
country, is a person's only after a form of address.
"""

import re
from collections.abc import Iterator

from caunoi.lib.privacy import highland
from caunoi.lib.privacy.letter import Letter
from caunoi.lib.privacy.lexicon import (
    BARE_FAMILIES,
    BARE_STREETS,
    CAPITAL_GIVEN,
    COMMON_FAMILIES,
    FAMILIES,
    GIVEN_NAMES,
    NOT_NAMES,
    PLACES,
    STREETS,
)
from caunoi.lib.privacy.spans import Candidate
from caunoi.lib.vietnamese.writing import norm


def _set(words: str, *, by: str | None = None) -> frozenset[str]:
    return frozenset(words.split(by))


TITLES = _set("ông bà anh chị em cháu cô chú bác thầy cụ bé thím dì cậu mợ dượng thằng vợ chồng")
_SHORT_TITLES = _set("a c ô")
"""anh, chị, ông as they are noted, before a name with its capital."""
_BARE_TITLES = _set("ong chi chau thay ba co chu bac cu be thim thang")
_BARE_TITLES_OF_SMALL = _set("ong anh chi ba chu bac thim")
ORDER = _set("hai ba tư năm sáu bảy tám chín mười út cả tu nam sau bay tam chin muoi ut")
"""Birth orders, which serve as names: chị Hai, anh Tư, Út Hiền."""
_NO_ORDER_BEFORE = _set(
    "nay ngoái trước tuổi lần ngày tháng người con cái đứa giờ tiếng nào học hộ nhà chị anh em mươi trăm nghìn "
    "triệu"
    " lít căn xe phòng tầng ngoai truoc tuoi lan ngay thang nguoi gio tieng nha tram nghin trieu phut phút bữa "
    "tuần vấn hoa trong van"
)
_NICKNAMES = GIVEN_NAMES | _set("bún mập đen lùn rô cá lúa phở đèo chè bánh")
_BARE_GIVEN = _set("tuan cuong hung ngoc thao yen hanh hien phuong quynh tuyet thuy nghia thinh toan phuoc")
_ROLES = _set(
    "co giao,thay giao,giao vien,giao su,bac si,bs,y ta,dieu duong,truong thon,truong ap,to truong,can bo,cong an khu "
    "vuc"
    ",gia lang,truong buon,truong bon,truong soc,truong phum,a cha,sai vai"
    ",bi thu,giam doc,ke toan,ke toan truong,thu quy,chu ho,chu quan,chu nha,chu tro,chu thau,hang xom"
    ",luat su,xom truong,ap truong,trung uy"
    ",dai uy,thieu ta,truong khu pho,chu xe,tai xe,hieu truong,nguoi ban,ban gai,giao dich vien,chu nhiem,con gai,con "
    "trai"
    ",shipper,con nho,thang nho,cha noi,nguoi bao la anh,anh dn,chi dn,ong dn,ba dn"
    ",em trai,em gai,anh trai,chi gai,vo chong,anh em,con dau,con re,mr,mrs,ms",
    by=",",
)
"""What stands between a form of address and a name, or in place of one, folded. Here as below, what ends with another
of the same set need not be in it: họ tên ends with tên."""
_NAMING = _set(
    "xung,xung la,ten o nha la,ten that la,chu la,goi la,chu re,co dau,lien he,lh"
    ",ten,ten la,ten toi,ten em,ten minh,ten chau,ctk,chu tai khoan,chu tk,chu the,name"
    ",toi la,em la,minh la,chau la,con la,e la,t la,vo la,chong la,me la",
    by=",",
)
"""After these stands a name, even of one word."""
_INTRODUCING = _set(
    "nguoi gui,nguoi nhan,nguoi viet,nguoi to cao,nguoi bao,nguoi lam don,nguoi viet don,nguoi nop thue"
    ",nguoi phan anh,nguoi lien he,nguoi ky,nguoi khai"
    ",cong dan,dai dien,dai dien ho dan,hoi vien,khach hang,co so,benh nhan,nan nhan,hoc "
    "sinh,toi,em,la,chau",
    by=",",
)
"""After these may stand a full name."""
_PLACE_WORDS = _set(
    "duong,pho,hem,ngo,ngach,kiet,tieu hoc,thcs,thpt,mam non,mau giao,phuong,p,xa,x,huyen,tp,thi tran,quan"
    ",q,ap,thon,buon,soc,kp,khu,cau,cong vien,benh vien,vong xoay,nga tu,nga ba,nga nam,chua,nha "
    "tho,dinh,mieu,tuong dai"
    ",tuong,quang truong,dai lo,cong ty,cty,ga,ben xe,nui,song,suoi,deo,anh hung,khu cong nghiep,kcn,kdc,rap,phong "
    "kham,tram"
    ",giao xu,giao ho,ho dao,xu dao,ngan hang,bv,lang,le hoi,hoc vien,dai hoc,cao dang,mang ten,duong ten,d,dl,hai",
    by=",",
)
_OF_PEOPLE = (["gia dinh"], ["gia lang"])
"""What ends like a place but says who somebody is: no đình, no làng."""
_NEXT_FIELD = _set("sdt cccd cmnd email ubnd phuong duong tinh huyen xa dia stk mst bhxh bhyt tk ctk tel zalo mail")
_MIDDLE = _set("văn thị van thi")
_NO_MIDDLE = _set(
    "ban phong hoa minh con de dong hanh tran xa thuc truong cong diem cu kien nghiem chung san nghe vat tu"
)
"""No name: văn bản, văn phòng, thị trấn, thi hành …"""
_NO_GIVEN = _set("tam uong doan hoc quoc an hiem quan")
"""No given name: Trung tâm, Trung ương, Công an, Bảo hiểm, Hải quan …"""
_AFTER_NAME = _set(
    "o so nha sinh sn cccd cmnd dt sdt que la va da bi lam dan muon xin co toi hoi nam ngu tai di thi nen voi cho dia "
    "dang"
    " chua ko khong duoc phan kinh em ba anh chi ho"
)
_INTEREST = frozenset({*ORDER, *GIVEN_NAMES, *_BARE_GIVEN, *COMMON_FAMILIES, *BARE_FAMILIES})
_STARTS_OF_PLACES = frozenset(" ".join(place.split()[:2]) for place in PLACES) | {"cong ty", "cong an", "xa hoi"}
_INTRODUCTION = re.compile(r"[ :,\-–]{1,3}| ?:? ?\n *")
_DOOR = re.compile(r" (?:so )?[0-9]{1,4}[a-z]?(?:/[0-9]{1,4}[a-z]?)*,? ")
_OF_A_PERSON = re.compile(r"[ ,;:(–-]{1,3}(?:sinh|sn|nam sinh|cccd|cmnd|sdt|dt|ngu|ns|[0-9]{4}|so d)\b")
_WITH_A_PHONE = re.compile(r"[ ,:(–-]{1,3}(?:[a-z]+[ ),:-]{1,3}){0,3}(?:0|\+?84)[0-9 .]{8,}")
_OFFICE = re.compile(
    r"[ ,(–-]{1,3}(?:nguyen )?(?:quyen )?(?:pho )?(?:chu tich|giam doc|bi thu|chanh van phong|truong phong|truong ban"
    r"|cuc truong|truong cong an|hieu truong|thu truong|bo truong) (?:nuoc|hdnd|ubnd|hoi dong|uy ban|ubmttq|so|tinh"
    r"|thanh pho|tp|huyen|xa|phuong|thi tran|cong an|bo|cuc|chi cuc|ban|van phong|dang uy|phong)\b"
)
_HEADS = _set("chu tich nuoc,tong bi thu,thu tuong,chu tich quoc hoi,bo truong", by=",")
_LONGEST = 5


def find(text: str, shape: str) -> Iterator[Candidate]:
    """The names of persons; `text` NFC, `shape` its shape."""
    letter = Letter(text, shape)
    at, last, street_ended = 0, -1, -1
    while at < letter.size:
        length = 0
        if letter.capital(at):
            run = _run(letter, at)
            another = at == last and letter.gap(at) in (", ", " - ", " – ") and run == 1 and _called(letter, at, run)
            listed = _listed(letter, at, street_ended)
            length = run if run and not listed and (another or _capitalised(letter, at, run)) else 0
            if not length and letter.low(at) in FAMILIES and letter.low(at) not in TITLES:
                at += max(1, run)  # all of a street's name, so that none begins inside it
                street_ended = at
                continue
        elif letter.folded(at) in _INTEREST or letter.low(at) in _INTEREST:
            length = _small(letter, at)
        if length and not _in_office(letter, at, length):
            yield Candidate("person", letter.starts[at], letter.ends[at + length - 1])
            last = at + length
        at += length or 1


def _in_office(letter: Letter, at: int, length: int) -> bool:
    """Whether somebody is named with the office in which they acted: ông Lê Văn C, Chủ tịch UBND xã; not where the
    letter is to them."""
    if length < 2 or {"kinh thua", "kinh gui"} & {phrase[:9].strip() for phrase in letter.phrases(at)}:
        return False
    return _OFFICE.match(letter.after(at + length - 1, 60)) is not None or _any_among(letter.phrases(at), _HEADS)


def _listed(letter: Letter, at: int, street_ended: int) -> bool:
    """Whether the words follow a street in a row of streets: Lê Văn Sỹ - Trần Huy Liệu, từ Lê Lợi đến …"""
    if at == street_ended:
        return letter.gap(at) in (" - ", " – ", "-", "/", " / ")
    return at - 1 == street_ended and letter.joined(at) and letter.folded(at - 1) in ("va", "voi", "den", "toi", "giao")


def street(text: str, shape: str, start: int) -> bool:
    """Whether a street's name begins there: one that streets bear, or a person's."""
    letter = Letter(text[start : start + 60], shape[start : start + 60])
    if _bears(letter, 0, letter.size):
        return True
    return letter.size > 0 and letter.capital(0) and _run(letter, 0) > 1 and letter.low(0) in FAMILIES


def _bears(letter: Letter, at: int, length: int) -> bool:
    """Whether the first two to four of these words are a name that streets bear."""
    name = norm(letter.low(at))
    for next_ in range(at + 1, min(at + length, at + 4)):
        if not letter.joined(next_):  # nor is there one
            return False
        name += " " + norm(letter.low(next_))
        if name in STREETS or (name.isascii() and name in BARE_STREETS):
            return True
    return False


def _run(letter: Letter, at: int) -> int:
    """How many capitalised words from there may be one name; 0 where none begins."""
    if letter.low(at) in TITLES and letter.low(at) != "bé":
        return 0
    headline, family = letter.capitals(at), letter.low(at) in FAMILIES or letter.low(at) == "thị"
    for next_ in range(at + 1, min(at + _LONGEST, letter.size)):
        if (
            not (letter.joined(next_) or _initial(letter, next_ - 1))
            or not letter.capital(next_)
            or letter.folded(next_) in _NEXT_FIELD
        ):
            return next_ - at
        if (_titles_another(letter, next_) and not family) or (headline and not letter.capitals(next_)):
            return next_ - at
    return min(_LONGEST, letter.size - at)


def _initial(letter: Letter, at: int) -> bool:
    """Whether the word is an initial with its dot: Nguyễn V. An."""
    return letter.ends[at] - letter.starts[at] == 1 and letter.capital(at) and letter.after(at, 2) == ". "


def _titles_another(letter: Letter, at: int) -> bool:
    """Whether a capitalised word in a row of them is a form of address: Chị; Anh only before a name (Ngọc Anh)."""
    if letter.low(at) not in TITLES:
        return False
    return letter.low(at) not in ("anh", "em", "bé") or (letter.joined(at + 1) and letter.capital(at + 1))


def _capitalised(letter: Letter, at: int, run: int) -> bool:
    """Whether a run of capitalised words is a person's name."""
    low, gap = letter.low(at), letter.gap(at)
    if run > 1 and f"{letter.folded(at)} {letter.folded(at + 1)}" in _STARTS_OF_PLACES:
        return False
    if low in NOT_NAMES and not (run > 1 and letter.low(at + 1) in _MIDDLE):
        return False
    phrases = letter.phrases(at)
    if letter.joined(at) or (gap == ". " and letter.folded(at - 1) in ("mr", "mrs", "ms")):
        if _titled(letter, at) or (_any_among(phrases, _ROLES) and _called(letter, at, run)):
            return True
        if (letter.low(at - 1) == "của" or (letter.unmarked and phrases[0] == "cua")) and (
            low in ORDER or (run == 1 and _alone(letter, at) and low in CAPITAL_GIVEN)
        ):
            return True
    of_place = phrases[1:2] not in _OF_PEOPLE and _any_among(phrases, _PLACE_WORDS)
    if gap in (" ", ".", ". ") and (of_place or (phrases and letter.low(at - 1) == "trường")):
        return False
    if _INTRODUCTION.fullmatch(gap):
        if _any_among(phrases, _NAMING):
            return run > 1 or len(low) > 1
        if run > 1 and low in FAMILIES | CAPITAL_GIVEN | ORDER and _any_among(phrases, _INTRODUCING):
            return not letter.capitals(at) or run < _LONGEST
    if any(map(str.isdigit, gap[-8:])) and _DOOR.fullmatch(gap[-20:]) and not re.search("(?:19|20)[0-9]{2} ", gap):
        return False
    if highland.is_highland_name(letter, at, run):
        return not _bears(letter, at, run)
    if run == 1:
        apart = _alone(letter, at) and not (letter.joined(at) and letter.capital(at - 1))
        return apart and low in CAPITAL_GIVEN and _WITH_A_PHONE.match(letter.after(at, 40)) is not None
    return _full(letter, at, run)


def _any_among(phrases: list[str], among: frozenset[str]) -> bool:
    return any(phrase in among for phrase in phrases)


def _alone(letter: Letter, last: int) -> bool:
    """Whether nothing is joined to the word on its right."""
    return not letter.joined(last + 1)


def _called(letter: Letter, at: int, run: int) -> bool:
    """Whether these may be a name by themselves: family and given, or one given name."""
    if run == 1:
        return letter.low(at) in CAPITAL_GIVEN and not (letter.joined(at + 1) and letter.folded(at + 1) in _NO_GIVEN)
    return not letter.capitals(at) or letter.folded(at) in BARE_FAMILIES


def _full(letter: Letter, at: int, run: int) -> bool:
    """Whether two or more capitalised words are a full name by their family name."""
    if _bears(letter, at, run):
        return False
    low, ascii_ = letter.low(at), letter.low(at).isascii()
    common = low in COMMON_FAMILIES or (ascii_ and letter.folded(at) in BARE_FAMILIES)
    middle = letter.low(at + 1) in _MIDDLE and run > 2
    if letter.capitals(at):  # in a headline all words are capitals
        alone = not letter.joined(at) and _alone(letter, at + run - 1)
        return run < _LONGEST and ((middle and (common or low in FAMILIES)) or (common and alone and run == 3))
    if run == 2:
        return common or (low in FAMILIES and _OF_A_PERSON.match(letter.after(at + 1, 12)) is not None)
    return common or low in FAMILIES


def _titled(letter: Letter, at: int) -> bool:
    """Whether a form of address stands right before."""
    title, before = letter.low(at - 1), letter.folded(at - 2) if letter.joined(at - 1) else ""
    is_short = title in _SHORT_TITLES and letter.capital(at) and not letter.capital(at - 1)
    if title not in TITLES and not is_short and not (letter.unmarked and title in _BARE_TITLES):
        return False
    if before in ("nga", "thang", "hai", "thu") or f"{letter.folded(at - 1)} {letter.folded(at)}" in _STARTS_OF_PLACES:
        return False
    # đường Điểu Ông, xã Anh Sơn
    of_place = _any_among(letter.phrases(at - 1), _PLACE_WORDS)
    return not (before and letter.capital(at - 1) and (letter.capital(at - 2) or of_place))


def _small(letter: Letter, at: int) -> int:
    """How long a name written small is: full after an introduction, or a birth order or a given name alone."""
    low, phrases = letter.low(at), letter.phrases(at)
    is_introduced = _INTRODUCTION.fullmatch(letter.gap(at)) and _any_among(phrases, _NAMING)
    if letter.joined(at + 1) and letter.joined(at + 2) and not letter.capital(at + 1):
        middle = letter.low(at + 1) in _MIDDLE and letter.folded(at + 2) not in _NO_MIDDLE
        common = low in COMMON_FAMILIES or (low.isascii() and low in BARE_FAMILIES)
        if common and (middle or is_introduced) and not _any_among(phrases, _PLACE_WORDS):
            return 0 if _bears(letter, at, 4) and not is_introduced else _small_full(letter, at)
    is_given_name = low in GIVEN_NAMES or low in _BARE_GIVEN
    if is_given_name and letter.joined(at) and (phrases[0] == "ten" or phrases[1:2] == ["ten la"]):
        return 1
    titled = letter.joined(at) and _titled(letter, at) and letter.folded(at - 1) in _BARE_TITLES_OF_SMALL
    if not titled:
        return 0
    if low in ORDER:
        after = letter.low(at + 1) if letter.joined(at + 1) else ""
        if (after in _NO_ORDER_BEFORE and not letter.capital(at + 1)) or (
            after in ORDER and not letter.capital(at + 1)
        ):
            return 0
        return 2 if after and (letter.capital(at + 1) or after in _NICKNAMES) else 1
    return int(is_given_name)


def _small_full(letter: Letter, at: int) -> int:
    length = 1
    while length < 4 and letter.joined(at + length) and not (length > 1 and letter.folded(at + length) in _AFTER_NAME):
        length += 1
    return length if length > 1 else 0

"""People's names in a letter: after a form of address or an introduction, or by their family name.

Streets, schools and wards are called after people too: a name after such a word, or one that streets bear all over the
country, is a person's only after a form of address.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files

from caunoi.lib.spans import Reading
from caunoi.lib.vietnamese import fold


def _lines(name: str) -> list[str]:
    lines = files("caunoi.lib").joinpath(f"data/{name}.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def _words(words: str) -> frozenset[str]:
    return frozenset(words.split())


_FAMILY_LINES = _lines("families")
FAMILIES = _words(" ".join(_FAMILY_LINES))
COMMON_FAMILIES = _words(_FAMILY_LINES[0])
GIVEN = _words(" ".join(_lines("given")))
STREETS = frozenset(fold(name) for line in _lines("streets") for name in line.split("|"))
_FOLDED_FAMILIES = frozenset(map(fold, FAMILIES))
_FOLDED_COMMON = frozenset(map(fold, COMMON_FAMILIES))

TITLES = _words("ông bà anh chị em cháu cô chú bác thầy cụ bé thím dì cậu mợ dượng thằng")
_BARE_TITLES = _words("ong anh em chi chau thay ba co chu bac cu be thim thang")
_ORDER = _words("hai ba tư năm sáu bảy tám chín mười út cả tu nam sau bay tam chin muoi ut")
_AFTER_ORDER = _words(
    "nay ngoái trước tuổi lần ngày tháng năm người con cái đứa giờ tiếng nào học hộ nhà chị anh em mươi trăm nghìn triệu lít"
    " căn xe phòng tầng năm ngoai truoc tuoi lan ngay thang nguoi gio tieng nha muoi tram nghin trieu phut phút bữa tuần đến"
)
# Roles that stand between the form of address and the name, or before a name in place of one.
_ROLES = re.compile(
    r"(?:giao|giao vien|giao su|bac si|bs|y ta|dieu duong|truong thon|truong ap|to truong|can bo|cong an|cong an khu vuc"
    r"|chu tich|bi thu|giam doc|ke toan|thu quy|chu ho|chu quan|chu nha|chu tro|chu thau|thay giao|co giao|hang xom|luat su"
    r"|xom truong|ap truong|trung uy|dai uy|thieu ta|truong khu pho|chu xe|tai xe) \Z"
)
_INTRODUCED = re.compile(
    r"(?:\b(?:ho va ten|ho ten|ten (?:toi|em|minh|chau|cua toi)|(?:toi|em|minh|chau|e) ten|ten)(?: ho)?(?: la)?"
    r"|\b(?:nguoi (?:gui|lam don|viet don|nop thue|phan anh|lien he|ky|dai dien|khai)|cong dan|dai dien(?: ho dan)?|ky ten"
    r"|hoi vien|khach hang|dung ten|chu (?:tai khoan|tk|the|ho|co so)|ctk|name|benh nhan|nan nhan|hoc sinh)(?: la| ten(?: la)?)?"
    r"|\b(?:toi|em|minh|chau|con|e|t) la(?: la)?|\btoi|\bem|\bla)[ :,.\-–]{1,3}\Z"
)
_STRONG = re.compile(
    r"\b(?:ho va ten|ho ten|ten|ten la|ctk|chu (?:tai khoan|tk|the)|name|(?:toi|em|minh|chau|e) la)[ :,.\-–]{1,3}\Z"
)
_PLACE = re.compile(
    r"\b(?:duong|pho|hem|ngo|ngach|kiet|truong|tieu hoc|thcs|thpt|cap [123]|mam non|mau giao|phuong|p|xa|x|huyen|tinh|thanh pho|tp"
    r"|thi tran|thi xa|quan|q|ap|thon|buon|soc|khu pho|kp|khu|cau|cong vien|benh vien|vong xoay|nga tu|nga ba|nga nam|chua"
    r"|nha tho|dinh|mieu|tuong dai|tuong|quang truong|dai lo|cong ty|cty|ga|ben xe|nui|song|suoi|deo|anh hung|liet si"
    r"|khu cong nghiep|kcn|kdc|ktx|rap|phong kham|tram|ngan hang|bv|lang|le hoi|hoc vien|dai hoc|cao dang|tren|d)"
    r"(?:\.| ten| mang ten)? ?\Z"
)
# First words of what looks like a name and is an office, a place, a day or the start of a form's next line.
_NO_NAME = _words(
    "chủ bí giám phó trưởng ubnd hđnd hdnd tổng sở phòng ban tòa viện kiểm quốc nhà việt tỉnh huyện xã phường quận khu ấp thôn"
    " tổ đường địa điện sđt sdt cccd cmnd email mail ngày nơi quê xin kính tôi hành trung bộ luật nghị thông quyết cty vneid"
    " zalo facebook google hội cục chi kho bhxh bhyt tthc gcnqsdđ mst stk tk ngân vietcombank agribank bidv acb trường lớp bệnh"
    " trạm chợ cầu ngõ hẻm quốc ql đt tl km số thứ người không đã đang được là và của trong ngoài trên dưới sau trước khi nếu"
    " vì nên để đến tại ở một nhưng các nhiều ít rất lại này kia do đây ioc ubmttq mttq tết noel covid ceo ý hùng-vương phụ mong"
    " cảm trân cám chân đề về với cho từ lúc hôm theo gọi còn mình hay ai tiền hồ-sơ xe biển như rồi mà thì nhân-dân cũng"
)
_PLACES = frozenset(
    fold(name)
    for name in ["hà nội", "hà nam", "hà tĩnh", "hà giang", "hà tiên", "thái bình", "thái nguyên", "thái lan", "lâm đồng", "an giang", "cao bằng", "cao su", "đồng nai", "đồng xoài", "đồng tháp", "đồng phú", "tây ninh", "kiên giang", "long an", "ninh bình", "ninh thuận", "phan thiết", "phan rang", "hồ chí minh", "hồ tây", "lý sơn", "mai châu", "kim bôi", "sơn la", "sơn tây", "chơn thành", "bình phước", "lộc ninh", "lộc hưng", "phú riềng", "phú giáo", "bù đăng", "bù đốp", "bù gia mập", "hớn quản", "bình long", "phước long", "tân khai", "tân phú", "tân lợi", "minh hưng", "nha bích", "đức liễu", "sài gòn", "việt nam", "campuchia", "trung quốc", "bà rịa", "bà rá", "bà đen", "lộc thái", "lộc tấn", "lương sơn", "vũng tàu", "châu đốc", "châu á", "châu âu", "đà nẵng", "quảng nam", "quảng ngãi", "quảng trị", "bến tre", "trà vinh", "vĩnh long", "hậu giang", "sóc trăng", "bạc liêu", "cà mau", "cần thơ", "tiền giang", "bình thuận", "bình định", "phú yên", "khánh hòa", "gia lai", "kon tum", "đắk lắk", "đắk nông", "cát tiên", "hoa lư", "từ sơn", "uông bí", "vân đồn", "mỹ phước", "đồng tâm", "đồng tiến", "thành tâm", "an lộc", "hưng chiến", "phú đức", "phú thịnh", "hoa sen"]
)
_PLACE_STARTS = frozenset(tuple(name.split()[:2]) for name in _PLACES)

_TOKEN = re.compile(r"[^\W\d_]+")
_LONGEST = 5


@dataclass(frozen=True, slots=True)
class _Word:
    start: int
    end: int
    text: str
    shape: str
    joined: bool
    """Whether only a space stands between it and the word before."""

    @property
    def capital(self) -> bool:
        return self.text[0].isupper()


def _split(text: str, folded: str) -> list[_Word]:
    found, last = [], -2
    for match in _TOKEN.finditer(text):
        start, end = match.span()
        joined = last + 1 == start and text[last] == " "
        found.append(_Word(start, end, match.group(), folded[start:end], joined))
        last = end
    return found


def street(text: str, folded: str, start: int) -> bool:
    """Whether a street's name begins there: one that streets bear, or two capitalised words of a person's name."""
    words = _split(text[start : start + 60], folded[start : start + 60])
    for length in (4, 3, 2):
        if _joined(words[:length]) and len(words) >= length and " ".join(w.shape for w in words[:length]) in STREETS:
            return True
    run = _capitals(words, 0)
    return len(run) >= 2 and run[0].text.lower() in FAMILIES


def _joined(words: Sequence[_Word]) -> bool:
    return all(word.joined for word in words[1:])


def _capitals(words: Sequence[_Word], at: int) -> list[_Word]:
    """The capitalised words from there on that may be one name."""
    run: list[_Word] = []
    for word in words[at : at + _LONGEST]:
        if not word.capital or (run and (not word.joined or _ends(run, word))):
            break
        run.append(word)
    return run


def _ends(run: list[_Word], word: _Word) -> bool:
    """Whether a capitalised word begins something else: a form of address, a form's next field, small after capitals."""
    if word.text.lower() in TITLES and run[0].text.lower() not in FAMILIES | {"thị"}:
        return True
    return word.shape in _FIELDS or (run[0].text.isupper() and len(run[0].text) > 1 and not word.text.isupper())


_FIELDS = _words("sdt cccd cmnd email ubnd phuong duong tinh huyen xa sinh dia stk mst bhxh bhyt tk ctk tel zalo mail")


def find(text: str, folded: str) -> Iterator[Reading]:
    """The names of persons; `text` NFC, `folded` its shape."""
    words = _split(text, folded)
    unmarked = _unmarked(text)
    at = 0
    while at < len(words):
        length = _name_at(words, at, text, folded, unmarked)
        if length:
            yield Reading("person", words[at].start, words[at + length - 1].end)
        at += length or _passed(words, at)


def _passed(words: Sequence[_Word], at: int) -> int:
    """How many words to pass over where no name begins: all of a street's, so that none begins inside it."""
    if words[at].text.lower() in TITLES or words[at].text.lower() not in FAMILIES:
        return 1
    return max(1, len(_capitals(words, at)))


def _unmarked(text: str) -> bool:
    """Whether the writer uses no marks: then a title without marks is one."""
    letters = sum(map(str.isalpha, text[:2000]))
    return sum(not char.isascii() and char.isalpha() for char in text[:2000]) * 12 < letters


def _name_at(words: Sequence[_Word], at: int, text: str, folded: str, unmarked: bool) -> int:
    """How many words from there are a person's name; 0 for none."""
    word = words[at]
    if not word.capital and not _may_be_small(word, words, at):
        return 0
    if word.capital and not (word.text.lower() in TITLES and word.text.lower() != "bé"):
        run = _capitals(words, at)
        if not run[0].shape or _no_name(run):
            run = []
        if run and (length := _capitalised(run, words, at, text, folded, unmarked)):
            return length
    return _small(words, at, folded, unmarked)


def _may_be_small(word: _Word, words: Sequence[_Word], at: int) -> bool:
    low = word.text
    return low in _ORDER or _given(word) or word.shape in _FOLDED_FAMILIES


def _no_name(run: Sequence[_Word]) -> bool:
    first = run[0]
    if len(run) > 1 and (run[0].shape, run[1].shape) in _PLACE_STARTS | {("cong", "ty")}:
        return True
    return first.text.lower() in _NO_NAME and not (len(run) > 1 and run[1].shape in ("van", "thi"))


def _capitalised(run: list[_Word], words: Sequence[_Word], at: int, text: str, folded: str, unmarked: bool) -> int:
    start = run[0].start
    before, text_before = folded[max(0, start - 40) : start], text[max(0, start - 40) : start].lower()
    if _titled(words, at, unmarked) or _ROLES.search(before):
        return len(run)
    if _place_before(before, text_before):
        return 0
    introduced = _INTRODUCED.search(before) is not None
    if introduced and (len(run) > 1 or _STRONG.search(before)):
        return len(run)
    if re.search(r"\bcua \Z", before) and run[0].text.lower() in GIVEN | _ORDER | {
        "thu",
        "mai",
        "bảo",
        "trọng",
        "thắng",
    }:
        return len(run)
    if _numbered_street(before):
        return 0
    return len(run) if _full_name(run, folded[run[-1].end : run[-1].end + 12]) else 0


def _place_before(before: str, written: str) -> bool:
    """Whether a word before makes a street or a school of the name; trưởng (a head) is no trường."""
    return _PLACE.search(before) is not None and re.search(r"trưởng \Z", written) is None


def _numbered_street(before: str) -> bool:
    """After a house number, or in a list of streets ("từ Lê Lợi đến …") there stands a street."""
    return re.search(r"(?:[0-9][a-z]?,? |\b(?:hem|ngo) [0-9/]+ )\Z", before) is not None


_OF_A_PERSON = re.compile(r"[ ,;:(–-]{1,3}(?:sinh|sn|nam sinh|cccd|cmnd|sdt|dt|ngu|ns|[0-9]{4}|so d)\b")


def _full_name(run: Sequence[_Word], after: str) -> bool:
    if len(run) < 2 or " ".join(word.shape for word in run) in STREETS:
        return False
    if " ".join(word.shape for word in run[:3]) in STREETS or " ".join(word.shape for word in run[:2]) in STREETS:
        return False
    first, second = run[0], run[1]
    if first.shape == "thi":
        return first.text.lower() == "thị" and second.shape not in ("tran", "xa", "truong") and len(run) == 2
    upper = first.text.isupper() and len(first.text) > 1
    family = first.shape in _FOLDED_FAMILIES if upper else first.text.lower() in FAMILIES
    family = family or (first.text.isascii() and first.shape in _FOLDED_COMMON)
    if not family:
        return False
    if len(run) == 2:
        return (first.shape in _FOLDED_COMMON and not upper) or _OF_A_PERSON.match(after) is not None
    return second.shape in ("van", "thi") or len(run) <= _LONGEST


def _titled(words: Sequence[_Word], at: int, unmarked: bool) -> bool:
    """Whether a form of address stands right before."""
    if at == 0 or not words[at].joined:
        return False
    title, before = words[at - 1], words[at - 2].shape if at > 1 and words[at - 1].joined else ""
    if (title.shape, words[at].shape) in _PLACE_STARTS or before in ("nga", "thang", "hai"):
        return False
    if title.capital and before and words[at - 2].capital:
        return False  # đường Điểu Ông
    return title.text.lower() in TITLES or (unmarked and title.text.lower() in _BARE_TITLES)


def _small(words: Sequence[_Word], at: int, folded: str, unmarked: bool) -> int:
    """A name written small: full after an introduction or with văn or thị, a nickname after a form of address."""
    word = words[at]
    before = folded[max(0, word.start - 40) : word.start]
    rest = words[at + 1 : at + 4]
    family = word.text in FAMILIES or (word.text.isascii() and word.shape in _FOLDED_FAMILIES)
    if (
        family
        and word.text not in TITLES
        and not any(w.capital for w in rest[:1])
        and _joined([word, *rest[:2]])
        and len(rest) > 1
    ):
        middle = rest[0].shape in ("van", "thi") and rest[0].text in ("van", "thi", "văn", "thị")
        if (middle or _STRONG.search(before)) and not _PLACE.search(before):
            return _small_full(words, at)
    if word.capital or not _titled_small(words, at, unmarked):
        return 1 if not word.capital and re.search(r"\bten(?: la)? \Z", before) and _given(word) else 0
    if word.text in _ORDER:
        after = words[at + 1] if at + 1 < len(words) and words[at + 1].joined else None
        if after is not None and after.text in _AFTER_ORDER:
            return 0
        if after is not None and after.capital:
            return 2
        return 2 if after is not None and after.text in _NICKNAMES else 1
    return 1 if _given(word) else 0


_BARE_GIVEN = _words(
    "tuan cuong hung linh ngoc trang thao nga oanh yen hanh hien loan nhung phuong quynh tuyet thuy duy nghia vinh thinh toan"
    " phuoc"
)
_NICKNAMES = GIVEN | _words("bún mập đen lùn rô cá lúa phở đèo chè bánh")


def _titled_small(words: Sequence[_Word], at: int, unmarked: bool) -> bool:
    return _titled(words, at, unmarked) and words[at - 1].shape not in ("be", "em", "cu", "thang", "chau")


def _given(word: _Word) -> bool:
    return word.text in GIVEN or word.text in _BARE_GIVEN


_AFTER_NAME = _words(
    "o so nha sinh sn cccd cmnd dt sdt que la va da bi lam dan muon xin co toi hoi nam ngu tai di thi nen voi cho dia dang chua ko"
    " khong duoc phan kinh em ba anh chi ho"
)


def _small_full(words: Sequence[_Word], at: int) -> int:
    length = 1
    for word in words[at + 1 : at + 4]:
        if not word.joined or (length >= 2 and word.shape in _AFTER_NAME):
            break
        length += 1
    return length if length >= 2 else 0

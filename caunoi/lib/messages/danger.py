"""Danger to life in what somebody types: whom to call at once, instead of filling in a form.

A list of phrases, kept short and read aloud: better one question too many than a life too few,
but not at a broken lamp.
Phrases are written with marks; a text typed without marks, as English is,
is compared with the phrases without theirs, but
for those in `MARKED`,
which would then be ordinary words ("cháy xe" and "chạy xe"). A page's script reads the same list.
"""

import re
import unicodedata
from collections.abc import Mapping
from functools import cache

from caunoi.lib.vietnamese.writing import fold, nfc

RESCUE, AMBULANCE, POLICE, CHILDREN = "114", "115", "113", "111"

_SOMEBODY = "(người|bé|cháu|trẻ|em|con|ông|bà|anh|chị|nạn nhân|học sinh|công nhân|thợ)"
_WATER = "(sông|suối|giếng|cống|hồ|ao|kênh|mương|đập|nước|hố ga|hố|vực)"
_BUILDING = (
    "(nhà|chợ|xưởng|kho|quán|phòng|tiệm|trường|chung cư|khách sạn|bãi xe|công ty|nhà máy|trạm xăng|cây xăng|rừng|rẫy)"
)
_CHILD = (
    "(trẻ|trẻ em|trẻ con|trẻ nhỏ|cháu bé|em bé|bé|bé gái|bé trai|cháu nhỏ|học sinh|con nít|con ruột|con riêng|con đẻ)"
)
_BELOVED = "(người|bé|cháu|trẻ|em|ông|bà|anh|chị|nạn nhân|học sinh|công nhân|thợ|mẹ|vợ|chồng)"
_FAMILY = "(mọi người|cả nhà|gia đình|bà con|chúng tôi)"
_ONE = (
    "(child|children|kid|kids|baby|boy|girl|son|daughter|man|woman|person|people|somebody|someone|mother|father|mum|mom|dad|"
    "wife|husband|friend|neighbour|neighbor|brother|sister|worker|workers|he|she|they|i|we)"
)
_PLACE = "(house|home|building|flat|apartment|kitchen|room|shop|market|factory|school|hotel|forest|car|bus|roof)"
_YOUNG = "(child|children|kid|kids|baby|boy|girl|son|daughter)"
_BEATING = "(beating|hitting|attacking|strangling|stabbing|raping|abusing)"
_WHOM = "(me|us|him|her|them|my|his|someone|somebody|people|each other|a (man|woman|person|girl|boy|child))"
_BOAT = "(ghe|thuyền|xuồng|tàu|phà|sà lan|ca nô|vỏ lãi)"
_HURT = "(đánh|đánh đập|bạo hành|hành hạ|xâm hại|hiếp|hiếp dâm|dâm ô|lạm dụng|bỏ đói|nhốt|xích|tra tấn|bóp cổ)"

PHRASES: Mapping[str, tuple[str, ...]] = {
    RESCUE: (
        "đuối nước", "chết đuối", "sắp đuối", "bị đuối", "chết chìm", "nước cuốn", "lũ cuốn",
        f"{_SOMEBODY} (\\w+ )?(bị )?(rơi|té|ngã|rớt|lọt|nhảy) (xuống|vào|ra) {_WATER}", "nhảy cầu",
        f"(chìm|đắm|lật) {_BOAT}", "(chìm|đắm|lật) đò", f"{_BOAT} (\\w+ ){{0,3}}(bị |đang |sắp |vừa )(chìm|đắm|lật)",
        f"{_BOAT} (\\w+ )?(chìm|đắm|lật)", "đò (\\w+ )?(chìm|đắm|lật)",
        f"cháy {_BUILDING}", f"{_BUILDING} (\\w+ ){{0,2}}(bị |bốc |phát |đang )?cháy", "đang cháy", "bốc cháy",
        "phát hỏa",
        "hỏa hoạn", "cháy lớn", "cháy to", "cháy rừng", "lửa (\\w+ )?(cháy|bốc|lan)", "cháy lan", "cháy xe",
        "xe (bị |đang )?cháy",
        "(rò|rỉ|rò rỉ|xì|xịt|hở) (khí )?(gas|ga|ga s|khí gas|bình gas|bình ga)",
        "(gas|ga|bình gas|bình ga) (bị |đang )?(rò|rỉ|rò rỉ|xì|xịt)",
        "mùi (gas|ga|khí gas)", "nổ (bình )?(gas|ga)", "rò rỉ (hóa chất|khí độc|amoniac)",
        "điện giật", "giật điện", "phóng điện", "(rò|rò rỉ|hở|nhiễm) điện", "chập điện",
        "dây (điện |cáp điện |điện thế |trung thế |cao thế |hạ thế )?(\\w+ ){0,2}(bị )?(đứt|rơi|rớt|sà|sà xuống|rũ|"
        "chạm đất)",
        "đứt dây (điện|trung thế|cao thế|hạ thế)", "(trụ|cột) điện (\\w+ )?(bị )?(ngã|đổ|gãy)",
        f"{_BELOVED} (\\w+ )?(bị |đang |sắp )(chìm|đuối|trôi sông)",
        f"{_BELOVED} (\\w+ )?(chìm|đuối) (xuống |dưới |ở |trong |giữa )?{_WATER}",
        "(ngập|nước lũ) (\\w+ ){0,3}(nóc|mái nhà|mái tôn)",
        f"{_FAMILY} (đang |phải )?(ở|leo|trèo|kẹt|ngồi|đứng) (trên|lên) (mái|nóc)",
        "kẹt (trong |ở )?thang máy", "mắc kẹt", "vùi lấp", "sập (nhà|cầu|giàn giáo|hầm|công trình)",
        "đè (trúng )?người",
        "(is|are|was) drowning", f"{_ONE} (\\w+ )?drowned",
        f"{_ONE} (\\w+ )?(fell|fallen) (in|into) (the |a )?(river|water|well|lake|pond|canal|sewer|drain)",
        "swept away", "there (is|s) (a )?(\\w+ )?fire (in|at|on)", f"fire (in|at) (my|the|our|a) (\\w+ )?{_PLACE}",
        f"{_PLACE} (is |s )?on fire",
        f"{_PLACE} (is |s )?burning", "gas (is )?leak(ing|s)?", "leaking gas", "smell (of )?gas",
        f"{_ONE} (\\w+ ){{0,2}}trapped", f"{_ONE} (\\w+ ){{0,2}}stuck in (the |an |a )?(lift|elevator)",
        "buried alive", "electrocuted",
        "(power line|live wire|electric wire|power cable) (\\w+ ){0,2}(down|fallen|fell)",
    ),
    AMBULANCE: (
        "bất tỉnh", "ngất xỉu", "ngất đi", "hôn mê", "ngưng thở", "ngừng thở", "không thở", "khó thở", "ngừng tim",
        "ngưng tim",
        "đột quỵ", "tai biến", "co giật", "hấp hối", "nguy kịch", "thở máy", "máy thở", "chảy nhiều máu",
        "chảy máu nhiều",
        "mất máu", "máu chảy", "bị thương", "tử vong tại chỗ", "xe (tông|đụng|cán) (\\w+ )?(người|bé|cháu|ông|bà|em)",
        "(xảy ra|có|vừa|đang) (\\w+ )?tai nạn", "rắn cắn", "sắp sinh", "chuyển dạ", "ngộ độc",
        "uống thuốc (sâu|trừ sâu|cỏ|diệt cỏ|chuột|ngủ|độc|tự tử)", "tự tử", "tự sát", "muốn chết", "cứu người",
        "cứu với", "cứu tôi",
        "chảy máu (đầu|cổ|bụng|ngực)", "(having|has|had|suffered|suffering) (a )?(heart attack|stroke|seizure)",
        "unconscious",
        "not breathing", "stopped breathing", "can t breathe", "cannot breathe",
        f"{_ONE} (\\w+ ){{0,2}}(collapsed|bleeding|dying|badly hurt|poisoned)",
        "seriously injured", "hit by a (car|truck|bus|motorbike)",
        "there (is|s|was|has been) (a |an )?(\\w+ )?(accident|crash)",
        "snake bite", "bitten by a snake", "(is|about) (to give|giving) birth", "(in|into) labour", "want to die",
        "kill (myself|himself|herself)", "suicide", "overdose",
    ),
    CHILDREN: (
        f"{_HURT} (\\w+ )?{_CHILD}", f"{_CHILD} (\\w+ ){{0,3}}bị (\\w+ ){{0,3}}{_HURT}", "ấu dâm", "dâm ô",
        f"{_CHILD} (\\w+ )?bị bỏ rơi", "bỏ rơi (trẻ|em bé|cháu bé|bé)", "bắt cóc", "tảo hôn",
        f"({_BEATING}|molesting) (a |the |his |her |their |my )?(little |small )?{_YOUNG}",
        f"{_YOUNG} (is |are )?being (beaten|abused|raped|molested)",
        "child abuse", "kidnapp(ed|ing)",
    ),
    POLICE: (
        "đánh nhau", "đánh người", "đánh vợ", "đánh chồng", "đánh mẹ", "đánh cha", "bị (\\w+ ){1,3}đánh",
        "đánh hội đồng", "đang đánh", "đánh đập",
        "ẩu đả", "hành hung", "bạo hành", "bạo lực gia đình", "chém", "đâm chém", "đâm người",
        "(cầm|vác|rút) (dao|rựa|mã tấu|súng|kiếm)",
        "cướp", "cướp giật", "trộm đột nhập",
        "trộm (\\w+ )?(đang|còn) (\\w+ ){0,2}(trong|vào) nhà", "giết người", "(dọa|đòi|sẽ) giết",
        "giết (tôi|em|vợ|chồng|mẹ|cha)", "hiếp dâm",
        "nổ súng", "bắn nhau", "bắn người", "khống chế", "con tin", "mìn", "bom", "vật liệu nổ", "ngáo đá",
        f"(is|are|was|keeps|s) {_BEATING} {_WHOM}",
        f"{_ONE} (\\w+ )?(beats|attacked|stabbed|raped|strangled) {_WHOM}", "domestic violence",
        f"{_ONE} (has|with|holding|pulled|is holding) (a|the) (knife|gun|machete|weapon|sword)", "shots fired",
        f"breaking in(to)? (my|our|the|a|his|her|their) (\\w+ ){{0,2}}{_PLACE}",
        f"{_ONE} (is |are |s )?(trying to break|breaking) in",
        "(burglar|intruder|robber)s? (is |are )?(in|inside|at|outside) (my|our|the|his|her|their)",
        "being (robbed|attacked|beaten|raped|stabbed)", "hostage", "a bomb",
        "(wants|going|trying|threatens|threatened|threatening) to kill (me|us|him|her)",
    ),
}  # fmt: skip
MARKED = (
    "cháy xe",
    "xe (bị |đang )?cháy",
    "mìn",
    "bom",
    "cướp",
    "đang cháy",
    "chém",
    "(chìm|đắm|lật) đò",
    "đò (\\w+ )?(chìm|đắm|lật)",
    "chảy máu (đầu|cổ|bụng|ngực)",
    "máu chảy",
    "tai biến",
    "đang đánh",
    "cháy to",
)
"""Read only as written with marks."""
HARMLESS = (
    "(phòng|chống|phòng chống|phòng ngừa|phòng tránh|phòng cháy|chữa|báo|nguy cơ|tập huấn|diễn tập|dễ|dễ gây|hay) "
    "(cháy nổ|cháy|đuối nước|chữa cháy|điện giật|giật điện|tai nạn|bạo hành|bạo lực gia đình|tự tử|xâm hại|ngộ độc)",
    "(có thể|sợ|lo|e|kẻo|dễ|sẽ|hay) (có |gây |gây ra |ra |xảy ra )?tai nạn",
    "cháy (bóng|đèn|bóng đèn|hàng|túi|máy|da|nắng|cầu chì|mô tơ|phim|lá|vé|phố|tivi|tủ lạnh|công tơ)",
    "(bóng|bóng đèn|đèn) (\\w+ ){0,2}(bị )?cháy",
    "chết (cây|cá|heo|gà|vịt|bò|máy)", "đánh (giá|bóng|bắt|số|dấu|thuế|vần|máy|răng)", "giết mổ",
    "bom (bo|nước|hơi|hàng|tấn)", "(trảng|máy|trạm|ống) bom", "chặt chém(?! (người|nhau|tôi|vợ|chồng|bạn))",
    "chém (gió|giá)",
    "lát (gạch|đá|nền|vỉa hè)",
    "cướp (lời|vỉa hè|chồng|công)", "khó thở vì (khói|bụi|mùi)",
    "drowning in (rubbish|garbage|trash|noise|paperwork|dust|debt)",
    "burning (rubbish|garbage|trash|waste|plastic|straw|leaves|wood|paper|incense)",
    "(can t|cannot) breathe (\\w+ ){0,3}(smoke|dust|smell|stink|fumes)",
    "(suicide|drowning|fire|domestic violence|child abuse) (prevention|safety|drill)",
    "(against|prevent|preventing|prevention of|report on) (suicide|drowning|domestic violence|child abuse)",
    "(hôm|ngày|tháng|năm) trước", "đốt rác",
)  # fmt: skip
_NOT_A_WORD = re.compile(r"[\W_]+")


def words(text: str) -> str:
    """The text as words with one space around each."""
    return f" {_NOT_A_WORD.sub(' ', nfc(text).lower()).strip()} "


def bare(text: str) -> bool:
    """Whether it was typed without marks, or nearly: fewer than one word in six has any."""
    every = text.split()
    return sum(not word.isascii() for word in every) * 6 < len(every)


@cache
def tables() -> tuple[tuple[str, str, str], ...]:
    """(number, phrases, phrases that count only with marks) in the order in which they count, then ("",
    what is harmless, ""),
    as regular expressions over `words` that Python and JavaScript read alike."""
    rows = []
    for code, listed in [*PHRASES.items(), ("", HARMLESS)]:
        sorts = ([p for p in listed if p not in MARKED], [p for p in listed if p in MARKED])
        # A word is any letters: JavaScript's \w knows only unmarked ones.
        phrases, marked = ("|".join(sort).replace("\\w+", "[^ ]+") for sort in sorts)
        rows.append((code, phrases, marked))
    return tuple(rows)


@cache
def patterns(*, marks: bool) -> tuple[tuple[str, str], ...]:
    """(number, regular expression) of texts with marks, or of those without."""
    rows = (
        (code, "|".join(filter(None, (phrases, marked))) if marks else fold(phrases))
        for code, phrases, marked in tables()
    )
    return tuple((code, f" (?:{source})(?= )") for code, source in rows)


def number(text: str) -> str:
    """Which number to call at once: 114, 115, 111 or 113; empty when nothing says that anybody is in danger."""
    typed = words(text)
    unmarked = bare(typed)
    typed = fold_words(typed) if unmarked else typed
    *kinds, (_, harmless) = patterns(marks=not unmarked)
    typed = re.sub(harmless, " ;", typed)
    return next((code for code, pattern in kinds if re.search(pattern, typed)), "")


def fold_words(text: str) -> str:
    """Words without marks, the spaces kept."""
    plain = unicodedata.normalize("NFD", text.replace("đ", "d"))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))

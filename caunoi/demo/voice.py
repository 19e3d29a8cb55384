"""How people of the demo speak: slots filled, a word before and after, or without marks and in short. Pure."""

import re
import unicodedata
from datetime import datetime, timedelta
from random import Random

from caunoi.demo.hours import VIETNAM
from caunoi.demo.places import Place

BEFORE = {
    "phone": ("", "", "", "", "Alo tổng đài, ", "Dạ chào tổng đài. ", "A lô, ", "Alo em ơi, "),
    "email": ("Kính gửi Tổng đài 1022.\n", "Kính gửi quý cơ quan,\n\n", "Kính gửi UBND thành phố Đồng Nai,\n"),
    "paper": ("Kính gửi: Tổng đài 1022 thành phố Đồng Nai.\n",),
    "zalo": ("", "", "", "ad ơi, ", "Chào ad, ", "1022 ơi, "),
    "facebook": ("", "", "", "Ad ơi, ", "Mong page chuyển giúp. "),
    "web": ("", "", "", "", "", "Kính gửi Tổng đài. "),
}
AFTER = {
    "phone": ("", "", "", "", " Nhờ tổng đài giúp nha.", " Mong được xử lý sớm.", " Cảm ơn tổng đài."),
    "email": ("\n\nXin chân thành cảm ơn./.", "\nTrân trọng.", "\n\nRất mong được phản hồi. Trân trọng cảm ơn!"),
    "paper": ("\nXin chân thành cảm ơn./.",),
    "zalo": ("", "", "", " ạ", " giúp em với", " cảm ơn ad", "!!!"),
    "facebook": ("", "", "", " Cảm ơn page."),
    "web": ("", "", "", " Xin cảm ơn.", " Rất mong cơ quan chức năng quan tâm.", " Trân trọng."),
    "app": ("", "", " Cảm ơn."),
}
ASKED_AFTER = ("", "", " Cảm ơn.", " Xin cảm ơn.")  # after a question that ends with ?
CONTEXT = (
    "Em ở {khu}, {xa}.",
    "Tôi ở {xa}.",
    "Tôi lớn tuổi, không rành mạng.",
    "Em đi làm ca nên hỏi trước cho chắc.",
    "Nhà em ở {khu}, {xa}.",
    "Em hỏi giùm ba mẹ.",
    "Tôi mới chuyển về {xa}.",
    "Lên mạng xem mà mỗi nơi nói một kiểu.",
    "Tôi ra {cap} hỏi mà đông quá chưa gặp được ai.",
    "Em gọi hỏi cho chị ở {xa}.",
    "Mai em mới đi nộp được.",
)
GREETED = re.compile(r"(?i)dạ|alo|a lô|xin|kính|cho |đơn|cảm ơn|khen|tụi|gọi")
PLAIN = {"zalo": 0.3, "sms": 0.9, "facebook": 0.2, "web": 0.05, "app": 0.1}  # how many write without marks
SHORT = {
    "không": "ko",
    "được": "dc",
    "mọi người": "mn",
    "bây giờ": "bgio",
    "rồi": "r",
    "gì": "j",
    "phường": "p",
    "khu phố": "kp",
}
SURNAMES = (
    "Nguyễn",
    "Trần",
    "Lê",
    "Phạm",
    "Hoàng",
    "Huỳnh",
    "Võ",
    "Đặng",
    "Bùi",
    "Đỗ",
    "Hồ",
    "Ngô",
    "Dương",
    "Lý",
    "Điểu",
    "Nông",
)
MIDDLE = ("Văn", "Thị", "Ngọc", "Minh", "Thanh", "Hữu", "Kim", "Đức", "Thu", "")
GIVEN_NAMES = ("Demo", "Thử", "Mẫu", "Ví Dụ", "Thử Nghiệm")
NEVER = datetime(2026, 1, 1, tzinfo=VIETNAM)  # where a text has no time in it
NEAR = ("hôm qua", "hôm kia", "tối qua", "sáng nay", "mấy hôm trước", "tuần rồi")


def name(r: Random) -> str:
    """Somebody who plainly does not exist."""
    return " ".join(part for part in (r.choice(SURNAMES), r.choice(MIDDLE), r.choice(GIVEN_NAMES)) if part)


def phone(r: Random) -> str:
    """One of a thousand numbers that nobody has; some people call again."""
    return f"+84900000{r.randint(0, 999):03d}"


def unmarked(text: str) -> str:
    """As typed without marks, capitals kept."""
    bare = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return unicodedata.normalize("NFC", "".join(c for c in bare if not unicodedata.combining(c)))


def fill(text: str, place: Place, at: datetime, r: Random) -> str:
    """A template with its slots filled for a place and a moment."""
    local, later = at.astimezone(VIETNAM), at.astimezone(VIETNAM) + timedelta(days=r.randint(5, 12))
    hour = r.choice((5, 6, 7, 13, 18, 19, 20, 21))
    cap = place.area.kind.lower()
    slots = {
        "noi": place.whole,
        "Noi": place.whole[0].upper() + place.whole[1:],
        "cap": cap,
        "Cap": cap.capitalize(),
        "ap": place.quarter.rsplit(" ", 1)[0],
        "duong": place.road,
        "khu": place.quarter,
        "xa": place.commune,
        "moc": place.landmark,
        "n": str(r.randint(2, 7)),
        "cot": str(r.randint(4, 68)),
        "hom": r.choice(NEAR),
        "gio": f"{hour} giờ{r.choice(('', '', ' 15', ' 30'))}",
        "ngay": f"{local:%d/%m}",
        "gio_lam": f"{local.hour} giờ {local.minute:02d}",
        "hen": f"{later:%d/%m}",
    }
    filled = re.sub(r"\{(\w+)\}", lambda m: slots[m[1]], text)
    return filled if marked(text) else unmarked(filled).lower()


def context(place: Place, r: Random) -> str:
    """Who asks, before the question."""
    return fill(r.choice(CONTEXT), place, NEVER, r)


def marked(text: str) -> bool:
    """Whether it is written with Vietnamese marks."""
    return not text.isascii()


def spoken(text: str, channel: str, r: Random) -> str:
    """A citizen's words as this channel brings them."""
    before, after = r.choice(BEFORE.get(channel, ("",))), r.choice(AFTER.get(channel, ("",)))
    if GREETED.match(text) and channel not in ("email", "paper"):
        before = ""
    if text.endswith("?"):
        after = after if after.startswith("\n") else r.choice(ASKED_AFTER)
    elif channel == "zalo" and after:
        text = text.rstrip(".")
    if before.endswith(", ") and text[1:2].islower():
        text = text[0].lower() + text[1:]
    whole = f"{before}{text}{after}"
    if not marked(text) or r.random() < PLAIN.get(channel, 0):
        for word, short in SHORT.items():
            if r.random() < 0.5:
                whole = re.sub(rf"\b{word}\b", short, whole)
        whole = unmarked(whole)
        whole = whole.lower() if r.random() < 0.5 else whole
    return whole

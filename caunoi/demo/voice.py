"""How people of the demo speak: slots filled, a word before and after, or without marks and in short. Pure."""

import re
import unicodedata
from datetime import datetime, timedelta
from random import Random

from caunoi.demo.hours import VIETNAM
from caunoi.demo.places import Place

BEFORE = {
    "phone": ("", "", "", "Alo tổng đài cho tôi phản ánh: ", "Dạ em chào tổng đài. ", "Cho tôi hỏi chút. ", "A lô, "),
    "counter": ("",),
    "email": ("Kính gửi Tổng đài 1022.\n", "Kính gửi quý cơ quan,\n\n", "Kính gửi UBND thành phố Đồng Nai,\n"),
    "paper": ("Kính gửi: Tổng đài 1022 thành phố Đồng Nai.\n",),
    "zalo": ("", "", "", "ad ơi ", "Chào ad, ", "Dạ cho em hỏi, ", "1022 ơi "),
    "facebook": ("", "", "", "Ad cho hỏi: ", "Mong page chuyển giúp. "),
    "web": ("", "", "", "", "Kính gửi Tổng đài. ", "Tôi xin phản ánh: "),
    "app": ("", "", ""),
    "sms": ("",),
}
AFTER = {
    "phone": ("", "", "", "", " Nhờ tổng đài giúp nha.", " Mong được xử lý sớm.", " Cảm ơn em."),
    "counter": ("",),
    "email": ("\n\nXin chân thành cảm ơn./.", "\nTrân trọng.", "\n\nRất mong được phản hồi. Trân trọng cảm ơn!"),
    "paper": ("\nXin chân thành cảm ơn./.",),
    "zalo": ("", "", "", " ạ", " giúp em với", " cảm ơn ad", "!!!"),
    "facebook": ("", "", "", " Cảm ơn page.", " Mọi người chia sẻ giúp."),
    "web": ("", "", "", " Xin cảm ơn.", " Rất mong cơ quan chức năng quan tâm.", " Trân trọng."),
    "app": ("", "", " Cảm ơn."),
    "sms": ("",),
}
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
GIVEN = ("Demo", "Thử", "Mẫu", "Ví Dụ", "Thử Nghiệm")
NEAR = ("hôm qua", "hôm kia", "tối qua", "sáng nay", "mấy hôm trước", "tuần rồi")


def name(r: Random) -> str:
    """Somebody who plainly does not exist."""
    return " ".join(part for part in (r.choice(SURNAMES), r.choice(MIDDLE), r.choice(GIVEN)) if part)


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
    slots = {
        "noi": place.whole, "duong": place.road, "khu": place.quarter, "xa": place.commune, "moc": place.landmark,
        "n": str(r.randint(2, 7)), "cot": str(r.randint(4, 68)), "hom": r.choice(NEAR),
        "gio": f"{hour} giờ{r.choice(('', '', ' 15', ' 30'))}", "ngay": f"{local:%d/%m}",
        "gio_lam": f"{local.hour} giờ {local.minute:02d}", "hen": f"{later:%d/%m}",
    }  # fmt: skip
    filled = re.sub(r"\{(\w+)\}", lambda m: slots[m[1]], text)
    return re.sub(r"(^|[.!?]\s+)([a-zà-ỹđ])", lambda m: m[1] + m[2].upper(), filled) if text[:1].isupper() else filled


def spoken(text: str, channel: str, r: Random) -> str:
    """What was said as it comes by a channel."""
    before, after = r.choice(BEFORE[channel]), r.choice(AFTER[channel])
    if after[:2] in (" ạ", " g", " c", "!!") and channel == "zalo":
        text = text.rstrip(".")
    whole = (
        before
        + (text[0].lower() + text[1:] if before.endswith((": ", ", ", "ơi ")) and text[1:2].islower() else text)
        + after
    )
    if r.random() < PLAIN.get(channel, 0):
        for word, short in SHORT.items():
            if r.random() < 0.5:
                whole = re.sub(rf"\b{word}\b", short, whole)
        whole = unmarked(whole)
        whole = whole.lower() if r.random() < 0.5 else whole
    return whole

"""Abbreviations of chats and offices in full: before anything else is read, in questions and in synonyms alike."""

import re

from caunoi.lib.vietnamese.writing import SHORT

TEENCODE = {
    "đk": "đăng ký",
    "dk": "đăng ký",
    "đki": "đăng ký",
    "dki": "đăng ký",
    "đky": "đăng ký",
    "dky": "đăng ký",
    "ck": "chồng",
    "vk": "vợ",
    "ms": "mới",
    "mun": "muốn",
    "mún": "muốn",
    "bn": "bao nhiêu",
    "nc": "nước",
    "lun": "luôn",
    "ny": "người yêu",
    "tn": "thế nào",
    "sv": "sinh viên",
    "mng": "mọi người",
    "ak": "à",
    "uk": "ừ",
    "đt": "điện thoại",
    "hem": "không",
    "hk": "hộ khẩu",
    "nhiu": "nhiêu",
    "dzậy": "vậy",
    "iu": "yêu",
    "thui": "thôi",
    "zô": "vô",
    "k": "không",
    "kh": "không",
    "ng": "người",
    "r": "rồi",
    "gđ": "gia đình",
    "cb": "chuẩn bị",
    "dvc": "dịch vụ công",
}
"""Abbreviations that mean something else here than in `caunoi.lib.vietnamese.SHORT` or are missing there."""
SOUTHERN = {
    "sanh": "sinh",
    "nhơn": "nhân",
    "chánh": "chính",
    "bịnh": "bệnh",
    "lịnh": "lệnh",
    "tánh": "tính",
    "nhứt": "nhất",
    "nhựt": "nhật",
    "thơ": "thư",
    "kiếng": "kính",
}
"""Syllables of papers and procedures as the South writes them."""
_FULL = {short: full for short, full in SHORT.items() if not short.startswith("gcnqsd")} | TEENCODE | SOUTHERN
_PIECE = re.compile(r"[^\W_]+|[^\w\s]+")


_DRAWN = re.compile(r"([^\W\d_])\1{2,}")
_ROSE = re.compile(r"\b(sổ|giấy|bìa) hông\b", re.IGNORECASE)


def in_full(text: str) -> str:
    """A text with its short forms in full, its drawn letters one ("xinnn") and southern syllables as procedures write
    them. For matching only, never to show."""
    text = _ROSE.sub(r"\1 hồng", _DRAWN.sub(r"\1", text))
    return " ".join(_FULL.get(word.lower(), word) for word in _PIECE.findall(text))

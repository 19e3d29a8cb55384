"""A grade that somebody answers with in a chat: a number of our list, or its word. Pure."""

import re

from caunoi.lib.vietnamese.writing import fold

_GRADES = {
    "satisfied": {"1", "hai long", "rat hai long", "hai long a", "satisfied"},
    "acceptable": {"2", "tam duoc", "chap nhan duoc", "binh thuong", "acceptable"},
    "dissatisfied": {"3", "khong hai long", "chua hai long", "ko hai long", "k hai long", "not satisfied"},
}
_WORDS = re.compile(r"[^\W_]+")


def grade(text: str) -> str:
    """satisfied, acceptable or dissatisfied; empty when it says anything else, or more."""
    reply = " ".join(_WORDS.findall(fold(text)))
    return next((grade for grade, words in _GRADES.items() if reply in words), "")

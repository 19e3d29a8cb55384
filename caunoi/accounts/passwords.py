"""What is no password: too short for its owner's role, or made of words that everybody here tries first (ASVS 5.0,
6.1.2 and 6.2.4). Django's own list of 20,000 common ones comes on top."""

import re

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from caunoi.accounts.models import User
from caunoi.directory.queries import option, province
from caunoi.events.actor import Role
from caunoi.lib.vietnamese.writing import fold

OWN = 4  # different letters that must be left when everybody's words are taken away
YEAR = 5  # different digits and signs that a year and a sign of exclamation have
EVERYBODYS = frozenset(
    """
    matkhau password passwd pass admin administrator root user quantri quantrivien taikhoan dangnhap nguoidung welcome
    tongdai hotline duongdaynong phananh kiennghi caunoi trungtam hanhchinh hanhchinhcong dichvucong congdan canbo
    chuyenvien lanhdao giamsat tructong tructongdai dieuhanh thongminh chinhquyen ubnd uyban uybannhandan hdnd soban
    sotttt vanphong thanhpho thanhphothongminh tinh huyen phuong quan thitran vietnam hanoi hochiminh saigon danang
    haiphong cantho hue dongnai binhduong binhphuoc qwerty qwertyuiop asdfgh asdfghjkl zxcvbn zxcvbnm abc abcd abcdef
    letmein iloveyou monkey dragon master secret login demo test thu thunghiem
    anhyeuem emyeuanh yeuanh yeuem toiyeuban anhnhoem emnhoanh nhomai maimai motminh khongbiet khongco chungta hanhphuc
    giadinh congchua hoangtu sinhnhat thienthan tinhyeu banbe xinchao chaoban camon conyeu bome meyeu boyeu
    toiyeuvietnam vietnamvodich khongquen hoamai hoasen mattroi matnat nguyen tran pham hoang huynh phan dang
    """.split()
)
"""Words of a hotline, of its towns and of common passwords in Vietnamese, without marks: a list of our own."""
_WORDS = re.compile("|".join(sorted(map(re.escape, EVERYBODYS), key=len, reverse=True)))
_OTHERS = re.compile(r"[\W\d_]+")
_LEET = re.compile(r"(?<=[a-z])[@4301!5$7](?=[a-z])")  # within a word: a year after it is none
_MEANT = dict(zip("@4301!5$7", "aaeoiisst", strict=True))


def shortest(role: str) -> int:
    """How many characters a password of somebody with this role must have."""
    lengths = int(option("password_length")), int(option("password_length_admin"))
    return max(lengths) if role == Role.ADMIN else lengths[0]


def rule(role: str) -> str:
    """What makes a password, in a sentence."""
    return _(
        "At least %(count)s characters; a sentence of your own is best. No common word, nothing like your name or the "
        "hotline's."
    ) % {"count": shortest(role)}


class LengthValidator:
    """Refuse what is too short for its owner's role."""

    def validate(self, password: str, user: User | None = None) -> None:
        least = shortest(user.role if user is not None else "")
        if len(password) < least:
            raise ValidationError(
                _("This password is too short: it must have at least %(least)s characters."),
                "password_too_short",
                {"least": least},
            )

    def get_help_text(self) -> str:
        return rule("")


def _rest(password: str, words: set[str]) -> str:
    """The letters of a password without everybody's words, and these."""
    text = _OTHERS.sub("", fold(password))
    for word in sorted((word for word in words if len(word) > 2), key=len, reverse=True):
        text = text.replace(word, "")
    return _WORDS.sub("", text)


def _compact(text: str) -> str:
    return _OTHERS.sub("", fold(text))


class LocalWordsValidator:
    """Refuse what is nothing but everybody's words, digits and signs: "Tongdai@1022", "matkhau2026!", one's own user
    name or agency with a year; a number; the same few letters again and again."""

    def validate(self, password: str, user: User | None = None) -> None:
        words = {_compact(self._place())}
        if user is not None:
            agency = user.agency
            words |= {_compact(user.username), *map(_compact, fold(user.full_name).split())}
            words |= {_compact(agency.code), _compact(agency.name)} if agency else set()
        readings = {password, _LEET.sub(lambda sign: _MEANT[sign[0]], password.lower())}
        letters = min(len(set(_rest(one, words))) for one in readings)
        others = len({sign for sign in password if not sign.isalpha()})
        if password.isdecimal() or letters + max(others - YEAR, 0) < OWN:
            raise ValidationError(
                _("This password is made of words that anybody would try. Choose a sentence of your own."),
                "password_local",
            )
        CommonPasswordValidator().validate(_compact(password), user)

    def _place(self) -> str:
        unit = province()
        return str(unit.name).removeprefix(str(unit.kind)) if unit else ""

    def get_help_text(self) -> str:
        return rule("")

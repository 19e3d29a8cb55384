"""Proves: breached, common and local words are refused as passwords; lengths by role"""

from types import SimpleNamespace

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from caunoi.accounts import passwords
from caunoi.accounts.models import User
from caunoi.directory.actions import set_option
from caunoi.directory.models import Agency
from caunoi.events.actor import SYSTEM, Role

BAD = (
    "Tongdai@1022", "tổng đài 1022", "TổngĐài1022!", "matkhau2026!!!", "M@tKh4u123456", "password12345",
    "Hotline1022@2026", "admin@1022@2026", "QuanTri@2026!", "caunoi-1022-demo", "0912345678901", "27081990270819",
    "aaaaaaaaaaaaaa",
    "abababababab!!", "qwertyuiop1022", "DongNai@2026#", "anhyeuem123456", "iloveyou!!!2026", "Phananh1022@@",
    "xncongtrinh1022", "minh-minh-2026", "trustno1", "VietNamVoDich2026",
)  # fmt: skip
GOOD = (
    "mùa xoài ở Cao Lãnh", "sông Bé mùa nước lớn", "hoa cà phê nở trắng đồi", "7#4$9k!2x%81", "correct horse battery",
    "Xk3!Qz9#LmPw", "tôi đi chợ sáng thứ bảy", "Trao-tay-1022", "Cua-rieng-1022", "пароль из слов здесь",
)  # fmt: skip


@pytest.fixture
def minh(town: SimpleNamespace) -> User:
    set_option("province", "75", by=SYSTEM)
    return User(username="minh", full_name="Minh", role=Role.OFFICER, agency=Agency.objects.get(code="xncongtrinh"))


def accepted(password: str, user: User) -> bool:
    try:
        validate_password(password, user)
    except ValidationError:
        return False
    return True


def test_what_everybody_would_try_is_refused(minh: User) -> None:
    assert [one for one in BAD if accepted(one, minh)] == []


def test_a_sentence_of_ones_own_is_not(minh: User) -> None:
    assert [one for one in GOOD if not accepted(one, minh)] == []


def test_the_length_is_the_roles_and_the_rule_says_it(town: SimpleNamespace) -> None:
    lan, quan = town.users["lan"], town.users["quan"]
    assert accepted("xoài Cao L", lan) and not accepted("xoài Cao L", quan)
    assert not accepted("xoài Cao ", lan)
    assert "10" in passwords.rule(lan.role) and "12" in passwords.rule(quan.role)
    set_option("password_length", 14, by=SYSTEM)
    assert passwords.shortest(Role.ADMIN) == 14, "an administrator's is never shorter"
    with pytest.raises(ValidationError, match="14"):
        validate_password("xoài Cao L", lan)

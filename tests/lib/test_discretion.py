"""What had better stay private, and how roughly a place is told."""

import pytest

from caunoi.directory.options import OPTIONS
from caunoi.lib.privacy.discretion import names_a_child, snapped, speaks_of, street

CHILDREN, DENUNCIATION = OPTIONS["words_of_children"].default, OPTIONS["words_of_denunciation"].default


@pytest.mark.parametrize(
    ("text", "children", "denunciation"),
    [
        ("Cháu bé 5 tuổi bị bỏ rơi trước chùa.", True, False),
        ("chau be bi bo roi", True, False),
        ("CHÁU BÉ BỊ ĐÁNH", True, False),
        ("Tôi xin tố cáo cán bộ địa chính vòi tiền.", False, True),
        ("toi to cao can bo voi tien", False, True),
        ("Cán bộ nhận phong bì của dân.", False, True),
        ("Đèn đường tắt ba đêm, cột tô cao quá.", False, False),
        ("Chấu bê tông rơi xuống đường.", False, False),
        ("Con tôi bị từ chối thẻ bảo hiểm.", True, False),
    ],
)
def test_words_tell_of_children_and_of_denunciations(text, children, denunciation):
    assert (speaks_of(text, CHILDREN), speaks_of(text, DENUNCIATION)) == (children, denunciation)


@pytest.mark.parametrize(
    ("text", "child"),
    [
        ("Bé Na lớp 3A trường tiểu học Kim Đồng hay bị bạn đánh.", True),
        ("Cháu Nam học lớp 5B bị đuổi học.", True),
        ("Tôi là mẹ của cháu Hân.", True),
        ("con gai hoc lop 5 bi ban danh", True),
        ("Trước trường tiểu học Kim Đồng ngập nước.", False),
        ("Cầu Sông Bé Mới hỏng lan can.", False),
        ("Cháu xin hỏi thủ tục làm căn cước.", False),
        ("Cửa lớp 2 lớp sơn bong hết.", False),
        ("Nhựa đường trải lớp 3 cm là mỏng.", False),
    ],
)
def test_a_child_is_told_of_by_name_or_class(text, child):
    assert names_a_child(text) is child


def test_an_empty_list_speaks_of_nothing():
    assert not speaks_of("cháu bé", "") and not speaks_of("cháu bé", " , ")


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("12/3 đường Lê Lợi", "đường Lê Lợi"),
        ("số nhà 45/7 hẻm 12 đường số 5", "hẻm 12 đường số 5"),
        ("45 Nguyễn Trãi, phường Bình Phước", "Nguyễn Trãi, phường Bình Phước"),
        ("Nhà số 7, đường 30/4, phường Bình Phước", "đường 30/4, phường Bình Phước"),
        ("Trước nhà số 12 đường ĐT741", "Trước đường ĐT741"),
        ("Km 12+300 QL14", "Km 12+300 QL14"),
        ("Ngã tư Đồng Xoài", "Ngã tư Đồng Xoài"),
        ("", ""),
    ],
)
def test_a_place_is_told_to_the_street(address, told):
    assert street(address) == told


def test_a_pin_is_moved_to_a_grid():
    assert snapped(11.5198765, exact=False) == 11.52
    assert snapped(11.5198765, exact=True) == 11.51988
    assert snapped(None, exact=False) is None

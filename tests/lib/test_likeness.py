import pytest
from hypothesis import given
from hypothesis import strategies as st

from caunoi.lib.vietnamese.likeness import likeness

SAME = [
    ("Đèn đường trước chợ Đồng Xoài tắt ba ngày nay", "den duong truoc cho dong xoai bi tat, toi qua"),
    ("Kính gửi tổng đài, ổ gà to trên QL14 gần cầu số 2. Xin cảm ơn!", "Quốc lộ 14 gần cầu số 2 có ổ gà lớn"),
    ("Rác chất đống ở ngã ba Thác Mơ mấy hôm rồi", "Ngã ba Thác Mơ rác chất đống hôi thối"),
]
OTHER = [
    ("Đèn đường trước chợ Đồng Xoài tắt", "Hỏi thủ tục làm căn cước cho trẻ em"),
    ("Rác chất đống ở ngã ba", "Quán karaoke hát ồn đến nửa đêm"),
    ("Xin chào, tôi muốn phản ánh. Cảm ơn", "Kính gửi quý cơ quan, xin cảm ơn"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_same_thing_in_other_words_is_alike(one: str, other: str) -> None:
    assert likeness(one, other) >= 0.45


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_other_things_are_not_alike(one: str, other: str) -> None:
    assert likeness(one, other) < 0.28


@given(st.text(max_size=60), st.text(max_size=60))
def test_likeness_is_a_share_and_the_same_both_ways(one: str, other: str) -> None:
    assert 0 <= likeness(one, other) <= 1
    assert likeness(one, other) == likeness(other, one)

"""The commune that somebody speaks of in a sentence."""

import pytest

from caunoi.lib.places.spoken import SURE, commune


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("đèn đường ấp 3 xã Tân Lợi tắt cả tuần", "25378"),
        ("Mất nước ở Tân Lợi hai ngày rồi", "25378"),
        ("ngap nuoc o phuong dong xoai", "25210"),
        ("Rác chất đống trước chợ Bù Nho", "25252"),
        ("Long Hưng, Phú Riềng cũ đường hư nát", "25246"),
        ("Mạch yếu lắm, xe không vô được. Ở Sông Ray, cho xe cứu thương", "26362"),
        ("o bao vinh, nha em ko ai di duoc", "26098"),
        ("Cây me đổ chắn ngang đường Bảo Quang", "26098"),
        ("Đèn đường Phước An, Nhơn Trạch tối thui", "26503"),
        ("cựu chiến binh Lộc Hòa (Lộc Ninh) hỏi tiền quà", "25280"),
        ("Máy xay đá ở Lộ 25 chạy suốt đêm", "26326"),
        ("Hợp tác xã hạt điều Bom Bo muốn thêm ngành nghề", "25405"),
        ("ở ngã ba Bù Nho, nó chạy về hướng Phú Trung", "25252"),
        ("Gia Kiệm: bão lốc, cây gãy chắn ngang QL20", "26311"),
        ("Hai vợ chồng sống ở Biên Hòa bốn năm", None),
        ("xã trả hồ sơ, nói không có căn cứ", None),
        ("Công an xã bác đơn của vợ tôi", None),
        ("Đường sá hư hết rồi mấy anh ơi", None),
        ("Sông Đồng Nai lục bình trôi kín", None),
        ("bị cắt nước oan, em đã đóng tiền qua ví", None),
        ("bi cat nuoc oan, em da dong tien qua vi", None),
        ("công viên Bến Lức Long An cây chết héo", None),
        ("", None),
    ],
)
def test_it_is_the_one_that_is_named(text: str, code: str | None) -> None:
    found = commune(text)
    assert (found.code if found else None) == code


def test_what_is_called_by_its_kind_is_surer_than_a_bare_name() -> None:
    kinded, bare = commune("phường Đồng Xoài ngập"), commune("trên Bù Nho mưa là ngập")
    assert kinded and bare and kinded.p > bare.p > 0.5


def test_a_name_as_it_is_written_is_surer_than_one_with_a_letter_mended() -> None:
    one = commune("đèn tắt cả tuần ở xã Tân Lợi")
    assert one and (one.code, one.p) == ("25378", SURE)
    assert commune("xã trả hồ sơ cho tôi") is None

"""What abbreviations, small letters, bank names and odd separators hid from us, and what must stay."""

import pytest

from caunoi.lib.privacy import redact


@pytest.mark.parametrize(
    ("text", "public"),
    [
        ("NS 1974, ấp 3", "NS [birth_date], ấp 3"),
        ("ns 7 thg 7, 2003", "ns [birth_date]"),
        ("Xe 93B-01.177 của nhà xe", "Xe [plate] của nhà xe"),
        ("biển 53 N1 – 4207", "biển [plate]"),
        ("chuyển nhầm vào 0701 0099 1234 MB", "chuyển nhầm vào [bank] MB"),
        ("tiền phí thi: 10 1877 000 456 (VietinBank)", "tiền phí thi: [bank] (VietinBank)"),
        ("hộ chiếu N 0 1 2 3 4 5 6", "hộ chiếu [passport]"),
        ("email khoitr(a)hopthu.vidu", "email [email]"),
        ("liên lạc 0900_616_717", "liên lạc [phone]"),
        ("nhà 16b mở loa", "nhà [house_number] mở loa"),
        ("em ở trọ 45/7B kp5", "em ở trọ [house_number] kp5"),
        ("nhà số 88bis nấu rượu", "nhà số [house_number] nấu rượu"),
        ("nhà chị tôi (số 12)", "nhà chị tôi (số [house_number])"),
        ("phòng B14 dãy trọ", "phòng [house_number] dãy trọ"),
        ("khách nữ xưng Ngọt gọi khóc", "khách nữ xưng [person] gọi khóc"),
        ("vợ nói a Tòng đi rừng chưa về", "vợ nói a [person] đi rừng chưa về"),
        ("anh dn Hùng, giọng Bắc", "anh dn [person], giọng Bắc"),
        ("Cô dâu Kiều Oanh tới trễ", "Cô dâu [person] tới trễ"),
    ],
)
def test_it_is_masked(text: str, public: str) -> None:
    assert redact.public(text) == public


@pytest.mark.parametrize(
    "text",
    [
        "Quyết định do ông Lê Văn C, Phó Chủ tịch UBND tỉnh, ký ngày 02/7",
        "Huân chương do Chủ tịch nước Lê Đức Anh ký",
        "Trạm cân số 3 đường Bùi Thị Xuân ngưng hoạt động",
        "Nhà thuốc Long Châu số 102 Lê Duẩn bán thuốc",
        "giáo xứ Bùi Chu xin dời lịch",
        "Ngã ba Ông Đồn hay xảy ra va quẹt",
        "Chị tư vấn bên điện lực nói giá bậc 3",
        "chị ba hoa sang chuyện khác",
        "phí 250.000 đồng nộp Vietcombank",
    ],
)
def test_it_stays(text: str) -> None:
    assert redact.public(text) == text

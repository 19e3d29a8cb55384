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
        ("mẹ là Trần Hữu Tình, ấp 3", "mẹ là [person], ấp 3"),
        ("vợ chồng Khanh-Thúy mua đất", "vợ chồng [person]-[person] mua đất"),
        ("Tôi cho Kiệt mượn xe", "Tôi cho [person] mượn xe"),
        ("nó ký Tr. M. Khôi. Nay nó trốn", "nó ký [person]. Nay nó trốn"),
        ("em ruột tôi, Ka Duyên, lấy chồng", "em ruột tôi, [person], lấy chồng"),
        ("mua xe của anh Dũng sẹo, biển mờ", "mua xe của anh [person], biển mờ"),
        ("bà năm lé cho vay nóng", "bà [person] cho vay nóng"),
        ("nhà ông Đường bị rào", "nhà ông [person] bị rào"),
        ("Xin cảm ơn.\nHoàng Mỹ Lệ", "Xin cảm ơn.\n[person]"),
        ("BÀ NGUYỄN THỊ SÁU, ẤP 3", "BÀ [person], ẤP 3"),
        ('Anh Hải "lựu đạn" cho vay', "Anh [person] cho vay"),
        ("CCCD: 070\n074 006 120", "CCCD: [id_card]"),
        ("CMND 285123456\n285123457", "CMND [old_id]\n[old_id]"),
        ("stk 5601.205.0\n77.13 Agribank", "stk [bank] Agribank"),
        ("gọi 0900\n 670 112 nhé", "gọi [phone] nhé"),
        ("kèm số 09OO-1ll-222", "kèm số [phone]"),
        ("cccd không bảy năm một tám không không không một hai ba bốn", "cccd [id_card]"),
        ("sinh ngày mồng ba tháng tư năm một chín tám lăm", "sinh ngày [birth_date]"),
        ("năm sinh ghi 2001, đúng phải là 03-11-2000.", "năm sinh ghi [birth_date], đúng phải là [birth_date]."),
        ("Cao Bá Đạt, 1961, hưu trí", "[person], [birth_date], hưu trí"),
        ("nhà sáu mươi tám bê đường Nguyễn Trãi", "nhà [house_number] đường Nguyễn Trãi"),
        (
            "nhà số 5, 7 và 9A đường Hà Huy Giáp",
            "nhà số [house_number], [house_number] và [house_number] đường Hà Huy Giáp",
        ),
        ("hàng rào nhà số 24-26 nhô ra", "hàng rào nhà số [house_number] nhô ra"),
        ("nick tiktok be.bong.99", "nick tiktok [person]"),
        ("gmail abcdef123@gmail", "gmail [email]"),
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
        "chợ Bà Thức, cầu Bà Bướm, xóm Ông Táo",
        "Sân khấu Hoàng Thái Thanh về diễn",
        "Bà con Phú Trung xin thêm đèn",
        "Kính gửi Thanh tra tỉnh, Chi cục Thuế",
        "thứ Sáu, tháng Năm, tiếng Anh, người Hoa, đi Mỹ",
        "hy sinh 1972, học sinh lớp 5",
        "phí 250.000 - 300.000 đồng, 12 - 15 ngày",
    ],
)
def test_it_stays(text: str) -> None:
    assert redact.public(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "Anh/chị vào mục Hồ sơ của tôi, bấm Bổ sung rồi đính kèm ảnh.",
        "Mở trang, bấm nút Tra cứu ở góc phải, bấm vào Quên mật khẩu.",
        "Vào tab Thủ tục, chọn Đơn vị, nhấn Nộp hồ sơ.",
    ],
)
def test_the_words_on_a_button_are_nobody(text: str) -> None:
    assert redact.public(text) == text


def test_whoever_is_chosen_or_told_after_a_button_is_still_hidden() -> None:
    assert redact.public("Dân chọn Hùng làm tổ trưởng.") == "Dân chọn [person] làm tổ trưởng."
    assert redact.public("Bấm Nguyễn Văn An.") == "Bấm [person]."
    assert redact.public("Bấm nút Gửi, gặp chị Hồ Thị Mến.") == "Bấm nút Gửi, gặp chị [person]."

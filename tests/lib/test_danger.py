"""Danger to life in what is typed: whom to call, with marks and without, and not at a broken lamp."""

import pytest

from caunoi.lib import danger

DANGER = [
    ("114", "Cứu với, có người đuối nước ở sông Bé ngay cầu"),
    ("114", "cuu voi co nguoi duoi nuoc o song Be"),
    ("114", "Cháu bé rơi xuống giếng nhà ông Tư"),
    ("114", "Nhà tôi đang cháy, khói mù mịt"),
    ("114", "chay nha o khu pho 3, goi xe chua chay gap"),
    ("114", "cháy chợ Đồng Xoài"),
    ("114", "Xì gas ở quán cơm, mùi gas nồng nặc"),
    ("114", "ro ri gas trong hem 5"),
    ("114", "Dây điện đứt nằm giữa đường, có tia lửa"),
    ("114", "day dien dut roi xuong duong"),
    ("114", "Có người bị điện giật ở công trình"),
    ("114", "cột điện ngã ra đường"),
    ("114", "Có người mắc kẹt trong thang máy"),
    ("115", "Có người bất tỉnh trước cổng chợ"),
    ("115", "vua co tai nan, nguoi bi thuong nam giua duong"),
    ("115", "Mẹ tôi thở máy mà mất điện"),
    ("115", "em muốn chết"),
    ("113", "Ông Năm cầm dao đánh vợ ngay bây giờ"),
    ("113", "dang danh nhau truoc quan nhau"),
    ("113", "Có vụ cướp giật ở ngã tư"),
    ("113", "chồng tôi dọa giết tôi"),
    ("111", "Cháu bé hàng xóm bị cha dượng đánh đập"),
    ("111", "bao hanh tre em o nha ben canh"),
    ("111", "nghi xâm hại trẻ em"),
]
HARMLESS = [
    "Đèn đường cháy bóng đèn đã ba hôm", "cháy bóng đèn", "bong den bi chay", "chết cây xanh trước nhà", "chet cay",
    "cháy hàng vé xe Tết", "chay hang", "Xe tải chạy nhanh quá", "xe dang chay qua toc do", "xe tai chay xe ban dem gay on",
    "Xin hỏi thủ tục nghiệm thu phòng cháy chữa cháy", "thu tuc phong chay chua chay cho quan karaoke",
    "Lớp dạy bơi phòng chống đuối nước khi nào mở?", "Ổ gà dễ gây tai nạn", "o ga lon de gay tai nan",
    "Đánh giá cán bộ một cửa", "Lò giết mổ heo gây mùi", "Mất nước hai ngày nay", "mat dien tu sang", "Nước chảy tràn ra đường",
    "Trụ đèn tắt", "Rác đốt bốc mùi", "Cây ngã chắn đường", "Loa kẹo kéo ồn ào cả đêm", "xin cap lai can cuoc bi mat",
    "Cho tôi hỏi làm giấy khai sinh cho con", "Heo chết vứt xuống suối", "Nhà hàng xóm chạy máy phát ồn", "",
    "Nắp cống bị mất, sợ có tai nạn", "Chợ họp lấn chiếm lòng đường", "Đường hẻm 12 ngập nước", "quan nhau danh nhac on ao",
    "Khu phố đề nghị gắn trụ cứu hỏa", "Đề nghị sơn lại vạch, xe hay chạy ngược chiều", "khong co nuoc sach de dung",
]  # fmt: skip


@pytest.mark.parametrize(("number", "text"), DANGER)
def test_danger_is_seen(number, text):
    assert danger.number(text) == number


@pytest.mark.parametrize("text", HARMLESS)
def test_what_is_no_danger_is_left_alone(text):
    assert danger.number(text) == ""


def test_long_texts_take_no_time():
    import time

    begun = time.perf_counter()
    assert danger.number("nhà cháu bé ông bà đang " * 5000) == ""
    assert time.perf_counter() - begun < 2

"""Danger to life in what is typed: whom to call, with marks and without, and not at a broken lamp."""

import pytest

from caunoi.lib.messages import danger

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
    ("114", "em bé đang chìm dưới sông"),
    ("114", "em be dang chim duoi song"),
    ("114", "nước lũ dâng ngập tới nóc nhà, mọi người ở trên mái"),
    ("114", "nuoc lu dang ngap toi noc nha, moi nguoi o tren mai"),
    ("113", "co nguoi bi danh hoi dong chay mau dau"),
    ("115", "Có người bị đánh hội đồng, chảy máu đầu"),
    ("114", "my child is drowning"),
    ("114", "there is a fire in my building, people trapped"),
    ("114", "There's a big fire at the market!"),
    ("114", "The neighbour's house is on fire"),
    ("114", "gas leak in my kitchen"),
    ("114", "A boy fell into the river"),
    ("115", "someone is having a heart attack"),
    ("115", "My father is unconscious and can't speak"),
    ("115", "I want to die"),
    ("113", "my husband is beating me, he has a knife"),
    ("113", "he is going to kill me"),
    ("111", "the neighbour is beating his child"),
    ("114", "Chìm ghe trên sông, có người"),
    ("114", "chim ghe tren song, co nguoi"),
    ("114", "tàu chìm ở bến đò"),
    ("114", "Đò chìm giữa sông, cứu với"),
    ("114", "ghe chở cát của ông Tư đang chìm"),
    ("113", "someone is breaking into my house now"),
    ("113", "Somebody's trying to break in"),
    ("113", "there is a burglar in my house"),
    ("113", "Trộm đang ở trong nhà tôi"),
    ("113", "Có quả bom ở chợ xã Bom Bo"),
    ("113", "Phường Trảng Bom đào thấy bom"),
    ("113", "Ông ấy chặt chém người giữa chợ"),
]
HARMLESS = [
    "Đèn đường cháy bóng đèn đã ba hôm", "cháy bóng đèn", "bong den bi chay", "chết cây xanh trước nhà", "chet cay",
    "cháy hàng vé xe Tết", "chay hang", "Xe tải chạy nhanh quá", "xe dang chay qua toc do",
    "xe tai chay xe ban dem gay on",
    "Xin hỏi thủ tục nghiệm thu phòng cháy chữa cháy", "thu tuc phong chay chua chay cho quan karaoke",
    "Lớp dạy bơi phòng chống đuối nước khi nào mở?", "Ổ gà dễ gây tai nạn", "o ga lon de gay tai nan",
    "Đánh giá cán bộ một cửa", "Lò giết mổ heo gây mùi", "Mất nước hai ngày nay", "mat dien tu sang",
    "Nước chảy tràn ra đường",
    "Trụ đèn tắt", "Rác đốt bốc mùi", "Cây ngã chắn đường", "Loa kẹo kéo ồn ào cả đêm", "xin cap lai can cuoc bi mat",
    "Cho tôi hỏi làm giấy khai sinh cho con", "Heo chết vứt xuống suối", "Nhà hàng xóm chạy máy phát ồn", "",
    "Nắp cống bị mất, sợ có tai nạn", "Chợ họp lấn chiếm lòng đường", "Đường hẻm 12 ngập nước",
    "quan nhau danh nhac on ao",
    "Khu phố đề nghị gắn trụ cứu hỏa", "Đề nghị sơn lại vạch, xe hay chạy ngược chiều", "khong co nuoc sach de dung",
    "Người bán chim ở chợ, em đang nuôi chim", "duong ngap den mai chua rut", "Nước bơm lên mái nhà yếu",
    "Mái nhà tôi dột, nước mưa chảy vào",
    "xe chay mau dau co ai phat", "Người ta đổ rác lên mái nhà tôi", "Thủ tục lập hội đồng trường",
    "Con đường trôi hết nhựa xuống suối",
    "The street is drowning in rubbish", "A factory is burning rubbish every night",
    "Which papers do I need after giving birth?",
    "The fire alarm in our building is broken", "We need a fire extinguisher at the market",
    "This pothole is going to kill someone one day",
    "I cannot breathe because of the smoke", "The sun is beating down, please plant trees",
    "Where is the course on drowning prevention?",
    "The streetlight is dead", "Someone is beating a drum all night", "Trees are dying along the road",
    "The noise hits me at night",
    "Rác không ai gom ở chợ xã Bom Bo", "đèn tắt ở Xã Bom Bo", "máy bom nước hư", "Quán ăn chặt chém du khách",
    "Đường vào Phường Trảng Bom ngập",
    "Trạm bom Trảng Bom kêu cả đêm", "rac o cho Trang Bom, cho Bom Bo", "Cán bộ chém gió",
    "ban chim o ben do", "ben tau lat gach bi bong", "phan do chim gay ra",
    "The burglar alarm in my house is broken", "The road is breaking into pieces", "Bến đò tối quá",
    "Tàu chạy ồn, ghe đậu lấn bến",
    "My shop sells knives; what licence do I need?", "He was trapping rats", "The bus stop was moved",
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

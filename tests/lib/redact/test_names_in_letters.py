"""By which words people's names are known: forms of address, orders of birth, what may not follow, what ends one."""

import pytest

from caunoi.lib.privacy import redact

rules_alone = pytest.mark.usefixtures("rules_alone")
"""Where a name is left alone to show what the rule goes by: the second opinion finds it."""


def words_of(text: str) -> list[str]:
    return " ".join(text.split()).split(", ")


TITLES = """
anh, bà, bác, bé, cháu, chú, chị, chồng, cô, cậu, cụ, dì, dượng, em, mợ, thím, thầy, thằng, vợ, ông
"""
BARE_TITLES = """
anh, ba, bac, be, chau, chi, chu, co, cu, em, ong, thang, thay, thim
"""
TITLES_BEFORE_SMALL = """
anh, ba, bac, chi, chu, ong, thim
"""
ORDERS = """
ba, bay, bảy, chin, chín, cả, hai, muoi, mười, nam, năm, sau, sáu, tam, tu, tám, tư, ut, út
"""
NICKNAMES = """
bánh, bún, chè, cá, lùn, lúa, mập, phở, rô, đen, đèo
"""
BARE_GIVEN = """
cuong, hanh, hien, hung, nghia, ngoc, phuoc, phuong, quynh, thao, thinh, thuy, toan, tuan, tuyet, yen
"""
COUNTED = """
anh, bữa, chị, con, cái, căn, em, gio, giờ, học, hộ, lan, lít, lần, muoi, mươi, nay, ngay, nghin, nghìn, ngoai,
ngoái, nguoi, ngày, người, nha, nhà, nào, năm, phut, phòng, phút, thang, tháng, tieng, tiếng, tram, trieu, triệu,
truoc, trăm, trước, tuoi, tuần, tuổi, tầng, xe, đứa
"""
NEXT_FIELD = """
bhxh, bhyt, cccd, cmnd, ctk, dia, duong, email, huyen, mail, mst, phuong, sdt, stk, tel, tinh, tk, ubnd, xa, zalo
"""
NO_MIDDLE = """
ban, chung, con, cong, cu, de, diem, dong, hanh, hoa, kien, minh, nghe, nghiem, phong, san, thuc, tran, truong, tu,
vat, xa
"""
NO_GIVEN = """
an, doan, hiem, hoc, quan, quoc, tam, uong
"""
AFTER_NAME = """
anh, ba, bi, cccd, chi, cho, chua, cmnd, co, da, dan, dang, di, dia, dt, duoc, em, ho, hoi, khong, kinh, ko, la,
lam, muon, nam, nen, ngu, nha, o, phan, que, sdt, sinh, sn, so, tai, thi, toi, va, voi, xin
"""


@pytest.mark.parametrize("word", words_of(TITLES))
def test_a_name_is_known_after_a_form_of_address(word: str) -> None:
    assert redact.public(f"gặp {word} Khoai ở chợ") == f"gặp {word} [person] ở chợ"


@rules_alone
@pytest.mark.parametrize("word", words_of(BARE_TITLES))
def test_and_so_it_is_in_a_letter_without_marks(word: str) -> None:
    assert redact.public(f"gap {word} Khoai o cho") == f"gap {word} [person] o cho"
    assert redact.public(f"gap {word} Khoai ở chợ đầu mối, đường ngập nặng").startswith(f"gap {word} ")


@rules_alone
@pytest.mark.parametrize("word", words_of(TITLES_BEFORE_SMALL))
def test_a_given_name_written_small_is_known_after_a_form_of_address(word: str) -> None:
    assert redact.public(f"gap {word} tuan o cho") == f"gap {word} [person] o cho"
    assert redact.public("gap khi tuan o cho") == "gap khi tuan o cho"


@pytest.mark.parametrize("word", words_of(BARE_GIVEN))
def test_and_so_are_those_that_are_another_word_with_marks(word: str) -> None:
    assert redact.public(f"gap anh {word} o cho") == "gap anh [person] o cho"


@pytest.mark.parametrize("word", words_of(ORDERS))
def test_an_order_of_birth_is_a_name_after_a_form_of_address(word: str) -> None:
    assert redact.public(f"gặp anh {word} ở chợ") == "gặp anh [person] ở chợ"


@rules_alone
def test_an_order_of_birth_is_a_name_where_something_is_somebody_s() -> None:
    assert redact.public("nhà của Bảy ở chợ") == "nhà của [person] ở chợ"
    assert redact.public("nhà khi Bảy ở chợ") == "nhà khi Bảy ở chợ"


@pytest.mark.parametrize("word", words_of(NICKNAMES))
def test_a_nickname_goes_with_the_order_of_birth(word: str) -> None:
    assert redact.public(f"gặp anh ba {word} ở chợ") == "gặp anh [person] ở chợ"


@rules_alone
@pytest.mark.parametrize("word", words_of(COUNTED))
def test_an_order_of_birth_before_what_is_counted_is_a_number(word: str) -> None:
    assert redact.public(f"gặp anh hai {word} ở chợ") == f"gặp anh hai {word} ở chợ"


@rules_alone
@pytest.mark.parametrize("word", words_of(NEXT_FIELD))
def test_a_name_ends_before_the_next_field_of_a_form(word: str) -> None:
    for field in (word, word.capitalize(), word.upper()):
        assert redact.public(f"Tôi tên Khoai {field}") == f"Tôi tên [person] {field}"


@rules_alone
@pytest.mark.parametrize("word", words_of(NO_MIDDLE))
def test_what_begins_like_a_middle_name_may_be_another_word(word: str) -> None:
    for middle in ("van", "thi"):
        assert redact.public(f"gap le {middle} {word} o cho") == f"gap le {middle} {word} o cho"
        assert redact.public(f"gap le {middle} khoai o cho") == "gap [person] o cho"


@pytest.mark.parametrize("word", words_of(NO_GIVEN))
def test_what_begins_like_a_given_name_may_be_an_office(word: str) -> None:
    assert redact.public(f"gặp chị Lan, Trung {word} ở xa") == f"gặp chị [person], Trung {word} ở xa"
    assert redact.public("gặp chị Lan, Trung ở xa") == "gặp chị [person], [person] ở xa"


@rules_alone
@pytest.mark.parametrize("word", words_of(AFTER_NAME))
def test_a_name_written_small_ends_where_the_sentence_goes_on(word: str) -> None:
    assert redact.public(f"gap nguyen van khoai {word} x") == f"gap [person] {word} x"


@rules_alone
@pytest.mark.parametrize("middle", ["văn", "thị", "van", "thi"])
def test_a_full_name_written_small_is_known_by_its_middle_name(middle: str) -> None:
    for given in ("khoai", "Khoai"):
        assert redact.public(f"gặp lê {middle} {given} ở chợ") == "gặp [person] ở chợ"
    assert redact.public("gặp lê hoàng khoai ở chợ") == "gặp lê hoàng khoai ở chợ"


def test_without_a_middle_name_it_is_known_after_an_introduction() -> None:
    for between in (" ", ": ", ":\n", "\n  "):
        assert redact.public(f"tôi tên là{between}lê hoàng khoai") == f"tôi tên là{between}[person]"


def test_a_full_name_that_streets_bear_is_a_person_s_only_after_an_introduction() -> None:
    assert redact.public("gặp lê văn sỹ ở đây") == "gặp lê văn sỹ ở đây"
    assert redact.public("tôi là lê văn sỹ ở đây") == "tôi là [person] ở đây"


@rules_alone
@pytest.mark.parametrize(
    ("text", "public"),
    [
        ("HỒ BƠI BẨN QUÁ", "HỒ BƠI BẨN QUÁ"),
        ("LÊ HOÀNG KHOAI", "[person]"),
        ("gặp LÊ HOÀNG KHOAI ở chợ", "gặp LÊ HOÀNG KHOAI ở chợ"),
        ("LÊ HOÀNG KHOAI ở chợ", "LÊ HOÀNG KHOAI ở chợ"),
        ("gặp LÊ VĂN KHOAI ở chợ", "gặp [person] ở chợ"),
        ("GẶP LÊ VĂN KHOAI", "GẶP [person]"),
        ("(LÊ KHOAI)", "(LÊ KHOAI)"),
    ],
)
def test_in_a_headline_only_a_middle_name_or_three_words_alone_make_a_name(text: str, public: str) -> None:
    assert redact.public(text) == public


@rules_alone
@pytest.mark.parametrize("after", ["sinh", "sn", "nam sinh", "cccd", "cmnd", "sdt", "dt", "ngu", "ns", "1975", "so d"])
def test_a_rare_family_and_a_given_name_are_a_person_before_what_is_said_of_one(after: str) -> None:
    assert redact.public(f"gặp Giàng Páo, {after} ở") == f"gặp [person], {after} ở"
    assert redact.public("gặp Giàng Páo, khi ở") == "gặp Giàng Páo, khi ở"


@rules_alone
def test_a_given_name_alone_is_a_person_s_before_a_phone() -> None:
    assert redact.public("Gặp: Thảo, sdt 0912345678") == "Gặp: [person], sdt [phone]"
    assert redact.public("Mới: Thảo, hoa của nhà") == "Mới: Thảo, hoa của nhà"


@pytest.mark.parametrize("place", ["Công Ty", "Công An", "Xã Hội", "Hà Nội", "Bình Phước"])
def test_a_place_or_an_office_is_nobody(place: str) -> None:
    for before in ("gặp ông", "tôi tên", "nhà của"):
        assert redact.public(f"{before} {place} ở") == f"{before} {place} ở"


@pytest.mark.parametrize("before", ["mr", "mrs", "ms"])
def test_an_english_form_of_address_may_have_its_dot(before: str) -> None:
    assert redact.public(f"{before}. Thảo ở chợ") == f"{before}. [person] ở chợ"
    assert redact.public("khi. Thảo ở chợ") == "khi. Thảo ở chợ"


def test_a_name_has_at_most_five_words_and_five_in_capitals_are_a_headline() -> None:
    assert redact.public("tôi tên Lê Hoàng Văn Bé Khoai Gửi xã") == "tôi tên [person] Gửi xã"
    assert redact.public("LÊ THỊ KHOAI BÉ") == "[person]"
    assert redact.public("LÊ THỊ KHOAI MẤT XE") == "[person] MẤT XE"


@pytest.mark.parametrize(
    "text",
    [
        "Ao cá Phú Bình Tân Phú bị xả nước đen",
        "Vỉa hè Long Bình Tân bong gạch",
        "Trưởng ấp Phú Lợi phát quà sai",
        "xe cap cuu qua cham, Ho Nai",
        "Trưởng thôn Đắk Wí đi thu quỹ",
        "Qua đèo Mẹ Bồng Con thì sạt",
        "miếu ông Hổ sắp đổ",
    ],
)
def test_rows_of_places_and_posts_beside_them_are_nobody(text: str) -> None:
    assert redact.public(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "xin cap lai chung chi hanh nghe ban thuoc",
        "hai vợ chồng thoả thuận bằng giấy rồi",
        "phải đi thi lý thuyết lại",
        "mat do thi xin phep ai truoc",
        "xem phim hợp lệ thì nộp bao nhiêu",
        "bà cụ mặc áo bà ba tím đi lạc",
    ],
)
def test_a_part_of_another_word_is_nobody(text: str) -> None:
    assert redact.public(text) == text


def test_but_a_name_written_small_is_one_after_a_form_of_address() -> None:
    assert redact.public("gặp chị hạnh ở chợ") == "gặp chị [person] ở chợ"
    assert redact.public("toi la do thi hoa o ap 3") == "toi la [person] o ap 3"


@pytest.mark.parametrize(
    "text",
    [
        "nó chạy con Wave cũ",
        "Anh tài xế Xanh SM quát mẹ bầu",
        "lấy chồng Việt chín năm",
        "cầm hộ chiếu Mỹ xin thị thực",
        "tôi gửi đơn lên Thủ tướng rồi",
        "Đại lý Hai Phát bán thuốc giả",
        'shop mỹ phẩm "Thảo Kem Trộn" bán hàng giả',
        "Mới đây xã báo mưa lớn",
        "Ông Phạm Văn Khoái, trưởng ấp 2, có lập biên bản",
        "đề nghị ông Trần Quang Lẫm – Chủ tịch UBND xã Phú Trung – trả lời",
        "trộm chó bắn điện con Vàng nhà em",
    ],
)
def test_brands_nations_posts_and_shops_are_nobody(text: str) -> None:
    assert redact.public(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "Ông chủ tịch xã Thanh Sơn cũ tên Lê Hữu Nghi hứa làm đường",
        "cán bộ một cửa tên Hằng ngồi quầy số 3",
        "cám ơn anh công an xã Phú Vinh tên Thịnh",
    ],
)
def test_who_serves_the_public_under_their_name_is_named(text: str) -> None:
    assert redact.public(text) == text


def test_a_word_between_two_full_stops_is_nobody_unless_somebody_takes_leave() -> None:
    assert redact.public("Ông ấy nhận tiền. Chimhoàngyến.") == "Ông ấy nhận tiền. Chimhoàngyến."
    assert redact.public("Xin cảm ơn. Kevin.") == "Xin cảm ơn. [person]."


@pytest.mark.parametrize(
    ("text", "public"),
    [
        ("gia đình ông Hổ ở sóc Bưng", "gia đình ông [person] ở sóc Bưng"),
        ("bà chủ nhà trọ Tư Nhị giữ cọc", "bà chủ nhà trọ [person] giữ cọc"),
        ("anh hai em tên T (em xin giấu)", "anh hai em tên [person] (em xin giấu)"),
        ("bên B Từ Văn Quýt ký", "bên B [person] ký"),
        ("ghi sai tên Nhữ Thị Thuý thành Như Thị Thúy rồi", "ghi sai tên [person] thành [person] rồi"),
        ("ghi sai Nguyễn Trần Khả Doanh thành Khả Danh", "ghi sai [person] thành [person]"),
    ],
)
def test_owners_initials_parties_and_corrected_names_are_people(text: str, public: str) -> None:
    assert redact.public(text) == public

"""How people write numbers, mail addresses and pages of their own, and what looks like one and is none."""

import pytest

from caunoi.lib.privacy import redact

HOSTS = """
facebook.com fb.com fb.me fb.watch m.me messenger.com zalo.me zaloapp.com instagram.com tiktok.com youtube.com youtu.be
twitter.com x.com threads.net threads.com t.me linkedin.com locket.cam
"""
UNITS = "đồng, d, vnd, vn đồng, k, tr, triệu, nghìn, ngàn, tỷ, usd, m2, m3, kwh, kg, tấn, ha, con, người, hộ, %, lít"


@pytest.mark.parametrize("host", HOSTS.split())
def test_a_page_of_somebody_s_own_is_theirs(host: str) -> None:
    for before in ("https://", "http://", "", "www."):
        assert redact.public(f"nick {before}{host}/khoai.99.") == "nick [person]."
    assert redact.public(f"trang {host} của xã") == f"trang {host} của xã"


@pytest.mark.parametrize("unit", UNITS.split(", "))
def test_an_amount_is_nobody_s_number(unit: str) -> None:
    for number in ("đã có 123456789", "gọi 65123456"):
        assert redact.public(f"{number} {unit} rồi") == f"{number} {unit} rồi"
        assert redact.public(f"{number} rồi") != f"{number} rồi"


@pytest.mark.parametrize(
    "written",
    [
        "a.b@example.com",
        "a (at) example.com",
        "a [a cong] example [cham] com",
        "a a moc example.com",
        "a at example dot com",
        "a @ example.com",
        "a@ example.com",
        "a @example.com",
        "a+b_c-9%@mail.example.com.vn",
    ],
)
def test_a_mail_address_is_known_however_it_is_written(written: str) -> None:
    assert redact.public(f"gửi {written}, cảm ơn") == "gửi [email], cảm ơn"


def test_a_mail_address_with_spaces_begins_after_the_word_for_one() -> None:
    assert redact.public("mail: khoai le 99 @example.com") == "mail: [email]"
    assert redact.public("email của tôi là khoai.99 @ gmail.com") == "email của tôi là [email]"


@pytest.mark.parametrize(
    "written",
    [
        "0912345678",
        "0912.345.678",
        "0912-345-678",
        "o912345678",
        "84912345678",
        "+84 912 345 678",
        "+84 (0) 912 345 678",
        "(0276) 3812345",
        "không chín một hai ba bốn năm sáu bảy tám",
        "không, chín, một, hai, ba, bốn, năm, sáu, bảy, tám",
    ],
)
def test_a_phone_is_known_however_it_is_written(written: str) -> None:
    assert redact.public(f"số {written}, cảm ơn") == "số [phone], cảm ơn"


@pytest.mark.parametrize("word", ["SĐT", "dt", "tel", "zalo", "lh"])
def test_a_phone_may_touch_the_word_for_one(word: str) -> None:
    assert redact.public(f"{word}0912345678 nhé") == f"{word}[phone] nhé"
    assert redact.public("x0912345678 nhé") == "x0912345678 nhé"


@pytest.mark.parametrize("written", ["0912345678,5", "0912345678_1", "1.0912345678", "1/0912345678"])
def test_a_part_of_a_longer_number_is_no_phone(written: str) -> None:
    assert redact.public(f"số {written} nhé") == f"số {written} nhé"


@pytest.mark.parametrize(
    ("text", "public"),
    [
        ("giấy C1234567", "giấy [passport]"),
        ("giấy C12345678", "giấy [passport]"),
        ("hộ chiếu c1234567", "hộ chiếu [passport]"),
        ("hộ chiếu AB1234567", "hộ chiếu [passport]"),
        ("giấy c1234567, AB1234567, C123456", "giấy c1234567, AB1234567, C123456"),
        ("mã hồ sơ C1234567", "mã hồ sơ C1234567"),
        ("thẻ GD4707012345678", "thẻ [health_insurance]"),
        ("thẻ GD-4707012345678", "thẻ [health_insurance]"),
        ("bhyt gd4707012345678", "bhyt [health_insurance]"),
        ("bhyt GD 47 070 123 45678", "bhyt [health_insurance]"),
        ("mã gd4707012345678", "mã gd4707012345678"),
    ],
)
def test_letters_before_a_number_say_what_it_is_if_they_are_capitals_or_a_word_says_so(text: str, public: str) -> None:
    assert redact.public(text) == public


@pytest.mark.parametrize("plate", ["93C-123.45", "93C-1234", "93C1-123.45", "93 C1 123.45", "12M2-123.45"])
def test_a_plate_is_known_by_its_shape(plate: str) -> None:
    assert redact.public(f"thấy {plate} chạy ẩu") == "thấy [plate] chạy ẩu"


@pytest.mark.parametrize("plate", ["93c1234", "93c-12345", "93C12345"])
def test_a_plate_without_its_shape_is_known_after_the_word_for_one(plate: str) -> None:
    assert redact.public(f"biển số {plate} chạy ẩu") == "biển số [plate] chạy ẩu"
    bare = plate if plate != "93C12345" else "[plate]"  # of eight signs without a gap hardly anything else
    assert redact.public(f"thấy {plate} chạy ẩu") == f"thấy {bare} chạy ẩu"


def test_a_plate_of_the_army_is_known_after_the_word_for_one() -> None:
    for plate in ("TM 12-34", "TM-12-34", "TM-12.34"):
        assert redact.public(f"biển số {plate} chạy ẩu") == "biển số [plate] chạy ẩu"
        assert redact.public(f"thấy {plate} chạy ẩu") == f"thấy {plate} chạy ẩu"


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        ("C1234567", "passport"),
        ("GD4707012345678", "health_insurance"),
        ("93C-123.45", "plate"),
        ("0912345678", "phone"),
        ("070203001999", "id_card"),
        ("a.b@example.com", "email"),
    ],
)
def test_a_letter_may_begin_and_end_with_it(number: str, kind: str) -> None:
    assert redact.public(f"{number} bị lộ") == f"[{kind}] bị lộ"
    assert redact.public(f"Lộ {number}") == f"Lộ [{kind}]"
    assert redact.public(number) == f"[{kind}]"


def test_an_identity_number_without_a_word_begins_with_a_province_s_number() -> None:
    for number in ("001203001999", "096203001999"):
        assert redact.public(f"giấy {number} bị mất") == "giấy [id_card] bị mất"
    for number in ("000203001999", "097203001999", "960203001999"):
        assert redact.public(f"giấy {number} bị mất") == f"giấy {number} bị mất"


@pytest.mark.parametrize(
    ("text", "public"),
    [
        ("cmnd 27o 123 4o6", "cmnd [old_id]"),
        ("căn cước O75 199 OO3 882", "căn cước [id_card]"),
        ("sinh tháng 3 năm 1980", "sinh tháng [birth_date]"),
        ("sinh khoảng 1955", "sinh khoảng [birth_date]"),
        ("một ông sinh 1950, một ông 1959", "một ông sinh [birth_date], một ông [birth_date]"),
        ("21-01-1948 là ngày sanh của má", "[birth_date] là ngày sanh của má"),
        ("sn 45 đường Lê Lợi", "sn [house_number] đường Lê Lợi"),
        ("xe ba gác 93A1_4408", "xe ba gác [plate]"),
        ("không chín không chín 123 456", "[phone]"),
        ("căn B-1204", "căn [house_number]"),
        ("chị Lan phòng 6", "chị [person] phòng [house_number]"),
        ("sanh mùng 4 tháng 8 âm lịch năm nay", "sanh [birth_date]"),
        ("sinh ngày 12/3", "sinh ngày [birth_date]"),
        ("sanh năm Kỷ Sửu 1949", "sanh năm [birth_date]"),
        ("năm sinh thì sáu mươi tám", "năm sinh thì [birth_date]"),
        ("bà tuổi Nhâm Tý", "bà tuổi [birth_date]"),
        ("chào đời hôm 12/3/2024", "chào đời hôm [birth_date]"),
        ("vợ chồng sn 80, 82, ở trọ", "vợ chồng sn [birth_date], [birth_date], ở trọ"),
        (
            "ngày sinh trên thẻ ghi 11/06/1994, đúng ra 06/11/1994",
            "ngày sinh trên thẻ ghi [birth_date], đúng ra [birth_date]",
        ),
        ("sinh 1/1/2003, giấy chứng minh là 17/8/2003", "sinh [birth_date], giấy chứng minh là [birth_date]"),
        ("tuyển sinh ngày 12/3/2024", "tuyển sinh ngày 12/3/2024"),
        ("hy sinh năm 1971 mà giấy báo tử ghi 1972", "hy sinh năm 1971 mà giấy báo tử ghi 1972"),
        ("hộ chiếu P4410827B", "hộ chiếu [passport]"),
        ("sổ thông hành số PA0338217", "sổ thông hành số [passport]"),
        ("biển 51L-30x.19", "biển [plate]"),
        ("biển 51L-xxx.19", "biển 51L-xxx.19"),
        ("số thuế cá nhân 8 061 774 239", "số thuế cá nhân [tax]"),
        ("gọi 00886 968 114 502", "gọi [phone]"),
        ("số (84)912345678", "số [phone]"),
        ("gọi 1900545413 hoài", "gọi 1900545413 hoài"),
        (
            "tài khoản 5906 2050 11843, danh sách in ra 5906 2050 11834",
            "tài khoản [bank], danh sách in ra [bank]",
        ),
    ],
)
def test_numbers_are_known_in_the_ways_people_write_them(text: str, public: str) -> None:
    assert redact.public(text) == public


@pytest.mark.parametrize(
    "text",
    [
        "Công ty TNHH Minh Tâm Phát, MST 3603912845, có phải đổi địa chỉ không",
        "mst htx 3801357924 bi khoa",
        "mst cong ty: 0309876543, chi nhanh 0309876543-012",
    ],
)
def test_a_firm_s_tax_number_is_nobody_s(text: str) -> None:
    assert redact.public(text) == text


def test_but_a_person_s_beside_a_firm_is_one() -> None:
    assert redact.public("công ty hỏi mst cá nhân 8012345678") == "công ty hỏi mst cá nhân [tax]"


@pytest.mark.parametrize(
    ("text", "public"),
    [
        ("sai năm sinh (thẻ 1958, CCCD 1985)", "sai năm sinh (thẻ [birth_date], CCCD [birth_date])"),
        ("không có ngày sinh chỉ có năm 1947.", "không có ngày sinh chỉ có năm [birth_date]."),
        ("bé Nguyễn Phúc Lâm 07/07/2023 thẻ sai", "bé [person] [birth_date] thẻ sai"),
        ("xe đưa học sinh 16 chỗ nhét 31 em", "xe đưa học sinh 16 chỗ nhét 31 em"),
    ],
)
def test_years_of_birth_are_known_by_what_is_said_of_them(text: str, public: str) -> None:
    assert redact.public(text) == public

"""Which words before a number say that it is a home's, and which that it is a road's, a thing's, a day's, an office's.

Written without marks: letters are read that way.
"""

import pytest

from caunoi.lib.privacy import redact


def words_of(text: str) -> list[str]:
    return " ".join(text.split()).split(", ")


NUMBERED_THINGS = """
duong, cau, dinh, lop, phong kham, truong, truong tieu hoc, mam non, tieu hoc, quoc lo, to, ap, thon, quay, tuyen,
buyt, ky, dieu, khoa, da khoa, benh vien, khu pho, hem, ngo, ho, thac, cua, xang dau, ban, tram, tru, tru den,
tru dien, cot, cot den, cot dien, den, bong, chot, kho, doi, kenh, cang, ben, khu, bai, thua, thua dat, to ban do, mau,
dot, tram y te, phieu, giay, don, cong van, don vi, ubnd, cum, lo, nga tu, nga ba, km, ql, hai, moi, cac
"""
DWELLING = """
o, tai, ngu, dia chi, dc, d/c, ve, nha, tru, ngu tai, o tai, song tai, hien o, thuong tru, tam tru, qua, den, sau,
canh, vao, so
"""
OFFICES = """
tru so, ubnd, uy ban, van phong, trung tam, chi cuc, cuc, vu, bo, toa an, benh vien, truong, cong ty, kho bac, buu dien
"""
SOMEONE = """
toi, em, minh, nha, ho, ong, ba, anh, chi, chau, ngu, o, gan, canh, sau, truoc, doi dien, co, chu, bac
"""
WAYS = """
duong, pho, hem, ngo, ngach, kiet, to, ap, thon, kp, khu pho, tdp, dai lo, quoc lo, ql, tinh lo, dt, xom, buon, khu
"""
PARTS_OF_TOWN = "duong, to, ap, thon, kp, khu pho, pho, quan, phuong, lop, km"
DAYS = "ngay, luc, hoi, dip, le, sang, chieu, toi, tu, mung"
STREET = "duong Phan Chu Trinh"


@pytest.mark.parametrize("word", words_of(NUMBERED_THINGS))
def test_what_is_called_by_its_number_is_no_home(word: str) -> None:
    assert redact.public(f"gan {word} so 60, {STREET}") == f"gan {word} so 60, {STREET}"
    assert redact.public(f"gan can nha so 60, {STREET}") == f"gan can nha so [house_number], {STREET}"


@pytest.mark.parametrize("word", words_of(DWELLING))
def test_a_number_before_a_street_is_a_home_after_what_says_that_somebody_is_there(word: str) -> None:
    for between in (" ", ": "):
        text = f"mat dien {word}{between}60 {STREET}"
        assert redact.public(text) == text.replace("60", "[house_number]")
    assert redact.public(f"mat dien khi 60 {STREET}") == f"mat dien khi 60 {STREET}"


@pytest.mark.parametrize("before", [", ", ": ", " (", " ngo 12, ", " hem 12 nha "])
def test_a_number_before_a_street_is_a_home_after_a_sign_or_an_alley(before: str) -> None:
    assert redact.public(f"mat dien{before}60 {STREET}") == f"mat dien{before}[house_number] {STREET}"


@pytest.mark.parametrize("word", words_of(OFFICES))
def test_an_office_is_no_home_unless_somebody_is_named_between(word: str) -> None:
    assert redact.public(f"{word} dong tai so nha 60") == f"{word} dong tai so nha 60"
    assert redact.public(f"{word} dong tai K4, 60B {STREET}") == f"{word} dong tai K4, 60B {STREET}"
    assert redact.public(f"{word} dong. Nha em tai so nha 60") == f"{word} dong. Nha em tai so nha [house_number]"


@pytest.mark.parametrize("word", words_of(SOMEONE))
def test_somebody_named_after_an_office_has_a_home(word: str) -> None:
    assert redact.public(f"kho bac va {word} tai so nha 60") == f"kho bac va {word} tai so nha [house_number]"


@pytest.mark.parametrize("word", words_of(WAYS))
def test_a_number_before_a_way_is_a_home(word: str) -> None:
    assert redact.public(f"toi o 60 {word} 12") == f"toi o [house_number] {word} 12"


@pytest.mark.parametrize("word", words_of(PARTS_OF_TOWN) + words_of(DAYS))
def test_a_number_with_a_slash_is_no_home_after_a_part_of_the_town_or_a_day(word: str) -> None:
    assert redact.public(f"hop {word} 12/3 {STREET}") == f"hop {word} 12/3 {STREET}"
    assert redact.public(f"hop khi 12/3 {STREET}") == f"hop khi [house_number] {STREET}"


@pytest.mark.parametrize(
    "text",
    [
        "số nhà <12/3>",
        "số nhà cũ: <12>",
        "so nha moi <12>",
        "so nha cua em: so <12>",
        "nhà tôi số <12>",
        "so nha cu va <12>",
        "co Tư mua ban (so: <12>",
        "căn hộ <A12.05>",
        "can ho chung cu so <A12.05>",
        "căn <A12.05>",
        "căn <1205>",
        "căn <A1205>",
        "địa chỉ: <K4/12>",
        "đ/c <K4/12>",
        "dc <K4/12>",
        "ở <K4/12>",
        "tai <K4/12>",
        "ngụ so <K4/12b>",
        "nhà <K4/12>",
        "phòng số <12>",
        "phòng trọ số <12>",
        "phòng <12> nhà trọ",
        "phong <12> khu tro",
        "phong <12b> day tro",
        "phong <12> chung cu",
        "phong <12> toa A",
        "phong <12> tang 3",
        "lô <B12>",
        "lo dat so <B-12.3>",
        "hẻm <12/3>",
        "ngo <12/3>",
        "ngach <12/3>",
        "kiet: <12b/3>",
        "sau nhà <12>",
        "truoc nha <12>",
        "canh nha <12>",
        "ben nha <12>",
        "doi dien nha <12>",
        "house <12>",
        "my home is <12>",
        "flat number <12>",
        "apartment at <12>",
        "address: no. <12>",
        "I live at <12>",
        "she lives in flat <12>",
        "staying at <12>",
        "at <12> Tran Phu street",
        "near <12> Tran Phu st",
        "behind no. <12> Tran Phu road",
        "opposite <12>, Tran Phu rd",
        "across from <12> Tran Phu alley",
        "next to <12> Tran Phu lane",
        "of <12> Tran Phu avenue",
        "outside <12> Tran Phu ave",
        "beside <12> Tran Phu street",
        "nha <15> do rac",
        "nhà em <45> đường số 7",
        "nha toi <17> ma hai ben la nha khac",
        "nhà <16K> mở loa",
        "hem 47 nha <12>",
        "to 4, nha <15>",
        "ap 3, so <15>",
        "nha so cu <85>",
        "so nha cua toi la <15>",
        "dia chi: tren he thong la so <306>",
        "noi thuong tru: so <15>",
        "day C phong <12>",
        "o <P.1203>",
        "chu can <C.09.04>",
        "k ve <K23/4> Tran Phu",
        "o <24-26> Tran Phu",
        "số nhà <24A1>",
        "nha so <24 A> duong Tran Phu",
        "cup nuoc, <87/14/2A>, Tam Phuoc",
    ],
)
def test_a_home_is_known_by_what_stands_before_its_number(text: str) -> None:
    start, end = text.index("<"), text.index(">")
    written = text.replace("<", "").replace(">", "")
    spans = [(span.start, span.end) for span in redact.find(written) if span.kind == "house_number"]
    assert spans == [(start, end - 1)]


@pytest.mark.parametrize(
    "text",
    [
        "căn 500k",
        "căn 1200 đồng",
        "can 300 tr, can 120 m2, can 500 kg, can 100 cai, can 200 nguoi",
        "sau nhà 12 người",
        "sau nha 12 tang, canh nha 12 m, ben nha 12 met, truoc nha 12 ho",
        "house 12 days, home 2 hours, flat 3 floors, address 2 km, house 5 minutes, home 2 weeks",
        "house 3 months, home 2 years, flat 2 times, house 4 people, house 4 persons, flat 60 m, house 7 pm, home 6 am",
        "cống số 12 đường Trần Phú",
        "nha may so 12, nha van hoa so 3, nha tho so 2, nha tre so 1, nha hang so 2, nha nuoc so 1, nha truong so 1",
        "nha thuoc so 12, nha khach so 3, nha xe so 1",
        "nhà 15 người, nhà 2 tầng, nha 148 khoi, nhà 500K một ngày",
        "thương binh 4/4, dt khác",
        "3 thửa 15, 16, 22 tờ 47",
        "lo dat so 7 khu tai dinh cu",
        "số 45 Trần Phú là trụ sở công an, truoc so 201 Trần Phú (siêu thị)",
        "kich thuoc 12/3/24, quyet dinh 40/12/15A",
    ],
)
def test_amounts_and_public_houses_are_no_homes(text: str) -> None:
    assert redact.public(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "đèn tắt từ số 40 tới số 96 đường Lê Duẩn",
        "giấy tờ cháy nhà 1992 mất hết",
        "sửa tại nhà 24/7",
        "không cần 113 gấp đâu",
        "cây che ở giao lộ QL13",
        "phủ sóng 4G khu bến đò",
        "trụ điện số TĐ-47/12 đường ĐT741 bị tông",
        "bãi rác ngay trụ 118 đường Hương lộ 10",
    ],
)
def test_stretches_years_and_scales_are_no_homes(text: str) -> None:
    assert redact.public(text) == text


@pytest.mark.parametrize(
    ("text", "public"),
    [
        ("quán kế bên 22/1/6 hát khuya", "quán kế bên [house_number] hát khuya"),
        ("trước nhà tui 407 Phan Trung", "trước nhà tui [house_number] Phan Trung"),
        ("Chị ở số 102/4? Dạ", "Chị ở số [house_number]? Dạ"),
    ],
)
def test_a_home_is_known_beside_its_street_or_a_neighbour(text: str, public: str) -> None:
    assert redact.public(text) == public

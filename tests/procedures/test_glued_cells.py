import pytest

from caunoi.procedures import cells
from caunoi.procedures.cells import Case, Paper, Way

WAYS = "Hình thức nộpThời gianPhí, lệ phíMô tả"
PAPERS = "Tên giấy tờMẫu đơn, tờ khaiSố lượng"
LAWS = "Tên văn bản pháp lýMã văn bản"


def test_ways_are_told_apart_with_time_fee_and_remark():
    found, odd = cells.ways(
        WAYS
        + "Trực tuyến5 Ngày làm việcMiễn phíDịch vụ bưu chính7 Ngày làm việc200,000 Việt Nam Đồng(một lần)Gửi qua bưu "
        "điện.Trực tiếpKhông có thông tinKhông có thông tin"
    )
    assert found == (
        Way(form="Trực tuyến", days=5, time_text="5 ngày làm việc", fee_text="Miễn phí"),
        Way(
            form="Dịch vụ bưu chính",
            days=7,
            time_text="7 ngày làm việc",
            fee_text="200.000 đồng (một lần)",
            note="Gửi qua bưu điện.",
        ),
        Way(form="Trực tiếp"),
    )
    assert not odd


@pytest.mark.parametrize(
    ("cell", "days", "time"),
    [
        ("3 Ngày làm việc", 3, "3 ngày làm việc"),
        ("30 Ngày", None, "30 ngày"),
        ("2 Tháng", None, "2 tháng"),
        ("8 Giờ", None, "8 giờ"),
        ("Không có thông tin", None, ""),
    ],
)
def test_only_working_days_become_a_number_of_working_days(cell, days, time):
    ((way,), _odd) = cells.ways(f"{WAYS}Trực tiếp{cell}Miễn phí")
    assert (way.days, way.time_text) == (days, time)


def test_a_time_without_a_unit_is_kept_as_text_and_said_so():
    ((way,), odd) = cells.ways(WAYS + "Trực tiếp15Miễn phí")
    assert way.days is None
    assert way.time_said == "15 (Cổng không ghi đơn vị)"
    assert odd == [("time_without_unit", "Trực tiếp 15")]


def test_free_of_charge_beside_a_named_fee_is_not_believed():
    ((way,), odd) = cells.ways(WAYS + "Trực tiếp5 Ngày làm việcMiễn phí(Lệ phí: 50.000 đồng/lần)")
    assert way.fee_text == "Lệ phí: 50.000 đồng/lần"
    assert odd[0][0] == "free_but_names_a_fee"


def test_free_of_charge_with_a_remark_that_says_so_stays_free():
    ((way,), odd) = cells.ways(WAYS + "Trực tiếp5 Ngày làm việcMiễn phí(Không thu lệ phí theo Nghị quyết 1)")
    assert way.fee_text == "Miễn phí (Không thu lệ phí theo Nghị quyết 1)"
    assert not odd


def test_a_fee_whose_thousands_were_left_out_gives_way_to_its_remark():
    ((way,), odd) = cells.ways(WAYS + "Trực tiếp5 Ngày làm việc135 VNĐ(Lệ phí: 135.000 đồng/lần.)")
    assert way.fee_text == "Lệ phí: 135.000 đồng/lần."
    assert odd[0][0] == "fee_too_small"


def test_time_and_fee_in_one_number_are_not_guessed():
    ((way,), odd) = cells.ways(WAYS + "Trực tuyến120 VNĐ")
    assert (way.days, way.time_text, way.fee_text, way.note) == (None, "", "", "120 VNĐ")
    assert odd == [("time_and_fee_glued", "Trực tuyến120 VNĐ")]


def test_the_word_for_a_way_inside_a_remark_begins_no_new_way():
    found, _odd = cells.ways(WAYS + "Trực tiếp5 Ngày làm việcMiễn phíTrực tiếp: nộp tại bộ phận một cửa")
    assert [way.form for way in found] == ["Trực tiếp"]
    assert found[0].note == "Trực tiếp: nộp tại bộ phận một cửa"


def test_papers_are_told_apart_by_case_with_forms_and_counts():
    found, odd = cells.cases(
        f"--{PAPERS}Tờ khai theo mẫuMau 01.docx1 bản chínhBản sao hộ chiếu0 bản chính,2 bản saoa) Trường hợp cấp lại:"
        f"{PAPERS}- Đơn đề nghị1 bản chính* Lưu ý: mang bản chính để đối chiếu0 bản chính"
    )
    assert found == (
        Case(
            papers=(
                Paper(name="Tờ khai theo mẫu", form="Mau 01.docx", originals=1),
                Paper(name="Bản sao hộ chiếu", copies=2),
            )
        ),
        Case(
            title="a) Trường hợp cấp lại",
            papers=(Paper(name="Đơn đề nghị", originals=1), Paper(name="Lưu ý: mang bản chính để đối chiếu")),
        ),
    )
    assert [paper.name for paper in found[1].needed] == ["Đơn đề nghị"]
    assert found[1].remarks == ("Lưu ý: mang bản chính để đối chiếu",)
    assert not odd


@pytest.mark.parametrize(
    ("glued", "name", "originals"),
    [
        ("Theo Mẫu số 011 bản chính", "Theo Mẫu số 01", 1),
        ("ban hành ngày 31/12/20252 bản chính", "ban hành ngày 31/12/2025", 2),
        ("Ảnh chân dung12 bản chính", "Ảnh chân dung", 12),
    ],
)
def test_a_count_glued_to_a_number_is_its_last_digit_unless_it_stands_alone(glued, name, originals):
    ((case,), odd) = cells.cases(f"--{PAPERS}{glued}")
    assert (case.papers[0].name, case.papers[0].originals) == (name, originals)
    assert odd[0][0] == "count_glued_to_number"


def test_a_number_of_copies_inside_a_sentence_is_no_count():
    ((case,), _odd) = cells.cases(f"--{PAPERS}Hồ sơ gồm 01 bản chính và 02 bản sao có đóng dấu1 bản chính")
    assert [paper.name for paper in case.papers] == ["Hồ sơ gồm 01 bản chính và 02 bản sao có đóng dấu"]


def test_papers_that_cannot_be_told_apart_are_kept_whole():
    ((case,), odd) = cells.cases("Kê khai trên biểu mẫu điện tử")
    assert case.papers == (Paper(name="Kê khai trên biểu mẫu điện tử"),)
    assert odd[0][0] == "papers_not_told_apart"


def test_laws_are_told_apart_by_their_numbers():
    found, odd = cells.laws(
        LAWS
        + "Luật Hộ tịch60/2014/QH13Nghị định 123/2015/NĐ-CP123/2015/NĐ-CPQuy định mẫu giấy tờ04/2015/TT-BCAThông tư "
        "hướng "
        "dẫn12/2025/TT-BTP"
    )
    assert found == (
        "Luật Hộ tịch (60/2014/QH13)",
        "Nghị định 123/2015/NĐ-CP",
        "Quy định mẫu giấy tờ (04/2015/TT-BCA)",
        "Thông tư hướng dẫn (12/2025/TT-BTP)",
    )
    assert not odd


def test_results_lose_their_codes_and_the_portals_buttons():
    found, words, odd = cells.results(
        "Giấy khai sinhMã: KQ.G15.000031Trích lụcMã: KQ.G15.000032Từ khóakhai sinh, trẻ emMô tảKhông có thông tin"
        "Chọn cơ quan thực hiệnTỉnh/ Thành phố"
    )
    assert (found, words, odd) == (("Giấy khai sinh", "Trích lục"), ("khai sinh", "trẻ em"), [])


@pytest.mark.parametrize(
    "nothing", ["", "Không có thông tin", "  không có thông tin.".strip().capitalize(), "Không", "--"]
)
def test_what_says_nothing_becomes_nothing(nothing):
    assert cells.tidy(nothing) == ""

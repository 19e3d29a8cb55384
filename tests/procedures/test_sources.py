import gzip
import json

import pytest

from caunoi.procedures.record import BadRecordError, Record, parse
from caunoi.procedures.sources import LONGEST_LINE, BadFileError, read
from tests.procedures.records import lines, raw, row, sheet


def flaws(data: bytes) -> list[tuple[int, str]]:
    with pytest.raises(BadFileError) as caught:
        read(data)
    return [(flaw.line, flaw.problem) for flaw in caught.value.flaws]


def test_a_record_comes_back_from_its_json_as_it_was():
    record, odd = parse(raw())
    assert Record.of(json.loads(json.dumps(record.content()))) == record
    assert record.conditions == ""
    assert record.cases[0].papers[0].originals == 1
    assert not odd


def test_text_that_is_not_nfc_is_put_right_and_said_so():
    record, odd = parse(raw(ten_thu_tuc="Đăng ky\u0301 kết hôn\u200b"))
    assert record.name == "Đăng ký kết hôn"
    assert [(o.field, o.problem) for o in odd] == [("ten_thu_tuc", "not_nfc")]


def test_commas_inside_brackets_part_no_audience():
    record, _odd = parse(raw(doi_tuong_thuc_hien="Tổ chức (không bao gồm doanh nghiệp, HTX), Công dân Việt Nam"))
    assert record.audience == ("Tổ chức (không bao gồm doanh nghiệp, HTX)", "Công dân Việt Nam")


@pytest.mark.parametrize("code", ["", "1.23", "12.000001", "1.000001x", None, "=A1"])
def test_a_record_without_a_procedure_code_is_none(code):
    with pytest.raises(BadRecordError):
        parse(raw(ma_thu_tuc=code))


def test_json_lines_are_read_plain_and_packed_with_a_byte_order_mark_and_empty_lines():
    data = lines(raw("1.000001"), raw("1.000002"))
    for variant in (data, gzip.compress(data), b"\xef\xbb\xbf" + data, data.replace(b"\n", b"\r\n\r\n")):
        assert [r.code for r in read(variant).records] == ["1.000001", "1.000002"]


def test_the_portals_list_is_read_below_its_title():
    source = read(sheet(row("1.000001", "Đăng ký  khai sinh", "Bộ Tư pháp\nỦy ban nhân dân cấp xã"), row("1.000002")))
    assert source.kind == "list"
    assert source.records[0].name == "Đăng ký khai sinh"
    assert source.records[0].agency == "Bộ Tư pháp, Ủy ban nhân dân cấp xã"
    assert source.labels["1.000001"] == "Bộ Tư pháp"


def test_one_code_twice_is_one_record_and_said_so():
    same = read(lines(raw(), raw()))
    assert (len(same.records), [o.problem for o in same.oddities]) == (1, ["code_twice"])
    other = read(lines(raw(), raw(ten_thu_tuc="Tên mới", detail_url="https://example.org/x")))
    assert other.records[0].name == "Tên mới"
    assert [o.problem for o in other.oddities] == ["code_twice_differs"]


def test_records_that_share_one_page_are_set_aside_because_their_words_may_be_anothers():
    page = {"detail_url": "https://example.org/shared"}
    source = read(lines(raw("1.000001", **page), raw("1.000002", **page), raw("1.000003")))
    assert [r.code for r in source.records] == ["1.000003"]
    assert source.aside == ("1.000001", "1.000002")
    assert {o.problem for o in source.oddities} == {"page_of_several"}


@pytest.mark.parametrize(
    "data", [b"", b" \n\n ", gzip.compress(b"", mtime=0)], ids=["no byte", "blank lines", "packed nothing"]
)
def test_an_empty_file_is_refused(data):
    assert flaws(data)[0][1] in ("file_empty", "no_records")


def test_a_half_cut_line_is_named_by_its_number_and_nothing_is_read():
    data = lines(raw("1.000001"), raw("1.000002"), raw("1.000003"))
    assert flaws(data[:-200]) == [(3, "not_json")]


def test_a_packed_file_with_any_byte_flipped_is_refused_or_read_whole():
    packed = gzip.compress(lines(*(raw(f"1.{number:06}") for number in range(60))))
    for at in range(0, len(packed), 7):
        broken = bytearray(packed)
        broken[at] ^= 0x55
        try:
            assert len(read(bytes(broken)).records) == 60  # a flag or the time in its head
        except BadFileError as error:
            assert error.flaws


def test_a_packed_file_that_was_cut_off_is_refused():
    packed = lines(*(raw(f"1.{n:06}") for n in range(200)), packed=True)
    assert flaws(packed[: len(packed) // 2])[0][1] in ("cut_off", "not_json")


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (b'["a"]', "not_an_object"),
        (b"\xff\xfe{}", "not_utf8"),
        (b"Ma,Ten", "not_json"),
        (b"[" * 100_000, "not_json"),
        (b"null", "not_an_object"),
        (b'{"ma_thu_tuc": "1.000001"}', "no_name"),
        (b'{"ma_thu_tuc": {}}', "no_code"),
        (b'{"ma_thu_tuc": "1.000001", "ten_thu_tuc": 5}', "not_a_text"),
        (b"\x00\x01\x02", "not_json"),
        (b'{"ma_thu_tuc": "1.000001", "ten_thu_tuc": "' + b"d" * 4000 + b'"}', "name_too_long"),
    ],
)
def test_a_line_that_is_no_record_is_named(line, problem):
    assert flaws(lines(raw("1.000009")) + line + b"\n") == [(2, problem)]


def test_all_bad_lines_are_named_at_once_but_not_endlessly():
    assert [line for line, _problem in flaws(b"x\n" * 100)] == list(range(1, 21))


def test_an_endless_line_is_refused_before_it_fills_the_memory():
    bomb = gzip.compress(b'{"ma_thu_tuc": "' + b"1" * (LONGEST_LINE + 10))
    assert flaws(bomb) == [(1, "line_too_long")]


def test_a_workbook_with_other_columns_is_refused():
    assert flaws(sheet(("a", "b"), header=("Họ tên", "Ngày sinh"))) == [(0, "wrong_columns")]


def test_a_workbook_without_rows_is_refused():
    assert flaws(sheet()) == [(0, "no_records")]


@pytest.mark.parametrize("data", [b"PK\x03\x04rubbish", b"PK\x03\x04", sheet(row("1.000001"))[:900]])
def test_a_broken_workbook_is_refused(data):
    assert flaws(data)[0][1] == "not_xlsx"


def test_formula_cells_and_rows_without_a_code_are_named_by_their_row():
    data = sheet(
        row("1.000001"), ("=1+1", "x", "", "", ""), ("1.000003", "=A1", "", "", ""), ("", "không mã", "", "", "")
    )
    assert flaws(data) == [(4, "formula"), (5, "formula"), (6, "no_code")]


def test_columns_may_stand_in_any_order_and_blank_rows_between():
    data = sheet(
        ("Hộ tịch", "Tên A", "1.000001"),
        (None, None, None),
        ("", "Tên B", "1.000002"),
        header=("Lĩnh vực", "Tên", "Mã số"),
    )
    assert [(r.code, r.name, r.field) for r in read(data).records] == [
        ("1.000001", "Tên A", "Hộ tịch"),
        ("1.000002", "Tên B", ""),
    ]


def test_rubbish_of_any_kind_is_refused_with_a_reason():
    for data in (b"%PDF-1.7 ...", b"\x89PNG\r\n", b"<html></html>", bytes(range(256)) * 40, b"\x1f\x8b\x00\x00"):
        assert flaws(data)

"""Files as they come: what they hold is read, what they pretend is not believed.

Proves: Files as offices send them: titles, two-storey headings, merged cells, section rows,
UTF-8/UTF-16/Windows-1258, any separator, formulas, .xls/HTML/PDF/zip bombs told by content
Proves: a hostile workbook (cells far apart, one long word many times, a bomb) takes neither memory nor the process
with it; errors and formulas without a value are seen"""

import io
import zipfile

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from caunoi.lib.tables.headings import find
from caunoi.lib.tables.sheets import BadSheetError, lines
from tests.imports.conftest import table, workbook

ROWS = [["Họ và tên", "Số điện thoại"], ["Nguyễn Văn An", "0912345678"]]


def read(path):
    return [list(line.cells) for line in lines(path)]


@pytest.fixture
def at(tmp_path):
    def write(content: bytes):
        path = tmp_path / "file"
        path.write_bytes(content)
        return path

    return write


@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "utf-16", "cp1258"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_csv_in_every_coding_and_with_every_separator(at, coding, separator):
    text = table(ROWS, separator).decode("utf-8-sig")
    if coding == "cp1258":  # writes the tones apart
        text = (
            text.replace("ọ", "o\u0323")
            .replace("ạ", "a\u0323")
            .replace("ố", "ô\u0301")
            .replace("ệ", "ê\u0323")
            .replace("ễ", "ê\u0303")
        )
    assert read(at(text.encode(coding))) == ROWS


def test_excels_own_ways_are_undone(at):
    text = 'sep=;\r\nHọ và tên;SĐT\r\n="An ""Tư""";="0912345678"\r\n\'+84912345678;\'-\r\n'
    assert read(at(text.encode())) == [["Họ và tên", "SĐT"], ['An "Tư"', "0912345678"], ["+84912345678", "'-"[1:]]]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "file_empty"),
        (b"\xef\xbb\xbf\r\n \r\n", "file_empty"),
        (bytes.fromhex("D0CF11E0A1B11AE1") + b"\0" * 100, "old_excel"),
        (b"<html><table><tr><td>A</td></tr></table></html>", "web_page"),
        (b"%PDF-1.7 \n", "no_table"),
        ("\ufeffTên,Số\nAn,1\n".encode("utf-16-le") + b"\n", "no_table"),  # half a letter
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00", "no_table"),
        (b"PK\x03\x04 broken", "no_workbook"),
        (workbook(ROWS)[:-200], "no_workbook"),
    ],
)
def test_what_is_no_table_is_told_by_its_content(at, content, problem):
    with pytest.raises(BadSheetError) as told:
        read(at(content))
    assert told.value.problem == problem


def hostile(write) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        write(book.add_worksheet())
    return out.getvalue()


def far_apart(sheet):
    sheet.write(0, 0, "A")
    sheet.write(1_048_575, 16_383, "Z")


def one_word_repeated(sheet):
    for row in range(50_000):
        for column in range(3):
            sheet.write_string(row, column, "x" * 32_000)


@pytest.mark.parametrize("write", [far_apart, one_word_repeated])
def test_a_small_file_that_asks_for_gigabytes_gets_none_of_ours(at, write):
    content = hostile(write)
    assert len(content) < 2_000_000
    with pytest.raises(BadSheetError) as told:
        read(at(content))
    assert told.value.problem == "file_too_large"


def test_a_zip_that_unpacks_to_gigabytes_is_no_workbook(at):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", "<workbook/>")
        packed.writestr("xl/sharedStrings.xml", b"\0" * 160_000_000)
    assert len(out.getvalue()) < 1_000_000
    with pytest.raises(BadSheetError):
        read(at(out.getvalue()))


def test_a_zip_without_a_workbook_is_none(at):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("readme.txt", "hello")
    with pytest.raises(BadSheetError) as told:
        read(at(out.getvalue()))
    assert told.value.problem == "no_workbook"


def test_formulas_count_by_their_saved_value_and_show_themselves_where_there_is_none(at):
    assert read(at(workbook([["A"], ["=1+1"]]))) == [["A"], ["=1+1"]]


def test_a_sheet_formatted_to_its_last_row_ends_where_its_words_end(at):
    book = openpyxl.Workbook()
    book.active["A1"] = "A"
    book.active["A30000"].number_format = "0.00"
    out = io.BytesIO()
    book.save(out)
    assert read(at(out.getvalue())) == [["A"]]


def test_the_first_sheet_that_holds_something_is_read(at):
    book = openpyxl.Workbook()
    book.create_sheet("Danh sách").append(["A", 1])
    out = io.BytesIO()
    book.save(out)
    assert read(at(out.getvalue())) == [["A", 1]]


def test_a_cell_drawn_over_rows_counts_for_all_of_them(at):
    assert read(at(workbook([["Sở A", 1], [None, 2], [None, 3]], merged=["A1:A2"]))) == [
        ["Sở A", 1],
        ["Sở A", 2],
        [None, 3],
    ]


def test_errors_and_formulas_without_a_value_are_seen_wherever_they_stand(at):
    def write(sheet):
        sheet.write(1, 1, "x")
        sheet.write_formula(1, 2, "=1/0", value="#DIV/0!")
        sheet.write_formula(2, 1, "=1+1", value=2)

    content = hostile(write)
    assert read(at(content)) == [[None, "x", "#DIV/0!"], [None, 2]]
    book = openpyxl.load_workbook(io.BytesIO(content))
    book.active["AB5"] = "=B2&C2"
    out = io.BytesIO()
    book.save(out)
    assert [(line.number, line.cells[-1]) for line in lines(at(out.getvalue()))][-1] == (5, "=B2&C2")


def test_words_below_a_thousand_empty_rows_are_read(at):
    assert [line.number for line in lines(at(workbook([["A"], *[[]] * 1500, ["B"]])))] == [1, 1502]


@given(st.binary(max_size=400))
def test_no_bytes_break_it(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "any"
    path.write_bytes(content)
    try:
        assert all(line for line in lines(path))
    except BadSheetError as error:
        assert error.problem


def test_a_heading_is_found_below_titles_and_one_may_say_where(at):
    path = at(table([["UBND tỉnh"], ["Danh sách"], *ROWS, ["x", "y"]]))
    words = {"full_name": ("Họ tên", "Họ và tên"), "phone": ("Số điện thoại",)}
    found = find(lines(path), words)
    assert found is not None
    assert (found.row, dict(found.columns)) == (3, {"full_name": 0, "phone": 1})
    told = find(lines(path), words, row=5)
    assert told is not None
    assert (told.names, dict(told.columns)) == (("x", "y"), {})

"""Vietnamese text: what is the same word, the same search and the same order."""

import re
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caunoi.lib.vietnamese import writing

LETTERS = (
    "aăâbcdđeêghiklmnoôơpqrstuưvxyAĂÂBCDĐEÊ áàảãạấầẩẫậắằẳẵặéèẻẽẹếềểễệíìỉĩịóòỏõọốồổỗộớờởỡợúùủũụứừửữựýỳỷỹỵ.,-0123 \n"
)
vietnamese_text = st.text(LETTERS) | st.text()


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("a\r\nb\rc\u2028d", "a\nb\nc\nd"),
        ("bell\x07 null\x00 tab\t", "bell null tab\t"),
        ("hoa\u0300", "hoà"),
        ("a\x00\u0301", "á"),
        ("turned\u202eround\u2069", "turnedround"),
        ("half\ud83d", "half\ufffd"),
        ("👩\u200d👧", "👩\u200d👧"),
    ],
)
def test_text_enters_in_one_form(typed: str, stored: str) -> None:
    assert writing.nfc(typed) == stored


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Đường  Nguyễn Huệ", "duong nguyen hue"),
        ("Ðắk Lắk ðất", "dak lak dat"),
        (unicodedata.normalize("NFD", "Ưu Điểm"), "uu diem"),
        ("Ở\tẤp\u00a03", "o ap 3"),
    ],
)
def test_the_search_key_has_no_marks(text: str, key: str) -> None:
    assert writing.fold(text) == key


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ("hoà", "hòa"),
        ("hòa", "hòa"),
        ("thuỷ", "thủy"),
        ("Khoẻ", "khỏe"),
        ("loá", "lóa"),
        ("quý", "quý"),
        ("qúy", "quý"),
        ("qùa", "quà"),
        ("quốc", "quốc"),
        ("quỳ", "quỳ"),
        ("gìa", "già"),
        ("già", "già"),
        ("gì", "gì"),
        ("gìn", "gìn"),
        ("giếng", "giếng"),
        ("gỉai", "giải"),
        ("hoàn", "hoàn"),
        ("ngoài", "ngoài"),
        ("khuỷu", "khuỷu"),
        ("mía", "mía"),
        ("của", "của"),
        ("thuở", "thuở"),
        ("nguyễn", "nguyễn"),
        ("người", "người"),
        ("ðỏ", "đỏ"),
        ("café", "café"),
        ("1022", "1022"),
    ],
)
def test_a_tone_has_one_place_in_a_word(typed: str, word: str) -> None:
    assert writing.norm(typed) == word
    assert writing.norm(unicodedata.normalize("NFD", typed)) == word


@given(vietnamese_text)
def test_keys_do_not_change_when_made_again(text: str) -> None:
    for key in (writing.nfc, writing.fold, writing.norm, writing.shape, writing.expand):
        assert key(key(text)) == key(text)


@given(vietnamese_text)
def test_composed_and_decomposed_text_have_the_same_keys(text: str) -> None:
    composed, apart = (unicodedata.normalize(form, text) for form in ("NFC", "NFD"))
    for key in (writing.fold, writing.norm, writing.sort_key, writing.query, writing.shape):
        assert key(apart) == key(composed)
    assert writing.lexemes([(apart, "A")]) == writing.lexemes([(composed, "A")])


@given(vietnamese_text)
def test_a_shape_has_a_character_for_each_of_the_text(text: str) -> None:
    assert len(writing.shape(text)) == len(unicodedata.normalize("NFC", text))


@given(st.text(LETTERS))
def test_a_shape_is_the_search_key_with_its_spaces(text: str) -> None:
    assert " ".join(writing.shape(text).split()) == writing.fold(text)


def test_a_ticket_is_indexed_by_folded_words_pairs_and_accented_words() -> None:
    assert writing.lexemes([("Bản đồ", "A"), ("hoà", "C")]) == (
        "'ban':1A '=bản':1A 'do':2A '=đồ':2A 'ban_do':2A 'hoa':13C '=hòa':13C"
    )


def test_an_index_stays_within_what_postgresql_takes() -> None:
    literal = writing.lexemes([("đ" * 5000 + " 'a\\b' " + "từ " * 20_000, "A")])
    lexemes = re.findall(r"'([^']*)':([0-9A-D,]+)", literal)
    assert "".join(f"'{lexeme}':{places}" for lexeme, places in lexemes) == literal.replace(" ", "")
    assert all(len(lexeme.encode()) <= 2046 for lexeme, _ in lexemes)
    assert all(len(places.split(",")) <= 256 for _, places in lexemes)
    assert max(int(place[:-1]) for _, places in lexemes for place in places.split(",")) <= 16383


def test_a_search_asks_for_all_the_words_and_may_end_unfinished() -> None:
    assert writing.query("Đèn đường, đèn") == "'den' & 'duong'"
    assert writing.query("cấp sổ đ", prefix=True) == "'cap' & 'so' & 'd':*"
    assert writing.query(" ?! ") == ""


@given(vietnamese_text, st.booleans())
def test_a_search_never_carries_an_operator_of_the_writer(text: str, prefix: bool) -> None:
    asked = writing.query(text + " a' & !b:* | 'c\\", prefix=prefix)
    assert re.fullmatch(r"'[^'\\]+'( & '[^'\\]+')*(:\*)?( & '[^'\\]+')*", asked)


def test_names_sort_as_in_a_vietnamese_dictionary() -> None:
    ordered = ["An Bình", "Anh", "Ân", "Cà", "Cá", "Dung", "Đa", "Đạ", "Em", "Ếch", "Om", "Ôm", "Ốm", "Ơn", "Thôn 9"]
    ordered += ["Thôn 10", "Ưu", "Xã"]
    assert sorted(set(ordered), key=writing.sort_key) == ordered


@given(st.text(LETTERS))
def test_a_sort_key_is_printable_ascii(text: str) -> None:
    assert all("\x20" <= char <= "\x7e" for char in writing.sort_key(text))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("UBND P.Tân Phú", "ủy ban nhân dân phường Tân Phú"),
        ("ko dc cap GCNQSDĐ", "không được cap sổ đỏ"),
        ("giấy chứng nhận quyền sử dụng đất", "sổ đỏ"),
        ("QL14, ĐT741 và đt 753", "quốc lộ 14, đường tỉnh 741 và đường tỉnh 753"),
        ("tdp 4 KP3 x. Tân Lợi", "tổ dân phố 4 khu phố 3 xã Tân Lợi"),
        ("mn hoi j", "mọi người hoi gì"),
        ("250k 30 kg, 5.000 k/m", "250k 30 kg, 5.000 k/m"),
    ],
)
def test_abbreviations_are_understood(typed: str, meant: str) -> None:
    assert writing.expand(typed) == meant


@pytest.mark.parametrize(
    ("letter", "matter"),
    [
        (
            "Kính gửi: Tổng đài 1022.\nTôi xin phản ánh như sau: đèn đường hư.\nRất mong cơ quan chức năng sớm xem xét "
            "giải quyết.\nXin chân thành cảm ơn./.\nTrân trọng!",
            "đèn đường hư.",
        ),
        ("chao ad. duong ngap nuoc. cam on ad nhieu", "duong ngap nuoc."),
        ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc\nĐƠN PHẢN ÁNH\nRác ba ngày", "Rác ba ngày"),
        ("Mong sửa đèn đường", "Mong sửa đèn đường"),
    ],
)
def test_courtesy_is_left_out_and_the_matter_kept(letter: str, matter: str) -> None:
    assert writing.without_courtesy(letter) == matter


@pytest.mark.parametrize("noise", ["mong ", "kinh gui ", "cam on ", " \u00a0", "giấy chứng nhận ", "k ", "a\u0300"])
def test_a_megabyte_of_noise_is_read_in_a_moment(noise: str) -> None:
    text = noise * (1_000_000 // len(noise))
    start = time.process_time()
    writing.without_courtesy(text)
    writing.expand(text)
    assert time.process_time() - start < 5

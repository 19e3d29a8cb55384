"""What a question is read as, on a handful of procedures of our own.

Proves: search in the citizen's words, filters, synonyms as rows, every hit says why"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caunoi.procedures.search.document import Document
from caunoi.procedures.search.engine import Engine
from caunoi.procedures.search.synonyms import Phrases, SynonymEntry, built_in, words

TOWN = [
    Document(
        code="1.000001",
        name="Thủ tục đăng ký kết hôn",
        field="Hộ tịch",
        levels=("commune",),
        audience=("Công dân Việt Nam",),
    ),
    Document(
        code="1.000002", name="Thủ tục đăng ký kết hôn có yếu tố nước ngoài", field="Hộ tịch", levels=("commune",)
    ),
    Document(
        code="1.000003",
        name="Thủ tục đăng ký khai sinh",
        field="Hộ tịch",
        levels=("commune",),
        steps="Nộp giấy chứng sinh.",
    ),
    Document(
        code="1.000004", name="Cấp lại thẻ căn cước (thực hiện tại cấp tỉnh)", field="Căn cước", levels=("province",)
    ),
    Document(code="1.000005", name="Cấp lại thẻ căn cước", field="Căn cước", levels=("commune",)),
    Document(code="1.000006", name="Cấp lại Giấy chứng nhận do bị mất", field="Đất đai", levels=("province",)),
    Document(code="1.000007", name="Tách thửa hoặc hợp thửa đất", field="Đất đai", levels=("province",)),
    Document(code="1.000008", name="Cấp giấy phép lái xe", field="Sát hạch", levels=("ministry",)),
    Document(
        code="1.000009",
        name="Cấp lại giấy phép lái xe",
        field="Sát hạch",
        levels=("ministry",),
        audience=("Doanh nghiệp",),
    ),
    Document(code="1.000010", name="Đăng ký tạm trú", field="Cư trú", levels=("commune",)),
]


@pytest.fixture(scope="module")
def engine():
    return Engine(TOWN, built_in())


def first(engine, text, **more):
    match = engine.search(text, **more)
    return match.hits[0].code if match.hits else None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("đăng ký kết hôn", "1.000001"),
        ("dang ky ket hon", "1.000001"),
        ("cho em hỏi làm giấy kết hôn thì cần những giấy tờ gì ạ", "1.000001"),
        ("cưới chồng Hàn Quốc", "1.000002"),
        ("làm giấy hôn thú", "1.000001"),
        ("mất sổ đỏ", "1.000006"),
        ("mat so do lam lai o dau", "1.000006"),
        ("tách sổ", "1.000007"),
        ("thi bằng lái", "1.000008"),
        ("rớt mất bằng lái xe", "1.000009"),
        ("lm giấy khai sanh cho bé", "1.000003"),
        ("e mun dk tam tru", "1.000010"),
        ("ddawng kys keets hoon", "1.000001"),
        ("dangky kethon", "1.000001"),
        ("đăng ký kêt hôm", "1.000001"),
        ("1.000007", "1.000007"),
        ("thủ tục 1000007 là gì", "1.000007"),
    ],
)
def test_people_say_it_their_own_way(engine, text, code):
    assert first(engine, text) == code


def test_what_was_asked_for_comes_before_its_special_cases(engine):
    codes = [hit.code for hit in engine.search("đăng ký kết hôn").hits]
    assert codes.index("1.000001") < codes.index("1.000002")
    assert first(engine, "đăng ký kết hôn với người nước ngoài") == "1.000002"


def test_the_level_that_is_named_comes_first_and_else_the_nearest(engine):
    assert first(engine, "cấp lại thẻ căn cước") == "1.000005"
    assert first(engine, "cấp lại thẻ căn cước ở tỉnh") == "1.000004"


def test_marks_that_were_typed_count_more_than_words_without():
    words = [Document(code="1.000001", name="Bán đất"), Document(code="1.000002", name="Bản đất")]
    engine = Engine(words, [])
    assert (first(engine, "bán đất"), first(engine, "bản đất")) == ("1.000001", "1.000002")


@pytest.mark.parametrize(
    "text",
    [
        "xe buýt mấy giờ chạy",
        "hóa đơn tiền điện",
        "thời tiết ngày mai",
        "",
        "   ",
        "???",
        "trợ cấp thất nghiệp",
        "bà ơi",
    ],
)
def test_where_nothing_fits_it_says_so(engine, text):
    assert not engine.search(text).fits


def test_filters_leave_nothing_else(engine):
    match = engine.search("cấp lại", keep=lambda document: document.field == "Căn cước")
    assert {hit.code for hit in match.hits} == {"1.000004", "1.000005"}
    assert first(engine, "1.000007", keep=lambda document: document.field == "Căn cước") != "1.000007"


def test_each_hit_says_why(engine):
    (hit, *_) = engine.search("rớt mất bằng lái xe").hits
    assert ("old", "bằng lái xe", "giấy phép lái xe") in [(why.kind, why.typed, why.read_as) for why in hit.why]
    (hit, *_) = engine.search("dang ki kethon").hits
    assert ("spelling", "kethon", "ket hon") in [(why.kind, why.typed, why.read_as) for why in hit.why]
    (hit, *_) = engine.search("1.000007").hits
    assert [why.kind for why in hit.why] == ["code"]
    (hit, *_) = engine.search("nộp chứng sinh", keep=lambda document: document.code == "1.000003").hits
    assert "text" in [why.kind for why in hit.why]


def test_a_word_of_someone_who_uses_marks_is_what_it_is():
    engine = Engine(TOWN, [SynonymEntry(word="chở", meaning="kết hôn")])
    assert not any(why.kind == "synonym" for hit in engine.search("đăng ký cho tôi").hits for why in hit.why)


def test_words_that_stand_apart_are_one_wish():
    engine = Engine(TOWN, [SynonymEntry(word="cấp + bị cháy", meaning="tách thửa đất")])
    assert first(engine, "nhà tôi bị cháy xin cấp cái khác") == "1.000007"


@pytest.mark.parametrize("text", ["rơi mất biển số", "biển số của tôi bị rơi", "mat bien so roi"])
def test_words_that_are_as_good_as_each_other_are_one_row(text):
    row = SynonymEntry(word="mất / rơi / rơi mất + biển số", meaning="cấp lại thẻ căn cước")
    match = Engine(TOWN, [row]).search(text)
    assert match.hits[0].code == "1.000005"
    (why,) = (why for why in match.hits[0].why if why.kind == "synonym")
    assert "/" not in why.typed
    assert "biển số" in why.typed or "bien so" in why.typed


def test_words_that_stand_apart_do_not_stand_on_each_other():
    phrases = Phrases([SynonymEntry(word="đất + đất ở", meaning="tách thửa")])
    assert not phrases.apart(words("tôi có đất ở"))
    assert phrases.apart(words("tôi có đất muốn lên đất ở"))


def test_of_two_rows_the_one_that_explains_more_counts():
    rows = [
        SynonymEntry(word="mất + xe", meaning="tách thửa"),
        SynonymEntry(word="mất + biển số + xe", meaning="tạm trú"),
    ]
    assert [row.meaning for _said, row in Phrases(rows).apart(words("mất cái biển số của xe"))] == ["tạm trú"]


def test_whoever_writes_marks_means_them():
    rows = [SynonymEntry(word="chở bò", meaning="cấp lại thẻ căn cước")]
    assert first(Engine(TOWN, rows), "đăng ký tạm trú cho bố") == "1.000010"
    assert first(Engine(TOWN, rows), "giấy tờ chở bò") == "1.000005"
    assert first(Engine(TOWN, rows), "cho bo") == "1.000005"
    names = [Document(code="1.000001", name="Bố trí bến bãi"), Document(code="1.000002", name="Bò sữa")]
    assert first(Engine(names, []), "nhà tôi nuôi bò sữa") == "1.000002"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("cháu 15 tuổi làm thẻ căn cước", "1.000001"),
        ("con 6 tuoi lam the can cuoc", "1.000002"),
        ("thẻ căn cước cho con dưới 14 tuổi", "1.000002"),
        ("thẻ căn cước cho bé 8 tháng tuổi", "1.000002"),
        ("thẻ căn cước đủ 14 tuổi", "1.000001"),
        ("thẻ căn cước trên 13 tuổi", "1.000001"),
    ],
)
def test_an_age_that_is_named_is_looked_for(text, code):
    names = [
        Document(code="1.000001", name="Cấp thẻ căn cước cho người từ đủ 14 tuổi trở lên"),
        Document(code="1.000002", name="Cấp thẻ căn cước cho người dưới 14 tuổi"),
    ]
    assert first(Engine(names, built_in()), text) == code


def test_synonyms_that_mean_each_other_go_round_nowhere():
    rows = [
        ("căn cước", "tạm trú"),
        ("tạm trú", "căn cước"),
        ("x", "x"),
        ("a + b", "b ; a"),
        ("/ + /", "a"),
        ("+", "/"),
    ]
    engine = Engine(TOWN, [SynonymEntry(word=word, meaning=meaning) for word, meaning in rows])
    assert {hit.code for hit in engine.search("căn cước").hits} >= {"1.000010"}
    assert {hit.code for hit in engine.search("a b x / +").hits} == set()


def test_a_question_of_a_million_letters_is_answered_by_its_beginning(engine):
    assert first(engine, "đăng ký kết hôn " + "căn cước " * 100_000) == "1.000001"
    assert engine.suggest("đăng ký kết hôn " * 60_000)


def test_new_synonyms_need_no_new_index(engine):
    other = engine.with_synonyms([SynonymEntry(word="cột kèo", meaning="đăng ký kết hôn")])
    assert first(other, "cột kèo") == "1.000001"
    assert not engine.search("cột kèo").fits
    assert other.index is engine.index


def test_an_empty_index_answers_nothing():
    engine = Engine([], built_in())
    assert engine.search("đăng ký kết hôn").hits == ()
    assert engine.suggest("đăng k") == ()


def test_what_is_being_typed_is_guessed(engine):
    assert engine.suggest("đăng ký k")[0].code in {"1.000001", "1.000003"}
    assert engine.suggest("dang ky ket h")[0].code == "1.000001"
    assert engine.suggest("tach th")[0].code == "1.000007"
    assert len(engine.suggest("c", limit=3)) <= 3
    assert engine.suggest(" ") == ()


@given(st.text(max_size=60))
def test_whatever_is_typed_is_answered(text):
    engine = Engine(TOWN[:3], [SynonymEntry(word="a + b", meaning="kết hôn")])
    match = engine.search(text)
    assert 0 <= match.certainty <= 1
    assert all(0 <= hit.score <= 1 for hit in match.hits)
    assert len({hit.code for hit in match.hits}) == len(match.hits)
    engine.suggest(text)

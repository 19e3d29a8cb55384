"""Proves: a story finds its procedure by how people tell of it; what another office does is no procedure; doubt is said
and one question back parts what may be meant; citizens get only reasons that are true and plain"""

import pytest

from caunoi.procedures import finding
from caunoi.procedures.search import elsewhere, tales
from caunoi.procedures.search.chat import in_full
from caunoi.procedures.search.choices import act, choices, holds
from caunoi.procedures.search.document import Document, without_place
from caunoi.procedures.search.engine import Engine
from caunoi.procedures.search.hits import Reason
from caunoi.procedures.search.spelling import whole_syllables
from caunoi.procedures.search.synonyms import built_in

TOWN = [
    Document(code=code, name=name, field=field, levels=("commune",), tale=tales.text(code))
    for code, name, field in (
        ("1.001193", "Đăng ký khai sinh", "Hộ tịch"),
        ("1.004884", "Đăng ký lại khai sinh", "Hộ tịch"),
        ("2.000635", "Cấp bản sao trích lục hộ tịch, bản sao Giấy khai sinh", "Hộ tịch"),
        ("1.000656", "Đăng ký khai tử", "Hộ tịch"),
        ("1.010384", "Khôi phục giá trị sử dụng hộ chiếu phổ thông", "Quản lý xuất nhập cảnh"),
        ("1.010386", "Trình báo mất hộ chiếu phổ thông", "Quản lý xuất nhập cảnh"),
        ("1.013997", "Hỗ trợ cơ sở sản xuất bị thiệt hại do dịch bệnh động vật", "Thú y"),
        ("1.004222", "Đăng ký thường trú", "Đăng ký, quản lý cư trú"),
    )
]


@pytest.fixture(scope="module")
def engine():
    return Engine(TOWN, built_in())


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Mấy tháng trước em báo mất passport, sáng nay dọn tủ thì nó nằm trong cặp, trong đó còn visa.", "1.010384"),
        ("chuong heo cua toi thu y toi bat dem chon het vi dich, tien con giong di vay, ai ho tro toi", "1.013997"),
        ("ba em mới mất hồi tối ở nhà, giờ gia đình phải khai với ai trước khi chôn", "1.000656"),
        ("nhập hộ khẩu cho vợ về nhà em", "1.004222"),
    ],
)
def test_a_story_finds_what_it_wants_without_naming_it(engine, text, code):
    result = engine.search(text)
    assert result.fits
    assert code in [hit.code for hit in result.hits[:3]]


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("nghỉ việc ở công ty hai tháng rồi, lãnh tiền thất nghiệp ở đâu", "thất nghiệp"),
        ("chong toi co bac danh vo con, toi muon ly di thi viet don ra sao", "Ly hôn"),
        ("em muốn rút bảo hiểm xã hội một lần mà công ty cũ chưa chốt sổ", "một lần"),
    ],
)
def test_what_another_office_does_is_said_to_be_there(engine, text, subject):
    result = engine.search(text)
    assert not result.fits
    assert subject in result.matter.name and result.matter.agencies[0]
    assert not any(hit.code.startswith("@") for hit in result.hits)


def test_a_matter_that_a_procedure_covers_is_none():
    one = Document(code="1.000099", name="Giải quyết hưởng trợ cấp thất nghiệp", field="Việc làm", levels=("province",))
    result = Engine([*TOWN, one], built_in()).search("lãnh tiền trợ cấp thất nghiệp ở đâu")
    assert result.hits[0].code == "1.000099"


def test_doubt_asks_one_question_back_and_its_answer_narrows():
    papers = [
        Document(code="1.000011", name="Gia hạn thẻ nhà vườn", levels=("commune",)),
        Document(code="1.000012", name="Cấp lại thẻ nhà vườn", levels=("commune",)),
        Document(code="1.000013", name="Đăng ký khai tử", levels=("commune",)),
    ]
    engine = Engine(papers, built_in())
    result = engine.search("thẻ nhà vườn")
    assert {(choice.facet, choice.value) for choice in result.choices} == {("act", "extend"), ("act", "again")}
    left = engine.search("thẻ nhà vườn", keep=lambda document: holds(document, "act:again"))
    assert [hit.code for hit in left.hits] == ["1.000012"] and not left.choices


def test_nobody_is_asked_where_there_is_no_doubt(engine):
    assert not engine.search("đăng ký lại khai sinh").choices
    assert not engine.search("1.001193").choices
    assert not engine.search("").choices


def test_what_may_be_meant_is_parted_by_what_people_can_say_of_themselves():
    def one(number, name, **more):
        return Document(code=f"1.00000{number}", name=name, **more), 1 - number / 100

    acts = choices([one(1, "Cấp thẻ xanh"), one(2, "Cấp lại thẻ xanh"), one(3, "Gia hạn thẻ xanh")])
    assert [choice.value for choice in acts] == ["new", "again", "extend"]
    ages = choices([one(1, "Cấp thẻ cho người dưới 14 tuổi"), one(2, "Cấp thẻ cho người từ đủ 14 tuổi trở lên")])
    assert [choice.value for choice in ages] == ["child", "adult"]
    readers = choices(
        [one(1, "Cấp thẻ", audience=("Công dân Việt Nam",)), one(2, "Cấp thẻ", audience=("Doanh nghiệp",))]
    )
    assert [choice.value for choice in readers] == ["person", "company"]
    fields = choices([one(1, "Cấp thẻ", field="Đất đai"), one(2, "Cấp giấy", field="Thú y")])
    assert [choice.value for choice in fields] == ["Đất đai", "Thú y"]
    names = choices([one(1, "Cấp thẻ"), one(2, "Cấp giấy")])
    assert [choice.facet for choice in names] == ["code", "code"]
    assert choices([one(1, "Cấp thẻ")]) == choices([]) == ()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Cấp lại thẻ căn cước", "again"),
        ("Xóa đăng ký thường trú", "end"),
        ("Thay đổi, cải chính hộ tịch", "correct"),
        ("Xác nhận thông tin về cư trú", "extract"),
        ("Đổi giấy phép lái xe", "change"),
        ("Đăng ký khai tử", "new"),
    ],
)
def test_what_is_done_stands_in_the_name(name, value):
    assert act(Document(code="1.000001", name=name)) == value


def test_a_strange_choice_narrows_nothing():
    assert holds(TOWN[0], "nonsense:x") and holds(TOWN[0], "") and not holds(TOWN[0], "act:again")


def test_the_rows_are_whole():
    assert len(tales.rows()) > 1000 and all(tales.rows().values())
    matters = elsewhere.matters()
    assert len(matters) > 60 and all(matter.name and matter.agencies[0] and matter.tale for matter in matters)
    old = [row for row in built_in() if row.now]
    assert len(old) > 120 and sum(bool(row.law) for row in old) > 100


def test_a_citizen_reads_only_what_is_true_of_a_paper(engine):
    (hit, *_) = engine.search("nhập hộ khẩu cho vợ").hits
    old = [reason for reason in hit.why if reason.kind == "old"]
    assert [(reason.read_as, reason.law) for reason in old] == [("đăng ký thường trú", "Luật Cư trú 68/2020/QH14")]
    row = finding.ProcedureHit(procedure=None, reasons=(*hit.why, Reason(kind="text", typed="hạn hán")))
    assert "nay gọi là" in row.plain_why and "hạn hán" not in row.plain_why and "có trong" not in row.plain_why


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("làm khai sanh", "làm khai sinh"),
        ("giấy hông", "giấy hồng"),
        ("cần hông", "cần không"),
        ("xinnnn giấy thơ", "xin giấy thư"),
        ("giấy chứng nhứt", "giấy chứng nhất"),
    ],
)
def test_southern_and_drawn_syllables_are_read_as_procedures_write_them(typed, meant):
    assert in_full(typed) == meant


@pytest.mark.parametrize("typed", ["dang ky khai sanh", "ddawng kys khai sinh", "dangky khai sinhhh", "zay khai sinh"])
def test_whole_syllables_are_spelled_in_full(engine, typed):
    assert "1.001193" in [hit.code for hit in engine.search(typed).hits[:3]]


@pytest.mark.parametrize(("typed", "syllable"), [("fep", "phep"), ("zay", "giay"), ("thik", "thich"), ("wan", "quan")])
def test_young_consonants_are_undone(typed, syllable):
    assert syllable in whole_syllables(typed)


def test_a_title_leaves_out_where_it_is_done():
    assert without_place("Cấp lại thẻ căn cước (thực hiện tại cấp huyện)") == "Cấp lại thẻ căn cước"
    assert without_place("Tách hộ") == "Tách hộ"

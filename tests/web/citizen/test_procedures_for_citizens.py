"""Proves: the citizen's page: checklist by case, fee and time by way, where to go, QR, read aloud"""

import pytest
from django.test import Client

from caunoi.procedures import actions, queries
from caunoi.procedures.models import Question
from tests.procedures.records import lines, raw


@pytest.fixture
def known(town):
    """Two procedures in force, brought in by the reviewer."""
    data = lines(
        raw("1.000001", ten_thu_tuc="Đăng ký khai sinh"),
        raw("1.000002", ten_thu_tuc="Đăng ký kết hôn", linh_vuc="Hôn nhân", doi_tuong_thuc_hien="Người nước ngoài"),
    )
    actions.bring_in(actions.look(actions.upload("a", data, by=town.thu)), by=town.thu)
    return town


def page(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status
    return answer.content.decode()


def test_a_procedure_is_told_in_plain_words_with_its_source(known, client):
    html = page(client, "/tthc/1.000001")
    for words in (
        "Đăng ký khai sinh",
        "Công dân Việt Nam",
        "5 ngày làm việc",
        "Miễn phí",
        "Tờ khai",
        "1 bản chính",
        "10/QĐ-BTP",
        "Luật Hộ tịch (60/2014/QH13)",
        "https://example.org/1.000001",
        "<svg",
    ):
        assert words in html


def test_papers_are_boxes_to_tick_that_need_no_script(known, client):
    html = page(client, "/tthc/1.000001")
    assert '<input type="checkbox" data-tick="0-0">' in html
    assert 'data-ticks="1.000001-1"' in html


def test_the_chosen_commune_says_where_to_go_and_is_remembered(known, client):
    assert "UBND Phường Bình Phước" in page(client, "/tthc/1.000001?area=25195")
    assert "UBND Phường Bình Phước" in page(client, "/tthc/1.000002")
    assert "UBND Xã Nghĩa Trung" in page(client, "/tthc/1.000001?area=25417")


def test_notes_of_the_province_stand_on_the_page_those_of_a_commune_only_there(known, client):
    procedure = queries.find("1.000001")
    actions.write_note(procedure, "Nhận cả sáng thứ Bảy.", by=known.thu)
    actions.write_note(procedure, "Quầy số 2.", by=known.thu, area=known.ward)
    there, elsewhere = page(client, "/tthc/1.000001?area=25195"), page(client, "/tthc/1.000001?area=25417")
    assert "Nhận cả sáng thứ Bảy." in there and "Quầy số 2." in there
    assert "Nhận cả sáng thứ Bảy." in elsewhere and "Quầy số 2." not in elsewhere


def test_a_retired_procedure_says_so_and_names_the_next(known, client):
    actions.retire(queries.find("1.000001"), by=known.thu, successor=queries.find("1.000002"))
    html = page(client, "/tthc/1.000001")
    assert "Hết hiệu lực từ" in html and "/tthc/1.000002" in html
    assert "1.000001" not in page(client, "/tthc/?q=khai+sinh")


def test_an_earlier_version_says_so_and_leads_to_what_applies(known, client):
    data = lines(raw("1.000001", ten_thu_tuc="Đăng ký khai sinh mới"))
    actions.bring_in(actions.look(actions.upload("b", data, by=known.thu)), by=known.thu)
    html = page(client, "/tthc/1.000001/1")
    assert "Đây là phiên bản cũ" in html and "Đăng ký khai sinh mới" not in html
    assert "Đăng ký khai sinh mới" in page(client, "/tthc/1.000001")


@pytest.mark.parametrize("path", ["/tthc/9.999999", "/tthc/abc", "/tthc/1.000001/7", "/tthc/%00", "/tthc/" + "9" * 500])
def test_what_was_never_there_is_not_found_in_words(known, client, path):
    assert client.get(path).status_code == 404


def test_what_nobody_knows_can_be_asked_with_the_words_kept(known, client):
    html = page(client, "/tthc/?q=xin+gi%E1%BA%A5y+m%E1%BA%A5t+tr%C3%A2u")
    assert "/report?kind=question&amp;text=xin+gi%E1%BA%A5y+m%E1%BA%A5t+tr%C3%A2u" in html
    form = page(client, "/report?kind=question&text=xin+gi%E1%BA%A5y+m%E1%BA%A5t+tr%C3%A2u")
    assert "xin giấy mất trâu" in form


def test_searches_are_written_down_with_what_was_opened(known, client):
    html = page(client, "/tthc/?q=khai+sinh")
    question = Question.objects.get()
    assert (question.text, question.found, question.asker, question.place) == (
        "khai sinh",
        ["1.000001"],
        "citizen",
        "citizen",
    )
    assert f"/tthc/1.000001?asked={question.pk}" in html
    page(client, f"/tthc/1.000001?asked={question.pk}")
    page(client, f"/tthc/1.000002?asked={question.pk}")
    question.refresh_from_db()
    assert question.picked == "1.000001"


def test_browsing_by_field_and_by_whom_they_are_for(known, client):
    assert "Hôn nhân" in page(client, "/tthc/")
    html = page(client, "/tthc/?field=H%C3%B4n+nh%C3%A2n")
    assert "1.000002" in html and "1.000001" not in html
    assert "1.000001" not in page(client, "/tthc/?audience=Ng%C6%B0%E1%BB%9Di+n%C6%B0%E1%BB%9Bc+ngo%C3%A0i")


@pytest.mark.parametrize(
    "query",
    [
        "q=%00",
        "q=" + "a" * 5000,
        "after=zzz",
        "after=99999999999999999999",
        "field=%00",
        "area=%00",
        "asked=99999999999999999999",
        "q=%F0%9F%98%80",
        "level=x&audience=y&field=z",
    ],
)
def test_odd_addresses_do_no_harm(known, client, query):
    assert client.get(f"/tthc/?{query}").status_code == 200
    assert client.get(f"/tthc/1.000001?{query}").status_code == 200


def test_the_door_on_the_home_page_leads_here(known, client):
    assert 'href="/tthc/"' in page(client, "/")


def test_markup_in_a_record_is_text(known, client):
    data = lines(raw("1.000003", ten_thu_tuc="<script>alert(1)</script>", detail_url="javascript:alert(1)"))
    actions.bring_in(actions.look(actions.upload("c", data, by=known.thu)), by=known.thu)
    html = page(client, "/tthc/1.000003")
    assert "<script>alert" not in html and "javascript:" not in html

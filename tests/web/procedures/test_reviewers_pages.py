"""Proves: gaps: what to write next"""

import csv
import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils.timezone import now

from caunoi.answers import actions as answers
from caunoi.answers import queries as cited
from caunoi.events.actor import citizen
from caunoi.procedures import actions, queries
from caunoi.procedures.models import Import, Question, Synonym
from caunoi.tickets import actions as tickets
from caunoi.tickets.lifecycle import Kind
from caunoi.tickets.report import Report, Reporter
from tests.procedures.records import lines, raw

FEE = raw()["cach_thuc_thuc_hien"].replace("Miễn phí", "50,000 Việt Nam Đồng")


def sign_in(town, name: str) -> Client:
    client = Client()
    client.force_login(town.users[name], backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def thu(town):
    return sign_in(town, "thu")


@pytest.fixture
def say(town):
    def say(**values):
        done = actions.look(actions.upload("a.jsonl", lines(raw(**values)), by=town.thu))
        actions.bring_in(done, by=town.thu)
        return queries.find(values.get("code", "1.000001"))

    return say


def send(client: Client, data: bytes, name: str = "a.jsonl", **more):
    form = {"file": SimpleUploadedFile(name, data), "effective_from": "2026-11-01", **more}
    return client.post("/procedures/imports/", form)


def question(town, once="q", phone="+84912345678"):
    report = Report(
        text="Khai sinh cần giấy gì?",
        channel="web",
        once=once,
        kind=Kind.QUESTION,
        category_id=town.papers.pk,
        reporter=Reporter(phone=phone),
    )
    return tickets.take(report, by=citizen())


def test_a_file_goes_from_upload_over_the_preview_to_being_carried_out_and_back(town, thu, work):
    answer = send(thu, lines(raw("1.000001"), raw("1.000002")))
    path = answer["Location"]
    assert "Đang đọc" in thu.get(path).content.decode()
    work()
    html = thu.get(path).content.decode()
    assert "Cấp giấy số 1.000002" in html and "Thực hiện" in html
    assert queries.find("1.000001") is None
    thu.post(f"{path}do", {"do": "apply"})
    work()
    assert queries.find("1.000001").current.effective_from.isoformat() == "2026-11-01"
    thu.post(f"{path}do", {"do": "undo"})
    work()
    assert queries.find("1.000001").retired


def test_the_preview_shows_what_changes_word_by_word(town, thu, work, say):
    say()
    path = send(thu, lines(raw(cach_thuc_thuc_hien=FEE)))["Location"]
    work()
    html = thu.get(path).content.decode()
    assert "<del>Miễn phí</del>" in html and "<ins>50.000 đồng</ins>" in html


def test_a_file_that_cannot_be_read_is_told_with_the_line(town, thu, work):
    path = send(thu, lines(raw("1.000001"), raw("1.000002"))[:-50])["Location"]
    work()
    html = thu.get(path).content.decode()
    assert "Dòng 2" in html and "không phải JSON trọn vẹn" in html and "chưa có gì thay đổi" in html


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7", b"PK\x03\x04"])
def test_rubbish_is_refused_with_a_reason(town, thu, work, data):
    path = send(thu, data)["Location"]
    work()
    assert "Không đọc được tệp này" in thu.get(path).content.decode()


def test_a_form_without_a_file_or_with_a_wrong_date_is_asked_again(town, thu):
    assert thu.post("/procedures/imports/", {"effective_from": "2026-11-01"}).status_code == 422
    assert send(thu, b"x", effective_from="31/31/2026").status_code == 422
    assert not Import.objects.exists()


def test_oddities_come_as_a_table_without_formulas(town, thu, work):
    odd = raw(cach_thuc_thuc_hien="Hình thức nộpThời gianPhí, lệ phíMô tảTrực tiếp15Miễn phí", ten_thu_tuc="=1+1\u200b")
    path = send(thu, lines(odd))["Location"]
    work()
    answer = thu.get(f"{path}oddities.csv")
    table = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert {row["problem"] for row in table} == {"time_without_unit", "not_nfc"}
    assert all(row["text"][:1] != "=" for row in table)


def test_what_is_dropped_changes_nothing(town, thu, work):
    path = send(thu, lines(raw()))["Location"]
    work()
    thu.post(f"{path}do", {"do": "drop"})
    thu.post(f"{path}do", {"do": "apply"})
    work()
    assert Import.objects.get().state == "dropped"
    assert queries.find("1.000001") is None


@pytest.mark.parametrize("who", ["lan", "tam", "minh", "hoa", "phong"])
def test_only_reviewers_and_administrators_come_in(town, who):
    client = sign_in(town, who)
    assert client.get("/procedures/").status_code == 403
    assert send(client, lines(raw())).status_code == 403


def test_a_procedures_page_keeps_notes_versions_and_what_happened(town, thu, say):
    say()
    say(ten_thu_tuc="Tên mới")
    thu.post("/procedures/1.000001/note", {"text": "Quầy số 3", "phone": "02513000101", "area": "25195"})
    html = thu.get("/procedures/1.000001/").content.decode()
    assert "Quầy số 3" in html and "Phiên bản 2" in html and "Phiên bản mới" in html
    compared = thu.get("/procedures/1.000001/compare").content.decode()
    assert "<ins>Tên mới</ins>" in compared
    thu.post("/procedures/1.000001/put-back", {"version": "1"})
    assert queries.find("1.000001").name == "Cấp giấy số 1.000001"


def test_an_empty_note_is_refused_and_what_was_typed_stays(town, thu, say):
    say()
    answer = thu.post("/procedures/1.000001/note", {"text": "", "phone": "0251 3000"})
    assert answer.status_code == 422
    assert "0251 3000" in answer.content.decode()


def test_out_of_force_with_a_successor_that_exists(town, thu, say):
    say()
    say(code="1.000002")
    thu.post("/procedures/1.000001/retire", {"successor": "7.777777"})
    assert queries.find("1.000001").retired is None
    thu.post("/procedures/1.000001/retire", {"successor": "1.000002"})
    assert queries.find("1.000001").successor.code == "1.000002"


def test_an_operator_looks_up_and_the_answer_keeps_its_source(town, say, work):
    say()
    ticket = question(town)
    lan = sign_in(town, "lan")
    found = lan.get(f"/desk/{ticket.code}/procedures?q=cap+giay").content.decode()
    assert "nộp tại: Ủy ban nhân dân cấp xã" in found and 'data-cite="1.000001@1"' in found
    lan.post(
        f"/desk/{ticket.code}/move/answer",
        {
            "answer-text": "Theo thủ tục 1.000001.",
            "answer-category": "identity",
            "answer-cites": "1.000001@1 rubbish @9",
        },
    )
    (citation,) = cited.citations(cited.final(ticket))
    assert (citation.version.number, citation.said) == (1, "Theo thủ tục 1.000001.")
    assert "Căn cứ trả lời" in Client().get(f"/f/{ticket.follow}").content.decode()


def test_a_questions_own_words_are_looked_up_without_being_written_down(town, say):
    say(ten_thu_tuc="Khai sinh cần giấy gì?")
    ticket = question(town)
    html = sign_in(town, "lan").get(f"/desk/{ticket.code}/procedures").content.decode()
    assert "(mã 1.000001)" in html
    assert not Question.objects.exists()


def test_a_ticket_that_is_not_theirs_shows_nobody_anything(town, say):
    say()
    assert sign_in(town, "lan").get("/desk/26-999999-9/procedures?q=x").status_code == 404


def test_outdated_answers_are_listed_with_what_changed_and_seen_to(town, thu, say, work):
    say()
    answers.answer(question(town), "Miễn phí, thủ tục 1.000001.", by=town.lan, cites={})
    say(cach_thuc_thuc_hien=FEE)
    work()
    html = thu.get("/procedures/outdated/").content.decode()
    assert "Nay hướng dẫn sai" in html and "<ins>50.000 đồng</ins>" in html and "Sẽ được gọi lại" in html
    thu.post(f"/procedures/outdated/{cited.outdated().get().pk}/settle")
    assert "Không có gì cũ" in thu.get("/procedures/outdated/").content.decode()


def test_who_may_not_read_tickets_sees_codes_without_words_or_links(town, thu, say, work):
    """An administrator keeps the procedures and has no door to tickets."""
    say()
    asked = question(town)
    answers.answer(asked, "Anh/chị cứ ra phường.", by=town.lan)
    told = question(town, once="q2")
    answers.answer(told, "Miễn phí, thủ tục 1.000001.", by=town.lan, cites={})
    say(cach_thuc_thuc_hien=FEE)
    work()
    for client, opens in ((thu, True), (sign_in(town, "quan"), False)):
        gaps = client.get("/procedures/gaps/").content.decode()
        outdated = client.get("/procedures/outdated/").content.decode()
        assert asked.code in gaps and told.code in outdated
        assert (f"/desk/{asked.code}/" in gaps) is opens and (f"/desk/{told.code}/" in outdated) is opens
        assert ("Khai sinh cần giấy gì?" in gaps) is opens


def test_gaps_say_what_to_write_next(town, thu, say):
    say()
    answers.answer(question(town), "Anh/chị cứ ra phường.", by=town.lan)
    for _ in range(2):
        actions.record_question("lên thổ cư", [], asker="citizen", place="citizen")
        actions.record_question("cấp giấy", ["1.000001"], asker="citizen", place="citizen")
    html = thu.get("/procedures/gaps/").content.decode()
    assert "lên thổ cư" in html
    assert "Khai sinh cần giấy gì?" in html
    assert [row["times"] for row in queries.unpicked(now() - timedelta(days=1))] == [2]
    thu.post("/procedures/synonym", {"word": "Lên  thổ cư", "meaning": "chuyển mục đích sử dụng đất"})
    assert Synonym.objects.get().word == "lên thổ cư"
    thu.post("/procedures/synonym", {"word": "", "meaning": "x"})
    assert Synonym.objects.count() == 1


def test_templates_are_written_put_away_and_offered_beside_the_ticket(town, thu, say):
    say()
    thu.post("/procedures/templates/new", {"name": "Khai sinh", "text": "Theo thủ tục 1.000001."})
    again = thu.post("/procedures/templates/new", {"name": "Khai sinh", "text": "Khác"})
    assert again.status_code == 422 and "Khác" in again.content.decode()
    template = cited.templates().get()
    ticket = question(town)
    lan = sign_in(town, "lan")
    assert "Theo thủ tục 1.000001." in lan.get(f"/desk/{ticket.code}/procedures").content.decode()
    thu.post(f"/procedures/templates/{template.pk}/active")
    assert "Theo thủ tục 1.000001." not in lan.get(f"/desk/{ticket.code}/procedures").content.decode()


def test_the_palette_finds_procedures(town, say):
    say()
    items = sign_in(town, "lan").get("/desk/find?q=cap giay").json()["items"]
    assert any(item["url"] == "/tthc/1.000001" for item in items)


@pytest.mark.parametrize(
    "path",
    ["", "?retired", "?q=cap", "?after=x", "gaps/", "gaps/?days=x", "outdated/?settled", "templates/", "imports/"],
)
def test_pages_without_anything_teach_what_to_do(town, thu, path):
    assert thu.get(f"/procedures/{path}").status_code == 200

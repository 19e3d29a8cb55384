"""What a citizen is told of the words of a report: the field, which they confirm or change; whom to call first; the
lawful way; procedures that answer a question; what is alike at the address that was typed.

Proves: the form proposes the field and a person decides; danger stops, by rules and by the model; a question meets
neither map nor photos; similar reports from a typed address (C3, C5, C10)"""

import re
from types import SimpleNamespace
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from caunoi.conversations.models import Draft
from caunoi.directory import actions as directory
from caunoi.directory.queries import forget
from caunoi.events.actor import SYSTEM, citizen
from caunoi.lib.messages import danger
from caunoi.procedures import actions as procedures
from caunoi.procedures.models import Question
from caunoi.publication import actions as publication
from caunoi.tickets import actions as tickets
from caunoi.tickets.models import Ticket
from caunoi.tickets.report import Report
from caunoi.triage.proposals import Certainty, Proposal
from caunoi.triage.queries import Understanding
from caunoi.web.admission import Lane
from caunoi.web.lanes import Lanes
from tests.procedures.records import lines, raw

LAMP = "Đèn đường trước chợ tắt ba ngày nay, tối thui."
MARRIAGE = "Cho tôi hỏi đăng ký kết hôn cần giấy tờ gì, nộp ở đâu?"
FIRE = "hẻm nhà em khói mù mịt, lửa bùng lên mái tôn rồi, bà con tạt nước không nổi"
COMPLAINT = "tôi khiếu nại quyết định thu hồi đất của UBND xã đối với hộ gia đình tôi"
ELSEWHERE = "Đèn đường ở Quận 1, Thành phố Hồ Chí Minh bị hư"


MATTERS = ("gate", "category", "kind", "urgency", "area_code", "danger", "person", "unnamed")


@pytest.fixture
def papers(town: SimpleNamespace) -> SimpleNamespace:
    """Two procedures in force."""
    data = lines(raw("1.000001", ten_thu_tuc="Đăng ký khai sinh"), raw("1.000002", ten_thu_tuc="Đăng ký kết hôn"))
    procedures.bring_in(procedures.look(procedures.upload("a", data, by=town.thu)), by=town.thu)
    return town


@pytest.fixture
def silent(monkeypatch: pytest.MonkeyPatch) -> None:
    """An installation that has turned proposals off."""
    nothing = Understanding(matters={name: Proposal() for name in MATTERS})
    monkeypatch.setattr("caunoi.web.citizen.proposals.understand", lambda text, **_: nothing)


def words(answer: HttpResponse) -> str:
    """What it says, without tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def ask(text: str, **more: str) -> HttpResponse:
    return Client(enforce_csrf_checks=True).post("/report/abc/proposals", {"text": text, "kind": "report", **more})


def place(answer: HttpResponse) -> str:
    return str(answer.headers["Location"]).rsplit("/", 1)[1]


# --- The field --------------------------------------------------------------------------------------------------------


def test_the_field_is_proposed_while_one_writes_and_nothing_is_kept(town: SimpleNamespace) -> None:
    answer = ask(LAMP)
    assert "Chúng tôi nghĩ đây là: Chiếu sáng công cộng , đúng không?" in words(answer)
    assert 'data-offer="category" data-value="lamps"' in " ".join(answer.content.decode().split())
    assert (answer["Cache-Control"], len(answer.cookies)) == ("no-store", 0)
    assert not Draft.objects.exists() and not Question.objects.exists()


@pytest.mark.parametrize("text", ["", "  ", "alo alo", "kính gửi tổng đài"])
def test_what_is_not_understood_is_left_alone(town: SimpleNamespace, text: str) -> None:
    assert words(ask(text)) == ""


def test_a_choice_is_never_overridden(town: SimpleNamespace, someone: Any) -> None:
    assert _pressed(ask(LAMP)) == []
    assert [_pressed(ask(LAMP, category=code)) for code in ("lamps", "noise")] == [["lamps"], ["noise"]]
    someone.fill("what", text=LAMP, category="noise")
    someone.fill("you")
    assert "Chúng tôi nghĩ đây là" not in words(someone.get(f"{someone.draft}/check"))
    someone.post(f"{someone.draft}/check", {"category": "lamps"})
    assert Ticket.objects.get().category == town.noise


def _pressed(answer: HttpResponse) -> list[str]:
    return re.findall(r'data-value="(\w+)"\s+aria-pressed="true"', answer.content.decode())


@pytest.mark.parametrize("sent", ["lamps", "", "identity", "nothing"])
def test_the_last_step_confirms_the_field_and_takes_only_what_it_offered(
    town: SimpleNamespace, someone: Any, sent: str
) -> None:
    someone.begin()
    someone.fill("what", text=LAMP)
    someone.fill("you")
    page = someone.get(f"{someone.draft}/check").content.decode()
    assert re.search(r'<input type="radio" name="category" value="lamps" checked>', page)
    offered = set(re.findall(r'name="category" value="(\w*)"', page))
    assert {"lamps", ""} <= offered and "nothing" not in offered
    answer = someone.post(f"{someone.draft}/check", {"category": sent})
    if sent == "identity" and sent in offered:  # which asks for a phone number
        assert place(answer) == "you?again=1"
        return
    category = Ticket.objects.get().category
    assert (category.code if category else "") == (sent if sent in offered else "")


def test_a_field_that_asks_for_a_phone_number_does_so_when_it_is_confirmed(
    papers: SimpleNamespace, someone: Any
) -> None:
    someone.fill("what", text=MARRIAGE, kind="question")
    someone.fill("you")
    page = someone.get(f"{someone.draft}/check").content.decode()
    assert 'name="category" value="" checked' in page, "a mere proposal does not"
    answer = someone.post(f"{someone.draft}/check", {"category": "identity"})
    assert place(answer) == "you?again=1" and not Ticket.objects.exists()
    someone.fill("you", phone="0900000001")
    someone.fill("check")
    assert Ticket.objects.get().category.code == "identity"


def test_the_commune_of_a_typed_address_is_confirmed_in_the_last_step(town: SimpleNamespace, someone: Any) -> None:
    for sent, area in (("25195", town.ward), ("", None), ("25417", None)):
        someone.begin()
        someone.fill("what", text=LAMP)
        someone.fill("where", address="đối diện chợ, phường Bình Phước")
        someone.fill("you")
        page = someone.get(f"{someone.draft}/check")
        assert "Chúng tôi nghĩ việc này ở: Phường Bình Phước , đúng không?" in words(page)
        someone.post(f"{someone.draft}/check", {"area": sent})
        assert Ticket.objects.latest("pk").area == area, sent


# --- Danger and the law -----------------------------------------------------------------------------------------------


def test_danger_that_no_rule_knows_stops_the_form_with_a_call_button(town: SimpleNamespace, someone: Any) -> None:
    assert danger.number(FIRE) == "", "the model alone reads it"
    assert 'data-call-first="114"' in ask(FIRE).content.decode()
    assert place(someone.fill("what", text=FIRE)) == "danger"
    page = someone.get(f"{someone.draft}/danger").content.decode()
    assert 'class="btn btn-call" href="tel:114"' in page and FIRE in page
    assert place(someone.post(f"{someone.draft}/danger")) == "where"
    assert place(someone.fill("what", text=FIRE)) == "where", "once"


@pytest.mark.parametrize("percent", [10, 30])
def test_what_is_only_shown_to_the_desk_for_a_look_stops_no_citizen(
    town: SimpleNamespace, someone: Any, monkeypatch: pytest.MonkeyPatch, percent: int
) -> None:
    directory.set_option("alarm_percent", percent, by=town.quan)
    for p, where in ((percent / 100 - 0.01, "where"), (percent / 100, "danger")):
        gate = Proposal(value="rescue_112", p=p, certainty=Certainty.PERHAPS)
        read = Understanding(matters={**dict.fromkeys(MATTERS, Proposal()), "gate": gate})
        monkeypatch.setattr("caunoi.web.citizen.proposals.understand", lambda *_args, read=read, **_more: read)
        assert place(someone.fill("what", text="Đường ngập sau mưa, nước tới đầu gối")) == where


def test_who_has_called_already_is_not_stopped_again(town: SimpleNamespace, someone: Any) -> None:
    assert place(someone.fill("what", text=FIRE, calm="114")) == "where"
    assert place(someone.fill("what", text="Có người bất tỉnh giữa đường", calm="114")) == "danger"


def test_rules_stop_it_where_proposals_are_off(town: SimpleNamespace, someone: Any, silent: None) -> None:
    assert place(someone.fill("what", text="Nhà hàng xóm đang cháy lớn")) == "danger"


def test_a_complaint_is_shown_its_lawful_way_and_may_go_on(town: SimpleNamespace, someone: Any) -> None:
    assert "nơi tiếp công dân" in words(ask(COMPLAINT))
    assert place(someone.fill("what", text=COMPLAINT)) == "complaint"
    assert "Luật Khiếu nại" in words(someone.get(f"{someone.draft}/complaint"))
    assert place(someone.post(f"{someone.draft}/complaint")) == "where"
    assert place(someone.fill("what", text=COMPLAINT)) == "where", "once"


def test_a_denunciation_that_no_word_of_the_list_names_is_offered_its_confidence(town: SimpleNamespace) -> None:
    text = "Trưởng thôn nhận tiền của tôi."
    one = Client()
    answer = one.post("/report/abc/what", {"text": text, "kind": "report"})
    assert "Gửi kín" in words(answer) or "gửi kín" in words(answer)
    assert not Draft.objects.exists(), "nothing is kept before its writer decides"
    ordinary = one.post("/report/abc/what", {"text": text, "kind": "report", "ordinary": "1"})
    assert place(ordinary) == "where"


def test_another_province_is_said_and_holds_nobody_up(town: SimpleNamespace, someone: Any) -> None:
    assert place(someone.fill("what", text=LAMP)) == "where"
    someone.fill("where", address="Quận 1, Thành phố Hồ Chí Minh")
    assert "Việc này có thể ở tỉnh khác" in words(someone.get(f"{someone.draft}/where"))
    similar = someone.post(f"{someone.draft}/similar", {"address": "phường Bến Thành, Thành phố Hồ Chí Minh"})
    assert "Việc này có thể ở tỉnh khác" in words(similar)


# --- Questions --------------------------------------------------------------------------------------------------------


def test_a_question_gets_its_procedure_while_it_is_written(papers: SimpleNamespace) -> None:
    answer = ask(MARRIAGE)
    page = answer.content.decode()
    assert "/tthc/1.000002" in page and "Đăng ký kết hôn" in page
    said = words(answer)
    assert all(fact in said for fact in ("Tờ khai", "Miễn phí", "5 ngày làm việc")), said
    assert 'data-offer="kind" data-value="question"' in page and "Chúng tôi nghĩ" not in said
    assert not Question.objects.exists(), "what is asked while one types is kept nowhere"


def test_a_question_meets_its_answer_and_neither_map_nor_photos(papers: SimpleNamespace, someone: Any) -> None:
    assert place(someone.fill("what", text=MARRIAGE, kind="question")) == "answers"
    assert "/tthc/1.000002" in someone.get(f"{someone.draft}/answers").content.decode()
    assert place(someone.post(f"{someone.draft}/answers", {"ask": "1"})) == "you"
    for step in ("where", "photos"):
        assert place(someone.get(f"{someone.draft}/{step}")) == "you"
    page = someone.get(f"{someone.draft}/you").content.decode()
    assert page.count('class="step-word"') == 3 and f'href="{someone.draft}/what"' in page
    assert place(someone.fill("you", phone="0900000001")) == "check"
    assert someone.get(f"{someone.draft}/check").content.decode().count('class="answer"') == 2, "what, and who"
    someone.fill("check")
    assert Ticket.objects.get().kind == "question"


def test_what_was_read_while_it_was_written_is_not_shown_again(papers: SimpleNamespace, someone: Any) -> None:
    seen = re.findall(r'name="answers" value="([^"]+)"', ask(MARRIAGE).content.decode())
    assert place(someone.fill("what", text=MARRIAGE, kind="question", answers=seen[0])) == "you"


def test_what_only_seems_to_be_a_question_may_be_none(papers: SimpleNamespace, someone: Any) -> None:
    assert place(someone.fill("what", text=MARRIAGE)) == "answers"
    assert "Đây có phải là câu hỏi?" in words(someone.get(f"{someone.draft}/answers"))
    assert place(someone.post(f"{someone.draft}/answers")) == "where"
    assert place(someone.fill("what", text=MARRIAGE)) == "where", "once"
    other = type(someone)()
    assert place(other.fill("what", text=MARRIAGE, own="kind")) == "where", "who chose is not asked"
    asker = type(someone)()
    asker.fill("what", text=MARRIAGE)
    assert place(asker.post(f"{asker.draft}/answers", {"ask": "1"})) == "you"


def test_an_answered_question_ends_and_is_forgotten(papers: SimpleNamespace, someone: Any) -> None:
    someone.fill("what", text=MARRIAGE, kind="question")
    answer = someone.post(f"{someone.draft}/enough")
    assert answer.headers["Location"] == "/report/answered"
    assert "không được lưu" in words(someone.get("/report/answered"))
    assert Draft.objects.get().data == {} and not Ticket.objects.exists()
    assert someone.post("/report/unknown/enough").headers["Location"] == "/report/answered"


def test_nobody_ends_anothers_question(papers: SimpleNamespace, someone: Any) -> None:
    someone.fill("what", text=MARRIAGE, kind="question")
    Client().post(f"{someone.draft}/enough")
    assert Draft.objects.get().data["text"] == MARRIAGE


# --- Alike ------------------------------------------------------------------------------------------------------------


def test_similar_reports_are_offered_from_a_typed_address(town: SimpleNamespace, someone: Any) -> None:
    report = Report(
        text="Đèn đường D2 tắt mấy hôm nay.", channel="web", once="x", area_id=town.ward.pk, address="đường D2"
    )
    ticket = tickets.take(report, by=citizen())
    tickets.move(ticket, "accept", by=town.lan, category=town.lamps)
    someone.begin()
    someone.fill("what", text="Đèn đường tắt tối thui")
    typed = {"address": "đường D2, khu phố 3, phường Bình Phước"}
    hidden = someone.post(f"{someone.draft}/similar", typed)
    assert ticket.code not in hidden.content.decode(), "what is not published is offered to nobody"
    publication.propose(ticket)
    assert ticket.code in someone.post(f"{someone.draft}/similar", typed).content.decode()
    assert "address" not in Draft.objects.get().data
    someone.fill("where", **typed)
    assert f"/p/{ticket.code}/join" in someone.get(f"{someone.draft}/photos").content.decode()
    assert f"/p/{ticket.code}/join" in someone.get(f"{someone.draft}/where").content.decode()
    elsewhere = {"address": "xã Nghĩa Trung"}
    assert ticket.code not in someone.post(f"{someone.draft}/similar", elsewhere).content.decode()


# --- Off, often, crowded ----------------------------------------------------------------------------------------------


def test_the_form_is_whole_where_proposals_are_off(papers: SimpleNamespace, someone: Any, silent: None) -> None:
    assert words(ask(LAMP)) == "" and ask(LAMP).content.decode().strip() == ""
    someone.begin()
    assert place(someone.fill("what", text=LAMP)) == "where"
    someone.fill("you")
    page = words(someone.get(f"{someone.draft}/check"))
    assert "Chúng tôi nghĩ" not in page and "lĩnh vực sau" not in page
    someone.fill("check")
    assert Ticket.objects.get().category is None


def test_whoever_asks_too_often_goes_on_without(town: SimpleNamespace, someone: Any) -> None:
    directory.set_option("proposals_per_minute", 2, by=SYSTEM)
    forget()
    answers = [ask(LAMP).status_code for _ in range(3)]
    assert answers == [200, 200, 429] and int(ask(LAMP)["Retry-After"]) > 0
    assert place(someone.fill("what", text=LAMP)) == "where"


def test_what_a_form_asks_by_itself_takes_no_turn_from_a_report() -> None:
    scope = {"path": "/report/abc/proposals", "method": "POST", "headers": []}
    assert Lanes().lane(scope) == Lane.BROWSING
    assert Lanes().lane({**scope, "path": "/report/abc/what"}) == Lane.REPORTS


def test_only_what_is_sent_in_a_body_is_asked(town: SimpleNamespace) -> None:
    assert Client().get("/report/abc/proposals", {"text": LAMP}).status_code == 405

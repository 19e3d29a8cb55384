"""The citizen follows the own ticket by its secret link, answers, rates and reopens."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.utils.timezone import now

from caunoi.answers import actions as answers
from caunoi.events.actor import citizen
from caunoi.publication import actions as publication
from caunoi.publication.models import Publication
from caunoi.ratings.models import Rating
from caunoi.routing import actions as routing
from caunoi.tickets import actions as tickets
from caunoi.tickets.models import Ticket
from caunoi.tickets.report import Report, Reporter


@pytest.fixture
def ticket(someone: Any, town: SimpleNamespace) -> Ticket:
    reporter = Reporter(name="Trần Thị Demo", phone="+84900000001")
    report = Report(text="Đèn tắt.", channel="web", once="form-1", area_id=town.ward.pk, reporter=reporter)
    return tickets.take(report, by=citizen())


@pytest.fixture
def page(someone: Any, ticket: Ticket) -> Callable[..., str]:
    return lambda **query: someone.get(f"/f/{ticket.follow}", **query).content.decode()


def answered(ticket: Ticket, town: SimpleNamespace, photo: Callable[..., int]) -> None:
    tickets.move(ticket, "accept", by=town.lan, category=town.lamps)
    routing.route(ticket, town.works, by=town.lan)
    routing.start(ticket, by=town.minh)
    answers.submit(ticket, "Đã thay bốn bóng.", by=town.minh, before=[photo()], after=[photo("yellow")])
    answers.approve(ticket, by=town.hoa)


def test_the_page_is_kept_nowhere_and_found_by_nobody(someone: Any, ticket: Ticket) -> None:
    answer = someone.get(f"/f/{ticket.follow}")
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert f'data-live="/live?follow={ticket.follow}"' in answer.content.decode()


def test_the_page_tells_who_holds_it_and_until_when(
    page: Callable[..., str], ticket: Ticket, town: SimpleNamespace, work: Callable[[], None], photo: Any
) -> None:
    work()
    assert "Đã nhận và đang đọc" in page()
    tickets.move(ticket, "accept", by=town.lan, category=town.lamps)
    routing.route(ticket, town.works, by=town.lan, note="Ghi chú giữa các đơn vị")
    work()
    told = page()
    assert "Xí nghiệp Công trình công cộng đang giữ phiếu" in told
    assert "Trả lời trước" in told and "còn" in told
    assert "Ghi chú giữa" not in told


def test_a_deadline_that_is_over_is_not_promised_any_more(
    page: Callable[..., str], ticket: Ticket, town: SimpleNamespace, work: Callable[[], None], time_machine: Any
) -> None:
    tickets.move(ticket, "accept", by=town.lan, category=town.lamps)
    work()
    assert "Lẽ ra" not in page()
    time_machine.move_to(now() + timedelta(days=60))
    told = page()
    assert "Lẽ ra đã trả lời trước" in told and "Lẽ ra trước" in told
    assert "Trả lời trước" not in told


def test_live_news_bring_the_story_alone(ticket: Ticket) -> None:
    part = Client(headers={"HX-Request": "true"}).get(f"/f/{ticket.follow}").content.decode()
    assert "<html" not in part
    assert "Phiếu đã đi tới đâu" in part


def test_a_question_is_answered_on_the_page_and_the_ticket_goes_on(
    someone: Any, page: Callable[..., str], ticket: Ticket, town: SimpleNamespace, picture: Any
) -> None:
    tickets.move(ticket, "ask", by=town.lan, question="Gần số nhà nào?")
    assert page().count("Gần số nhà nào?") == 1
    assert someone.post(f"/f/{ticket.follow}/reply", {"text": " "}).status_code == 422
    sent = someone.post(f"/f/{ticket.follow}/reply", {"text": "Gần số 12.", "photos": [picture()]})
    assert sent.headers["Location"].endswith("?done=reply")
    ticket.refresh_from_db()
    assert (ticket.state, ticket.photos.count()) == ("new", 1)
    told = page(done="reply")
    assert "Gần số 12." in told and "Cảm ơn anh/chị" in told


def test_an_addition_that_is_too_long_comes_back(someone: Any, ticket: Ticket) -> None:
    answer = someone.post(f"/f/{ticket.follow}/reply", {"text": "đ" * 5000})
    assert answer.status_code == 422
    assert "đ" * 5000 in answer.content.decode()


def test_an_addition_that_is_sent_twice_is_taken_once(someone: Any, ticket: Ticket) -> None:
    for words in ("Gần số 12.", "Gần số 12.", " Gần số 12. ", "Vẫn tối."):
        assert someone.post(f"/f/{ticket.follow}/reply", {"text": words}).status_code == 302
    assert [note.text for note in ticket.notes.filter(kind="note").order_by("pk")] == ["Gần số 12.", "Vẫn tối."]


def test_a_zero_byte_in_an_addition_is_left_out(someone: Any, page: Callable[..., str], ticket: Ticket) -> None:
    someone.post(f"/f/{ticket.follow}/reply", {"text": "đèn\0hỏng"})
    assert "đènhỏng" in page()


def test_photos_that_are_none_do_not_take_the_words_with_them(someone: Any, ticket: Ticket, picture: Any) -> None:
    false = picture(name="x.jpg")
    false.file.seek(0)
    false.file.write(b"no photo at all")
    false.file.seek(0)
    answer = someone.post(f"/f/{ticket.follow}/reply", {"text": "Lời tôi viết", "photos": [false]})
    assert answer.status_code == 422
    assert "Lời tôi viết" in answer.content.decode()


def test_the_answer_is_shown_with_its_photos_and_rated_once(
    someone: Any, page: Callable[..., str], ticket: Ticket, town: SimpleNamespace, photo: Any
) -> None:
    answered(ticket, town, photo)
    told = page()
    assert told.count("Đã thay bốn bóng.") == 1
    assert "data-compare" in told
    assert someone.post(f"/f/{ticket.follow}/rate", {"comment": "Cảm ơn"}).status_code == 422
    someone.post(f"/f/{ticket.follow}/rate", {"grade": "poor", "reason": ["slow", "fast"], "comment": "Lâu\0 quá"})
    rating = Rating.objects.get()
    assert (rating.grade, rating.reasons, rating.comment) == ("dissatisfied", ["slow"], "Lâu quá")
    again = someone.post(f"/f/{ticket.follow}/rate", {"grade": "good"})
    assert again.headers["Location"].endswith("?done=rated")
    assert "notice-success" in page(done="rate") and "notice-success" not in page(done="rated")
    assert Rating.objects.get().grade == "dissatisfied"
    assert "đã đánh giá" in page(done="rate")


def test_it_is_reopened_within_the_window_and_not_after(
    someone: Any, ticket: Ticket, town: SimpleNamespace, photo: Any, time_machine: Any
) -> None:
    answered(ticket, town, photo)
    empty = someone.post(f"/f/{ticket.follow}/reopen", {"reopen_text": ""})
    assert empty.status_code == 422
    time_machine.move_to(now() + timedelta(days=16))
    late = someone.post(f"/f/{ticket.follow}/reopen", {"reopen_text": "Lại tắt rồi."})
    assert late.status_code == 409
    assert "Lại tắt rồi." in late.content.decode()
    time_machine.move_to(now() - timedelta(days=2))
    assert someone.post(f"/f/{ticket.follow}/reopen", {"reopen_text": "Lại tắt rồi."}).status_code == 302
    ticket.refresh_from_db()
    assert (ticket.state, ticket.reopened) == ("accepted", 1)


def test_what_was_refused_was_neither_answered_nor_fixed_by_anybody(
    someone: Any, ticket: Ticket, town: SimpleNamespace, page: Callable[..., str]
) -> None:
    tickets.move(ticket, "refuse", by=town.lan, reason="unclear")
    assert "Vì sao cần mở lại phiếu?" in page() and "báo xong nhưng chưa xử lý xong" not in page()
    empty = someone.post(f"/f/{ticket.follow}/reopen", {"reopen_text": ""}).content.decode()
    assert "Anh/chị viết rõ vì sao cần mở lại phiếu." in empty


def test_a_citizen_may_close_what_is_answered_and_nothing_else(
    someone: Any, ticket: Ticket, town: SimpleNamespace, photo: Any
) -> None:
    assert someone.post(f"/f/{ticket.follow}/close").headers["Location"].endswith("?done=closed")
    answered(ticket, town, photo)
    assert someone.post(f"/f/{ticket.follow}/close").headers["Location"].endswith("?done=close")
    ticket.refresh_from_db()
    assert ticket.state == "closed"


def test_a_refusal_says_why_and_where_to_go(page: Callable[..., str], ticket: Ticket, town: SimpleNamespace) -> None:
    tickets.move(ticket, "refuse", by=town.lan, reason="outside", note="Chỉ nội bộ")
    told = page()
    assert "tổng đài của tỉnh" in told
    assert "Chỉ nội bộ" not in told


def test_another_reason_is_told_in_the_words_for_the_citizen(
    page: Callable[..., str], ticket: Ticket, town: SimpleNamespace
) -> None:
    tickets.move(ticket, "refuse", by=town.lan, reason="other", text="Việc này đã hết hạn.", note="Chỉ nội bộ")
    told = page()
    assert "Lý do khác\nViệc này đã hết hạn." in told and "Chỉ nội bộ" not in told


def test_a_report_that_came_second_is_led_to_the_first(
    page: Callable[..., str], ticket: Ticket, town: SimpleNamespace
) -> None:
    first = tickets.take(Report(text="Đèn tắt cả đường.", channel="web", once="form-0"), by=citizen())
    tickets.move(ticket, "merge", by=town.lan, into=first)
    assert f'<a class="link code" href="/p/{first.code}"' in page()


def test_what_the_staff_note_is_not_for_the_citizen(
    page: Callable[..., str], ticket: Ticket, town: SimpleNamespace
) -> None:
    tickets.remark(ticket, "Gọi lại sau 17 giờ", by=town.lan)
    assert "Gọi lại sau" not in page()


DROWNING = "Con tôi đang đuối nước, cứu với"


def test_who_adds_that_a_life_is_in_danger_is_told_whom_to_call_and_the_desk_sees_it_urgent(
    someone: Any, page: Callable[..., str], ticket: Ticket
) -> None:
    assert ticket.urgency == "normal" and 'data-call="114" hidden' not in page() and "data-danger" in page()
    words = "Cháy lớn rồi, có người mắc kẹt, cứu với!"
    sent = someone.post(f"/f/{ticket.follow}/reply", {"text": words})
    assert sent.headers["Location"].endswith("?done=reply&call=114")
    told = page(done="reply", call="114")
    assert "Gọi ngay 114" in told and 'href="tel:114"' in told and words in told
    ticket.refresh_from_db()
    assert ticket.urgency == "urgent"
    assert "Gọi ngay 113" not in page(done="reply", call="0900") and "Gọi ngay 114" not in page(done="reply")


def test_who_reopens_because_a_life_is_in_danger_is_told_whom_to_call(
    someone: Any, ticket: Ticket, town: SimpleNamespace, photo: Any
) -> None:
    answered(ticket, town, photo)
    sent = someone.post(f"/f/{ticket.follow}/reopen", {"reopen_text": DROWNING})
    assert sent.headers["Location"].endswith("?done=reopen&call=114")
    ticket.refresh_from_db()
    assert (ticket.state, ticket.urgency) == ("accepted", "urgent")


def test_nothing_that_is_too_long_is_cut_in_silence(
    someone: Any, ticket: Ticket, town: SimpleNamespace, photo: Any
) -> None:
    answered(ticket, town, photo)
    publication.propose(ticket)
    long = "đ" * 4001
    for form, fields in {
        "reopen": {"reopen_text": long},
        "rate": {"grade": "poor", "reason": ["slow"], "comment": long},
        "takedown": {"takedown_text": long},
    }.items():
        answer = someone.post(f"/f/{ticket.follow}/{form}", fields)
        told = answer.content.decode()
        assert answer.status_code == 422 and long in told and "4000 ký tự" in told, form
        assert form != "rate" or ('value="poor" checked' in told and 'value="slow" checked' in told)
    ticket.refresh_from_db()
    assert ticket.state == "answered" and not Rating.objects.exists()


def test_who_is_slower_to_reopen_it_is_heard_all_the_same(
    someone: Any, ticket: Ticket, town: SimpleNamespace, photo: Any, picture: Any
) -> None:
    answered(ticket, town, photo)
    tickets.move(ticket, "reopen", by=town.lan, reason="Kiểm tra lại")
    words = {"reopen_text": "Bóng thứ ba vẫn tắt.", "photos": [picture(name="x.jpg")]}
    sent = someone.post(f"/f/{ticket.follow}/reopen", words)
    assert sent.headers["Location"].endswith("?done=again")
    assert [note.text for note in ticket.notes.filter(kind="note")] == ["Bóng thứ ba vẫn tắt."]
    assert ticket.photos.filter(role="report").count() == 1


def test_what_is_pressed_twice_is_done_once_and_said_so(
    someone: Any, ticket: Ticket, town: SimpleNamespace, photo: Any
) -> None:
    answered(ticket, town, photo)
    own = f"/f/{ticket.follow}"
    for _ in range(2):
        sent = someone.post(f"{own}/rate", {"grade": "poor", "comment": "Lâu quá"})
        assert sent.headers["Location"].endswith("?done=rate")
    other = someone.post(f"{own}/rate", {"grade": "poor", "comment": "Và còn tối"})
    assert other.status_code == 409 and other.content.decode().count("Và còn tối") == 1
    for _ in range(2):
        assert someone.post(f"{own}/close").headers["Location"].endswith("?done=close")
    for _ in range(2):
        sent = someone.post(f"{own}/reopen", {"reopen_text": "Lại tắt rồi."})
        assert sent.headers["Location"].endswith("?done=reopen")
    assert not ticket.notes.filter(kind="note").exists()


def test_the_answer_has_the_time_at_which_it_was_given(
    page: Callable[..., str], ticket: Ticket, town: SimpleNamespace, photo: Any, time_machine: Any
) -> None:
    time_machine.move_to("2026-03-02T02:36:00+00:00", tick=False)
    answered(ticket, town, photo)
    time_machine.move_to("2026-03-02T02:40:00+00:00", tick=False)
    tickets.move(ticket, "reopen", by=citizen(ticket.pk), reason="Vẫn tắt")
    time_machine.move_to("2026-03-02T02:53:00+00:00", tick=False)
    answers.answer(ticket, "Đã thay cả bốn.", by=town.lan)
    publication.propose(ticket)
    own = page().split('aria-labelledby="answer"')[1].split("</section>")[0]
    public = Client().get(f"/p/{ticket.code}").content.decode()
    home = Client().get("/").content.decode().split('class="solved"')[1].split("</ul>")[0]
    for told in (own, public.split('aria-labelledby="result"')[1].split("</section>")[0], home):
        assert "09:53" in told and "09:36" not in told
    assert "09:53" in public.split('aria-labelledby="facts"')[1]


def test_whoever_is_hidden_in_an_answer_is_called_so_on_the_first_page_too(
    ticket: Ticket, town: SimpleNamespace, photo: Any
) -> None:
    answered(ticket, town, photo)
    publication.propose(ticket)
    Publication.objects.filter(ticket=ticket).update(answer="Đã báo [person] và thay bốn bóng.")
    home = Client().get("/").content.decode()
    assert "Đã báo [tên] và thay bốn bóng." in home and "[person]" not in home


def test_a_page_asks_for_itself_and_says_what_was_done_only_while_it_stands_so(
    someone: Any, ticket: Ticket, town: SimpleNamespace, photo: Any
) -> None:
    answered(ticket, town, photo)
    refused = someone.post(f"/f/{ticket.follow}/reopen", {"reopen_text": ""}).content.decode()
    assert f'hx-get="/f/{ticket.follow}"' in refused
    someone.post(f"/f/{ticket.follow}/reopen", {"reopen_text": "Lại tắt rồi."})
    told = someone.get(f"/f/{ticket.follow}", done="reopen").content.decode()
    address = told.split('hx-get="')[1].split('"')[0].replace("&amp;", "&")
    assert address == f"/f/{ticket.follow}?done=reopen&as=accepted" and 'role="status" tabindex="-1" data-focus' in told
    refreshed = Client(headers={"HX-Request": "true"})
    assert "sẽ xem xét lần nữa" in refreshed.get(address).content.decode()
    answers.answer(ticket, "Đã thay.", by=town.lan)
    part = refreshed.get(address).content.decode()
    assert "sẽ xem xét lần nữa" not in part
    assert '<p id="announcer" hx-swap-oob="innerHTML">Anh/chị đã có câu trả lời</p>' in part


def test_a_new_deadline_is_called_so_and_why_what_was_in_time_counts_as_late(
    ticket: Ticket, town: SimpleNamespace, photo: Any, work: Callable[[], None]
) -> None:
    answered(ticket, town, photo)
    work()
    tickets.move(ticket, "reopen", by=citizen(ticket.pk), reason="Vẫn tắt")
    work()
    told = Client().get(f"/p/{ticket.code}").content.decode()
    assert "<dt>Hạn mới</dt>" in told and "tính là trễ vì" not in told
    answers.answer(ticket, "Đã thay cả bốn.", by=town.lan)
    work()
    told = Client().get(f"/p/{ticket.code}").content.decode()
    assert "Xong trễ hạn" in told and "Xong trước hạn, nhưng tính là trễ vì phiếu phải mở lại." in told

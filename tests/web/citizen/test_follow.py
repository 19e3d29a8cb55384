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
from caunoi.ratings.models import Rating
from caunoi.routing import actions as routing
from caunoi.tickets import actions as tickets
from caunoi.tickets.lifecycle import Channel
from caunoi.tickets.models import Ticket
from caunoi.tickets.report import Report, Reporter


@pytest.fixture
def ticket(someone: Any, town: SimpleNamespace) -> Ticket:
    reporter = Reporter(name="Trần Thị Demo", phone="+84900000001")
    report = Report(text="Đèn tắt.", channel=Channel.WEB, once="form-1", area_id=town.ward.pk, reporter=reporter)
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
    first = tickets.take(Report(text="Đèn tắt cả đường.", channel=Channel.WEB, once="form-0"), by=citizen())
    tickets.move(ticket, "merge", by=town.lan, into=first)
    assert f'<a class="link code" href="/p/{first.code}"' in page()


def test_what_the_staff_note_is_not_for_the_citizen(
    page: Callable[..., str], ticket: Ticket, town: SimpleNamespace
) -> None:
    tickets.remark(ticket, "Gọi lại sau 17 giờ", by=town.lan)
    assert "Gọi lại sau" not in page()

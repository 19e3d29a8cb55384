"""Before sending, similar open reports are shown: on the form, with and without JavaScript.

Proves: Reports near you: pointed at, typed or chosen; sent in the body, kept nowhere
Proves: Similar open reports shown before sending, with and without JavaScript; join instead, counted, taken back"""

from types import SimpleNamespace
from typing import Any

import pytest

from caunoi.answers import actions as answers
from caunoi.conversations.models import Draft
from caunoi.events.actor import citizen
from caunoi.followers import queries
from caunoi.publication import actions
from caunoi.publication.models import Publication
from caunoi.tickets import actions as tickets
from caunoi.tickets.report import Report


@pytest.fixture
def lamp(someone: Any, town: SimpleNamespace) -> Publication:
    report = Report(
        text="Đèn đường trước chợ Đồng Xoài tắt mấy hôm nay.",
        channel="web",
        once="x",
        latitude=11.524,
        longitude=106.901,
        area_id=town.ward.pk,
    )
    ticket = tickets.take(report, by=citizen())
    tickets.move(ticket, "accept", by=town.lan, category=town.lamps)
    publication = actions.propose(ticket)
    assert publication is not None
    return publication


def test_what_is_alike_and_close_is_shown_before_the_photos_and_before_sending(someone: Any, lamp: Publication) -> None:
    someone.begin()
    someone.fill("what")
    someone.fill("where", lat="11.5245", long="106.9012")
    for step in ("photos", "check"):
        if step == "check":
            someone.fill("you")
        page = someone.get(f"{someone.draft}/{step}").content.decode()
        assert f"/p/{lamp.ticket.code}/join" in page and "Có phải một trong những việc này?" in page


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("Hỏi về giấy khai sinh cho con tôi ở đâu", {"lat": "11.5245", "long": "106.9012"}),
        ("Đèn đường trước chợ Đồng Xoài tắt ba ngày nay.", {"lat": "11.59", "long": "106.94"}),
        ("Đèn đường trước chợ Đồng Xoài tắt ba ngày nay.", {"area": "25417"}),
    ],
    ids=["other words", "far away", "another commune"],
)
def test_what_is_something_else_is_not_shown(someone: Any, lamp: Publication, text: str, where: dict[str, str]) -> None:
    someone.begin()
    someone.fill("what", text=text)
    someone.fill("where", **where)
    assert "/join" not in someone.get(f"{someone.draft}/photos").content.decode()


def test_what_was_refused_is_not_offered_and_its_page_says_so(
    someone: Any, lamp: Publication, town: SimpleNamespace
) -> None:
    tickets.move(lamp.ticket, "refuse", by=town.lan, reason="outside", note="Chỉ nội bộ")
    someone.begin()
    someone.fill("what")
    assert (
        "/join" not in someone.post(f"{someone.draft}/similar", {"lat": "11.5245", "long": "106.9012"}).content.decode()
    )
    page = someone.get(f"/p/{lamp.ticket.code}").content.decode()
    assert "Lý do: Ngoài địa bàn" in page and "Chưa có câu trả lời" not in page and "Chỉ nội bộ" not in page


def test_while_a_place_is_chosen_a_fragment_shows_it_and_nothing_is_kept(someone: Any, lamp: Publication) -> None:
    someone.begin()
    someone.fill("what")
    answer = someone.post(f"{someone.draft}/similar", {"lat": "11.5245", "long": "106.9012"})
    assert lamp.ticket.code in answer.content.decode() and answer["Cache-Control"] == "no-store"
    assert "lat" not in Draft.objects.get().data
    assert lamp.ticket.code in someone.post(f"{someone.draft}/similar", {"area": "25195"}).content.decode()
    assert someone.post("/report/unknown/similar", {"lat": "11.5245", "long": "106.9"}).status_code == 200


def test_joining_from_the_form_says_that_the_draft_was_not_sent(someone: Any, lamp: Publication) -> None:
    someone.begin()
    someone.fill("what")
    draft = someone.draft.rsplit("/", 1)[1]
    answer = someone.post(f"/p/{lamp.ticket.code}/join", {"affected": "1", "draft": draft})
    page = someone.get(answer["Location"]).content.decode()
    assert "Phản ánh của anh/chị chưa được gửi" in page and f"/report/{draft}/photos" in page
    assert queries.joined(lamp) == 1


def test_people_near_a_place_are_shown_without_keeping_the_place(someone: Any, lamp: Publication) -> None:
    for where in ({"lat": "11.5250", "long": "106.9010"}, {"area": "25195"}, {"address": "chợ, Phường Bình Phước"}):
        answer = someone.post("/near", where)
        assert lamp.ticket.code in answer.content.decode(), where
        assert answer["Cache-Control"] == "no-store" and set(answer.cookies) <= {"csrftoken"}
    assert "cách khoảng 100 m" in someone.post("/near", {"lat": "11.5250", "long": "106.9010"}).content.decode()
    assert lamp.ticket.code not in someone.post("/near", {"lat": "11.59", "long": "106.94"}).content.decode()
    assert someone.post("/near", {"lat": "0", "long": "0"}).status_code == 422


def test_who_joined_reads_how_it_stands_and_the_answer(someone: Any, lamp: Publication, town: SimpleNamespace) -> None:
    own = someone.post(f"/p/{lamp.ticket.code}/join", {"affected": "1"}).headers["Location"].split("?")[0]
    assert "Đã tiếp nhận" in someone.get(own).content.decode()
    answers.answer(lamp.ticket, "Đã thay bóng.", by=town.lan)
    actions.propose(lamp.ticket)
    told = someone.get(own).content.decode()
    assert "Đã trả lời" in told and "Đã thay bóng." in told


def test_who_joined_what_goes_on_elsewhere_is_led_there(someone: Any, lamp: Publication, town: SimpleNamespace) -> None:
    own = someone.post(f"/p/{lamp.ticket.code}/join", {"affected": "1"}).headers["Location"].split("?")[0]
    first = tickets.take(Report(text="Đèn chợ tắt.", channel="web", once="y"), by=citizen())
    tickets.move(first, "accept", by=town.lan, category=town.lamps)
    actions.propose(first)
    tickets.move(lamp.ticket, "merge", by=town.lan, into=first)
    told = someone.get(own).content.decode()
    assert "Đã gộp" in told and f'href="/p/{first.code}"' in told

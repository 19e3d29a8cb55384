"""What everybody may read: home, register, published tickets, look-up. Nothing private in any of it.

Proves: Ticket page: story, who has it and until when, result, before/after slider (keyboard; side by side without
scripts), print, Open Graph with the looked-at photo, canonical"""

import re
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils.timezone import now

from caunoi.accounts.models import User
from caunoi.answers import actions as answers
from caunoi.events.actor import citizen
from caunoi.events.models import Event
from caunoi.lib.numbers import codes
from caunoi.publication import actions as publication
from caunoi.publication import queries as public
from caunoi.routing import actions as routing
from caunoi.tickets import actions as tickets
from caunoi.tickets.models import Ticket
from caunoi.tickets.report import Report, Reporter


@pytest.fixture
def make(
    someone: Any, town: SimpleNamespace, photo: Callable[..., int], work: Callable[[], None]
) -> Callable[..., Ticket]:
    """A lamp that was reported, mended, answered and published."""

    def one(
        text: str = "Đèn đường trước chợ tắt, gọi tôi số 0900 000 001.", *, done: bool = True, publish: bool = True
    ) -> Ticket:
        report = Report(
            text=text,
            channel="web",
            once=text,
            latitude=11.52371,
            longitude=106.90123,
            photos=[photo("red")],
            address="Trước chợ Đồng Xoài",
            reporter=Reporter(name="Trần Thị Demo", phone="+84900000001"),
        )
        ticket = tickets.take(report, by=citizen())
        if not publish:
            return ticket
        work()
        tickets.move(ticket, "accept", by=town.lan, category=town.lamps)
        routing.route(ticket, town.works, by=town.lan, note="Nội bộ thôi")
        if done:
            routing.start(ticket, by=town.minh)
            answers.submit(ticket, "Đã thay bóng.", by=town.minh, before=[photo("navy")], after=[photo("gold")])
            answers.approve(ticket, by=town.hoa)
        work()
        ticket.refresh_from_db()
        return ticket

    return one


def test_an_empty_hotline_shows_how_to_begin(someone: Any) -> None:
    for path in ("/", "/register"):
        answer = someone.get(path)
        assert answer.status_code == 200
        assert 'href="/report"' in answer.content.decode()


def test_home_shows_the_doors_the_numbers_of_danger_and_what_was_done(
    someone: Any, make: Callable[..., Ticket]
) -> None:
    ticket = make()
    home = someone.get("/").content.decode()
    for address in ("/report", "/tthc/", "/lookup", "tel:113", "tel:111", f"/p/{ticket.code}"):
        assert f'href="{address}"' in home
    assert "Đã thay bóng." in home
    assert '<strong class="text-figure font-bold num">1</strong>' in home


def test_home_remembers_the_commune_one_has_chosen(make: Callable[..., Ticket]) -> None:
    make()
    browser = Client()
    assert "Ở đây chưa có phiếu nào xong" in browser.get("/", {"area": "25417"}).content.decode()
    assert "Xã Nghĩa Trung" in browser.get("/").content.decode()
    assert "Đã thay bóng." in browser.get("/", {"area": ""}).content.decode()


def test_the_published_page_tells_its_way_and_nothing_private(someone: Any, make: Callable[..., Ticket]) -> None:
    ticket = make()
    page = someone.get(f"/p/{ticket.code}").content.decode()
    for words in ("Đã thay bóng.", "Xí nghiệp Công trình công cộng", "Phường Bình Phước", 'rel="canonical"', "11.524"):
        assert words in page
    for private in ("0900", "Trần Thị Demo", "Nội bộ thôi", ticket.follow, "11.52371", "minh"):
        assert private not in page
    assert "/files/" not in page  # no photo before a person has looked at it


def test_photos_are_compared_when_a_person_has_looked_at_them(
    someone: Any, make: Callable[..., Ticket], town: SimpleNamespace
) -> None:
    ticket = make()
    publication.publish(
        public.publication_of(ticket), by=town.thu, photos=[p.attachment_id for p in ticket.photos.all()]
    )
    page = someone.get(f"/p/{ticket.code}").content.decode()
    assert "data-compare" in page
    assert page.count("/files/") >= 3
    assert "/files/" in someone.get("/").content.decode()


def test_a_code_is_found_however_it_is_typed(someone: Any, make: Callable[..., Ticket]) -> None:
    code = make().code
    for typed in (code.replace("-", ""), code.replace("-", " ")):
        assert someone.get("/register", q=typed).headers["Location"] == f"/p/{code}"
        assert someone.get(f"/p/{typed}").headers["Location"] == f"/p/{code}"


def test_the_register_finds_words_without_marks_and_filters(someone: Any, make: Callable[..., Ticket]) -> None:
    done, open_ = make(), make("Ổ gà trước trường.", done=False)

    def found(**query: str) -> set[str]:
        page = someone.get("/register", **query).content.decode()
        return {t.code for t in (done, open_) if f"/p/{t.code}" in page}

    assert found() == {done.code, open_.code}
    assert found(q="den duong") == {done.code}
    assert found(q="0900") == set()
    assert found(status="done") == {done.code}
    assert found(status="open") == {open_.code}
    assert found(area="25417") == set()
    assert found(category="lamps", status="open", q="ổ gà") == {open_.code}
    points = someone.get("/points.json", status="done").json()["features"]
    assert {point["properties"]["code"] for point in points} == {done.code}


def test_points_are_rough(someone: Any, make: Callable[..., Ticket]) -> None:
    make()
    (feature,) = someone.get("/points.json").json()["features"]
    assert feature["geometry"]["coordinates"] == [106.901, 11.524]
    assert feature["properties"]["mark"] == "on-time"


def test_what_was_withdrawn_says_why(someone: Any, make: Callable[..., Ticket], town: SimpleNamespace) -> None:
    ticket = make()
    publication.withdraw(public.publication_of(ticket), "Có tên người", by=town.thu)
    answer = someone.get(f"/p/{ticket.code}")
    assert answer.status_code == 410
    assert "Có tên người" in answer.content.decode()
    assert "Đèn đường" not in answer.content.decode()


def test_code_and_phone_show_the_state_and_open_nothing(someone: Any, make: Callable[..., Ticket]) -> None:
    hidden = make(publish=False)
    answer = someone.post("/lookup", {"code": hidden.code, "phone": "0900 000 001"})
    page = answer.content.decode()
    assert answer.status_code == 200 and "Location" not in answer and hidden.follow not in page
    assert hidden.text not in page and "Trần Thị Demo" not in page and "0900000001" not in page
    assert "tổng đài viên" in page  # who reads out a code: no gateway is set up that could send one
    ticket = make()
    assert someone.post("/lookup", {"code": ticket.code}).headers["Location"] == f"/p/{ticket.code}"


@pytest.mark.parametrize(
    ("code", "number", "words"),
    [
        ("26-000123-5", "", "một chữ số chưa đúng"),
        ("", "", "chín chữ số"),
        (codes.make(2026, 999), "", "Chưa có phiếu công khai"),
        ("own", "0911111111", "xem lại"),
    ],
)
def test_a_look_up_that_fails_says_what_to_check(
    someone: Any, make: Callable[..., Ticket], code: str, number: str, words: str
) -> None:
    own = make(publish=False).code
    answer = someone.post("/lookup", {"code": own if code == "own" else code, "phone": number})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert words in page and f'value="{number}"' in page


def test_codes_cannot_be_tried_one_after_the_other(someone: Any, make: Callable[..., Ticket]) -> None:
    own = make(publish=False).code
    last = [someone.post("/lookup", {"code": own, "phone": f"09111111{n:02}"}).status_code for n in range(21)]
    assert last == [422] * 5 + [429] * 16  # five a ticket, whichever process is asked
    cache.clear()
    answer = someone.post("/lookup", {"code": own, "phone": "0900000001"})
    assert answer.status_code == 429
    page = answer.content.decode()  # whose it is opens it by a code, whatever a stranger tried
    assert 'action="/lookup/open"' in page and f'value="{own}"' in page and 'value="0900000001"' in page


def test_a_number_tells_nothing_where_everybody_may_read(someone: Any, make: Callable[..., Ticket]) -> None:
    own = make()
    pages = [someone.post("/lookup", {"code": own.code, "phone": n}) for n in ("0900 000 001", "0911 111 111")]
    assert [page.status_code for page in pages] == [200, 200]
    bodies = [re.sub(r'(nonce|csrf\w*|value)="[^"]*"', "", page.content.decode()) for page in pages]
    assert bodies[0] == bodies[1] and own.follow not in bodies[0]


def test_staff_learn_nothing_by_a_number(someone: Any, make: Callable[..., Ticket], town: Any) -> None:
    own, officer = make(publish=False), Client()
    officer.force_login(User.objects.get(username="minh"))
    for number in ("0900 000 001", "0911 111 111"):
        answer = officer.post("/lookup", {"code": own.code, "phone": number})
        assert answer.status_code == 403 and "đăng nhập" in answer.content.decode()
    assert not Event.objects.filter(kind="ticket.lookup").exists()


def test_both_languages_have_every_page(someone: Any, make: Callable[..., Ticket]) -> None:
    ticket = make()
    browser = Client()
    browser.cookies["language"] = "en"
    for path, words in {
        "/": "Just solved",
        "/report": "What would you like",
        "/lookup": "Ticket code",
        "/register": "Published tickets",
        f"/p/{ticket.code}": "How it was handled",
        f"/f/{ticket.follow}": "You have an answer",
    }.items():
        page = browser.get(path).content.decode()
        assert words in page and '<html lang="en"' in page


def test_home_shows_first_what_was_answered_last(
    someone: Any, make: Callable[..., Ticket], town: SimpleNamespace, time_machine: Any
) -> None:
    old = make("Đèn cũ chưa ai sửa.", done=False)
    make()
    time_machine.move_to(now() + timedelta(hours=1))
    routing.start(old, by=town.minh)
    answers.submit(old, "Vừa sửa xong.", by=town.minh)
    answers.approve(old, by=town.hoa)
    publication.propose(old)
    home = someone.get("/").content.decode()
    assert home.index("Vừa sửa xong.") < home.index("Đã thay bóng.")

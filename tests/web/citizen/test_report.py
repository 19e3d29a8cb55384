"""A citizen writes a report, without an account, cookies or JavaScript.

Proves: a citizen reports on a phone, with and without JavaScript: words, place, time, photos, consent version,
code, follow page"""

import html
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils.timezone import localtime, now

from caunoi.conversations.actions import forget_drafts
from caunoi.conversations.models import Draft
from caunoi.directory import actions as directory
from caunoi.directory.queries import forget
from caunoi.events.actor import SYSTEM
from caunoi.lib.numbers import codes
from caunoi.tickets.models import Ticket


def test_five_steps_make_a_ticket_with_everything_that_was_said(someone: Any, town: Any, picture: Any) -> None:
    yesterday = localtime(now() - timedelta(days=1)).replace(second=0, microsecond=0)
    answer = someone.report(
        what={"category": "lamps", "occurred": f"{yesterday:%Y-%m-%dT%H:%M}"},
        where={"address": "Chợ Đồng Xoài, quốc lộ 14", "lat": "11.5200", "long": "106,9000"},
        photos={"photos": [picture(), picture("PNG", "red"), picture("HEIF", "green", "IMG.heic")]},
        you={"name": "Trần Thị Demo", "phone": "0900 000 001"},
    )
    ticket = Ticket.objects.get()
    assert answer.headers["Location"] == f"/f/{ticket.follow}?new=1"
    assert codes.parse(ticket.code) == ticket.code  # with its check digit
    assert (ticket.channel, ticket.kind, ticket.category, ticket.area) == ("web", "report", town.lamps, town.ward)
    assert (ticket.latitude, ticket.longitude, ticket.occurred) == (11.52, 106.9, yesterday)
    assert (ticket.contact.name, ticket.contact.phone, ticket.contact.consent) == ("Trần Thị Demo", "+84900000001", 1)
    assert ticket.photos.count() == 3
    page = someone.get(answer.headers["Location"]).content.decode()
    assert ticket.code in page


def test_one_sentence_is_enough(someone: Any) -> None:
    someone.report()
    ticket = Ticket.objects.get()
    assert (ticket.contact.phone, ticket.area, ticket.latitude) == ("", None, None)


def test_the_door_for_papers_leads_to_a_question(someone: Any) -> None:
    page = someone.get("/report", kind="question").content.decode()
    assert 'value="question" id="id_kind_2" required checked' in page
    someone.report(what={"kind": "question"})
    assert Ticket.objects.get().kind == "question"


def test_each_step_says_what_was_typed_before(someone: Any) -> None:
    someone.fill("what", text="Ổ gà trước nhà", occurred="2025-05-06T07:08")
    someone.fill("where", address="Hẻm 12", area="25417")
    someone.fill("you", name="Bà Demo", phone="0900000001")
    what = someone.get(f"{someone.draft}/what").content.decode()
    assert "Ổ gà trước nhà</textarea>" in what and 'value="2025-05-06T07:08"' in what
    where = someone.get(f"{someone.draft}/where").content.decode()
    assert 'value="Hẻm 12"' in where and '<option value="25417" selected>' in where
    assert 'value="Bà Demo"' in someone.get(f"{someone.draft}/you").content.decode()
    check = someone.get(f"{someone.draft}/check").content.decode()
    assert all(words in check for words in ("Ổ gà trước nhà", "Hẻm 12", "Xã Nghĩa Trung", "Bà Demo", "0900000001"))


def test_going_back_and_sending_the_first_step_again_stays_one_draft(someone: Any) -> None:
    someone.fill("what", text="Lần một")
    someone.fill("what", text="Lần hai")
    assert [draft.data["text"] for draft in Draft.objects.all()] == ["Lần hai"]


def test_opening_the_form_keeps_nothing_yet(someone: Any) -> None:
    someone.get("/report")
    assert not Draft.objects.exists()


def test_nobody_without_consent(someone: Any) -> None:
    someone.fill("what")
    assert someone.fill("you", consent="").status_code == 422
    answer = someone.post(f"{someone.draft}/check")
    assert answer.headers["Location"] == f"{someone.draft}/you?again=1"
    assert "id_consent_error" in someone.get(f"{someone.draft}/you", again=1).content.decode()
    assert not Ticket.objects.exists()


def test_the_version_agreed_to_is_the_version_read(someone: Any) -> None:
    someone.fill("what")
    directory.write_text("consent", "Tôi đồng ý, bản mới.", by=SYSTEM)
    forget()
    answer = someone.fill("you", consent_version="1", name="Bà Demo")
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "bản mới" in page and 'name="consent_version" value="2"' in page and 'value="Bà Demo"' in page


def test_a_field_may_require_a_phone_number(someone: Any) -> None:
    someone.fill("what", category="identity")
    assert someone.fill("you").status_code == 422
    assert someone.fill("you", phone="0900000001").status_code == 302


def test_a_field_chosen_afterwards_still_requires_it(someone: Any) -> None:
    someone.fill("what")
    someone.fill("you")
    someone.fill("what", category="identity")
    assert someone.post(f"{someone.draft}/check").headers["Location"] == f"{someone.draft}/you?again=1"
    assert not Ticket.objects.exists()


def test_sending_twice_is_one_ticket(someone: Any) -> None:
    first = someone.report()
    second = someone.post(f"{someone.draft}/check")
    assert Ticket.objects.count() == 1
    assert second.headers["Location"] == first.headers["Location"]  # the answer to the first press may have been lost


def test_a_used_up_draft_leads_its_own_browser_to_the_ticket_and_nobody_else(someone: Any, time_machine: Any) -> None:
    someone.report()
    follow = f"/f/{Ticket.objects.get().follow}"
    for step in ("what", "where", "check"):
        assert someone.get(f"{someone.draft}/{step}").headers["Location"] == follow
    assert someone.post(f"{someone.draft}/what", {"text": "Lại nữa", "kind": "report"}).headers["Location"] == follow

    def nobody_elses() -> None:
        for stranger in (Client(), Client(headers={"cookie": "report=" + "x" * 24})):
            for step in ("what", "where", "check"):
                answer = stranger.get(f"{someone.draft}/{step}")
                assert answer.status_code == 410 and "Location" not in answer and follow not in answer.content.decode()

    nobody_elses()
    time_machine.move_to(now() + timedelta(days=30))
    forget_drafts()
    nobody_elses()
    assert Ticket.objects.count() == 1


def test_a_forgotten_draft_says_so_and_begins_anew(someone: Any, time_machine: Any) -> None:
    someone.fill("what")
    time_machine.move_to(now() + timedelta(days=8))
    forget_drafts()
    answer = someone.get(f"{someone.draft}/where")
    assert answer.status_code == 404
    assert 'name="text"' in answer.content.decode()


@pytest.mark.django_db(transaction=True)
def test_sending_from_two_threads_at_once_is_one_ticket(someone: Any) -> None:
    for step in ("what", "where", "photos", "you"):
        someone.fill(step)

    def send(_: int) -> str:
        try:
            return str(someone.post(f"{someone.draft}/check").headers["Location"])
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        went = {place.split("?")[0] for place in threads.map(send, range(4))}
    assert went == {f"/f/{Ticket.objects.get().follow}"}


def test_a_storm_from_one_address_waits_and_loses_nothing(someone: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    limits: dict[str, Callable[..., bool]] = {"often": lambda *_: True}
    monkeypatch.setattr("caunoi.web.citizen.report.often", limits["often"])
    for step in ("what", "you"):
        someone.fill(step)
    answer = someone.fill("check")
    assert answer.status_code == 429
    assert "Đèn đường" in answer.content.decode()


def test_the_pages_of_a_draft_are_found_by_no_search_engine(someone: Any) -> None:
    someone.fill("what")
    answer = Client().get(f"{someone.draft}/where")
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert answer.headers["Cache-Control"] == "private, no-cache"


def test_without_cookies_it_goes_too(someone: Any) -> None:
    plain = type(someone)(cookies=False)
    answer = plain.report(where={"address": "Hẻm 12"}, you={"name": "Bà Demo", "phone": "0900000001"})
    ticket = Ticket.objects.get()
    assert answer.headers["Location"] == f"/f/{ticket.follow}?new=1"
    assert (ticket.address, ticket.contact.name, ticket.contact.phone) == ("Hẻm 12", "Bà Demo", "+84900000001")
    assert plain.post(f"{plain.draft}/check").status_code == 410 and Ticket.objects.count() == 1


@pytest.mark.parametrize("cookies", [True, False], ids=["with cookies", "without"])
def test_an_address_that_somebody_prepared_is_left_at_the_first_word(someone: Any, cookies: bool) -> None:
    victim, attacker = type(someone)(cookies=cookies), Client()
    for prepared in (
        "chosen-by-me",
        attacker.get("/report").content.decode().split('action="/report/')[1].split("/")[0],
    ):
        victim.draft = f"/report/{prepared}"
        victim.fill("what", text="Quán bên nhà tôi mở nhạc tới khuya.")
        assert prepared not in victim.draft
        page = attacker.get(f"/report/{prepared}/what").content.decode()
        assert "Quán bên nhà" not in page and attacker.get(f"/report/{prepared}/where").status_code == 404


def test_who_writes_in_anothers_draft_goes_on_in_their_own(someone: Any) -> None:
    attacker, victim = type(someone)(), type(someone)()
    attacker.fill("what", text="Bắt đầu bởi người khác")
    attacker.fill("you", name="Kẻ Khác", phone="0900000009")
    theirs = attacker.draft
    victim.draft = theirs
    victim.fill("you", name="Bà Demo", phone="0900000001")
    assert victim.draft != theirs
    assert (
        "Bà Demo"
        not in attacker.get(f"{theirs}/you").content.decode() + attacker.get(f"{theirs}/check").content.decode()
    )
    victim.post(f"{victim.draft}/check")
    assert Ticket.objects.get().contact.name == "Bà Demo"
    assert attacker.get(f"{theirs}/check").status_code == 200  # still the attacker's own, unsent


def test_a_stranger_reads_no_name_in_a_draft_and_cannot_send_it(someone: Any) -> None:
    someone.fill("what")
    someone.fill("you", name="Bà Demo", phone="0900000001")
    for step in ("you", "check"):
        someone.get(f"{someone.draft}/{step}")
        page = Client().get(f"{someone.draft}/{step}").content.decode()
        assert "Bà Demo" not in page and "0900000001" not in page
    stranger = Client()
    answer = stranger.post(f"{someone.draft}/check")
    assert "/you?again=1" in answer.headers["Location"] and someone.draft not in answer.headers["Location"]
    assert "Bà Demo" not in stranger.get(answer.headers["Location"]).content.decode()
    assert not Ticket.objects.exists()


def test_a_pin_elsewhere_than_the_chosen_commune_is_asked_about(someone: Any, town: Any) -> None:
    someone.fill("what")
    answer = someone.fill("where", area=town.commune.code, lat="11.52", long="106.9")
    page = html.unescape(answer.content.decode())
    assert answer.status_code == 422 and f"Anh/chị chọn {town.commune.name}, nhưng ghim nằm ở {town.ward.name}." in page
    assert someone.fill("where", area=town.ward.code, lat="11.52", long="106.9").status_code == 302
    assert someone.fill("where", area=town.commune.code).status_code == 302


def test_one_browser_begins_no_more_than_its_share_and_keeps_what_it_has_begun(someone: Any) -> None:
    directory.set_option("drafts_per_browser", 2, by=SYSTEM)
    assert someone.fill("what").status_code == 302, "it is known from its first draft on"
    own = someone.draft
    for status in (302, 302, 429):
        someone.begin()
        answer = someone.fill("what")
        assert answer.status_code == status
    assert answer["Retry-After"] and Draft.objects.count() == 3
    someone.draft = own
    assert someone.fill("where").status_code == 302
    other = type(someone)()
    assert other.fill("what").status_code == 302, "another one at the same address"

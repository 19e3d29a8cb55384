"""Whoever telephones because something of theirs is public: the operator asks the reviewers to take it down.

Proves: Somebody telephones because something of theirs is public: `/desk/<code>/takedown` shows what everybody
reads, takes the reason, is on record, waits for a reviewer"""

from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from caunoi.events.actor import citizen
from caunoi.events.models import Event
from caunoi.publication import actions as publication
from caunoi.publication.models import Publication, Review
from caunoi.tickets import actions
from caunoi.tickets.models import Ticket
from caunoi.tickets.report import Report

WHY = "Chị hàng xóm gọi: tấm biển trong ảnh có số điện thoại của chị."


@pytest.fixture
def shown(town: SimpleNamespace) -> Ticket:
    ticket = actions.take(Report(text="Đèn tắt trước chợ.", channel="web", once="x"), by=citizen())
    actions.move(ticket, "accept", by=town.lan, category=town.lamps)
    publication.propose(ticket)
    return ticket


def signed_in(town: SimpleNamespace, name: str) -> Client:
    client = Client()
    client.force_login(town.users[name])
    return client


def path(ticket: Ticket) -> str:
    return f"/desk/{ticket.code}/takedown"


def test_the_ticket_page_leads_there_while_it_is_public_only(town: SimpleNamespace, shown: Ticket) -> None:
    lan = signed_in(town, "lan")
    assert path(shown) in lan.get(f"/desk/{shown.code}/").content.decode()
    publication.withdraw(Publication.objects.get(ticket=shown), "Có tên người", by=town.thu)
    assert path(shown) not in lan.get(f"/desk/{shown.code}/").content.decode()
    assert "<form class=" not in lan.get(path(shown)).content.decode().split("<main", 1)[1].split("</main", 1)[0]


def test_one_sees_what_the_public_reads_and_asks_with_a_reason(town: SimpleNamespace, shown: Ticket) -> None:
    lan = signed_in(town, "lan")
    assert "Đèn tắt trước chợ." in lan.get(path(shown)).content.decode()
    assert lan.post(path(shown), {"words": WHY}).status_code == 302
    row = Review.objects.get(why="removal")
    assert (row.words, row.asked, row.done) == (WHY, town.lan.name, None)
    assert Event.objects.filter(kind="publication.ask_removal", subject_id=shown.pk, by=town.lan.name).count() == 1
    assert Publication.objects.get(ticket=shown).state == "published"
    thu = signed_in(town, "thu")
    assert WHY in thu.get(f"/desk/publish/{shown.code}/").content.decode()
    assert "/desk/publish/" in thu.get(path(shown)).content.decode()
    again = lan.get(path(shown)).content.decode()
    assert WHY in again and 'name="words"' not in again  # it waits: nobody need ask twice
    lan.post(path(shown), {"words": "Lần nữa"})
    assert Review.objects.filter(why="removal").count() == 1


@pytest.mark.parametrize("words", ["", "  \0 ", "x" * 1001])
def test_a_reason_is_needed_and_kept_when_it_is_too_long(town: SimpleNamespace, shown: Ticket, words: str) -> None:
    response = signed_in(town, "lan").post(path(shown), {"words": words})
    assert response.status_code == 422 and not Review.objects.filter(why="removal").exists()
    assert words.replace("\0", "").strip() in response.content.decode()


def test_what_was_declined_is_told_and_may_be_asked_anew(town: SimpleNamespace, shown: Ticket) -> None:
    lan = signed_in(town, "lan")
    lan.post(path(shown), {"words": WHY})
    publication.decline(Publication.objects.get(ticket=shown), "Biển số không đọc được", by=town.thu)
    page = lan.get(path(shown)).content.decode()
    assert WHY in page and 'name="words"' in page


def test_what_was_never_public_has_no_such_page(town: SimpleNamespace, any_ticket: Any) -> None:
    assert signed_in(town, "lan").get(path(any_ticket)).status_code == 404


@pytest.fixture
def any_ticket(town: SimpleNamespace) -> Ticket:
    return actions.take(Report(text="Chưa ai xem.", channel="web", once="y"), by=citizen())

"""The phone survey as the operator fills it in."""

import pytest
from django.test import Client

from caunoi import moves
from caunoi.conversations.models import Callback
from caunoi.directory.actions import set_option
from caunoi.events.actor import citizen
from caunoi.ratings import actions, queries
from caunoi.tickets import actions as tickets
from caunoi.tickets.report import Report, Reporter


@pytest.fixture
def asked(town):
    set_option("survey_percent", 100, by=town.quan)
    told = Report(text="Đèn tắt", channel="phone", once="p", reporter=Reporter(phone="0900000001"))
    ticket = tickets.take(told, by=citizen())
    tickets.move(ticket, "accept", by=town.lan, category=town.lamps)
    moves.perform("answer", [ticket], by=town.lan, move_input={"text": "Đã sửa đèn.", "category": town.lamps})
    ticket.refresh_from_db()
    actions.invite(ticket)
    return ticket, Callback.objects.get()


def desk(town, name):
    client = Client()
    client.force_login(town.users[name])
    return client


def test_the_page_says_what_to_ask_and_takes_the_grade(town, asked):
    ticket, row = asked
    tam = desk(town, "tam")
    html = tam.get(f"/desk/callbacks/{row.pk}/").content.decode()
    assert "Đèn tắt" in html and "Đã sửa đèn." in html and f"/desk/callbacks/{row.pk}/survey" in html
    assert (
        tam.post(f"/desk/callbacks/{row.pk}/survey", {}, follow=True).redirect_chain[-1][0]
        == f"/desk/callbacks/{row.pk}/"
    )
    tam.post(f"/desk/callbacks/{row.pk}/survey", {"grade": "fair", "reason": ["slow"], "comment": "Hơi lâu"})
    given = queries.current_rating(ticket)
    assert (given.grade, given.reasons, given.comment) == ("acceptable", ["slow"], "Hơi lâu")
    row.refresh_from_db()
    assert row.state == "done"
    tam.post(f"/desk/callbacks/{row.pk}/survey", {"grade": "poor"})
    assert queries.current_rating(ticket).grade == "acceptable"


def test_who_handled_it_is_told_to_let_a_colleague_ask(town, asked):
    ticket, row = asked
    lan = desk(town, "lan")
    assert "/survey" not in lan.get(f"/desk/callbacks/{row.pk}/").content.decode()
    lan.post(f"/desk/callbacks/{row.pk}/survey", {"grade": "good"})
    assert queries.current_rating(ticket) is None


@pytest.mark.parametrize("who", ["minh", "thu", "phong"])
def test_others_do_not_ask(town, asked, who):
    assert desk(town, who).post(f"/desk/callbacks/{asked[1].pk}/survey", {"grade": "good"}).status_code == 403

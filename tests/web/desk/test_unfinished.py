"""What fails again and again after an event is listed with its matter, tried again or dismissed, and counted."""

import pytest
from django.test import Client
from django.utils.timezone import now

from caunoi.conversations.models import Message
from caunoi.events import outbox
from caunoi.events.actor import citizen
from caunoi.events.models import Event, Failure
from caunoi.flow import REACTIONS
from caunoi.tickets import actions as tickets
from caunoi.tickets import correspondence
from caunoi.tickets.models import Ticket
from caunoi.tickets.report import Report
from caunoi.web import reactions


@pytest.fixture
def at(town):
    def client(name):
        found = Client(headers={"accept-language": "en"})
        found.force_login(town.users[name])
        return found

    return client


@pytest.fixture
def failure(town):
    def fail(ticket=None):
        ticket = ticket or tickets.take(Report(text="Đèn tắt", channel="web", once="u"), by=citizen())
        event = Event.objects.get(kind="ticket.create", subject_id=ticket.pk)
        return Failure.objects.create(
            event=event, reaction="caunoi.sla.tasks.refresh", tries=outbox.TRIES, error="KeyError (sla/tasks.py:1)"
        )

    return fail


def html(response):
    return response.content.decode()


def test_every_reaction_has_words():
    assert reactions.unnamed() == set()


def test_a_report_whose_ticket_cannot_be_made_is_listed_and_made_once_the_fault_is_mended(at, chat, work, monkeypatch):
    def broken(ids):
        raise ValueError("'viber' is not a valid Channel")

    monkeypatch.setattr(correspondence, "hear", broken)
    chat.write("Ổ gà trước trường học", name="Tư Demo")
    work()
    Failure.objects.update(due=None)
    message, tam = Message.objects.get(), at("tam")
    page = html(tam.get("/desk/unfinished/"))
    assert f"/desk/conversations/{message.conversation_id}/" in page and "none: decide" in page
    assert "Create a ticket from a message, or add it to one" in page and "ValueError (tickets/tasks.py" in page
    assert "viber" not in page, "an error may hold somebody's words"
    assert "caunoi_reactions_failed 1.0" in html(Client().get("/metrics"))
    monkeypatch.undo()
    tam.post("/desk/unfinished/decide", {"do": "again", "id": Failure.objects.get().pk})
    work()
    message.refresh_from_db()
    assert message.exchange.ticket.text == "Ổ gà trước trường học"
    assert "Everything was done" in html(tam.get("/desk/unfinished/"))
    assert "caunoi_reactions_failed 0.0" in html(Client().get("/metrics"))


def test_dismissing_wants_a_reason_and_is_recorded(at, failure):
    row, tam = failure(), at("tam")
    page = html(tam.get("/desk/unfinished/"))
    assert f'href="/desk/{Ticket.objects.get().code}/"' in page
    tam.post("/desk/unfinished/decide", {"do": "dismiss", "id": row.pk})
    assert Failure.objects.exists()
    assert "Say why it need not be done." in html(tam.get("/desk/unfinished/"))
    tam.post("/desk/unfinished/decide", {"do": "dismiss", "id": row.pk, "reason": "by_hand"})
    decision = Event.objects.get(kind="reaction.dismiss")
    assert not Failure.objects.exists() and (decision.by, decision.data["reason"]) == ("tam", "by_hand")


@pytest.mark.parametrize("name", ["lan", "thu", "minh", "phong"])
def test_it_is_for_supervisors_and_administrators(name, at, failure):
    row = failure()
    assert at(name).get("/desk/unfinished/").status_code == 403
    data = {"do": "dismiss", "id": row.pk, "reason": "by_hand"}
    assert at(name).post("/desk/unfinished/decide", data).status_code == 403
    assert Failure.objects.exists()
    if name == "lan":
        assert "/desk/unfinished/" not in html(at(name).get("/desk/undelivered/"))


def test_an_administrator_reads_it_without_links_to_what_is_not_for_them(at, failure):
    failure()
    page = html(at("quan").get("/desk/unfinished/"))
    assert "Work out the ticket&#x27;s deadlines" in page and 'class="link code"' not in page


def test_what_is_still_tried_says_when(at, failure):
    failure()
    Failure.objects.update(due=now(), tries=3)
    page = html(at("tam").get("/desk/unfinished/"))
    assert "3 tries" in page and "none: decide" not in page


def test_words_and_reactions_are_one_list():
    assert len(reactions.REACTION) == len({outbox.path(one) for row in REACTIONS.values() for one in row})

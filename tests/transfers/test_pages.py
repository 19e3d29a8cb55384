"""What the desk, the citizen and the administrator read of a hand-over to another province."""

import httpx
import pytest
from django.test import Client

from caunoi import moves
from caunoi.checks.seams import transfers
from caunoi.events.actor import citizen
from caunoi.events.models import Event
from caunoi.tickets import actions as tickets
from caunoi.tickets.models import Note, Ticket
from caunoi.tickets.report import Report
from caunoi.transfers import erasure, queries
from caunoi.transfers.models import Transfer
from caunoi.web.transfers import TROUBLES
from tests.transfers.provinces import NAMES, THEIRS
from tests.transfers.test_seam import REASON, forged, offer, sent


@pytest.fixture
def lan(town):
    client = Client(headers={"accept-language": "en"})
    client.force_login(town.users["lan"], backend="django.contrib.auth.backends.ModelBackend")
    return client


def text(client, path):
    response = client.get(path, follow=True, headers={"accept-language": "en"})
    assert response.status_code == 200
    return response.content.decode()


def test_every_trouble_has_its_words():
    assert TROUBLES.keys() == queries.TROUBLES


def test_the_desk_sees_what_goes_and_how_it_stands(town, world, lamp, lan):
    ticket = lamp()
    page = f"/desk/{ticket.code}/"
    form = text(lan, page)
    assert "This is what they get, and nothing else" in form and NAMES[THEIRS] in form
    offered = form.split("<datalist")[1].split("</datalist>")[0]
    assert 'label="tinh tay ninh"' in offered and NAMES["75"] not in offered
    data = {"transfer-cell": "tay ninh", "transfer-reason": REASON}
    lan.post(f"{page}move/transfer", data)
    assert Transfer.objects.get().cell == THEIRS
    waiting = text(lan, page)
    assert f"Handed to {NAMES[THEIRS]}: waiting for its receipt" in waiting
    assert "move-accept" not in waiting and "move-transfer_recall" in waiting
    world.cut = httpx.ConnectError
    world.send()
    assert "because it does not answer" in text(lan, page)
    world.cut = None
    world.send()
    theirs = Ticket.objects.exclude(pk=ticket.pk).get()
    received = text(lan, page)
    assert f"{NAMES[THEIRS]} has it, under the number" in received and theirs.code in received
    with world.as_cell(THEIRS):
        there = text(lan, f"/desk/{theirs.code}/")
    assert f"It came from {NAMES['75']}" in there and ticket.code in there and REASON in there


def test_its_citizen_is_led_there_and_told_by_the_way_they_used(town, world, lamp):
    ticket = lamp()
    offer(ticket, town)
    world.send()
    theirs = Ticket.objects.exclude(pk=ticket.pk).get()
    page = text(Client(), f"/f/{ticket.follow}")
    assert f"Handed to {NAMES[THEIRS]}" in page and f"/f/{theirs.follow}" in page and theirs.code in page
    assert "We cannot handle this" not in page


def test_what_opens_it_there_is_its_citizens_alone(town, world, lamp, lan):
    ticket = lamp()
    offer(ticket, town)
    world.send()
    theirs = Ticket.objects.exclude(pk=ticket.pk).get()
    for path in (f"/desk/{ticket.code}/", f"/desk/{ticket.code}/as-citizen", f"/f/{ticket.follow}"):
        page = text(lan, path)
        assert theirs.code in page and theirs.follow not in page, path
    assert not [note.text for note in Note.objects.filter(ticket=ticket) if theirs.follow in note.text]
    assert not Event.objects.filter(data__icontains=theirs.follow).exists()


def test_the_form_lacks_a_province(town, world, lamp, lan):
    ticket = lamp()
    answer = lan.post(f"/desk/{ticket.code}/move/transfer", {"transfer-reason": REASON})
    assert answer.status_code == 422 and Transfer.objects.count() == 0


def test_the_doctor_says_what_is_not_through_and_what_was_not_taken(town, world, lamp):
    assert list(transfers()) == []
    offer(lamp(), town)
    Transfer.objects.update(trouble="away", at="2026-01-01T00:00:00Z")
    sent(forged()["no signature"][0])
    slow, rejected = (one.what.in_("en") for one in transfers())
    assert NAMES[THEIRS] in slow and "away" in slow
    assert "signature 1" in rejected


def test_whoever_is_erased_is_sent_nowhere(town, world, lamp):
    ticket = lamp()
    row = offer(ticket, town, reach=True)
    assert erasure.erase([ticket.pk]) == {"transfers.transfer": 1}
    row.refresh_from_db()
    assert row.report == {} and row.recalled
    world.send()
    row.refresh_from_db()
    assert row.state == "withdrawn" and world.calls == 0


def test_a_ticket_of_ones_own_province_says_nothing_of_it(town, world, lan):
    ticket = tickets.take(Report(text="Rác ở chợ", channel="web", once="r"), by=citizen())
    moves.perform("accept", [ticket], by=town.lan, move_input={"category": town.lamps})
    page = text(lan, f"/desk/{ticket.code}/")
    assert "came from" not in page and "waiting for its receipt" not in page


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("Tỉnh Tây Ninh", THEIRS),
        ("tay ninh", THEIRS),
        (" TÂY NINH ", THEIRS),
        (THEIRS, THEIRS),
        ("lâm", "68"),
        ("Đồng Nai", ""),  # ours
        ("n", ""),  # both
        ("", ""),
        ("Hà Giang", ""),
    ],
)
def test_a_province_is_what_was_meant(world, typed, code):
    assert queries.find_province(typed) == code


def test_a_province_that_nobody_knows_is_said_at_its_field(town, world, lamp, lan):
    ticket = lamp()
    data = {"transfer-cell": "Hà Giang", "transfer-reason": REASON}
    answer = lan.post(f"/desk/{ticket.code}/move/transfer", data)
    assert answer.status_code == 422 and "No province of the catalogue is called that" in answer.content.decode()
    assert "Hà Giang" in answer.content.decode() and Transfer.objects.count() == 0

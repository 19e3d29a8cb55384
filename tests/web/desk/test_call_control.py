"""Steering a call by the buttons beside it.

Proves: 113, 114, 115, 111, 112 and an agency's duty phone by one key, with what to say; a directory that shows who is
free; nobody steers another's call"""

from datetime import timedelta

import pytest
from django.utils.timezone import now

from caunoi.calls import actions
from caunoi.calls.models import Call, CallCommand
from caunoi.conversations.actions import make_inbox
from caunoi.telephony.calls import fold
from caunoi.telephony.events import Answered, Direction, PickedUp, Queued, Rang, Started
from caunoi.tickets import actions as tickets
from tests.web.desk.switchboard import AT, NUMBER, client_of, report

NOW = {"HX-Request": "true"}


@pytest.fixture
def box(town):
    settings = {"host": "127.0.0.1", "username": "caunoi", "queues": "tongdai1022"}
    row = make_inbox("phone", "phone", secrets={"secret": "s3cret"}, **settings)
    actions.up(row, now())
    actions.alive(row)
    return row


@pytest.fixture
def call(town, box):
    """A citizen talks with lan."""
    for name, extension in (("lan", "101"), ("tam", "102")):
        town.users[name].extension = extension
        town.users[name].save()
    tell(
        box,
        Started(call_id="1.1", at=AT, direction=Direction.IN, caller=NUMBER, dialled="1022", channel="PJSIP/trunk-1"),
        Queued(call_id="1.1", at=AT, queue="tongdai1022"),
        Answered(call_id="1.1", at=AT, leg="1.2", member="lan", channel="PJSIP/101-1"),
    )
    return Call.objects.get()


def tell(box, *events):
    actions.absorb(box, fold(events).values())


def bar(client):
    return client.get("/desk/phone/", headers=NOW).content.decode()


def steer(client, call, act, **fields):
    return client.post(f"/desk/calls/{call.pk}/steer", {"act": act, **fields}, headers=NOW).content.decode()


def test_the_keys_stand_beside_ones_own_call_and_no_other(desk, town, call):
    assert f"/desk/calls/{call.pk}/steer" in bar(desk)
    other = client_of(town, "tam")
    assert "/steer" not in bar(other)
    assert "Đây không phải cuộc gọi của anh/chị." not in bar(other)
    other.post(f"/desk/calls/{call.pk}/steer", {"act": "hold"})
    assert "Đây không phải cuộc gọi của anh/chị." in other.get("/desk/phone/").content.decode()
    assert not CallCommand.objects.exists()
    assert desk.post(f"/desk/calls/{call.pk}/steer", {"act": "juggle"}).status_code == 404
    assert desk.post("/desk/calls/999/steer", {"act": "hold"}).status_code == 404
    assert client_of(town, "minh").post(f"/desk/calls/{call.pk}/steer", {"act": "hold"}).status_code == 403


def test_114_is_called_in_by_one_key_and_the_ticket_tells_it(desk, town, call, box):
    ticket = tickets.take(report("1"), by=town.lan)
    tickets.edit(ticket, address="Chợ Đồng Xoài", summary="Cháy chợ", by=town.lan)
    tickets.link_call(ticket, call, by=town.lan)
    page = bar(desk)
    for said in ("Chợ Đồng Xoài", "Cháy chợ", "0900 000 001", *("113", "114", "115", "111", "112")):
        assert said in page
    steer(desk, call, "bring_in", to="114")
    row = CallCommand.objects.get()
    assert (row.label, row.number, row.state) == ("114", "114", "asked")
    actions.command_done(row)
    leg = f"with-{row.pk}-1.1"
    tell(box, Rang(call_id="1.1", at=AT, leg=leg, channel="Local/114@from-agents-1;1"))
    assert "Đang đổ chuông" in bar(desk)
    refused = steer(desk, call, "hang_up")
    assert "Hãy ở lại đến khi bên kia nhấc máy" in refused
    tell(box, PickedUp(call_id="1.1", at=AT, leg=leg))
    history = desk.get(f"/desk/{ticket.code}/").content.decode()
    assert "Đã gọi thêm: 114" in history and "Đã nghe máy" in history


def test_a_call_on_hold_shows_how_to_go_on(desk, call):
    steer(desk, call, "hold")
    actions.command_done(CallCommand.objects.get())
    page = bar(desk)
    assert 'value="resume"' in page and 'value="hold"' not in page


def test_why_nothing_came_of_it_is_said_beside_the_call(desk, call, box):
    steer(desk, call, "hold")
    actions.command_failed(CallCommand.objects.get(), "no_room")
    assert "Tổng đài chưa làm được việc này." in bar(desk)
    actions.down(box, now(), "gone")
    assert "đang mất kết nối" in steer(desk, call, "hold")
    assert CallCommand.objects.count() == 1


def test_the_directory_shows_who_is_free_and_who_is_on_duty(desk, town, call):
    agency = town.agencies["xncongtrinh"]
    agency.phone = "0271 3888 888"
    agency.save()
    actions.set_presence(town.users["tam"], "available", by=town.users["tam"].as_actor())
    page = desk.get(f"/desk/calls/{call.pk}/directory").content.decode()
    assert 'value="@tam"' in page and "Sẵn sàng" in page and 'value="@lan"' not in page
    assert 'value="#xncongtrinh"' in page and 'value="114"' in page
    part = desk.get(f"/desk/calls/{call.pk}/directory", headers=NOW).content.decode()
    assert "<html" not in part and 'value="@tam"' in part
    steer(desk, call, "consult", to="@tam")
    assert CallCommand.objects.get().number == "102"


def test_a_supervisor_listens_from_the_cockpit_and_the_operator_reads_it(desk, town, call):
    supervisor = client_of(town, "tam")
    answer = supervisor.post("/desk/cockpit/act", {"operator": "lan", "act": "listen"}, follow=True).content.decode()
    assert "Điện thoại của anh/chị đang đổ chuông" in answer
    actions.command_done(CallCommand.objects.get())
    line = f"{town.users['tam']} đang nghe cuộc gọi này."
    assert bar(desk).count(line) == 1
    supervisor.post("/desk/cockpit/act", {"operator": "lan", "act": "listen"})
    actions.command_done(CallCommand.objects.latest("id"))
    CallCommand.objects.update(asked=now() - timedelta(minutes=30))
    assert bar(desk).count(line) == 1

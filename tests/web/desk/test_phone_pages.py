"""The desk's telephone: call-backs, being there, the pop-up, dialling; through the client."""

from datetime import timedelta

from caunoi.calls import actions
from caunoi.calls.models import Dial, Link, Presence
from caunoi.conversations.actions import make_inbox
from caunoi.conversations.models import Callback
from caunoi.events.actor import SYSTEM
from caunoi.telephony.calls import fold
from caunoi.telephony.events import (
    Answered,
    Direction,
    Ended,
    PickedUp,
    Rang,
    Started,
)  # fmt: skip
from caunoi.tickets import actions as tickets
from caunoi.tickets import queries
from tests.web.desk.switchboard import AT, NUMBER, client_of, report


def test_a_call_back_is_taken_called_told_and_undone(desk, town, ring):
    ring()
    row = Callback.objects.get()
    assert "0900 000 001" in desk.get("/desk/callbacks/").content.decode()
    desk.post(f"/desk/callbacks/{row.pk}/claim")
    other = client_of(town, "tam").post(f"/desk/callbacks/{row.pk}/claim", follow=True)
    assert "Người khác đã nhận" in other.content.decode()
    desk.post(f"/desk/callbacks/{row.pk}/tried", {"outcome": "Máy bận"})
    row.refresh_from_db()
    assert (row.state, row.attempts, row.outcome) == ("open", 1, "Máy bận")
    done = desk.post(f"/desk/callbacks/{row.pk}/reached", {"outcome": "Đã hướng dẫn"}, follow=True)
    assert f"/desk/callbacks/{row.pk}/reopen" in done.content.decode()
    row.refresh_from_db()
    assert (row.state, row.operator, row.outcome) == ("done", "lan", "Đã hướng dẫn")
    desk.post(f"/desk/callbacks/{row.pk}/reopen")
    desk.post(f"/desk/callbacks/{row.pk}/give_up")
    row.refresh_from_db()
    assert row.state == "given_up"
    assert desk.get(f"/desk/callbacks/{row.pk}/").status_code == 200
    assert desk.post(f"/desk/callbacks/{row.pk}/dance").status_code == 404


def test_being_there_a_break_with_its_reason_and_off_are_a_history(desk, town):
    for state in ("available", "break meal", "break meal", "off"):
        assert desk.post("/desk/phone/presence", {"state": state}).status_code == 302
    rows = list(Presence.objects.order_by("id").values_list("state", "reason"))
    assert rows == [("available", ""), ("break", "meal"), ("off", "")]
    assert Presence.objects.filter(until=None).count() == 1
    assert desk.post("/desk/phone/presence", {"state": "asleep"}).status_code == 404
    assert client_of(town, "thu").post("/desk/phone/presence", {"state": "off"}).status_code == 403


def test_who_talks_is_shown_on_a_call(desk, town, ring, box):
    actions.set_presence(town.users["lan"], "available", by=town.lan)
    ring(ringing="lan")
    bar = desk.get("/desk/phone/", headers={"HX-Request": "true"}).content.decode()
    assert "Đang đổ chuông" in bar
    assert "Sẵn sàng" in bar
    answered = Answered(call_id="a", at=AT + timedelta(seconds=4), leg="p", member="lan")
    actions.absorb(box, fold([answered]).values())
    bar = desk.get("/desk/phone/", headers={"HX-Request": "true"}).content.decode()
    assert "Đang nghe máy" in bar
    assert "Lan" in desk.get("/desk/calls/").content.decode()


def test_the_pop_up_knows_who_calls_and_leads_to_the_ticket(desk, town, ring):
    tickets.take(report("1"), by=town.lan)
    ring("before")
    call = ring("now", 60, ringing="lan")
    bar = desk.get("/desk/phone/", headers={"HX-Request": "true"}).content.decode()
    for said in ("0900 000 001", "Đèn tắt", "Đang chờ gọi lại", "Người gọi gác máy", f"/desk/new?call={call.pk}"):
        assert said in bar
    assert (
        "call-card" not in client_of(town, "tam").get("/desk/phone/", headers={"HX-Request": "true"}).content.decode()
    )


def test_click_to_call_says_why_it_cannot(desk, town, box):
    def said(**data):
        return desk.post("/desk/phone/dial", {"number": "+84900000001", **data}).content.decode()

    assert "chưa có máy bàn" in said()
    town.users["lan"].extension = "101"
    town.users["lan"].save()
    assert "không gọi được" in said(number="113")
    assert "Chưa cài đặt" in said()
    box = make_inbox("phone", "phone", host="127.0.0.1")
    assert "đang mất kết nối" in said()
    Link.objects.create(inbox=box, up_since=AT)
    assert "đang đổ chuông" in said()
    dial = Dial.objects.get()
    assert (dial.number, dial.extension, dial.state) == ("+84900000001", "101", "asked")
    actions.dial_failed(dial, "Extension does not exist.")
    told = desk.get(f"/desk/phone/dial/{dial.pk}").content.decode()
    assert "Extension does not exist." in told
    assert "hx-get" not in told
    assert client_of(town, "tam").get(f"/desk/phone/dial/{dial.pk}").status_code == 404


def test_a_call_dialled_from_a_ticket_is_linked_to_it(desk, town, box, work):
    ticket = tickets.take(report("1"), by=town.lan)
    town.users["lan"].extension = "101"
    town.users["lan"].save()
    make_inbox("phone", "phone", host="127.0.0.1")
    Link.objects.create(inbox=box, up_since=AT)
    desk.post("/desk/phone/dial", {"number": "0900000001", "ticket": ticket.code})
    call_id = Dial.objects.get().call_id
    assert call_id == f"c2c-{ticket.pk}-{Dial.objects.get().pk}"
    events = [
        Started(call_id=call_id, at=AT, direction=Direction.OUT, caller="1022", dialled=NUMBER),
        PickedUp(call_id=call_id, at=AT, leg=call_id, channel="PJSIP/101-00000001"),
        Rang(call_id=call_id, at=AT, leg="far", outside=NUMBER),
        PickedUp(call_id=call_id, at=AT + timedelta(seconds=9), leg="far"),
        Ended(call_id=call_id, at=AT + timedelta(seconds=60)),
    ]
    actions.absorb(box, fold(events).values())
    work()
    (call,) = queries.calls(ticket, SYSTEM)
    assert (call.outcome, call.operator.username) == ("answered", "lan")

"""The desk's telephone: the log, one call, call-backs, being there; through the client."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client

from caunoi.calls import actions
from caunoi.calls.models import Call, Dial, Link, Presence
from caunoi.conversations.actions import make_inbox
from caunoi.conversations.models import Callback
from caunoi.events.models import Event
from caunoi.telephony.calls import fold
from caunoi.telephony.events import (
    Answered,
    Direction,
    Ended,
    GaveUp,
    PickedUp,
    Queued,
    Rang,
    Started,
)  # fmt: skip
from caunoi.tickets import actions as tickets
from caunoi.tickets import queries
from caunoi.tickets.lifecycle import Channel
from caunoi.tickets.models import Ticket
from caunoi.tickets.report import Report, Reporter

AT = datetime(2026, 8, 6, 1, tzinfo=UTC)
NUMBER = "0900000001"


def client_of(town, name):
    client = Client()
    client.force_login(town.users[name])
    return client


@pytest.fixture
def desk(town):
    return client_of(town, "lan")


@pytest.fixture
def box(town):
    return make_inbox("phone", "phone")


@pytest.fixture
def ring(box):
    """Let somebody call: `ring(id, minutes, number, by=who answers)`."""

    def tell(call_id="a", minutes=0.0, number=NUMBER, by="", ringing=""):
        at = AT + timedelta(minutes=minutes)
        events = [
            Started(call_id=call_id, at=at, direction=Direction.IN, caller=number, dialled="1022"),
            Queued(call_id=call_id, at=at, queue="tongdai1022"),
        ]
        if ringing:
            events.append(Rang(call_id=call_id, at=at, leg="p", member=ringing))
        elif by:
            events.append(Answered(call_id=call_id, at=at + timedelta(seconds=5), leg="p", member=by))
        else:
            events.append(GaveUp(call_id=call_id, at=at + timedelta(seconds=40)))
        if not ringing:
            events.append(Ended(call_id=call_id, at=at + timedelta(seconds=65), expected_file=f"{call_id}.wav"))
        (call,) = actions.absorb(box, fold(events).values())
        actions.settle(call.pk)
        return call

    return tell


def numbers(client, **query):
    return [row["number"] for row in client.get("/desk/calls/", query).context["rows"]]


def test_the_log_says_who_when_how_long_and_who_answered(desk, ring):
    ring(by="lan")
    html = desk.get("/desk/calls/").content.decode()
    for said in ("0900 000 001", "Đã nghe máy", "Lan", "0:05", "1:00"):
        assert said in html


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["0900 000 002", "0900 000 001", "anonymous"]),
        ({"number": "0900 000 001"}, ["0900 000 001"]),
        ({"number": "002"}, ["0900 000 002"]),
        ({"number": "12"}, []),
        ({"operator": "tam"}, ["0900 000 002"]),
        ({"outcome": "missed"}, ["anonymous"]),
        ({"outcome": "answered"}, ["0900 000 002", "0900 000 001"]),
        ({"day": "2026-08-06"}, ["0900 000 001", "anonymous"]),
        ({"day": "2026-08-07", "operator": "tam"}, ["0900 000 002"]),
        ({"direction": "out"}, []),
        ({"day": "rubbish", "before": "rubbish"}, ["0900 000 002", "0900 000 001", "anonymous"]),
    ],
    ids=str,
)
def test_the_log_is_narrowed_by_number_operator_outcome_and_day(desk, ring, query, found):
    ring("a", 0, "anonymous")
    ring("b", 1, "0900000001", by="lan")
    ring("c", 24 * 60, "0900000002", by="tam")
    assert numbers(desk, **query) == found


def test_pages_of_the_log_follow_each_other_without_a_gap(desk, ring, monkeypatch):
    monkeypatch.setattr("caunoi.calls.queries.PAGE", 2)
    for number in range(5):
        ring(f"c{number}", number // 2, f"090000000{number}")
    seen, address = [], "/desk/calls/"
    while address:
        context = desk.get(address).context
        seen += [row["number"] for row in context["rows"]]
        address = context["older"] and f"/desk/calls/{context['older']}"
    assert seen == ["0900 000 004", "0900 000 003", "0900 000 002", "0900 000 001", "0900 000 000"]


def test_the_table_is_for_supervisors_and_holds_no_formula(town, ring):
    ring("a", 0, '=HYPERLINK("x")')
    ring("b", 1, by="lan")
    assert client_of(town, "lan").get("/desk/calls.csv").status_code == 403
    answer = client_of(town, "tam").get("/desk/calls.csv")
    lines = list(csv.DictReader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))
    assert [line["operator"] for line in lines] == ["lan", ""]
    assert lines[1]["number"].startswith("'=")
    assert Event.objects.get(kind="call.export").by == "tam"


def test_from_a_call_to_its_ticket_in_one_form(desk, ring):
    call = ring(by="lan")
    form = desk.get("/desk/new", {"call": call.pk}).context["form"]
    assert (form["phone"].value(), form["channel"].value()) == ("0900 000 001", "phone")
    data = {name: form[name].value() or "" for name in form.fields if name != "photos"}
    desk.post("/desk/new", data | {"text": "Đèn tắt", "then": "keep"})
    (ticket,) = Ticket.objects.all()
    assert [one.pk for one in queries.calls(ticket)] == [call.pk]
    assert "0900 000 001" in desk.get(f"/desk/{ticket.code}/").content.decode()
    assert ticket.code in desk.get(f"/desk/calls/{call.pk}/").content.decode()


def test_a_form_that_lacks_something_keeps_its_call(desk, ring):
    call = ring(by="lan")
    answer = desk.post(
        "/desk/new", {"call": call.pk, "once": "x", "channel": "phone", "kind": "report", "then": "keep"}
    )
    assert answer.status_code == 422
    assert answer.context["call"]["call"] == call
    for rubbish in ("999999", "abc", "-1"):
        assert desk.get("/desk/new", {"call": rubbish}).context["call"] is None


def report(once):
    return Report(text="Đèn tắt", channel=Channel.PHONE, once=once, reporter=Reporter(phone="+84900000001"))


def test_several_calls_on_a_ticket_and_several_tickets_of_a_call(desk, town, ring):
    one, two = tickets.take(report("1"), by=town.lan), tickets.take(report("2"), by=town.lan)
    first, second = ring("a", 0, by="lan"), ring("b", 9, by="tam")
    for call, ticket in ((first, one), (second, one), (first, two), (first, two)):
        desk.post(f"/desk/calls/{call.pk}/link", {"code": ticket.code})
    assert [call.pk for call in queries.calls(one)] == [second.pk, first.pk]
    assert queries.of_calls([first.pk], town.lan) == {first.pk: [one, two]}
    desk.post(f"/desk/calls/{first.pk}/link", {"code": two.code, "un": "1"})
    assert queries.of_calls([first.pk], town.lan) == {first.pk: [one]}
    assert (
        "Không có phiếu nào" in desk.post(f"/desk/calls/{first.pk}/link", {"code": "1"}, follow=True).content.decode()
    )


@pytest.fixture
def recorded(ring, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    call = ring(by="lan")
    call.sound = default_storage.save("recordings/x.wav", ContentFile(b"RIFF" + bytes(range(96))))
    call.save()
    return call


def heard(client, address):
    answer = client.get(address)
    if answer.streaming:
        answer.getvalue()  # to the end, so that the file is closed
    return answer.status_code


def test_a_recording_is_played_to_the_centre_whole_or_in_parts_and_that_is_written_down(town, recorded):
    address = f"/desk/calls/{recorded.pk}/recording"
    thu = client_of(town, "thu")
    whole = thu.get(address)
    assert (whole.status_code, whole["Content-Type"], len(whole.getvalue())) == (200, "audio/wav", 100)
    for asked, status, told in (
        ("bytes=0-9", 206, "bytes 0-9/100"), ("bytes=90-", 206, "bytes 90-99/100"), ("bytes=-4", 206, "bytes 96-99/100"),
        ("bytes=200-", 416, "bytes */100"), ("bytes=90-999", 206, "bytes 90-99/100"), ("lines=1", 200, None),
    ):  # fmt: skip
        part = thu.get(address, headers={"Range": asked})
        assert (part.status_code, part.get("Content-Range")) == (status, told)
        assert len(part.getvalue() if part.streaming else part.content) == int(part.get("Content-Length", 0))
    assert set(Event.objects.filter(kind="call.listen").values_list("by", flat=True)) == {"thu"}
    for nobody in ("minh", "phong"):
        assert client_of(town, nobody).get(address).status_code == 403


def test_the_recording_of_a_denunciation_is_not_for_ordinary_operators(town, desk, recorded):
    ticket = tickets.take(report("1"), by=town.lan)
    tickets.link_call(ticket, recorded, by=town.lan)
    address = f"/desk/calls/{recorded.pk}/recording"
    assert heard(desk, address) == 200
    tickets.move(ticket, "refuse", by=town.tam, reason="denunciation")
    assert desk.get(f"/desk/calls/{recorded.pk}/recording").status_code == 404
    page = desk.get(f"/desk/calls/{recorded.pk}/").content.decode()
    assert ticket.code not in page
    assert "phiếu hạn chế" in page
    assert heard(client_of(town, "tam"), address) == 200


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
    (call,) = queries.calls(ticket)
    assert (call.outcome, call.operator.username) == ("answered", "lan")


@pytest.mark.parametrize("name", ["lan", "tam", "thu"])
def test_the_log_costs_the_same_however_long_it_is(town, ring, name, django_assert_max_num_queries):
    for number in range(12):
        ring(f"c{number}", number, by="lan")
    client = client_of(town, name)
    client.get("/desk/calls/")
    with django_assert_max_num_queries(9):
        client.get("/desk/calls/")
    assert Call.objects.count() == 12

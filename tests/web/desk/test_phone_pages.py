"""The desk's telephone: call-backs, being there, the pop-up, dialling; through the client."""

from datetime import timedelta

import pytest
from django.utils.timezone import localtime, now

from caunoi.calls import actions
from caunoi.calls.actions import absorbing
from caunoi.calls.models import Call, Dial, Link, Presence
from caunoi.conversations import actions as conversations
from caunoi.conversations.actions import ask_callback, make_inbox
from caunoi.conversations.models import Callback, Contact
from caunoi.events.actor import SYSTEM
from caunoi.telephony.calls import fold
from caunoi.telephony.events import (
    Answered,
    Direction,
    Ended,
    MessageLeft,
    PickedUp,
    Rang,
    Started,
)
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

    assert "chưa có máy nhánh" in said()
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


@pytest.mark.parametrize("named", [True, False])
def test_a_number_that_was_dialled_stands_in_the_bar_as_soon_as_it_is_known(desk, town, box, monkeypatch, named):
    """`named`: the exchange reports the call by our id; else it is known whom it is for when their phone is rung."""
    town.users["lan"].extension = "101"
    town.users["lan"].save()
    make_inbox("phone", "phone", host="127.0.0.1")
    Link.objects.create(inbox=box, up_since=AT)
    desk.post("/desk/phone/dial", {"number": NUMBER})
    told = []
    monkeypatch.setattr(absorbing, "tell_ringing", told.append)
    call_id = Dial.objects.get().call_id if named else "1764.77"
    far = Rang(call_id=call_id, at=now(), leg="far", outside=NUMBER)
    events = [
        Started(call_id=call_id, at=now(), direction=Direction.OUT, channel="PJSIP/101-00000001"),
        Rang(call_id=call_id, at=now(), leg=call_id, channel="PJSIP/101-00000001"),
        PickedUp(call_id=call_id, at=now(), leg=call_id, channel="PJSIP/101-00000001"),
    ]
    shown = []
    for event in (*events, far):
        actions.absorb(box, fold([event]).values())
        shown.append("0900 000 001" in desk.get("/desk/phone/").content.decode())
    assert shown[1:] == [named, named, True]
    assert told[-1] == {town.users["lan"].pk}, "the bar of whoever is on it is refreshed"
    if named:
        progress = desk.get(f"/desk/phone/dial/{Dial.objects.get().pk}").content.decode()
        assert "Máy của 0900 000 001 đang đổ chuông." in progress


def test_who_signs_out_answers_the_phone_no_more(desk, town):
    desk.post("/desk/phone/presence", {"state": "available"})
    desk.post("/logout")
    assert queries_presence(town) == ("off", "lan")


def queries_presence(town) -> tuple[str, str]:
    row = Presence.objects.get(user=town.users["lan"], until=None)
    return row.state, row.by


def test_a_supervisor_sets_anybody_and_says_why_and_an_operator_nobody(desk, town):
    desk.post("/desk/phone/presence", {"state": "available"})
    supervisor = client_of(town, "tam")
    assert 'action="/desk/phone/presence/lan"' in supervisor.get("/desk/calls/").content.decode()
    assert "/desk/phone/presence/lan" not in desk.get("/desk/calls/").content.decode()
    assert desk.post("/desk/phone/presence/lan", {"state": "off", "why": "thử"}).status_code == 403
    silent = supervisor.post("/desk/phone/presence/lan", {"state": "off", "why": " "}, follow=True)
    assert "Lan sẽ đọc được" in silent.content.decode() and queries_presence(town) == ("available", "lan")
    for state, status in (("break meal", 302), ("available", 302), ("asleep", 404), ("break wrapup", 404)):
        told = supervisor.post("/desk/phone/presence/lan", {"state": state, "why": "Họp đầu giờ"})
        assert told.status_code == status
    supervisor.post("/desk/phone/presence/lan", {"state": "off", "why": "Hết ca"})
    assert queries_presence(town) == ("off", "tam")
    assert supervisor.post("/desk/phone/presence/ai-do", {"state": "off", "why": "thử"}).status_code == 404
    assert list(Presence.objects.order_by("id").values_list("state", "why")) == [
        ("available", ""),
        ("break", "Họp đầu giờ"),
        ("available", "Họp đầu giờ"),
        ("off", "Hết ca"),
    ]


def test_who_was_set_by_a_supervisor_reads_by_whom_and_why_until_they_say_so(desk, town):
    desk.post("/desk/phone/presence", {"state": "available"})
    client_of(town, "tam").post("/desk/phone/presence/lan", {"state": "break meeting", "why": "Họp đầu giờ"})
    for _ in range(2):
        bar = desk.get("/desk/phone/", headers={"HX-Request": "true"}).content.decode()
        told = f"{town.users['tam']} đã chuyển anh/chị sang: Tạm nghỉ: Họp"
        assert told in bar and "Họp đầu giờ" in bar
    desk.post("/desk/phone/presence", {"state": "available"})
    assert "Họp đầu giờ" in desk.get("/desk/phone/").content.decode()
    desk.post("/desk/phone/presence", {"state": "read"})
    assert "Họp đầu giờ" not in desk.get("/desk/phone/").content.decode()


def talked(box, call_id="w", ended=0.0):
    """Lan has talked, until so many seconds ago."""
    end = now() - timedelta(seconds=ended)
    events = [
        Started(call_id=call_id, at=end - timedelta(seconds=60), direction=Direction.IN, caller=NUMBER),
        Answered(call_id=call_id, at=end - timedelta(seconds=50), leg="p", member="lan"),
        Ended(call_id=call_id, at=end),
    ]
    actions.absorb(box, fold(events).values())


def test_after_a_call_there_is_time_which_is_prolonged_ended_and_the_same_in_every_tab(desk, town, box):
    desk.post("/desk/phone/presence", {"state": "available"})
    talked(box)
    row = Presence.objects.get(until=None)
    for _tab in range(2):
        bar = desk.get("/desk/phone/", headers={"HX-Request": "true"}).content.decode()
        assert "Sau cuộc gọi" in bar and "Sẵn sàng ngay" in bar
        assert f"{localtime(row.ends):%H:%M:%S}" in bar
    desk.post("/desk/phone/presence", {"state": "more"})
    longer = Presence.objects.get(until=None)
    assert (longer.pk, longer.ends - row.ends) == (row.pk, timedelta(seconds=20))
    desk.post("/desk/phone/presence", {"state": "available"})
    bar = desk.get("/desk/phone/", headers={"HX-Request": "true"}).content.decode()
    assert "Sẵn sàng ngay" not in bar
    desk.post("/desk/phone/presence", {"state": "more"})  # a tab that showed it still
    assert queries_presence(town) == ("available", "lan")


def test_a_phone_that_rang_in_vain_is_said_with_one_click_back(desk, town):
    desk.post("/desk/phone/presence", {"state": "available"})
    actions.miss_ring("lan", at=now())
    bar = desk.get("/desk/phone/", headers={"HX-Request": "true"}).content.decode()
    assert "Tạm nghỉ: Không nghe máy" in bar and "Tôi đã trở lại" in bar
    supervisor = client_of(town, "tam")
    assert "Không nghe máy" in supervisor.get("/desk/calls/").content.decode()
    told = supervisor.get("/desk/phone/", headers={"HX-Request": "true"}).content.decode()
    assert "Không nghe máy: Lan" in " ".join(told.split())
    desk.post("/desk/phone/presence", {"state": "available"})
    assert "Tôi đã trở lại" not in desk.get("/desk/phone/").content.decode()


def test_a_phone_that_cannot_be_rung_is_shown_in_red(desk, town, box):
    desk.post("/desk/phone/presence", {"state": "available"})
    actions.note_reach(box, {"lan": False})
    for page in ("/desk/phone/", "/desk/calls/"):
        told = desk.get(page, headers={"HX-Request": "true"} if "phone" in page else {}).content.decode()
        assert "Điện thoại mất kết nối" in told and "presence-overdue" in told


def test_a_message_left_is_heard_on_its_call_and_in_its_call_back(desk, town, box, work, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    file = "/var/spool/asterisk/monitor/m1-message.wav"
    events = [
        Started(call_id="m1", at=AT, direction=Direction.IN, caller=NUMBER, dialled="1022"),
        MessageLeft(call_id="m1", at=AT + timedelta(seconds=9), file=file),
        Ended(call_id="m1", at=AT + timedelta(seconds=9)),
    ]
    actions.absorb(box, fold(events).values())
    work()
    call, row = Call.objects.get(), Callback.objects.get()
    pages = [f"/desk/callbacks/{row.pk}/", f"/desk/calls/{call.pk}/"]
    for page in pages:
        told = desk.get(page).content.decode()
        assert "chưa lấy về từ tổng đài" in told and "/var/spool" not in told
    actions.keep_recording(call.pk, b"RIFF\x24\x08\x00\x00WAVEfmt " + bytes(100))
    for page in pages:
        told = desk.get(page).content.decode()
        assert f'src="/desk/calls/{call.pk}/recording"' in told and "Lời nhắn" in told
    told = desk.get("/desk/callbacks/").content.decode()
    assert "Lời nhắn" in told and "Cuộc gọi nhỡ" not in told.partition('id="callbacks"')[2]
    sound = desk.get(f"/desk/calls/{call.pk}/recording")
    assert (sound.status_code, len(b"".join(sound.streaming_content))) == (200, 116)
    sound.close()


def test_a_recording_that_nobody_told_of_is_not_promised_for_ever(desk, town, ring):
    call = ring(by="lan")
    told = desk.get(f"/desk/calls/{call.pk}/").content.decode()
    assert call.recording == "a.wav" and "chưa lấy về" not in told


def test_a_supervisor_gives_a_call_back_to_somebody_and_its_page_says_what_was_done(desk, town, ring):
    ring()
    row = Callback.objects.get()
    assert desk.post(f"/desk/callbacks/{row.pk}/assign", {"user": "tam"}).status_code == 403
    chief = client_of(town, "tam")
    assert "Người gọi lại" in chief.get(f"/desk/callbacks/{row.pk}/").content.decode()
    assert "Người gọi lại" not in desk.get(f"/desk/callbacks/{row.pk}/").content.decode()
    chief.post(f"/desk/callbacks/{row.pk}/assign", {"user": "lan"})
    row.refresh_from_db()
    assert (row.state, row.operator, row.operator_user) == ("claimed", "lan", town.users["lan"].pk)
    assert chief.post(f"/desk/callbacks/{row.pk}/assign", {"user": "nobody"}).status_code == 404
    desk.post(f"/desk/callbacks/{row.pk}/tried", {"outcome": "Máy bận"})
    page = desk.get(f"/desk/callbacks/{row.pk}/").content.decode()
    assert "Đã giao cho người khác" in page and "Không ai nghe" in page


def test_call_backs_are_narrowed_by_reason_queue_message_name_and_ticket(desk, town, ring):
    ring()
    row = Callback.objects.get()
    named = Contact.objects.create(name="Trần Thị Bưởi", phone="+84900000077")
    ticket = tickets.take(report("r"), by=town.lan)
    other = ask_callback(phone="+84900000077", reason="asked", by=SYSTEM, contact=named, about=ticket)

    def listed(**query):
        page = desk.get("/desk/callbacks/", query)
        assert page.context["count"] == len(page.context["rows"])
        return {one.row.pk for one in page.context["rows"]}

    assert listed() == {row.pk, other.pk}
    assert listed(reason="asked") == listed(q="thi buoi") == listed(q=ticket.code) == {other.pk}
    assert listed(reason="missed_call") == listed(queue=row.calls.get().queue) == {row.pk}
    assert listed(queue="another") == listed(reason="message") == listed(q="Nguyễn") == listed(part="tried") == set()
    row.calls.update(outcome="voicemail")
    assert listed(reason="message") == {row.pk}
    conversations.try_callback(row, "", by=town.lan)
    assert listed(part="tried") == {row.pk}

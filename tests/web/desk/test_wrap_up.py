"""The card of a call says who calls, how often and about what; after it one key says what came of it.

Proves: Who calls, for the how many-th time today, which ticket it is about, and what came of it: by one key each"""

from datetime import timedelta

import pytest
from django.utils.timezone import now

from caunoi.calls import actions
from caunoi.calls.models import Call, CallNote, Presence
from caunoi.conversations import actions as people
from caunoi.events.models import Event
from caunoi.telephony.calls import fold
from caunoi.telephony.events import Answered, Direction, Ended, Started
from caunoi.tickets import actions as tickets
from caunoi.tickets import queries
from caunoi.tickets.report import Report, Reporter
from caunoi.tickets.showings import SHOW
from tests.web.desk.switchboard import NUMBER, client_of

HTMX = {"HX-Request": "true"}


def bar(client):
    return client.get("/desk/phone/", headers=HTMX).content.decode()


@pytest.fixture
def call(desk, box):
    """Somebody who has called before today talks with lan, who is on duty."""
    desk.post("/desk/phone/presence", {"state": "available"})

    def talk(call_id="now", *, over=False, by="lan"):
        at = now()
        events = [
            Started(call_id=call_id, at=at - timedelta(seconds=30), direction=Direction.IN, caller=NUMBER, dialled="1"),
            Answered(call_id=call_id, at=at - timedelta(seconds=20), leg="p", member=by),
            *([Ended(call_id=call_id, at=at)] if over else []),
        ]
        (row,) = actions.absorb(box, fold(events).values())
        return row

    return talk


def report(town, name="Bà Demo Một", once="1"):
    words = Report(text="Đèn tắt", channel="phone", once=once, reporter=Reporter(name=name, phone="+84900000001"))
    return tickets.take(words, by=town.lan)


def test_who_calls_stands_on_the_card_and_that_it_was_read_is_written_down_once(desk, town, call):
    ticket = report(town)
    call("before", over=True)
    call()
    for _news in range(2):
        shown = bar(desk)
        assert "Bà Demo Một" in shown and "0900 000 001" in shown and "Gọi lần thứ 2 hôm nay" in shown
    rows = Event.objects.filter(kind=SHOW, subject="showing.contact", subject_id=ticket.contact_id)
    assert [row.data["place"] for row in rows] == ["call"]


def test_of_several_names_the_latest_stands_and_how_many_there_are(desk, town, call):
    for once, name in enumerate(("Ông Demo Hai", "Bà Demo Một", "Cô Demo Ba")):
        report(town, name, str(once))
    call()
    shown = bar(desk)
    assert "Cô Demo Ba và 2 tên khác" in shown and "Ông Demo Hai" not in shown


def test_the_card_says_what_to_know_before_one_speaks_and_whom_it_is_about(desk, town, call):
    caller = report(town, "Ông Demo Hai").contact
    people.correct(caller, by=town.lan, language="sti")
    people.note_person(caller, "Nói chậm, con gái nghe giúp.", by=town.lan)
    now_on = call()
    shown = bar(desk)
    assert "Nói chậm, con gái nghe giúp." in shown and "S&#x27;Tiêng" in shown
    assert f'href="/desk/people/{caller.pk}/"' in shown
    page = desk.get(f"/desk/calls/{now_on.pk}/").content.decode()
    assert f'href="/desk/people/{caller.pk}/"' in page and "Ông Demo Hai" in page


def test_a_first_call_is_not_counted_and_a_number_without_a_name_stays_a_number(desk, call):
    call()
    shown = bar(desk)
    assert "0900 000 001" in shown and "hôm nay." not in shown


def test_a_call_is_about_a_ticket_by_one_press_and_about_it_no_more(desk, town, call):
    ticket, now_on = report(town), call()
    assert "Gọi về phiếu này" in bar(desk)
    about = f"/desk/calls/{now_on.pk}/about"
    shown = desk.post(about, {"code": ticket.code}, headers=HTMX).content.decode()
    assert "Không phải phiếu này" in shown and "Gọi về phiếu này" not in shown
    assert queries.of_calls([now_on.pk], town.lan)[now_on.pk] == [ticket]
    shown = desk.post(about, {"code": ticket.code, "un": "1"}, headers=HTMX).content.decode()
    assert "Gọi về phiếu này" in shown
    assert desk.post(about, {"code": ticket.code}).headers["Location"] == f"/desk/{ticket.code}/"
    assert desk.post(about, {"code": "26-999999-9"}).status_code == 404
    assert client_of(town, "thu").post(about, {"code": ticket.code}).status_code == 403


@pytest.mark.parametrize(("before", "likely"), [(None, ""), (False, "ticket"), (True, "state")])
def test_after_a_call_what_came_of_it_is_guessed_by_its_tickets(desk, town, call, before, likely):
    ticket = report(town) if before is not None else None
    row = call(over=True)
    if ticket:
        tickets.link_call(ticket, row, by=town.lan)
        ticket.received = row.began + timedelta(seconds=-60 if before else 10)
        ticket.save()
    shown = bar(desk)
    assert "Kết quả cuộc gọi?" in shown
    assert ("btn-primary" in shown.partition("wrap-up-results")[2]) == bool(likely)
    if likely:
        assert f'value="{likely}"' in shown.partition("wrap-up-results")[2].partition("btn-primary")[2][:80]


def test_what_came_of_it_is_one_press_and_makes_ready_for_the_next(desk, town, call):
    row = call(over=True)
    done = desk.post(f"/desk/calls/{row.pk}/wrap-up", {"result": "answered", "line": "Giờ mở cửa"}, headers=HTMX)
    note = CallNote.objects.get()
    assert (note.call_id, note.result.code, note.line, note.by) == (row.pk, "answered", "Giờ mở cửa", town.users["lan"])
    assert "Kết quả cuộc gọi?" not in done.content.decode()
    assert (Presence.objects.get(until=None).state, Presence.objects.get(until=None).ends) == ("available", None)
    again = desk.post(f"/desk/calls/{row.pk}/wrap-up", {"result": "abuse"}, headers=HTMX)
    assert again.status_code == 200 and CallNote.objects.get().result.code == "abuse", "said again it is corrected"


def test_it_still_asks_when_the_time_after_the_call_is_over_until_somebody_goes_on(desk, town, call):
    row = call(over=True)

    def ended(seconds):
        Call.objects.filter(pk=row.pk).update(ended=now() - timedelta(seconds=seconds))

    at = now()
    Presence.objects.filter(until=None).update(since=at - timedelta(seconds=20), ends=at - timedelta(seconds=1))
    actions.end_after_calls()
    assert Presence.objects.get(until=None).state == "available"
    ended(60)
    assert "Kết quả cuộc gọi?" in bar(desk) and "Chọn xong là sẵn sàng" not in bar(desk)
    ended(301)
    assert "Kết quả cuộc gọi?" not in bar(desk)
    ended(60)
    desk.post("/desk/phone/presence", {"state": "break meal"})
    assert "Kết quả cuộc gọi?" not in bar(desk)


def test_once_said_it_asks_no_more(desk, town, call):
    row = call(over=True)
    at = now()
    Presence.objects.filter(until=None).update(since=at - timedelta(seconds=20), ends=at - timedelta(seconds=1))
    actions.end_after_calls()
    desk.post(f"/desk/calls/{row.pk}/wrap-up", {"result": "answered"})
    assert "Kết quả cuộc gọi?" not in bar(desk)


def test_beside_the_ticket_that_is_written_it_is_folded(desk, call):
    row = call(over=True)
    shown = desk.get("/desk/phone/", headers={**HTMX, "HX-Current-URL": f"/desk/new?call={row.pk}"}).content.decode()
    assert f'id="wrap-up-{row.pk}">' in shown


def test_a_line_that_was_written_on_the_calls_page_stands_on_the_card(desk, call):
    row = call(over=True)
    desk.post(f"/desk/calls/{row.pk}/note", {"result": "ticket", "line": "Hỏi giờ mở cửa"})
    assert 'value="Hỏi giờ mở cửa"' in bar(desk)


def test_an_old_page_ends_no_other_calls_time(desk, call):
    first, second = call("one", over=True), call("two", over=True)
    desk.post(f"/desk/calls/{first.pk}/wrap-up", {"result": "answered"})
    assert CallNote.objects.get().call_id == first.pk
    assert f"wrap-up-{second.pk}" in bar(desk) and Presence.objects.get(until=None).state == "break"


def test_nobody_says_what_came_of_anothers_call_or_of_one_without_a_talk(desk, town, call, ring):
    row = call(over=True)
    assert client_of(town, "thu").post(f"/desk/calls/{row.pk}/wrap-up", {"result": "answered"}).status_code == 403
    assert desk.post(f"/desk/calls/{row.pk}/wrap-up", {"result": "dance"}).status_code == 404
    assert desk.post(f"/desk/calls/{ring('lost').pk}/wrap-up", {"result": "answered"}).status_code == 404
    assert not CallNote.objects.exists()


def test_the_log_shows_what_came_of_calls_and_those_of_which_nobody_said(desk, town, call, ring):
    first, second = call("one", over=True), call("two", over=True)
    ring("lost")
    desk.post(f"/desk/calls/{first.pk}/wrap-up", {"result": "wrong_number"})
    assert "Nhầm số" in desk.get("/desk/calls/").content.decode()
    shown = desk.get("/desk/calls/?outcome=unnoted").content.decode()
    assert f"/desk/calls/{second.pk}/" in shown and f"/desk/calls/{first.pk}/" not in shown
    assert shown.count("/desk/new?call=") == 1

"""The log of calls, one call and its recording; through the client."""

import csv
import io

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from caunoi.calls.models import Call
from caunoi.events.actor import SYSTEM
from caunoi.events.models import Event
from caunoi.tickets import actions as tickets
from caunoi.tickets import queries
from caunoi.tickets.models import Ticket
from tests.web.desk.switchboard import client_of, report


def numbers(client, **query):
    return [row.number for row in client.get("/desk/calls/", query).context["rows"]]


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
        ({"number": "0002"}, ["0900 000 002"]),
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
        seen += [row.number for row in context["rows"]]
        address = context["older"] and f"/desk/calls/{context['older']}"
    assert seen == ["0900 000 004", "0900 000 003", "0900 000 002", "0900 000 001", "0900 000 000"]


def test_the_table_is_for_supervisors_and_holds_no_formula(town, ring):
    ring("a", 0, '=HYPERLINK("x")')
    ring("b", 1, by="lan")
    assert client_of(town, "lan").get("/desk/calls.csv").status_code == 403
    answer = client_of(town, "tam").post("/desk/calls.csv", {"reason": "Đối soát cước tháng"})
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
    assert [one.pk for one in queries.calls(ticket, SYSTEM)] == [call.pk]
    assert "0900 000 001" in desk.get(f"/desk/{ticket.code}/").content.decode()
    assert ticket.code in desk.get(f"/desk/calls/{call.pk}/").content.decode()


def test_a_form_that_lacks_something_keeps_its_call(desk, ring):
    call = ring(by="lan")
    answer = desk.post(
        "/desk/new", {"call": call.pk, "once": "x", "channel": "phone", "kind": "report", "then": "keep"}
    )
    assert answer.status_code == 422
    assert answer.context["call"].call == call
    for rubbish in ("999999", "abc", "-1"):
        assert desk.get("/desk/new", {"call": rubbish}).context["call"] is None


def test_several_calls_on_a_ticket_and_several_tickets_of_a_call(desk, town, ring):
    one, two = tickets.take(report("1"), by=town.lan), tickets.take(report("2"), by=town.lan)
    first, second = ring("a", 0, by="lan"), ring("b", 9, by="tam")
    for call, ticket in ((first, one), (second, one), (first, two), (first, two)):
        desk.post(f"/desk/calls/{call.pk}/link", {"code": ticket.code})
    assert [call.pk for call in queries.calls(one, SYSTEM)] == [second.pk, first.pk]
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
        ("bytes=0-9", 206, "bytes 0-9/100"),
        ("bytes=90-", 206, "bytes 90-99/100"),
        ("bytes=-4", 206, "bytes 96-99/100"),
        ("bytes=200-", 416, "bytes */100"),
        ("bytes=90-999", 206, "bytes 90-99/100"),
        ("lines=1", 200, None),
    ):
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
    assert desk.get(f"/desk/calls/{recorded.pk}/").status_code == 404  # nor the call: its number is the reporter's
    assert f"/desk/calls/{recorded.pk}/" not in desk.get("/desk/calls/").content.decode()
    assert heard(client_of(town, "tam"), address) == 200


@pytest.mark.parametrize("name", ["lan", "tam", "thu"])
def test_the_log_costs_the_same_however_long_it_is(town, ring, name, django_assert_max_num_queries):
    for number in range(12):
        ring(f"c{number}", number, by="lan")
    client = client_of(town, name)
    client.get("/desk/calls/")
    with django_assert_max_num_queries(11):  # two for what everybody on duty truly does
        client.get("/desk/calls/")
    assert Call.objects.count() == 12

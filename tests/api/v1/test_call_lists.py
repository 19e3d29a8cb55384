"""The log of calls and the call-backs, as programs read them.

Proves: `/api/v1/calls?from=&to=&operator=&queue=&outcome=` and `/api/v1/callbacks?state=`: scopes, pages, no number to
who may not see it"""

from datetime import timedelta

import pytest

from caunoi.calls.models import Call
from caunoi.conversations.models import Callback
from caunoi.events.models import Event
from caunoi.tickets import actions as tickets
from caunoi.tickets.report import Report, Reporter
from tests.api.v1.test_service_accounts import program as program
from tests.web.desk.switchboard import AT, NUMBER
from tests.web.desk.switchboard import box as box
from tests.web.desk.switchboard import ring as ring

HOURS = {"from": AT.isoformat(), "to": (AT + timedelta(hours=1)).isoformat()}


def ids(answer):
    assert answer.status == 200, answer.body
    return [item["call_id"] for item in answer.body["items"]]


@pytest.fixture
def calls(ring):
    return [ring("a", 0, by="lan"), ring("b", 10), ring("c", 70, "0900000003", by="tam"), ring("d", 80, "0900000002")]


def test_a_call_is_told_as_the_exchange_and_the_desk_know_it(api, calls, town):
    report = Report(text="Đèn tắt", channel="phone", once="x", reporter=Reporter(phone=NUMBER))
    ticket = tickets.take(report, by=town.lan)
    tickets.link_call(ticket, calls[0], by=town.lan)
    (item,) = api.lan.get("calls", **HOURS, operator="lan").body["items"]
    assert item.pop("id") == calls[0].pk
    assert item == {
        "call_id": "a",
        "direction": "in",
        "from": NUMBER,
        "to": "1022",
        "queue": "tongdai1022",
        "state": "ended",
        "outcome": "answered",
        "began": "2026-08-06T08:00:00+07:00",
        "connected": "2026-08-06T08:00:05+07:00",
        "ended": "2026-08-06T08:01:05+07:00",
        "waited": 5.0,
        "talked": 60.0,
        "operator": "lan",
        "legs": [{"operator": "lan", "rang": 0.0, "outcome": "answered", "talked": 60.0}],
        "transferred": None,
        "recorded": False,
        "callback": None,
        "tickets": [ticket.code],
    }
    assert [(row.kind, row.by) for row in Event.objects.filter(kind="call.export")] == [("call.export", "lan")]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ["d", "c", "b", "a"]),
        (HOURS, ["b", "a"]),
        ({"from": HOURS["to"]}, ["d", "c"]),
        ({"operator": "tam"}, ["c"]),
        ({"operator": "nobody"}, []),
        ({"queue": "tongdai1022"}, ["d", "c", "b", "a"]),
        ({"queue": "other"}, []),
        ({"outcome": "abandoned"}, ["d", "b"]),
        ({"outcome": "missed"}, ["d", "b"]),
        ({"outcome": "answered", "to": HOURS["to"]}, ["a"]),
    ],
)
def test_the_log_is_narrowed_by_what_was_asked(api, calls, query, expected):
    assert ids(api.lan.get("calls", **query)) == expected


def test_pages_follow_each_other_and_lose_nothing(api, calls):
    Call.objects.update(began=AT)  # all at one moment
    seen, before = [], {}
    while before is not None:
        answer = api.tam.get("calls", limit=1, **before)
        seen += ids(answer)
        before = {"before": answer.body["next"]} if answer.body["next"] else None
    assert seen == ["d", "c", "b", "a"]


@pytest.mark.parametrize(
    "query",
    [
        {"outcome": "happy"},
        {"limit": 0},
        {"limit": 501},
        {"before": 10**12},
        {"from": "x"},
        {**HOURS, "to": HOURS["from"]},
    ],
)
def test_what_makes_no_sense_is_422(api, calls, query):
    assert api.lan.get("calls", **query).status == 422


def test_call_backs_are_told_by_their_state(api, calls):
    rows = {row.pk: row for row in Callback.objects.all()}
    assert len(rows) == 2
    (first, second) = api.lan.get("callbacks").body["items"]
    assert {first["number"], second["number"]} == {"+84900000001", "+84900000002"}
    assert all(item["state"] == "open" and item["reason"] == "missed_call" for item in (first, second))
    assert first["id"] > second["id"]
    page = api.lan.get("callbacks", limit=1).body
    assert page["next"] == first["id"]
    assert [item["id"] for item in api.lan.get("callbacks", before=page["next"]).body["items"]] == [second["id"]]
    Callback.objects.filter(pk=first["id"]).update(state="done")
    assert [item["id"] for item in api.lan.get("callbacks", state="done").body["items"]] == [first["id"]]
    assert [item["id"] for item in api.lan.get("callbacks").body["items"]] == [second["id"]]
    assert api.lan.get("callbacks", state="lost").status == 422


def test_calls_are_for_the_centre_alone(api, calls):
    for path in ("calls", "callbacks"):
        assert [getattr(api, name).get(path).status for name in ("minh", "phong", "quan")] == [403, 403, 403]
        assert api.nobody.get(path).status == 401


def test_a_program_needs_the_scope_and_without_another_sees_no_number(calls, program):
    blind, knowing, other = (
        program("Báo cáo ca trực", "calls.read"),
        program("Chăm sóc", "calls.read", "reporters.read"),
        program("Khác", "tickets.read"),
    )
    assert [other.get(path).status for path in ("calls", "callbacks")] == [403, 403]
    for path in ("calls", "callbacks"):
        assert "900000001" in str(knowing.get(path).body)
        text = str(blind.get(path).body)
        assert "90000000" not in text and "items" in text
    item = blind.get("calls", outcome="answered").body["items"][0]
    assert item["from"] is None and item["operator"] and item["queue"] == "tongdai1022"


def test_an_operators_figures_are_for_who_leads_them(api, calls):
    period = {"from": "2026-08-06", "to": "2026-08-07"}
    assert api.lan.get("measures/calls", **period, by="operator").status == 403
    assert api.phong.get("measures/calls", **period, by="operator").status == 403
    rows = api.tam.get("measures/calls_answered", **period, by="operator").body["rows"]
    assert {row["operator"]: row["value"] for row in rows if row["operator"]} == {"lan": 1, "tam": 1}
    rows = api.phong.get("measures/calls", **period, by="half_hour").body["rows"]
    assert [(row["half_hour"], row["value"]) for row in rows] == [("2026-08-06T08:00", 2), ("2026-08-06T09:00", 2)]

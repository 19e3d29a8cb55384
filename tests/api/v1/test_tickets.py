"""Tickets made and listed, receipts and numbers, and the description of it all.

Proves: `GET /api/v1/measures` (catalogue) and `/api/v1/measures/<name>?from=&to=&by=&as_of=&agency=…` serve every
one"""

import pytest

from caunoi.events.models import Event
from caunoi.tickets import actions as tickets

BODY = {"text": "Đèn tắt", "channel": "counter"}


def test_a_ticket_has_what_was_given(api, town):
    answer = api.lan.post(
        "tickets",
        **BODY,
        kind="petition",
        category="lamps",
        area_code="25417",
        occurred="2026-08-01T08:00:00+07:00",
        contact={"name": "Tư Demo", "phone": "0900.000.001", "email": "tu@example.com"},
    )
    assert answer.status == 201
    told = answer.body
    assert {k: told[k] for k in ("kind", "category", "area", "state", "urgency", "channel", "holder", "public")} == {
        "kind": "petition",
        "category": "lamps",
        "area": "25417",
        "state": "new",
        "urgency": "normal",
        "channel": "counter",
        "holder": None,
        "public": False,
    }
    assert told["contact"]["phone"] == "+84900000001"
    assert told["moves"] == ["accept", "answer", "ask", "merge", "refuse"]
    assert [(e["kind"], e["by"]) for e in told["events"]] == [("ticket.create", "lan")]
    assert (told["deadlines"], told["handovers"]) == ([], [])


def test_who_reported_is_for_those_who_need_to_know_it_and_by_one_rule_everywhere(api):
    code = api.lan.post("tickets", **BODY, contact={"name": "Tư Demo", "phone": "0900.000.001"}).body["code"]
    assert api.lan.get(f"tickets/{code}").body["contact"]["name"] == "Tư Demo"
    seen = api.phong.get(f"tickets/{code}")
    assert seen.status == 200 and "contact" not in seen.body and "Tư Demo" not in str(seen.body)
    before = Event.objects.filter(kind="identity.show").count()
    assert api.phong.get(f"tickets/{code}/notices").status == 200
    assert Event.objects.filter(kind="identity.show").count() == before


def test_a_pin_says_the_area(api):
    assert api.lan.post("tickets", **BODY, lat=11.52, long=106.9).body["area"] == "25195"


def test_the_same_once_is_the_same_ticket(api):
    first = api.lan.post("tickets", **BODY, once="a").body["code"]
    assert api.lan.post("tickets", **BODY, once="a").body["code"] == first
    assert api.tam.post("tickets", **BODY, once="a").body["code"] != first
    assert api.lan.post("tickets", **BODY).body["code"] != api.lan.post("tickets", **BODY).body["code"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"text": ""}, "text"),
        ({"text": "  "}, "text"),
        ({"text": None}, "text"),
        ({"text": "a" * 10_001}, "text"),
        ({"text": "a\x00"}, "text"),
        ({"channel": "pigeon"}, "channel"),
        ({"channel": "facebook"}, "channel"),  # the town has no such inbox
        ({"kind": "joke"}, "kind"),
        ({"category": "nothing"}, "category"),
        ({"area_code": "1"}, "area_code"),
        ({"lat": 11.5}, "lat"),
        ({"lat": 21.03, "long": 105.85}, "lat"),
        ({"lat": 91, "long": 0}, "lat"),
        ({"occurred": "yesterday"}, "occurred"),
        ({"contact": {"phone": "call me"}}, "contact.phone"),
        ({"contact": {"phone": 900000001}}, "contact.phone"),
        ({"once": "a" * 121}, "once"),
    ],
)
def test_what_cannot_be_taken_is_named(api, changes, field):
    answer = api.lan.post("tickets", **{**BODY, **changes})
    assert answer.status == 422
    assert field in answer.body["fields"]


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"\xff", b'"a"', b'{"text": "\\ud800", "channel": "phone"}', b"NaN"]
)
def test_a_body_that_is_no_json_of_ours_is_refused_in_json(api, body):
    answer = api.lan.client.post("/api/v1/tickets", body, content_type="application/json", headers=api.lan.headers)
    assert answer.status_code in (400, 422)
    assert answer.json()["code"] == answer.status_code


@pytest.mark.parametrize("who", ["minh", "hoa", "thu", "phong", "quan"])
def test_only_the_desk_logs_tickets(api, who):
    assert getattr(api, who).post("tickets", **BODY).status == 403


def test_the_list_can_be_narrowed_and_paged(api, town):
    made = [api.lan.post("tickets", **{**BODY, "text": f"Đèn số {n}"}).body["code"] for n in range(5)]
    api.lan.move(made[0], "accept", category="lamps")
    newest = made[::-1]
    first = api.lan.get("tickets", limit=2).body
    assert ([t["code"] for t in first["items"]], first["next"]) == (newest[:2], newest[1])
    rest = api.lan.get("tickets", limit=3, before=first["next"]).body
    assert ([t["code"] for t in rest["items"]], rest["next"]) == (newest[2:], None)
    for query in ({"state": "accepted,closed"}, {"category": "lamps"}, {"q": made[0]}):
        assert [t["code"] for t in api.lan.get("tickets", **query).body["items"]] == made[:1], query
    assert api.lan.get("tickets", to="2020-01-01").body["items"] == []
    assert len(api.lan.get("tickets", **{"from": "2020-01-01T00:00:00+07:00"}).body["items"]) == 5


@pytest.mark.parametrize(
    "query",
    [
        {"state": "late"},
        {"before": "26-999999-9"},
        {"limit": 0},
        {"limit": "x"},
        {"from": "soon"},
        {"channel": "pigeon"},
        {"from": "2026-02-30"},
    ],
)
def test_a_list_that_makes_no_sense_is_422(api, query):
    answer = api.lan.get("tickets", **query)
    assert (answer.status, answer.body["fields"]) == (422, list(query))


def test_receipts_tell_what_came_in_but_not_what_it_said(api, town):
    api.lan.post("tickets", **BODY, once="a")
    found = api.quan.get("receipts", inbox="counter").body
    assert [(r["id"], r["state"]) for r in found["items"]] == [("lan:a", "read")]
    assert set(found["items"][0]) == {"id", "number", "at", "state"}
    assert api.lan.get("receipts", inbox="zalo").body["items"] == []
    assert api.lan.get("receipts", inbox="none").status == 404
    assert api.lan.get("receipts").status == 422
    assert api.minh.get("receipts", inbox="counter").status == 403


def test_the_four_numbers_by_name(api, town):
    for n in range(3):
        api.lan.post("tickets", **{**BODY, "category": "lamps", "text": f"{n}"})
    refused = api.lan.post("tickets", **BODY).body["code"]
    api.lan.move(refused, "refuse", reason="outside")
    period = {"from": "2020-01-01", "to": "2100-01-01T00:00:00+07:00"}
    found = api.phong.get("measures/tickets", **period).body
    assert found["name"] == "tickets" and found["definition"]
    assert found["rows"] == [{"on_time": 0, "late": 0, "open_within": 3, "open_overdue": 0, "total": 3}]
    (by,) = api.phong.get("measures/tickets", **period, by="category").body["rows"]
    assert (by["category"], by["total"]) == ("lamps", 3)
    assert api.phong.get("measures/tickets", **{**period, "to": "2021-01-01"}).body["rows"][0]["total"] == 0


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"from": "2026-01-01"},
        {"from": "2026-01-01", "to": "2026-01-01"},
        {"from": "x", "to": "2026-01-01"},
        {"from": "2026-01-01", "to": "2026-02-01", "by": "colour"},
        {"from": "2026-01-01T00:00:00", "to": "2026-02-01"},
    ],
)
def test_a_period_or_group_that_makes_no_sense_is_422(api, query):
    assert api.tam.get("measures/tickets", **query).status == 422


def test_numbers_are_not_for_agencies_and_have_names(api):
    period = {"from": "2026-01-01", "to": "2026-02-01"}
    assert api.minh.get("measures/tickets", **period).status == 403
    assert api.tam.get("measures/joy", **period).status == 404


def test_the_interface_describes_itself(api):
    found = api.nobody.get("openapi.json").body
    assert found["openapi"].startswith("3.1")
    assert {
        "/api/v1/tickets",
        "/api/v1/tickets/{code}",
        "/api/v1/tickets/{code}/moves",
        "/api/v1/tickets/{code}/notices",
        "/api/v1/tickets/{code}/pictures",
        "/api/v1/triage",
        "/api/v1/receipts",
        "/api/v1/calls",
        "/api/v1/callbacks",
        "/api/v1/tickets/{code}/handovers",
        "/api/v1/tickets/{code}/identity",
        "/api/v1/directives",
        "/api/v1/measures",
        "/api/v1/measures/{name}",
        "/api/v1/procedures",
        "/api/v1/procedures/suggestions",
    } == {p for p in found["paths"] if "/mine/" not in p and "/open/" not in p}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("get", "/api/v1/", 404),
        ("get", "/api/v1/nothing", 404),
        ("get", "/api/v2/", 404),
        ("get", "/open311/v1/x.json", 404),
        ("put", "/api/v1/tickets", 405),
        ("delete", "/open311/v2/requests.json", 405),
        ("get", "/api/v1/tickets/26-000001-1/moves", 405),
    ],
)
def test_refusals_on_our_addresses_are_json(client, town, method, path, status):
    answer = getattr(client, method)(path)
    assert answer.status_code == status
    assert answer["Content-Type"].startswith("application/json")
    assert answer.json()


def test_a_fault_of_ours_is_told_in_json(api, client, monkeypatch):
    def broken(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr(tickets, "take", broken)
    api.lan.client.raise_request_exception = False
    answer = api.lan.post("tickets", **BODY)
    assert (answer.status, answer.body["code"]) == (500, 500)


def test_every_measure_is_served_by_its_name_and_told_in_the_catalogue(api, town):
    api.lan.post("tickets", **{**BODY, "category": "lamps"})
    items = api.phong.get("measures").body["items"]
    period = {"from": "2020-01-01", "to": "2100-01-01"}
    for item in items:
        by = item["by"][0]
        found = api.phong.get(f"measures/{item['name']}", **period, by=by)
        assert found.status == 200 and found.body["definition"] == item["definition"], item["name"]
        for row in found.body["rows"]:
            assert by in row and ("value" in row or "total" in row)
    assert api.minh.get("measures").status == 403


def test_a_measure_can_be_narrowed_and_asked_as_of_a_past_day(api, town):
    api.lan.post("tickets", **{**BODY, "category": "lamps"})
    period = {"from": "2020-01-01", "to": "2100-01-01"}

    def total(**more):
        (row,) = api.phong.get("measures/tickets", **period, **more).body["rows"]
        return row["total"]

    assert (total(), total(category="lamps"), total(category="noise"), total(category="-")) == (1, 1, 0, 0)
    assert total(as_of="2020-02-01") == 0 and total(as_of="2099-01-01") == 1
    assert api.phong.get("measures/tickets", **period, by="hop").status == 422
    assert api.phong.get("measures/tickets", **period, as_of="yesterday").status == 422

"""An app reports; whatever it sends, it gets an answer that it can act on."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from caunoi.events.queries import history
from caunoi.tickets import queries
from caunoi.tickets.lifecycle import Kind, State


def ticket(town, answer):
    return queries.find(town.tam, answer.body[0]["service_request_id"])


def test_a_report_becomes_a_ticket_before_the_answer(app, town):
    answer = app.post(jurisdiction_id="dongnai.gov.vn")
    assert answer.status == 201
    assert answer.body[0]["account_id"] is None
    assert answer.body[0]["service_request_id"] in answer.body[0]["service_notice"]
    made = ticket(town, answer)
    assert (made.state, made.channel, made.category, made.area) == (State.NEW, "app", town.lamps, town.ward)
    assert (made.latitude, made.longitude, made.address) == (11.52, 106.9, "Ngã tư Đồng Xoài")
    assert (made.contact.name, made.contact.phone) == ("Demo Tư", "+84900000001")
    assert [e.kind for e in history(made)] == ["ticket.create"]


def test_the_answer_as_xml(xml_app):
    answer = xml_app.post()
    assert answer.body.tag == "service_requests"
    assert answer.body.findtext("request/service_request_id")
    assert answer.body.find("request/account_id").text is None


@pytest.mark.parametrize("key", [None, "", "unknown", "x" * 5000, "\ud800".encode("utf-16", "surrogatepass")])
def test_without_a_known_key_it_is_refused(app, key):
    app.key = key
    answer = app.post(api_key=key)
    assert answer.status == 403
    assert answer.body[0]["code"] == 403


def test_the_key_may_come_in_the_query_or_a_header(app):
    secret, app.key = app.key, None
    assert app.post(headers={"api_key": secret}).status == 201
    app.key = secret
    answer = app.client.post(
        f"/open311/v2/requests.json?api_key={secret}",
        {"service_code": "lamps", "address_id": "25195", "description": "Đèn tắt"},
    )
    assert answer.status_code == 201


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"service_code": None}, "service_code"),
        ({"service_code": "nothing"}, "nothing"),
        ({"description": None}, "description"),
        ({"description": " \n"}, "description"),
        ({"description": "a" * 10_001}, "10000"),
        ({"description": "a\x00b"}, "NUL"),
        ({"lat": None, "long": None, "address_string": None}, "address_string"),
        ({"lat": None}, "lat"),
        ({"lat": "north"}, "lat"),
        ({"lat": "nan"}, "lat"),
        ({"long": "1e999"}, "long"),
        ({"lat": "21.03", "long": "105.85"}, "21.03"),  # Hà Nội
        ({"address_id": "00001"}, "address_id"),
        ({"address_id": "75"}, "address_id"),
        ({"address_string": "a" * 301}, "300"),
        ({"first_name": "a" * 61}, "first_name"),
        ({"phone": "call me"}, "phone"),
        ({"email": "tu(at)example"}, "email"),
        ({"attribute[kind]": "joke"}, "report, petition, question"),
        ({"attribute[occurred]": "yesterday"}, "occurred"),
        ({"attribute[occurred]": "2026-13-45T00:00:00Z"}, "occurred"),
        ({"attribute[occurred]": "2126-01-01T00:00:00Z"}, "occurred"),
        ({"media_url": "a" * 2001}, "media_url"),
        ({"once": "a" * 151}, "150"),
    ],
)
def test_a_missing_or_bad_field_is_named(app, changes, says):
    answer = app.post(**changes)
    assert answer.status == 400
    assert says in answer.body[0]["description"]


def test_bytes_that_are_no_utf8_are_refused(app):
    body = f"api_key={app.key}&service_code=lamps&address_id=25195&description=%FF%FE".encode()
    answer = app.client.post("/open311/v2/requests.json", body, content_type="application/x-www-form-urlencoded")
    assert (answer.status_code, answer.json()[0]["code"]) == (400, 400)


@pytest.mark.parametrize(
    "kind",
    ["multipart/form-data", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded; charset=latin1"],
)
def test_a_body_that_is_no_form_is_answered_in_the_form_of_the_spec(app, kind):
    answer = app.client.generic(
        "POST", f"/open311/v2/requests.json?api_key={app.key}", b"\xff\x00--", content_type=kind
    )
    assert (answer.status_code, answer.json()[0]["code"]) == (400, 400)


def test_a_form_beyond_all_limits_is_answered_in_the_form_of_the_spec(app, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    body = b"description=" + b"a" * 2000
    answer = app.client.post("/open311/v2/requests.json", body, content_type="application/x-www-form-urlencoded")
    assert (answer.status_code, answer.json()[0]["code"]) == (400, 400)


def test_the_same_idempotency_key_gives_the_same_ticket(app, other_app):
    first = app.post(headers={"Idempotency-Key": "a1"}).body
    assert app.post(headers={"Idempotency-Key": "a1"}).body == first
    assert app.post(once="a1").body == first
    assert other_app.post(headers={"Idempotency-Key": "a1"}).body != first
    assert app.post().body != app.post().body


def test_attributes_reach_the_ticket(app, town):
    made = ticket(town, app.post(**{"attribute[kind]": "petition", "attribute[occurred]": "2026-08-01T08:00:00+07:00"}))
    assert made.kind == Kind.PETITION
    assert made.occurred.isoformat() == "2026-08-01T01:00:00+00:00"


def test_an_area_or_an_address_is_place_enough(app, town):
    nowhere = {"lat": None, "long": None, "address_string": None}
    assert ticket(town, app.post(**nowhere, address_id="25417")).area == town.commune
    assert ticket(town, app.post(**{**nowhere, "address_string": "Chợ Đồng Xoài"})).address == "Chợ Đồng Xoài"


def test_what_was_sent_is_kept_raw_without_the_key_and_media_by_address_is_not_fetched(app, town):
    answer = app.post(media_url="https://example.com/a.jpg", device_id="d1")
    raw = ticket(town, answer).conversation.messages.get().receipt.raw
    assert (raw["media_url"], raw["device_id"]) == ("https://example.com/a.jpg", "d1")
    assert app.key not in str(raw)
    assert "media_url" in answer.body[0]["service_notice"]


def test_a_photo_sent_along_is_the_tickets(app, town, photo_file):
    assert queries.photos(ticket(town, app.post(media=photo_file()))).count() == 1
    answer = app.post(media=photo_file(b"no picture at all"))
    assert answer.status == 400


def test_a_report_costs_few_statements(app):
    app.post()
    with CaptureQueriesContext(connection) as statements:
        assert app.post().status == 201
    inside = [s["sql"] for s in statements if "SAVEPOINT" not in s["sql"]]
    assert len(inside) <= 4, "\n".join(inside)

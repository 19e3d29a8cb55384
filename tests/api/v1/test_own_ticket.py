"""One's own ticket through the interface, as an app or the web widget has it.

Proves: API v1 for app and widget: own ticket, updates, comments, OpenAPI"""

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile

from caunoi.directory.queries import option
from caunoi.limits.actions import take
from caunoi.limits.models import Tally
from caunoi.tickets import actions, lookups
from caunoi.tickets.models import Note, Ticket
from caunoi.tickets.report import Report, Reporter
from caunoi.tickets.visits import visits


@pytest.fixture(autouse=True)
def patience():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def ticket(town):
    who = Reporter(name="Người Demo", phone="+84900000001")
    return actions.take(Report(text="Đèn tắt ở ngã tư", channel="app", once="1", reporter=who), by=town.lan)


@pytest.fixture
def own(api, ticket):
    return f"mine/{ticket.follow}"


def test_code_and_phone_find_it_again_and_strangers_find_nothing(api, ticket):
    found = api.nobody.post("mine/find", code=ticket.code, phone="0900 000 001")
    assert (found.body["code"], found.body["state"]) == (ticket.code, ticket.state)
    assert ticket.follow not in str(found.body) and ticket.text not in str(found.body)
    assert api.nobody.post("mine/find", code=ticket.code, phone="0900 000 002").status == 404
    assert api.nobody.get("mine/nonsense").status == 404
    statuses = {
        api.nobody.post("mine/find", code=ticket.code, phone="0900 000 002").status
        for _ in range(option("lookups_per_quarter"))
    }
    assert 429 in statuses


def test_the_look_up_is_the_same_by_every_door(api, ticket, client, monkeypatch):
    """Not from an agency's network, and a number as often over all tickets as on the page."""
    monkeypatch.setattr(lookups, "is_agency_network", lambda address: True)
    assert api.nobody.post("mine/find", code=ticket.code, phone="0900 000 001").status == 403
    monkeypatch.setattr(lookups, "is_agency_network", lambda address: False)
    most = option("lookups_per_quarter")
    for _ in range(most):
        take("lookup-phone", "+84900000001")
    refused = api.nobody.post("mine/find", code=ticket.code, phone="0900 000 001")
    assert refused.status == 429
    page = client.post("/lookup", {"code": ticket.code, "phone": "0900 000 001"})
    assert page.status_code == 429 and page.has_header("Retry-After")


def test_a_code_that_cannot_be_read_uses_up_nothing_of_others(api, ticket):
    for _ in range(3):
        assert api.nobody.post("mine/find", code="x", phone="0900 000 001").status == 404
    assert not Tally.objects.filter(name="lookup-ticket").exists()


def test_an_app_that_opens_it_is_a_visit_once(api, own, ticket):
    for _ in range(2):
        assert api.nobody.get(own).status == api.nobody.get(f"{own}/messages").status == 200
    assert [event.data["first"] for event in visits(ticket)] == [True]


def test_it_says_what_happened_and_what_may_be_done(api, own, ticket, town, work):
    actions.move(ticket, "accept", by=town.lan, category=town.lamps)
    work()
    body = api.nobody.get(own).body
    assert (body["code"], body["state"], body["category"], body["holder"]) == (ticket.code, "accepted", "lamps", None)
    assert body["may"] == ["comments", "photos"] and body["due"]
    assert [u["kind"] for u in body["updates"]] == ["ticket.accept"] and ticket.code in body["updates"][0]["text"]


def test_a_comment_is_added_once_and_lets_a_waiting_ticket_go_on(api, own, ticket, town):
    actions.move(ticket, "ask", by=town.lan, question="Ở đâu?")
    for _ in range(2):
        assert api.nobody.post(f"{own}/comments", text="Trước số nhà 12").status == 201
    assert Note.objects.filter(text="Trước số nhà 12").count() == 1
    assert Ticket.objects.get().state == "new"
    assert api.nobody.post(f"{own}/comments", text="").status == 422
    assert api.nobody.post(f"{own}/comments", text="a" * 4001).status == 422


def test_writing_is_limited(api, own):
    statuses = [
        api.nobody.post(f"{own}/comments", text=f"Câu {n}").status for n in range(option("writes_per_link") + 1)
    ]
    assert statuses[-1] == 429 and set(statuses[:-1]) == {201}


def test_photos_are_checked_before_any_is_taken(api, own, ticket, jpeg, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    good, bad = SimpleUploadedFile("a.jpg", jpeg), SimpleUploadedFile("b.jpg", b"<html>")
    assert api.nobody.client.post(f"/api/v1/{own}/photos", {"files": [good, bad]}).status_code == 422
    assert ticket.photos.count() == 0
    response = api.nobody.client.post(f"/api/v1/{own}/photos", {"files": [SimpleUploadedFile("a.jpg", jpeg)]})
    assert response.status_code == 201 and len(response.json()["photos"]) == 1


def test_an_answer_is_rated_once_reopened_or_closed(api, own, ticket, town):
    assert api.nobody.post(f"{own}/reopen", text="Chưa xong").status == 409
    actions.move(ticket, "answer", by=town.lan, category=town.lamps, text="Đã thay bóng.")
    assert api.nobody.get(own).body["may"] == ["comments", "photos", "rating", "reopen", "close"]
    assert api.nobody.post(f"{own}/rating", grade="great").status == 422
    assert api.nobody.post(f"{own}/rating", grade="satisfied").status == 200
    assert api.nobody.post(f"{own}/rating", grade="satisfied").status == 409
    assert api.nobody.post(f"{own}/reopen", text="Tối nay lại tắt").body["state"] == "accepted"
    actions.move(Ticket.objects.get(), "answer", by=town.lan, text="Đã thay lại.")
    assert api.nobody.post(f"{own}/close").body["state"] == "closed"
    assert api.nobody.post(f"{own}/comments", text="Thêm").status == 409


def test_the_thread_is_read_without_what_belongs_to_another_ticket(api, chat, work):
    for text in ("Đèn đường trước chợ hỏng", "Cột bên cạnh nghiêng"):
        chat.write(text)
        work()
    items = api.nobody.get(f"mine/{Ticket.objects.get().follow}/messages").body["items"]
    assert [i["from"] for i in items] == ["citizen", "hotline", "citizen"]
    assert items[2]["text"] == "Cột bên cạnh nghiêng"


def test_it_stands_in_the_openapi_document_without_a_key(api):
    paths = api.nobody.get("openapi.json").body["paths"]
    assert "security" not in paths["/api/v1/mine/{follow}/comments"]["post"]
    assert "security" in paths["/api/v1/tickets"]["get"]

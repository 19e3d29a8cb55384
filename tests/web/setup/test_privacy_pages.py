"""The pages of people's data show what there is: a request, terms, a breach from its first form to its print."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils.timezone import now

from caunoi.events.actor import citizen
from caunoi.privacy import actions
from caunoi.privacy.actions import breaches
from caunoi.privacy.clocks import RequestKind
from caunoi.tickets import actions as tickets
from caunoi.tickets.report import Report, Reporter


@pytest.fixture
def ticket(town):
    reporter = Reporter(name="Võ Thị Nga", phone="+84987612345")
    return tickets.take(Report(text="Đèn hỏng", channel="web", once="a", reporter=reporter), by=citizen())


def client_of(town, name):
    client = Client()
    client.force_login(town.users[name], backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_a_breach_is_shown_and_printed_with_all_that_was_done(town, ticket):
    client = client_of(town, "quan")
    row = breaches.discover("Lộ danh sách", "Máy bị mất", now() - timedelta(hours=1), by=town.quan)
    facts = {"cause": "Mất máy", "assessment": "Có số", "measures": "Đã khóa", "kinds": ["location"], "ended": None}
    breaches.assess(row, by=town.quan, harm="possible", **facts)
    breaches.report(row, "A05", "12/BC", now(), by=town.quan)
    breaches.touch(row, [ticket.contact_id], by=town.quan)
    breaches.tell(row, "Anh/chị hãy cảnh giác.", by=town.quan)
    (one,) = row.people.all()
    page = client.get(f"/setup/privacy/breaches/{row.pk}/").content.decode()
    assert "Võ Thị Nga" in page and "Tôi đã báo" in page
    assert client.post(f"/setup/privacy/breaches/people/{one.pk}/told").status_code == 302
    for step in ("assess", "report", "people", "tell", "close"):
        assert client.get(f"/setup/privacy/breaches/{row.pk}/{step}").status_code == 200
    closing = client.post(f"/setup/privacy/breaches/{row.pk}/close", {"lessons": "Khóa màn hình", "do": "save"})
    assert closing.status_code == 302
    paper = client.get(f"/setup/privacy/breaches/{row.pk}/print").content.decode()
    for words in ("Mất máy", "12/BC", "Anh/chị hãy cảnh giác.", "Khóa màn hình", "Đã có người báo trực tiếp: 1"):
        assert words in paper, words
    assert "Lộ danh sách" in client.get("/setup/privacy/breaches/").content.decode()


def test_a_request_is_taken_by_an_operator_and_opened_by_a_supervisor(town, ticket):
    clerk, chief = client_of(town, "lan"), client_of(town, "tam")
    sent = clerk.post("/setup/privacy/requests/new", {"kind": "see", "code": ticket.code, "sure": "on", "do": "save"})
    assert sent.status_code == 302, sent.content.decode()
    listing = clerk.get("/setup/privacy/").content.decode()
    assert "Võ Thị Nga" in listing and "/setup/privacy/requests/1/" not in listing
    row = actions.ask(RequestKind.DELETE, via="link", proof="link", by=citizen(ticket.pk), ticket=ticket)
    page = chief.get(f"/setup/privacy/requests/{row.pk}/").content.decode()
    assert "Đang xử lý" in page and ticket.code in page  # it is still being handled
    assert chief.post(f"/setup/privacy/requests/{row.pk}/grant").status_code == 302
    row.refresh_from_db()
    assert row.state == "received"


def test_terms_say_what_the_next_night_would_delete_and_the_register_is_a_table_too(town):
    client = client_of(town, "quan")
    assert "chưa quyết định" in client.get("/setup/privacy/retention/").content.decode()
    saved = client.post(
        "/setup/privacy/retention/receipts", {"days": "90", "source": "Quyết định 12", "active": "on", "do": "save"}
    )
    assert saved.status_code == 302
    assert "Quyết định 12" in client.get("/setup/privacy/retention/").content.decode()
    asked = client.post("/setup/privacy/register?format=csv", {"reason": "Hồ sơ xử lý dữ liệu"})
    table = b"".join(asked.streaming_content).decode()
    assert "Người đã nhắn hoặc gọi đến" in table


def test_who_was_touched_by_a_breach_is_never_everybody_by_a_slip(town, ticket):
    client = client_of(town, "quan")
    row = breaches.discover("Lộ danh sách", "Máy bị mất", now() - timedelta(hours=1), by=town.quan)
    path = f"/setup/privacy/breaches/{row.pk}/people"
    for typed in ("26-00012-x, 26000124", f"{ticket.code}; 26-999999-0"):
        answer = client.post(path, {"codes": typed, "do": "save"})
        assert answer.status_code == 422
        page = answer.content.decode()
        for word in typed.replace(ticket.code, "").replace(",", " ").replace(";", " ").split():
            assert word in page
        assert row.people.count() == 0
    assert client.post(path, {"do": "save"}).status_code == 422
    assert client.post(path, {"codes": f" {ticket.code},\n{ticket.code} ;", "do": "save"}).status_code == 302
    assert [one.contact for one in row.people.all()] == [ticket.contact_id]

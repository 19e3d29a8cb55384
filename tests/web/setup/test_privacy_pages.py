"""The pages of people's data show what there is: a request, terms, a breach from its first form to its print."""

import io
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now
from docx import Document

from caunoi.events.actor import citizen
from caunoi.events.models import Event
from caunoi.privacy import actions, keeping
from caunoi.privacy.actions import breaches
from caunoi.privacy.clocks import RequestKind
from caunoi.privacy.models import DataRequest
from caunoi.privacy.register import HOLDINGS
from caunoi.tickets import actions as tickets
from caunoi.tickets import proofs
from caunoi.tickets.models import Ticket
from caunoi.tickets.report import Report, Reporter
from caunoi.web.citizen.own import COOKIE


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
    assert ", ," not in paper, "a hotline without an address"
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


def test_people_of_restricted_tickets_are_counted_and_not_shown_to_administrators(town, ticket):
    closed = tickets.take(
        Report(text="Tố cáo", channel="web", once="b", reporter=Reporter(name="Bạch Yến Canari", phone="+84900765432")),
        by=citizen(),
    )
    Ticket.objects.filter(pk=closed.pk).update(restricted=True)
    both = [ticket.contact_id, closed.contact_id]
    row = actions.ask(RequestKind.DELETE, via="page", by=citizen(), reach="+84987612345", contacts=both)
    chief = client_of(town, "quan")
    path = f"/setup/privacy/requests/{row.pk}/"
    page = chief.get(path).content.decode()
    assert "Canari" not in page and "900765432" not in page and closed.code not in page
    assert "Còn 1 người đã gửi phiếu hạn chế" in page and "Phiếu hạn chế đang xử lý: 1." in page
    assert (
        chief.post(f"{path}identify", {"offered": ticket.contact_id, "contact": ticket.contact_id}).status_code == 302
    )
    row.refresh_from_db()
    assert row.contacts == both
    chief.post(f"{path}identify", {"offered": ticket.contact_id})  # deselected
    row.refresh_from_db()
    assert row.contacts == [closed.contact_id]

    keeping.put_hold("Thanh tra", by=town.quan, ticket=closed.pk)
    assert "Thanh tra" in chief.get(path).content.decode()
    terms = chief.get("/setup/privacy/retention/").content.decode()
    assert "một phiếu hạn chế" in terms and closed.code not in terms
    breach = breaches.discover("Lộ danh sách", "Máy bị mất", now(), by=town.quan)
    breaches.touch(breach, [closed.contact_id], by=town.quan)
    told = chief.get(f"/setup/privacy/breaches/{breach.pk}/").content.decode()
    assert "Người gửi một phiếu hạn chế" in told and "900765432" not in told


def test_what_the_next_night_would_delete_is_counted_whole(town, ticket):
    Ticket.objects.filter(pk=ticket.pk).update(restricted=True, state="closed", touched=now() - timedelta(days=6 * 365))
    page = client_of(town, "quan").get("/setup/privacy/retention/identities").content.decode()
    assert "sẽ xóa 1 dòng" in page
    terms = client_of(town, "quan").get("/setup/privacy/retention/").content.decode()
    assert "5 năm" in terms and "1825" not in terms


def test_who_opened_a_ticket_by_a_code_asks_by_it_and_never_sees_its_link(town, ticket):
    browser = Client()
    browser.cookies[COOKIE] = "browser"
    row = proofs.ask(ticket.code, "+84987612345", "browser", proofs.CODE)
    _ticket, browser.cookies[COOKIE] = proofs.redeem(proofs.reveal_code(row.pk)["code"], "browser")
    page = browser.get(f"/f/{ticket.code}").content.decode()
    assert f"/privacy/ask?f={ticket.code}" in page and ticket.follow not in page
    form = browser.get(f"/privacy/ask?f={ticket.code}").content.decode()
    assert "trang riêng của phản ánh" in form and ticket.follow not in form
    assert browser.post("/privacy/ask", {"f": ticket.code, "kind": "see"}).status_code == 302
    asked = DataRequest.objects.get()
    assert (asked.ticket, asked.proof, asked.contacts) == (ticket.pk, "code", [ticket.contact_id])
    assert Client().post("/privacy/ask", {"f": ticket.code, "kind": "see"}).status_code == 422  # the code alone is none


def test_whoever_asks_gives_a_whole_number_or_address(town):
    for reach, status in (("@example.vn", 422), ("example.vn", 422), ("nga@example.vn", 302), ("0987612345", 302)):
        assert Client().post("/privacy/ask", {"kind": "delete", "reach": reach}).status_code == status, reach
    assert {row.reach for row in DataRequest.objects.all()} == {"nga@example.vn", "+84987612345"}


def test_the_lists_ask_no_more_for_more_rows(town, ticket):
    client = client_of(town, "quan")

    def queries_once(path):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        return len(queries)

    def queries_of(path):  # the least of three: what is kept in memory for some seconds may just be read anew
        return min(queries_once(path) for _ in range(3))

    def add():
        row = breaches.discover("Lộ danh sách", "Máy bị mất", now(), by=town.quan)
        breaches.touch(row, [ticket.contact_id], by=town.quan)
        actions.ask(RequestKind.SEE, via="page", by=citizen(), reach="+84987612345", contacts=[ticket.contact_id])

    add()
    paths = ("/setup/privacy/", "/setup/privacy/breaches/")
    before = [queries_of(path) for path in paths]
    for _ in range(3):
        add()
    assert [queries_of(path) for path in paths] == before


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
    path = "/setup/privacy/register?format=docx"
    assert "?format=docx" in client.get("/setup/privacy/register").content.decode()
    assert "Lý do" in client.get(path).content.decode()  # asked first, and recorded
    paper = client.post(path, {"reason": "Hồ sơ xử lý dữ liệu"})
    text = "\n".join(one.text for one in Document(io.BytesIO(paper.content)).paragraphs)
    taken = Event.objects.filter(kind="list.take").latest("id").data
    assert "Người đã nhắn hoặc gọi đến" in text and taken["mark"] in text
    assert (taken["form"], taken["count"]) == ("docx", len(HOLDINGS))


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

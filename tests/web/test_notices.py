"""The bell: what one is told and has not looked at, each reader for themselves."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils.timezone import now

from caunoi.directives import actions as directives
from caunoi.events.actor import citizen
from caunoi.notifications import actions, queries
from caunoi.publication import actions as publications
from caunoi.publication import queries as publication
from caunoi.routing import actions as routing
from caunoi.tickets import actions as tickets
from caunoi.tickets.report import Report


@pytest.fixture
def at(town):
    def sign_in(name):
        client = Client(headers={"accept-language": "en"})
        client.force_login(town.users[name], backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sign_in


@pytest.fixture
def told(town, work):
    """Three new tickets at the works."""
    made = []
    for n in range(3):
        report = Report(text=f"Đèn tắt {n}", channel="web", once=f"b{n}", category_id=town.lamps.pk)
        ticket = tickets.take(report, by=citizen())
        work()
        tickets.move(ticket, "accept", by=town.lan)
        routing.route(ticket, town.works, by=town.lan)
        made.append(ticket)
    work()
    return made


def count(client):
    body = client.get("/notices/bell").content.decode()
    match = re.search(r'count-bell">\s*<span class="sr-only">[^<]*</span>\s*(\d+\+?)', body)
    return match[1] if match else ""


def test_the_bell_counts_what_is_new_for_this_reader(at, told):
    assert (count(at("minh")), count(at("hoa")), count(at("dung")), count(at("lan"))) == ("3", "3", "", "3")
    assert 'hx-get="/notices/bell"' in at("minh").get("/agency/").content.decode()
    for name, page in (("lan", "/desk/"), ("phong", "/board/"), ("quan", "/setup/")):
        assert 'hx-get="/notices/bell"' in at(name).get(page).content.decode()


def test_opening_a_notice_leads_to_its_ticket_and_marks_it_for_this_reader_only(at, told, town):
    minh = at("minh")
    row = queries.unseen(town.minh)[0]
    assert minh.get(f"/notices/{row.pk}")["Location"] == f"/agency/{told[2].code}/"
    assert (count(minh), count(at("hoa"))) == ("2", "3")
    assert at("lan").get(f"/notices/{queries.unseen(town.lan)[0].pk}")["Location"].startswith("/desk/")


def test_nobody_is_told_of_what_they_did_themselves(at, told, town, work):
    tickets.move(told[0], "leg_return", by=town.minh, reason="wrong_agency")
    work()
    assert queries.unseen(town.lan).filter(notice="ticket.leg_return.centre").count() == 1
    tickets.move(told[0], "answer", by=town.lan, text="Đã sửa xong.")
    tickets.move(told[0], "reopen", by=town.lan, reason="Người dân gọi lại.")
    work()
    assert not queries.unseen(town.lan).filter(notice="ticket.reopen.centre").exists()
    assert queries.unseen(town.tam).filter(notice="ticket.reopen.centre").count() == 1


def test_another_groups_notice_is_not_there(at, told, town):
    row = queries.unseen(town.minh)[0]
    for name in ("dung", "lan", "phong", "quan"):
        assert at(name).get(f"/notices/{row.pk}").status_code == 404
    assert queries.unseen(town.minh).count() == 3


def test_marking_all_marks_what_the_page_showed_and_not_what_came_since(at, told, town, work):
    minh = at("minh")
    newest = queries.unseen(town.minh)[1].pk
    minh.post("/notices/seen", {"up_to": newest})
    assert count(minh) == "1"
    body = minh.post("/notices/seen", headers={"HX-Request": "true"}).content.decode()
    assert "Nothing new." in body
    assert queries.unseen(town.hoa).count() == 3


def test_single_looks_and_a_line_under_all_agree(told, town):
    rows = list(queries.unseen(town.minh))
    actions.look(town.minh, rows[0].pk)
    actions.look(town.minh, rows[0].pk)
    assert {n.pk for n in queries.unseen(town.minh)} == {rows[1].pk, rows[2].pk}
    actions.look(town.minh, up_to=rows[1].pk)
    look = queries.looked(town.minh)
    assert (look.until, look.also) == (rows[1].pk, [rows[0].pk])
    assert not queries.unseen(town.minh).exists()


def test_the_list_keeps_what_was_seen(at, told, town):
    minh = at("minh")
    actions.look(town.minh)
    body = minh.get("/notices/").content.decode()
    assert body.count("New for you:") == 3 and "Mark all as seen" not in body
    assert "Deadlines, hand-overs" in at("dung").get("/notices/").content.decode()


def test_an_order_rings_at_the_lead_and_opens_the_orders(at, town, work):
    order = directives.give("Rà soát đèn", now() + timedelta(days=1), by=town.phong, agency=town.works)
    work()
    row = queries.unseen(town.hoa)[0]
    assert row.notice == "directive.give.lead"
    assert at("hoa").get(f"/notices/{row.pk}")["Location"] == f"/agency/directives#order-{order.pk}"
    assert "Rà soát đèn" in at("hoa").get("/notices/").content.decode()


def test_an_order_that_is_taken_back_is_told_and_found_where_it_ended(at, town, work):
    order = directives.give("Rà soát đèn", now() + timedelta(days=1), by=town.phong, agency=town.works)
    work()
    directives.withdraw(order, by=town.phong)
    work()
    hoa, rows = at("hoa"), queries.unseen(town.hoa)
    assert {row.notice for row in rows} == {"directive.give.lead", "directive.withdraw.lead"}
    for row in rows:
        page = hoa.get(f"/notices/{row.pk}")["Location"]
        assert page == f"/agency/directives?part=done#order-{order.pk}"
        assert f'id="order-{order.pk}"' in hoa.get(page).content.decode()


def test_each_order_has_a_form_and_a_field_of_its_own(at, town):
    for words in ("Rà soát đèn", "Rà soát cống"):
        directives.give(words, now() + timedelta(days=1), by=town.phong, agency=town.works)
    ids = re.findall(r'<[^>]+ id="([^"]+)"', at("hoa").get("/agency/directives").content.decode())
    assert len(ids) == len(set(ids)) and sum(one.startswith("form-order-") for one in ids) == 2


def test_a_notice_begins_with_a_capital_letter(at, town, work):
    ticket = tickets.take(Report(text="Đèn tắt", channel="web", once="capital"), by=citizen())
    order = directives.give("Rà soát đèn", now() + timedelta(days=1), by=town.phong, ticket=ticket)
    directives.acknowledge(order, by=town.tam)
    work()
    lines = at("phong").get("/notices/").context["lines"]
    assert lines and all(line.text[0].isupper() for line in lines)


def test_an_operator_who_asked_for_a_takedown_hears_that_it_was_declined(town, told, work):
    row = publication.publication_of(told[0])
    publications.ask_removal(told[0], "Người dân xin gỡ", by=town.lan)
    publications.decline(row, "Không có dữ liệu cá nhân", by=town.thu)
    work()
    assert queries.unseen(town.lan).filter(notice="publication.decline.operator").count() == 1
    assert not queries.sent_to_citizen(told[0]).filter(notice="publication.decline.citizen").exists()

"""Whose a ticket is, on the pages of the desk: taken by one press, given on, put off, and seen in the queue."""

import pytest
from django.test import Client

from caunoi.accounts.models import User
from caunoi.events.actor import citizen
from caunoi.tickets import actions
from caunoi.tickets.models import Assignment
from caunoi.tickets.report import Report


@pytest.fixture
def ticket(town):
    return actions.take(Report(text="Đèn đường tắt", channel="web", once="a"), by=citizen())


@pytest.fixture
def at(town):
    def sign_in(name):
        client = Client(headers={"accept-language": "en"})
        client.force_login(town.users[name])
        return client

    return sign_in


def shown(client, query):
    return [row.code for row in client.get(f"/desk/?{query}").context["rows"]]


def post(client, address, **data):
    return client.post(address, data, follow=True).content.decode()


def test_a_ticket_is_taken_given_back_and_only_then_anothers(town, ticket, at):
    lan, tam = at("lan"), at("tam")
    page = lan.get(f"/desk/{ticket.code}/").content.decode()
    assert "Nobody's yet" in page and 'name="seen" value=""' in page
    assert "It is yours." in post(lan, f"/desk/{ticket.code}/assign", to="me", seen="")
    page = post(tam, f"/desk/{ticket.code}/assign", to="me", seen="")
    assert "has it since a moment ago." in page and Assignment.objects.get().assignee == town.users["lan"]
    assert "Given back" in post(lan, f"/desk/{ticket.code}/assign", to="", seen=town.users["lan"].pk)
    assert not Assignment.objects.exists()
    assert "It is nobody&#x27;s since" in post(tam, f"/desk/{ticket.code}/assign", to="me", seen="7")


def test_the_queue_shows_ones_own_nobodys_and_what_rests(town, ticket, at):
    lan, tam = at("lan"), at("tam")
    assert shown(lan, "tab=todo&whose=nobody") == [ticket.code] and shown(lan, "tab=todo&whose=mine") == []
    post(lan, f"/desk/{ticket.code}/assign", to="me", seen="")
    assert shown(lan, "tab=todo&whose=mine") == [ticket.code] and shown(tam, "tab=todo&whose=mine") == []
    assert shown(lan, "tab=todo&whose=nobody") == []
    chips = {tab.label: tab.count for tab in lan.get("/desk/?tab=todo").context["whose"]}
    assert chips == {"Everybody's": None, "Mine": 1, "Nobody's": None, "Put off": None}
    assert "Put off until" in post(lan, f"/desk/{ticket.code}/snooze", until="hour")
    assert shown(lan, "tab=todo") == [] and shown(lan, "tab=todo&whose=snoozed") == [ticket.code]
    assert shown(lan, "tab=all") == [ticket.code], "whoever looks for it finds it"
    assert "among your work again" in post(lan, f"/desk/{ticket.code}/snooze", until="")
    assert shown(lan, "tab=todo") == [ticket.code]


def test_a_ticket_is_given_to_a_colleague_who_stands_in_its_line_and_history(town, ticket, at):
    lan = at("lan")
    User.objects.create(username="mai", full_name="Phạm Thị Mai (demo)", role="operator")
    assert "Phạm Thị Mai" in lan.get(f"/desk/{ticket.code}/assign").content.decode()
    page = post(lan, f"/desk/{ticket.code}/assign", to="mai", seen="")
    assert "Phạm Thị Mai (demo) has it" in page and "Take it over" in page
    assert [row.assignee for row in lan.get("/desk/").context["rows"]] == ["Mai"]
    assert lan.post(f"/desk/{ticket.code}/assign", {"to": "minh", "seen": ""}).status_code == 404, "not of the centre"
    assert lan.post(f"/desk/{ticket.code}/snooze", {"until": "2030"}).status_code == 404


def test_the_supervisor_gives_all_of_ones_to_another(town, ticket, at):
    tam = at("tam")
    post(at("lan"), f"/desk/{ticket.code}/assign", to="me", seen="")
    rows = {one.username: one.count for one in tam.get("/desk/cockpit/workload").context["colleagues"]}
    assert rows["lan"] == 1 and rows["tam"] == 0
    assert "1 tickets given on." in post(tam, "/desk/cockpit/workload", of="lan", to="tam")
    assert Assignment.objects.get().assignee == town.users["tam"]
    post(tam, "/desk/cockpit/workload", of="tam", to="")
    assert tam.get("/desk/cockpit/workload").context["nobodys"] == 1
    assert at("lan").get("/desk/cockpit/workload").status_code == 403


def test_what_an_agency_has_is_not_anybodys_to_take(town, ticket, at):
    lan = at("lan")
    actions.move(ticket, "accept", by=town.lan, category=town.lamps)
    assert 'id="whose"' in lan.get(f"/desk/{ticket.code}/").content.decode()
    actions.move(ticket, "answer", by=town.lan, text="Đã sửa.")
    assert 'id="whose"' not in lan.get(f"/desk/{ticket.code}/").content.decode()

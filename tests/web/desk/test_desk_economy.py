"""What a page of the desk may cost: statements, counted, because they do not depend on the machine."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from caunoi.events.actor import citizen
from caunoi.tickets import actions
from caunoi.tickets.models import Ticket
from caunoi.tickets.report import Report, Reporter


@pytest.fixture
def desk(town):
    client = Client()
    client.force_login(town.users["lan"])
    for number in range(30):
        who = Reporter(name="Người Demo", phone=f"+8490000000{number % 4}")
        actions.take(Report(text=f"Đèn tắt {number}", channel="web", once=f"r{number}", reporter=who), by=citizen())
    return client


def statements(client, address, **headers):
    client.get(address, headers=headers)  # what is kept in memory is there now
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address, headers=headers).status_code == 200
    return len(captured)


def code(client):
    return client.get("/desk/").context["rows"][0].code


def test_the_queue_costs_the_same_however_long_it_is(desk):
    assert statements(desk, "/desk/") <= 6


def test_a_search_of_the_queue_asks_for_no_proposal_by_itself(desk):
    actions.index(Ticket.objects.all())
    address = "/desk/?q=đèn"
    assert len(desk.get(address).context["rows"]) > 20
    with CaptureQueriesContext(connection) as captured:
        desk.get(address)
    assert sum('"triage_reading"' in one["sql"] for one in captured) == 1


def test_a_ticket_costs_a_dozen_statements_and_does_not_wait_for_the_queue(desk):
    address = f"/desk/{code(desk)}/"
    assert statements(desk, address) <= 12  # of which two say whose session it is, and that the reporter was shown
    page = desk.get(address + "?tab=out").content.decode()
    assert 'hx-get="/desk/?tab=out" hx-trigger="load"' in page


def test_the_queue_beside_a_ticket_is_only_the_queue(desk):
    html = desk.get("/desk/?tab=todo", headers={"HX-Request": "true", "HX-Target": "queue-list"}).content.decode()
    assert html.lstrip().startswith('<section class="column" id="queue-list"') and "<html" not in html

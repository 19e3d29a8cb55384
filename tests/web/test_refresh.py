"""Live pages: what asks for itself again gets itself alone, as the page has it."""

import re
from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse

from caunoi.routing import actions as routing
from caunoi.tickets import actions as tickets
from caunoi.tickets.models import Ticket
from caunoi.tickets.report import Report, Reporter

pytestmark = pytest.mark.django_db

CHANGES = re.compile(r'(csrfmiddlewaretoken" value="|name="draft" value="|datetime=")[^"]+')
PARTS = [
    ("lan", "desk:ticket", "ticket"),
    ("tam", "desk:decide", "decide"),
    ("lan", "desk:callbacks", "callbacks"),
    ("tam", "desk:calls", "duty"),
    ("tam", "desk:cockpit", "floor"),
    ("lan", "desk:calls", "call-log"),
    ("lan", "desk:channels", "channels"),
    ("thu", "desk:publish", "waiting"),
    ("minh", "agency:list", "work"),
    ("minh", "agency:ticket", "ticket"),
    ("hoa", "agency:directives", "orders"),
    ("phong", "board:ticket", "ticket"),
    ("phong", "board:overview", "board"),
    ("phong", "board:wall", "wall"),
    ("phong", "board:directives", "orders"),
    ("tam", "board:explanations", "orders"),
]


@pytest.fixture
def ticket(town: SimpleNamespace) -> Ticket:
    """One that a citizen told by phone and that is at its agency."""
    told = Reporter(name="Trần Thị Demo", phone="0900000001")
    report = Report(
        text="Đèn tắt trước nhà",
        reporter=told,
        channel="phone",
        once="a",
        category_id=town.lamps.pk,
        area_id=town.ward.pk,
    )
    ticket = tickets.take(report, by=town.lan)
    tickets.move(ticket, "accept", by=town.lan)
    routing.route(ticket, town.works, by=town.lan)
    return ticket


def signed_in(town: SimpleNamespace, who: str) -> Client:
    browser = Client()
    browser.force_login(town.users[who], backend="django.contrib.auth.backends.ModelBackend")
    return browser


def squeezed(page: bytes) -> str:
    return "".join(CHANGES.sub(r"\1", page.decode()).split())


@pytest.mark.parametrize(("who", "view", "part"), PARTS)
def test_what_asks_for_itself_gets_itself_alone(
    town: SimpleNamespace, ticket: Ticket, who: str, view: str, part: str
) -> None:
    browser = signed_in(town, who)
    address = reverse(view, args=[ticket.code] if view.endswith(":ticket") else [])
    page = browser.get(address)
    alone = browser.get(address, headers={"HX-Request": "true", "HX-Trigger": part, "HX-Target": part})
    assert page.status_code == alone.status_code == 200
    assert f'id="{part}"' in alone.content.decode()[:300] and "<title>" not in alone.content.decode()
    assert squeezed(alone.content) in squeezed(page.content)
    assert len(alone.content) < len(page.content)


def test_who_comes_by_a_link_gets_the_page(town: SimpleNamespace, ticket: Ticket) -> None:
    browser = signed_in(town, "lan")
    for asks in ({"HX-Target": "ticket"}, {"HX-Target": "nothing", "HX-Trigger": "nothing"}):
        answer = browser.get(reverse("desk:ticket", args=[ticket.code]), headers={"HX-Request": "true", **asks})
        assert answer.status_code == 200 and "<title>" in answer.content.decode()

"""The assistant beside a ticket: off unless the province names an endpoint, and never more than a proposal."""

import httpx
import pytest
from django.test import Client

from caunoi.events.models import Event
from caunoi.procedures import actions
from caunoi.tickets import actions as tickets
from caunoi.tickets.report import Report
from tests.procedures.records import lines, raw


@pytest.fixture
def ticket(town):
    done = actions.look(actions.upload("a", lines(raw("1.000001", ten_thu_tuc="Thủ tục đăng ký kết hôn")), by=town.thu))
    actions.bring_in(done, by=town.thu)
    return tickets.take(
        Report(text="Đăng ký kết hôn cần giấy gì? 0901234567", channel="counter", kind="question", once="1"),
        by=town.lan,
    )


@pytest.fixture
def desk(town):
    client = Client(headers={"accept-language": "en"})
    client.force_login(town.users["lan"])
    return client


@pytest.fixture
def model(settings, monkeypatch):
    """The endpoint, which replies what it is told to."""
    settings.ASSIST_URL = "http://assist.test/v1"
    told = {}

    def handle(request):
        told["request"] = request.content.decode()
        return httpx.Response(200, json={"choices": [{"message": {"content": told["reply"]}}]})

    client = httpx.Client
    monkeypatch.setattr(httpx, "Client", lambda **more: client(transport=httpx.MockTransport(handle)))
    return told


def test_it_is_off_until_an_endpoint_is_named(desk, ticket):
    assert "/draft" not in desk.get(f"/desk/{ticket.code}/procedures").content.decode()
    assert desk.post(f"/desk/{ticket.code}/draft").status_code == 404


def test_a_draft_is_shown_with_its_sources_and_nothing_is_sent(desk, ticket, model):
    assert f"/desk/{ticket.code}/draft" in desk.get(f"/desk/{ticket.code}/procedures").content.decode()
    model["reply"] = (
        '{"sentences": [{"text": "Anh/chị nộp tờ khai, 1 bản chính.", "cites": ["1.000001@1#papers.1.1"]}]}'
    )
    shown = desk.post(f"/desk/{ticket.code}/draft").content.decode()
    assert "Anh/chị nộp tờ khai" in shown
    assert 'data-cite="1.000001@1"' in shown
    assert "0901234567" not in model["request"]
    ticket.refresh_from_db()
    assert ticket.state == "new"
    event = Event.objects.get(kind="answer.assist")
    assert event.data == {"codes": ["1.000001"], "refused": "", "dropped": 0}


def test_a_lie_is_thrown_away_and_said_so(desk, ticket, model):
    model["reply"] = (
        '{"sentences": [{"text": "Nộp 2.000.000 đồng <script>alert(1)</script>", "cites": ["1.000001@1#name"]}]}'
    )
    shown = desk.post(f"/desk/{ticket.code}/draft").content.decode()
    assert "thrown away" in shown
    assert "script" not in shown


def test_only_the_centre_asks(ticket, town, model):
    client = Client()
    client.force_login(town.users["minh"])
    assert client.post(f"/desk/{ticket.code}/draft").status_code == 403
    client.force_login(town.users["lan"])
    assert client.get(f"/desk/{ticket.code}/draft").status_code == 405
    assert client.post("/desk/99-999999-9/draft").status_code == 404

"""A client that was written for other cities' hotlines, in 2013, works with ours.

Proves: Open311 GeoReport v2, JSON and XML, with the client `three`"""

import itertools
import sys

import pytest

from caunoi.publication import actions as publication
from caunoi.tickets import actions as tickets
from caunoi.tickets import queries


@pytest.fixture
def three(monkeypatch, live_server, app):
    """The client; Python 2's ifilter is given back to it."""
    monkeypatch.setattr(itertools, "ifilter", filter, raising=False)
    three = pytest.importorskip("three", exc_type=ImportError)
    client = three.Three(f"{live_server.url}/open311/v2", api_key=app.key, jurisdiction="dongnai.gov.vn")
    yield client
    vars(client).clear()  # its sockets close with its answers, and so does the server's connection to the database
    for name in [name for name in sys.modules if name.split(".")[0] == "three"]:
        del sys.modules[name]


@pytest.mark.django_db(transaction=True)
def test_three_reports_and_follows(three, town):
    assert three.discovery()["endpoints"][0]["formats"] == ["text/xml", "application/json"]
    assert [s["service_code"] for s in three.services()] == ["lamps", "identity", "noise"]
    assert three.services("lamps")["attributes"][0]["code"] == "occurred"
    (made,) = three.post(
        "lamps", description="Đèn tắt ở ngã tư.", lat="11.52", long="106.9", name="Tư Demo", phone="0900000001"
    )
    code = made["service_request_id"]
    assert three.request(code)[0]["code"] == 404  # this client sends no key when it reads
    ticket = queries.find(town.tam, code)
    tickets.move(ticket, "accept", by=town.lan)
    publication.propose(ticket)
    assert three.request(code)[0]["description"] == "Đèn tắt ở ngã tư."
    assert [r["service_request_id"] for r in three.requests()] == [code]
    assert three.requests("noise") == []
    assert three.requests(count=1)[0]["service_request_id"] == code
    assert three.token(code) == [{"service_request_id": code, "token": code}]
    assert three.post("nothing", description="?")[0]["code"] == 400

"""The inbox' page and the doctor say whether the exchange does its work; only administrators ask it."""

import pytest
from django.test import Client

from caunoi.checks import exchanges
from caunoi.conversations.actions import make_inbox
from caunoi.host.finding import State
from caunoi.web.setup import inboxes

PHONE = "/setup/inboxes/phone/"


@pytest.fixture
def phone(town: object) -> None:
    """An exchange that is not there: nobody listens at port 1."""
    make_inbox("phone", "phone", host="127.0.0.1", port="1", username="caunoi", queues="tongdai1022")


def signed_in(town, name):
    client = Client()
    client.force_login(town.users[name])
    return client


def test_the_page_says_what_is_wrong_and_what_to_do(town, phone):
    quan = signed_in(town, "quan")
    assert "Kiểm tra tổng đài" in quan.get(PHONE).content.decode()
    page = quan.post(f"{PHONE}examine").content.decode()
    assert "Tổng đài không cho kết nối" in page and "manager.conf" in page and "Chưa khai thư mục ghi âm" in page


def test_an_inbox_without_an_exchange_has_none_to_examine(town, phone):
    make_inbox("cloud", "phone", connector="webhook")
    quan = signed_in(town, "quan")
    assert "Kiểm tra tổng đài" not in quan.get("/setup/inboxes/cloud/").content.decode()
    assert quan.post("/setup/inboxes/cloud/examine").status_code == 404
    assert quan.get(f"{PHONE}examine").status_code == 405


def test_the_doctor_looks_at_every_exchange_and_calls_nobody(town, phone, monkeypatch):
    (check,) = exchanges.CHECKS
    findings = list(check.results())
    assert {one.check for one in findings} == {"exchange"}
    assert [one.state for one in findings] == [State.BROKEN, State.WARN, State.WARN]
    asked = []
    monkeypatch.setattr(exchanges, "examine", lambda box, ami, *, call: asked.append(call) or [])
    assert [one.state for one in check.results()] == [State.OK] and asked == [False]


def test_the_page_lets_the_exchange_call_its_echo(town, phone, monkeypatch):
    asked = []
    monkeypatch.setattr(inboxes.exchange, "examine", lambda box, ami, *, call: asked.append(call) or [])
    assert signed_in(town, "quan").post(f"{PHONE}examine").status_code == 200 and asked == [True]

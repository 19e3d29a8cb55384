"""The page that is a telephone: who gets a password, what an attacker gets, how a call was heard.

Proves: a browser phone's password is its page's alone: not another's, not a signed-out session's, not one of before"""

import json
import re

import pytest
from django.utils.timezone import now

from caunoi.calls.models import BrowserPhone, Call, CallQuality, Link
from caunoi.conversations.actions import make_inbox
from tests.web.desk.switchboard import client_of

WAY = "/desk/phone/browser"
WELL = {
    "seconds": 60,
    "received": 3000,
    "lost": 0.0,
    "jitter": 0.01,
    "round_trip": 0.05,
    "incoming": 0.1,
    "outgoing": 0.1,
}


@pytest.fixture
def box(town):
    """An Asterisk with a link, at which Lan's and Tâm's phones are in the browser."""
    for name, extension in (("lan", "109"), ("tam", "110")):
        user = town.users[name]
        user.extension = extension
        user.save()
    settings = {"browser_phones": "109 110", "wss": "wss://pbx.example:8443/ws", "turn": "turn:turn.example:3478"}
    secrets = {"secret": "s3cret", "turn_secret": "chung"}
    box = make_inbox("phone", "phone", host="127.0.0.1", username="caunoi", secrets=secrets, **settings)
    Link.objects.create(inbox=box, up_since=now())
    return box


def asked(client, address="key", **body):
    return client.post(f"{WAY}/{address}", json.dumps(body), content_type="application/json")


def test_only_this_page_may_use_the_microphone_and_reach_the_exchange(desk, box):
    page = desk.get(WAY)
    (reach,) = re.findall(r"connect-src ([^;]+)", page["Content-Security-Policy"])
    assert "wss://pbx.example:8443" in reach.split() and "'self'" in reach.split()
    assert "microphone=(self)" in page["Permissions-Policy"]
    other = desk.get("/desk/")
    assert "wss:" not in other["Content-Security-Policy"] and "microphone=()" in other["Permissions-Policy"]
    assert "data-phone-strip" in desk.get("/desk/phone/", headers={"HX-Request": "true"}).content.decode()


def test_where_no_exchange_is_named_there_is_no_phone(desk, box):
    box.config = {**box.config, "wss": ""}
    box.save()
    assert "data-browser-phone" not in desk.get(WAY).content.decode()
    assert "wss" not in desk.get(WAY)["Content-Security-Policy"]
    assert asked(desk).status_code == 409 and not BrowserPhone.objects.exists()


def test_each_page_gets_a_password_and_a_way_through_turn_that_expires(desk, box):
    first, second = asked(desk), asked(desk)
    assert first["Cache-Control"] == "no-store"
    one, two = first.json(), second.json()
    assert one["extension"] == two["extension"] == "109" and one["password"] != two["password"]
    assert int(one["ice"][0]["username"].partition(":")[0]) > now().timestamp()
    row = BrowserPhone.objects.get()
    assert row.page == two["page"], "the one before is of no use"
    kept = json.dumps(list(BrowserPhone.objects.values()), default=str)
    assert one["password"] not in kept and two["password"] not in kept
    assert "chung" not in first.content.decode()
    assert asked(desk, "here", page=one["page"]).json() == {"state": "gone"}
    assert asked(desk, "here", page=two["page"]).json()["state"] == "asked"


def test_nobody_gets_anothers_phone(town, desk, box):
    mine = asked(desk).json()
    other = client_of(town, "tam")
    assert asked(other, extension="109", user="lan").json()["extension"] == "110"
    assert asked(other, "here", page=mine["page"]).json() == {"state": "gone"}
    assert asked(other, "here", page=mine["page"], gone=True).status_code == 200
    assert BrowserPhone.objects.get(extension="109").page == mine["page"]
    assert asked(desk, "here", page="").json() == {"state": "gone"}
    assert asked(client_of(town, "thu")).status_code == 403
    assert desk.get(f"{WAY}/key").status_code in (302, 405)


def test_who_signed_out_has_no_phone_and_gets_none(desk, box):
    key = asked(desk).json()
    desk.post("/logout")
    row = BrowserPhone.objects.get()
    assert (row.page, row.state) == ("", "asked"), "and the exchange is told a digest that nothing proves"
    assert asked(desk).status_code in (302, 401, 403)
    assert asked(desk, "here", page=key["page"]).status_code in (302, 401, 403)
    assert BrowserPhone.objects.get().page == ""


def test_without_a_link_nothing_is_promised(desk, box):
    Link.objects.update(up_since=None)
    assert asked(desk).status_code == 409 and not BrowserPhone.objects.exists()


def test_how_a_call_was_heard_is_kept_with_it_once(desk, box, ring):
    ring("a", by="lan")
    figures = {"call": "a", "mark": "0123456789", **WELL, "incoming": 0.00001}
    assert asked(desk, "quality", **figures).json() == {"kept": True}
    assert asked(desk, "quality", **figures).status_code == 200
    row = CallQuality.objects.get()
    assert (row.call.call_id, row.user.username, row.incoming) == ("a", "lan", -100.0)
    assert "người gọi im lặng" in desk.get(f"/desk/calls/{row.call_id}/").content.decode()


def test_figures_of_anothers_call_and_such_that_cannot_be_are_not_kept(town, desk, box, ring):
    ring("a", by="lan")
    assert asked(client_of(town, "tam"), "quality", call="a", mark="0123456789", **WELL).status_code == 404
    assert asked(desk, "quality", call="a", mark="0123456789", **{**WELL, "lost": 7}).status_code == 422
    assert asked(desk, "quality", call="a", mark="", **WELL).status_code == 422
    assert desk.post(f"{WAY}/quality", "[" * 9000, content_type="application/json").status_code == 422
    assert Call.objects.exists() and not CallQuality.objects.exists()

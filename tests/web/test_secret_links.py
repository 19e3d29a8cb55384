"""No secret address, key or token in a log, and none of a citizen's on the staff's pages.

Proves: logs: one JSON object a line on stderr under `up` too, with process, request id, route, status, ms, actor;
the fault's number on the error page"""

import json
import logging
import re
import sys

import pytest
from django.test import Client
from django.urls import URLResolver, get_resolver

from caunoi.conversations.models import Message
from caunoi.lib.privacy.secret_links import hide, hide_citizens
from caunoi.tickets import actions
from caunoi.tickets.models import Exchange, Ticket
from caunoi.tickets.report import Report, Reporter
from caunoi.web.logs import Formatter

SECRET = "hT3_x-9KqLmZ0aB7cD1e"


@pytest.mark.parametrize(
    "line",
    [
        f"Unprocessable Content: /f/{SECRET}/reply",
        f"Not Found: /r/{SECRET}",
        f"Forbidden: /invite/{SECRET}",
        f"Gone: /l/{SECRET}?x=1",
        f"Bad Request: /report/{SECRET}/what",
        f"/cti/{SECRET}",
        f"/j/abcdefgh/confirm/{SECRET}",
        f"/j/{SECRET}/leave",
        f"Not Found: /k/{SECRET}/reply",
        f"Found: /s/{SECRET}",
        f"GET /api/v1/mine/{SECRET}/photos",
        f"/files/a.webp?f={SECRET}",
        f"/files/a.webp?l={SECRET}&x=1",
        f"/live?follow={SECRET}",
        f"/open311/v2/requests.json?api_key={SECRET}&status=open",
        f"/hooks/facebook/?hub.mode=subscribe&hub.verify_token={SECRET}",
        f"/login?next=/l/{SECRET}",
        f"/login?next=%2Ff%2F{SECRET}",
        f"https://graph.facebook.com/me?access_token={SECRET}",
        f"Authorization: Bearer {SECRET}",
        f"DETAIL: Key (follow)=({SECRET}) already exists.",
        f"https://1022.example.vn/f/{SECRET}?done=reply",
    ],
)
def test_a_line_of_the_log_opens_nothing(line):
    assert SECRET not in hide(line) and "…" in hide(line)


SECRETS = {"token", "follow", "proof", "word"}  # parameters of addresses
PLAIN = {
    "act",
    "code",
    "digest",
    "form",
    "key",
    "kind",
    "language",
    "move",
    "name",
    "once",
    "paper",
    "requirement",
    "rest",
    "script",
    "size",
    "step",
    "username",
    "what",
}


def addresses(resolver, before=""):
    for pattern in resolver.url_patterns:
        here = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern, here)
        else:
            yield here


@pytest.mark.parametrize("address", sorted(set(addresses(get_resolver()))))
def test_an_address_with_a_secret_in_it_is_masked_and_a_new_kind_of_parameter_is_decided_on(address):
    names = {name for kind, name in re.findall(r"<(?:(\w+):)?(\w+)>", address) if kind != "int"}
    assert names <= SECRETS | PLAIN, "a secret or not? SECRETS or PLAIN above, and BEFORE_SECRETS"
    line = "Bad Request: /" + re.sub(r"<(?:\w+:)?(\w+)>", lambda m: SECRET if m[1] in SECRETS else "x1", address)
    assert SECRET not in hide(line), "BEFORE_SECRETS in lib/privacy/secret_links.py"


def test_a_line_names_its_request_and_a_digest_of_where_it_comes_from(town, caplog):
    caplog.set_level("INFO")
    Client().get("/register", REMOTE_ADDR="198.51.100.7")
    Client().get("/register", REMOTE_ADDR="198.51.100.7")
    Client().get("/register", REMOTE_ADDR="198.51.100.8")
    one, same, other = (record.source for record in caplog.records if record.name == "caunoi.request")
    assert one == same != other and "198" not in one


@pytest.mark.parametrize(
    "line", ["/p/26-000123-4", "/desk/26-000123-4/", "/register?q=den&category=lamps", "/report", "/tthc/1.004194"]
)
def test_what_opens_nothing_stays(line):
    assert hide(line) == line


def test_a_trace_and_what_goes_with_a_line_are_masked_too():
    try:
        raise ValueError(f"cannot open /f/{SECRET}")
    except ValueError:
        record = logging.LogRecord("x", 40, "f", 1, "%s", (f"/invite/{SECRET}",), sys.exc_info())
    record.path, record.status = f"/l/{SECRET}", 500
    line = Formatter().format(record)
    assert SECRET not in line and json.loads(line)["status"] == 500


def test_a_refused_request_leaves_no_secret_in_the_log(town, caplog):
    ticket = actions.take(Report(text="Đèn tắt", channel="web", once="a"), by=town.lan)
    Client().post(f"/f/{ticket.follow}/reply", {"text": ""})
    Client().get(f"/l/{SECRET}")
    Client().get(f"/invite/{SECRET}")
    lines = [Formatter().format(record) for record in caplog.records]
    assert any("/f/…" in line for line in lines)
    assert not any(ticket.follow in line or SECRET in line for line in lines)


@pytest.mark.parametrize(
    ("environ", "status"),
    [
        ({"REMOTE_ADDR": "127.0.0.1"}, 200),
        ({"REMOTE_ADDR": "::1"}, 200),
        ({"REMOTE_ADDR": "198.51.100.7"}, 403),
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "198.51.100.7"}, 403),
        ({"REMOTE_ADDR": ""}, 403),
    ],
)
def test_the_figures_of_the_machine_are_for_its_own_host(db, environ, status):
    assert Client().get("/metrics", **environ).status_code == status


def test_with_a_token_they_are_for_who_has_it(db, settings):
    settings.METRICS_TOKEN = "s3cret"
    assert Client().get("/metrics").status_code == 403
    assert Client().get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 403
    answer = Client().get("/metrics", headers={"Authorization": "Bearer s3cret"}, REMOTE_ADDR="198.51.100.7")
    assert answer.status_code == 200 and b"caunoi_events_pending" in answer.content


def test_the_staff_reads_what_was_said_without_the_key(town):
    ticket = actions.take(
        Report(text="Đèn tắt", channel="zalo", once="z", reporter=Reporter(phone="+84900000001")), by=town.lan
    )
    link = f"http://127.0.0.1:8022/f/{ticket.follow}"
    assert hide_citizens(f"Theo dõi: {link}") == "Theo dõi: http://127.0.0.1:8022/f/…"
    said = Message.objects.create(
        conversation=ticket.conversation, inbound=False, text=f"Theo dõi: {link} hoặc /r/{SECRET}"
    )
    heard = Message.objects.create(conversation=ticket.conversation, inbound=True, text="Cảm ơn", quoted=f"> {link}")
    for message in (said, heard):
        Exchange.objects.create(message=message, ticket=ticket, sort="remark")
    for name in ("lan", "tam", "thu"):
        client = Client()
        client.force_login(town.users[name], backend="django.contrib.auth.backends.ModelBackend")
        page = client.get(f"/desk/{ticket.code}/").content.decode()
        assert "Theo dõi" in page and ticket.follow not in page and SECRET not in page


@pytest.mark.parametrize("who", ["lan", "tam", "minh", "hoa", "quan", "thu", "phong"])
def test_no_one_signed_in_as_staff_rates_closes_or_answers_for_the_citizen(town, who):
    ticket = actions.take(Report(text="Đèn tắt", channel="web", once="b"), by=town.lan)
    actions.move(ticket, "accept", by=town.lan, category=town.lamps)
    actions.move(ticket, "answer", by=town.lan, text="Đã sửa")
    client = Client()
    client.force_login(town.users[who], backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(f"/f/{ticket.follow}").content.decode()
    assert "Đã sửa" in page and "<form" not in page.split("<main")[1].split("</main")[0]
    before = Ticket.objects.values().get()
    for act, data in (
        ("rate", {"grade": "good"}),
        ("close", {}),
        ("reopen", {"reopen_text": "x"}),
        ("reply", {"text": "x"}),
        ("takedown", {"takedown_text": "x"}),
        ("push", {}),
    ):
        assert client.post(f"/f/{ticket.follow}/{act}", data).status_code == 403, act
    for act, data in (
        ("rating", {"grade": "satisfied"}),
        ("close", {}),
        ("reopen", {"text": "x"}),
        ("comments", {"text": "x"}),
    ):
        answer = client.post(f"/api/v1/mine/{ticket.follow}/{act}", json.dumps(data), content_type="application/json")
        assert answer.status_code == 403, act
    assert Ticket.objects.values().get() == before and not ticket.ratings.exists()
    assert Client().post(f"/f/{ticket.follow}/rate", {"grade": "good"}).status_code == 302 and ticket.ratings.exists()

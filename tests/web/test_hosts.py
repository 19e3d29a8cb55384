"""The staff's own host name, and the headers of what is no page.

Proves: S16 `__Host-` cookies, Permissions-Policy, CORP, headers on /live; CAUNOI_STAFF_URL: staff pages there only"""

import asyncio
import os
import subprocess
import sys

import pytest
from django.test import Client
from django.urls import get_resolver
from pytest_django import Settings

from caunoi.web import live
from caunoi.web.access import ACCESS
from caunoi.web.hosts import is_for_staff

STAFF, CITIZENS = {"HTTP_HOST": "desk.example"}, {"HTTP_HOST": "1022.example"}


@pytest.fixture
def apart(settings: Settings, db: None) -> None:
    settings.ALLOWED_HOSTS = ["desk.example", "1022.example", "testserver"]
    settings.STAFF_HOST, settings.STAFF_URL, settings.PUBLIC_URL = (
        "desk.example",
        "https://desk.example",
        "https://1022.example",
    )


def test_staff_pages_answer_on_their_host_alone(apart: None, town, client: Client) -> None:
    for path in ("/login", "/desk/", "/setup/", "/board/", "/agency/", "/sessions", "/notices/"):
        assert client.get(path, **CITIZENS).status_code == 404, path
        assert client.get(path).status_code == 404, "nor on any other name"
        assert client.get(path, **STAFF).status_code in (200, 302), path
    assert client.post("/login", {"username": "lan", "password": "x"}, **CITIZENS).status_code == 404
    client.force_login(town.users["lan"])
    assert client.get("/desk/", **STAFF).status_code == 200
    assert client.get("/desk/", **CITIZENS).status_code == 404


def test_public_pages_lead_from_the_staffs_host_to_the_publics(apart: None, client: Client) -> None:
    assert client.get("/register?q=đèn", **STAFF).url.startswith("https://1022.example/register?q=")
    assert client.get("/", **STAFF).url == "/after-login"
    assert client.get("/", **CITIZENS).status_code == 200
    assert client.post("/lookup", {"code": "1"}, **STAFF).status_code == 404


@pytest.mark.parametrize("path", ["/health/live", "/api/v1/procedures"])
def test_what_machines_ask_answers_on_both(apart: None, client: Client, path: str) -> None:
    assert client.get(path, **STAFF).status_code == client.get(path, **CITIZENS).status_code != 404


def test_every_address_is_on_one_host_or_said_to_be_on_both() -> None:
    assert {name for name in ACCESS if is_for_staff(name) is None} == {
        *("set_language", "picture", "health", "health-seen", "live", "ready", "reads", "metrics", "api:*"),
        *("voice-before", "voice-ticket", "voice-prompt", "voice-sound"),
    }
    assert {name for name in ACCESS if is_for_staff(name) is False} == {"citizen:*", "open311:*", "link"}
    assert get_resolver()


def test_without_the_setting_nothing_changes(client: Client, town) -> None:
    assert client.get("/").status_code == 200 and client.get("/login").status_code == 200


def test_pages_say_what_they_may_use_and_staff_pages_are_nobody_elses(client: Client, town) -> None:
    assert "microphone=()" in client.get("/")["Permissions-Policy"]
    assert "Cross-Origin-Resource-Policy" not in client.get("/")
    client.force_login(town.users["lan"])
    assert client.get("/desk/")["Cross-Origin-Resource-Policy"] == "same-origin"


def test_what_is_answered_beside_django_has_its_headers_too(settings: Settings) -> None:
    sent = []

    async def send(message) -> None:
        sent.append(message)

    asyncio.run(live.respond(send, 403))
    headers = dict(sent[0]["headers"])
    assert (
        headers[b"x-content-type-options"] == b"nosniff" and b"frame-ancestors" in headers[b"content-security-policy"]
    )
    assert b"strict-transport-security" not in headers
    settings.SECURE_HSTS_SECONDS, settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = 60, True
    assert dict(live.safe_headers())[b"strict-transport-security"] == b"max-age=60; includeSubDomains"


@pytest.mark.parametrize(
    ("environ", "cookie", "origins"),
    [
        ({"CAUNOI_PUBLIC_URL": "http://127.0.0.1:8022"}, "sessionid", []),
        ({"CAUNOI_PUBLIC_URL": "https://1022.example"}, "__Host-sessionid", ["https://1022.example"]),
        (
            {"CAUNOI_PUBLIC_URL": "https://1022.example", "CAUNOI_STAFF_URL": "https://desk.example/"},
            "__Host-sessionid",
            ["https://1022.example", "https://desk.example"],
        ),
    ],
)
def test_cookies_and_origins_follow_the_addresses(environ, cookie, origins) -> None:
    code = "from caunoi import settings as s; print(s.SESSION_COOKIE_NAME, s.CSRF_TRUSTED_ORIGINS, s.STAFF_HOST)"
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **environ}, capture_output=True, text=True, check=True
    )
    host = "desk.example" if "CAUNOI_STAFF_URL" in environ else ""
    assert done.stdout.strip() == f"{cookie} {origins} {host}".strip()

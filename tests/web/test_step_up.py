"""A fresh proof before dangerous acts; the second step of signing in.

Proves: step-up: a table of views, nothing typed is lost, a wrong proof does nothing; half signed in is not signed in"""

import re
from datetime import timedelta
from html import unescape
from types import SimpleNamespace

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client
from django.urls import get_resolver
from django.utils.timezone import now
from pytest_django import Settings

from caunoi.accounts import attempts, factors
from caunoi.accounts.models import CodeApp, Key, ServiceAccount, User, WrongPassword
from caunoi.directory.actions import set_option
from caunoi.drafts.models import Draft
from caunoi.events.actor import SYSTEM
from caunoi.events.models import Event
from caunoi.lib.crypto import totp
from caunoi.web.access import ACCESS, ENROLMENT
from caunoi.web.step_up import STEP_UP
from tests.web.test_access import addresses

RIGHT = "sông Bé mùa nước"
AT = "2026-11-29T08:00:10+07:00"
KEY = {
    "use": "open311",
    "label": "Ứng dụng <1022> & “bạn”",
    "owner": "quan",
    "days": "30",
    "reason": "Chưa có quản trị viên thứ hai",
    "do": "save",
}


@pytest.fixture
def town(town: SimpleNamespace, settings: Settings) -> SimpleNamespace:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    for user in town.users.values():
        user.set_password(RIGHT)
        user.save()
    return town


def signed_in(user: User) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client


def enrol(user: User) -> bytes:
    factors.begin_app(user)
    secret = factors.base64.b32decode(CodeApp.objects.get(user=user).pending)
    assert factors.confirm_app(user, totp.code(secret, totp.step_at(now().timestamp())))
    return secret


def current(secret: bytes, steps: int = 0) -> str:
    return totp.code(secret, totp.step_at(now().timestamp()) + steps)


def kept(answer: HttpResponse) -> dict[str, str]:
    """The hidden fields of the page that asks."""
    form = answer.content.decode().split('id="proof"')[1]
    rows = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form)
    return {name: unescape(value) for name, value in rows if name != "csrfmiddlewaretoken"}


def test_every_row_is_about_an_address_that_exists() -> None:
    views = {view for view, _ in addresses(get_resolver())}
    assert set(STEP_UP) <= views
    assert views >= ENROLMENT and all(view in ACCESS for view in ENROLMENT)


HARMLESS = """
    home ready system rehearsal starter portal options triage limit texts text-new text categories category-new category
    cells cells-fetch edition
    custodians custodian-end
    targets target-new target rules rule-new rule outages outage-new outage-cancel alerts alert-new alert
    alert-past report-numbers report-forms report-form witnesses ladder rung-new rung-remove calendars
    calendar-new day-new day-remove calendar agencies agency-new agency reorganisations reorganisation-new
    reorganisation reorganisation-edit reorganisation-print reorganisation-change secret people people-review
    imports import-template import import-columns import-oddities keys inboxes inbox-new inbox inbox-read
    voice voice-notice voice-notice-end voice-menu voice-menu-drop voice-choice voice-choice-drop voice-prompt
    voice-result voice-result-new voice-result-retire skills skills-of
    privacy privacy-request-new privacy-request retention hold-new breaches breach-new breach breach-print
    breach-told helpers history level3 assurance assurance-withdraw
""".split()
"""The pages of the setup whose acts open nothing to anybody, and those that only show."""


def test_every_act_of_the_setup_asks_for_a_proof_or_is_known_to_be_harmless() -> None:
    views = {view.removeprefix("setup:") for view, _ in addresses(get_resolver()) if view.startswith("setup:")}
    asking = {view.removeprefix("setup:") for view in STEP_UP if view.startswith("setup:")}
    assert sorted(views - asking) == sorted(HARMLESS)


@pytest.mark.parametrize(
    ("address", "fields"),
    [
        ("keys/accounts/{account}/", {"do": "issue", "days": "30", "reason": "Gấp"}),
        ("keys/1/approve", {}),
        ("history/1/undo", {}),
        ("people/lan/close", {}),
        ("people/lan/deputy", {}),
        ("inboxes/zalo/switch", {"do": "off"}),
        ("witnesses/switch", {"do": "resume"}),
        ("helpers/triage/switch", {"do": "off"}),
        ("options/helper_triage", {"value": ""}),
        ("cells/1/decide", {"do": "bring_in"}),
        ("options/plane_key", {"value": ""}),
        ("privacy/retention/calls", {"days": "1"}),
    ],
)
def test_an_act_that_opens_something_waits_for_the_proof(
    town: SimpleNamespace, address: str, fields: dict[str, str]
) -> None:
    client = signed_in(town.users["quan"])
    account = ServiceAccount.objects.create(name="Cổng", owner=town.users["quan"], role="operator", scopes=["open311"])
    with time_machine.travel(now() + timedelta(minutes=11)):
        page = client.post(f"/setup/{address.format(account=account.pk)}", fields)
        assert page.status_code == 200 and 'id="proof"' in page.content.decode()
    assert not Key.objects.exists()


def test_the_list_of_all_accounts_is_taken_after_a_proof(town: SimpleNamespace) -> None:
    client = signed_in(town.users["quan"])
    with time_machine.travel(now() + timedelta(minutes=11)):
        for address in ("people/review.csv", "privacy/register?format=csv"):
            answer = client.get(f"/setup/{address}")
            assert answer.status_code == 302 and answer["Location"].startswith("/prove?")


def test_a_key_is_issued_after_a_fresh_proof_with_all_that_was_typed(town: SimpleNamespace) -> None:
    client = signed_in(town.users["quan"])
    with time_machine.travel(now() + timedelta(minutes=9)):
        assert client.post("/setup/keys/new", KEY).status_code == 302, "whoever has just signed in has proved it"
    Key.objects.all().delete()
    ServiceAccount.objects.all().delete()
    with time_machine.travel(now() + timedelta(minutes=11)):
        page = client.post("/setup/keys/new", KEY)
        assert page.status_code == 200 and not Key.objects.exists()
        assert kept(page) == KEY
        page = client.post("/setup/keys/new", kept(page) | {"proof-password": "wrong"})
        assert "not right" in page.content.decode() and kept(page) == KEY and not Key.objects.exists()
        answer = client.post("/setup/keys/new", kept(page) | {"proof-password": RIGHT})
        assert answer.status_code == 302 and Key.objects.get().label == KEY["label"]
        assert client.post("/setup/keys/1/revoke").status_code == 404, "for some minutes it is not asked again"
    with time_machine.travel(now() + timedelta(minutes=22)):
        assert client.post("/setup/keys/new", KEY).status_code == 200
        assert Key.objects.count() == 1


def test_with_a_second_factor_the_password_alone_proves_nothing(town: SimpleNamespace) -> None:
    quan = town.users["quan"]
    client = signed_in(quan)
    with time_machine.travel(now() + timedelta(minutes=11), tick=False) as clock:
        secret = enrol(quan)
        clock.shift(60)
        page = client.post("/setup/keys/new", KEY | {"proof-password": RIGHT})
        assert not Key.objects.exists() and "proof-code" in page.content.decode()
        client.post("/setup/keys/new", KEY | {"proof-code": current(secret)})
        assert Key.objects.count() == 1
        assert not Draft.objects.filter(fields__has_key="proof-code").exists()


def test_the_tries_are_bounded_and_somebody_elses_do_not_count(town: SimpleNamespace) -> None:
    client = signed_in(town.users["quan"])
    with time_machine.travel(now() + timedelta(minutes=11)):
        for _ in range(attempts.FACTOR_TRIES):
            assert client.post("/setup/keys/new", KEY | {"proof-password": "x"}).status_code == 200
        answer = client.post("/setup/keys/new", KEY | {"proof-password": RIGHT})
        assert answer.status_code == 429 and not Key.objects.exists()
        other = client.post("/setup/keys/new", KEY | {"proof-password": RIGHT}, REMOTE_ADDR="10.9.8.7")
        assert other.status_code == 302
    assert not WrongPassword.objects.filter(source__contains="quan").exists()
    refused = Event.objects.filter(kind="session.refuse", subject_id=town.users["quan"].pk)
    assert refused.count() == attempts.FACTOR_TRIES + 1, "every wrong proof is written down, and one too many"


def test_files_are_fetched_after_the_proof_and_pages_open_without(town: SimpleNamespace) -> None:
    client = signed_in(town.users["quan"])
    with time_machine.travel(now() + timedelta(minutes=11)):
        for path in ("/setup/people/", "/setup/people/lan/", "/setup/keys/new", "/board/tickets"):
            assert client.get(path).status_code == 200, path
        for path in ("/setup/imports/all/people.csv", "/board/tickets?format=csv"):
            asked = client.get(path, headers={"referer": "http://testserver/setup/imports/"})
            assert asked.status_code == 302 and asked["Location"].startswith("/prove?next="), path
        page = client.get(asked["Location"])
        assert kept(page) == {"next": "/board/tickets?format=csv", "back": "/setup/imports/"}
        proved = client.post("/prove", kept(page) | {"proof-password": RIGHT})
        assert 'href="/board/tickets?format=csv"' in proved.content.decode()
        assert client.get("/setup/imports/all/people.csv").status_code == 200
        elsewhere = client.get("/prove?next=https://evil.example/")
        assert elsewhere["Location"] == "/after-login"


def test_a_part_of_a_page_leads_the_window_to_the_proof(town: SimpleNamespace) -> None:
    client = signed_in(town.users["quan"])
    with time_machine.travel(now() + timedelta(minutes=11)):
        headers = {"hx-request": "true", "hx-current-url": "http://testserver/setup/keys/new"}
        answer = client.post("/setup/keys/new", KEY, headers=headers)
        assert (answer.status_code, answer["HX-Redirect"]) == (401, "/prove?next=%2Fsetup%2Fkeys%2Fnew")
        assert not Key.objects.exists()


def test_only_the_numbers_about_signing_in_need_a_proof(town: SimpleNamespace) -> None:
    client = signed_in(town.users["quan"])
    with time_machine.travel(now() + timedelta(minutes=11)):
        assert client.post("/setup/options/reopen_days", {"value": "20", "do": "save"}).status_code == 302
        assert client.post("/setup/options/factor_roles", {"value": "", "do": "save"}).status_code == 200
        assert client.post("/setup/options/proof_minutes", {"value": "480", "do": "save"}).status_code == 200


def test_whoever_must_have_a_second_factor_sees_nothing_else(town: SimpleNamespace) -> None:
    set_option("factor_roles", "admin supervisor", by=SYSTEM)
    client = signed_in(town.users["tam"])
    for path in ("/desk/", "/notices/", "/setup/", "/desk/find?q=x", "/board/"):
        answer = client.get(path, headers={"accept": "text/html"})
        assert (answer.status_code, answer["Location"]) == (302, "/factors/"), path
    page = client.get("/factors/").content.decode()
    assert "hx-get" not in page and "/logout" in page
    assert client.get("/factors/app").status_code == 200
    secret = factors.base64.b32decode(CodeApp.objects.get().pending)
    answer = client.post("/factors/app", {"code": current(secret)})
    assert answer["Location"] == "/factors/codes"
    assert "/board/" in client.get("/factors/codes").content.decode(), "the page that was asked for last"
    assert client.get("/desk/").status_code == 200
    assert signed_in(town.users["lan"]).get("/desk/").status_code == 200


def test_half_signed_in_is_not_signed_in(town: SimpleNamespace) -> None:
    tam = town.users["tam"]
    with time_machine.travel(AT, tick=False) as clock:
        secret = enrol(tam)
        clock.shift(60)
        client = Client(headers={"accept-language": "en"})
        answer = client.post("/login", {"username": "tam", "password": RIGHT, "next": "/desk/calls"})
        assert answer["Location"] == "/login/second"
        assert client.get("/desk/")["Location"].startswith("/login?")
        assert client.post("/login/second", {"proof-code": "000000"}).status_code == 422
        assert client.post("/login/second", {"proof-password": RIGHT}).status_code == 422
        answer = client.post("/login/second", {"proof-code": current(secret)})
        assert answer["Location"] == "/desk/calls" and client.get("/desk/").status_code == 200
        assert "half" not in client.session
        # a password that was changed meanwhile, an account that was closed, and ten minutes end the half
        for end in ("password", "closed", "time"):
            client = Client()
            clock.shift(60)
            client.post("/login", {"username": "tam", "password": RIGHT})
            if end == "password":
                User.objects.get(pk=tam.pk).take_password("another one of hers")
            if end == "closed":
                User.objects.filter(pk=tam.pk).update(is_active=False)
            if end == "time":
                clock.shift(601)
            client.post("/login/second", {"proof-code": current(secret)})
            assert "_auth_user_id" not in client.session, end
            User.objects.get(pk=tam.pk).take_password(RIGHT)
            User.objects.filter(pk=tam.pk).update(is_active=True)


def test_a_passkey_of_nobody_signs_nobody_in(town: SimpleNamespace) -> None:
    client = Client(headers={"accept-language": "en", "host": "localhost"})
    for answer in ("", "{}", "[]", '{"id": 1}', '{"id": "AQ", "response": null}', "\x00", "x" * 10_000):
        assert client.post("/login/passkey/show").status_code == 200
        assert client.post("/login/passkey", {"proof-passkey": answer})["Location"] == "/login"
        assert "_auth_user_id" not in client.session
    assert Client(headers={"host": "127.0.0.1"}).post("/login/passkey/show").status_code == 400

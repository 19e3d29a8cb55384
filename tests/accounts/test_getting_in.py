"""Invitations that are sent, and codes for those who forgot their password: once, for their time, and kept nowhere."""

from datetime import timedelta
from types import SimpleNamespace

import httpx
import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client
from django.utils.timezone import now
from pytest_django import Settings

from caunoi.accounts import invitations, recovery
from caunoi.accounts.models import Recovery, User
from caunoi.accounts.queries import digest
from caunoi.conversations.actions import dispatch, make_inbox
from caunoi.conversations.models import Callback, Outgoing
from caunoi.conversations.queries import undelivered
from caunoi.directory.actions import write_text
from caunoi.events.actor import SYSTEM
from caunoi.events.models import Event
from caunoi.notifications import enrolment
from tests.providers.sms import Sms

HERE = digest("here")


@pytest.fixture
def gateway() -> Sms:
    provider = Sms().start()
    yield provider
    provider.stop()


@pytest.fixture
def town(town: SimpleNamespace, gateway: Sms, settings: Settings) -> SimpleNamespace:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    make_inbox("texts", "sms", secrets=gateway.secrets(), **gateway.settings())
    User.objects.filter(username="lan").update(phone="+84912000111", password=make_password("sông Bé"))
    User.objects.filter(username="tam").update(phone="+84912000222", password=make_password(None), last_login=None)
    town.sms = gateway
    return town


def person(name: str) -> User:
    return User.objects.get(username=name)


def go() -> None:
    with httpx.Client() as http:
        dispatch(http)


def test_an_invitation_goes_out_once_and_the_link_is_kept_nowhere(town: SimpleNamespace) -> None:
    first = enrolment.invite(person("tam"), by=town.quan)
    assert first is not None and enrolment.invite(person("tam"), by=town.quan) == first
    go()
    (said,) = town.sms.sent
    token = said["text"].rsplit("/invite/", 1)[1]
    assert invitations.invited(token) == person("tam")
    assert enrolment.invite(person("tam"), by=town.quan).pk == first.pk, "within a minute"
    outgoing = [(row.text, row.values, row.secret) for row in Outgoing.objects.all()]
    kept = [*outgoing, *Event.objects.values_list("data")]
    assert "{link}" in str(kept) and token[:20] not in str(kept)
    assert invitations.accept(token, "chợ nổi Cái Bè") == person("tam")
    assert invitations.invited(token) is None
    with pytest.raises(ValueError, match="in use"):
        enrolment.invite(person("tam"), by=town.quan)


def test_what_did_not_arrive_stands_beside_the_person_and_nowhere_else(town: SimpleNamespace) -> None:
    town.sms.refused.add("84912000222")
    enrolment.invite(person("tam"), by=town.quan)
    go()
    row = Outgoing.objects.get()
    assert row.state == "failed" and row.trouble
    assert not undelivered(SYSTEM).exists() and not Callback.objects.exists()
    assert enrolment.progress().failed == enrolment.progress().due == 1
    town.sms.refused.clear()
    assert enrolment.invite_all(by=town.quan) == 1 and enrolment.invite_all(by=town.quan) == 0
    go()
    assert (enrolment.progress().sent, enrolment.progress().due) == (1, 0)


def test_what_is_over_before_it_goes_is_not_sent(town: SimpleNamespace) -> None:
    enrolment.invite(person("tam"), by=town.quan)
    person("tam").take_password("chợ nổi Cái Bè")
    go()
    assert not town.sms.sent and Outgoing.objects.get().state == "expired"


def test_the_words_are_the_provinces_own(town: SimpleNamespace) -> None:
    write_text("invitation_sms", "Moi {user}: {link}", by=SYSTEM)
    enrolment.invite(person("tam"), by=town.quan)
    go()
    assert town.sms.sent[0]["text"].startswith("Moi tam: http")


def code_of(town: SimpleNamespace, name: str = "lan", browser: str = HERE) -> str:
    assert enrolment.send_code(name, browser)
    row = Recovery.objects.order_by("-pk").first()
    shown = recovery.code_and_link(row.pk)
    go()
    assert shown["code"] in town.sms.sent[-1]["text"]
    assert shown["code"] not in str(list(Outgoing.objects.values())) + str(list(Recovery.objects.values()))
    return shown["code"]


def test_a_code_opens_for_the_browser_that_asked_and_once(town: SimpleNamespace) -> None:
    code = code_of(town)
    assert recovery.redeem(code, "elsewhere") is None
    token = recovery.redeem(code, "here")
    other = recovery.redeem(code, "here")
    assert recovery.finish(token, "bến phà Vàm Cống") == person("lan")
    assert recovery.finish(token, "another one here") is None and recovery.finish(other, "another one here") is None
    assert recovery.redeem(code, "here") is None
    assert person("lan").check_password("bến phà Vàm Cống")
    assert Event.objects.filter(kind="person.recover", subject_id=person("lan").pk, by="lan").count() == 1


def test_five_tries_and_a_quarter_of_an_hour(town: SimpleNamespace) -> None:
    code = code_of(town)
    for _ in range(5):
        assert recovery.redeem("00000000", "here") is None
    assert recovery.redeem(code, "here") is None
    code = code_of(town)
    Recovery.objects.update(at=now() - timedelta(minutes=15, seconds=1))
    assert recovery.redeem(code, "here") is None
    code = code_of(town)
    token = recovery.redeem(code, "here")
    Recovery.objects.update(at=now() - timedelta(minutes=15, seconds=1))
    assert recovery.finish(token, "bến phà Vàm Cống") is None


def test_nobody_gets_a_code_who_is_none_or_left_or_has_no_phone(town: SimpleNamespace) -> None:
    User.objects.filter(username="tam").update(is_active=False)
    assert [enrolment.send_code(name, HERE) for name in ("nobody", "tam", "minh", "", "lan' OR 1=1")] == [False] * 5
    assert not Outgoing.objects.exists() and not Recovery.objects.exists()


def test_a_password_that_was_changed_ends_the_codes(town: SimpleNamespace) -> None:
    token = recovery.redeem(code_of(town), "here")
    person("lan").take_password("chợ nổi Cái Bè")
    assert recovery.recovering(token) is None


def test_the_page_says_the_same_of_anybody_and_stops_whoever_goes_on(town: SimpleNamespace) -> None:
    pages = []
    for name in ("lan", "nobody-of-this-name"):
        client = Client(headers={"accept-language": "en"})
        answer = client.post("/login/forgotten", {"username": name}, REMOTE_ADDR=f"198.51.100.{len(pages)}")
        assert answer.status_code == 302
        pages.append(client.get("/login/code").content.split(b"<h1>")[1].split(b"<form")[0])
    assert pages[0] == pages[1]
    client = Client()
    statuses = [
        client.post("/login/forgotten", {"username": "lan"}, REMOTE_ADDR="203.0.113.5").status_code for _ in range(4)
    ]
    assert statuses == [302, 302, 302, 429]
    assert Client().get("/login/code").status_code == 200
    assert Client().post("/login/forgotten", {"username": "\x00"}).status_code == 422


def test_where_nothing_can_be_sent_the_page_says_whom_to_ask(town: SimpleNamespace) -> None:
    Outgoing.objects.all().delete()
    enrolment.senders().sms.delete()
    answer = Client(headers={"accept-language": "en"}).get("/login/forgotten")
    assert b"ask an administrator" in answer.content and b"name=username" not in answer.content

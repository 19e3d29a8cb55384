"""What somebody is told of their own account, and administrators of keys: in their own bell and nobody else's.

Proves: S5 a new device and S9 a password that was handed out are told to the person; keys to other administrators"""

from datetime import timedelta
from types import SimpleNamespace

from django.test import Client
from django.utils.timezone import now

from caunoi.accounts import actions, factors, service_accounts, sessions
from caunoi.accounts.models import Key, User
from caunoi.conversations.actions import make_inbox
from caunoi.conversations.models import Outgoing
from caunoi.events.actor import Role
from caunoi.events.models import Event
from caunoi.notifications import personal
from caunoi.notifications.queries import mine
from tests.providers.sms import Sms


def told(name: str) -> list[str]:
    return [row.notice for row in mine(User.objects.get(username=name).as_actor())]


def follow(kind: str) -> Event:
    event = Event.objects.filter(kind=kind).latest("id")
    for _ in range(2):
        personal.tell(event)
    return event


def test_a_new_device_is_told_to_its_person_alone_in_the_bell_and_by_sms(town: SimpleNamespace) -> None:
    make_inbox("texts", "sms", secrets=Sms().secrets(), brand="1022", preset="vnpt", url="https://sms.example")
    User.objects.filter(username="lan").update(phone="+84912000111")
    lan = User.objects.get(username="lan")
    for _ in range(2):
        sessions.begin(lan, device="Chrome · Windows", address="10.0.0.9", method="password", familiar=False)
    follow("session.new_device")
    assert told("lan") == ["session.new_device.person"] and told("tam") == told("quan") == []
    (letter,) = Outgoing.objects.all()
    assert "Chrome · Windows" in letter.text and letter.address == "+84912000111" and "10.0.0.9" not in letter.text
    client = Client()
    client.force_login(lan)
    assert "Chrome · Windows" in client.get("/notices/").content.decode()
    assert client.get(f"/notices/{mine(lan.as_actor()).get().pk}").url == "/sessions"


def test_a_password_that_was_handed_out_is_told_to_its_person(town: SimpleNamespace) -> None:
    actions.hand_password(town.users["lan"], by=town.quan)
    assert follow("person.hand_password").data["username"] == "lan"
    assert told("lan") == ["person.hand_password.person"] and told("quan") == []


def test_a_key_is_told_to_the_other_administrators_or_to_the_supervisors(town: SimpleNamespace) -> None:
    account = service_accounts.add(
        "Máy", Key.Use.API, owner=town.users["lan"], role=Role.OPERATOR, scopes=["measures"], by=town.quan
    )
    service_accounts.issue(account, Key.Use.API, now() + timedelta(days=3), by=town.quan, reason="gấp")
    follow("key.alone")
    assert told("tam") == ["key.alone.person"] and told("quan") == told("lan") == []
    User.objects.create(username="qua", full_name="Qua", role="admin", last_login=now())
    service_accounts.issue(account, Key.Use.API, now() + timedelta(days=3), by=town.quan)
    follow("key.ask")
    assert told("qua") == ["key.ask.person"] and "key.ask.person" not in told("tam") + told("quan")


def test_a_reset_of_second_factors_is_told_to_the_other_administrators_and_leads_to_the_person(town: SimpleNamespace):
    qua = User.objects.create(username="qua", full_name="Qua", role="admin", last_login=now())
    factors.ask_reset(town.users["tam"], by=town.quan)
    follow("factor.ask")
    assert told("qua") == ["factor.ask.person"] and told("quan") == told("tam") == told("lan") == []
    client = Client()
    client.force_login(qua)
    assert "administrator: tam" in client.get("/notices/", headers={"accept-language": "en"}).content.decode()
    assert client.get(f"/notices/{mine(qua.as_actor()).get().pk}").url == "/setup/people/tam/"

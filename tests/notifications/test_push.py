"""A citizen's browser is told what happens to the ticket: sealed for it alone, signed by us, once."""

import json
import shutil

import http_ece
import httpx
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from django.test import Client

from caunoi.events.actor import SYSTEM, citizen
from caunoi.events.queries import history
from caunoi.host import home
from caunoi.lib.crypto import webpush
from caunoi.notifications import push, tasks
from caunoi.notifications.models import Push, Subscription
from caunoi.routing import actions as routing
from caunoi.tickets import actions as tickets
from caunoi.tickets import proofs
from caunoi.tickets.report import Report
from caunoi.vault import rotation
from caunoi.web.citizen.own import COOKIE

AUTH = "BTBZMqHH6r4Tts7J_aSIgg"


class Service:
    """A push service: believes nobody without a signature, and hands on what it cannot read to one browser, which
    can."""

    def __init__(self, name="one"):
        self.key = ec.generate_private_key(webpush.CURVE)
        self.endpoint = f"https://fcm.googleapis.com/fcm/send/{name}"
        self.status, self.heard, self.known = 201, [], None

    def subscription(self, **more):
        keys = {"p256dh": webpush.b64(webpush.public(self.key)), "auth": AUTH}
        return {"endpoint": self.endpoint, "expirationTime": None, "keys": keys, **more}

    def answer(self, request):
        if self.status == 0:
            raise httpx.ConnectError("away")
        if self.status != 201:
            return httpx.Response(self.status)
        token, shown = request.headers["Authorization"].removeprefix("vapid t=").split(", k=")
        said, _, signature = token.rpartition(".")
        raw, sender = (
            webpush.unb64(signature),
            ec.EllipticCurvePublicKey.from_encoded_point(webpush.CURVE, webpush.unb64(shown)),
        )
        der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
        sender.verify(der, said.encode(), ec.ECDSA(hashes.SHA256()))
        assert json.loads(webpush.unb64(said.split(".")[1]))["aud"] == "https://fcm.googleapis.com"
        if shown != self.known:
            return httpx.Response(403)
        assert request.headers["Content-Encoding"] == "aes128gcm" and int(request.headers["TTL"]) > 0
        self.heard.append(
            json.loads(http_ece.decrypt(request.content, private_key=self.key, auth_secret=webpush.unb64(AUTH)))
        )
        return httpx.Response(201)

    def http(self):
        return httpx.Client(transport=httpx.MockTransport(self.answer))


@pytest.fixture
def ticket(town):
    report = Report(text="Đèn trước nhà tắt", channel="web", once="a", area_id=town.ward.pk)
    return tickets.take(report, by=citizen())


@pytest.fixture
def service(ticket):
    found = Service()
    found.known = Client().get(f"/f/{ticket.follow}/push").json()["key"]
    return found


def post(ticket, body, **headers):
    return Client(enforce_csrf_checks=True, headers=headers).post(
        f"/f/{ticket.follow}/push", json.dumps(body), content_type="application/json"
    )


@pytest.fixture
def route(town, ticket, monkeypatch):
    """Accept and hand over, and tell of it; gives the pushes that wait."""
    lined = []
    monkeypatch.setattr(tasks.deliver, "defer", lambda pk: lined.append(pk))

    def go():
        tickets.move(ticket, "accept", by=town.lan, category=town.lamps)
        leg = routing.route(ticket, town.works, by=town.lan)
        assert leg
        tasks.tell.many(told(ticket))
        return lined

    return go


def told(ticket):
    return [event for event in history(ticket) if event.kind == "ticket.route"]


def test_a_browser_hears_of_the_next_step_in_its_language_and_nothing_private(ticket, service, route):
    assert post(ticket, service.subscription(), accept_language="vi").json() == {"on": True}
    for pk in route():
        push.send(pk, service.http())
    (heard,) = service.heard
    assert (
        heard["title"] == f"Phiếu {ticket.code}"
        and heard["url"] == f"/f/{ticket.follow}"
        and heard["tag"] == ticket.code
    )
    assert "Xí nghiệp Công trình công cộng" in heard["body"] and "nhà" not in heard["body"]


def test_a_change_of_our_key_loses_no_browser(ticket, service, route, tmp_path, monkeypatch):
    """Services refuse whoever signs by another key than the browser subscribed under."""
    shutil.copy(home.master_file(), tmp_path)
    monkeypatch.setenv("CAUNOI_HOME", str(tmp_path))
    service.known = Client().get(f"/f/{ticket.follow}/push").json()["key"]
    assert post(ticket, service.subscription()).status_code == 200
    made = rotation.rotate("push", by=SYSTEM)
    rotation.rotate("push", by=SYSTEM)
    fresh = Client().get(f"/f/{ticket.follow}/push").json()["key"]
    assert fresh != service.known and len(push.keys()) == 3
    shown = {one.id: one.in_use for one in rotation.listing() if one.name == "push"}
    assert shown[made] is False and [*shown.values()] == [True, False, False]
    assert (tmp_path / "push_key.pem").stat().st_mode & 0o777 == 0o600
    for pk in route():
        push.send(pk, service.http())
    assert len(service.heard) == 1 and Push.objects.get().state == Push.State.SENT


def test_a_browser_that_comes_again_has_one_new_way_for_all_its_tickets(ticket, service, town):
    report = Report(text="Đèn sau nhà tắt", channel="web", once="b", area_id=town.ward.pk)
    other = tickets.take(report, by=citizen())
    for one in (ticket, other):
        assert post(one, service.subscription()).status_code == 200
    again = Service("two")
    assert post(ticket, again.subscription(before=service.endpoint)).status_code == 200
    rows = Subscription.objects.order_by("ticket")
    assert [(row.ticket_id, row.endpoint) for row in rows] == [(one.pk, again.endpoint) for one in (ticket, other)]
    assert {row.p256dh for row in rows} == {again.subscription()["keys"]["p256dh"]}
    assert post(other, service.subscription(off=True, before=again.endpoint)).status_code == 200
    assert Subscription.objects.get().ticket == ticket


def test_told_again_and_sent_by_two_workers_it_is_heard_once(ticket, service, route):
    post(ticket, service.subscription())
    lined = route()
    tasks.tell.many(told(ticket))
    for pk in [*lined, *lined]:
        push.send(pk, service.http())
    assert len(service.heard) == 1 and Push.objects.get().state == "sent"


@pytest.mark.parametrize("status", [0, 429, 500, 503])
def test_a_service_that_is_away_is_tried_again(ticket, service, route, status):
    post(ticket, service.subscription())
    (pk,) = route()
    service.status = status
    with pytest.raises(push.PushUnavailableError):
        push.send(pk, service.http())
    service.status = 201
    push.send(pk, service.http())
    assert len(service.heard) == 1


@pytest.mark.parametrize("status", [404, 410])
def test_a_browser_that_is_gone_is_forgotten(ticket, service, route, status):
    post(ticket, service.subscription())
    (pk,) = route()
    service.status = status
    push.send(pk, service.http())
    assert not Subscription.objects.exists() and not Push.objects.exists()


def test_whoever_ends_it_while_a_service_is_asked_troubles_nobody(ticket, service, route):
    post(ticket, service.subscription())
    (pk,) = route()
    there = service.answer

    def answer(request):
        Subscription.objects.all().delete()
        return there(request)

    service.answer = answer
    push.send(pk, service.http())
    assert len(service.heard) == 1 and not Push.objects.exists()


def test_whoever_ends_it_hears_no_more_and_whoever_comes_later_hears_nothing_old(ticket, service, route):
    lined = route()
    post(ticket, service.subscription())
    tasks.tell.many(told(ticket))
    assert lined == []
    assert post(ticket, service.subscription(off=True)).json() == {"on": False}
    assert not Subscription.objects.exists()


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://fcm.googleapis.com/x",
        "https://evil.example/x",
        "https://127.0.0.1/x",
        "https://fcm.googleapis.com.evil.example/x",
        "https://a@fcm.googleapis.com/x",
        "https://push.apple.com.evil.example",
        "file:///etc/passwd",
        "",
        "https://[",
    ],
)
def test_only_push_services_are_asked(ticket, service, endpoint):
    assert post(ticket, service.subscription() | {"endpoint": endpoint}).status_code == 422
    assert not Subscription.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        [],
        1,
        {},
        {"endpoint": "https://fcm.googleapis.com/x"},
        {"endpoint": "https://fcm.googleapis.com/x", "keys": {"p256dh": "AA", "auth": "AA"}},
    ],
)
def test_what_is_no_subscription_is_refused(ticket, body):
    assert post(ticket, body).status_code == 422


def test_a_stranger_without_the_link_hears_nothing(ticket, service):
    assert Client().get("/f/nothing/push").status_code == 404
    assert post(type("Other", (), {"follow": "nothing"}), service.subscription()).status_code == 404


def test_a_ticket_has_room_for_a_family_not_for_a_flood(ticket, service):
    for number in range(push.MOST):
        assert post(ticket, service.subscription() | {"endpoint": f"{service.endpoint}{number}"}).status_code == 200
    assert post(ticket, service.subscription() | {"endpoint": f"{service.endpoint}more"}).status_code == 422
    assert post(ticket, service.subscription() | {"endpoint": f"{service.endpoint}1"}).status_code == 200


def test_what_a_code_opened_for_a_while_is_pushed_nowhere_for_longer(ticket, service):
    """What is pushed names the link that lasts, and goes on when the hour is over."""
    ticket.contact.phone = "+84987612345"
    ticket.contact.save()
    browser = Client()
    row = proofs.ask(ticket.code, "0987612345", "browser", proofs.CODE)
    _ticket, browser.cookies[COOKIE] = proofs.redeem(proofs.reveal_code(row.pk)["code"], "browser")
    page = browser.get(f"/f/{ticket.code}").content.decode()
    assert "data-push" not in page and ticket.follow not in page
    body = json.dumps(service.subscription())
    assert browser.post(f"/f/{ticket.code}/push", body, content_type="application/json").status_code == 404
    assert not Subscription.objects.exists()
    assert "data-push" in Client().get(f"/f/{ticket.follow}").content.decode()

"""An emergency rings in a browser of the staff though no page is open: without a word of it, once, until somebody has
it."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils.timezone import now

from caunoi.events.actor import citizen
from caunoi.events.models import Event
from caunoi.events.queries import history
from caunoi.notifications import alarm_push, tasks
from caunoi.notifications.models import AlarmPush, Push, StaffBrowser
from caunoi.notifications.push import PushUnavailableError, public_key
from caunoi.tickets import actions as tickets
from caunoi.tickets.report import Report
from caunoi.triage import ringing
from caunoi.triage.models import Alarm
from tests.notifications.test_push import Service

FIRE = "cháy nhà ở hẻm 3 đường Nguyễn Huệ, còn người trong nhà chưa ra được"


@pytest.fixture
def lined(monkeypatch):
    waiting = []
    monkeypatch.setattr(tasks.deliver_alarm, "defer", lambda pk: waiting.append(pk))
    return waiting


@pytest.fixture
def heard(lined):
    """Everybody's browsers, by name; what waits is sent when it is called."""

    def send(service):
        before = len(service.heard)
        for pk in lined:
            alarm_push.send(pk, service.http())
        lined.clear()
        return service.heard[before:]

    return send


def browser(town, name, *, service=None):
    client = Client()
    client.force_login(town.users[name])
    service = service or Service(name)
    service.known = public_key()
    assert post(client, service.subscription()).json() == {"on": True}
    return client, service


def post(client, body):
    return client.post("/desk/alarms/push", json.dumps(body), content_type="application/json")


def rings(once="a", text=FIRE, **more):
    ticket = tickets.take(Report(text=text, channel="web", once=once), by=citizen())
    if more:
        type(ticket).objects.filter(pk=ticket.pk).update(**more)
    ringing.listen(list(history(ticket)))
    row = Alarm.objects.order_by("pk").last()
    step(row)
    return row


def steps(row):
    return list(Event.objects.filter(subject="alarm", subject_id=row.pk).order_by("pk"))


def step(row):
    """What follows the last step of an alarm."""
    event = steps(row)[-1]
    tasks.push_alarm(event)
    return event


def listeners(event=None):
    """Whose browsers hear of a step; of any."""
    rows = AlarmPush.objects.filter(event=event) if event else AlarmPush.objects.all()
    return set(rows.values_list("browser__user__username", flat=True))


def test_it_rings_with_whoever_asked_and_is_silent_when_somebody_has_it(town, heard):
    _client, service = browser(town, "lan")
    row = rings()
    (shown,) = heard(service)
    assert (shown["title"], shown["url"], shown["rings"]) == ("Tin khẩn cấp 114", "/desk/alarms/", True)
    assert set(shown) == {"title", "body", "url", "tag", "rings"} and "cháy" not in json.dumps(shown)
    assert ringing.acknowledge(row, by=town.lan)
    step(row)
    (over,) = heard(service)
    assert (over["tag"], over["rings"], over["body"]) == (shown["tag"], False, "Đã có người nhận.")


def test_the_same_step_again_or_by_two_workers_is_heard_once(town, heard, lined):
    _client, service = browser(town, "lan")
    step(rings())
    lined += lined
    assert len(heard(service)) == 1 and AlarmPush.objects.get().state == Push.State.SENT


def test_what_was_pushed_a_month_ago_goes_when_the_next_one_rings(town, heard, lined):
    _, ears = browser(town, "lan")
    rings()
    heard(ears)
    AlarmPush.objects.update(at=now() - timedelta(days=31))
    old = set(AlarmPush.objects.values_list("pk", flat=True))
    rings("b")
    assert old and not old & set(AlarmPush.objects.values_list("pk", flat=True))
    assert len(heard(ears)) == 1


def test_what_came_late_says_that_somebody_has_it(town, heard):
    _client, service = browser(town, "lan")
    row = rings()
    ringing.acknowledge(row, by=town.lan)
    assert [one["rings"] for one in heard(service)] == [False]


def test_it_rings_with_those_it_climbs_to_and_with_nobody_else(town, lined):
    for name in ("lan", "tam", "phong", "thu"):
        browser(town, name)
    row = rings()
    assert listeners() == {"lan", "tam"}
    Alarm.objects.filter(pk=row.pk).update(climbs=now() - timedelta(seconds=1))
    assert ringing.climb(row.pk)
    assert listeners(step(row)) == {"tam"}
    Alarm.objects.filter(pk=row.pk).update(climbs=now() - timedelta(seconds=1))
    assert ringing.climb(row.pk)
    assert listeners(step(row)) == {"phong"}
    assert ringing.acknowledge(row, by=town.tam)
    assert listeners(step(row)) == {"lan", "tam", "phong"}


def test_in_confidence_it_rings_with_custodians_alone_and_says_not_even_the_number(town, lined):
    browser(town, "lan")
    _client, service = browser(town, "thu")
    row = rings()
    AlarmPush.objects.all().delete()
    Alarm.objects.filter(pk=row.pk).update(restricted=True)
    for pk in alarm_push.line_up(steps(row)[0]):
        alarm_push.send(pk, service.http())
    (shown,) = service.heard
    assert "114" not in json.dumps(shown) and shown["title"] == "Khẩn cấp, gửi kín" and shown["url"] == "/confidential/"
    assert listeners() == {"thu"}


def test_a_browser_is_of_whoever_used_it_last(town):
    lan, service = browser(town, "lan")
    ask = {"endpoint": service.endpoint, "asks": True}
    assert post(lan, ask).json() == {"on": True}
    tam, _same = browser(town, "tam", service=service)
    assert (post(lan, ask).json(), post(tam, ask).json()) == ({"on": False}, {"on": True})
    assert StaffBrowser.objects.get().user == town.users["tam"]
    assert post(lan, service.subscription(off=True)).json() == {"on": False} and StaffBrowser.objects.exists()
    assert post(tam, service.subscription(off=True)).json() == {"on": False} and not StaffBrowser.objects.exists()


def test_a_browser_that_subscribes_anew_leaves_nothing_behind(town):
    lan, service = browser(town, "lan")
    assert post(lan, Service("anew").subscription(before=service.endpoint)).status_code == 200
    assert StaffBrowser.objects.get().endpoint == Service("anew").endpoint


def test_there_is_room_for_a_desk_not_for_a_flood(town):
    lan, service = browser(town, "lan")
    for number in range(alarm_push.MOST - 1):
        assert post(lan, service.subscription() | {"endpoint": f"{service.endpoint}{number}"}).status_code == 200
    assert post(lan, service.subscription() | {"endpoint": f"{service.endpoint}more"}).status_code == 422
    assert post(lan, service.subscription()).status_code == 200


EVIL = {"endpoint": "https://evil.example/x", "keys": {"p256dh": "AA", "auth": "AA"}}


@pytest.mark.parametrize("body", [[], {}, EVIL])
def test_what_is_no_subscription_is_refused(town, body):
    lan, _service = browser(town, "lan")
    assert post(lan, body).status_code == 422


def test_a_service_that_is_away_is_tried_again_and_a_browser_that_is_gone_forgotten(town, heard, lined):
    _client, service = browser(town, "lan")
    rings()
    service.status = 503
    with pytest.raises(PushUnavailableError):
        heard(service)
    service.status = 410
    heard(service)
    assert not StaffBrowser.objects.exists() and not AlarmPush.objects.exists()


def test_who_left_hears_nothing(town, lined):
    browser(town, "lan")
    type(town.users["lan"]).objects.filter(pk=town.users["lan"].pk).update(is_active=False)
    rings()
    assert lined == []


def test_a_stranger_gets_neither_key_nor_worker(town):
    assert Client().get("/desk/alarms/push").status_code == 302
    assert Client().get("/desk/alarms/worker.js").status_code == 302


def test_the_worker_is_a_program(town):
    client, _service = browser(town, "lan")
    answer = client.get("/desk/alarms/worker.js")
    assert answer["Content-Type"].startswith("text/javascript") and b"showNotification" in answer.content

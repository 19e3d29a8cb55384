"""Alerts watch measures, each group by itself, and tell whom they are for, once."""

from datetime import timedelta

import pytest

from caunoi.accounts.models import User
from caunoi.calls.models import Call
from caunoi.conversations.models import Inbox, Outgoing
from caunoi.events.actor import NotAllowed
from caunoi.notifications.queries import unseen
from caunoi.reports import alerts, readings
from caunoi.reports.models import Firing
from tests.reports.conftest import TODAY


def made(town, **values):
    usual = {"name": "Quá hạn", "measure": "overdue", "each": "agency", "threshold": 1, "roles": ["supervisor"]}
    return alerts.add_alert(by=town.quan, **(usual | values))


def notices(by):
    return [n.notice for n in unseen(by) if n.notice.startswith("alert.")]


def test_it_fires_once_tells_its_role_and_is_over_once(town, august, work, time_machine):
    row = made(town)
    assert [alerts.watch(at=TODAY + timedelta(minutes=m)) for m in range(5)] == [1, 0, 0, 0, 0]
    work()
    assert notices(town.tam) == ["alert.fire.supervisor"]
    assert notices(town.phong) == [] == notices(town.lan)
    assert Firing.objects.get().groups == {"xncongtrinh": 1.0}
    alerts.edit_alert(row, by=town.quan, threshold=9)
    told = [alerts.watch(at=TODAY + timedelta(minutes=m)) for m in range(5, 30)]
    assert sum(told) == 1
    work()
    assert notices(town.tam) == ["alert.resolve.supervisor", "alert.fire.supervisor"]
    assert Firing.objects.get().over


def test_a_hundred_groups_are_one_alert(town, august, monkeypatch):
    many = {f"c{n}": float(n) for n in range(100)}
    monkeypatch.setattr(alerts, "values", lambda row, at: many)
    made(town, threshold=50, mail=True)
    assert alerts.watch(at=TODAY) == 1
    assert len(Firing.objects.get().groups) == 50
    row = Firing.objects.get()
    assert alerts.said(row.alert, row.groups)[0].startswith("c99: 99")  # the worst first


def test_the_same_minute_looked_at_twice_is_told_once(town, august):
    made(town, again_minutes=0)
    assert [alerts.watch(at=TODAY), alerts.watch(at=TODAY)] == [1, 0]
    assert Firing.objects.count() == 1


def test_it_is_mailed_to_those_of_the_role_who_have_an_address(town, august):
    Inbox.objects.filter(name="email").update(config={"address": "1022@demo.example", "smtp_host": "mail.demo.example"})
    User.objects.filter(username="tam").update(email="tam@demo.example")
    made(town, mail=True)
    alerts.watch(at=TODAY)
    mail = Outgoing.objects.get()
    assert (mail.address, mail.title) == ("tam@demo.example", "Cảnh báo: Quá hạn")
    assert "Xí nghiệp Công trình công cộng: 1 phiếu" in mail.text


def test_a_share_of_few_says_nothing(town, august, monkeypatch):
    since = TODAY - timedelta(days=60)
    assert readings.late_share(since, TODAY, "") == {}
    monkeypatch.setattr(readings, "option", lambda name: 3)
    assert readings.late_share(since, TODAY, "") == {"": pytest.approx(2 / 5 * 100)}


def test_every_reading_answers_for_every_group_it_offers(town, august):
    for reading in readings.READINGS.values():
        for by in reading.by:
            assert all(isinstance(v, float) for v in reading.read(TODAY - timedelta(days=60), TODAY, by).values())
    assert readings.received(TODAY - timedelta(days=60), TODAY, "agency") == {"xncongtrinh": 6.0}
    assert not Call.objects.exists() and readings.abandoned(TODAY - timedelta(days=1), TODAY, "") == {}


def test_only_administrators_set_alerts_up_and_what_is_off_is_silent(town, august):
    with pytest.raises(NotAllowed):
        alerts.add_alert(by=town.tam, name="x", measure="overdue", threshold=1, roles=[])
    row = made(town)
    alerts.watch(at=TODAY)
    alerts.switch_off(row, by=town.quan)
    assert Firing.objects.get().over
    assert alerts.watch(at=TODAY + timedelta(hours=9)) == 0

"""Alerts watch measures, each group by itself, and tell whom they are for, once.

Proves: Alerts on every measure, narrowed by agency, field, commune, channel; above, below, changed by per cent, a
day above its control limit; what the last 30 days would have told"""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caunoi.accounts.models import User
from caunoi.calls.models import Call
from caunoi.conversations.models import Inbox, Outgoing
from caunoi.events.actor import NotAllowedError
from caunoi.notifications.queries import unseen
from caunoi.reports import alerts, readings
from caunoi.reports.models import Firing
from caunoi.reports.readings import Ask
from caunoi.statistics.measures import MEASURES
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
    assert alerts.group_lines(row.alert, row.groups)[0].startswith("c99: 99")  # the worst first


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


def ask(by="", days=60, **more):
    return Ask(since=TODAY - timedelta(days=days), until=TODAY, by=by, **more)


def test_a_share_of_few_says_nothing(town, august, monkeypatch):
    assert readings.late_share(ask()) == {} == readings.READINGS["on_time"].read(ask())
    monkeypatch.setattr(readings, "option", lambda name: 3)
    assert readings.late_share(ask()) == {"": pytest.approx(2 / 5 * 100)}
    assert readings.READINGS["on_time"].read(ask()) == {"": pytest.approx(3 / 5 * 100)}


def test_every_measure_is_read_and_every_reading_answers_for_every_group_it_offers(town, august):
    assert set(MEASURES) - {"tickets"} <= set(readings.READINGS)  # those are what is received
    for reading in readings.READINGS.values():
        assert reading.by and set(reading.by) <= set(readings.GROUPS)
        for by in reading.by:
            assert all(isinstance(v, float) for v in reading.read(ask(by)).values())
    assert readings.received(ask("agency")) == {"xncongtrinh": 6.0}
    assert not Call.objects.exists() and readings.abandoned(ask(days=1)) == {}


def test_what_is_in_no_commune_is_no_commune_and_the_centre_is_called_so(town, august, monkeypatch):
    row = made(town, measure="received", each="area", threshold=1)
    nowhere = replace(alerts.READINGS["received"], read=lambda ask: {"": 26.0, "25195": 6.0})
    monkeypatch.setitem(alerts.READINGS, "received", nowhere)
    assert alerts.values(row, TODAY) == {"25195": 6.0}
    centre = replace(alerts.READINGS["overdue"], read=lambda ask: {"": 3.0})
    monkeypatch.setitem(alerts.READINGS, "overdue", centre)
    row = made(town)
    assert alerts.values(row, TODAY) == {"": 3.0} and alerts.group_lines(row, {"": 3.0})[0].startswith("trung tâm: 3")


def test_it_is_narrowed_to_what_it_is_about(town, august):
    assert readings.received(ask(only={"agency": "xncongtrinh"})) == {"": 6.0}
    assert readings.received(ask(only={"agency": "dienluc"})) == {"": 0.0}
    row = made(
        town, measure="received", each="", only={"agency": "xncongtrinh", "channel": "web"}, window_minutes=86400
    )
    assert alerts.values(row, TODAY) == {"": 6.0}
    assert "Xí nghiệp Công trình công cộng · Trang web từ 1 phiếu" in alerts.condition(row)


def test_a_change_is_told_against_a_week_before(town, august, monkeypatch):
    """Four lamps came in the week of the third, one in the week after, and few in the others."""
    monkeypatch.setattr(alerts, "option", lambda name: 3)
    row = made(town, measure="received", each="", how="change", above=False, threshold=50, window_minutes=7 * 1440)
    week = TODAY.replace(month=8, day=16)
    assert alerts.values(row, week) == {"": -75.0} and alerts.broken(row, alerts.values(row, week))
    assert alerts.values(row, TODAY) == {}  # of so few before, nothing is said
    assert "-75%" in alerts.group_lines(row, {"": -75.0})[0]


SOME = st.dictionaries(st.sampled_from("abc"), st.floats(0, 1e6))


@given(SOME, SOME)
def test_a_change_is_said_of_what_was_enough_before_only(now, then):
    moved = readings.change(now, then, 10)
    assert set(moved) == {key for key in now if then.get(key, 0) >= 10}
    assert all((moved[key] > 0) == (now[key] > then[key]) for key in moved if abs(now[key] - then[key]) > 1e-3)


def test_a_day_above_its_limit_is_told_and_an_ordinary_one_is_not(town, august, monkeypatch):
    row = made(town, measure="received", each="category", how="limits", threshold=0)
    assert alerts.values(row, TODAY) == {}
    days = {TODAY.date() - timedelta(days=n): 3 for n in range(80)}
    monkeypatch.setattr(
        readings.outlook, "daily", lambda scope, by: {"lamps": days, "roads": days | {TODAY.date(): 40}}
    )
    assert alerts.values(row, TODAY) == {"roads": 40.0}
    assert alerts.watch(at=TODAY) == 1 and alerts.watch(at=TODAY + timedelta(minutes=1)) == 0


def test_a_past_month_says_how_often_it_would_have_told(town, august):
    """Lamps came on the mornings of 3, 4, 5, 6, 10 and 31 August; the window is a day."""
    row = made(town, measure="received", each="", threshold=1, window_minutes=1440)
    told = alerts.past(row, TODAY.replace(hour=12), days=30)
    assert [at.date().day for at in told] == [3, 10, 31]
    assert alerts.past(made(town), TODAY) is None  # a list as it is now
    assert not Firing.objects.exists()


def test_what_is_counted_over_a_month_is_not_looked_at_each_minute(town, august, monkeypatch):
    row, looked = made(town, measure="received", each="", threshold=99, window_minutes=43_200), []
    monkeypatch.setattr(alerts, "values", lambda row, at: looked.append(at) or {})
    for minutes in range(60):
        alerts.watch(at=TODAY + timedelta(minutes=minutes))
    assert looked == [TODAY, TODAY + timedelta(minutes=29), TODAY + timedelta(minutes=58)] and row.pk


def test_only_administrators_set_alerts_up_and_what_is_off_is_silent(town, august):
    with pytest.raises(NotAllowedError):
        alerts.add_alert(by=town.tam, name="x", measure="overdue", threshold=1, roles=[])
    row = made(town)
    alerts.watch(at=TODAY)
    alerts.switch_off(row, by=town.quan)
    assert Firing.objects.get().over
    assert alerts.watch(at=TODAY + timedelta(hours=9)) == 0

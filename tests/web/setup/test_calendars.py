"""Calendars and special days in the browser: open deadlines follow, and say so."""

from datetime import date, timedelta

import pytest
from django.utils.timezone import localdate

from caunoi.directory.models import Calendar
from caunoi.directory.queries import calendar, days
from caunoi.events.queries import history
from caunoi.sla.queries import handle
from caunoi.tickets import actions as tickets
from caunoi.tickets.report import Report


def saturday():
    today = localdate()
    return today + timedelta(days=(5 - today.weekday()) % 7 + 7)


def typed(on, works="works", note="Làm bù"):
    return {
        "do": "save",
        "date": on if isinstance(on, str) else on.isoformat(),
        "works": works,
        "note": note,
        "calendar": "",
    }


def week(**hours):
    days = {f"day{n}": "7:00-11:00 13:30-17:30" if n < 5 else "" for n in range(7)}
    return {"do": "save", "name": "Giờ mùa hè", **days, **hours}


def test_a_working_saturday_is_worked_and_its_undo_lets_it_rest(quan, undo, town):
    response = quan.post("/setup/calendars/days/new", typed(saturday()), follow=True)
    assert calendar("office").windows(saturday())
    undo(response)
    assert not calendar("office").windows(saturday())


@pytest.mark.django_db(transaction=True)
def test_a_day_off_moves_the_open_deadlines_it_touches_and_they_say_so(quan, town, work):
    report = Report(text="Đèn tắt", channel="web", once="a", category_id=town.lamps.pk)
    ticket = tickets.take(report, by=town.lan)
    tickets.move(ticket, "accept", by=town.lan)
    work()
    due = handle(ticket).due
    quan.post("/setup/calendars/days/new", typed(due.date(), "off", "Bão"))
    work()
    assert handle(ticket).due > due
    assert [e.kind for e in history(ticket)][-1] == "sla.recount"
    row = days(due.date()).get(date=due.date())
    quan.post(f"/setup/calendars/days/{row.pk}/remove")
    work()
    assert handle(ticket).due == due


def test_public_holidays_stand_beside_the_provinces_own_days(quan, town):
    quan.post("/setup/calendars/days/new", typed(saturday(), note="Riêng"))
    rows = quan.get("/setup/calendars/").context["days"]
    assert any(row.day and row.name == "Riêng" for row in rows)
    assert any(row.day is None and "Quốc khánh" in row.name for row in rows)
    assert [row.date for row in rows] == sorted(row.date for row in rows)


def test_a_day_needs_its_reason(quan, town):
    response = quan.post("/setup/calendars/days/new", typed("2027-03-01", "off", ""))
    assert response.status_code == 422
    assert 'value="2027-03-01"' in response.content.decode()
    assert not days(date(2027, 1, 1)).exists()


@pytest.mark.parametrize("day", ["2027-03-01", "", "soon", "3000-01-01"])
def test_what_a_day_will_do_is_said_before_it_is_saved(quan, town, day):
    response = quan.post("/setup/calendars/days/new", typed(day) | {"do": "preview"}, headers={"hx-request": "true"})
    assert response.status_code == 200
    assert ("running deadlines" in response.content.decode()) == (day == "2027-03-01")


def test_hours_can_be_changed_and_changed_back(quan, undo, town):
    Calendar.objects.filter(code="office").update(sessions={"0": [["08:00", "16:00"]]})
    response = quan.post("/setup/calendars/office/", week(), follow=True)
    assert len(calendar("office").week[0]) == 2
    undo(response)
    assert len(calendar("office").week[0]) == 1


@pytest.mark.parametrize("hours", ["seven to five", "13:00-17:00 7:00-11:00", "25:00-26:00"])
def test_hours_that_are_none_are_refused_and_kept(quan, town, hours):
    response = quan.post("/setup/calendars/office/", week(day2=hours))
    assert response.status_code == 422
    assert hours in response.content.decode()


def test_a_new_calendar_may_run_day_and_night(quan, town):
    quan.post("/setup/calendars/new", {"do": "save", "code": "shifts", "name": "Ba ca", "always": "on"})
    assert calendar("shifts").round_the_clock

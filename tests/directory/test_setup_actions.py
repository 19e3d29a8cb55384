"""What only an administrator may change, whoever asks and from wherever."""

from datetime import date

import pytest

from caunoi.accounts import actions as accounts
from caunoi.accounts import service_accounts
from caunoi.directory import actions
from caunoi.directory.models import Day
from caunoi.directory.queries import calendar, option
from caunoi.events.actor import NotAllowedError, Role
from caunoi.events.queries import history
from caunoi.routing import rulebook as routing
from caunoi.routing.models import Rule
from caunoi.sla import actions as sla
from caunoi.sla.models import Target

DOES = {
    "set_option": lambda t, by: actions.set_option("reopen_days", 3, by=by),
    "write_text": lambda t, by: actions.write_text("consent", "x", by=by),
    "add_category": lambda t, by: actions.add_category("x", name="x", name_en="x", group="x", by=by),
    "edit_category": lambda t, by: actions.edit_category(t.lamps, order=9, by=by),
    "retire": lambda t, by: actions.retire(t.works, by=by),
    "restore": lambda t, by: actions.restore(t.works, by=by),
    "add_agency": lambda t, by: actions.add_agency("x", name="x", kind="other", by=by),
    "edit_agency": lambda t, by: actions.edit_agency(t.works, name="x", by=by),
    "save_calendar": lambda t, by: actions.save_calendar("x", "x", {"0": [["08:00", "12:00"]]}, by=by),
    "set_day": lambda t, by: actions.set_day(date(2027, 3, 1), False, by=by),
    "remove_day": lambda t, by: actions.remove_day(Day.objects.create(date=date(2027, 3, 2), works=False), by=by),
    "add_target": lambda t, by: sla.add_target(clock="handle", category=t.noise, days=3, by=by),
    "change_target": lambda t, by: sla.change_target(
        Target.objects.last(), days=3, minutes=None, calendar="office", by=by
    ),
    "retire_target": lambda t, by: sla.retire_target(Target.objects.last(), by=by),
    "restore_target": lambda t, by: sla.restore_target(Target.objects.last(), by=by),
    "add_rule": lambda t, by: routing.add_rule(agency=t.works, by=by),
    "edit_rule": lambda t, by: routing.edit_rule(Rule.objects.last(), order=7, by=by),
    "retire_rule": lambda t, by: routing.retire_rule(Rule.objects.last(), by=by),
    "restore_rule": lambda t, by: routing.restore_rule(Rule.objects.last(), by=by),
    "add_person": lambda t, by: accounts.add_person("x", "x", Role.LEADER, by=by),
    "edit_person": lambda t, by: accounts.edit_person(t.users["lan"], role=Role.LEADER, by=by),
    "deactivate": lambda t, by: accounts.deactivate(t.users["lan"], by=by),
    "activate": lambda t, by: accounts.activate(t.users["lan"], by=by),
    "hand_password": lambda t, by: accounts.hand_password(t.users["lan"], by=by),
    "add_program": lambda t, by: service_accounts.add(
        "x", "open311", owner=t.users["quan"], role=Role.OPERATOR, scopes=["reports.post"], by=by
    ),
}


@pytest.mark.parametrize("name", DOES)
@pytest.mark.parametrize("who", ["lan", "tam", "hoa", "thu", "phong"])
def test_nobody_but_an_administrator_may(town, name, who):
    with pytest.raises(NotAllowedError):
        DOES[name](town, getattr(town, who))


@pytest.mark.parametrize("name", DOES)
def test_an_administrator_may(town, name):
    DOES[name](town, town.quan)


@pytest.mark.parametrize(
    ("name", "value"), [("reopen_days", 0), ("warn_percent", 101), ("reopen_days", "15"), ("hours", 7)]
)
def test_an_option_keeps_its_type_and_its_bounds(town, name, value):
    with pytest.raises(ValueError, match=name):
        actions.set_option(name, value, by=town.quan)
    assert option("reopen_days") == 15


def test_a_day_of_one_calendar_wins_over_the_day_of_all(town):
    office = calendar("office")
    day = date(2027, 3, 1)
    assert office.windows(day)
    actions.set_day(day, False, by=town.quan)
    assert not calendar("office").windows(day)
    row = town.works.calendar
    actions.set_day(day, True, calendar=row, by=town.quan)
    assert calendar("office").windows(day)


def test_an_event_holds_what_was_and_what_is(town):
    office = town.works.calendar_id
    actions.edit_agency(town.works, calendar=town.power.calendar, short="XN", by=town.quan)
    data = history(town.works).last().data
    assert data["before"] == {"calendar": office, "short": ""}
    assert data["after"] == {"calendar": town.power.calendar_id, "short": "XN"}


def test_an_agencys_person_needs_an_agency_and_another_has_none(town):
    with pytest.raises(ValueError, match="agency"):
        accounts.add_person("x", "x", Role.OFFICER, by=town.quan)
    with pytest.raises(ValueError, match="agency"):
        accounts.add_person("x", "x", Role.OPERATOR, agency=town.works, by=town.quan)


def test_a_target_is_never_begun_in_the_past(town):
    with pytest.raises(ValueError, match="since"):
        sla.add_target(clock="handle", category=town.noise, days=3, since=date(2026, 1, 1), by=town.quan)

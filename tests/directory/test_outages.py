"""Planned outages are announced in time, or say why not.

Proves: Channels, hours, planned outages: rows in Setup with history and undo, refused when announced later than 7
working days (⚙) ahead with the first possible moment, or an excuse in public; banner on the home page while it
lasts"""

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils.timezone import now

from caunoi.directory import outages
from caunoi.directory.outages import TooLateError
from caunoi.events.actor import NotAllowedError
from caunoi.lib.worktime.counting import ZONE

MONDAY = datetime(2026, 8, 3, 9, 0, tzinfo=ZONE)
IN_TIME = datetime(2026, 8, 12, 17, 0, tzinfo=ZONE)  # seven working days later, at the close


@pytest.fixture
def monday(town: SimpleNamespace, time_machine: Any) -> None:
    time_machine.move_to(MONDAY, tick=False)


def say(town: SimpleNamespace, starts: datetime, **more: Any) -> Any:
    return outages.announce("phone", starts, starts + timedelta(hours=4), "Đổi máy chủ.", by=town.quan, **more)


def test_seven_working_days_are_enough_and_a_minute_less_is_not(town: SimpleNamespace, monday: None) -> None:
    with pytest.raises(TooLateError) as refused:
        say(town, IN_TIME - timedelta(minutes=1))
    assert refused.value.earliest == IN_TIME
    row = say(town, IN_TIME)
    assert list(outages.coming()) == [row] and not outages.going_on()


def test_a_day_off_in_between_counts_for_nothing(town: SimpleNamespace, time_machine: Any) -> None:
    time_machine.move_to(datetime(2026, 8, 25, 9, 0, tzinfo=ZONE), tick=False)  # 31 August to 2 September are off
    assert outages.earliest(now()) == datetime(2026, 9, 8, 17, 0, tzinfo=ZONE)


def test_what_could_not_be_planned_says_why(town: SimpleNamespace, monday: None) -> None:
    row = say(town, MONDAY, excuse="Mất điện cả khu.")
    assert outages.going_on() == [row]


def test_it_is_shown_while_it_lasts_and_not_when_called_off(
    town: SimpleNamespace, monday: None, time_machine: Any
) -> None:
    row = say(town, IN_TIME)
    time_machine.move_to(IN_TIME + timedelta(hours=1), tick=False)
    assert outages.going_on() == [row]
    outages.cancel(row, by=town.quan)
    assert not outages.going_on() and not outages.coming()
    outages.restore(row, by=town.quan)
    assert outages.going_on() == [row]
    time_machine.move_to(IN_TIME + timedelta(hours=4), tick=False)
    assert not outages.going_on()


def test_only_administrators_announce(town: SimpleNamespace, monday: None) -> None:
    with pytest.raises(NotAllowedError):
        outages.announce("", IN_TIME, IN_TIME + timedelta(hours=1), "x", by=town.lan)
    with pytest.raises(ValueError):
        outages.announce("", IN_TIME, IN_TIME, "x", by=town.quan)

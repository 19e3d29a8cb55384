"""When a rung of the ladder falls, and when it is told: pure."""

from datetime import datetime, timedelta

import pytest

from caunoi.lib.worktime.counting import ALWAYS, OFFICE
from caunoi.sla.ladder import DEFAULT, WARN, LadderStep, lands, recipient, warned


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text.replace(' ', 'T')}+07:00")


def test_a_share_of_the_clock_falls_before_the_due_and_minutes_after_it() -> None:
    started, due = at("08-17 08:00"), at("08-17 18:00")
    assert warned(started, due, 80) == at("08-17 16:00")
    assert LadderStep(clock="handle", to="officer", percent=50).falls(started, due, 80) == at("08-17 13:00")
    assert LadderStep(clock="handle", to="officer", percent=WARN).falls(started, due, 90) == at("08-17 17:00")
    assert LadderStep(clock="handle", to="leader", minutes=90).falls(started, due, 80) == at("08-17 19:30")


@pytest.mark.parametrize(
    ("moment", "told"),
    [
        ("08-17 10:00", "08-17 10:00"),
        ("08-17 17:00", "08-17 17:00"),  # the moment of closing is still worked
        ("08-17 17:01", "08-18 07:30"),
        ("08-17 12:00", "08-17 13:00"),  # over lunch
        ("08-21 20:00", "08-22 07:30"),  # the Saturday is worked
        ("08-28 20:00", "09-03 07:30"),  # weekend, swap day, National Day
        ("11-23 17:30", "11-25 07:30"),  # 24 November is a holiday
        ("02-13 18:00", "02-23 07:30"),  # over Tết
    ],
)
def test_a_reminder_lands_in_working_hours(moment: str, told: str) -> None:
    assert lands(at(moment), OFFICE) == at(told)
    assert lands(at(moment), ALWAYS) == at(moment)


def test_what_no_agency_has_is_told_to_the_centre() -> None:
    assert [recipient(to, agency=False) for to in ("officer", "lead", "supervisor", "leader")] == [
        "operator",
        "supervisor",
        "supervisor",
        "leader",
    ]
    assert recipient("lead", agency=True) == "lead"


def test_the_usual_ladder_climbs_from_the_officer_to_the_leader() -> None:
    handle = [step for step in DEFAULT if step.clock == "handle"]
    assert [step.to for step in handle] == ["officer", "lead", "supervisor", "leader"]
    started, due = at("08-17 08:00"), at("08-19 17:00")
    falls = [step.falls(started, due, 80) for step in handle]
    assert falls == sorted(falls)
    assert len({step.code for step in DEFAULT}) == len(DEFAULT)
    assert max(len(step.code) for step in DEFAULT) <= 40
    assert falls[0] < due <= falls[1]
    assert due + timedelta(days=1) == falls[3]

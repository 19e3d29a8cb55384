"""How many calls the half hours of a day to come will bring, and how many people they take.

Proves: forecast by half hour from the last weeks and people needed"""

from datetime import date, datetime, time, timedelta

import pytest

from caunoi.calls.models import Call
from caunoi.conversations.actions import make_inbox
from caunoi.lib.erlang import service
from caunoi.statistics.limits import tame
from caunoi.statistics.periods import VIETNAM, midnight
from caunoi.statistics.staffing import BUSIEST, DAYS, TARGET, expected, roster

MONDAY = date(2026, 8, 3)
EIGHT, HALF_PAST = time(8), time(8, 30)


def never(_day):
    return False


def weeks(*counts, at=EIGHT):
    """So many calls on the Mondays before, the latest first."""
    return {(MONDAY - timedelta(weeks=n), at): count for n, count in enumerate(counts, 1)}


def test_a_day_is_judged_by_the_last_days_of_its_kind():
    came = weeks(10, 12, 14) | {(MONDAY - timedelta(days=1), EIGHT): 900}  # a Sunday
    days, calls = expected(came, MONDAY, MONDAY, never)
    assert days == [MONDAY - timedelta(weeks=n) for n in (1, 2, 3)]
    assert calls == {EIGHT: pytest.approx(12)}
    days, _ = expected(weeks(*range(1, 11)), MONDAY, MONDAY, never)
    assert len(days) == DAYS


def test_a_flood_counts_as_three_times_the_usual_and_a_quiet_half_hour_as_none():
    came = weeks(10, 10, 1000) | weeks(2, at=HALF_PAST)
    _, calls = expected(came, MONDAY, MONDAY, never)
    assert calls == {EIGHT: pytest.approx((10 + 10 + tame(12)) / 3), HALF_PAST: pytest.approx(2 / 3)}


def test_what_lies_ahead_is_not_learnt_from_and_too_little_is_none():
    came = weeks(10, 12)
    assert expected(came, MONDAY, MONDAY, never) == ([], {})
    came = weeks(10, 12, 14)
    later = MONDAY + timedelta(weeks=1)
    assert expected(came | {(MONDAY, EIGHT): 99}, later, MONDAY, never)[1] == {EIGHT: pytest.approx(12)}
    assert expected({}, MONDAY, MONDAY, never) == ([], {})


def test_days_off_are_judged_by_sundays():
    sundays = {(MONDAY - timedelta(days=1, weeks=n), EIGHT): 3 for n in range(4)}
    _, calls = expected(sundays | weeks(50, 50, 50), MONDAY, MONDAY, lambda day: day == MONDAY)
    assert calls == {EIGHT: pytest.approx(3)}


def test_the_people_of_a_half_hour_are_those_whom_erlang_asks_for(town):
    box, rows = make_inbox("phone", "phone"), []
    for week in (1, 2, 3):
        for n in range(60):
            began = datetime.combine(MONDAY - timedelta(weeks=week), EIGHT, VIETNAM) + timedelta(seconds=29 * n)
            lost = n % 10 == 0
            rows.append(
                Call(
                    inbox=box,
                    call_id=f"{week}-{n}",
                    direction="in",
                    state="ended",
                    outcome="abandoned" if lost else "answered",
                    began=began,
                    ended=began + timedelta(minutes=3),
                    waited=30 if lost else 10,
                    talked=0 if lost else 180,
                    facts={"call_id": f"{week}-{n}"},
                )
            )
    Call.objects.bulk_create(rows)
    plan = roster(MONDAY, midnight(MONDAY), never)
    assert plan is not None
    assert plan.handling == 180 and plan.patience == pytest.approx((54 * 10 + 6 * 30) / 6)
    (need,) = plan.needs
    assert (need.at, need.calls, need.low, need.high) == (datetime.combine(MONDAY, EIGHT, VIETNAM), 60, 60, 60)
    common = {"calls": 60 / 1800, "handling": 180, "patience": plan.patience}
    assert need.service == service(need.people, **common, within=20.0)
    fewer = service(need.people - 1, **common)
    assert need.service.fast >= TARGET and need.service.occupancy <= BUSIEST
    assert fewer.fast < TARGET or fewer.occupancy > BUSIEST
    assert need.endless >= need.people > 6
    quiet = roster(MONDAY + timedelta(days=1), midnight(MONDAY), never)
    assert quiet is not None and quiet.needs == ()  # three Tuesdays without a call
    assert roster(MONDAY, midnight(MONDAY - timedelta(weeks=1)), never) is None

"""One alert, not a hundred: told when it begins, reminded, told when it is over, and never in its quiet hours.

Proves: Alerts as rows: measure, group, condition, window, roles, mail, quiet hours, reminders; one firing not a
hundred; history; test now; set up with what it would say now; undo"""

from datetime import datetime, time, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from caunoi.reports.alarm import CALM, Rule, Tell, step
from caunoi.statistics.periods import VIETNAM

NOON = datetime(2026, 8, 17, 12, tzinfo=VIETNAM)
MINUTE = timedelta(minutes=1)
HOURS = st.integers(0, 23).map(time)
RULES = st.builds(
    Rule,
    threshold=st.just(1.0),
    again=st.none() | st.integers(1, 300).map(lambda m: timedelta(minutes=m)),
    quiet=st.none() | st.tuples(HOURS, HOURS),
)


def run(rule, looks, start=NOON, every=MINUTE):
    """[(moment, what was told, in the course that began then)] of a row of looks."""
    course, told, at = None, [], start
    for broken in looks:
        course, tell = step(rule, course, broken, at)
        if tell is not None:
            told.append((at, tell, course.since))
        at += every
    return told


def test_what_lasts_is_told_once_reminded_and_told_when_over():
    looks = [True] * 130 + [False] * 20
    told = run(Rule(threshold=1, again=timedelta(hours=1)), looks)
    assert [(str(tell), round((at - NOON) / MINUTE)) for at, tell, _ in told] == [
        ("fire", 0),
        ("again", 60),
        ("again", 120),
        ("resolve", 140),
    ]


def test_what_wavers_is_one_firing():
    assert [tell for _, tell, _ in run(Rule(threshold=1), [True, False] * 50 + [False] * 15)] == [
        Tell.FIRE,
        Tell.RESOLVE,
    ]


def test_what_begins_and_ends_in_quiet_hours_is_told_to_nobody():
    night = Rule(threshold=1, quiet=(time(22), time(6)))
    assert run(night, [True] * 60 + [False] * 600, start=NOON.replace(hour=23)) == []


def test_what_lasts_until_morning_is_told_then():
    night = Rule(threshold=1, quiet=(time(22), time(6)))
    ((at, tell, since),) = run(night, [True] * 430, start=NOON.replace(hour=23))
    assert (tell, at.hour, at.minute, since.hour) == (Tell.FIRE, 6, 0, 23)


def test_what_was_told_and_ends_in_the_night_is_over_in_the_morning():
    night = Rule(threshold=1, quiet=(time(22), time(6)))
    told = run(night, [True] * 100 + [False] * 700, start=NOON.replace(hour=21))
    assert [(tell, at.hour) for at, tell, _ in told] == [(Tell.FIRE, 21), (Tell.RESOLVE, 6)]


def test_conditions_break_from_their_threshold_on():
    assert Rule(threshold=5).breaks(5) and not Rule(threshold=5).breaks(4.9)
    assert Rule(threshold=5, above=False).breaks(5) and not Rule(threshold=5, above=False).breaks(5.1)


@given(RULES, st.lists(st.booleans(), max_size=200), st.integers(1, 90), st.integers(0, 1439))
def test_whatever_happens_it_is_told_in_order_and_never_in_quiet_hours(rule, looks, every, begin):
    told = run(rule, looks, start=NOON.replace(hour=0) + begin * MINUTE, every=every * MINUTE)
    courses = {}
    for at, tell, since in told:
        assert not rule.silent(at)
        courses.setdefault(since, []).append((at, tell))
    for course in courses.values():
        tells = [tell for _, tell in course]
        assert tells[0] is Tell.FIRE and tells.count(Tell.FIRE) == 1
        assert Tell.RESOLVE not in tells[:-1]
        for (one, _), (two, tell) in pairwise(course):
            assert tell is Tell.RESOLVE or two - one >= rule.again
    assert len(told) <= len(looks)


@given(RULES, st.lists(st.booleans(), min_size=1, max_size=100))
def test_a_new_firing_begins_only_after_the_old_one_was_calm(rule, looks):
    told = run(rule, looks, every=MINUTE)
    begun = sorted({since for _, _, since in told})
    assert all(two - one >= CALM for one, two in pairwise(begun))

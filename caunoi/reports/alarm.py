"""When an alert notifies: pure. One alert, not a hundred.

An alert fires when its measure breaks the condition for any group, and is one firing until it has been calm for a
while: groups that join are in the next reminder. Nothing is sent in its quiet hours; a firing that is over before they
end is in the history only."""

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from enum import StrEnum

from caunoi.statistics.periods import VIETNAM

CALM = timedelta(minutes=10)  # how long it must be back to normal to be over: wavering values are one firing


class Tell(StrEnum):
    FIRE = "fire"
    AGAIN = "again"
    RESOLVE = "resolve"


@dataclass(frozen=True, kw_only=True)
class Rule:
    """`above`: it breaks from the threshold up, else from it down. `again`: reminded so often while it lasts (None:
    never). Quiet from one hour to another, over midnight too."""

    above: bool = True
    threshold: float
    again: timedelta | None = None
    quiet: tuple[time, time] | None = None

    def breaks(self, value: float) -> bool:
        return value >= self.threshold if self.above else value <= self.threshold

    def silent(self, at: datetime) -> bool:
        if self.quiet is None or self.quiet[0] == self.quiet[1]:
            return False
        since, until = self.quiet
        clock = at.astimezone(VIETNAM).time()
        return since <= clock < until if since < until else clock >= since or clock < until


@dataclass(frozen=True, kw_only=True)
class Course:
    """The course of one firing: since when, when it last notified, since when it is back to normal, when it ended;
    `over` when nothing is left to do or send."""

    since: datetime
    notified_at: datetime | None = None
    calm: datetime | None = None
    ended: datetime | None = None
    over: bool = False


def step(rule: Rule, course: Course | None, broken: bool, at: datetime) -> tuple[Course | None, Tell | None]:
    """The course after a look at a moment, and the notification to send now. A course that is over counts as none."""
    if course is None or course.over:
        if not broken:
            return None, None
        course = Course(since=at)
    if course.ended is not None:
        return _ended(rule, course, at)
    if not broken:
        calm = course.calm or at
        if at - calm < CALM:
            return replace(course, calm=calm), None
        return _ended(rule, replace(course, calm=calm, ended=calm), at)
    course = replace(course, calm=None)
    if rule.silent(at):
        return course, None
    if course.notified_at is None:
        return replace(course, notified_at=at), Tell.FIRE
    if rule.again is not None and at - course.notified_at >= rule.again:
        return replace(course, notified_at=at), Tell.AGAIN
    return course, None


def _ended(rule: Rule, course: Course, at: datetime) -> tuple[Course, Tell | None]:
    """The alert has ended: its recipients get one more notification, outside the quiet hours."""
    if course.notified_at is None:
        return replace(course, over=True), None
    if rule.silent(at):
        return course, None
    return replace(course, over=True), Tell.RESOLVE

"""Alerts: rows that administrators write, watched every minute, sent once to their roles."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import override

from caunoi.accounts.queries import people
from caunoi.conversations.actions import post
from caunoi.conversations.queries import mailer
from caunoi.conversations.queries.channels import channel_names
from caunoi.directory.queries import option
from caunoi.events.actions import amend, record
from caunoi.events.actor import SYSTEM, Actor, Role, administrators_only
from caunoi.events.models import Event
from caunoi.lib.vietnamese.writing import sort_key
from caunoi.reports import saying
from caunoi.reports.alarm import Course, Rule, Tell, step
from caunoi.reports.figures import names
from caunoi.reports.models import Alert, Firing
from caunoi.reports.readings import LIMITED, READINGS, SHARE, Ask, Reading, change, risen
from caunoi.statistics.measures import TALLIED
from caunoi.tickets.reasons import REASONS

MAIL_GROUPS = 5  # groups named in a mail
LOOKS = 1 / 1440  # of its window between two looks: a day's each minute, a month's each half hour


def alerts() -> list[Alert]:
    """Every alert, active ones first, in the order of a Vietnamese dictionary."""
    return sorted(Alert.objects.all(), key=lambda row: (not row.active, sort_key(row.name)))


def alert(pk: int) -> Alert | None:
    return Alert.objects.filter(pk=pk).first()


def firings(*, open_only: bool = False) -> QuerySet[Firing]:
    """What fired, the newest first."""
    rows = Firing.objects.select_related("alert").order_by("-id")
    return rows.filter(ended=None) if open_only else rows


@transaction.atomic
def add_alert(*, by: Actor, **values: Any) -> Alert:
    administrators_only(by)
    row = Alert.objects.create(**values)
    record("alert.add", row, by=by, label=row.name)
    return row


@transaction.atomic
def edit_alert(row: Alert, *, by: Actor, **values: Any) -> Event | None:
    administrators_only(by)
    return amend("alert.edit", row, values, by=by, label=row.name)


@transaction.atomic
def switch_off(row: Alert, *, by: Actor) -> Event | None:
    """It no longer watches; what fires is over."""
    administrators_only(by)
    Firing.objects.filter(alert=row, over=False).update(over=True, ended=now())
    return amend("alert.off", row, {"active": False}, by=by, label=row.name)


@transaction.atomic
def switch_on(row: Alert, *, by: Actor) -> Event | None:
    administrators_only(by)
    return amend("alert.on", row, {"active": True}, by=by, label=row.name)


def rule(row: Alert) -> Rule:
    quiet = (
        None if row.quiet_since is None or row.quiet_until is None else (time(row.quiet_since), time(row.quiet_until))
    )
    again = timedelta(minutes=row.again_minutes) if row.again_minutes else None
    if row.how == Alert.How.LIMITS:
        return Rule(above=True, threshold=0, again=again, quiet=quiet)  # what is seen is outside them
    falls = row.how == Alert.How.CHANGE and not row.above
    return Rule(above=row.above, threshold=-row.threshold if falls else row.threshold, again=again, quiet=quiet)


def values(row: Alert, at: datetime, *, then: bool = False) -> dict[str, float]:
    """An alert's values at a moment, by group; `then`: at a past one, as known then. Tickets without a group are left
    out, except the centre's among the agencies. KeyError for a measure that no longer exists."""
    reading = READINGS[row.measure]
    ask = Ask(
        since=at - timedelta(minutes=row.window_minutes),
        until=at,
        by=row.each if row.each in reading.by else reading.by[0],
        only={name: code for name, code in row.only.items() if name in reading.narrow and code},
        then=then,
    )
    result = _read(row, reading, ask)
    return result if ask.by in ("", "agency") else {key: value for key, value in result.items() if key}


def _read(row: Alert, reading: Reading, ask: Ask) -> dict[str, float]:
    if row.how == Alert.How.LIMITS:
        return risen(ask) if row.measure == LIMITED else {}
    now = reading.read(ask)
    if row.how != Alert.How.CHANGE:
        return now
    if not reading.windowed:
        return {}
    counts = reading.name in TALLIED or reading.name == LIMITED
    return change(now, reading.read(ask.earlier()), option("small_number") if counts else 0)


def broken(row: Alert, seen: Mapping[str, float]) -> dict[str, float]:
    """The groups that break its condition, worst first."""
    groups = {key: value for key, value in seen.items() if rule(row).breaks(value)}
    return dict(sorted(groups.items(), key=lambda one: -one[1] if row.above else one[1]))


def watch(*, at: datetime | None = None) -> int:
    """Look at every alert once; how many notified. However many workers look, each notifies once."""
    moment = at or now()
    return sum(_look(row.pk, moment) for row in Alert.objects.filter(active=True).order_by("pk"))


@transaction.atomic
def _look(pk: int, at: datetime) -> bool:
    row = Alert.objects.select_for_update(skip_locked=True).filter(pk=pk, active=True).first()
    if row is None or row.measure not in READINGS or (row.looked is not None and row.looked + pause(row) > at):
        return False
    Alert.objects.filter(pk=pk).update(looked=at)
    firing = Firing.objects.filter(alert=row, over=False).first()
    groups = broken(row, values(row, at))
    course, tell = step(rule(row), _course(firing), bool(groups), at)
    if course is None:
        return False
    firing = firing or Firing(alert=row, since=course.since)
    firing.told, firing.calm, firing.ended, firing.over = course.notified_at, course.calm, course.ended, course.over
    if groups:
        firing.groups = groups
    firing.times += tell is not None
    firing.save()
    if tell is not None:
        _tell(row, firing, tell, at)
    return tell is not None


def pause(row: Alert) -> timedelta:
    """How long until the next look: a month's count does not change in a minute."""
    if row.how == Alert.How.LIMITS:
        return timedelta(minutes=29)
    return max(timedelta(seconds=1), LOOKS * timedelta(minutes=row.window_minutes) - timedelta(minutes=1))


def past(row: Alert, until: datetime, days: int = 30) -> list[datetime] | None:
    """When it would have fired in the last days, looked at each hour or, over long windows, each half of one; None
    where its measure has no past."""
    reading = READINGS[row.measure]
    if not reading.windowed:
        return None
    pause_ = max(timedelta(hours=1), timedelta(minutes=row.window_minutes) / 2)
    if row.how == Alert.How.LIMITS:
        pause_ = max(pause_, timedelta(hours=12))
    end = until.replace(minute=0, second=0, microsecond=0)  # past figures are known to the hour
    moments, course = [], None
    for n in range(int(timedelta(days=days) / pause_), -1, -1):
        at = end - n * pause_
        course, tell = step(rule(row), course, bool(broken(row, values(row, at, then=True))), at)
        if tell is Tell.FIRE:
            moments.append(at)
    return moments


def _course(firing: Firing | None) -> Course | None:
    if firing is None:
        return None
    return Course(since=firing.since, notified_at=firing.told, calm=firing.calm, ended=firing.ended, over=firing.over)


def _tell(row: Alert, firing: Firing, tell: Tell, at: datetime) -> None:
    """On the bell of each role, and by mail where the alert says so."""
    for role in row.roles:
        record(f"alert.{tell}", firing, by=SYSTEM, at=at, name=row.name, audience=role)
    box = mailer() if row.mail else None
    if box is None:
        return
    with override("vi"):
        title, text = words(row, firing, tell)
    for user in (one for role in row.roles for one in people(role=Role(role)) if one.email):
        post(box, user.email, text, once=f"alert:{firing.pk}:{firing.times}:{user.pk}", title=title)


def words(row: Alert, firing: Firing, tell: Tell) -> tuple[str, str]:
    """A mail's subject and text, in the language in force."""
    title = {Tell.FIRE: _("Alert: %(name)s"), Tell.AGAIN: _("Still: %(name)s"), Tell.RESOLVE: _("Over: %(name)s")}[tell]
    lines = [condition(row), *(group_lines(row, firing.groups)[:MAIL_GROUPS])]
    return title % {"name": row.name}, "\n".join([*lines, "", f"{settings.STAFF_URL}/board/alerts"])


def condition(row: Alert) -> str:
    """Its condition, as a sentence."""
    reading = READINGS.get(row.measure)
    if reading is None:
        return row.measure
    what = " · ".join(
        [_(reading.label), *(_labels(name).get(code, code) for name, code in sorted(row.only.items()) if code)]
    )
    number = saying.number(row.threshold, 0 if row.threshold.is_integer() else 1)
    params = {"what": what, "value": number}
    if row.how == Alert.How.LIMITS:
        return _("%(what)s: a day above what such days bring") % params
    if row.how == Alert.How.CHANGE:
        up, down = _("%(what)s: up by %(value)s%% or more"), _("%(what)s: down by %(value)s%% or more")
    else:
        params["value"] = _amount(number, reading.unit)
        up, down = _("%(what)s: %(value)s or more"), _("%(what)s: %(value)s or fewer")
    return (up if row.above else down) % params


def _amount(number: str, unit: str) -> str:
    return f"{number}%" if unit == SHARE else f"{number} {_(unit) if unit else ''}".rstrip()


def _labels(by: str) -> Mapping[str, str]:
    """The names of a grouping's codes."""
    if by == "reason":
        return {code: _(reason.label) for code, reason in REASONS.items()}
    return channel_names() if by == "channel" else names().get("agency" if by == "branch" else by, {})


def group_lines(row: Alert, groups: Mapping[str, float]) -> list[str]:
    """Groups with their values, as lines, the worst first."""
    labels = _labels(row.each)
    whole = _("the centre") if row.each == "agency" else _("all")
    unit = READINGS[row.measure].unit if row.measure in READINGS else ""
    unit = SHARE if row.how == Alert.How.CHANGE else unit
    return [
        f"{labels.get(key, key) or whole}: {_amount(_signed(row, value), unit)}"
        for key, value in sorted(groups.items(), key=lambda one: -one[1] if row.above else one[1])
    ]


def _signed(row: Alert, value: float) -> str:
    text = saying.number(value, 0 if float(value).is_integer() else 1)
    return f"+{text}" if row.how == Alert.How.CHANGE and value > 0 else text

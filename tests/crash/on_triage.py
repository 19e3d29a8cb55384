"""What is proposed, learnt and alarmed; and the index that a worker hands over."""

from datetime import timedelta
from typing import Any
from unittest.mock import patch

from django.utils.timezone import now

from caunoi.events.models import Event
from caunoi.events.queries import history
from caunoi.notifications import alarm_push
from caunoi.notifications.models import StaffBrowser
from caunoi.procedures import actions as procedures
from caunoi.procedures.actions import index
from caunoi.tickets import actions as tickets
from caunoi.tickets.models import Ticket
from caunoi.triage import actions, ringing, starter
from caunoi.triage.exam import Exam
from caunoi.triage.models import Alarm, Edition
from tests.crash.on_tickets import accepted, new, two
from tests.crash.scenarios import Scenario, Town, sent_once
from tests.crash.stage import settle
from tests.procedures.records import lines, raw

FIRE = "cháy nhà ở hẻm 3 đường Nguyễn Huệ, còn người trong nhà chưa ra được"


def listen(town: Town, ticket: Ticket) -> None:
    ringing.listen(list(history(ticket)))


def alarm(town: Town) -> Alarm:
    listen(town, new(town, words=FIRE))
    StaffBrowser.objects.create(user=town.users["lan"], endpoint="https://fcm.googleapis.com/x", made=now())
    return Alarm.objects.get()


def due(town: Town) -> Alarm:
    row = alarm(town)
    Alarm.objects.filter(pk=row.pk).update(climbs=now() - timedelta(minutes=1))
    return row


def step(row: Alarm) -> Event:
    return Event.objects.filter(kind="alarm.raise", subject_id=row.pk).get()


def settled(town: Town) -> Ticket:
    """What a person has decided since it was proposed."""
    ticket = new(town)
    settle()
    tickets.move(ticket, "accept", by=town.lan, category=town.lamps, area=town.ward)
    return ticket


def decided(town: Town) -> None:
    accepted(town)
    settle()


def train(town: Town, _: Any) -> None:
    report = Exam(taught=9, of=100, before=80, after=80, alarms_before=1.0, alarms_after=1.0)
    actions.add_edition(starter.model(), report, 7)


def imported(town: Town) -> None:
    """Procedures that the search does not have yet."""
    procedures.bring_in(procedures.look(procedures.upload("a", lines(raw()), by=town.thu)), by=town.thu, index=False)


def hand_over(town: Town, _: Any) -> None:
    with patch.object(index, "monotonic", lambda: 0.0):  # how long it took is another number each time
        index.hand_over()


SCENARIOS = [
    Scenario(name="an emergency rings", ready=lambda t: new(t, words=FIRE), act=listen, waits=True),
    Scenario(
        name="an alarm is lined up for browsers",
        ready=alarm,
        act=lambda t, it: alarm_push.line_up(step(it)),
        waits=True,
    ),
    Scenario(name="an alarm climbs", ready=due, act=lambda t, it: ringing.climb_all(), waits=True),
    Scenario(
        name="an operator has the alarm", ready=alarm, act=lambda t, it: ringing.acknowledge(it, by=t.lan), waits=True
    ),
    Scenario(
        name="an alarm was none",
        ready=alarm,
        act=lambda t, it: ringing.judge(it, "no_emergency", by=t.lan),
        waits=True,
    ),
    Scenario(
        name="what people decided of a proposal is written down",
        ready=settled,
        act=lambda t, it: actions.settle([it.pk]),
        waits=True,
    ),
    Scenario(name="decisions are counted", ready=decided, act=lambda t, _: actions.count()),
    Scenario(
        name="a night's model is taken", act=train, look=lambda t, _: Edition.objects.filter(outcome="taken").exists()
    ),
    Scenario(
        name="a category is sure from elsewhere",
        act=sent_once("quan", lambda t, _: actions.set_limit(t.lamps, 0.9, by=t.quan)),
    ),
    Scenario(name="what is alike is shown", ready=two, act=lambda t, it: actions.note_likes(it[1], [it[0]])),
    Scenario(name="the index is handed over", ready=imported, act=hand_over, waits=True),
]

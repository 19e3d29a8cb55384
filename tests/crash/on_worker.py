"""What the worker's loops do with what came in and with what happened. A claim that a dead worker left behind has run
out before the next one looks. Workers that die in the tasks by the clock: tests/jobs/test_killed_processes.py."""

from collections.abc import Callable
from typing import Any

from caunoi.answers import actions as answers
from caunoi.conversations import actions as conversations
from caunoi.conversations.models import Inbox
from caunoi.events import outbox
from caunoi.events.models import Event
from caunoi.tickets import actions as tickets
from tests.crash import on_people, on_tickets
from tests.crash.scenarios import Scenario, Town

WRITES = {
    "app_id": "1022",
    "sender": {"id": "u7"},
    "recipient": {"id": "7770001"},
    "event_name": "user_send_text",
    "message": {"msg_id": "m7", "text": "Rác chất đống ở chợ"},
    "timestamp": "1764036000000",
}


def react(town: Town, _: Any) -> None:
    Event.objects.filter(pending=True, claimed__isnull=False).update(claimed=None)
    while outbox.drain():
        pass


def arrived(town: Town) -> None:
    box = Inbox.objects.get(name="zalo")
    conversations.keep(box, "m7", WRITES)


def after(name: str, *acts: Callable[[Town], Any], gaps: tuple[str, ...] = ()) -> Scenario:
    """What follows the last of these acts; the others have been followed."""

    def ready(town: Town) -> None:
        for act in acts:
            react(town, None)
            act(town)

    return Scenario(name=f"the worker follows {name}", ready=ready, act=react, waits=True, gaps=gaps)


SCENARIOS = [
    Scenario(
        name="a provider's call is kept",
        act=lambda town, _: conversations.keep(Inbox.objects.get(name="zalo"), "m7", WRITES),
    ),
    Scenario(
        name="what came in by a chat is read", ready=arrived, act=lambda town, _: conversations.read(), waits=True
    ),
    after("a message", lambda town: (arrived(town), conversations.read()), gaps=("tickets_ticket.code",)),
    after("a report", on_tickets.new),
    after("a hand-over", on_tickets.routed),
    after("a result", on_tickets.resulted),
    after("an approval", lambda town: answers.approve(on_tickets.resulted(town), by=town.hoa)),
    after("an answer", on_tickets.answered),
    after("a refusal", on_tickets.refused),
    after("a second report that is merged", lambda town: merge(town)),
    after("an order", on_people.ordered),
    after("a removal that was asked for", lambda town: on_people.removal_asked(town)),
]


def merge(town: Town) -> None:
    first, second = on_tickets.two(town)
    tickets.move(second, "merge", into=first, by=town.lan)

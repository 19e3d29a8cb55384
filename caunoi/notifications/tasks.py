from collections.abc import Sequence
from math import ceil

import httpx

from caunoi.conversations.models import Enclosure, Message, Outgoing
from caunoi.directives import queries as directives
from caunoi.events.models import Event
from caunoi.events.outbox import Together
from caunoi.jobs import queue
from caunoi.notifications import actions, alarm_push, alarms, codes, enrolment, personal, push, reorganisations
from caunoi.tickets.models import Exchange, Ticket
from caunoi.tickets.undoing import hold
from caunoi.triage.alarms import raised_by


def _tickets(events: Sequence[Event]) -> dict[int, Ticket]:
    rows = Ticket.objects.select_related("agency", "conversation__inbox", "conversation__contact")
    return rows.in_bulk({e.subject_id for e in events})


@Together
def tell(events: Sequence[Event]) -> None:
    """Notify the recipients that notices.py names for an event."""
    tickets = _tickets(events)
    actions.tell((tickets[e.subject_id], e, None) for e in events)
    for pk in push.line_up(e.pk for e in events):
        deliver.defer(pk=pk)
    for event in events:
        if wait := hold(event, tickets[event.subject_id]):
            tell_after.configure(schedule_in={"seconds": ceil(wait)}).defer(pk=event.pk)


@queue.task(retry=6)
def tell_after(pk: int) -> None:
    """The same once the event can no longer be taken back: those outside hear of it only now."""
    tell(Event.objects.get(pk=pk))


@queue.task(retry=6)
def deliver(pk: int) -> None:
    """One notice to one browser; tried again when its push service is away."""
    with httpx.Client() as http:
        push.send(pk, http)


@Together
def warn(events: Sequence[Event]) -> None:
    """Tell citizens whom to call at once, before anything else is said to them."""
    alarms.warn(raised_by(events))


def tell_alarm(event: Event) -> None:
    """Tell the citizen whom to call, where nobody has yet; and those to whom an alarm has climbed."""
    if event.kind == alarms.RAISE:
        alarms.warn(raised_by([event]))
    else:
        alarms.tell(event)


def push_alarm(event: Event) -> None:
    """Ring in the browsers of the staff, also where no page is open, or be silent there."""
    for pk in alarm_push.line_up(event):
        deliver_alarm.defer(pk=pk)


@queue.task(retry=6)
def deliver_alarm(pk: int) -> None:
    """One step of an alarm to one browser of the staff; tried again when its push service is away."""
    with httpx.Client() as http:
        alarm_push.send(pk, http)


@Together
def announce(events: Sequence[Event]) -> None:
    """Refresh the screens that show the tickets."""
    tickets = Ticket.objects.in_bulk({e.subject_id for e in events})
    actions.announce((tickets[e.subject_id], e.kind) for e in events)


@Together
def announce_privately(events: Sequence[Event]) -> None:
    """Refresh the screens of the citizen and of the centre, but none of an agency's."""
    tickets = Ticket.objects.in_bulk({e.subject_id for e in events})
    actions.announce(((tickets[e.subject_id], e.kind) for e in events), agencies=False)


@Together
def announce_messages(events: Sequence[Event]) -> None:
    """Refresh the screens that show these messages: of their tickets, or the list of threads."""
    of: dict[str, set[int]] = {"message": set(), "enclosure": set(), "outgoing": set()}
    for event in events:
        of[event.subject].add(event.subject_id)
    ids = set(of["message"])
    ids |= set(Enclosure.objects.filter(pk__in=of["enclosure"]).values_list("message_id", flat=True))
    sent = Outgoing.objects.filter(pk__in=of["outgoing"], message__isnull=False)
    ids |= {pk for pk in sent.values_list("message_id", flat=True) if pk}
    exchanges = list(Exchange.objects.filter(message__in=ids).select_related("ticket"))
    actions.announce((row.ticket, "message") for row in exchanges)
    shut = {row.message_id for row in exchanges if row.ticket.restricted}
    for restricted, pks in ((False, ids - shut), (True, shut)):
        threads = Message.objects.filter(pk__in=pks).values_list("conversation_id", flat=True)
        actions.announce_threads(threads, restricted=restricted)


@Together
def announce_threads(events: Sequence[Event]) -> None:
    """Refresh the screens that list threads."""
    actions.announce_threads(e.subject_id for e in events)


@Together
def announce_health(events: Sequence[Event]) -> None:
    """Refresh the screens that show how the channels are."""
    actions.announce_health()


@queue.task(retry=3)
def send_code(username: str, browser: str) -> None:
    """A code to whoever forgot the password of this user name, if anybody has it: not while its page waits, so that
    nobody learns from how long that takes."""
    enrolment.send_code(username, browser)


@queue.task(retry=3)
def answer_proof(pk: int, what: str) -> None:
    """What a citizen asked for to open their ticket: not while the page waits, so that nobody learns from how long that
    takes whether code and number belong together."""
    codes.answer(pk, what)


def tell_recovered(event: Event) -> None:
    """Tell somebody that their password was changed by a code."""
    enrolment.tell_recovered(event)


def tell_factor(event: Event) -> None:
    """Tell somebody that how they sign in has changed."""
    enrolment.tell_factor(event)


def tell_order(event: Event) -> None:
    """Tell whom a leader's order concerns."""
    directive = directives.directive(event.subject_id)
    if directive is not None:
        actions.tell([(directive.ticket, event, directive)])


def tell_alert(event: Event) -> None:
    """Tell whoever watches: the event names the role."""
    actions.tell([(None, event, None)])


def tell_person(event: Event) -> None:
    """Tell somebody what concerns their own account, or a key that they should look at."""
    personal.tell(event)


def tell_moved(event: Event) -> None:
    """Tell whom an act of reorganisation concerns."""
    reorganisations.tell(event)


def announce_order(event: Event) -> None:
    directive = directives.directive(event.subject_id)
    if directive is not None:
        actions.announce_order(directive, event)


def announce_all(event: Event) -> None:
    """Refresh every list that is open on a screen."""
    actions.announce_all()

"""Messages and tickets: a message opens a ticket, is the reply that one waits for, or a remark on one; belonging.py
decides. Many at once cost little more than one."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.module_loading import import_string
from django.utils.timezone import now
from django.utils.translation import gettext, override

from caunoi.conversations import actions as conversations
from caunoi.conversations import queries
from caunoi.conversations.models import Contact, Conversation, Enclosure, Message
from caunoi.events import writing
from caunoi.events.actor import SYSTEM, Actor, citizen
from caunoi.lib.messages import danger
from caunoi.tickets import actions, belonging
from caunoi.tickets.belonging import Candidate, Decision, Incoming, Sort
from caunoi.tickets.lifecycle import State, Urgency
from caunoi.tickets.models import Exchange, Note, Photo, Suggestion, Ticket
from caunoi.tickets.report import Report

CITIZEN = citizen()
CONFIDENCE = "confidence"  # why a ticket has to do with another: a reply to that one, kept from those who work on it
BEFORE_OPENING = timedelta(days=1)  # messages this long before the one that opens a ticket belong to it


@transaction.atomic
def hear(ids: Collection[int]) -> None:
    """Decide which ticket each of these messages belongs to, and act on it; deciding again changes nothing."""
    threads = lock(Message.objects.filter(pk__in=ids).values_list("conversation_id", flat=True))
    rows = Message.objects.filter(pk__in=ids, inbound=True, exchange=None, removed=None)
    turns: dict[int, list[Message]] = defaultdict(list)
    for row in rows.prefetch_related("enclosures").order_by("at", "id"):
        row.conversation = threads[row.conversation_id]
        turns[row.conversation_id].append(row)
    while turns:
        _turn([queue.pop(0) for queue in turns.values()])
        turns = {pk: queue for pk, queue in turns.items() if queue}


def lock(ids: Iterable[int]) -> dict[int, Conversation]:
    """Lock these threads: only one transaction at a time decides about a thread."""
    rows = Conversation.objects.filter(pk__in=set(ids)).order_by("pk").select_for_update(of=("self",), no_key=True)
    return {row.pk: row for row in rows.select_related("inbox", "contact")}


def _turn(messages: Sequence[Message]) -> None:
    """At most one message of a thread."""
    written = queries.straight(m.conversation for m in messages)
    reached = _reached(written)
    tickets = {t.pk: t for t in _candidates(messages, {pk for ids in reached.values() for pk in ids})}
    answered = _answered(messages, written)
    waiting: list[Message] = []
    opening: list[tuple[Message, Decision]] = []
    for message in messages:
        here = reached.get(message.conversation_id, set())
        incoming, candidates = _incoming(message, tickets.values(), answered.get(message.pk, set()), here)
        decision = belonging.belongs(incoming, candidates)
        if decision.sort is not Sort.REPORT and _goes_aside(message, decision, tickets):
            opening.append((message, _aside(decision)))
        elif decision.sort is Sort.HOLD:
            waiting.append(message)
        elif decision.sort is Sort.REPORT:
            opening.append((message, decision))
        else:
            assert decision.ticket is not None
            join(message, tickets[decision.ticket], decision.sort)
    if opening:
        open_all(opening)
    if waiting:
        conversations.hold(message.conversation_id for message in waiting)
        for message in waiting:
            message.conversation.loose = True
        conversations.ask_what(m.conversation for m in waiting if not belonging.grateful(m.text))


def _goes_aside(message: Message, decision: Decision, tickets: Mapping[int, Ticket]) -> bool:
    """Whether the words of a reply keep it from everybody but the custodians: then it is a matter of its own, and not
    read by those who work on the ticket."""
    if decision.ticket is not None and tickets[decision.ticket].restricted:
        return False
    return import_string(settings.CONFIDENCE)(_report_text(message)) is not None


def _aside(decision: Decision) -> Decision:
    of = [(decision.ticket, CONFIDENCE)] if decision.ticket is not None else []
    return Decision(sort=Sort.REPORT, suggests=of)


def _mention(pk: int) -> None:
    """Say on a ticket that its citizen wrote something that is in confidence, and nothing of what it is."""
    with override("vi"):
        words = gettext("Something was given into confidence.")
    actions.remark(Ticket.objects.get(pk=pk), words, by=SYSTEM)


def _reached(written: Mapping[int, Collection[int]]) -> dict[int, set[int]]:
    """By thread, the tickets whose person came another way but was written to at the thread's address: those that wait
    for a reply, or were answered. Messages about others open a new ticket."""
    result = {}
    for thread, messages in written.items():
        rows = Exchange.objects.filter(message__in=messages, ticket__state__in=[State.WAITING, State.ANSWERED])
        result[thread] = set(rows.values_list("ticket_id", flat=True))
    return result


def _candidates(messages: Sequence[Message], reached: Collection[int]) -> list[Ticket]:
    """The tickets of these threads, those whose code is quoted, and those `reached`."""
    codes = {code for m in messages for code in belonging.quoted(_words(m))}
    threads = [m.conversation_id for m in messages]
    mine = Q(conversation__in=threads) | Q(exchanges__message__conversation__in=threads) | Q(pk__in=reached)
    rows = Ticket.objects.filter(mine | Q(code__in=codes) if codes else mine).distinct()
    return list(rows.select_related("contact", "category", "agency"))


def _words(message: Message) -> str:
    return f"{message.subject_line}\n{message.text}"


def _answered(messages: Sequence[Message], written: Mapping[int, Collection[int]]) -> Mapping[int, set[int]]:
    """The tickets of what a message answers, by its id: of their own messages, of ours in the thread, or of what we
    wrote (`written`) to its address."""
    external_ids = {name for m in messages for name in m.refers}
    if not external_ids:
        return {}
    exchanges = Exchange.objects.filter(
        Q(message__external_id__in=external_ids) | Q(message__outgoing__external_id__in=external_ids)
    ).values_list(
        "ticket_id", "message_id", "message__conversation_id", "message__external_id", "message__outgoing__external_id"
    )
    result: dict[int, set[int]] = defaultdict(set)
    for ticket, message, conversation, *names in exchanges:
        for m in messages:
            here = m.conversation_id == conversation or message in written.get(m.conversation_id, ())
            if here and set(names) & set(m.refers):
                result[m.pk].add(ticket)
    return result


def _incoming(
    message: Message, tickets: Iterable[Ticket], answered: Collection[int], reached: Collection[int]
) -> tuple[Incoming, list[Candidate]]:
    codes = belonging.quoted(_words(message))
    person = _person(message.conversation.contact)
    own: list[Candidate] = []
    quotes: list[int] = []
    foreign: list[int] = []
    for ticket in tickets:
        here = ticket.conversation_id == message.conversation_id or ticket.pk in answered or ticket.pk in reached
        mine = here or _person(ticket.contact) == person
        if ticket.code in codes:
            (quotes if mine else foreign).append(ticket.pk)
        if here or (mine and ticket.code in codes):
            own.append(Candidate(id=ticket.pk, state=ticket.state, touched=ticket.touched))
    incoming = Incoming(
        text=message.text,
        at=max(message.at, now() - BEFORE_OPENING),
        photos=bool(_pictures(message)),
        place=message.latitude is not None,
        answers=answered,
        quotes=quotes,
        foreign=foreign,
    )
    return incoming, own


def _person(contact: Contact) -> int:
    return contact.principal_id or contact.pk


def _pictures(message: Message) -> list[Enclosure]:
    """The enclosures of a message that may be pictures."""
    return [e for e in message.enclosures.all() if e.kind == "image" and e.state != Enclosure.State.LOST]


def _fetched_pictures(messages: Iterable[Message]) -> list[int]:
    """The pictures of messages that are fetched by now; the others come by `attach`."""
    rows = Enclosure.objects.filter(message__in=messages, attachment__isnull=False).order_by("id")
    return list(rows.values_list("attachment_id", flat=True))


def join(message: Message, ticket: Ticket, sort: str, *, by: Actor | None = None) -> None:
    """Add a citizen's message to a ticket, which goes on where it waited for a reply."""
    by = by or citizen(ticket.pk)
    Exchange.objects.create(message=message, ticket=ticket, sort=sort)
    conversations.hold([message.conversation_id], loose=False)
    if photos := _fetched_pictures([message]):
        actions.add_photos(ticket, photos, Photo.Role.REPORT, by=by)
    if sort == Sort.THANKS:
        return
    if ticket.latitude is None and message.latitude is not None:
        actions.edit(ticket, by=SYSTEM, latitude=message.latitude, longitude=message.longitude)
    if message.text:
        actions.remark(ticket, message.text, by=by, internal=False)
    if sort == Sort.REPLY and ticket.state == State.WAITING:
        actions.move(ticket, "resume", by=by)


def open_all(opening: Sequence[tuple[Message, Decision]], *, by: Actor = CITIZEN, words: str = "") -> list[Ticket]:
    """New tickets from messages (`words` replace the text where an operator puts it better), together with earlier
    messages of the same thread."""
    at = now()
    before = _before([m for m, _ in opening])
    openings = []
    for message, _ in opening:
        gathered = before.get(message.conversation_id, [])
        places = [m for m in (message, *reversed(gathered)) if m.latitude is not None]
        thread = message.conversation
        report = Report(
            text=words or _report_text(message),
            channel=thread.inbox.channel,
            once="",
            urgency=Urgency.URGENT if danger.number(words or _report_text(message)) else Urgency.NORMAL,
            latitude=places[0].latitude if places else None,
            longitude=places[0].longitude if places else None,
        )
        openings.append(actions.Opening(report.clean(), thread, by, min(message.at, at)))
    with writing.together():
        tickets = actions.open_in(openings)
    rows, suggestions = [], []
    for ticket, (message, decision) in zip(tickets, opening, strict=True):
        rows.append(Exchange(message=message, ticket=ticket, sort=Sort.REPORT))
        rows += [Exchange(message=m, ticket=ticket, sort=Sort.REMARK) for m in before.get(message.conversation_id, [])]
        suggestions += [Suggestion(ticket=ticket, other_id=pk, why=why) for pk, why in decision.suggests]
        for pk in [pk for pk, why in decision.suggests if why == CONFIDENCE]:
            _mention(pk)
    Exchange.objects.bulk_create(rows)
    Suggestion.objects.bulk_create(suggestions, ignore_conflicts=True)
    photos = Enclosure.objects.filter(message__in=[row.message_id for row in rows], attachment__isnull=False)
    of = {row.message_id: row.ticket for row in rows}
    Photo.objects.bulk_create(
        [
            Photo(ticket=of[e.message_id], attachment=e.attachment)
            for e in photos.select_related("attachment").order_by("id")
        ],
        ignore_conflicts=True,
    )
    if loose := [t.conversation_id for t in tickets if t.conversation.loose]:
        conversations.hold(loose, loose=False)
        conversations.unask(loose)
    return tickets


def _report_text(message: Message) -> str:
    """A message as a report's text, the subject of a mail first."""
    subject = message.subject_line.strip()
    return f"{subject}\n\n{message.text}" if subject and subject not in message.text else message.text


def _before(messages: Sequence[Message]) -> Mapping[int, list[Message]]:
    """Messages shortly before these in the same threads that belong to no ticket yet, by thread."""
    threads = {m.conversation_id: m for m in messages}
    rows = Message.objects.filter(
        conversation__in=threads, inbound=True, exchange=None, removed=None, at__gte=now() - BEFORE_OPENING
    ).exclude(pk__in=[m.pk for m in messages])
    result: dict[int, list[Message]] = defaultdict(list)
    for row in rows.order_by("id"):
        opens = threads[row.conversation_id]
        if (row.at, row.pk) < (opens.at, opens.pk):
            result[row.conversation_id].append(row)
    return result


@transaction.atomic
def attach(enclosure: Enclosure) -> None:
    """Add a fetched picture to the ticket of its message, if there is one."""
    lock([enclosure.message.conversation_id])
    exchange = Exchange.objects.filter(message=enclosure.message_id).select_related("ticket").first()
    if exchange and enclosure.attachment_id:
        ticket = exchange.ticket
        if not Photo.objects.filter(ticket=ticket, attachment=enclosure.attachment_id).exists():
            actions.add_photos(ticket, [enclosure.attachment_id], Photo.Role.REPORT, by=citizen(ticket.pk))


@transaction.atomic
def reword(message: Message) -> None:
    """A citizen edited a message of a ticket: the new words become a remark."""
    exchange = Exchange.objects.filter(message=message).select_related("ticket").first()
    if exchange is None or message.removed or not message.text:
        return
    if not Note.objects.filter(ticket=exchange.ticket, text=message.text).exists():
        actions.remark(exchange.ticket, message.text, by=citizen(exchange.ticket.pk), internal=False)


@transaction.atomic
def make_ticket(conversation: Conversation, words: str, *, by: Actor) -> Ticket | None:
    """An operator makes a ticket of a thread's messages that belong to none. MissingDataError without words; None when
    somebody else was faster."""
    conversation = lock([conversation.pk])[conversation.pk]
    messages = queries.loose_messages(conversation)
    if not messages:
        return None
    *earlier, last = messages
    last.conversation = conversation
    (ticket,) = open_all([(last, Decision(sort=Sort.REPORT))], by=by, words=words.strip() or _report_text(last))
    for message in earlier:
        Exchange.objects.get_or_create(message=message, defaults={"ticket": ticket, "sort": Sort.REMARK})
    return ticket


@transaction.atomic
def link(conversation: Conversation, ticket: Ticket) -> int:
    """An operator links a thread's messages that belong to no ticket to this one; returns how many."""
    lock([conversation.pk])
    messages = queries.loose_messages(conversation)
    for message in messages:
        message.conversation = conversation
        ticket.refresh_from_db(fields=["state"])
        join(message, ticket, Sort.REPLY if ticket.state == State.WAITING else Sort.REMARK)
    return len(messages)


@transaction.atomic
def split(message: Message, *, by: Actor) -> Ticket | None:
    """An operator gives a message that is about something else a ticket of its own, which refers to the first. None
    when it opened that ticket, or has no text."""
    message.conversation = lock([message.conversation_id])[message.conversation_id]
    exchange = Exchange.objects.filter(message=message, message__inbound=True).first()
    if exchange is None or exchange.sort == Sort.REPORT or not message.text:
        return None
    exchange.delete()
    (ticket,) = open_all([(message, Decision(sort=Sort.REPORT, suggests=[(exchange.ticket_id, "earlier")]))], by=by)
    return ticket


@transaction.atomic
def reply(ticket: Ticket, text: str, *, once: str, by: Actor) -> bool:
    """The staff writes to the citizen of a ticket by the channel they came by; False when that is not possible, or was
    done (`once`)."""
    row = conversations.say(ticket.conversation, text, by=by, once=f"reply:{once}", wait=settings.HOLD_SECONDS)
    if row is None or row.message is None:
        return False
    Exchange.objects.create(message=row.message, ticket=ticket, sort="ours")
    return True

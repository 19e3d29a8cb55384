from collections.abc import Sequence
from datetime import timedelta

from django.db.models import Q

from caunoi.calls import queries as calls
from caunoi.conversations.meaning import Meaning, with_meaning
from caunoi.conversations.models import Message, Outgoing
from caunoi.directory.queries import option
from caunoi.events.actor import citizen
from caunoi.events.models import Event
from caunoi.events.outbox import Together
from caunoi.lib.messages.grades import grade
from caunoi.ratings import actions
from caunoi.ratings.models import Invitation, Rating
from caunoi.tickets.lifecycle import MOVES, RefusedError, State
from caunoi.tickets.models import Ticket
from caunoi.vault import blind

ASKS = tuple(move.event for move in MOVES.values() if move.target == State.ANSWERED)
"""The notices that ask for a grade."""


def invite(event: Event) -> None:
    """Ask the citizen what they think of the answer."""
    if ticket := Ticket.objects.filter(pk=event.subject_id).first():
        actions.invite(ticket, at=event.at)


@Together
def hear(events: Sequence[Event]) -> None:
    """A reply to our question, as a number or a word."""
    if ids := with_meaning(events, Meaning.GRADE):
        for message in Message.objects.filter(pk__in=ids).select_related("conversation").order_by("id"):
            if reply_grade := grade(message.text):  # none where it was changed meanwhile
                _hear(message, reply_grade)


GRADES = {"5": "satisfied", "4": "satisfied", "3": "acceptable", "2": "dissatisfied", "1": "dissatisfied"}
"""What the keys after a talk mean."""


def take_key(event: Event) -> None:
    """A caller gave a grade by key after the talk: it is one of each answered ticket that the call was about and that
    was made with the same number. Of a call about none it stays with the call, where nobody reads it."""
    call = calls.call(event.subject_id)
    grade = GRADES.get(calls.grade_of(call), "") if call else ""
    if call is None or not grade or not call.phone:
        return
    for ticket in Ticket.objects.filter(calls__call=call).select_related("contact").order_by("id"):
        if ticket.contact.phone == call.phone:
            try:
                actions.rate(ticket, grade, by=citizen(ticket.pk), how=Rating.How.PHONE, proof=Rating.Proof.PHONE)
            except RefusedError:
                continue  # not answered yet, rated already, or over


def _hear(message: Message, grade: str) -> None:
    """Only where our last message was that question: a number may answer something else."""
    since = message.at - timedelta(days=option("rate_days"))
    thread = message.conversation
    straight = blind.equal(Outgoing, "address", thread.to) & Q(conversation=None, inbox=thread.inbox_id)
    ours = Outgoing.objects.filter(Q(conversation=thread) | straight, at__lte=message.at, at__gte=since)
    last = ours.order_by("-id").first()
    if last is None or last.template not in ASKS:
        return
    invitations = Invitation.objects.filter(ticket__code=last.values.get("code", ""))
    row = invitations.select_related("ticket").order_by("-id").first()
    if row is not None:
        try:
            actions.rate(
                row.ticket,
                grade,
                by=citizen(row.ticket_id),
                how=Rating.How.REPLY,
                proof=Rating.Proof.REPLY,
                round_=row.round,
            )
        except RefusedError:
            return  # rated already, or over

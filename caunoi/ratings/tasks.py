from collections.abc import Sequence
from datetime import timedelta

from django.db.models import Q

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

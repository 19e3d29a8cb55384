from django.db.models import QuerySet

from caunoi.answers.models import Answer
from caunoi.tickets.models import Ticket


def answers(ticket: Ticket) -> QuerySet[Answer]:
    """Everything that was written in answer, newest first."""
    return Answer.objects.filter(ticket=ticket).select_related("agency").order_by("-id")


def pending(ticket: Ticket) -> Answer | None:
    """The answer that waits for the lead's approval."""
    return answers(ticket).filter(state=Answer.State.SUBMITTED).first()


def final(ticket: Ticket) -> Answer | None:
    """The answer the citizen has."""
    return answers(ticket).filter(state=Answer.State.APPROVED).first()

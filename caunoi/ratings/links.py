"""The address of one grade for one answer: signed, valid for that answer only, opening nothing else of the ticket."""

from dataclasses import dataclass

from django.core import signing

from caunoi.ratings.models import Rating
from caunoi.tickets.models import Ticket
from caunoi.vault.signing import Signer

SIGNER = Signer(salt="caunoi.ratings")
SHORT = {"1": Rating.Grade.SATISFIED, "2": Rating.Grade.ACCEPTABLE, "3": Rating.Grade.DISSATISFIED}
CODES = {grade: code for code, grade in SHORT.items()}


@dataclass(frozen=True, kw_only=True)
class Link:
    """A link's content: which ticket, which of its answers, which grade it proposes."""

    ticket: Ticket
    round: int
    grade: str


def make(ticket: Ticket, grade: str) -> str:
    """The signed token for a grade of the present answer."""
    return SIGNER.sign(f"{ticket.pk}-{ticket.reopened}-{CODES[Rating.Grade(grade)]}")


def read(word: str) -> Link | None:
    """The content of a link's token; None for a forged one."""
    try:
        pk, round_, code = SIGNER.unsign(word).split("-")
    except (signing.BadSignature, ValueError):
        return None
    ticket = Ticket.objects.filter(pk=int(pk)).first()
    return Link(ticket=ticket, round=int(round_), grade=SHORT[code]) if ticket else None

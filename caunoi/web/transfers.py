"""What pages say of a ticket that is another province's, or was."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_noop

from caunoi.tickets.lifecycle import State
from caunoi.tickets.models import Ticket
from caunoi.transfers import queries
from caunoi.transfers.actions import CHANNEL
from caunoi.transfers.models import Transfer
from caunoi.web.labels import word

TROUBLES = {
    "catalogue": gettext_noop("the catalogue of provinces does not name it any more"),
    "away": gettext_noop("it does not answer"),
    "busy": gettext_noop("it is too busy, or something failed there"),
    "refused": gettext_noop("it refuses it without a reason"),
    "answer": gettext_noop("its answer is not to this"),
    "signature": gettext_noop("a signature is not right"),
    "sender": gettext_noop("it does not know this province: its catalogue may be older"),
    "recipient": gettext_noop("it is another province than the catalogue says, or takes nothing yet"),
    "stale": gettext_noop("the clocks of both are too far apart"),
    "unreadable": gettext_noop("it cannot read what was sent"),
    "changed": gettext_noop("it has other words under the same number"),
    "files": gettext_noop("a photo is missing or was not taken"),
}
"""Why a hand-over is not through (transfers/queries.py TROUBLES)."""


@dataclass(frozen=True, kw_only=True)
class TransferLine:
    """A hand-over to another province: `waiting` for its receipt since `at`, tried `attempts` times in vain because of
    `trouble`; else it has it, under its `number`; `address` opens it there, and is for its citizen alone."""

    province: str
    at: datetime
    waiting: bool
    recalled: bool
    attempts: int
    trouble: str
    number: str
    address: str


@dataclass(frozen=True)
class Origin:
    """The province that handed it over, and its number there."""

    province: str
    number: str


def transfer_line(ticket: Ticket, *, opens: bool = False) -> TransferLine | None:
    """Where a ticket is on its way to, or went; None for one that is here. `opens`: with what opens it there."""
    waiting = queries.waiting(ticket)
    row = waiting or (queries.latest(ticket) if ticket.state == State.REFUSED else None)
    if row is None or (waiting is None and row.state != Transfer.State.RECEIVED):
        return None
    return TransferLine(
        province=row.province,
        at=row.ended or row.at,
        waiting=waiting is not None,
        recalled=row.recalled,
        attempts=row.attempts,
        trouble=word(TROUBLES, row.trouble),
        number=row.number,
        address=queries.follow_address(row) if opens else "",
    )


def origin(ticket: Ticket) -> Origin | None:
    if ticket.channel != CHANNEL:
        return None
    row = queries.arrival(ticket)
    return Origin(row.province, row.number) if row else None

"""A ticket is handed to another province, taken back, signed for, or comes back."""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from django.conf import settings
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import override

from caunoi.events import writing
from caunoi.events.actor import SYSTEM, Actor, NotAllowedError
from caunoi.lib import cells
from caunoi.lib.missives import Kind, Missive, MissiveError, as_json, digest
from caunoi.tickets import actions as tickets
from caunoi.tickets.lifecycle import MissingDataError, NotPossibleError, State
from caunoi.tickets.models import Ticket
from caunoi.transfers import queries
from caunoi.transfers.models import Transfer
from caunoi.transfers.neighbours import name_of, neighbourhood

NEIGHBOUR = "neighbour"  # of tickets/reasons.py
WORDS = 2000  # the longest of why it came back


@writing.act
def offer(
    ticket: Ticket, cell: str, reason: str, *, by: Actor, reach: bool = False, at: datetime | None = None
) -> Transfer:
    """Hand a ticket to the province of this code, with the words, the place and the pictures of its citizen; with
    `reach` how they are reached, because they agreed to it. Until that has signed for it, it stays here and its clocks
    run. NotAllowedError for what is told in confidence."""
    if ticket.restricted:
        raise NotAllowedError("restricted")
    place = neighbourhood()
    chosen = place.catalogue.cells.get(cell) if place else None
    if place is None or chosen is None or cell == place.own:
        raise MissingDataError({"cell"})
    if not reason.strip():
        raise MissingDataError({"reason"})
    event = tickets.move(ticket, "transfer", by=by, at=at, cell=cell, reason=reason, reach=reach)
    if ticket.restricted:  # meanwhile
        raise NotAllowedError("restricted")
    if queries.waiting(ticket):
        raise NotPossibleError("transfer")
    files = queries.photos(ticket)
    row = Transfer(
        ticket=ticket,
        key=secrets.token_hex(16),
        cell=cell,
        province=name_of(chosen),
        by=by.name,
        at=event.at,
        files=[photo.attachment_id for photo in files],
        due=event.at + timedelta(seconds=settings.HOLD_SECONDS),
    )
    person = queries.person(ticket.contact) if reach else None
    row.report = as_json(queries.parting(ticket, reason.strip(), person=person, files=_digests(row)))
    row.digest = digest(row.report)
    return writing.insert(row, of=ticket)


def _digests(row: Transfer) -> list[str]:
    return [sha256(data).hexdigest() for data in queries.pictures(row)]


@writing.act
def recall(ticket: Ticket, *, by: Actor, at: datetime | None = None) -> Transfer:
    """Take it back. What may have arrived there is taken back only if they say that it had not: until then it waits."""
    before = queries.waiting(ticket)
    row = writing.locked(before) if before else None
    if row is None or row.state != Transfer.State.WAITING or row.recalled:
        raise NotPossibleError("transfer_recall")
    event = tickets.move(ticket, "transfer_recall", by=by, at=at, cell=row.cell)
    row.recalled, row.due = True, event.at
    if row.departed or row.claimed:
        row.save(update_fields=["recalled", "due"])
    else:
        end(row, Transfer.State.WITHDRAWN, event.at)
    return row


def locked(pk: int) -> Transfer:
    return Transfer.objects.select_for_update(of=("self",)).select_related("ticket").get(pk=pk)


def end(row: Transfer, state: Transfer.State, at: datetime) -> None:
    """It waits no more, and what was sent is not stored any longer."""
    row.state, row.ended, row.report, row.trouble, row.claimed = state, at, {}, "", None
    row.due = at  # to say there that its citizen is erased here, if they were meanwhile
    row.save()


def settle(row: Transfer, missive: Missive, receipt: dict[str, str]) -> None:
    """What the other side has signed: that it has it, or that it will not. In a transaction, the row locked."""
    if row.state != Transfer.State.WAITING:
        return
    at = now()
    if missive.kind is Kind.VOID:
        end(row, Transfer.State.WITHDRAWN, at)
        return
    row.number, row.receipt = missive.text("number", 40), {} if row.erased else receipt
    try:
        address = cells.clean_address(missive.text("follow", 400))
    except ValueError:
        address = ""
    if not row.number or not address:
        raise MissiveError("answer", missive.sender.code)
    end(row, Transfer.State.RECEIVED, at)
    with override("vi"):
        words = _("%(province)s has received it, under the number %(number)s.") % {
            "province": row.province,
            "number": row.number,
        }
    try:
        tickets.move(row.ticket, "hand_over", by=SYSTEM, at=at, cell=row.cell, reason=NEIGHBOUR, text=words)
    except NotPossibleError:  # it has gone another way meanwhile, and somebody must know of both
        tickets.remark(row.ticket, words, by=SYSTEM)


def come_back(missive: Missive) -> Transfer:
    """It is not theirs: it is here again, and its clocks go on as if it had never been away. MissiveError for one that
    they have never had. In a transaction."""
    words = missive.text("why", WORDS).strip()
    sent = Transfer.objects.select_for_update(of=("self",)).select_related("ticket")
    row = sent.filter(key=missive.id, cell=missive.sender.code).first()
    over = (Transfer.State.RECEIVED, Transfer.State.RETURNED)
    if row is None or row.state not in over or missive.content.get("digest") != row.digest:
        raise MissiveError("answer", missive.sender.code)
    if row.state == Transfer.State.RETURNED:
        return row
    row.state = Transfer.State.RETURNED
    row.save(update_fields=["state"])
    with override("vi"):
        words = words or _("They give no reason.")
    ticket = row.ticket
    ticket.refresh_from_db()
    if ticket.state == State.REFUSED:
        tickets.move(ticket, "transfer_return", by=SYSTEM, cell=row.cell, reason=words)
    else:  # its citizen has opened it again before
        tickets.remark(ticket, words, by=SYSTEM)
    return row

"""Need to know: staff who must reach the reporter open the identity with a reason, for a limited time, on the
record."""

from datetime import timedelta

from django.db import transaction
from django.utils.timezone import now

from caunoi.directory.queries import option
from caunoi.events.actions import record
from caunoi.events.actor import AGENCY, Actor, NotAllowedError, Role
from caunoi.lib.vietnamese.writing import nfc
from caunoi.routing import queries
from caunoi.routing.models import Opening
from caunoi.tickets.lifecycle import MissingDataError, NotPossibleError
from caunoi.tickets.models import Ticket
from caunoi.tickets.queries import AWAY, visible_to

LEAST = 10  # letters of a reason


@transaction.atomic
def open_identity(ticket: Ticket, reason: str, *, by: Actor) -> Opening:
    """Let this person know who reported this ticket, for ⚙identity_minutes; the supervisor is notified.
    MissingDataError without a reason in words; NotAllowedError for those it is not for; NotPossibleError once the
    ticket is no longer in their hands."""
    if not by.has(*AGENCY, Role.LEADER) or by.user_id is None or not visible_to(by).filter(pk=ticket.pk).exists():
        raise NotAllowedError("identity")
    if by.has(*AGENCY) and (ticket.state not in (*AWAY, "waiting") or queries.leg(ticket, by) is None):
        raise NotPossibleError("identity")
    if len(" ".join(reason.split())) < LEAST:
        raise MissingDataError({"reason"})
    at = now()
    opening = Opening.objects.create(
        ticket=ticket,
        user_id=by.user_id,
        by=by.name,
        agency_id=by.agency_id,
        reason=nfc(reason).strip(),
        at=at,
        until=at + timedelta(minutes=option("identity_minutes")),
    )
    record("ticket.identify", ticket, by=by, at=at, agency_id=by.agency_id, opening=opening.pk)
    return opening

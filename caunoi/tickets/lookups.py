"""A ticket's progress, by code and phone number, and nothing more. A number proves no person, so it opens nothing, and
tries are limited by ticket and by number across all processes."""

from datetime import timedelta

from django.db import transaction
from django.utils.timezone import now

from caunoi.directory.queries import option
from caunoi.events.actions import record
from caunoi.events.actor import NOBODY
from caunoi.events.models import Event
from caunoi.events.turns import take_turn
from caunoi.lib.numbers import codes, phone
from caunoi.limits.actions import Verdict, take
from caunoi.tickets import traces
from caunoi.tickets.lifecycle import RefusedError
from caunoi.tickets.models import Ticket
from caunoi.tickets.traces import is_agency_network
from caunoi.tickets.visits import LOOKUP

TRIES, WITHIN = 5, timedelta(days=1)  # wrong numbers a ticket


class TooOftenError(RefusedError):
    """Too many numbers were tried on this ticket, or this number on too many tickets."""

    code = "too_often"


class AgencyNetworkError(RefusedError):
    """Who looks up other people's reports from an agency's desk is not their citizen."""

    code = "agency_network"


class LimitedError(RefusedError):
    """One more than a limit of limits/rates.py allows."""

    code = "too_often"

    def __init__(self, limit: str, verdict: Verdict) -> None:
        self.limit, self.verdict = limit, verdict
        super().__init__(limit)


def find(code: str, number: str, address: str) -> Ticket | None:
    """`look_up` for a stranger at an address, by whichever door they come: pages and the API. AgencyNetworkError,
    LimitedError, TooOftenError."""
    if is_agency_network(address):
        raise AgencyNetworkError("lookup")
    canonical, parsed = codes.parse(code), phone.parse(number)
    e164 = parsed.e164 if parsed else None
    for limit, subject in (("lookup-phone", e164), ("lookup-ticket", canonical)):
        if subject and not (verdict := take(limit, subject)).allowed:
            raise LimitedError(limit, verdict)
    return look_up(code, number)


@transaction.atomic
def look_up(code: str, number: str) -> Ticket | None:
    """The ticket of somebody who remembers its code and their phone number. Each look-up is recorded in its history,
    for its citizen to see. TooOftenError, also for the right number, after TRIES wrong ones, ⚙lookups_a_day of the
    ticket, or as many with this number."""
    canonical, parsed = codes.parse(code), phone.parse(number)
    if not canonical or parsed is None or not parsed.e164:
        return None
    most = option("lookups_a_day")
    take_turn(f"lookup {parsed.e164}")
    if traces.times("number", parsed.e164, WITHIN) >= most:
        raise TooOftenError("lookup")
    traces.leave("number", parsed.e164)
    rows = Ticket.objects.select_for_update(of=("self",)).select_related("contact")
    ticket = rows.filter(code=canonical).first()
    if ticket is None:
        return None
    events = Event.objects.filter(subject="ticket", subject_id=ticket.pk, kind=LOOKUP, at__gte=now() - WITHIN)
    outcomes = [bool(data.get("right")) for data in events.values_list("data", flat=True)]
    if outcomes.count(False) >= TRIES or len(outcomes) >= most:
        raise TooOftenError("lookup")
    right = ticket.contact.phone == parsed.e164
    record(LOOKUP, ticket, by=NOBODY, right=right)
    return ticket if right else None

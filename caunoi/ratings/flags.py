"""Why a rating does not count until a reviewer has looked at it: something about it is the staff's."""

from dataclasses import dataclass
from datetime import timedelta

from caunoi.directory.queries import option
from caunoi.tickets import traces
from caunoi.tickets.models import Ticket

BROWSER, ADDRESS, BURST, OPENED = "browser", "address", "burst", "opened"
FLAGS = (BROWSER, ADDRESS, BURST, OPENED)
"""From a browser in which staff sign in; from an address at which staff work; one of many from an address within the
hour; seconds after the staff had opened the citizen's page."""
RATING, STAFF, READING = "rating", "staff", "reading"  # kinds of traces


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Where a rating comes from: its address, and whether staff have signed in with this browser."""

    address: str = ""
    staff_browser: bool = False


def flags(ticket: Ticket, origin: Origin) -> list[str]:
    """Those of FLAGS that a rating of this ticket has, which is counted among those of its address. Of the machine's
    own address nothing is concluded: there, everybody has the same."""
    place = traces.place(origin.address)
    days, hour = timedelta(days=option("trace_days")), timedelta(hours=1)
    staffs = traces.is_agency_network(origin.address) or traces.times(STAFF, place, days) > 0
    traces.leave(RATING, place)
    raised = {
        BROWSER: origin.staff_browser,
        ADDRESS: staffs,
        BURST: traces.times(RATING, place, hour) > option("ratings_an_hour"),
        OPENED: traces.times(READING, ticket.code, timedelta(seconds=option("rating_after_seconds"))) > 0,
    }
    return [name for name in FLAGS if raised[name]]


def staff_at(address: str) -> None:
    """Remember that somebody of the staff works at this address, once a day."""
    place = traces.place(address)
    if place and not traces.times(STAFF, place, timedelta(days=1)):
        traces.leave(STAFF, place)


def staff_opened(ticket: Ticket) -> None:
    """Remember that somebody of the staff has just opened the citizen's page of a ticket."""
    traces.leave(READING, ticket.code)

"""The topics that a viewer may receive on /live."""

from collections.abc import Mapping
from types import MappingProxyType

from caunoi.events.actor import AGENCY, CENTRE, Actor, Role
from caunoi.tickets.queries import sees_restricted
from caunoi.web.citizen.own import own_ticket


def topics(by: Actor, follow: str = "", cookies: Mapping[str, str] = MappingProxyType({})) -> set[str]:
    """The desk and one's own phone for the centre, what is restricted for those who see it, its own for an agency, one
    ticket for the holder of its follow link, or, `opened`, for a browser that proved itself (`cookies`); else
    nothing."""
    names: set[str] = set()
    if by.has(*CENTRE, Role.LEADER):
        names.add("desk")
        names.add(f"user:{by.user_id}")
    if sees_restricted(by) and not by.area_id:
        names.add("restricted")
    if by.has(*AGENCY) and by.agency_id:
        names.add(f"agency:{by.agency_id}")
    if follow and (own := own_ticket(follow, cookies)):
        names.add(f"{'opened' if own.by_code else 'ticket'}:{own.ticket.pk}")
    return names

"""What a viewer may hear on /live."""

from caunoi.events.actor import AGENCY, CENTRE, Actor, Role
from caunoi.tickets.queries import WHOLE, of_follow


def topics(by: Actor, follow: str = "") -> set[str]:
    """The desk and one's own phone for the centre, what is restricted for those who see it, its own for an agency, one
    ticket for the holder of its follow link; else nothing."""
    heard: set[str] = set()
    if by.has(*CENTRE, Role.LEADER):
        heard.add("desk")
        heard.add(f"user:{by.user_id}")
    if by.has(*WHOLE) and not by.area_id:
        heard.add("restricted")
    if by.has(*AGENCY) and by.agency_id:
        heard.add(f"agency:{by.agency_id}")
    if follow and (ticket := of_follow(follow)):
        heard.add(f"ticket:{ticket.pk}")
    return heard

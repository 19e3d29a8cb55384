"""Who looked at one's own report, and when: look-ups, codes, new browsers, and whoever of the staff opened the name and
the number. Never a person's name, never an address."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from caunoi.directory.queries import agencies_ever
from caunoi.events.actor import Role
from caunoi.events.models import Event
from caunoi.events.queries import history
from caunoi.tickets import showings
from caunoi.tickets.models import Ticket
from caunoi.tickets.showings import Showing
from caunoi.tickets.visits import LOOKUP, MOST, VISIT, visits
from caunoi.web.labels import localised_name, word


@dataclass(frozen=True, kw_only=True)
class LookLine:
    """One look. `strange`: the citizen may not have done it themself."""

    at: datetime
    title: str
    icon: str
    strange: bool = False


TITLES = {
    "right": (gettext_noop("The state was looked up with your code and phone number"), "search"),
    "wrong": (gettext_noop("Somebody tried a wrong phone number with your code"), "triangle-alert"),
    "code": (gettext_noop("A one-time code was sent to you"), "message-square-text"),
    "call": (gettext_noop("A call was asked for, to read you a one-time code"), "phone"),
    "ticket.read_code": (gettext_noop("An operator rang you and read out a one-time code"), "phone"),
    "ticket.send_link": (gettext_noop("Your private link was sent to you again"), "link"),
    "ticket.prove": (gettext_noop("Opened with a one-time code"), "lock"),
    "account": (
        gettext_noop("Opened with an account that has verified your phone number or e-mail address"),
        "id-card",
    ),
    "first": (gettext_noop("Your private link was opened for the first time"), "link"),
    "new": (gettext_noop("Your private link was opened in a browser that had not opened it before"), "smartphone"),
}
ROLES: dict[str, str] = {
    Role.OPERATOR: gettext_noop("An operator of the hotline"),
    Role.SUPERVISOR: gettext_noop("A supervisor of the hotline"),
    Role.REVIEWER: gettext_noop("Whoever reviews the answers"),
    Role.LEADER: gettext_noop("A leader"),
    Role.ADMIN: gettext_noop("An administrator of the hotline"),
}
STRANGE = {"wrong", "new"}


def look_lines(ticket: Ticket) -> list[LookLine]:
    """The last looks at a ticket, newest first."""
    opened = list(history(ticket).filter(kind="ticket.identify").order_by("-at", "-id")[:MOST])
    lines = [_line(event) for event in visits(ticket)] + _showings(ticket, opened)
    lines += [LookLine(at=event.at, title=_opened_by(event), icon="eye", strange=True) for event in opened]
    return sorted(lines, key=lambda line: line.at, reverse=True)[:MOST]


def _showings(ticket: Ticket, opened: Iterable[Event]) -> list[LookLine]:
    """Whoever of the staff was shown the reporter's name and number at their work, by agency or role, each once a day;
    without an agency that opened them that day with a reason."""
    seen: set[tuple[int | Role | None, date]] = {(e.data.get("agency_id"), localtime(e.at).date()) for e in opened}
    lines = []
    for one in showings.showings(ticket):
        key = (one.agency.pk if one.agency else one.role, localtime(one.at).date())
        if key not in seen:
            seen.add(key)
            lines.append(LookLine(at=one.at, title=_shown_to(one), icon="eye"))
    return lines


def _shown_to(one: Showing) -> str:
    who = localised_name(one.agency) if one.agency else word(ROLES, one.role)
    return _("%(who)s saw your name and phone number at their work") % {"who": who}


def _opened_by(event: Event) -> str:
    pk = event.data.get("agency_id")
    agency = next((agency for agency in agencies_ever().values() if pk and agency.pk == pk), None)
    if agency is None:
        return _("A leader opened your name and phone number, with a reason that is on record")
    return _("%(agency)s opened your name and phone number, with a reason that is on record") % {
        "agency": localised_name(agency)
    }


def _kind(event: Event) -> str:
    if event.kind == LOOKUP:
        return "right" if event.data.get("right") else "wrong"
    if event.kind == VISIT:
        return "first" if event.data.get("first") else "new"
    if event.kind == "ticket.send_code":
        return "call" if event.data.get("way") == "call" else "code"
    if event.kind == "ticket.prove" and event.data.get("way") == "account":
        return "account"
    return event.kind


def _line(event: Event) -> LookLine:
    kind = _kind(event)
    title, icon = TITLES[kind]
    return LookLine(at=event.at, title=_(title), icon=icon, strange=kind in STRANGE)

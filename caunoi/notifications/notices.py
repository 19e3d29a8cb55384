"""Who is told what, as data: event kind → audience and words. Pure; pages translate the English sources."""

from dataclasses import dataclass
from enum import StrEnum


class Audience(StrEnum):
    CITIZEN = "citizen"
    AGENCY = "agency"
    CENTRE = "centre"


@dataclass(frozen=True)
class Notice:
    name: str
    to: Audience
    text: str  # {code} and {agency} are filled in


def _table(*rows: tuple[str, Audience, str]) -> dict[str, tuple[Notice, ...]]:
    table: dict[str, tuple[Notice, ...]] = {}
    for kind, to, text in rows:
        table[kind] = (*table.get(kind, ()), Notice(f"{kind}.{to}", to, text))
    return table


NOTICES = _table(
    ("ticket.create", Audience.CENTRE, "New: {code}"),
    ("ticket.accept", Audience.CITIZEN, "We have accepted your report {code}."),
    ("ticket.ask", Audience.CITIZEN, "We need to know a little more about {code}."),
    ("ticket.resume", Audience.CENTRE, "The citizen has replied on {code}."),
    ("ticket.refuse", Audience.CITIZEN, "We cannot take on {code}; the page says why and where to go."),
    ("ticket.merge", Audience.CITIZEN, "Your report {code} is handled together with an earlier one."),
    ("ticket.route", Audience.CITIZEN, "{code} has been handed to {agency}."),
    ("ticket.route", Audience.AGENCY, "New for you: {code}"),
    ("ticket.leg_pass_on", Audience.CITIZEN, "{code} has been handed on to {agency}."),
    ("ticket.leg_pass_on", Audience.AGENCY, "New for you: {code}"),
    ("ticket.leg_return", Audience.CENTRE, "{agency} returned {code}."),
    ("ticket.leg_ask_extension", Audience.CENTRE, "{agency} asks for more time for {code}."),
    ("ticket.start", Audience.CITIZEN, "{agency} is working on {code}."),
    ("ticket.result", Audience.AGENCY, "{code} has an answer to approve."),
    ("ticket.revise", Audience.AGENCY, "The answer to {code} must be revised."),
    ("ticket.approve", Audience.CITIZEN, "{code} has been answered. Are you content with it?"),
    ("ticket.answer", Audience.CITIZEN, "{code} has been answered. Are you content with it?"),
    ("ticket.reopen", Audience.CENTRE, "{code} was reopened."),
    ("ticket.remark", Audience.CENTRE, "New remark on {code}."),
    ("sla.breach", Audience.CENTRE, "{code} is past its deadline."),
    ("sla.breach", Audience.AGENCY, "{code} is past its deadline."),
)

"""Who hears of what, as data: event kind → audience and words. Pure; pages translate the English sources."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from caunoi.tickets.lifecycle import MOVES


class Audience(StrEnum):
    CITIZEN = "citizen"
    AGENCY = "agency"  # everybody there
    LEAD = "lead"
    CENTRE = "centre"  # operators, supervisors, reviewers
    OPERATOR = "operator"
    SUPERVISOR = "supervisor"
    REVIEWER = "reviewer"
    LEADER = "leader"
    ADMIN = "admin"
    PERSON = "person"  # somebody by themself


# The roles of the ladder, as groups of readers.
OF_ROLE = {
    "officer": Audience.AGENCY,
    "lead": Audience.LEAD,
    "operator": Audience.OPERATOR,
    "supervisor": Audience.SUPERVISOR,
    "leader": Audience.LEADER,
}
WATCHERS = (Audience.OPERATOR, Audience.SUPERVISOR, Audience.LEADER)
MOVED = (Audience.AGENCY, Audience.SUPERVISOR, Audience.LEADER)  # whom an act of reorganisation concerns
AT_AGENCY = frozenset({Audience.AGENCY, Audience.LEAD})
OUTSIDE = AT_AGENCY | {Audience.CITIZEN}  # of the house


@dataclass(frozen=True)
class Notice:
    """`text` is the line in lists ({code}, {agency} and {clock} are filled in); `says` what the citizen is written in
    their thread or by mail (by SMS it is `text` and the link), with {words} (the question, reason or answer) and
    {link}; empty for what only their page tells."""

    name: str
    to: Audience
    text: str
    says: str = ""

    @property
    def weighty(self) -> bool:
        """Whether somebody must see to it when a citizen cannot be told: a question, an answer, a refusal."""
        return "{words}" in self.says


type _Row = tuple[str, Audience, str] | tuple[str, Audience, str, str]


def _table(*rows: _Row) -> dict[str, tuple[Notice, ...]]:
    table: dict[str, tuple[Notice, ...]] = {}
    for kind, to, *texts in rows:
        table[kind] = (*table.get(kind, ()), Notice(f"{kind}.{to}", to, *texts))
    return table


def _of_moves() -> Iterator[_Row]:
    for move in MOVES.values():
        for to, text, *says in move.notices:
            yield (move.event, Audience(to), text, "".join(says))


NOTICES = _table(
    ("ticket.create", Audience.CENTRE, "New: {code}"),
    (
        "ticket.create",
        Audience.CITIZEN,
        "We have received your report {code}.",
        "We have received your report. Its code is {code}. Follow it here: {link}",
    ),
    *_of_moves(),
    ("ticket.refute", Audience.AGENCY, "The citizen shows by a photo that {code} is not fixed."),
    ("ticket.remark", Audience.CENTRE, "New remark on {code}."),
    ("ticket.identify", Audience.SUPERVISOR, "{agency} opened the reporter's identity of {code}."),
    *(
        ("identity.volume", to, "{code} looked at very many reporters within an hour.")
        for to in (Audience.SUPERVISOR, Audience.ADMIN)
    ),
    ("publication.ask_removal", Audience.REVIEWER, "Somebody asks to take {code} down from the public pages."),
    (
        "publication.decline",
        Audience.CITIZEN,
        "We have looked at your request to take {code} down; it stays public.",
        "We have looked at your request to take {code} down from the public pages. It stays, because: {words} More: "
        "{link}",
    ),
    ("publication.decline", Audience.OPERATOR, "{code} stays public: the request to take it down was declined."),
    ("publication.withdraw", Audience.CITIZEN, "{code} is no longer public."),
    ("handover.involve", Audience.AGENCY, "Your help is asked for: {code}"),
    ("handover.recall", Audience.AGENCY, "Your help with {code} is no longer asked for."),
    ("handover.answer", Audience.AGENCY, "An agency that helps has answered: {code}"),
    ("handover.return", Audience.CENTRE, "{agency} cannot help with {code}."),
    ("handover.ask_extension", Audience.CENTRE, "{agency} asks for more time for {code}."),
    ("handover.limit", Audience.SUPERVISOR, "{code} has been passed on too often: you decide who acts."),
    ("handover.reply", Audience.CENTRE, "{agency} answered {code} by its link."),
    *(("sla.warn", to, "{code} is due soon: {clock}") for to in OF_ROLE.values()),
    *(("sla.escalate", to, "{code} is past its deadline: {clock}") for to in OF_ROLE.values()),
    ("directive.give", Audience.LEAD, "A leader's order for you: {code}"),
    ("directive.give", Audience.SUPERVISOR, "A leader's order for the centre: {code}"),
    ("directive.acknowledge", Audience.LEADER, "{agency} has read your order: {code}"),
    ("directive.complete", Audience.LEADER, "{agency} has carried out your order: {code}"),
    ("directive.late", Audience.LEADER, "An order to {agency} is overdue: {code}"),
    ("directive.late", Audience.LEAD, "A leader's order is overdue: {code}"),
    ("directive.late", Audience.SUPERVISOR, "A leader's order to the centre is overdue: {code}"),
    ("directive.withdraw", Audience.LEAD, "The leader has taken an order back: {code}"),
    ("directive.withdraw", Audience.SUPERVISOR, "The leader has taken back an order for the centre: {code}"),
    *(("alert.fire", to, "Alert: {code}") for to in WATCHERS),
    *(("alert.again", to, "Still: {code}") for to in WATCHERS),
    *(("alert.resolve", to, "Over: {code}") for to in WATCHERS),
    *(
        ("act.schedule", to, "{code}: a reorganisation changes {agency} from {day} on. See what changes.")
        for to in MOVED
    ),
    *(("act.eve", to, "{code}: tomorrow a reorganisation changes {agency}. See what changes.") for to in MOVED),
    *(("act.carry_out", to, "{code} is in force: {agency}. See what has changed.") for to in MOVED),
    *(("act.unschedule", to, "{code} has been taken back: nothing changes for {agency} on {day}.") for to in MOVED),
    ("alarm.raise", Audience.CITIZEN, "Call the emergency number now."),
    *(
        ("alarm.climb", to, "An emergency rings and nobody has it: {code}")
        for to in (Audience.SUPERVISOR, Audience.LEADER, Audience.ADMIN)
    ),
    *(
        ("alarm.climb_shut", to, "An emergency in confidence rings and no custodian has it: call one.")
        for to in (Audience.SUPERVISOR, Audience.ADMIN)
    ),
    ("session.new_device", Audience.PERSON, "Signed in to your account on a new device: {code}. Was it you?"),
    ("person.hand_password", Audience.PERSON, "An administrator made a new one-time password for your account."),
    ("key.ask", Audience.PERSON, "The key of a program waits for your approval: {code}"),
    ("key.alone", Audience.PERSON, "An administrator issued a key alone, without a second pair of eyes: {code}"),
    ("service.follow", Audience.PERSON, "A program you answer for works for another agency now: {code}"),
    ("service.close", Audience.PERSON, "A program you answer for has ended with its agency, its keys too: {code}"),
    ("factor.ask", Audience.PERSON, "A reset of second factors waits for another administrator: {code}"),
    ("explanation.give", Audience.LEAD, "Please explain why {code} is late."),
    ("explanation.give", Audience.SUPERVISOR, "The centre is asked to explain why {code} is late."),
    ("explanation.complete", Audience.LEADER, "{agency} has explained why {code} was late."),
    ("explanation.complete", Audience.CENTRE, "{agency} has explained why {code} was late."),
    ("explanation.late", Audience.LEADER, "{agency} has not explained in time why {code} is late."),
    ("explanation.late", Audience.LEAD, "Your explanation of {code} is overdue."),
    ("explanation.late", Audience.SUPERVISOR, "{agency} has not explained in time why {code} is late."),
    ("explanation.withdraw", Audience.LEAD, "No need any more to explain why {code} is late."),
    ("explanation.withdraw", Audience.SUPERVISOR, "The centre need not explain any more why {code} is late."),
)
BY_NAME = {notice.name: notice for notices in NOTICES.values() for notice in notices}

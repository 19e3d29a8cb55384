"""Steering a call: what stands beside it, whom it can be led to, and what is said to whoever is called in."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from caunoi.accounts.models import User
from caunoi.accounts.queries import by_name, people
from caunoi.calls import queries
from caunoi.calls.models import Call
from caunoi.calls.operator_states import OperatorState
from caunoi.directory.queries import agencies
from caunoi.events.actor import Actor
from caunoi.lib.numbers.phone import display
from caunoi.telephony.commands import Kind, Standing
from caunoi.tickets import queries as tickets
from caunoi.tickets.models import Ticket
from caunoi.tickets.reasons import EMERGENCY
from caunoi.web.called_in import Party, called_in
from caunoi.web.desk.on_duty import MARK, state_words
from caunoi.web.labels import SUPERVISED, localised_name

REFUSED = {
    "not_yours": gettext_noop("This is not your call."),
    "over": gettext_noop("The call is over."),
    "no_control": gettext_noop("This exchange cannot be steered from here: use the phone's keys."),
    "pbx_down": gettext_noop("The telephone exchange is not connected at the moment: use the phone's keys."),
    "not_talking": gettext_noop("The exchange has not said yet who talks. Try again in a moment."),
    "no_number": gettext_noop("This number cannot be called."),
    "no_digits": gettext_noop("Only digits, * and # can be sent."),
    "no_extension": gettext_noop("Your account has no extension yet: an administrator enters it under People."),
    "nobody_consulted": gettext_noop("Nobody is being consulted."),
    "consulting": gettext_noop("Somebody is being consulted already: hand the call over or take it back first."),
    "not_so": gettext_noop("That is so already."),
    "still_ringing": gettext_noop("Stay until they have picked up: the caller would be left alone."),
    "no_room": gettext_noop("The exchange cannot do that yet. Use the phone's keys, and tell an administrator."),
    "late": gettext_noop("The telephone exchange did not take it in time. Please try again."),
}
SERVICES = ("113", "114", "115", "111", "112")


@dataclass(frozen=True, kw_only=True)
class ToSay:
    """What to say to whoever is called in: a number to call back, the place, what it is about."""

    number: str
    place: str
    what: str


@dataclass(frozen=True, kw_only=True)
class ControlPanel:
    """The buttons beside one's own call, which is `recorded` or not. `duty`: the agency of its ticket, as `#code` and
    by name; `trouble`: why what was asked for last did not come about; `watched`: what supervisors do with the call."""

    call: Call
    stands: Standing
    recorded: bool
    parties: list[Party]
    emergency: list[tuple[str, str]]
    duty: tuple[str, str] | None
    say: ToSay
    trouble: str
    watched: list[str]


@dataclass(frozen=True, kw_only=True)
class DirectoryLine:
    """Somebody to whom a call can be led: `to` for the command, and of a colleague what they do now."""

    to: str
    name: str
    text: str
    mark: str = ""
    free: bool = True


def trouble_words(code: str) -> str:
    """Why a command was not done, by its code or in the exchange's own words."""
    return _(REFUSED[code]) if code in REFUSED else _("The telephone exchange refused: %s") % code


def watched(user: User, call: Call | None) -> list[str]:
    """What supervisors did lately with somebody's calls: with this one, or (None) that they have taken one over."""
    lines = (
        _(SUPERVISED[row.kind]) % {"name": row.user}
        for row in queries.supervised(user.pk)
        if (row.call_id == call.pk if call else row.kind == Kind.TAKE_OVER)
    )
    return list(dict.fromkeys(lines))  # who listened twice


def panel(call: Call, user: User, by: Actor, trouble: str = "") -> ControlPanel | None:
    """The buttons of a call that somebody may steer; None where they may not, or nobody can."""
    if queries.steered_leg(call, user) is None or queries.asterisk_of(call.inbox) is None:
        return None
    about = tickets.of_calls([call.pk], by).get(call.pk, [])
    failed = queries.refused_command(user.pk)
    return ControlPanel(
        call=call,
        stands=queries.standing(call),
        recorded=not call.facts.get("unrecorded"),
        parties=called_in([call]),
        emergency=[(number, _(EMERGENCY[number])) for number in SERVICES],
        duty=_duty(about),
        say=_to_say(call, about),
        trouble=trouble or (trouble_words(failed.trouble) if failed and failed.call_id == call.pk else ""),
        watched=watched(user, call),
    )


def _duty(about: list[Ticket]) -> tuple[str, str] | None:
    holders = [holder for ticket in about if (holder := tickets.holder(ticket)) and holder.phone]
    return (f"#{holders[0].code}", localised_name(holders[0])) if holders else None


def _to_say(call: Call, about: list[Ticket]) -> ToSay:
    ticket = about[0] if about else None
    return ToSay(
        number=display(call.phone) if call.phone else "",
        place=ticket.address if ticket else "",
        what=(ticket.summary or ticket.text) if ticket else "",
    )


def directory(user: User) -> tuple[list[DirectoryLine], list[DirectoryLine]]:
    """Colleagues with a phone, those who are free first, and agencies with a number on duty."""
    now_by_id = {one.user.pk: one.reading for one in queries.operators_now()}
    colleagues = []
    for one in by_name(people()):
        if one.pk == user.pk or not one.extension or one.role not in queries.ON_THE_PHONE:
            continue
        reading = now_by_id.get(one.pk)
        state = reading.state if reading else OperatorState.SIGNED_OUT
        text = state_words(state, reading.reason if reading else "")
        free = state == OperatorState.READY
        colleagues.append(DirectoryLine(to=f"@{one.username}", name=str(one), text=text, mark=MARK[state], free=free))
    duty = [
        DirectoryLine(to=f"#{row.code}", name=localised_name(row), text=row.phone) for row in agencies() if row.phone
    ]
    return sorted(colleagues, key=lambda one: not one.free), duty

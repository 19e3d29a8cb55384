"""Who is there to answer the phone, as the desk sees it."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from caunoi.accounts.queries import by_name, people
from caunoi.calls import queries
from caunoi.calls.operator_states import OperatorState, Word
from caunoi.calls.queries import OperatorNow
from caunoi.lib.vietnamese.writing import sort_key
from caunoi.web.labels import PAUSES, PRESENCE, word

MARK = {
    OperatorState.SIGNED_OUT: "refused",
    OperatorState.READY: "on-time",
    OperatorState.RINGING: "on-call",
    OperatorState.TALKING: "on-call",
    OperatorState.AFTER_CALL: "due-soon",
    OperatorState.BREAK: "due-soon",
    OperatorState.AWAY: "due-soon",
    OperatorState.UNREACHABLE: "overdue",
}


@dataclass(frozen=True, kw_only=True)
class PresenceLabel:
    """One's state in words, with its mark. `ends` of an after-call time; `rung_in_vain`: the exchange does not ring it
    again until its owner is back."""

    state: str
    label: str
    mark: str
    since: datetime | None
    ends: datetime | None
    rung_in_vain: bool


@dataclass(frozen=True, kw_only=True)
class OnDuty(PresenceLabel):
    name: str
    username: str


@dataclass(frozen=True, kw_only=True)
class LineHealth:
    """Whether the PBX is linked, None where none is set up; and what to say about it."""

    ok: bool | None
    text: str = ""
    since: datetime | None = None


def state_words(state: str, reason: str) -> str:
    """A state and, of a break, its reason."""
    why = word(PAUSES, reason) if state == OperatorState.BREAK and reason else ""
    return word(PRESENCE, state) + (f": {why}" if why else "")


def presence_label(operator: OperatorNow) -> PresenceLabel:
    """What an operator does now, in words."""
    reading = operator.reading
    return PresenceLabel(
        state=reading.state,
        label=state_words(reading.state, reading.reason),
        mark=MARK[reading.state],
        since=reading.since,
        ends=reading.ends,
        rung_in_vain=reading.reason == Word.NO_ANSWER,
    )


def on_duty() -> list[OnDuty]:
    """Everybody who is on duty or on a call, by name."""
    return sorted(map(on_duty_line, queries.operators_now()), key=lambda one: sort_key(one.name))


def on_duty_line(operator: OperatorNow) -> OnDuty:
    """What somebody does, with their name."""
    return OnDuty(**vars(presence_label(operator)), name=str(operator.user), username=operator.user.username)


def operator_choices() -> list[tuple[str, str]]:
    """Everybody who may be on the phone, as user name and name, by name."""
    return [(user.username, str(user)) for user in by_name(people()) if user.role in queries.ON_THE_PHONE]


def line_health() -> LineHealth:
    links = queries.links()
    if not links:
        return LineHealth(ok=None)
    dead = [link for link in links if not queries.holds(link)]
    if not dead:
        return LineHealth(ok=True, text=_("The telephone exchange is connected"))
    text = _("No connection to the telephone exchange")
    if len(dead) < len(links):
        names = ", ".join(str(link.inbox.label) for link in links if link not in dead)
        drills = any(link.pk in queries.drilled() for link in dead)
        text = (
            _("Drill: all calls go through %s") % names
            if drills
            else _("One exchange is away; all calls go through %s") % names
        )
    return LineHealth(ok=False, text=text, since=dead[0].down_since or dead[0].seen)

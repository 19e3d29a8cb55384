"""Who was called into calls: 113, 114, 115, an agency on duty, a colleague; and whether they picked up."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from caunoi.accounts.queries import names
from caunoi.calls import queries
from caunoi.calls.models import Call, CallCommand, CallLeg
from caunoi.directory.queries import agency
from caunoi.tickets.reasons import EMERGENCY
from caunoi.web.labels import OUTCOME, localised_name, word


@dataclass(frozen=True, kw_only=True)
class Party:
    """Somebody who was called into a call: who, when, by whom, and whether they have answered."""

    who: str
    row: CallCommand
    leg: CallLeg | None
    by: str
    outcome: str
    answered: bool


def whom(label: str) -> str:
    """Whom a command called, in words."""
    if label.startswith("@"):
        return names({label[1:]}).get(label[1:], label[1:])
    if label.startswith("#"):
        office = agency(label[1:])
        return localised_name(office) or label[1:]
    return f"{label} ({_(EMERGENCY[label])})" if label in EMERGENCY else label or _("another number")


def called_in(calls: Iterable[Call]) -> list[Party]:
    """Who was called into these calls."""
    return [_called_in(row, leg) for row, leg in queries.called_in(calls)]


def _called_in(row: CallCommand, leg: CallLeg | None) -> Party:
    answered = leg is not None and leg.talk_from is not None
    over = leg.outcome if leg and leg.ended_at else "no_answer" if row.trouble else ""
    outcome = _("Picked up") if answered else word(OUTCOME, over) if over else _("Ringing")
    return Party(who=whom(row.label), row=row, leg=leg, by=str(row.user), outcome=outcome, answered=answered)

"""What people decided of a ticket, in the words of its proposals."""

from collections.abc import Mapping

from caunoi.events.queries import last
from caunoi.tickets.lifecycle import FIRST, State
from caunoi.tickets.models import Ticket
from caunoi.triage.heads import EMERGENCIES, of_gate
from caunoi.triage.model import NONE
from caunoi.triage.models import Alarm

REFUSALS = {
    "complaint": "complaint",
    "denunciation": "denunciation",
    "outside": "out_of_area",
    "unclear": "unclear",
    "abuse": "spam",
    "advertising": "spam",
}
"""The gate that a reason for refusing a ticket means."""


def gate(reason: str, proposed: str, outcome: str = "") -> str | None:
    """The gate that a person decided: of the `reason` of a refusal, or "" where the ticket was taken on; `proposed`:
    what had been, "" where nobody knows; `outcome`: what was said of its alarm. None where it is not clear: whoever
    takes on an emergency need not mean that it is none."""
    if reason and reason != "emergency":
        return REFUSALS.get(reason)
    if proposed not in EMERGENCIES:
        return NONE if proposed and not reason else None
    return NONE if outcome == Alarm.Outcome.NO_EMERGENCY else proposed if reason or outcome else None


def of_ticket(ticket: Ticket, proposed: str) -> dict[str, str]:
    """As the ticket stands now, by matter; `proposed`: the gate that had been. Nothing while nobody has decided."""
    if ticket.state in (FIRST, State.MERGED):
        return {}
    if ticket.state == State.REFUSED:
        refusal = last(ticket, "ticket.refuse")
        value = gate(str(refusal.data.get("reason", "")), proposed, _outcome(ticket, proposed)) if refusal else None
        return {"gate": value} if value else {}
    result = {"kind": ticket.kind, "urgency": ticket.urgency}
    if ticket.category:
        result["category"] = ticket.category.code
    if ticket.area:
        result["area_code"] = ticket.area.code
    if ticket.agency:
        result["agency"] = ticket.agency.code
    if value := gate("", proposed, _outcome(ticket, proposed)):
        result["gate"] = value
    return result


def _outcome(ticket: Ticket, proposed: str) -> str:
    """What somebody said of the ticket's alarm."""
    if proposed not in EMERGENCIES:
        return ""
    alarm = Alarm.objects.filter(ticket=ticket).exclude(outcome="").order_by("-pk").first()
    return alarm.outcome if alarm else ""


def labels(decided: Mapping[str, str]) -> dict[str, str]:
    """What a model learns of it, by head."""
    result = {name: decided[name] for name in ("kind", "urgency") if name in decided}
    if "category" in decided:
        result["field"] = decided["category"]
    if (value := decided.get("gate")) is not None:
        result |= of_gate(value)
    return result

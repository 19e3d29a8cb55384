"""The four numbers counted in full, the simplest way: every ticket and its deadline, one by one. What the kept figures
must equal."""

from collections import Counter
from datetime import datetime

from caunoi.routing.models import OPEN_LEGS, Handover
from caunoi.sla.models import Deadline
from caunoi.statistics.periods import VIETNAM
from caunoi.tickets.lifecycle import OPEN
from caunoi.tickets.models import Ticket

BY = ("", "agency", "area", "category", "channel", "day", "month")


def _key(ticket: Ticket, by: str) -> str:
    local = ticket.received.astimezone(VIETNAM)
    if by == "agency" and ticket.state in OPEN and not _held(ticket):
        return ""  # what is open lies at the centre where no agency holds it
    if by in ("agency", "area", "category"):
        row = getattr(ticket, by)
        return row.code if row else ""
    return {"": "", "channel": ticket.channel, "day": f"{local:%Y-%m-%d}", "month": f"{local:%Y-%m}"}[by]


def _held(ticket: Ticket) -> bool:
    legs = Handover.objects.filter(ticket=ticket, role=Handover.Role.LEAD, state__in=OPEN_LEGS)
    return legs.exists()


def _part(ticket: Ticket, deadline: Deadline | None, at: datetime) -> str | None:
    if ticket.state in ("refused", "merged"):
        return None
    late = deadline is not None and deadline.late
    if ticket.state in ("answered", "closed"):
        return "late" if late or ticket.reopened else "on_time"
    due = deadline.due if deadline else None
    return "open_overdue" if late or (due is not None and due < at) else "open_within"


def four(since: datetime, until: datetime, at: datetime) -> dict[str, Counter[tuple[str, str]]]:
    """{grouping: {(key, part): tickets}} of what was received in [since, until)."""
    deadlines = {d.ticket_id: d for d in Deadline.objects.filter(clock="handle", leg=None)}
    result: dict[str, Counter[tuple[str, str]]] = {by: Counter() for by in BY}
    for ticket in Ticket.objects.filter(received__gte=since, received__lt=until):
        if part := _part(ticket, deadlines.get(ticket.pk), at):
            for by in BY:
                result[by][_key(ticket, by), part] += 1
    return result

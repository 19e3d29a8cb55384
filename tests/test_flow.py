from caunoi.flow import REACTIONS
from caunoi.notifications.notices import NOTICES
from caunoi.notifications.tasks import tell
from caunoi.tickets.lifecycle import MOVES

KNOWN = {f"ticket.{move}" for move in MOVES} | {
    "ticket.create", "ticket.edit", "ticket.remark", "ticket.photos", "ticket.rate", "ticket.call", "ticket.uncall",
    "publication.publish", "publication.withdraw", "handover.involve", "sla.breach", "sla.recount",
    "procedure.version", "procedure.retire", "procedure.restore",
    "call.end", "callback.ask", "callback.again", "callback.claim",
    "callback.release", "callback.try", "callback.finish", "callback.reopen",
    "day.set", "day.remove", "calendar.edit",
}  # fmt: skip


def test_reactions_are_to_events_that_exist():
    assert set(REACTIONS) == KNOWN


def test_everyone_who_should_be_told_is_told():
    assert {kind for kind, tasks in REACTIONS.items() if tell in tasks} == set(NOTICES)

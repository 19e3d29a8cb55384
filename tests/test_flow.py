from caunoi.flow import REACTIONS
from caunoi.notifications.notices import NOTICES
from caunoi.notifications.tasks import tell, tell_alarm, tell_alert, tell_moved, tell_order, tell_person
from caunoi.tickets.lifecycle import MOVES

KNOWN = {f"ticket.{move}" for move in MOVES if move != "leg_answer"} | {  # of one that helps: handover.answer
    "ticket.create", "ticket.edit", "ticket.undo", "ticket.remark", "ticket.photos", "ticket.rate", "ticket.refute",
    "ticket.call", "ticket.uncall", "ticket.assign", "ticket.release", "ticket.snooze", "ticket.wake",
    "procedure.version", "procedure.retire", "procedure.restore",
    "call.end", "call.record", "gap.close", "person.edit", "person.deactivate", "person.recover",
    "callback.ask", "callback.again", "callback.assign", "callback.note",
    "callback.claim", "factor.add", "factor.remove", "factor.recovery", "factor.reset", "factor.link",
    "callback.release", "callback.try", "callback.finish", "callback.reopen",
    "ticket.identify", "identity.volume",
    "publication.publish", "publication.withdraw", "publication.correct", "publication.keep",
    "publication.reconsider", "publication.ask_removal", "publication.decline",
    "handover.involve", "handover.accept", "handover.return", "handover.recall", "handover.answer",
    "handover.ask_extension", "handover.grant_extension", "handover.refuse_extension", "handover.limit",
    "handover.link", "handover.reply",
    "directive.give", "directive.acknowledge", "directive.complete", "directive.withdraw", "directive.late",
    "ticket.succeed", "ticket.resettle", "directive.follow", "act.carry_out",
    "act.schedule", "act.unschedule", "act.eve",
    "explanation.give", "explanation.acknowledge", "explanation.complete", "explanation.withdraw", "explanation.late",
    "alarm.raise", "alarm.climb", "alarm.climb_shut", "alarm.acknowledge", "alarm.judge",
    "alert.fire", "alert.again", "alert.resolve", "report.draft", "report.refresh", "report.issue", "report.recall",
    "report.replace",
    "sla.breach", "sla.warn", "sla.escalate", "recount.finish",
    "day.set", "day.remove", "calendar.edit", "rung.add", "rung.remove",
    "message.receive", "message.edit", "message.remove", "enclosure.keep", "outgoing.delivered", "outgoing.read",
    "conversation.dismiss", "conversation.restore", "inbox.trouble", "inbox.well",
    "person.hand_password", "session.new_device", "key.ask", "key.alone", "factor.ask",
    "service.follow", "service.close",
    "datarequest.grant", "contact.ask_erase", "receipt.ask_erase", "ticket.ask_erase",
}  # fmt: skip


def test_reactions_are_to_events_that_exist():
    assert set(REACTIONS) == KNOWN


def test_everyone_who_should_be_told_is_told():
    assert {
        kind
        for kind, tasks in REACTIONS.items()
        if {tell, tell_alarm, tell_alert, tell_moved, tell_order, tell_person} & set(tasks)
    } == set(NOTICES)

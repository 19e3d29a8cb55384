"""The way of a citizen's request, read top to bottom: what follows each event.

A reaction takes the event; it runs in a worker after the commit, at least once, and checks the state of things first.
What fails is tried again by itself.
"""

from caunoi.answers.tasks import recheck
from caunoi.calls.tasks import fetch, fill_in, recall, settle, show
from caunoi.confidential.tasks import confide
from caunoi.events.actor import Role
from caunoi.followers.tasks import follow, tell_followers
from caunoi.notifications.enrolment import FACTOR_NEWS
from caunoi.notifications.tasks import (
    announce,
    announce_all,
    announce_health,
    announce_messages,
    announce_order,
    announce_privately,
    announce_threads,
    push_alarm,
    tell,
    tell_alarm,
    tell_alert,
    tell_factor,
    tell_moved,
    tell_order,
    tell_person,
    tell_recovered,
    warn,
)
from caunoi.privacy.tasks import carry_out, take_erasure, take_passed_on_erasure, take_unknown_erasure
from caunoi.publication.tasks import enter, look_at_photos, propose, refile
from caunoi.quality.tasks import write_down
from caunoi.ratings.tasks import hear as hear_grade
from caunoi.ratings.tasks import invite, take_key
from caunoi.reports.tasks import issue, make, mark
from caunoi.routing.tasks import finish, read
from caunoi.sla.tasks import recount, refresh
from caunoi.tickets.lifecycle import MOVES
from caunoi.tickets.tasks import attach, hear, index, link, locate, reword
from caunoi.transfers.tasks import give_back
from caunoi.triage.tasks import climb, judge, listen, reconsider

AFTER_MOVES = (refresh, finish, give_back, propose, invite, refile, judge, tell, tell_followers, announce)
TASKS = {task.__name__: task for task in AFTER_MOVES}
"""What may follow a move, by the name that its row in tickets/lifecycle.py calls it."""
ALARMS = (listen, warn)
"""What comes before all else where a citizen's words come in."""
REACTIONS = {
    #  event                       clocks     work             public    people
    **{
        move.event: (*(ALARMS if Role.CITIZEN in move.roles else ()), *(TASKS[name] for name in move.reactions))
        for move in MOVES.values()
        if move.history
    },
    "message.receive": (*ALARMS, hear, hear_grade, follow, announce_messages),
    "message.edit": (*ALARMS, reword, announce_messages),
    "message.remove": (announce_messages,),
    "enclosure.keep": (attach, announce_messages),
    "outgoing.delivered": (announce_messages,),
    "outgoing.read": (announce_messages,),
    "conversation.dismiss": (announce_threads,),
    "conversation.restore": (announce_threads,),
    "inbox.trouble": (announce_health,),
    "inbox.well": (announce_health,),
    "ticket.create": (*ALARMS, confide, refresh, index, locate, read, tell, announce),
    "ticket.edit": (refresh, propose, refile, judge, announce),
    "ticket.undo": (refresh, propose, refile, judge, announce),
    "ticket.assign": (announce,),
    "ticket.release": (announce,),
    "ticket.snooze": (announce,),
    "ticket.wake": (announce,),
    "ticket.remark": (*ALARMS, tell, announce),
    "ticket.photos": (look_at_photos, announce),
    "ticket.rate": (announce_privately,),
    "ticket.refute": (*ALARMS, tell, announce),
    "ticket.call": (announce,),
    "ticket.uncall": (announce,),
    "alarm.raise": (push_alarm, climb, tell_alarm),
    "alarm.climb": (push_alarm, tell_alarm, climb),
    "alarm.acknowledge": (push_alarm,),
    "alarm.judge": (reconsider,),
    "alarm.climb_shut": (push_alarm, tell_alarm, climb),
    "call.end": (settle, link, fetch, take_key),
    "call.record": (write_down,),
    "gap.close": (fill_in,),
    "callback.ask": (show,),
    "callback.again": (show,),
    "callback.assign": (show,),
    "callback.note": (show,),
    "callback.claim": (show,),
    "callback.release": (show,),
    "callback.try": (show,),
    "callback.finish": (show,),
    "callback.reopen": (show,),
    "person.edit": (recall,),
    "person.deactivate": (recall,),
    "person.recover": (tell_recovered,),
    "person.hand_password": (tell_person,),
    "session.new_device": (tell_person,),
    "key.ask": (tell_person,),
    "key.alone": (tell_person,),
    "service.follow": (tell_person,),
    "service.close": (tell_person,),
    "factor.ask": (tell_person,),
    **dict.fromkeys(FACTOR_NEWS, (tell_factor,)),
    "procedure.version": (recheck,),
    "procedure.retire": (recheck,),
    "procedure.restore": (recheck,),
    "ticket.identify": (tell, announce),
    "publication.publish": (announce, enter),
    "publication.correct": (announce, enter, tell_followers),
    "publication.keep": (announce,),
    "publication.reconsider": (announce,),
    "publication.ask_removal": (tell, announce),
    "publication.decline": (tell, announce),
    "publication.withdraw": (enter, tell, tell_followers, announce),
    "handover.involve": (refresh, tell, announce),
    "handover.accept": (refresh, announce),
    "handover.return": (refresh, tell, announce),
    "handover.recall": (tell, announce),
    "handover.answer": (refresh, tell, announce),
    "handover.ask_extension": (tell, announce),
    "handover.grant_extension": (refresh, announce),
    "handover.refuse_extension": (announce,),
    "handover.limit": (tell, announce),
    "handover.link": (announce,),
    "handover.reply": (tell, announce),
    "directive.give": (tell_order, announce_order),
    "directive.acknowledge": (tell_order, announce_order),
    "directive.complete": (tell_order, announce_order),
    "directive.withdraw": (tell_order, announce_order),
    "directive.late": (tell_order, announce_order),
    "explanation.give": (tell_order, announce_order),
    "explanation.acknowledge": (announce_order,),
    "explanation.complete": (tell_order, announce_order),
    "explanation.withdraw": (tell_order, announce_order),
    "explanation.late": (tell_order, announce_order),
    "identity.volume": (tell_alert,),
    "alert.fire": (tell_alert,),
    "alert.again": (tell_alert,),
    "alert.resolve": (tell_alert,),
    "report.draft": (make,),
    "report.refresh": (make,),
    "report.issue": (issue,),
    "report.recall": (mark,),
    "report.replace": (mark,),
    "sla.breach": (announce,),
    "sla.warn": (tell, announce),
    "sla.escalate": (tell, announce),
    "ticket.succeed": (refile, announce),
    "ticket.resettle": (refile, announce),
    "directive.follow": (announce_order,),
    "act.schedule": (tell_moved, announce_all),
    "act.unschedule": (tell_moved, announce_all),
    "act.eve": (tell_moved, announce_all),
    "act.carry_out": (tell_moved, announce_all),
    "recount.finish": (announce_all,),
    "contact.ask_erase": (take_erasure,),
    "receipt.ask_erase": (take_unknown_erasure,),
    "ticket.ask_erase": (take_passed_on_erasure, announce),
    "datarequest.grant": (carry_out,),
    "day.set": (recount,),
    "day.remove": (recount,),
    "calendar.edit": (recount,),
    "rung.add": (recount,),
    "rung.remove": (recount,),
}

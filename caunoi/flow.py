"""The way of a citizen's request, read top to bottom: what follows each event.

A reaction takes the event; it runs in a worker after the commit, at least once, and checks the state of things first.
What fails is tried again by itself.
"""

from caunoi.answers.tasks import recheck
from caunoi.calls.tasks import fetch, settle, show
from caunoi.notifications.tasks import (
    announce,
    announce_all,
    announce_health,
    announce_messages,
    announce_order,
    announce_privately,
    announce_threads,
    tell,
    tell_order,
)
<<<<<<< HEAD
from caunoi.publication.tasks import enter, look_at_photos, propose
from caunoi.ratings.tasks import hear as hear_grade
from caunoi.ratings.tasks import invite
=======
from caunoi.publication.tasks import enter, look_at_photos, propose, refile
>>>>>>> main
from caunoi.reports.tasks import issue, make
from caunoi.routing.tasks import finish
from caunoi.sla.tasks import recount, refresh
from caunoi.tickets.tasks import attach, hear, index, link, locate, reword

REACTIONS = {
    #  event                       clocks     work             public    people
    "message.receive":            (           hear, hear_grade,                         announce_messages),
    "message.edit":               (           reword,                          announce_messages),
    "message.remove":             (                                            announce_messages,),
    "enclosure.keep":             (           attach,                          announce_messages),
    "outgoing.delivered":         (                                            announce_messages,),
    "outgoing.read":              (                                            announce_messages,),
    "conversation.dismiss":       (                                            announce_threads,),
    "conversation.restore":       (                                            announce_threads,),
    "inbox.trouble":              (                                            announce_health,),
    "inbox.well":                 (                                            announce_health,),
    "ticket.create":              (refresh,   index, locate,             tell, announce),
    "ticket.edit":                (refresh,                    propose, refile, announce),
    "ticket.accept":              (refresh,                    propose, refile, tell, announce),
    "ticket.ask":                 (refresh,                    refile,   tell, announce),
    "ticket.resume":              (refresh,                    refile,   tell, announce),
    "ticket.refuse":              (refresh,   finish,          propose, refile, tell, announce),
    "ticket.merge":               (refresh,   finish,          propose, refile, tell, announce),
    "ticket.route":               (refresh,                    propose, refile, tell, announce),
    "ticket.leg_accept":          (refresh,                    refile,         announce),
    "ticket.leg_pass_on":         (refresh,                    refile,   tell, announce),
    "ticket.leg_return":          (refresh,                    refile,   tell, announce),
    "ticket.leg_ask_extension":   (refresh,                              tell, announce),
    "ticket.leg_grant_extension": (refresh,                    refile,   tell, announce),
    "ticket.leg_refuse_extension": (                                     tell, announce),
<<<<<<< HEAD
    "ticket.start":               (refresh,                              tell, announce),
    "ticket.result":              (refresh,                              tell, announce),
    "ticket.revise":              (refresh,                              tell, announce),
    "ticket.approve":             (refresh,   finish,          propose, invite, tell, announce),
    "ticket.answer":              (refresh,                    propose, invite, tell, announce),
    "ticket.close":               (refresh,                                    announce),
    "ticket.reopen":              (refresh,                              tell, announce),
=======
    "ticket.start":               (refresh,                    refile,   tell, announce),
    "ticket.result":              (refresh,                    refile,   tell, announce),
    "ticket.revise":              (refresh,                    refile,   tell, announce),
    "ticket.approve":             (refresh,   finish,          propose, refile, tell, announce),
    "ticket.answer":              (refresh,                    propose, refile, tell, announce),
    "ticket.close":               (refresh,                    refile,         announce),
    "ticket.reopen":              (refresh,                    refile,   tell, announce),
>>>>>>> main
    "ticket.remark":              (                                      tell, announce),
    "ticket.photos":              (                   look_at_photos,          announce),
    "ticket.rate":                (announce_privately,),
    "ticket.refute":              (                                      tell, announce),
    "ticket.call":                (announce,),
    "ticket.uncall":              (announce,),
    "call.end":                   (           settle, link, fetch),
    "callback.ask":               (show,),
    "callback.again":             (show,),
    "callback.claim":             (show,),
    "callback.release":           (show,),
    "callback.try":               (show,),
    "callback.finish":            (show,),
    "callback.reopen":            (show,),
    "procedure.version":          (           recheck,),
    "procedure.retire":           (           recheck,),
    "procedure.restore":          (           recheck,),
    "ticket.identify":            (                                      tell, announce),
    "publication.publish":        (announce, enter),
    "publication.correct":        (announce, enter),
    "publication.keep":           (announce,),
    "publication.reconsider":     (announce,),
    "publication.ask_removal":    (                                      tell, announce),
    "publication.decline":        (                                      tell, announce),
    "publication.withdraw":       (enter,                                tell, announce),
    "handover.involve":           (refresh,                              tell, announce),
    "handover.accept":            (refresh,                                    announce),
    "handover.return":            (refresh,                              tell, announce),
    "handover.answer":            (refresh,                              tell, announce),
    "handover.ask_extension":     (                                      tell, announce),
    "handover.grant_extension":   (refresh,                                    announce),
    "handover.refuse_extension":  (announce,),
    "handover.limit":             (                                      tell, announce),
    "handover.link":              (announce,),
    "handover.reply":             (                                      tell, announce),
    "directive.give":             (tell_order, announce_order),
    "directive.acknowledge":      (tell_order, announce_order),
    "directive.complete":         (tell_order, announce_order),
    "directive.withdraw":         (announce_order,),
    "directive.late":             (tell_order, announce_order),
    "explanation.give":           (tell_order, announce_order),
    "explanation.acknowledge":    (announce_order,),
    "explanation.complete":       (tell_order, announce_order),
    "explanation.withdraw":       (announce_order,),
    "explanation.late":           (tell_order, announce_order),
    "report.draft":               (           make,),
    "report.refresh":             (           make,),
    "report.issue":               (           issue,),
    "sla.breach":                 (announce,),
    "sla.warn":                   (                                      tell, announce),
    "sla.escalate":               (                                      tell, announce),
    "ticket.succeed":             (announce,),
    "ticket.resettle":            (announce,),
    "directive.follow":           (announce_order,),
    "act.carry_out":              (announce_all,),
    "recount.finish":             (announce_all,),
    "day.set":                    (recount,),
    "day.remove":                 (recount,),
    "calendar.edit":              (recount,),
    "rung.add":                   (recount,),
    "rung.remove":                (recount,),
}  # fmt: skip

"""The way of a citizen's request, read top to bottom: what follows each event.

A reaction takes the event; it runs in a worker after the commit, at least once, and checks the state of things first.
What fails is tried again by itself.
"""

from caunoi.answers.tasks import recheck
from caunoi.calls.tasks import fetch, settle, show
from caunoi.notifications.tasks import announce, announce_all, announce_order, tell, tell_order
from caunoi.publication.tasks import enter, propose
from caunoi.routing.tasks import finish
from caunoi.sla.tasks import recount, refresh
from caunoi.tickets.tasks import index, link, locate

REACTIONS = {
    #  event                       clocks     work             public    people
    "ticket.create":              (refresh,   index, locate,             tell, announce),
    "ticket.edit":                (refresh,                    propose,        announce),
    "ticket.accept":              (refresh,                    propose,  tell, announce),
    "ticket.ask":                 (refresh,                              tell, announce),
    "ticket.resume":              (refresh,                              tell, announce),
    "ticket.refuse":              (refresh,   finish,          propose,  tell, announce),
    "ticket.merge":               (refresh,   finish,          propose,  tell, announce),
    "ticket.route":               (refresh,                    propose,  tell, announce),
    "ticket.leg_accept":          (refresh,                                    announce),
    "ticket.leg_pass_on":         (refresh,                              tell, announce),
    "ticket.leg_return":          (refresh,                              tell, announce),
    "ticket.leg_ask_extension":   (refresh,                              tell, announce),
    "ticket.leg_grant_extension": (refresh,                              tell, announce),
    "ticket.leg_refuse_extension": (                                     tell, announce),
    "ticket.start":               (refresh,                              tell, announce),
    "ticket.result":              (refresh,                              tell, announce),
    "ticket.revise":              (refresh,                              tell, announce),
    "ticket.approve":             (refresh,   finish,          propose,  tell, announce),
    "ticket.answer":              (refresh,                    propose,  tell, announce),
    "ticket.close":               (refresh,                                    announce),
    "ticket.reopen":              (refresh,                              tell, announce),
    "ticket.remark":              (                                      tell, announce),
    "ticket.photos":              (announce,),
    "ticket.rate":                (announce,),
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
    "publication.withdraw":       (announce, enter),
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
    "sla.breach":                 (announce,),
    "sla.warn":                   (                                      tell, announce),
    "sla.escalate":               (                                      tell, announce),
    "recount.finish":             (announce_all,),
    "day.set":                    (recount,),
    "day.remove":                 (recount,),
    "calendar.edit":              (recount,),
    "rung.add":                   (recount,),
    "rung.remove":                (recount,),
}  # fmt: skip

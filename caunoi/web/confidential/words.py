"""The words of the confidential lane. English sources."""

from django.utils.translation import gettext_noop as _

LANE = {
    "denunciation": _("A denunciation: officials or others break the law"),
    "child": _("A child that is hurt or in danger"),
    "violence": _("Violence in the family, or sexual violence"),
}
STATE = {
    "new": _("New"),
    "taken": _("In hand"),
    "forwarded": _("Passed on"),
    "closed": _("Closed"),
    "ordinary": _("Became an ordinary ticket"),
    "erased": _("Erased"),
}
STATE_FOR_CITIZENS = {
    "new": _("Received. A custodian will read it."),
    "taken": _("A custodian is looking after it."),
    "forwarded": _("Passed on to whoever is competent."),
    "closed": _("Closed. Read below what was found."),
    "ordinary": _("It is handled as an ordinary report."),
    "erased": _("Erased"),
}
WAY = {
    "citizen": _("chosen by whoever reported it"),
    "operator": _("chosen by an operator"),
    "refusal": _("found by an operator in a ticket"),
    "words": _("by its words"),
}
STEP = {
    "take": _("Take it"),
    "forward": _("Pass it on"),
    "close": _("Close it"),
    "reopen": _("Open it again"),
    "ordinary": _("Make it an ordinary ticket"),
    "erase": _("Erase it"),
}
STEP_ASKS = {
    "take": "",
    "forward": _("To whom it goes, by which letter and on what day"),
    "close": _("What was found or decided. Whoever reported it reads this."),
    "reopen": _("Why it is taken up again"),
    "ordinary": _("Why it is nothing confidential. The ticket is open to all operators."),
    "erase": _("Why it is erased: at whose wish, or by which decision. Nothing brings it back."),
}
ENTRY = {
    "receive": _("Received"),
    "look": _("Opened by"),
    "note": _("Note"),
    "tell": _("Written to whoever reported it"),
    "reply": _("Written by whoever reported it"),
    "take": _("Taken"),
    "forward": _("Passed on"),
    "close": _("Closed"),
    "reopen": _("Opened again"),
    "ordinary": _("Became an ordinary ticket"),
    "erase": _("Erased"),
}
CLOCK_NAME = {
    "forward": _("Pass it on to whoever is competent"),
    "first": _("Enter it, check it, deal with it for the first time"),
    "settle": _("Whoever is competent settles it"),
}
AMOUNT = {"hours": _("%(count)s hours"), "working": _("%(count)s working days"), "days": _("%(count)s days")}

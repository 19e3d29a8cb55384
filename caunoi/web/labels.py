"""The words people see for our codes. English sources; pages show them in the reader's language."""

from datetime import date, timedelta

from django.utils.text import capfirst
from django.utils.timezone import localdate
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_noop as _

from caunoi.accounts.queries import with_mail
from caunoi.directory.boundaries import formerly
from caunoi.directory.models import Agency, Category
from caunoi.directory.options import OPTIONS
from caunoi.directory.queries import option
from caunoi.events.actor import Role
from caunoi.routing.rules import Proposal
from caunoi.tickets.reasons import EMERGENCY, REASONS

KIND = {"report": _("Report"), "petition": _("Petition"), "question": _("Question")}
URGENCY = {"urgent": _("Urgent"), "normal": _("Normal"), "complex": _("Complex")}
GROUPED_BY = {
    "": _("all together"), "agency": _("each agency"), "category": _("each field"), "area": _("each commune"),
    "channel": _("each channel"), "branch": _("each branch of agencies"), "reason": _("each reason"), "hop": _("each hop"),
}  # fmt: skip
REPORT_KIND = {
    "week": _("Weekly"), "month": _("Monthly"), "report_month": _("Reporting month"), "quarter": _("Quarterly"),
    "half": _("Half-yearly"), "year": _("Yearly"),
}  # fmt: skip
CHANNEL = {
    "phone": _("Phone"), "zalo": _("Zalo"), "facebook": _("Facebook"), "email": _("E-mail"), "web": _("Web"),
    "app": _("App"), "sms": _("SMS"), "counter": _("Counter"), "paper": _("Letter"),
}  # fmt: skip
CHANNEL_ICON = {
    "phone": "phone", "zalo": "message-circle", "facebook": "message-circle", "email": "mail", "web": "globe",
    "app": "smartphone", "sms": "message-square-text", "counter": "users", "paper": "file-text",
}  # fmt: skip
STATE = {
    "new": _("New"), "waiting": _("Waiting for the citizen"), "accepted": _("Accepted"), "routed": _("Handed over"),
    "working": _("In progress"), "resulted": _("Result in"), "answered": _("Answered"), "closed": _("Closed"),
    "refused": _("Refused"), "merged": _("Merged"),
}  # fmt: skip
CLOCK = {
    "accept": _("Accept"), "forward": _("Hand over"), "agency_accept": _("Agency accepts"), "handle": _("Handle"),
    "reply": _("Reply to the citizen"),
}  # fmt: skip
DIRECTION = {"in": _("Incoming"), "out": _("Outgoing")}
OUTCOME = {
    "answered": _("Picked up"), "abandoned": _("Caller hung up"), "timeout": _("Waited too long"),
    "join_empty": _("Nobody on duty"), "out_of_hours": _("Out of hours"), "voicemail": _("Left a message"),
    "no_answer": _("Not picked up"), "busy": _("Line busy"), "unknown": _("End not seen"),
}  # fmt: skip
CALLING_OUT = {"waiting": _("Calling"), "ringing": _("Your desk phone rings"), "talking": _("Talking")}
ON_THE_LINE = {"waiting": _("Waiting in the queue"), "ringing": _("Ringing"), "talking": _("Talking")}
PRESENCE = {
    "available": _("Available"),
    "break": _("On a break"),
    "off": _("Off duty"),
    "on_call": _("On a call"),
    "unreachable": _("Desk phone not connected"),
}
BREAKS = {
    "rest": _("Short rest"), "meal": _("Meal"), "meeting": _("Meeting"), "training": _("Training"),
    "paperwork": _("Writing up"),
}  # fmt: skip
PAUSES = BREAKS | {"no_answer": _("Did not pick up"), "away": _("Away from the page")}
"""Every reason of a break: those that people give and those that are seen."""
CALLBACK_REASON = {
    "missed_call": _("Missed call"), "not_delivered": _("Our answer did not arrive"),
    "advice_changed": _("Our advice has changed"), "asked": _("Asked for a call"),
    "survey": _("Phone survey"), "message": _("Message left"),
}  # fmt: skip
# What a button says, its icon, and the key that presses it on the desk.
MOVE = {
    "accept": (_("Accept"), "check", "a"),
    "route": (_("Hand to an agency"), "forward", "f"),
    "answer": (_("Answer now"), "reply", "r"),
    "ask": (_("Ask the citizen"), "circle-question-mark", "q"),
    "resume": (_("Continue"), "play", "c"),
    "refuse": (_("Refuse"), "ban", "x"),
    "merge": (_("Merge into an earlier ticket"), "git-merge", "m"),
    "close": (_("Close"), "circle-check", "z"),
    "reopen": (_("Reopen"), "rotate-ccw", "o"),
    "start": (_("Take it on"), "construction", "s"),
    "result": (_("Send the result"), "send", "r"),
    "approve": (_("Approve and answer"), "circle-check", "p"),
    "revise": (_("Ask for a better answer"), "pencil", "v"),
    "leg_accept": (_("Confirm it is ours"), "check", "a"),
    "leg_return": (_("Return: not ours"), "undo-2", "b"),
    "leg_pass_on": (_("Pass on"), "forward", "f"),
    "leg_ask_extension": (_("Ask for more time"), "calendar-clock", "e"),
    "leg_grant_extension": (_("Grant more time"), "calendar-clock", "y"),
    "leg_refuse_extension": (_("No more time"), "ban", "d"),
    "leg_answer": (_("Send our part"), "send", "r"),
}
# What happened, as history tells it.
EVENT = {
    "ticket.create": (_("Received"), "inbox"),
    "ticket.edit": (_("Details corrected"), "pencil"),
    "ticket.accept": (_("Accepted"), "check"),
    "ticket.ask": (_("The citizen was asked"), "circle-question-mark"),
    "ticket.resume": (_("The citizen replied"), "message-circle"),
    "ticket.refuse": (_("Refused"), "ban"),
    "ticket.merge": (_("Merged into an earlier ticket"), "git-merge"),
    "ticket.route": (_("Handed to %(agency)s"), "forward"),
    "ticket.start": (_("Taken on"), "construction"),
    "ticket.result": (_("Result sent for approval"), "file-text"),
    "ticket.approve": (_("Answer approved"), "circle-check"),
    "ticket.revise": (_("Answer sent back"), "pencil"),
    "ticket.answer": (_("Answered"), "reply"),
    "ticket.close": (_("Closed"), "circle-check"),
    "ticket.reopen": (_("Reopened"), "rotate-ccw"),
    "ticket.undo": (_("Taken back at once"), "undo-2"),
    "ticket.remark": (_("Remark"), "message-square-text"),
    "ticket.photos": (_("Photos added"), "camera"),
    "ticket.lookup": (_("Looked up with a wrong phone number"), "search"),
    "ticket.rate": (_("Rated by the citizen"), "thumbs-up"),
    "ticket.refute": (_("Shown by a photo that it is not fixed: on the record of %(agency)s"), "camera"),
    "ticket.leg_accept": (_("The agency confirms it is theirs"), "check"),
    "ticket.leg_return": (_("Returned by %(agency)s"), "undo-2"),
    "ticket.leg_pass_on": (_("Passed on to %(agency)s"), "forward"),
    "ticket.leg_ask_extension": (_("More time asked for"), "calendar-clock"),
    "ticket.leg_grant_extension": (_("More time granted"), "calendar-clock"),
    "ticket.call": (_("A call was linked"), "phone"),
    "ticket.uncall": (_("A call was unlinked"), "phone-off"),
    "publication.publish": (_("Published"), "eye"),
    "publication.withdraw": (_("Withdrawn from the public"), "eye-off"),
    "publication.correct": (_("Corrected for the public"), "pencil"),
    "publication.keep": (_("Kept from the public"), "eye-off"),
    "publication.reconsider": (_("To be looked at again before publication"), "rotate-ccw"),
    "publication.ask_removal": (_("Asked to take it down from the public pages"), "eye-off"),
    "publication.decline": (_("It stays public"), "eye"),
    "handover.involve": (_("%(agency)s was asked to help"), "handshake"),
    "handover.accept": (_("%(agency)s helps"), "handshake"),
    "handover.return": (_("%(agency)s cannot help"), "undo-2"),
    "ticket.leg_refuse_extension": (_("No more time granted"), "ban"),
    "ticket.identify": (_("The reporter's identity was opened"), "eye"),
    "handover.answer": (_("%(agency)s sent its part"), "handshake"),
    "handover.ask_extension": (_("%(agency)s asks for more time to help"), "calendar-clock"),
    "handover.grant_extension": (_("More time to help granted"), "calendar-clock"),
    "handover.refuse_extension": (_("No more time to help granted"), "ban"),
    "handover.limit": (_("Handed on too often: the supervisor decides"), "triangle-alert"),
    "handover.link": (_("One-time link for %(agency)s"), "link"),
    "handover.reply": (_("%(agency)s answered by its link"), "link"),
    "sla.breach": (_("Past the deadline"), "triangle-alert"),
    "sla.warn": (_("Due soon: %(to)s reminded"), "bell"),
    "sla.escalate": (_("Overdue: %(to)s told"), "bell"),
    "ticket.succeed": (_("By an act of reorganisation now with %(agency)s"), "landmark"),
    "ticket.resettle": (_("The commune has changed by an act of reorganisation"), "landmark"),
    "sla.recount": (_("Deadline counted anew: the calendar changed"), "calendar-clock"),
}


ROLE = {
    "officer": _("the officers"), "lead": _("the agency's lead"), "operator": _("the operators"),
    "supervisor": _("the supervisor"), "leader": _("the leaders"),
}  # fmt: skip
BECAUSE = {
    "category": _("by its field"), "area": _("by the commune"), "hour": _("by the hour"), "words": _("by its words"),
}  # fmt: skip


def because(proposal: Proposal) -> dict[str, str]:
    """Whom a rule proposes, and why in words: `{agency, why}`."""
    parts = [word(BECAUSE, code) for code in proposal.because if code != "words"]
    if proposal.words:
        parts.append(gettext("it says %(words)s") % {"words": ", ".join(f"“{w}”" for w in proposal.words)})
    return {"agency": named(proposal.agency), "why": ", ".join(parts) or gettext("by the general rule")}


def word(table: dict[str, str], code: str) -> str:
    """The word for a code in the reader's language; an unknown code as it is."""
    return gettext(table[code]) if code in table else code


def choices(table: dict[str, str], *, empty: str = "") -> list[tuple[str, str]]:
    rows = [(code, gettext(label)) for code, label in table.items()]
    return [("", empty), *rows] if empty else rows


def mail_reach(*roles: Role) -> str:
    """How many people of each role mail reaches: those whose account has an address."""
    said = gettext("%(role)s: %(addressed)s of %(every)s have an address")
    counts = ((role, *with_mail(role)) for role in roles)
    return "; ".join(said % {"role": capfirst(word(ROLE, role)), "addressed": a, "every": n} for role, a, n in counts)


def reasons() -> list[tuple[str, str]]:
    return [(r.code, gettext(r.label)) for r in REASONS.values()]


def emergency() -> list[tuple[str, str]]:
    return [(number, gettext(label)) for number, label in EMERGENCY.items()]


def told(name: str) -> str:
    """An option's words in the reader's language; the English of the default says nothing of other Vietnamese words."""
    words, english = option(name), option(f"{name}_en")
    kept = english != OPTIONS[f"{name}_en"].default or words == OPTIONS[name].default
    return str((english if kept and get_language() == "en" else "") or words)


LATELY = 400  # days for which an agency's earlier name stands beside it


def formerly_called(code: str) -> str:
    """What an agency, or what went into it, was called until lately: "before 27/11/2026: Xí nghiệp …"."""
    since = localdate() - timedelta(days=LATELY)
    days: dict[date, list[str]] = {}
    for name, until in formerly().get(code, ()):
        if since < until <= localdate():
            days.setdefault(until, []).append(name)
    return "; ".join(
        gettext("before %(day)s: %(names)s") % {"day": f"{day:%d/%m/%Y}", "names": ", ".join(names)}
        for day, names in days.items()
    )


def named(row: Category | Agency | None) -> str:
    """A category's or agency's name in the reader's language."""
    if row is None:
        return ""
    return (row.name_en if get_language() == "en" else "") or row.name

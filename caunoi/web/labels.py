"""The words people see for our codes. English sources; pages show them in the reader's language."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.text import capfirst
from django.utils.timezone import localdate
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_noop as _

from caunoi.accounts.queries import with_mail
from caunoi.directory import queries as directory
from caunoi.directory.boundaries import formerly
from caunoi.directory.models import Agency, Area, Category
from caunoi.directory.options import OPTIONS
from caunoi.directory.queries import option
from caunoi.events.actor import Role
from caunoi.routing.rules import Proposal
from caunoi.tickets.lifecycle import MOVES, SAME, Sentences
from caunoi.tickets.reasons import BY_PRODUCT, EMERGENCY, REASONS

KIND = {"report": _("Report"), "petition": _("Petition"), "question": _("Question")}
URGENCY = {"urgent": _("Urgent"), "normal": _("Normal"), "complex": _("Complex")}
GROUPED_BY = {
    "": _("all together"),
    "agency": _("each agency"),
    "category": _("each category"),
    "area": _("each commune"),
    "channel": _("each channel"),
    "branch": _("each branch of agencies"),
    "reason": _("each reason"),
    "hop": _("each hop"),
}
REPORT_KIND = {
    "week": _("Weekly"),
    "month": _("Monthly"),
    "report_month": _("Reporting month"),
    "quarter": _("Quarterly"),
    "half": _("Half-yearly"),
    "year": _("Yearly"),
}
STATE = {
    "new": _("New"),
    "waiting": _("Waiting for the citizen"),
    "accepted": _("Accepted"),
    "routed": _("Handed over"),
    "working": _("In progress"),
    "resulted": _("Result in"),
    "answered": _("Answered"),
    "closed": _("Closed"),
    "refused": _("Refused"),
    "merged": _("Merged"),
}
CLOCK = {
    "accept": _("Accept"),
    "forward": _("Hand over"),
    "agency_accept": _("Agency accepts"),
    "handle": _("Handle"),
    "reply": _("Reply to the citizen"),
}
DIRECTION = {"in": _("Incoming"), "out": _("Outgoing")}
SOUND_TROUBLES = {
    "nothing_came": _("nothing came from the caller"),
    "silent_citizen": _("the caller was silent"),
    "silent_operator": _("the operator was silent"),
    "loss": _("words were lost"),
    "jitter": _("uneven sound"),
    "delay": _("late sound"),
}
ONE_WAY = {
    "citizen": _("Nothing came from the citizen's phone: the operator heard nobody."),
    "operator": _("Nothing came from the operator's phone: the citizen heard nobody."),
}
RECORDING_TROUBLES = {
    "silent": _("Nobody is heard in the recording."),
    "quiet": _("The recording is very quiet."),
    "cut_off": _("The recording is too loud, and distorted."),
    "dead_air": _("For more than a minute nobody says anything."),
}
OUTCOME = {
    "answered": _("Picked up"),
    "abandoned": _("Caller hung up"),
    "timeout": _("Waited too long"),
    "join_empty": _("Nobody on duty"),
    "out_of_hours": _("Out of hours"),
    "voicemail": _("Left a message"),
    "keeps_place": _("Keeps their place, to be called"),
    "no_answer": _("Not picked up"),
    "busy": _("Line busy"),
    "unknown": _("End unknown"),
}
CALLING_OUT = {"waiting": _("Calling"), "ringing": _("Your phone rings"), "talking": _("Talking")}
ON_THE_LINE = {"waiting": _("Waiting in the queue"), "ringing": _("Ringing"), "talking": _("Talking")}
PRESENCE = {
    "signed_out": _("Off duty"),
    "ready": _("Available"),
    "ringing": _("Ringing"),
    "talking": _("On a call"),
    "after_call": _("After a call"),
    "break": _("On a break"),
    "away": _("Away from the page"),
    "unreachable": _("Phone not connected"),
}
SUPERVISE = {
    "listen": _("Listen"),
    "whisper": _("Whisper to the operator"),
    "barge": _("Join the call"),
    "take_over": _("Take the call over (the operator leaves it)"),
}
SUPERVISED = {
    "listen": _("%(name)s listens to this call."),
    "whisper": _("%(name)s speaks to you; the caller does not hear it."),
    "barge": _("%(name)s has joined the call."),
    "take_over": _("%(name)s takes the call over."),
}
"""What an operator reads of what a supervisor does with their call."""
BREAKS = {
    "rest": _("Short rest"),
    "meal": _("Meal"),
    "meeting": _("Meeting"),
    "training": _("Training"),
    "paperwork": _("Writing up"),
}
PAUSES = BREAKS | {"no_answer": _("Did not pick up")}
"""Every reason of a break: those that people give and those that are seen."""
CALLBACK_REASON = {
    "missed_call": _("Missed call"),
    "not_delivered": _("Our answer did not arrive"),
    "advice_changed": _("Our advice has changed"),
    "asked": _("Asked for a call"),
    "survey": _("Phone survey"),
    "proof": _("Read out a code"),
    "message": _("Message left"),
}


@dataclass(frozen=True, kw_only=True)
class Happening(Sentences):
    """How history tells of an event, and its icon."""

    icon: str


# What happened, as history tells it.
EVENT = {
    **{move.event: Happening(**vars(move.history), icon=move.icon) for move in MOVES.values() if move.history},
    "ticket.create": Happening(staff=_("Received"), icon="inbox", citizen=_("We received your report"), public=SAME),
    "ticket.arrive": Happening(staff=_("Handed over by %(province)s"), icon="landmark"),
    "ticket.ask_erase": Happening(staff=_("%(province)s passed on that its citizen asks to be erased"), icon="eraser"),
    "answer.assist": Happening(staff=_("A machine was asked for a draft of the answer"), icon="sparkles"),
    "answer.summarise": Happening(staff=_("A machine was asked for a summary"), icon="sparkles"),
    "ticket.assign": Happening(staff=_("%(assignee)s has it"), icon="user-check"),
    "ticket.release": Happening(staff=_("Given back: it is nobody's"), icon="undo-2"),
    "ticket.snooze": Happening(staff=_("Put off until %(until)s"), icon="hourglass"),
    "ticket.wake": Happening(staff=_("Taken up before its time"), icon="play"),
    "ticket.edit": Happening(staff=_("Details corrected"), icon="pencil"),
    "ticket.undo": Happening(staff=_("Undone at once"), icon="undo-2"),
    "alarm.raise": Happening(staff=_("Recognised as an emergency: it rings"), icon="shield-alert"),
    "alarm.acknowledge": Happening(staff=_("The emergency was taken"), icon="check"),
    "alarm.climb": Happening(staff=_("Nobody took the emergency: %(to)s notified"), icon="triangle-alert"),
    "alarm.climb_shut": Happening(staff=_("Nobody took the emergency: %(to)s notified"), icon="triangle-alert"),
    "alarm.judge": Happening(staff=_("It was said what the emergency was"), icon="flag"),
    "ticket.remark": Happening(staff=_("Remark"), icon="message-square-text", citizen=_("You wrote to us")),
    "ticket.photos": Happening(staff=_("Photos added"), icon="camera", citizen=_("You added photos")),
    "ticket.erase": Happening(staff=_("Personal data erased at the person's request"), icon="eraser"),
    "ticket.lookup": Happening(staff=_("Looked up with code and phone number"), icon="search"),
    "ticket.visit": Happening(staff=_("The citizen's link was opened in another browser"), icon="link"),
    "ticket.send_code": Happening(staff=_("A one-time code was asked for"), icon="lock"),
    "ticket.send_link": Happening(staff=_("The citizen was sent their link again"), icon="link"),
    "ticket.read_code": Happening(staff=_("A one-time code was read out on the phone"), icon="phone"),
    "ticket.prove": Happening(staff=_("Opened by the citizen with a one-time code or an account"), icon="lock"),
    "ticket.rate": Happening(staff=_("Rated by the citizen"), icon="thumbs-up", citizen=_("You rated the answer")),
    "ticket.refute": Happening(
        staff=_("Shown by a photo that it is not fixed: on the record of %(agency)s"), icon="camera"
    ),
    "ticket.call": Happening(staff=_("A call was linked"), icon="phone"),
    "ticket.uncall": Happening(staff=_("A call was unlinked"), icon="phone-off"),
    "publication.publish": Happening(staff=_("Published"), icon="eye"),
    "publication.withdraw": Happening(staff=_("Withdrawn from the public"), icon="eye-off", citizen=SAME),
    "publication.correct": Happening(staff=_("Corrected for the public"), icon="pencil"),
    "publication.keep": Happening(staff=_("Kept from the public"), icon="eye-off"),
    "publication.reconsider": Happening(staff=_("To be reviewed again before publication"), icon="rotate-ccw"),
    "publication.ask_removal": Happening(
        staff=_("Asked to take it down from the public pages"),
        icon="eye-off",
        citizen=_("You asked to take it down from the public pages"),
    ),
    "publication.decline": Happening(staff=_("It stays public"), icon="eye", citizen=SAME),
    "handover.involve": Happening(staff=_("%(agency)s was asked to help"), icon="handshake"),
    "handover.accept": Happening(staff=_("%(agency)s helps"), icon="handshake"),
    "handover.recall": Happening(staff=_("%(agency)s need not help any more"), icon="undo-2"),
    "handover.return": Happening(staff=_("%(agency)s cannot help"), icon="undo-2"),
    "ticket.identify": Happening(staff=_("The reporter's identity was opened"), icon="eye"),
    "handover.answer": Happening(staff=_("%(agency)s sent its part"), icon="handshake"),
    "handover.ask_extension": Happening(staff=_("%(agency)s asks for more time to help"), icon="calendar-clock"),
    "handover.grant_extension": Happening(staff=_("More time to help granted"), icon="calendar-clock"),
    "handover.refuse_extension": Happening(staff=_("No more time to help granted"), icon="ban"),
    "handover.limit": Happening(staff=_("Passed on too often: the supervisor decides"), icon="triangle-alert"),
    "handover.link": Happening(staff=_("One-time link for %(agency)s"), icon="link"),
    "handover.reply": Happening(staff=_("%(agency)s answered by its link"), icon="link"),
    "sla.breach": Happening(staff=_("Past the deadline"), icon="triangle-alert"),
    "sla.warn": Happening(staff=_("Due soon: %(to)s reminded"), icon="bell"),
    "sla.escalate": Happening(staff=_("Overdue: %(to)s notified"), icon="bell"),
    "ticket.succeed": Happening(
        staff=_("By an act of reorganisation now with %(agency)s"), icon="landmark", citizen=SAME, public=SAME
    ),
    "ticket.resettle": Happening(
        staff=_("The commune has changed by an act of reorganisation"), icon="landmark", citizen=SAME, public=SAME
    ),
    "sla.recount": Happening(staff=_("Deadline recalculated: the calendar changed"), icon="calendar-clock"),
}


ROLE = {
    "officer": _("the officers"),
    "lead": _("the agency's lead"),
    "operator": _("the operators"),
    "supervisor": _("the supervisor"),
    "leader": _("the leaders"),
}
BECAUSE = {
    "category": _("by its category"),
    "area": _("by the commune"),
    "hour": _("by the hour"),
    "words": _("by its words"),
}


def because(proposal: Proposal) -> dict[str, str]:
    """The agency a rule proposes and why, in words: `{agency, why}`."""
    parts = [word(BECAUSE, code) for code in proposal.because if code != "words"]
    if proposal.words:
        parts.append(gettext("it says %(words)s") % {"words": ", ".join(f"“{w}”" for w in proposal.words)})
    return {"agency": localised_name(proposal.agency), "why": ", ".join(parts) or gettext("by the general rule")}


def word(table: dict[str, str], code: str) -> str:
    """The word for a code in the reader's language; an unknown code as it is."""
    return gettext(table[code]) if code in table else code


def choices(table: Mapping[str, str], *, empty: str = "") -> list[tuple[str, str]]:
    """What to choose from; `empty` is what choosing nothing is called, where that is possible."""
    return _with_none(empty, ((code, gettext(label)) for code, label in table.items()))


def category_choices(empty: str = "") -> list[tuple[str, str]]:
    return _with_none(empty, ((c.code, localised_name(c)) for c in directory.categories()))


def agency_choices(empty: str = "") -> list[tuple[str, str]]:
    return _with_none(empty, ((a.code, localised_name(a)) for a in directory.agencies()))


def area_choices(empty: str = "") -> list[tuple[str, str]]:
    return _with_none(empty, ((a.code, a.name) for a in directory.areas()))


def _with_none(empty: str, rows: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [("", empty), *rows] if empty else list(rows)


def mail_reach(*roles: Role) -> str:
    """How many people of each role mail reaches: those whose account has an address."""
    words = gettext("%(role)s: %(addressed)s of %(every)s have an address")
    counts = ((role, *with_mail(role)) for role in roles)
    return "; ".join(words % {"role": capfirst(word(ROLE, role)), "addressed": a, "every": n} for role, a, n in counts)


def reasons() -> list[tuple[str, str]]:
    return [(r.code, gettext(r.label)) for r in REASONS.values() if r.code not in BY_PRODUCT]


def emergency() -> list[tuple[str, str]]:
    return choices(EMERGENCY)


def option_text(name: str) -> str:
    """An option's words in the reader's language; the English of the default says nothing of other Vietnamese words."""
    words, english = option(name), option(f"{name}_en")
    english_fits = english != OPTIONS[f"{name}_en"].default or words == OPTIONS[name].default
    return str((english if english_fits and get_language() == "en" else "") or words)


def moved_on() -> str:
    """Why a move that the page offered cannot be made any more."""
    return gettext("Somebody else has just moved this ticket on. Look at it again before you decide.")


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


def localised_name(row: Category | Agency | Area | None) -> str:
    """A category's or agency's name in the reader's language; a commune has one."""
    if row is None:
        return ""
    english = "" if isinstance(row, Area) else row.name_en
    return (english if get_language() == "en" else "") or row.name

"""Follow-up tasks and why they failed, in everyday words."""

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from caunoi.events.outbox import path, reactions
from caunoi.jobs.clock import short

SCREENS = _("Show it on the open screens")
REACTION = {
    "answers.recheck": _("Check again the answers that cite a procedure"),
    "calls.fetch": _("Fetch the recording of a call"),
    "calls.fill_in": _("Read in the exchange's logs what happened while nobody listened"),
    "calls.recall": _("Bring the telephone queue in line with a person's account"),
    "calls.settle": _("Arrange or end a call-back after a call"),
    "calls.show": SCREENS,
    "confidential.confide": _("Close a report as a ticket whose words are confidential"),
    "followers.follow": _("Follow a ticket as somebody wished in a chat"),
    "followers.tell_followers": _("Tell those who follow the ticket"),
    "notifications.announce": SCREENS,
    "notifications.announce_all": SCREENS,
    "notifications.announce_health": SCREENS,
    "notifications.announce_messages": SCREENS,
    "notifications.announce_order": SCREENS,
    "notifications.announce_privately": SCREENS,
    "notifications.announce_threads": SCREENS,
    "notifications.push_alarm": _("Ring in the browsers of those whom an emergency concerns"),
    "notifications.tell": _("Notify the people concerned"),
    "notifications.tell_alarm": _("Notify those whom an emergency concerns"),
    "notifications.tell_alert": _("Notify those who watch this alert"),
    "notifications.tell_factor": _("Notify somebody that how they sign in has changed"),
    "notifications.tell_person": _("Notify somebody of what concerns their own account"),
    "notifications.tell_moved": _("Notify those whom a reorganisation moves"),
    "notifications.tell_recovered": _("Notify somebody that their password was changed"),
    "notifications.tell_order": _("Notify those whom a leader's order concerns"),
    "privacy.carry_out": _("Carry out a request about personal data"),
    "privacy.take_erasure": _("Take up a request to delete personal data"),
    "privacy.take_passed_on_erasure": _("Take up a request to delete personal data"),
    "privacy.take_unknown_erasure": _("Take up a request to delete personal data"),
    "routing.read": _("Keep what is proposed of a new ticket"),
    "triage.judge": _("Keep what people decided of what was proposed"),
    "triage.reconsider": _("Keep what people decided of what was proposed"),
    "publication.enter": _("Enter it in the public log"),
    "publication.look_at_photos": _("Have somebody look at new photos before they are public"),
    "publication.propose": _("Bring the public text up to date"),
    "publication.refile": _("Bring the public register and map up to date"),
    "ratings.hear": _("Take a reply as a grade"),
    "ratings.invite": _("Ask the citizen for a grade"),
    "quality.write_down": _("Write down a message that a caller left"),
    "ratings.take_key": _("Take the grade that a caller gave by key"),
    "reports.issue": _("Issue a signed report"),
    "reports.make": _("Prepare a report"),
    "reports.mark": _("Mark the copies of a recalled report"),
    "routing.finish": _("Close the agencies' parts of a ticket that is over"),
    "sla.recount": _("Recalculate deadlines after a change of the calendar"),
    "sla.refresh": _("Work out the ticket's deadlines"),
    "tickets.attach": _("Put a picture with its ticket"),
    "tickets.hear": _("Create a ticket from a message, or add it to one"),
    "tickets.index": _("Make the ticket findable by its words"),
    "tickets.link": _("Link a call to its ticket"),
    "tickets.locate": _("Work out the ticket's commune"),
    "tickets.reword": _("Tell the ticket that a message was changed"),
    "notifications.warn": _("Tell a citizen whom to call in an emergency"),
    "triage.climb": _("Take an emergency to the next level"),
    "triage.listen": _("Ring where a message speaks of an emergency"),
    "transfers.give_back": _("Give a ticket back to the province that handed it over"),
}
SUBJECT = {
    "act": _("Act of reorganisation"),
    "alarm": _("Emergency"),
    "alert": _("Alert"),
    "call": _("Call"),
    "callback": _("Call-back"),
    "conversation": _("Conversation"),
    "directive": _("Order"),
    "enclosure": _("File of a message"),
    "explanation": _("Explanation"),
    "gap": _("Gap in the calls"),
    "handover": _("Handover"),
    "inbox": _("Channel"),
    "message": _("Message"),
    "outgoing": _("Message of ours"),
    "procedure": _("Procedure"),
    "publication": _("Published ticket"),
    "report": _("Report for leaders"),
    "ticket": _("Ticket"),
}
CAUSE = (
    (("DoesNotExist", "LookupError", "KeyError", "IndexError"), _("Something it needs is missing.")),
    (("OperationalError", "DatabaseError", "DataError", "InternalError"), _("The database refuses it.")),
    (("IntegrityError",), _("It contradicts stored data.")),
    (("OSError", "ConnectionError", "Timeout", "HTTPError", "ConnectError"), _("The network or the disk fails.")),
)


def reaction(name: str) -> str:
    """What a reaction, kept by its dotted path, was to do."""
    words = REACTION.get(short(name))
    return gettext(words) if words else name


def subject(name: str) -> str:
    """What an event is about."""
    return gettext(SUBJECT[name]) if name in SUBJECT else name


def cause(error: str) -> str:
    """What is wrong, from the kind of an error as `Failure.error` keeps it."""
    kind = error.partition(" ")[0].rstrip(":")
    for endings, words in CAUSE:
        if kind.endswith(endings):
            return gettext(words)
    return gettext("The program cannot handle it.")


def unnamed() -> set[str]:
    """Reactions of flow.py that have no words here."""
    return {short(path(one)) for row in reactions().values() for one in row} - set(REACTION)

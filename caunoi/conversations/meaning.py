"""What a message is for: decided once, when it arrives, and stored in its event, so that each stage finds its own."""

from collections.abc import Iterable
from enum import StrEnum

from caunoi.conversations.models import Message
from caunoi.events.models import Event
from caunoi.lib.messages.grades import grade
from caunoi.lib.messages.wishes import wish


class Meaning(StrEnum):
    WORDS = "words"  # a report, a reply, a remark: the ticket's
    GRADE = "grade"  # words that also grade an answer, if that was the question
    WISH = "wish"  # to follow somebody's ticket, or no more: neither a report nor a reply


def meaning(text: str, *, public: bool) -> Meaning:
    """`public`: said in the open, where nobody is followed."""
    if wish(text) and not public:
        return Meaning.WISH
    return Meaning.GRADE if grade(text) else Meaning.WORDS


def with_meaning(events: Iterable[Event], *meanings: Meaning) -> list[int]:
    """The messages of these `message.receive` events that mean one of `meanings`. Events of an earlier release do not
    hold it, so their messages are read again."""
    meaning_of = {event.subject_id: event.data.get("means") for event in events}
    silent = Message.objects.filter(pk__in=[pk for pk, means in meaning_of.items() if means is None])
    meaning_of |= {m.pk: meaning(m.text, public=m.conversation.public) for m in silent.select_related("conversation")}
    return [pk for pk, means in meaning_of.items() if means in meanings]

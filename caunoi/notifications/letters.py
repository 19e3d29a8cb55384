"""What a citizen is written by the channel they came by: in Vietnamese, once, and kept with the ticket."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override

from caunoi.answers.queries import final
from caunoi.conversations import actions as conversations
from caunoi.conversations.models import Outgoing
from caunoi.conversations.queries import sends
from caunoi.directory.models import Agency
from caunoi.events.actor import SYSTEM
from caunoi.events.models import Event
from caunoi.notifications.notices import Notice
from caunoi.ratings.links import make
from caunoi.ratings.models import Rating
from caunoi.tickets.models import Exchange, Note, Ticket
from caunoi.tickets.reasons import REASONS
from caunoi.tickets.undoing import UNDOABLE

LONGEST = 1500  # letters of an answer in a message; the page has all of it
SMS = 300  # … in an SMS, link included


@dataclass(frozen=True, kw_only=True)
class Letter:
    """One notice of one event to the citizen of a ticket."""

    event: Event
    ticket: Ticket
    notice: Notice
    agency: Agency | None

    @property
    def once(self) -> str:
        return f"{self.event.pk}:{self.notice.name}"


def reaches(ticket: Ticket) -> bool:
    """Whether its citizen wrote by a channel that sends, and not somebody for them by hand."""
    return ticket.conversation.latest is not None and sends(ticket.conversation.inbox)


def write(letters: Sequence[Letter]) -> None:
    """Write to the citizens; what was written before is not written again."""
    sayings = [
        conversations.Saying(
            conversation=one.ticket.conversation, text=words(one), once=one.once, template=one.event.kind,
            values=values(one), wait=settings.HOLD_SECONDS if one.event.kind in UNDOABLE else 0.0,
        )
        for one in letters
    ]  # fmt: skip
    _belong(letters, conversations.say_all(sayings, by=SYSTEM))


def words(one: Letter) -> str:
    """What the citizen reads, in Vietnamese: short by SMS, and without anything private where everybody reads along."""
    ticket, known = one.ticket, values(one)
    with override("vi"):
        if ticket.conversation.public:
            return _(one.notice.text).format(**known)
        if ticket.conversation.inbox.channel == "sms":
            return f"{_(one.notice.text).format(**known)} {known['link']}"[:SMS]
        return _(one.notice.says).format(words=_said(one) if "{words}" in one.notice.says else "", **known).strip()


def values(one: Letter) -> dict[str, str]:
    """What texts and the providers' templates name."""
    link = f"{settings.PUBLIC_URL}/f/{one.ticket.follow}"
    with override("vi"):
        known = {"code": one.ticket.code, "agency": one.agency.name if one.agency else _("the agency"), "link": link}
    if "{good}" in one.notice.says:
        grades = zip(("good", "fair", "poor"), Rating.Grade.values, strict=True)
        known |= {name: f"{settings.PUBLIC_URL}/r/{make(one.ticket, grade)}" for name, grade in grades}
    return known


def _said(one: Letter) -> str:
    """The question, the reason or the answer that an event is about, as a sentence."""
    kind = one.event.kind
    if kind == "ticket.approve":
        answer = final(one.ticket)
        text = answer.text if answer else ""
    else:
        notes = Note.objects.filter(ticket=one.ticket, event=one.event.pk, internal=False)
        text = "\n".join(notes.order_by("id").values_list("text", flat=True))
    if kind == "ticket.refuse" and one.event.data.get("reason") in REASONS:
        reason = REASONS[one.event.data["reason"]]
        text = " ".join(part for part in (_(reason.label) + ".", _(reason.advice), text) if part)
    text = text.strip()
    if len(text) > LONGEST:
        text = text[:LONGEST].rsplit(" ", 1)[0] + "…"
    return text if not text or text[-1] in ".!?…" else f"{text}."


def _belong(letters: Sequence[Letter], rows: Sequence[Outgoing]) -> None:
    """What we said stands with its ticket, so that an answer to it finds the ticket."""
    of = {one.once: one.ticket for one in letters}
    Exchange.objects.bulk_create(
        [Exchange(message=row.message, ticket=of[row.once], sort="notice") for row in rows if row.message],
        ignore_conflicts=True,
    )

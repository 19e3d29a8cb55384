"""Messages to a citizen: in the thread they came by, else by SMS and mail; in Vietnamese, once, filed with the
ticket."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override

from caunoi.answers.label import label
from caunoi.answers.queries import final
from caunoi.conversations import actions as conversations
from caunoi.conversations.queries import Senders, Way, barred, ways
from caunoi.directory.models import Agency
from caunoi.events.actor import SYSTEM
from caunoi.events.models import Event
from caunoi.lib.messages import segments
from caunoi.notifications.notices import Notice
from caunoi.ratings.links import make
from caunoi.ratings.models import Rating
from caunoi.tickets.models import Exchange, Note, Ticket
from caunoi.tickets.reasons import OTHER, REASONS, Reason
from caunoi.tickets.undoing import hold

LONGEST = 1500  # letters of an answer in a message; the page has all of it
PARTS = 2  # of an SMS, link included
ANSWERS = ("ticket.answer", "ticket.approve")


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


def reaches(ticket: Ticket, able: Senders) -> bool:
    """Whether its citizen can be written to: in the thread they wrote in, by SMS or by mail."""
    return bool(ways(ticket.conversation, able))


def write(letters: Sequence[Letter], able: Senders) -> None:
    """Write to the citizens, never the same twice. An answer, a question or a refusal that nobody can be sent appears
    in the list of what was not delivered."""
    of = {saying.once: (one, saying) for one in letters for saying in _sayings(one, able)}
    rows = conversations.say_all([saying for _, saying in of.values()], by=SYSTEM)
    Exchange.objects.bulk_create(
        [Exchange(message=row.message, ticket=of[row.once][0].ticket, sort="notice") for row in rows if row.message],
        ignore_conflicts=True,
    )


def _sayings(letter: Letter, able: Senders) -> Iterator[conversations.Saying]:
    """One message for each way that reaches the citizen."""
    thread = letter.ticket.conversation
    options = ways(thread, able)
    if not options and letter.notice.weighty and (nowhere := barred(thread)):
        options = [nowhere]
    with override("vi"):
        title = _("Your report {code}").format(code=letter.ticket.code)
    for way in options:
        yield conversations.Saying(
            conversation=thread,
            way=way,
            text=words(letter, way),
            title="" if way.thread else title,
            once=letter.once if way.thread else f"{letter.once}/{way.inbox.name}",
            template=letter.event.kind,
            values=values(letter),
            wait=hold(letter.event, letter.ticket),
        )


def words(letter: Letter, way: Way) -> str:
    """What the citizen reads, in Vietnamese: short by SMS, and without anything private where everybody reads along."""
    ticket, placeholders, reason = letter.ticket, values(letter), _reason(letter)
    notice = letter.notice
    text, says = (reason.advice, reason.says) if reason and reason.says else (notice.text, notice.says)
    with override("vi"):
        if way.thread and ticket.conversation.public:
            return _(text).format(**placeholders)
        if way.sms:
            return _short(_(text).format(**placeholders), placeholders["link"])
        return _(says).format(words=_quotation(letter) if "{words}" in says else "", **placeholders).strip()


def _reason(letter: Letter) -> Reason | None:
    """Why a ticket was refused, where that is what happened."""
    return REASONS.get(letter.event.data.get("reason", "")) if letter.event.kind == "ticket.refuse" else None


def _short(text: str, link: str) -> str:
    """A text message of at most two parts, the link whole; without marks where they would make it longer."""
    whole = f"{text} {link}"
    return whole if segments.count(whole) <= PARTS else segments.shorten(segments.plain(whole), PARTS)


def values(letter: Letter) -> dict[str, str]:
    """What texts and the providers' templates name."""
    link = f"{settings.PUBLIC_URL}/f/{letter.ticket.follow}"
    with override("vi"):
        placeholders = {
            "code": letter.ticket.code,
            "agency": letter.agency.name if letter.agency else _("the agency"),
            "link": link,
        }
    if "{good}" in letter.notice.says:
        grades = zip(("good", "fair", "poor"), Rating.Grade.values, strict=True)
        placeholders |= {name: f"{settings.PUBLIC_URL}/r/{make(letter.ticket, grade)}" for name, grade in grades}
    return placeholders


def _quotation(letter: Letter) -> str:
    """The question, the reason or the answer that an event is about, as a sentence."""
    kind = letter.event.kind
    answer = final(letter.ticket) if kind in ANSWERS else None
    if kind == "ticket.approve":
        text = answer.text if answer else ""
    else:
        notes = Note.objects.filter(ticket=letter.ticket, event=letter.event.pk, internal=False)
        text = "\n".join(notes.order_by("id").values_list("text", flat=True))
    if reason := _reason(letter):
        opening = "" if reason.says else _(reason.label) + "."
        advice = "" if reason.code == OTHER and text else _(reason.advice)
        text = " ".join(part for part in (opening, advice, text) if part)
    text = text.strip()
    if len(text) > LONGEST:
        text = text[:LONGEST].rsplit(" ", 1)[0] + "…"
    text = text if not text or text[-1] in ".!?…" else f"{text}."
    return f"{text} ({note})" if text and (note := label(answer)) else text

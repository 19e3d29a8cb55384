"""A thread as the staff reads it: both sides, pictures, what was changed or taken back, and what became of ours."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from caunoi.accounts.queries import names
from caunoi.channels.base import Window
from caunoi.channels.registry import channel
from caunoi.conversations import actions, queries
from caunoi.conversations.models import Conversation, Enclosure, Message, Outgoing
from caunoi.conversations.queries.channels import channel_name
from caunoi.events.actor import Actor
from caunoi.lib.numbers.phone import display
from caunoi.tickets.models import Ticket
from caunoi.web.labels import word
from caunoi.web.story import PictureLinks, picture

# What became of a message of ours: words, and a mark that is not colour alone.
BECAME = {
    "queued": (gettext_noop("waits to be sent"), "clock"),
    "sent": (gettext_noop("sent out"), "check"),
    "delivered": (gettext_noop("delivered"), "check"),
    "read": (gettext_noop("read"), "eye"),
    "failed": (gettext_noop("not delivered"), "triangle-alert"),
    "expired": (gettext_noop("not delivered"), "triangle-alert"),
}
WINDOW = {
    Window.FREE: gettext_noop("You can write to them freely now."),
    Window.PAID: gettext_noop("The free window is over: the provider charges for this message."),
    Window.TEMPLATE: gettext_noop("The provider accepts only approved templates now."),
    Window.CLOSED: gettext_noop("The provider does not accept messages to them now."),
}
KIND = {
    "image": gettext_noop("Picture"),
    "video": gettext_noop("Video"),
    "audio": gettext_noop("Voice message"),
    "file": gettext_noop("File"),
    "sticker": gettext_noop("Sticker"),
}
ICON = {"image": "image", "video": "play", "audio": "volume-2", "file": "paperclip", "sticker": "smile"}


@dataclass(frozen=True)
class SentFile:
    """A file that came with a message and is not shown, and why."""

    icon: str
    words: str
    trouble: str


@dataclass(frozen=True)
class Delivery:
    """What became of a message of ours."""

    state: str
    words: str
    icon: str
    why: str


@dataclass(frozen=True, kw_only=True)
class TalkLine:
    """A message of a thread: `other` is the ticket it belongs to where that is not the page's, `sort` what it is to its
    ticket, `splits` that it may become a ticket of its own."""

    row: Message
    ours: bool
    who: str
    photos: list[PictureLinks]
    files: list[SentFile]
    became: Delivery | None
    other: Ticket | None
    sort: str
    splits: bool


@dataclass(frozen=True)
class Outlook:
    """What the reply box says: whether one can write at all, and how the message would go."""

    open: bool
    words: str


def talks(ticket: Ticket) -> bool:
    """Whether its channel is one where people write back and forth."""
    adapter = channel(ticket.channel)
    return adapter is not None and adapter.reads


def lines(thread: Conversation, by: Actor, ticket: Ticket | None = None) -> list[TalkLine]:
    """The thread's messages that `by` may see, for the page; those of another ticket name it."""
    rows = queries.thread(thread, by)
    people = names({row.by for row in rows if not row.inbound})
    return [_line(row, people, ticket) for row in rows]


def _line(row: Message, people: Mapping[str, str], ticket: Ticket | None) -> TalkLine:
    exchange = getattr(row, "exchange", None)
    enclosures = list(row.enclosures.all())
    other = exchange.ticket if exchange and (ticket is None or exchange.ticket_id != ticket.pk) else None
    return TalkLine(
        row=row,
        ours=not row.inbound,
        who="" if row.inbound else people.get(row.by, "") or _("the system"),
        photos=[picture(e.attachment) for e in enclosures if e.attachment],
        files=[_file(e) for e in enclosures if not e.attachment],
        became=_became(list(row.outgoing.all())),
        other=other,
        sort=exchange.sort if exchange else "",
        splits=bool(row.inbound and row.text and exchange and exchange.sort in ("remark", "complaint", "reply")),
    )


def _file(row: Enclosure) -> SentFile:
    words = row.name or word(KIND, row.kind)
    trouble = ""
    if row.state == Enclosure.State.WAITING:
        trouble = _("being fetched") if not row.trouble else _("tried again: %(why)s") % {"why": row.trouble}
    elif row.state == Enclosure.State.LOST:
        trouble = _("could not be fetched: %(why)s") % {"why": row.trouble}
    elif row.kind != "sticker":
        trouble = _("not kept; ask for a picture if you need it")
    return SentFile(icon=ICON.get(row.kind, "paperclip"), words=words, trouble=trouble)


def _became(rows: Sequence[Outgoing]) -> Delivery | None:
    """The state of the last way by which it was sent."""
    if not rows:
        return None
    row = rows[-1]
    words, icon = BECAME[row.state]
    by = _("by %(channel)s") % {"channel": channel_name(row.inbox.channel)} if len(rows) > 1 else ""
    words = " ".join(part for part in (_(words), by) if part)
    return Delivery(state=row.state, words=words, icon=icon, why=row.trouble)


def outlook(thread: Conversation) -> Outlook:
    """How a message would go, and what happens when the provider does not take it."""
    if thread.latest is None:
        return Outlook(False, _("They did not write themselves, so there is nowhere to write back to."))
    window = actions.outlook(thread)
    words = [_(WINDOW[window])]
    if window in (Window.CLOSED, Window.TEMPLATE):
        number = thread.contact.phone
        if not queries.sends(thread.inbox):
            return Outlook(False, _("This inbox is not set up to send, or is switched off."))
        if number and queries.fallback(thread.inbox):
            words.append(_("What you write goes by SMS to %(number)s.") % {"number": display(number)})
        elif number:
            words.append(_("What you write becomes a task to call %(number)s.") % {"number": display(number)})
        else:
            words.append(_("There is no phone number either: it would wait in the list of what was not delivered."))
    if thread.public:
        words.append(_("Everybody reads this thread: write nothing private."))
    return Outlook(True, " ".join(words))

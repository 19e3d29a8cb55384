"""Messages to followers: in Vietnamese, once for each event, with nothing that not everybody may read."""

from collections.abc import Sequence
from itertools import batched

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, override

from caunoi.answers.label import label
from caunoi.answers.queries import final
from caunoi.conversations import actions as conversations
from caunoi.directory.queries import option
from caunoi.events.actor import SYSTEM
from caunoi.events.models import Event
from caunoi.followers import queries
from caunoi.followers.models import Follower
from caunoi.lib.crypto.envelope import digest
from caunoi.publication.models import Publication
from caunoi.tickets.lifecycle import MOVES

LONGEST = 900  # letters of an answer in a message; the page has all of it
BATCH = 500
SENTENCES = {
    **{move.event: move.followers for move in MOVES.values() if move.followers},
    "publication.correct": gettext_noop("What is published of ticket {code} has been corrected: {note}"),
    "publication.withdraw": gettext_noop(
        "Ticket {code} is no longer public: {note} You will receive no more news about it."
    ),
}
CONFIRM = gettext_noop(
    "You asked to be told about ticket {code}: {title}\n\nTo confirm, open this page and press the button: {link}\n\n"
    "If it was not you, do nothing: you will get no more mails."
)
STOP = gettext_noop("To stop: {link}")


def _page(follower: Follower, tail: str = "") -> str:
    return f"{settings.PUBLIC_URL}/j/{follower.token}{tail}"


def words(event: Event, publication: Publication) -> str:
    """An event in Vietnamese as followers read it; empty where it does not concern them."""
    if event.kind not in SENTENCES:
        return ""
    ticket, answer = publication.ticket, publication.answer.strip()
    if len(answer) > LONGEST:
        answer = answer[:LONGEST].rsplit(" ", 1)[0] + "…"
    with override("vi"):
        agency = ticket.agency.name if ticket.agency else _("the agency")
        if answer and "{answer}" in SENTENCES[event.kind] and (note := label(final(ticket))):
            answer = f"{answer} ({note})"
        placeholders = {"code": ticket.code, "agency": agency, "answer": answer, "note": publication.note}
        return _(SENTENCES[event.kind]).format(**placeholders).strip()


def tell(event: Event, publication: Publication) -> int:
    """Write to whoever follows it; how many. Telling again tells nobody twice."""
    text = words(event, publication)
    if not text:
        return 0
    link = f"{settings.PUBLIC_URL}/p/{publication.ticket.code}"
    followers = queries.now_of([publication.pk]).select_related("conversation__inbox").order_by("id")
    batches = batched(followers.iterator(chunk_size=BATCH), BATCH)
    return sum(_write(batch, event, text, link, publication) for batch in batches)


def _write(batch: Sequence[Follower], event: Event, text: str, link: str, publication: Publication) -> int:
    box = queries.mailbox()
    chats = [
        conversations.Saying(conversation=f.conversation, text=f"{text} {link}", once=f"{event.pk}:follower:{f.pk}")
        for f in batch
        if f.conversation
    ]
    count = len(conversations.say_all(chats, by=SYSTEM)) if chats else 0
    if box is None:
        return count
    with override("vi"):
        title = _("About ticket {code}").format(code=publication.ticket.code)
        letters = [
            conversations.Letter(
                to=f.email,
                title=title,
                once=f"{event.pk}:follower:{f.pk}",
                text=f"{text}\n\n{link}\n\n{_(STOP).format(link=_page(f))}\n{option('hotline_name')}",
            )
            for f in batch
            if f.mailed and f.conversation_id is None
        ]
    return count + conversations.mail_all(box, letters)


def ask_to_confirm(follower: Follower) -> bool:
    """Send the mail by which an address is confirmed; False when we cannot send mails."""
    box = queries.mailbox()
    if box is None:
        return False
    publication = follower.publication
    with override("vi"):
        link = _page(follower, f"/confirm/{follower.proof}")
        text = _(CONFIRM).format(code=publication.ticket.code, title=publication.title, link=link)
        title = _("Please confirm: ticket {code}").format(code=publication.ticket.code)
    letter = conversations.Letter(
        to=follower.email, title=title, text=text, once=f"confirm:{digest(follower.proof).hex()}"
    )
    conversations.mail_all(box, [letter])
    return True

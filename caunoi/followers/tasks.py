from collections.abc import Sequence
from math import ceil

from django.conf import settings
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import override

from caunoi.conversations import actions as conversations
from caunoi.conversations.meaning import Meaning, with_meaning
from caunoi.conversations.models import Conversation, Message
from caunoi.events.actor import SYSTEM
from caunoi.events.models import Event
from caunoi.events.outbox import Together
from caunoi.followers import actions, letters
from caunoi.followers.models import Follower
from caunoi.jobs import queue
from caunoi.lib.messages.wishes import Wish, wish
from caunoi.publication import queries as publication
from caunoi.publication.models import Publication
from caunoi.tickets.undoing import hold, undone


def tell_followers(event: Event) -> None:
    """Tell a ticket's followers what everybody may read now."""
    row = Publication.objects.select_related("ticket__agency").filter(ticket=event.subject_id).first()
    if wait := hold(event, row.ticket) if row else 0:
        tell_followers_after.configure(schedule_in={"seconds": ceil(wait)}).defer(pk=event.pk)
        return
    is_withdrawn = event.kind == "publication.withdraw"
    if row is None or not (is_withdrawn or row.state == Publication.State.PUBLISHED):
        return
    letters.tell(event, row)
    if is_withdrawn:
        Follower.objects.filter(publication=row).update(ended=now(), confirmed=None, **actions.NO_ADDRESS)


@queue.task(retry=6)
def tell_followers_after(pk: int) -> None:
    """The same once the event can no longer be taken back, unless it was."""
    event = Event.objects.get(pk=pk)
    if not undone([event]):
        tell_followers(event)


@Together
def follow(events: Sequence[Event]) -> None:
    """Do what people ask for in chats, and confirm it there."""
    if ids := with_meaning(events, Meaning.WISH):
        for message in Message.objects.filter(pk__in=ids).select_related("conversation__inbox").order_by("id"):
            _follow(message)


def _follow(message: Message) -> None:
    if wished := wish(message.text):  # None where the text was edited meanwhile
        what, code = wished
        row, chat = publication.find(code), message.conversation
        with override("vi"):
            if row is None:
                reply = _("No published ticket has the code {code}. Please check each digit.").format(code=code)
            else:
                reply = _done(what, row, chat, code)
        conversations.say(chat, reply, by=SYSTEM, once=f"wish:{message.pk}")


def _done(what: Wish, row: Publication, chat: Conversation, code: str) -> str:
    values = {"code": code, "link": f"{settings.PUBLIC_URL}/p/{code}"}
    if what is Wish.STOP:
        actions.leave_chat(row, chat)
        return _("You will receive no more news about ticket {code}.").format(**values)
    actions.follow_in_chat(row, chat, affected=what is Wish.JOIN)
    return _("You follow ticket {code}: {link} We write to you here. To stop, write: STOP {code}").format(**values)


@queue.every("20 20 * * *")  # 03:20 in Vietnam
def forget_unconfirmed(timestamp: int) -> None:
    """Addresses that nobody confirmed within a week are forgotten."""
    actions.forget_unconfirmed()

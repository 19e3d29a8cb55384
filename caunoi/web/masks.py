"""Need to know: who reported is the centre's to see; everybody else reads the same words without it."""

import re

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from caunoi.events.actor import Actor
from caunoi.lib.privacy.discreet import mask
from caunoi.tickets.models import Ticket
from caunoi.tickets.queries import knows_reporter

WORD = {
    "phone": _("phone number"),
    "email": _("e-mail"),
    "person": _("name"),
    "id_card": _("ID number"),
    "old_id": _("ID number"),
    "passport": _("ID number"),
    "health_insurance": _("ID number"),
    "social_insurance": _("ID number"),
    "tax": _("ID number"),
    "bank": _("bank account"),
    "birth_date": _("date of birth"),
    "plate": _("number plate"),
    "house_number": _("house number"),
}
_MASK = re.compile(rf"\[({'|'.join(WORD)})\]")


def in_words(text: str) -> str:
    """A published text, whose masks are kept as codes ("[phone]"), in the reader's language."""
    return _MASK.sub(lambda m: f"[{gettext(WORD[m[1]])}]", text)


def in_codes(text: str) -> str:
    """Replace the masks of a text by codes that every language can read."""
    for kind, word in reversed(WORD.items()):
        text = text.replace(f"[{gettext(word)}]", f"[{kind}]")
    return text


def discreet(text: str, ticket: Ticket) -> str:
    """A text about a ticket without its people: masks stand for their names, numbers and addresses."""
    return in_words(mask(text, ticket.contact.name))


def readable(text: str, ticket: Ticket, by: Actor) -> str:
    """A text about a ticket as this actor may read it."""
    return text if not text or knows_reporter(by, ticket) else discreet(text, ticket)

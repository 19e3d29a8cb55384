"""Need to know: who reported is the centre's to see; everybody else reads the same words without it."""

import re
import unicodedata
from functools import lru_cache

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from caunoi.events.actor import Actor
from caunoi.lib import redact
from caunoi.tickets.models import Ticket
from caunoi.tickets.queries import knows_reporter

# What an agency must know to find the place and the matter.
SHOWN = {"house_number", "plate"}
WORD = {
    "phone": _("phone number"), "email": _("e-mail"), "person": _("name"), "id_card": _("ID number"),
    "old_id": _("ID number"), "passport": _("ID number"), "health_insurance": _("ID number"),
    "social_insurance": _("ID number"), "tax": _("ID number"), "bank": _("bank account"),
    "birth_date": _("date of birth"), "plate": _("number plate"), "house_number": _("house number"),
}  # fmt: skip
_MASK = re.compile(rf"\[({'|'.join(WORD)})\]")


@lru_cache(maxsize=4096)
def _spans(text: str) -> tuple[tuple[int, int, str], ...]:
    """What redact finds in an NFC text, without what agencies need."""
    return tuple((s.start, s.end, s.kind) for s in redact.find(text) if s.kind not in SHOWN)


def _reporter(ticket: Ticket) -> re.Pattern[str] | None:
    """The reporter's own name as a pattern: the whole in any case, the last two words as names are written."""
    words = unicodedata.normalize("NFC", ticket.contact.name).split()
    if not words:
        return None
    whole = r"\s+".join(map(re.escape, words))
    if len(words) == 1:
        return re.compile(rf"\b{whole}\b")
    given = r"\s+".join(map(re.escape, words[-2:]))
    return re.compile(rf"\b(?:(?i:{whole})|{given})\b")


def in_words(text: str) -> str:
    """A published text, whose masks are kept as codes ("[phone]"), in the reader's language."""
    return _MASK.sub(lambda m: f"[{gettext(WORD[m[1]])}]", text)


def in_codes(text: str) -> str:
    """The other way round: the masks of a text as codes, for every language to read."""
    for kind, word in reversed(WORD.items()):
        text = text.replace(f"[{gettext(word)}]", f"[{kind}]")
    return text


def discreet(text: str, ticket: Ticket) -> str:
    """A text about a ticket without the people in it: names, numbers and addresses of theirs become what they were."""
    text = unicodedata.normalize("NFC", text)
    spans = list(_spans(text))
    if (pattern := _reporter(ticket)) is not None:
        spans += [(*m.span(), "person") for m in pattern.finditer(text)]
    kept, at = [], 0
    for start, end, kind in sorted(spans):
        if start >= at:
            kept += [text[at:start], f"[{gettext(WORD.get(kind, _('hidden')))}]"]
        at = max(at, end)
    return "".join([*kept, text[at:]])


def readable(text: str, ticket: Ticket, by: Actor) -> str:
    """A text about a ticket as this actor may read it."""
    return text if not text or knows_reporter(by) else discreet(text, ticket)

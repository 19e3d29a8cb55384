"""What citizens' words mean in the procedures' own: the province's rows over the built-in ones."""

from typing import Any

from django.db import transaction

from caunoi.events.actions import amend, record
from caunoi.events.actor import Actor
from caunoi.events.models import Event
from caunoi.lib.vietnamese.writing import nfc
from caunoi.procedures.actions.rights import editors_only
from caunoi.procedures.finding import BUILT_IN, renew
from caunoi.procedures.models import Synonym


def _plain(text: str) -> str:
    return " ".join(nfc(text).split())


@transaction.atomic
def write_synonym(word: str, meaning: str, *, by: Actor, note: str = "", active: bool = True) -> Synonym:
    """Define a citizen's word in the procedures' own; one row a word. Readings are separated by `;`, words that are
    apart in a question by `+`."""
    editors_only(by)
    word, values = _plain(word).lower(), {"meaning": _plain(meaning), "note": _plain(note), "active": active}
    row, new = Synonym.objects.get_or_create(word=word, defaults=values)
    if new:
        record("synonym.add", row, by=by, word=word, after={"meaning": row.meaning})
    else:
        amend("synonym.edit", row, values, by=by, word=word)
    renew()
    return row


@transaction.atomic
def edit_synonym(row: Synonym, *, by: Actor, **values: Any) -> Event | None:
    """Change a row's meaning or note, or switch it on or off."""
    editors_only(by)
    event = amend("synonym.edit", row, values, by=by, word=row.word)
    renew()
    return event


@transaction.atomic
def withdraw_synonym(row: Synonym, *, by: Actor) -> Event | None:
    """Withdraw a province's row: a shipped word gets its meaning back, another one is switched off."""
    shipped = next((phrase.meaning for phrase in BUILT_IN if phrase.word == row.word), "")
    return edit_synonym(row, by=by, **({"meaning": shipped, "active": True} if shipped else {"active": False}))

"""What people look for: the reviewers learn from it what to write next."""

from collections.abc import Sequence

from django.db import transaction
from django.utils.timezone import now

from caunoi.events.actions import record
from caunoi.events.actor import Actor
from caunoi.lib.vietnamese import fold, nfc
from caunoi.procedures.actions.rights import editors_only
from caunoi.procedures.models import Question, Synonym


def asked(text: str, found: Sequence[str], *, asker: str, place: str, score: float = 0) -> Question:
    """Write down one search and what it found, codes best first; `asker` is staff or citizen, `place` the page."""
    text = nfc(text).strip()[:500]
    return Question.objects.create(
        text=text, folded=fold(text)[:500], at=now(), asker=asker, place=place[:20], found=list(found)[:10], score=score
    )


def picked(question: int, code: str) -> None:
    """Write down which of the found procedures was opened."""
    Question.objects.filter(pk=question, found__contains=[code]).update(picked=code)


@transaction.atomic
def write_synonym(word: str, meaning: str, *, by: Actor, note: str = "", active: bool = True) -> Synonym:
    """Say what a citizen's word means in the procedures' own; one row a word."""
    editors_only(by)
    word = " ".join(nfc(word).lower().split())
    values = {"meaning": " ".join(nfc(meaning).split()), "note": note, "active": active}
    row, _ = Synonym.objects.update_or_create(word=word, defaults=values)
    record("synonym.write", row, by=by, word=word, meaning=row.meaning, active=active)
    return row

"""What people search for: from it reviewers learn what to write next."""

from collections.abc import Sequence

from django.utils.timezone import now

from caunoi.lib.vietnamese.writing import fold, nfc
from caunoi.procedures.models import Question


def record_question(text: str, codes: Sequence[str], *, asker: str, place: str, score: float = 0) -> Question:
    """Record one search and its results' codes, best first; `asker` is staff or citizen, `place` the page."""
    text = nfc(text[:2000]).strip()[:500]
    return Question.objects.create(
        text=text, folded=fold(text)[:500], at=now(), asker=asker, place=place[:20], found=list(codes)[:10], score=score
    )


def picked(question: int, code: str) -> None:
    """Record which result was opened."""
    Question.objects.filter(pk=question, found__contains=[code]).update(picked=code)

"""A person erased from the register: their tickets leave it, the log stays whole and can still be checked."""

from collections.abc import Collection, Mapping

from django.db import transaction

from caunoi.events.actions import erase as erase_evidence
from caunoi.events.actor import SYSTEM
from caunoi.files import actions as files
from caunoi.lib.privacy.identity import ERASED
from caunoi.publication.actions.entries import file
from caunoi.publication.actions.log import erase, recall
from caunoi.publication.actions.register import withdraw
from caunoi.publication.models import Blur, Marking, Publication, Review


@transaction.atomic
def erase_publications(tickets: Collection[int], note: str) -> Mapping[str, int]:
    """Take tickets off the register for good, with `note` as the public reason, and erase their words there, in the log
    and in what reviewers marked. Copies of the register are recalled. Returns how many rows of each table."""
    rows = list(Publication.objects.select_for_update().select_related("ticket").filter(ticket__in=tickets))
    counts = {"publication.publication": len(rows), "publication.statement": erase(rows)}
    for publication in rows:
        if publication.state == Publication.State.PUBLISHED:
            withdraw(publication, note, by=SYSTEM)
        elif publication.state == Publication.State.DRAFT:
            publication.state = Publication.State.KEPT
        publication.title, publication.text, publication.answer, publication.place = ERASED, ERASED, "", ""
        publication.latitude = publication.longitude = None
        publication.edited = True
        publication.note = note if publication.state == Publication.State.WITHDRAWN else ""
        publication.save()
        publication.photos.clear()
    counts["publication.marking"] = Marking.objects.filter(publication__in=rows).delete()[0]
    reviews = Review.objects.filter(publication__in=rows).exclude(words="").values_list("pk", flat=True)
    counts["publication.review"] = erase_evidence("review", [*reviews], by=SYSTEM)
    blurs = Blur.objects.filter(publication__in=rows)
    pictures = list(blurs.values_list("result", flat=True))
    counts["publication.blur"] = blurs.delete()[0]
    files.remove_unused(pictures)
    if rows:
        file(rows)
        recall()
    return counts

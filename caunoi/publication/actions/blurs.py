"""Faces and plates painted over by a reviewer: each step makes a new picture, and can be undone until the public has
seen it."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.timezone import now

from caunoi.events.actions import record
from caunoi.events.actor import Actor
from caunoi.files import actions as files
from caunoi.files.models import Attachment
from caunoi.publication.actions.log import recall, state
from caunoi.publication.actions.reviews import LOOKS
from caunoi.publication.models import Blur, Publication
from caunoi.tickets.lifecycle import MissingDataError, NotAllowedError, NotPossibleError


def _photo(publication: Publication, attachment_id: int, by: Actor) -> Attachment:
    if not by.has(*LOOKS):
        raise NotAllowedError("blur")
    photo = publication.ticket.photos.select_related("attachment").filter(attachment=attachment_id).first()
    if photo is None:
        raise NotAllowedError("blur")
    return photo.attachment


def painted(publication: Publication, photos: Collection[int]) -> set[int]:
    """Of these photos those that may be public: the painted version wherever there is one."""
    instead = dict(Blur.objects.filter(publication=publication).values_list("original_id", "result_id"))
    return {instead.get(pk, pk) for pk in photos}


def _record_change(publication: Publication, by: Actor) -> None:
    """Log that the register shows other pictures now."""
    if publication.state == Publication.State.PUBLISHED and state(publication):
        recall()  # copies may show the old picture
        record("publication.correct", publication.ticket, by=by)


def _public(publication: Publication, blur: Blur) -> bool:
    is_published = publication.state == Publication.State.PUBLISHED
    return is_published and publication.photos.filter(pk=blur.result_id).exists()


def _replace(publication: Publication, original: Attachment, blur: Blur | None, shapes: list[Any], by: Actor) -> Blur:
    result = files.paint(original, [shape for step in shapes for shape in step], by=by)
    if blur is None:
        return Blur.objects.create(publication=publication, original=original, result=result, shapes=shapes, by=by.name)
    old, is_public = blur.result, publication.photos.filter(pk=blur.result_id).exists()
    blur.result, blur.shapes, blur.by, blur.at = result, shapes, by.name, now()
    blur.save()
    if is_public:  # the one with more painted over replaces it
        publication.photos.remove(old)
        publication.photos.add(result)
    files.remove(old)
    return blur


@transaction.atomic
def blur(publication: Publication, attachment_id: int, shapes: Sequence[Mapping[str, Any]], *, by: Actor) -> Blur:
    """Paint over more of a photo of the ticket; where the unpainted one is public, the painted one takes its place at
    once. MissingDataError without a shape."""
    if not shapes:
        raise MissingDataError({"shapes"})
    original = _photo(publication, attachment_id, by)
    Publication.objects.select_for_update().get(pk=publication.pk)
    before = Blur.objects.filter(publication=publication, original=original).select_related("result").first()
    made = _replace(publication, original, before, [*(before.shapes if before else []), list(shapes)], by)
    if publication.photos.filter(pk=original.pk).exists():
        publication.photos.remove(original)
        publication.photos.add(made.result)
    _record_change(publication, by)
    return made


@transaction.atomic
def unblur(publication: Publication, attachment_id: int, *, by: Actor) -> Blur | None:
    """Undo the last step; None when nothing is painted over any more. NotPossibleError once the public has seen it."""
    original = _photo(publication, attachment_id, by)
    Publication.objects.select_for_update().get(pk=publication.pk)
    row = Blur.objects.filter(publication=publication, original=original).select_related("result").first()
    if row is None or _public(publication, row):
        raise NotPossibleError("unblur")
    if len(row.shapes) > 1:
        return _replace(publication, original, row, row.shapes[:-1], by)
    result = row.result
    publication.photos.remove(result)
    row.delete()
    files.remove(result)
    return None

"""A person erased from imported files: a file goes as a whole, because nobody can cut one line out of it unseen."""

from collections.abc import Collection, Mapping

from django.db import transaction

from caunoi.events.erasing import mentioning
from caunoi.imports.actions import files
from caunoi.imports.models import Batch, Oddity
from caunoi.lib.privacy.identity import Identity


@transaction.atomic
def erase(tickets: Collection[int], identity: Identity) -> Mapping[str, int]:
    """Delete the files and plans that these tickets came of, with the lines that were left out; those imports cannot be
    undone any more. How many rows."""
    batches = list(Batch.objects.filter(rows__ticket__in=tickets).distinct())
    for row in batches:
        files.forget(row)
    Batch.objects.filter(pk__in=[row.pk for row in batches]).update(plan=None)
    lines = mentioning(Oddity.objects.filter(cells__isnull=False), "cells", identity).values_list("pk", flat=True)
    odd = Oddity.objects.filter(pk__in=list(lines)) | Oddity.objects.filter(batch__in=batches)
    return {"imports.batch": len(batches), "imports.oddity": odd.update(cells=None, text="", suggest="")}

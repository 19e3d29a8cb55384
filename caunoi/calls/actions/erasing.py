"""A person erased from calls: the number, the recording and its file. That somebody called, when and how long,
stays."""

import re
from collections.abc import Collection, Mapping
from functools import partial

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Q

from caunoi.calls.models import Call, CallCommand, CallLeg, CallNote, Dial
from caunoi.lib.privacy.identity import Identity
from caunoi.vault import blind

DIAL = re.compile(r"[0-9]{1,18}")  # the rest of an id of ours; a provider's may begin alike


@transaction.atomic
def erase_calls(calls: Collection[int], phones: Collection[str], identity: Identity) -> Mapping[str, int]:
    """Erase these calls, and those from or to `phones` (E.164), which were proved to be the person's. The exchange's
    own copies of recordings are not ours to delete. Returns how many rows of each table."""
    numbers = [phone for phone in phones if phone]
    rows = list(Call.objects.select_for_update().filter(Q(pk__in=calls) | blind.within(Call, "phone", numbers)))
    names = ["facts", "caller", "dialled", "transferred_to", "phone", "recording", "sound"]
    for row in rows:
        theirs = row.dialled if row.direction == "out" else row.caller
        own = Identity(phones=identity.phones | {row.phone, theirs}, others=identity.others, words=identity.words)
        if row.sound:
            transaction.on_commit(partial(default_storage.delete, row.sound))
        row.facts = own.blot_all(row.facts)
        row.caller, row.dialled, row.transferred_to = (
            own.blot(v) for v in (row.caller, row.dialled, row.transferred_to)
        )
        row.phone, row.recording, row.sound = "", "", ""
        row.save(update_fields=names)
    for leg in CallLeg.objects.filter(call__in=rows):
        leg.operator, leg.leg_id = identity.blot(leg.operator), identity.blot(leg.leg_id)
        leg.outside = identity.blot_all(leg.outside)
        leg.save(update_fields=["operator", "leg_id", "outside"])
    CallCommand.objects.filter(call__in=rows).update(number=None, trouble="")
    CallNote.objects.filter(call__in=rows, line__isnull=False).update(line="")
    dials = list(Dial.objects.filter(blind.within(Dial, "number", numbers) | _clicked(rows)))
    for dial in dials:
        dial.number = dial.trouble = ""
        dial.save(update_fields=["number", "trouble"])
    return {"calls.call": len(rows), "calls.dial": len(dials)}


def _clicked(rows: Collection[Call]) -> Q:
    """The dials that these calls came of."""
    parts = [row.call_id.rpartition("-")[2] for row in rows if row.call_id.startswith("c2c-")]
    return Q(pk__in=[int(part) for part in parts if DIAL.fullmatch(part)])


@transaction.atomic
def drop_recordings(ids: Collection[int]) -> int:
    """Delete recordings with their files; the calls stay. How many."""
    rows = list(Call.objects.select_for_update().filter(pk__in=ids).exclude(sound=""))
    for row in rows:
        transaction.on_commit(partial(default_storage.delete, row.sound))
        row.sound = row.recording = ""
        row.save(update_fields=["sound", "recording"])
    return len(rows)

"""The province's own notes."""

from django.db import transaction
from django.utils.timezone import now

from caunoi.directory.models import Area
from caunoi.events.actions import amend, record
from caunoi.events.actor import Actor
from caunoi.events.models import Event
from caunoi.lib.vietnamese.writing import nfc
from caunoi.procedures.actions.rights import editors_only
from caunoi.procedures.models import Note, Procedure


@transaction.atomic
def write_note(
    procedure: Procedure, text: str, *, by: Actor, area: Area | None = None, phone: str = "", note: Note | None = None
) -> Note:
    """Add a note of the province's own, or change one."""
    editors_only(by)
    values = {"text": nfc(text).strip(), "phone": nfc(phone).strip(), "area": area}
    if note is None:
        note = Note.objects.create(procedure=procedure, by=by.name, at=now(), **values)
        record("note.add", note, by=by, code=procedure.code)
    else:
        amend("note.edit", note, values, by=by, code=procedure.code)
    return note


@transaction.atomic
def set_note(note: Note, *, by: Actor, active: bool) -> Event | None:
    """Remove a note, or restore it."""
    editors_only(by)
    return amend("note.keep" if active else "note.remove", note, {"active": active}, by=by, code=note.procedure.code)

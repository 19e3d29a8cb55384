"""After a call: what came of it, and the exchange's copy of a message that we have."""

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.timezone import now

from caunoi.calls.models import Call, CallNote, CallResult
from caunoi.events.actions import amend, record
from caunoi.events.actor import Actor, NotAllowedError, RefusedError, Role, administrators_only
from caunoi.events.models import Event
from caunoi.lib.vietnamese.writing import nfc
from caunoi.telephony.calls import State
from caunoi.telephony.events import Outcome

log = logging.getLogger(__name__)
LONGEST_LINE = 300  # characters


class BadNoteError(RefusedError):
    """`code`: talking (nobody has talked in it) | long."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


@transaction.atomic
def note_call(call: Call, result: CallResult, line: str, *, by: Actor) -> CallNote:
    """What came of a call, and a line about it, by its own operator or a supervisor; said again it is corrected.
    NotAllowedError, BadNoteError."""
    row = Call.objects.select_for_update().get(pk=call.pk)
    if not (by.has(Role.SUPERVISOR) or (by.has(Role.OPERATOR) and by.is_person(row.operator_id))):
        raise NotAllowedError("own_call")
    line = " ".join(nfc(line).split())
    if not row.connected:
        raise BadNoteError("talking")
    if len(line) > LONGEST_LINE:
        raise BadNoteError("long")
    old = CallNote.objects.filter(call=row).first()
    if old and (old.result_id, old.line, old.by_id) == (result.pk, line, by.user_id):
        return old
    values = {"result": result, "line": line, "by_id": by.user_id, "at": now()}
    note, _new = CallNote.objects.update_or_create(call=row, defaults=values)
    record("call.note", row, by=by, result=result.code)
    return note


@transaction.atomic
def put_result(code: str, label: str, label_en: str, *, by: Actor, retired: bool = False) -> Event | None:
    """What may come of a call: a new choice, other words for one, or one that is chosen no more."""
    administrators_only(by)
    fresh = {"label": label, "label_en": label_en, "position": CallResult.objects.count()}
    row, new = CallResult.objects.select_for_update().get_or_create(code=code, defaults=fresh)
    if new:
        return record("call_result.make", row, by=by, code=code)
    retirement = (row.retired or now()) if retired else None
    return amend(
        "call_result.edit", row, {"label": label, "label_en": label_en, "retired": retirement}, by=by, code=code
    )


def empty_mailbox(call: Call, settings: Mapping[str, Any]) -> bool:
    """Delete the exchange's copy of a message once we have ours; whether it is gone. Where the folder can only be read,
    it stays until the exchange's own rotation takes it."""
    folder, name = str(settings.get("recordings", "")), Path(call.recording).name
    is_message = call.state == State.ENDED and call.outcome == Outcome.VOICEMAIL and call.call_id in name
    if not (folder and call.sound and is_message) or call.recording.startswith(("http://", "https://")):
        return False
    path = (Path(folder) / name).resolve()
    if not path.is_relative_to(Path(folder).resolve()):
        return False
    try:
        path.unlink()
    except OSError as error:
        log.info("the exchange's copy of message %s stays: %s", call.pk, error.strerror)
        return False
    return True

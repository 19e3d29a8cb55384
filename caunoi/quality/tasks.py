"""Messages that callers leave are written down, where an endpoint for speech is set."""

import logging

from django.core.files.storage import default_storage

from caunoi.calls import queries as calls
from caunoi.events.models import Event
from caunoi.jobs import queue
from caunoi.quality import actions, speech
from caunoi.quality.speech import TranscriptionError
from caunoi.telephony.events import Outcome

log = logging.getLogger(__name__)


def write_down(event: Event) -> None:
    """A recording was copied: a message is written down, a talk is not."""
    call = calls.call(event.subject_id)
    if call and call.sound and call.outcome == Outcome.VOICEMAIL and not call.shut and speech.on():
        write_message.defer(call_id=call.pk)


@queue.task(retry=3)
def write_message(call_id: int) -> None:
    """Write one message down; what cannot be is said in the log, and the sound is there."""
    call = calls.call(call_id)
    if call is None or not call.sound or call.shut:
        return
    with default_storage.open(call.sound) as file:
        sound = file.read()
    try:
        actions.write_down(call, sound)
    except TranscriptionError as error:
        if error.code in ("timeout", "unreachable"):
            raise
        log.info("message %s is not written down: %s", call_id, error.code)
